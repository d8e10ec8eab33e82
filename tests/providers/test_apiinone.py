"""API in One as its documents say: what is sent, what every answer means, and the whole of it against a stand-in."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from generations.providers.apiinone import DRAW, UPSCALE, ApiInOne
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
    Ready,
    Refused,
    Source,
    Unknown,
    Unreachable,
    Unsupported,
    Working,
)
from tests.providers.contract import StandInContract
from tests.providers.wires import HTML, Speaker, Wire, wired
from tests.simulators.apiinone import ApiInOneKnobs, ApiInOneStandIn
from tests.simulators.standin import serving

KEY = "aio_0123456789"
TASK = "n31a7c2f09d4e_grok"
HOOK = "https://studio.example.org/hooks/apiinone/Zk3v/"
TAKEN = (200, {"code": 200, "message": "success", "data": {"task_id": TASK, "status": "IN_PROGRESS"}})
DRAWING = Order(offer=DRAW, prompt="A fox reading a newspaper", choices={"shape": "3:2"})
ENLARGING = Order(offer=UPSCALE, prompt="A fox", source=Source(task_id="n31b_grok"))

APIINONE = Speaker(ApiInOne, key=KEY, task=TASK, drawing=DRAWING, base="/api/v1")
at, talk, submitted, looked = APIINONE.at, APIINONE.talk, APIINONE.submitted, APIINONE.looked


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with wired() as running:
        yield running


def error(code: object, message: str = "no", kind: str = "") -> dict[str, object]:
    return {"error": {"code": code, "message": message, "type": kind}}


def told(**data: object) -> tuple[int, object]:
    return 200, {"code": 200, "message": "success", "data": {"task_id": TASK, **data}}


DRAWN = {"model": "grok-imagine/text-to-image", "prompt": "A fox reading a newspaper"}
ENLARGED = {"model": "grok-imagine/upscale", "task_id": "n31b_grok"}


class TestSending:
    @pytest.mark.parametrize(
        ("order", "body"),
        [
            (DRAWING, {**DRAWN, "aspect_ratio": "3:2"}),
            (replace(DRAWING, choices={"shape": "1:1"}, callback_url=HOOK), {**DRAWN, "callback_url": HOOK}),
            (replace(ENLARGING, choices={"shape": "3:2"}), ENLARGED),
        ],
    )
    def test_is_one_flat_body_with_nothing_in_it_that_need_not_be(
        self, wire: Wire, order: Order, body: dict[str, str]
    ) -> None:
        wire.says(TAKEN)
        assert submitted(wire, order) == Accepted(task_id=TASK)
        [sent] = wire.sent()
        assert (sent.method, sent.path, sent.query) == ("POST", "/api/v1/images/generations", {})
        assert sent.headers["authorization"] == f"Bearer {KEY}"
        assert sent.headers["content-type"] == "application/json"
        assert sent.body == body

    @pytest.mark.parametrize(
        ("order", "code"),
        [
            (replace(ENLARGING, source=None), "no_source"),
            (replace(ENLARGING, source=Source(url="https://a.example/b.png")), "no_source"),
            (replace(DRAWING, choices={"shape": "16:9"}), "shape"),
            (replace(DRAWING, prompt=""), "prompt"),
            (replace(DRAWING, prompt="x" * 5001), "prompt"),
            (replace(DRAWING, offer=replace(DRAW, key="grok-video")), "offer"),
        ],
    )
    def test_leaves_out_what_is_sure_to_be_rejected(self, wire: Wire, order: Order, code: str) -> None:
        wire.says(TAKEN)
        with pytest.raises(Refused) as refusal:
            submitted(wire, order)
        assert refusal.value.vendor_code == code
        assert wire.sent() == []

    def test_goes_to_its_own_base_at_its_own_prices_unless_told_otherwise(self) -> None:
        assert (DRAW.credits, UPSCALE.credits) == (5, 12)
        assert (DRAW.vendor_cost, UPSCALE.vendor_cost) == (Decimal(5), Decimal(12))
        assert at().address("tasks/x") == "https://apiin.one/api/v1/tasks/x"


class TestAcceptances:
    @pytest.mark.parametrize(
        "body",
        [
            {"code": 200, "data": {"task_id": TASK, "id": "other"}, "id": "outer"},
            {"code": 200, "data": {"taskId": TASK, "id": "other"}},
            {"code": 200, "data": {"task_id": "", "id": TASK}},
            {"task_id": TASK, "id": "other"},
            {"id": TASK, "status": "pending", "model": "grok-imagine/text-to-image"},
        ],
    )
    def test_name_their_task_in_any_of_five_places(self, wire: Wire, body: object) -> None:
        for status in (200, 201):
            wire.says((status, body))
            assert submitted(wire) == Accepted(task_id=TASK)

    @pytest.mark.parametrize(
        "body",
        [
            HTML,
            b'{"code": 200',
            [],
            {"code": 200, "message": "success", "data": {}},
            {"code": 200, "data": {"task_id": "../x", "id": "good"}},
            {"code": 200, "data": {"task_id": ".."}},
            {"code": 999, "message": "?"},
            error("strange"),
            {**error(400), "task_id": TASK},
            error(999),
        ],
    )
    def test_without_a_usable_one_are_doubts(self, wire: Wire, body: object) -> None:
        wire.says((200, body))
        with pytest.raises(Unknown):
            submitted(wire)


class TestRepeating:
    WANTED = (400, error(400, "Missing required field: prompt", "invalid_request"))

    def test_an_upscale_refused_for_want_of_a_prompt_is_sent_once_more_with_it(self, wire: Wire) -> None:
        wire.says(self.WANTED, TAKEN)
        assert submitted(wire, ENLARGING) == Accepted(task_id=TASK)
        first, second = wire.sent()
        assert first.body == ENLARGED
        assert second.body == {**first.body, "prompt": "A fox"}

    def test_happens_once(self, wire: Wire) -> None:
        wire.says(self.WANTED)
        with pytest.raises(Refused):
            submitted(wire, ENLARGING)
        assert len(wire.sent()) == 2

    @pytest.mark.parametrize(
        ("order", "answer"),
        [
            (DRAWING, WANTED),
            (replace(ENLARGING, prompt=""), WANTED),
            (ENLARGING, (400, error(400, "task_id is not an image"))),
            (ENLARGING, (400, error(400, "The prompt violates our policy"))),
            (ENLARGING, (422, error(422, "prompt"))),
            (ENLARGING, (500, error(500, "prompt"))),
        ],
    )
    def test_happens_for_nothing_else(self, wire: Wire, order: Order, answer: tuple[int, object]) -> None:
        wire.says(answer)
        with pytest.raises((Refused, Busy)):
            submitted(wire, order)
        assert len(wire.sent()) == 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("code", "message", "fault", "tell"),
        [
            (400, "Invalid parameters", Fault.REFUSED_INPUT, False),
            (400, "Your request was flagged by moderation", Fault.CONTENT_POLICY, False),
            (400, "Insufficient balance", Fault.OUT_OF_FUNDS, False),
            (400, "Not enough credits", Fault.OUT_OF_FUNDS, False),
            (401, "Invalid API key", Fault.CREDENTIALS, False),
            (402, "Insufficient credits", Fault.OUT_OF_FUNDS, False),
            (403, "Access denied", Fault.CREDENTIALS, False),
            (403, "No credits", Fault.OUT_OF_FUNDS, False),
            (403, "Prohibited content", Fault.CONTENT_POLICY, False),
            (404, "No such model", Fault.NOT_FOUND, True),
            (422, "Invalid parameters", Fault.REFUSED_INPUT, False),
            (422, "NSFW", Fault.CONTENT_POLICY, False),
        ],
    )
    def test_by_the_table_in_any_envelope(self, wire: Wire, code: int, message: str, fault: Fault, tell: bool) -> None:
        envelopes: list[tuple[int, object]] = [
            (code, error(code, message)),
            (200, error(code, message)),
            (code, error("some_text", message)),
            (code, {"code": code, "message": message}),
            (200, {"code": code, "msg": message}),
            (code, {"code": 200, "message": message}),
        ]
        for envelope in envelopes:
            wire.says(envelope)
            with pytest.raises(Refused) as caught:
                submitted(wire)
            assert (caught.value.fault, caught.value.tell) == (fault, tell), envelope
            assert (caught.value.vendor_code, caught.value.vendor_text) == (str(code), message)

    def test_a_type_can_say_what_the_words_do_not(self, wire: Wire) -> None:
        wire.says((400, error(400, "no", "insufficient_credits")))
        with pytest.raises(Refused) as caught:
            submitted(wire)
        assert caught.value.fault is Fault.OUT_OF_FUNDS

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_a_redirect_is_not_followed_and_for_staff(self, wire: Wire, status: int) -> None:
        wire.says((status, HTML), headers=(f"Location: {wire.url}/elsewhere",))
        with pytest.raises(Refused) as caught:
            submitted(wire)
        assert (caught.value.fault, caught.value.tell) == (Fault.VENDOR, True)
        assert len(wire.sent()) == 1


class TestComingBack:
    @pytest.mark.parametrize(
        ("code", "fault", "patience"),
        [
            (429, Fault.BUSY, Patience(first_seconds=2, longest_seconds=60, seconds_max=600)),
            (455, Fault.BUSY, Patience(first_seconds=30, longest_seconds=300, seconds_max=900)),
            (503, Fault.BUSY, Patience(first_seconds=30, longest_seconds=300, seconds_max=900)),
            (500, Fault.VENDOR, Patience(tries_max=3, seconds_max=None)),
        ],
    )
    def test_as_patiently_as_the_table_says(self, wire: Wire, code: int, fault: Fault, patience: Patience) -> None:
        for status, body in [(code, error(code)), (200, error(code)), (200, {"code": code, "message": "no"})]:
            wire.says((status, body), headers=("Retry-After: 7",))
            with pytest.raises(Busy) as caught:
                submitted(wire)
            assert (caught.value.fault, caught.value.patience, caught.value.retry_after) == (fault, patience, 7)

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            *((status, HTML) for status in (400, 403, 404, 500)),
            (500, {"message": "no envelope"}),
            (502, HTML),
            (502, error(502)),
            (503, HTML),
            (504, b""),
            (504, error(504)),
            (520, HTML),
        ],
    )
    def test_never_after_what_a_gateway_says(self, wire: Wire, status: int, body: object) -> None:
        wire.says((status, body))
        with pytest.raises(Unknown):
            submitted(wire)


class TestLooking:
    def test_asks_with_the_task_in_the_path(self, wire: Wire) -> None:
        wire.says(told(status="IN_PROGRESS"))
        looked(wire, task_id="task?5/é")
        [sent] = wire.sent()
        assert (sent.method, sent.path, sent.query) == ("GET", "/api/v1/tasks/task%3F5%2F%C3%A9", {})
        assert sent.headers["authorization"] == f"Bearer {KEY}"

    def test_an_end_brings_addresses_and_what_it_cost(self, wire: Wire) -> None:
        picture = "https://cdn.vendor-files.example/n31/0.jpg"
        wire.says(told(status="completed", output={"image_urls": [picture]}, credits_consumed=4.5))
        assert looked(wire) == Ready(urls=(picture,), cost=Decimal("4.5"))
        wire.says(told(status="completed", output={"image_urls": [picture]}))
        assert looked(wire) == Ready(urls=(picture,))

    def test_takes_only_addresses_the_download_would_go_to(self, wire: Wire) -> None:
        own, odd = f"{wire.url}/files/0.png", f"{wire.url}0/files/0.png"
        urls = [own, odd, "http://cdn.example/0.png", "https://cdn.example:8443/0.png", "https://u:p@cdn.example/0.png"]
        wire.says(told(status="completed", images=urls))
        ready = looked(wire)
        assert isinstance(ready, Ready)
        assert ready.urls == (own,)

    def test_an_end_without_an_address_names_the_keys_and_nothing_else(
        self, wire: Wire, caplog: pytest.LogCaptureFixture
    ) -> None:
        wire.says(told(status="completed", artwork={"href": "https://secret.example/0.jpg"}))
        with caplog.at_level(logging.WARNING):
            ready = looked(wire)
        assert isinstance(ready, Ready)
        assert ready.urls == ()
        assert ready.vendor_text == "Keys: task_id, status, artwork, artwork.href"
        assert "artwork.href" in caplog.text
        assert "secret" not in caplog.text
        assert KEY not in caplog.text

    def test_only_the_first_puzzle_is_logged(self, wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
        async def looks(provider: ApiInOne) -> None:
            for _ in range(3):
                assert await provider.check(TASK, DRAW) == Working()

        wire.says(told(status="simmering"))
        with caplog.at_level(logging.WARNING):
            talk(wire, looks)
        assert len(caplog.records) == 1
        assert "simmering" in caplog.text

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("The prompt was rejected by the safety system", Fault.CONTENT_POLICY),
            ("Flagged by moderation", Fault.CONTENT_POLICY),
            ("Provider error", Fault.VENDOR),
            ("", Fault.VENDOR),
        ],
    )
    def test_a_failure_is_final_and_free(self, wire: Wire, text: str, fault: Fault) -> None:
        wire.says(told(status="failed", error=text, credits_consumed=5))
        assert looked(wire) == Failed(fault=fault, vendor_code="failed", vendor_text=text)

    def test_a_400_is_our_own_mistake_and_for_staff(self, wire: Wire) -> None:
        for status in (400, 200):
            wire.says((status, error(400, "bad id")))
            assert looked(wire) == Failed(fault=Fault.VENDOR, vendor_code="400", vendor_text="bad id", tell=True)

    @pytest.mark.parametrize(
        ("status", "body", "trouble"),
        [
            (401, error(401), KeyRefused),
            (403, error(403), KeyRefused),
            (200, error(403), KeyRefused),
            (404, error(404, "Task not found", "not_found"), NotFound),
            (200, {"code": 404, "message": "Task not found"}, NotFound),
            (429, error(429), Busy),
            (500, error(500), Unreachable),
            (502, HTML, Unreachable),
            (503, error(503), Unreachable),
            (302, HTML, Unreachable),
            (400, HTML, Unreachable),
            (200, HTML, Unreachable),
            (200, b'{"code"', Unreachable),
            (200, [], Unreachable),
            (200, {"code": 0, "data": {"status": "completed"}}, Unreachable),
        ],
    )
    def test_any_other_answer_tells_nothing_about_the_task(
        self, wire: Wire, status: int, body: object, trouble: type[Exception]
    ) -> None:
        wire.says((status, body))
        with pytest.raises(trouble):
            looked(wire)


class TestAKey:
    @pytest.mark.parametrize(
        ("status", "body", "works"),
        [
            (401, error(401), False),
            (403, error(403), False),
            (200, error(401), False),
            (404, error(404), True),
            (400, error(400), True),
            (404, {"code": 404, "message": "Task not found"}, True),
            (404, HTML, None),
            (400, {}, None),
            (500, error(500), None),
            (200, told(status="completed")[1], None),
        ],
    )
    def test_is_tried_on_a_task_nobody_has(self, wire: Wire, status: int, body: object, works: bool | None) -> None:
        wire.says((status, body))
        proof = talk(wire, lambda provider: provider.probe())
        assert (proof.works, proof.balance) == (works, None)
        assert proof.words.endswith(".")
        [sent] = wire.sent()
        assert (sent.method, sent.path) == ("GET", "/api/v1/tasks/studio-connection-test")

    def test_has_no_balance_to_ask_for(self, wire: Wire) -> None:
        with pytest.raises(Unsupported):
            talk(wire, lambda provider: provider.balance())


class TestRemembering:
    def test_is_as_good_as_the_answer_is_talkative(self, wire: Wire) -> None:
        echoes: list[tuple[dict[str, object], tuple[object, ...]]] = [
            ({"created_at": "2026-03-03T09:31:40Z", "request": {"prompt": "A fox"}}, (None, "A fox", 1772530300.0)),
            ({"param": f'{{"prompt": "A fox", "callBackUrl": "{HOOK}"}}'}, (HOOK, "A fox", None)),
            ({}, (None, None, None)),
        ]
        for data, remembered in echoes:
            wire.says(told(status="IN_PROGRESS", **data))
            found = talk(wire, lambda provider: provider.recall(TASK, DRAW))
            assert (found.callback_url, found.prompt, found.made_at) == remembered

    def test_tells_the_order_from_what_it_is_called_now(self, wire: Wire) -> None:
        """The task's own name stands beside what is repeated; a model's unknown name tells nothing."""
        wire.says(told(model="grok-imagine/upscale", request={"task_id": "t-9", "aspect_ratio": "2:3"}))
        found = talk(wire, lambda provider: provider.recall(TASK, DRAW))
        assert (found.offer, found.shape, found.source_task) == (UPSCALE.key, "2:3", "t-9")
        wire.says(told(model="grok-imagine", task_id=TASK))
        found = talk(wire, lambda provider: provider.recall(TASK, DRAW))
        assert (found.offer, found.shape, found.source_task) == (None, None, None)


class TestCallbacks:
    def test_are_not_asked_for_by_default_and_only_reasons_to_look(self) -> None:
        assert not ApiInOne.announces
        assert at().read_callback({"event": "x", "taskId": TASK}, {}, now=0) == Announcement(task_id=TASK)
        nowhere: tuple[object, ...] = (None, [], {}, {"data": []}, {"id": 7}, {"id": {"a": 1}}, "x")
        for body in nowhere:
            assert at().read_callback(body, {}, now=0) == Announcement()

    def test_must_be_signed_where_the_account_has_a_key_for_that(self) -> None:
        with pytest.raises(Forged):
            at(webhook_secret="w3bhook").read_callback({"taskId": TASK}, {}, now=0)


@pytest.fixture(params=["P1", "P2", "P3", "P4", "P5"])
def vendor(request: pytest.FixtureRequest) -> Iterator[ApiInOneStandIn]:
    """Once for each way it may answer; and both ways of accepting."""
    form = "B" if request.param == "P5" else "A"
    stand_in = ApiInOneStandIn(ApiInOneKnobs(profile=request.param, form=form))
    with serving(stand_in):
        yield stand_in


class TestContract(StandInContract):
    kind = ApiInOne
    speaker = APIINONE
    seconds = 10

    @pytest.fixture
    def source(self, vendor: ApiInOneStandIn) -> Source:
        return Source(task_id=vendor.finished(KEY))

    def test_six_pictures_of_one_order_all_come_and_none_of_ours(self, vendor: ApiInOneStandIn) -> None:
        ready = self.ended(replace(DRAWING, prompt="several foxes"))
        assert isinstance(ready, Ready)
        assert len(ready.urls) == 6
        assert all(vendor.file_named(url) for url in ready.urls)
        assert ready.cost in {5, None}

    def test_a_refusal_for_content_is_told_from_a_fault(self, vendor: ApiInOneStandIn) -> None:
        for prompt, fault in (("unsafe", Fault.CONTENT_POLICY), ("fail", Fault.VENDOR)):
            failed = self.ended(replace(DRAWING, prompt=prompt))
            assert isinstance(failed, Failed)
            assert failed.fault is fault

    def test_an_upscale_that_wants_a_prompt_gets_it(self, vendor: ApiInOneStandIn) -> None:
        vendor.knobs.wants_prompt = True
        ready = self.ended(replace(ENLARGING, source=Source(task_id=vendor.finished(KEY))))
        assert isinstance(ready, Ready)
        assert vendor.counts.calls["create"] == 2
        assert len(vendor.tasks) == 2

    def test_a_key_is_proved(self, vendor: ApiInOneStandIn) -> None:
        for key, works in ((KEY, True), ("aio_wrong", False)):
            assert talk(vendor, lambda provider: provider.probe(), secret=key).works is works
