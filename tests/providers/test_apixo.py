"""APIXO as its documents say: what is sent, what every answer means, and the whole of it against a stand-in."""

import io
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from PIL import Image

from generations.providers import dialects
from generations.providers.apixo import FAULTS, GROK, UPSCALER, Apixo
from generations.providers.base import (
    Accepted,
    Announcement,
    Busy,
    Failed,
    Fault,
    Forged,
    KeyRefused,
    NotFound,
    Order,
    Patience,
    Proof,
    Ready,
    Recollection,
    Refused,
    Source,
    Unknown,
    Unreachable,
    Working,
)
from tests.providers.contract import StandInContract
from tests.providers.wires import HTML, Speaker, Wire, wired
from tests.simulators.apixo import ApixoKnobs, ApixoStandIn
from tests.simulators.standin import picture, serving

KEY = "apx_0123456789"
TASK = "b0c4d1e29f8a4c67a5e3d2f10b9c8d7e"
SOURCE = Source(url="https://studio.example.org/media/signed/4f2a.png")
HOOK = "https://studio.example.org/hooks/apixo/pQ8d/"
TAKEN = (200, {"code": 200, "message": "success", "data": {"taskId": TASK}})
DRAWING = Order(offer=GROK, prompt="A paper boat on a neon canal", choices={"shape": "3:2"})
ENLARGING = Order(offer=UPSCALER, prompt="A paper boat", source=SOURCE)

APIXO = Speaker(Apixo, key=KEY, task=TASK, drawing=DRAWING, base="/api/v1")
at, talk, submitted, looked = APIXO.at, APIXO.talk, APIXO.submitted, APIXO.looked


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with wired() as running:
        yield running


def told(**data: object) -> tuple[int, object]:
    return 200, {"code": 200, "message": "success", "data": {"taskId": TASK, "createTime": 1772530301000, **data}}


class TestSending:
    def test_a_drawing(self, wire: Wire) -> None:
        wire.says(TAKEN)
        assert submitted(wire) == Accepted(task_id=TASK)
        [sent] = wire.sent()
        assert (sent.method, sent.path, sent.query) == ("POST", "/api/v1/generateTask/grok-image", {})
        assert sent.headers["authorization"] == f"Bearer {KEY}"
        assert sent.headers["content-type"] == "application/json"
        assert sent.body == {
            "request_type": "async",
            "input": {"mode": "text-to-image", "prompt": "A paper boat on a neon canal", "aspect_ratio": "3:2"},
        }

    def test_an_upscale_that_calls_back(self, wire: Wire) -> None:
        wire.says(TAKEN)
        choices = {"resolution": "8k", "output_format": "png", "shape": "3:2"}
        accepted = submitted(wire, replace(ENLARGING, choices=choices, callback_url=HOOK))
        assert accepted == Accepted(task_id=TASK)
        assert UPSCALER.vendor_cost == Decimal("0.01")
        [sent] = wire.sent()
        assert (sent.method, sent.path) == ("POST", "/api/v1/generateTask/image-upscaler")
        assert sent.body == {
            "request_type": "callback",
            "callback_url": HOOK,
            "input": {
                "mode": "image-to-image",
                "image_urls": [SOURCE.url],
                "resolution": "8k",
                "output_format": "png",
            },
        }

    def test_an_upscale_nobody_chose_anything_for_is_a_4k_jpg(self, wire: Wire) -> None:
        wire.says(TAKEN)
        submitted(wire, ENLARGING)
        [sent] = wire.sent()
        assert sent.body["request_type"] == "async"
        assert (sent.body["input"]["resolution"], sent.body["input"]["output_format"]) == ("4k", "jpg")
        assert dict(UPSCALER.defaults) == {"resolution": "4k", "output_format": "jpg"}

    @pytest.mark.parametrize(
        ("order", "code"),
        [
            (replace(ENLARGING, source=None), "no_source"),
            (replace(ENLARGING, source=Source(path="/a.png")), "no_source"),
            (replace(ENLARGING, choices={"resolution": "16k"}), "resolution"),
            (replace(ENLARGING, choices={"output_format": "gif"}), "output_format"),
            (replace(DRAWING, choices={"shape": "16:9"}), "shape"),
            (replace(DRAWING, prompt=""), "prompt"),
            (replace(DRAWING, prompt="x" * 5001), "prompt"),
            (replace(DRAWING, offer=replace(GROK, key="midjourney")), "offer"),
        ],
    )
    def test_what_is_sure_to_be_rejected_is_not_sent(self, wire: Wire, order: Order, code: str) -> None:
        wire.says(TAKEN)
        with pytest.raises(Refused) as refusal:
            submitted(wire, order)
        assert refusal.value.vendor_code == code
        assert wire.sent() == []

    def test_goes_to_its_own_base_unless_told_otherwise(self) -> None:
        assert at().address("generateTask/x") == "https://api.apixo.ai/api/v1/generateTask/x"


def refusal(code: int, message: str = "no", data: object = None) -> dict[str, object]:
    return {"code": code, "message": message, "data": data}


MODERATED = {"failCode": "SensitiveContent", "failMsg": "no"}
REFUSED = [
    (
        400,
        refusal(400, "The parameter {{image_urls}} must contain exactly 1 image."),
        Fault.REFUSED_INPUT,
        False,
        False,
    ),
    (400, refusal(400, "Invalid request", {"error": "Missing required field"}), Fault.REFUSED_INPUT, False, False),
    (400, refusal(400, "Insufficient credits"), Fault.OUT_OF_FUNDS, False, False),
    (400, refusal(400, "Invalid", {"error": "Your balance is insufficient"}), Fault.OUT_OF_FUNDS, False, False),
    (400, refusal(400, "no", {"failCode": "INSUFFICIENT_CREDITS"}), Fault.OUT_OF_FUNDS, False, False),
    (400, refusal(400, "no", MODERATED), Fault.CONTENT_POLICY, False, False),
    (400, refusal(400, "This prompt violates our policy"), Fault.CONTENT_POLICY, False, False),
    (400, refusal(400, "no", {"failCode": "PROMPT_TOO_LONG"}), Fault.REFUSED_INPUT, False, False),
    (400, refusal(400, "no", {"failCode": "IMAGE_DOWNLOAD_FAILED"}), Fault.REFUSED_INPUT, False, True),
    (401, refusal(401, "Invalid API key"), Fault.CREDENTIALS, False, False),
    (402, refusal(402, "Insufficient balance"), Fault.OUT_OF_FUNDS, False, False),
    (403, refusal(403, "Access denied"), Fault.VENDOR, True, True),
    (403, refusal(403, "Content prohibited"), Fault.CONTENT_POLICY, False, False),
    (403, refusal(403, "no", {"failCode": "NSFW"}), Fault.CONTENT_POLICY, False, False),
    (404, refusal(404, "Model not found"), Fault.NOT_FOUND, True, True),
    (422, refusal(422), Fault.REFUSED_INPUT, False, False),
]


class TestRefusals:
    @pytest.mark.parametrize(("status", "body", "fault", "off", "tell"), REFUSED)
    @pytest.mark.parametrize("same_status", [True, False])
    def test_by_the_table_whether_the_status_says_so_or_only_the_code(
        self, wire: Wire, status: int, body: dict[str, object], fault: Fault, off: bool, tell: bool, same_status: bool
    ) -> None:
        wire.says((status if same_status else 200, body))
        with pytest.raises(Refused) as caught:
            submitted(wire)
        assert (caught.value.fault, caught.value.switch_off, caught.value.tell) == (fault, off, tell)
        assert caught.value.vendor_code
        assert caught.value.rest_seconds is None

    def test_a_page_in_front_of_it_does_not_switch_a_model_off(self, wire: Wire) -> None:
        for status in (403, 404):
            wire.says((status, HTML))
            with pytest.raises(Refused) as caught:
                submitted(wire)
            assert not caught.value.switch_off
            assert caught.value.tell

    def test_keeps_the_vendors_words_for_staff(self, wire: Wire) -> None:
        wire.says((400, refusal(400, "Invalid request", {"error": "Missing input", "failCode": "INVALID_PROMPT"})))
        with pytest.raises(Refused) as caught:
            submitted(wire)
        assert caught.value.vendor_code == "INVALID_PROMPT"
        assert caught.value.vendor_text == "Missing input; Invalid request"


class TestComingBack:
    @pytest.mark.parametrize(
        ("code", "fault", "tries", "seconds", "first", "longest", "tell"),
        [
            (429, Fault.BUSY, None, 600, 2, 60, False),
            (500, Fault.VENDOR, 3, None, 2, 60, False),
            (502, Fault.VENDOR, 3, None, 2, 60, False),
            (504, Fault.VENDOR, 3, None, 2, 60, False),
            (503, Fault.BUSY, None, 900, 30, 300, True),
        ],
    )
    @pytest.mark.parametrize("same_status", [True, False])
    def test_as_patiently_as_the_table_says(
        self,
        wire: Wire,
        code: int,
        fault: Fault,
        tries: int | None,
        seconds: float | None,
        first: float,
        longest: float,
        tell: bool,
        same_status: bool,
    ) -> None:
        wire.says((code if same_status else 200, refusal(code)), headers=("Retry-After: 7",))
        with pytest.raises(Busy) as caught:
            submitted(wire)
        patience = Patience(tries_max=tries, seconds_max=seconds, first_seconds=first, longest_seconds=longest)
        assert (caught.value.patience, caught.value.fault, caught.value.tell) == (patience, fault, tell)
        assert caught.value.retry_after == 7


class TestDoubts:
    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    @pytest.mark.parametrize("body", [HTML, b"", {"error": "bad gateway"}, {"code": 502, "data": {"taskId": TASK}}])
    def test_a_gateway_proves_nothing_unless_nobody_is_there(self, wire: Wire, status: int, body: object) -> None:
        """A 503 has nobody to hand the order to, save where a task is named all the same."""
        wire.says((status, body))
        is_nobody = status == 503 and not (isinstance(body, dict) and "data" in body)
        with pytest.raises(Busy if is_nobody else Unknown):
            submitted(wire)

    @pytest.mark.parametrize(
        "body",
        [
            HTML,
            b'{"code": 200, "data": {"task',
            {"code": 200, "message": "success", "data": None},
            {"code": 200, "message": "success", "data": {"taskId": "../x"}},
            {"code": 999, "message": "?", "data": None},
            {"code": 400, "message": "?", "data": {"taskId": TASK}},
            [],
        ],
    )
    def test_neither_does_a_200_without_a_task(self, wire: Wire, body: object) -> None:
        wire.says((200, body))
        with pytest.raises(Unknown):
            submitted(wire)


class TestLooking:
    def test_asks_with_the_model_in_the_path(self, wire: Wire) -> None:
        wire.says(told(state="pending"))
        looked(wire, UPSCALER)
        [sent] = wire.sent()
        assert (sent.method, sent.path) == ("GET", "/api/v1/statusTask/image-upscaler")
        assert sent.query == {"taskId": TASK}
        assert sent.headers["authorization"] == f"Bearer {KEY}"

    @pytest.mark.parametrize("state", ["pending", "processing", "PROCESSING", "brewing", ""])
    def test_whatever_is_not_an_end_is_work(self, wire: Wire, state: str) -> None:
        wire.says(told(state=state))
        assert looked(wire) == Working()

    @pytest.mark.parametrize(
        "held",
        [
            '{"resultUrls":["https://file.example/1.png","https://file.example/2.png","https://file.example/1.png"]}',
            {"resultUrls": ["https://file.example/1.png", "", None, "https://file.example/2.png"]},
        ],
    )
    def test_an_end_brings_every_address_once(self, wire: Wire, held: object) -> None:
        wire.says(told(state="success", resultJson=held, costTime=39500))
        urls = ("https://file.example/1.png", "https://file.example/2.png")
        assert looked(wire) == looked(wire, UPSCALER) == Ready(urls=urls)

    @pytest.mark.parametrize("held", [None, "", "{", "[]", '{"resultUrls": []}', {"resultUrls": 7}, "[" * 9000])
    def test_an_end_without_an_address_says_so(self, wire: Wire, held: object) -> None:
        wire.says(told(state="success", resultJson=held))
        assert looked(wire) == Ready(urls=())

    @pytest.mark.parametrize(
        ("code", "text", "fault", "tell"),
        [
            *((name, "no", fault, name == "IMAGE_DOWNLOAD_FAILED") for name, fault in FAULTS.items()),
            ("sensitive-content", "no", Fault.CONTENT_POLICY, False),
            ("unknown_error", "violates nothing known", Fault.VENDOR, False),
            ("SomethingNew", "Blocked by our safety system", Fault.CONTENT_POLICY, False),
            ("PolicyBreach", "no", Fault.CONTENT_POLICY, False),
            ("SomethingNew", "no", Fault.VENDOR, False),
        ],
    )
    def test_a_failure_is_final_and_classed_by_its_code(
        self, wire: Wire, code: str, text: str, fault: Fault, tell: bool
    ) -> None:
        wire.says(told(state="failed", failCode=code, failMsg=text))
        assert looked(wire) == Failed(fault=fault, vendor_code=code, vendor_text=text, tell=tell)

    def test_a_failure_without_a_code_is_one_all_the_same(self, wire: Wire) -> None:
        wire.says(told(state="failed"))
        assert looked(wire) == Failed(fault=Fault.VENDOR, vendor_code="failed")

    def test_a_400_is_our_own_mistake_and_for_staff(self, wire: Wire) -> None:
        for status in (400, 200):
            wire.says((status, refusal(400, "wrong model")))
            assert looked(wire) == Failed(fault=Fault.VENDOR, vendor_code="400", vendor_text="wrong model", tell=True)

    @pytest.mark.parametrize(
        ("status", "body", "trouble"),
        [
            (401, refusal(401), KeyRefused),
            (403, refusal(403), KeyRefused),
            (404, refusal(404, "Task not found"), NotFound),
            (429, refusal(429), Busy),
            (500, refusal(500), Unreachable),
            (502, HTML, Unreachable),
            (503, refusal(503), Unreachable),
            (400, HTML, Unreachable),
            (200, HTML, Unreachable),
            (200, b'{"code"', Unreachable),
            (200, {"code": 200, "data": None}, Unreachable),
            (200, {"code": 200, "data": {"state": "success", "taskId": "another"}}, Unreachable),
            (400, refusal(400, data={"taskId": "another"}), Unreachable),
            (200, {"code": 200, "data": {"state": 7}}, Unreachable),
            (200, refusal(401), KeyRefused),
            (200, refusal(404), NotFound),
            (200, refusal(999), Unreachable),
        ],
    )
    def test_any_other_answer_tells_nothing_about_the_task(
        self, wire: Wire, status: int, body: object, trouble: type[Exception]
    ) -> None:
        wire.says((status, body))
        with pytest.raises(trouble):
            looked(wire)


class TestBalance:
    @pytest.mark.parametrize(("left", "amount"), [(74.87, "74.87"), (0, "0"), ("3.10", "3.10")])
    def test_is_in_dollars(self, wire: Wire, left: object, amount: str) -> None:
        wire.says((200, {"code": 200, "message": "success", "data": left}))
        assert talk(wire, lambda provider: provider.balance()) == Decimal(amount)
        [sent] = wire.sent()
        assert (sent.method, sent.path, sent.query) == ("GET", "/api/v1/apikeys/current-balance", {})

    @pytest.mark.parametrize("left", [None, "much", True, {"usd": 3}, float("nan"), float("inf")])
    def test_that_is_no_number_is_none(self, wire: Wire, left: object) -> None:
        wire.says((200, {"code": 200, "message": "success", "data": left}))
        with pytest.raises(Unreachable):
            talk(wire, lambda provider: provider.balance())

    def test_proves_the_key(self, wire: Wire) -> None:
        wire.says((200, {"code": 200, "message": "success", "data": 74.87}))
        proof = talk(wire, lambda provider: provider.probe())
        assert proof == Proof(works=True, words="APIXO accepts the key. 74.87 USD are left.", balance=Decimal("74.87"))
        for code in (401, 403):
            wire.says((code, refusal(code)))
            assert talk(wire, lambda provider: provider.probe()).works is False


class TestRemembering:
    @pytest.mark.parametrize(
        ("made", "at"),
        [(1772530301000, 1772530301.0), (None, None), ("soon", None), (-1, None), (10**400, None), (10**15 - 1, None)],
    )
    def test_only_when_a_task_was_made(self, wire: Wire, made: object, at: float | None) -> None:
        wire.says(told(state="pending", createTime=made))
        assert talk(wire, lambda provider: provider.recall(TASK, GROK)) == Recollection(made_at=at)

    def test_not_a_task_of_another_account(self, wire: Wire) -> None:
        wire.says((404, refusal(404)))
        with pytest.raises(NotFound):
            talk(wire, lambda provider: provider.recall(TASK, GROK))


class TestCallbacks:
    BODY = told(state="success", resultJson="{}")[1]

    def test_name_a_task_and_nothing_else_is_read(self) -> None:
        assert at().read_callback(self.BODY, {}, now=0) == Announcement(task_id=TASK)
        nowhere: tuple[object, ...] = (None, [], {}, {"data": None}, {"data": {"taskId": 7}}, "x")
        for body in nowhere:
            assert at().read_callback(body, {}, now=0) == Announcement()

    def test_must_be_signed_lately_where_the_account_has_a_key_for_that(self) -> None:
        provider = at(webhook_secret="w3bhook")
        headers = {
            "x-webhook-timestamp": "1772530301",
            "x-webhook-signature": dialects.signature("w3bhook", TASK, "1772530301"),
        }
        assert provider.read_callback(self.BODY, headers, now=1772530400) == Announcement(task_id=TASK)
        for wrong, now in (({}, 1772530301), (headers, 1772530301 + 360), (headers, 1772530301 - 360)):
            with pytest.raises(Forged):
                provider.read_callback(self.BODY, wrong, now=now)


@pytest.fixture
def vendor() -> Iterator[ApixoStandIn]:
    stand_in = ApixoStandIn(ApixoKnobs(sides={"2k": 64, "4k": 128, "8k": 256}))
    with serving(stand_in):
        yield stand_in


class TestContract(StandInContract):
    kind = Apixo
    speaker = APIXO
    seconds = 30

    @pytest.fixture
    def source(self, vendor: ApixoStandIn) -> Source:
        return Source(url=vendor.keep(picture(60, 40), "JPEG"))

    @pytest.mark.parametrize(("resolution", "side"), [("2k", 64), ("4k", 128), ("8k", 256)])
    @pytest.mark.parametrize(("wished", "format"), [("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")])
    def test_an_upscale_comes_in_the_size_and_format_that_were_chosen(
        self, vendor: ApixoStandIn, resolution: str, side: int, wished: str, format: str
    ) -> None:
        source = Source(url=vendor.keep(picture(60, 40), "JPEG"))
        choices = {"resolution": resolution, "output_format": wished}
        ready = self.ended(replace(ENLARGING, source=source, choices=choices))
        assert isinstance(ready, Ready)
        with Image.open(io.BytesIO(vendor.file_named(ready.urls[0]) or b"")) as image:
            assert (image.format, max(image.size)) == (format, side)

    def test_a_source_nobody_can_fetch_is_for_staff(self, vendor: ApixoStandIn) -> None:
        source = Source(url=f"{vendor.url}/files/gone.png")
        failed = self.ended(replace(ENLARGING, source=source))
        assert isinstance(failed, Failed)
        assert (failed.vendor_code, failed.tell) == ("IMAGE_DOWNLOAD_FAILED", True)

    def test_several_pictures_of_one_order_all_come(self, vendor: ApixoStandIn) -> None:
        ready = self.ended(replace(DRAWING, prompt="several boats"))
        assert isinstance(ready, Ready)
        assert len(ready.urls) == 4

    @pytest.mark.parametrize(
        ("prompt", "fault"), [("a forbidden boat", Fault.VENDOR), ("indecent", Fault.CONTENT_POLICY)]
    )
    def test_a_403_means_one_of_two_things(self, vendor: ApixoStandIn, prompt: str, fault: Fault) -> None:
        with pytest.raises(Refused) as caught:
            self.ended(replace(DRAWING, prompt=prompt))
        assert caught.value.fault is fault

    def test_an_order_taken_without_an_answer_is_a_doubt(self, vendor: ApixoStandIn) -> None:
        with pytest.raises(Unknown):
            self.ended(replace(DRAWING, prompt="vanish"))
        assert vendor.counts.creates == {"vanish": 1}

    @pytest.mark.parametrize("code", [400, 402])
    def test_the_money_runs_out_in_two_ways(self, vendor: ApixoStandIn, code: int) -> None:
        vendor.knobs.balance, vendor.knobs.no_money = 0.01, code
        assert isinstance(self.ended(DRAWING), Ready)
        assert talk(vendor, lambda provider: provider.balance()) == 0
        with pytest.raises(Refused) as caught:
            self.ended(DRAWING)
        assert caught.value.fault is Fault.OUT_OF_FUNDS
