"""Apikley as its documents say: what is sent, what every answer means, and the whole of it against a stand-in."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from generations.providers.apikley import CRISP, DRAW, UPSCALE, Apikley
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
    Unsupported,
    Working,
)
from tests.providers.contract import StandInContract
from tests.providers.wires import HTML, Speaker, Wire, wired
from tests.simulators.apikley import ApikleyKnobs, ApikleyStandIn
from tests.simulators.standin import picture, serving

KEY = "kie-0123456789"
TASK = "7c1e0f4b9a2d4e6f8b3c5d7e9f102132"
PICTURE = "https://studio.example.org/media/signed/4f2a.png"
HOOK = "https://studio.example.org/hooks/apikley/9rV3kQ/"
TAKEN = (200, {"code": 200, "msg": "success", "data": {"taskId": TASK}})
DRAWING = Order(offer=DRAW, prompt="A lighthouse of blue glass", choices={"shape": "3:2"})
ENLARGING = Order(offer=UPSCALE, prompt="A lighthouse", source=Source(task_id=TASK))
SHARPENING = Order(offer=CRISP, prompt="A lighthouse", source=Source(url=PICTURE))

APIKLEY = Speaker(Apikley, key=KEY, task=TASK, drawing=DRAWING)
at, talk, submitted, looked = APIKLEY.at, APIKLEY.talk, APIKLEY.submitted, APIKLEY.looked


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with wired() as running:
        yield running


@pytest.fixture
def vendor() -> Iterator[ApikleyStandIn]:
    stand_in = ApikleyStandIn(ApikleyKnobs(invisible_seconds=0.0))
    with serving(stand_in):
        yield stand_in


def told(**data: object) -> tuple[int, object]:
    return 200, {"code": 200, "msg": "success", "data": {"taskId": TASK, **data}}


def refusal(code: int, words: str = "no", data: object = None, name: str = "msg") -> dict[str, object]:
    return {"code": code, name: words, "data": data}


class TestSending:
    @pytest.mark.parametrize(
        ("order", "model", "given"),
        [
            (DRAWING, "grok-imagine/text-to-image", {"prompt": "A lighthouse of blue glass", "aspect_ratio": "3:2"}),
            (ENLARGING, "grok-imagine/upscale", {"task_id": TASK}),
            (SHARPENING, "recraft/crisp-upscale", {"image": PICTURE}),
        ],
    )
    @pytest.mark.parametrize("hook", [None, HOOK])
    def test_says_the_model_and_what_it_needs_and_nothing_more(
        self, wire: Wire, order: Order, model: str, given: dict[str, str], hook: str | None
    ) -> None:
        wire.says(TAKEN)
        assert submitted(wire, replace(order, callback_url=hook)) == Accepted(task_id=TASK)
        [sent] = wire.sent()
        assert (sent.method, sent.path, sent.query) == ("POST", "/api/v1/jobs/createTask", {})
        assert sent.headers["authorization"] == f"Bearer {KEY}"
        assert sent.headers["content-type"] == "application/json"
        assert sent.body == {"model": model, "input": given, **({"callBackUrl": hook} if hook else {})}

    @pytest.mark.parametrize("shape", [*DRAW.shapes, *DRAW.shapes_off])
    def test_always_says_the_shape(self, wire: Wire, shape: str) -> None:
        wire.says(TAKEN)
        submitted(wire, replace(DRAWING, choices={"shape": shape}))
        assert wire.sent()[0].body["input"]["aspect_ratio"] == shape

    def test_takes_a_prompt_of_five_thousand_characters(self, wire: Wire) -> None:
        wire.says(TAKEN)
        submitted(wire, replace(DRAWING, prompt="ß" * 5000))
        assert wire.sent()[0].body["input"]["prompt"] == "ß" * 5000

    @pytest.mark.parametrize(
        ("order", "code"),
        [
            (replace(DRAWING, prompt=""), "prompt"),
            (replace(DRAWING, prompt="x" * 5001), "prompt"),
            (replace(DRAWING, choices={"shape": "21:9"}), "shape"),
            (replace(ENLARGING, source=None), "no_source"),
            (replace(ENLARGING, source=Source(url=PICTURE)), "no_source"),
            (replace(ENLARGING, source=Source(task_id="x" * 101)), "no_source"),
            (replace(SHARPENING, source=None), "no_source"),
            (replace(SHARPENING, source=Source(task_id=TASK, path="/a.png")), "no_source"),
            (replace(SHARPENING, source=Source(url="data:image/png;base64,AA")), "no_source"),
            (replace(DRAWING, offer=replace(DRAW, key="topaz")), "offer"),
        ],
    )
    def test_keeps_what_is_sure_to_be_rejected(self, wire: Wire, order: Order, code: str) -> None:
        wire.says(TAKEN)
        with pytest.raises(Refused) as caught:
            submitted(wire, order)
        assert caught.value.vendor_code == code
        assert wire.sent() == []

    def test_goes_to_its_own_base_unless_told_otherwise(self) -> None:
        assert at().address("api/v1/x") == "https://api.apikley.ru/api/v1/x"
        assert at("https://api.kie.ai/").address("api/v1/x") == "https://api.kie.ai/api/v1/x"


# Code, fault, seconds the key rests, whether the offer goes out of sale, whether staff hear of it.
REFUSED = [
    (400, Fault.REFUSED_INPUT, None, False, False),
    (401, Fault.CREDENTIALS, None, False, False),
    (402, Fault.OUT_OF_FUNDS, None, False, False),
    (403, Fault.CREDENTIALS, None, False, False),
    (404, Fault.NOT_FOUND, None, False, True),
    (422, Fault.REFUSED_INPUT, None, False, False),
    (433, Fault.OUT_OF_FUNDS, 3600, False, True),
    (501, Fault.VENDOR, None, False, False),
    (505, Fault.VENDOR, None, True, True),
]


class TestRefusals:
    @pytest.mark.parametrize(("code", "fault", "rest", "off", "tell"), REFUSED)
    @pytest.mark.parametrize("name", ["msg", "message"])
    @pytest.mark.parametrize("hidden", [False, True])
    def test_follow_the_table_also_under_a_status_of_200(
        self, wire: Wire, code: int, fault: Fault, rest: float | None, off: bool, tell: bool, name: str, hidden: bool
    ) -> None:
        wire.says((200 if hidden else code, refusal(code, "Not so.", name=name)))
        with pytest.raises(Refused) as caught:
            submitted(wire)
        error = caught.value
        assert (error.fault, error.rest_seconds, error.switch_off, error.tell) == (fault, rest, off, tell)
        assert (error.vendor_code, error.vendor_text) == (str(code), "Not so.")

    @pytest.mark.parametrize(("status", "kind"), [(401, Refused), (403, Refused), (404, Refused), (429, Busy)])
    @pytest.mark.parametrize("body", [HTML, b"", b"{"])
    def test_by_the_status_alone_count_too(self, wire: Wire, status: int, kind: type[Exception], body: bytes) -> None:
        wire.says((status, body))
        with pytest.raises(kind):
            submitted(wire)

    def test_by_another_server_take_nothing_out_of_sale(self, wire: Wire) -> None:
        wire.says((505, HTML))
        with pytest.raises(Refused) as caught:
            submitted(wire)
        assert not caught.value.switch_off

    @pytest.mark.parametrize("code", [400, 422, 500, 501])
    def test_of_the_content_are_told_by_their_words(self, wire: Wire, code: int) -> None:
        wire.says((200, refusal(code, "The prompt violates our content policy")))
        with pytest.raises(Refused) as caught:
            submitted(wire)
        assert caught.value.fault is Fault.CONTENT_POLICY

    @pytest.mark.parametrize("code", [400, 404, 422, 501, 505])
    def test_of_the_grok_upscale_always_reach_staff(self, wire: Wire, code: int) -> None:
        wire.says((200, refusal(code, "task_id must be a video task")))
        with pytest.raises(Refused) as caught:
            submitted(wire, ENLARGING)
        assert caught.value.tell


class TestComingBack:
    @pytest.mark.parametrize(
        ("code", "fault", "patience", "tell"),
        [
            (429, Fault.BUSY, Patience(), False),
            (455, Fault.BUSY, Patience(first_seconds=30, longest_seconds=300, seconds_max=1800), True),
            (500, Fault.VENDOR, Patience(tries_max=3, seconds_max=None), False),
        ],
    )
    @pytest.mark.parametrize("hidden", [False, True])
    def test_is_as_patient_as_the_table_says(
        self, wire: Wire, code: int, fault: Fault, patience: Patience, tell: bool, hidden: bool
    ) -> None:
        wire.says((200 if hidden else code, refusal(code)), headers=("Retry-After: 7",))
        with pytest.raises(Busy) as caught:
            submitted(wire)
        assert (caught.value.fault, caught.value.patience, caught.value.tell) == (fault, patience, tell)
        assert caught.value.retry_after == 7


NO_TASK: tuple[object, ...] = (None, [], {"taskId": ""}, {"taskId": "../x"}, {"taskId": "a\nb"}, {"taskId": "x" * 5000})
NO_ANSWER: tuple[object, ...] = (HTML, b"", b'{"code":200,"data":{"task', [], 7, "success", {"data": None})
UNCLEAR = [
    *((status, body) for status in (500, 502, 503, 504) for body in (HTML, b"", b'{"error": "bad gateway"}')),
    *((200, body) for body in NO_ANSWER),
    *((200, refusal(200, data=data)) for data in NO_TASK),
    *((200, refusal(code)) for code in (999, 502, 408)),
    *((code, refusal(code, data={"taskId": TASK})) for code in (429, 500)),
    (302, b""),
]


class TestDoubts:
    @pytest.mark.parametrize(("status", "body"), UNCLEAR)
    def test_are_never_sent_again(self, wire: Wire, status: int, body: object) -> None:
        wire.says((status, body))
        with pytest.raises(Unknown):
            submitted(wire)


URLS = ("https://tempfile.vendor.example/g/0.jpg", "https://tempfile.vendor.example/g/1.jpg")


class TestLooking:
    def test_asks_for_the_task_by_its_id(self, wire: Wire) -> None:
        wire.says(told(state="waiting"))
        looked(wire)
        [sent] = wire.sent()
        assert (sent.method, sent.path, sent.query) == ("GET", "/api/v1/jobs/recordInfo", {"taskId": TASK})
        assert sent.headers["authorization"] == f"Bearer {KEY}"

    @pytest.mark.parametrize("state", ["waiting", "queuing", "generating", "GENERATING", "dreaming", ""])
    @pytest.mark.parametrize("empty", [None, "", 0])
    def test_finds_work_in_every_word_that_is_no_end(self, wire: Wire, state: str, empty: object) -> None:
        wire.says(told(state=state, resultJson=empty, failCode=empty, failMsg=empty, completeTime=empty))
        assert looked(wire) == Working()

    @pytest.mark.parametrize("state", ["success", "SUCCESS", "succeeded", "completed"])
    @pytest.mark.parametrize("held", [json.dumps({"resultUrls": URLS}), {"resultUrls": [*URLS, URLS[0]]}])
    def test_finds_every_picture_once(self, wire: Wire, state: str, held: object) -> None:
        wire.says(told(state=state, resultJson=held, failCode="", creditsConsumed=4))
        assert looked(wire) == Ready(urls=URLS, cost=Decimal(4))

    @pytest.mark.parametrize("held", [None, "", "{", {}, '{"resultUrls": []}'])
    def test_finds_an_end_without_a_picture(self, wire: Wire, held: object) -> None:
        wire.says(told(state="success", resultJson=held))
        assert looked(wire) == Ready(urls=())

    @pytest.mark.parametrize(
        ("spent", "cost"),
        [
            ({"creditsConsumed": 4.5}, Decimal("4.5")),
            ({"consumeCredits": 4}, Decimal(4)),
            ({"creditsConsumed": None, "consumeCredits": "2"}, Decimal(2)),
            ({"creditsConsumed": "many"}, None),
            ({"creditsConsumed": -1}, None),
            ({"creditsConsumed": 10**9}, None),
        ],
    )
    def test_finds_what_it_cost(self, wire: Wire, spent: dict[str, object], cost: Decimal | None) -> None:
        for state in ("success", "fail"):
            wire.says(told(state=state, **spent))
            progress = looked(wire)
            assert isinstance(progress, Ready | Failed)
            assert progress.cost == cost

    @pytest.mark.parametrize(
        ("code", "words", "fault", "vendor_code"),
        [
            ("422", "rejected by the safety system", Fault.CONTENT_POLICY, "422"),
            ("SENSITIVE_WORD_ERROR", None, Fault.CONTENT_POLICY, "SENSITIVE_WORD_ERROR"),
            (400, "image not found", Fault.REFUSED_INPUT, "400"),
            ("402", "Credits insufficient", Fault.OUT_OF_FUNDS, "402"),
            (401, "no", Fault.CREDENTIALS, "401"),
            (429, "no", Fault.BUSY, "429"),
            ("500", "internal error", Fault.VENDOR, "500"),
            (None, None, Fault.VENDOR, "fail"),
            ("", "", Fault.VENDOR, "fail"),
        ],
    )
    @pytest.mark.parametrize("state", ["fail", "Failed"])
    def test_finds_a_failure_and_its_kind(
        self, wire: Wire, code: object, words: str | None, fault: Fault, vendor_code: str, state: str
    ) -> None:
        wire.says(told(state=state, failCode=code, failMsg=words))
        assert looked(wire) == Failed(fault=fault, vendor_code=vendor_code, vendor_text=words or "")

    @pytest.mark.parametrize("hidden", [False, True])
    @pytest.mark.parametrize(
        ("code", "fault", "tell"),
        [
            (501, Fault.VENDOR, False),
            (408, Fault.VENDOR, False),
            (400, Fault.VENDOR, True),
            (505, Fault.VENDOR, True),
            (499, Fault.BAD_ANSWER, True),
        ],
    )
    def test_finds_a_failure_in_the_envelope(
        self, wire: Wire, code: int, fault: Fault, tell: bool, hidden: bool
    ) -> None:
        wire.says((200 if hidden else code, refusal(code, "Not so.")))
        assert looked(wire) == Failed(fault=fault, vendor_code=str(code), vendor_text="Not so.", tell=tell)

    def test_finds_the_words_of_a_failure_inside_a_failing_envelope(self, wire: Wire) -> None:
        inner = {"taskId": TASK, "state": "fail", "failCode": "422", "failMsg": "NSFW", "consumeCredits": 0}
        wire.says((200, refusal(501, "Playground task failed.", inner)))
        assert looked(wire) == Failed(
            fault=Fault.CONTENT_POLICY, vendor_code="422", vendor_text="NSFW", cost=Decimal(0)
        )

    def test_tells_staff_of_a_grok_upscale_that_fails_but_not_of_its_content(self, wire: Wire) -> None:
        for words, tell in (("only videos", True), ("NSFW", False)):
            wire.says(told(state="fail", failCode="500", failMsg=words))
            progress = looked(wire, UPSCALE)
            assert isinstance(progress, Failed)
            assert progress.tell is tell

    @pytest.mark.parametrize(
        ("status", "body", "trouble"),
        [
            (200, refusal(422, "recordInfo is null"), NotFound),
            (422, refusal(422, "recordInfo is null"), NotFound),
            (404, {"code": 404, "msg": "Task not found"}, NotFound),
            (404, HTML, NotFound),
            (401, refusal(401), KeyRefused),
            (200, refusal(401), KeyRefused),
            (403, HTML, KeyRefused),
            (200, refusal(402), KeyRefused),
            (200, refusal(433), KeyRefused),
            (429, HTML, Busy),
            (200, refusal(429), Busy),
            (200, refusal(455), Busy),
            *((200, refusal(code), Unreachable) for code in (500, 502, 503, 504, 599)),
            *((status, HTML, Unreachable) for status in (200, 302, 400, 408, 500, 501, 502, 503, 504, 505)),
            (200, b'{"code": 200', Unreachable),
            (200, [], Unreachable),
            (200, {"code": 200, "msg": "success", "data": None}, Unreachable),
            (200, {"code": 200, "data": {"taskId": TASK, "state": 7}}, Unreachable),
            (200, {"code": 200, "data": {"taskId": "another", "state": "success"}}, Unreachable),
            (200, refusal(501, data={"taskId": "another", "state": "fail"}), Unreachable),
            (408, refusal(408, data={"taskId": "another"}), Unreachable),
        ],
    )
    def test_finds_nothing_out_from_any_other_answer(
        self, wire: Wire, status: int, body: object, trouble: type[Exception]
    ) -> None:
        wire.says((status, body))
        with pytest.raises(trouble):
            looked(wire)


WISHES = {"prompt": "A lighthouse", "aspect_ratio": "3:2"}
PARAM = {"model": "grok-imagine/text-to-image", "callBackUrl": HOOK, "input": WISHES}


class TestRemembering:
    @pytest.mark.parametrize("param", [PARAM, json.dumps(PARAM), json.dumps({**PARAM, "input": json.dumps(WISHES)})])
    def test_brings_back_the_whole_order(self, wire: Wire, param: object) -> None:
        wire.says(told(state="waiting", param=param, createTime=1772530201350))
        memory = talk(wire, lambda provider: provider.recall(TASK, DRAW))
        order = {"prompt": "A lighthouse", "offer": DRAW.key, "shape": "3:2"}
        assert memory == Recollection(callback_url=HOOK, made_at=1772530201.35, **order)

    def test_names_the_task_that_was_enlarged_and_a_model_that_is_not_ours(self, wire: Wire) -> None:
        param = {"model": "grok-imagine/video", "input": {"task_id": "t-9"}}
        wire.says(told(state="waiting", param=param, createTime=None))
        memory = talk(wire, lambda provider: provider.recall(TASK, DRAW))
        assert memory == Recollection(offer="grok-imagine/video", source_task="t-9")

    @pytest.mark.parametrize("param", [None, "", "{", "[]", [], {"callBackUrl": 7, "input": "x"}])
    def test_leaves_out_what_is_not_echoed(self, wire: Wire, param: object) -> None:
        wire.says(told(state="waiting", param=param, createTime="soon"))
        assert talk(wire, lambda provider: provider.recall(TASK, DRAW)) == Recollection()

    def test_knows_nothing_of_other_tasks(self, wire: Wire) -> None:
        for body, trouble in ((refusal(422), NotFound), (told(taskId="b", state="fail")[1], Unreachable)):
            wire.says((200, body))
            with pytest.raises(trouble):
                talk(wire, lambda provider: provider.recall(TASK, DRAW))


class TestAskingForTheBalance:
    @pytest.mark.parametrize(("left", "amount"), [(1208, "1208"), (812.5, "812.5"), ("3.10", "3.10"), (0, "0")])
    def test_brings_credits(self, wire: Wire, left: object, amount: str) -> None:
        wire.says((200, {"code": 200, "msg": "success", "data": left}))
        assert talk(wire, lambda provider: provider.balance()) == Decimal(amount)
        [sent] = wire.sent()
        assert (sent.method, sent.path, sent.query) == ("GET", "/api/v1/chat/credit", {})
        assert sent.headers["authorization"] == f"Bearer {KEY}"

    @pytest.mark.parametrize("left", [None, "many", True, {"credits": 3}, float("nan")])
    def test_brings_nothing_that_is_no_number(self, wire: Wire, left: object) -> None:
        wire.says((200, {"code": 200, "msg": "success", "data": left}))
        with pytest.raises(Unreachable):
            talk(wire, lambda provider: provider.balance())

    @pytest.mark.parametrize(
        ("body", "proof"),
        [
            (refusal(200, data=812.5), (True, "Apikley accepts the key. 812.5 credits are left.", Decimal("812.5"))),
            (refusal(401), (False, "Apikley does not accept this key.", None)),
            (refusal(402), (True, "Apikley knows the key. Its account is empty.", Decimal(0))),
        ],
    )
    def test_proves_the_key(self, wire: Wire, body: object, proof: tuple[bool, str, Decimal | None]) -> None:
        wire.says((200, body))
        works, words, balance = proof
        assert talk(wire, lambda provider: provider.probe()) == Proof(works=works, words=words, balance=balance)

    @pytest.mark.parametrize(("status", "body"), [(200, HTML), (500, refusal(500)), (200, refusal(433))])
    def test_proves_nothing_when_it_cannot_be_answered(self, wire: Wire, status: int, body: object) -> None:
        wire.says((status, body))
        with pytest.raises(Unreachable):
            talk(wire, lambda provider: provider.probe())


class TestFreshLinks:
    def test_are_given_for_old_ones(self, wire: Wire) -> None:
        wire.says((200, refusal(200, data=URLS[1])))
        assert talk(wire, lambda provider: provider.fresh_link(URLS[0])) == URLS[1]
        [sent] = wire.sent()
        assert (sent.method, sent.path, sent.body) == ("POST", "/api/v1/common/download-url", {"url": URLS[0]})

    @pytest.mark.parametrize(
        ("code", "trouble"), [(422, Unsupported), (401, KeyRefused), (500, Unreachable), (200, Unreachable)]
    )
    def test_are_missing_where_it_gives_none(self, wire: Wire, code: int, trouble: type[Exception]) -> None:
        wire.says((200, refusal(code)))
        with pytest.raises(trouble):
            talk(wire, lambda provider: provider.fresh_link(URLS[0]))


SIGNED = {
    "x-webhook-timestamp": "1772530214",
    "x-webhook-signature": "toHatiYS5DMkIxFisOFDlo+tHbcKygsKzsrBR+Pmj6E=",
}


class TestCallbacks:
    @pytest.mark.parametrize(
        "body", [{"data": {"taskId": TASK}}, {"data": {"task_id": TASK}, "taskId": TASK}, {"task_id": TASK}]
    )
    def test_name_a_task(self, body: object) -> None:
        assert at().read_callback(body, {}, now=0) == Announcement(task_id=TASK)
        signed = at(webhook_secret="hook-key-for-tests-01")
        assert signed.read_callback(body, SIGNED, now=1772530214 + 300) == Announcement(task_id=TASK)
        for headers, now in ((SIGNED, 1772530214 + 301), ({}, 1772530214)):
            with pytest.raises(Forged):
                signed.read_callback(body, headers, now=now)


class TestContract(StandInContract):
    kind = Apikley
    speaker = APIKLEY
    seconds = 20

    @pytest.fixture
    def source(self, vendor: ApikleyStandIn) -> Source:
        task_id = submitted(vendor).task_id
        vendor.pass_time(self.seconds)
        return Source(task_id=task_id, url=vendor.keep(picture(60, 40), "JPEG"))
