"""The whole street without a browser: ordered, sent, watched, fetched, stored and paid, against a vendor over HTTP."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import QuerySet
from django_q.models import OrmQ

from generations import ledger
from generations.models import (
    Attempt,
    Batch,
    Credential,
    CreditHold,
    Generation,
    Image,
    Member,
    Outcome,
    Price,
    Reason,
    State,
)
from generations.providers.base import Offer
from generations.services import auditing, collecting, ordering, pumping
from generations.services.pumping import pump
from generations.services.pumping.claims import claim
from tests.conftest import Cast
from tests.running import run_jobs, sweep, work
from tests.simulators.invented import Invented
from tests.simulators.vendor import Script, Task, Vendor, picture

SKETCH: Offer = Invented.offers[0]


def order(cast: Cast, prompt: str = "a lamp", count: int = 1, key: str = "", member: Member | None = None) -> Batch:
    return ordering.order_drawing(
        member=member or cast.ben,
        provider="invented",
        offer=SKETCH,
        prompt=prompt,
        shape="3:2",
        count=count,
        request_key=key or f"key {prompt}",
    )


def only() -> Generation:
    return Generation.objects.get()


def balance(cast: Cast) -> tuple[int, int]:
    account = ledger.account_of(cast.ben)
    account.refresh_from_db()
    return account.posted, account.held


@pytest.fixture(autouse=True)
def _books_add_up(vendor: Vendor) -> Iterator[None]:
    """Whatever a test did, the invariants hold afterwards."""
    yield
    findings = auditing.audit()
    assert findings == [], findings


class TestAPicture:
    def test_is_stored_and_paid(self, cast: Cast, vendor: Vendor) -> None:
        order(cast)
        assert balance(cast) == (500, 7)

        work()

        assert only().state == State.SUCCEEDED
        assert balance(cast) == (493, 0)
        image = Image.objects.get()
        assert (image.width, image.height, image.format) == (96, 64, "JPEG")
        assert vendor.creates == {"a lamp": 1}

    def test_passes_through_every_state_once(self, cast: Cast, vendor: Vendor) -> None:
        order(cast)
        work()

        states = list(only().events.order_by("seq").values_list("to_state", flat=True))
        assert states == ["queued", "submitting", "running", "fetching", "succeeded"]

    def test_of_a_batch_is_paid_on_its_own(self, cast: Cast, vendor: Vendor) -> None:
        vendor.script = Script(
            status=lambda task: {"state": "failed", "fault": "vendor"} if vendor.tasks["task-2"] is task else None
        )
        order(cast, count=3)
        work()

        assert Generation.objects.filter(state=State.SUCCEEDED).count() == 2
        assert Generation.objects.filter(state=State.FAILED).count() == 1
        assert balance(cast) == (500 - 14, 0)

    def test_collected_ten_times_is_stored_once(self, cast: Cast, vendor: Vendor) -> None:
        order(cast)
        work()
        for _ in range(10):
            collecting.collect(generation=str(only().pk))

        assert Image.objects.count() == 1
        assert balance(cast) == (493, 0)


class TestAnOrder:
    def test_sent_again_with_its_key_is_the_same_order(self, cast: Cast, vendor: Vendor) -> None:
        first, again = order(cast, key="once"), order(cast, key="once")

        assert first == again
        assert CreditHold.objects.count() == 1

    def test_with_a_used_key_and_other_words_is_refused(self, cast: Cast, vendor: Vendor) -> None:
        order(cast, key="once")

        with pytest.raises(ordering.RequestKeyReused):
            order(cast, "something else", key="once")
        assert Generation.objects.count() == 1

    def test_beyond_the_balance_writes_nothing(self, cast: Cast, vendor: Vendor) -> None:
        for number in range(8):
            order(cast, count=8, key=str(number))

        with pytest.raises(ledger.NotEnoughCredits):
            order(cast, count=8, key="too much")
        assert Generation.objects.count() == 64

    def test_of_a_viewer_is_refused(self, cast: Cast, vendor: Vendor) -> None:
        with pytest.raises(ordering.MayNotCreate):
            order(cast, member=cast.vera)
        assert not Batch.objects.exists()

    def test_without_a_price_is_refused_before_any_hold(self, cast: Cast, vendor: Vendor) -> None:
        QuerySet(Price).filter(provider="invented").delete()

        with pytest.raises(ordering.OfferUnavailable):
            order(cast)
        assert not CreditHold.objects.exists()

    def test_canceled_in_time_gives_the_credits_back(self, cast: Cast, vendor: Vendor) -> None:
        order(cast)
        ordering.cancel(generation=only(), actor="member:1")

        assert only().state == State.CANCELED
        assert balance(cast) == (500, 0)
        work()
        assert vendor.creates == {}

    def test_canceled_too_late_changes_nothing(self, cast: Cast, vendor: Vendor) -> None:
        order(cast)
        stale = only()
        work()

        with pytest.raises(ordering.TooLate):
            ordering.cancel(generation=stale, actor="member:1")
        assert only().state == State.SUCCEEDED


class TestAVendorThatSaysNo:
    @pytest.mark.parametrize(
        ("status", "reason"),
        [
            (400, Reason.REFUSED_INPUT),
            (401, Reason.CREDENTIALS),
            (402, Reason.OUT_OF_FUNDS),
            (422, Reason.REFUSED_INPUT),
        ],
    )
    def test_ends_the_picture_and_returns_the_credits(
        self, cast: Cast, vendor: Vendor, status: int, reason: Reason
    ) -> None:
        vendor.script = Script(create=lambda _: (status, {"code": status, "msg": "no"}))
        order(cast)
        work()

        assert (only().state, only().reason) == (State.FAILED, reason)
        assert balance(cast) == (500, 0)

    def test_a_refused_key_rests(self, cast: Cast, vendor: Vendor) -> None:
        vendor.script = Script(create=lambda _: (401, {"code": 401}))
        order(cast)
        work()

        assert only().credential is not None
        assert only().credential.paused_until is not None  # type: ignore[union-attr]

    def test_at_the_look_ends_it_too(self, cast: Cast, vendor: Vendor) -> None:
        vendor.script = Script(status=lambda _: {"state": "failed", "fault": "content_policy"})
        order(cast)
        work()

        assert (only().state, only().reason) == (State.FAILED, Reason.CONTENT_POLICY)
        assert balance(cast) == (500, 0)


class TestABusyVendor:
    def test_is_asked_again_and_nothing_is_lost(self, cast: Cast, vendor: Vendor) -> None:
        answers = iter([(429, {"code": 429}), (429, {"code": 429})])
        vendor.script = Script(create=lambda _: next(answers, None), headers={"Retry_After": "1"})
        order(cast)
        work()

        assert only().state == State.SUCCEEDED
        outcomes = list(Attempt.objects.order_by("number").values_list("outcome", flat=True))
        assert outcomes == [Outcome.BUSY, Outcome.BUSY, Outcome.ACCEPTED]

    def test_gets_no_more_than_its_places(self, cast: Cast, vendor: Vendor) -> None:
        seen: list[int] = []

        def slow(task: Task) -> dict[str, str] | None:
            seen.append(len(vendor.tasks))
            return {"state": "working"} if task.looks == 1 else None

        vendor.script = Script(status=slow)
        order(cast, count=8)
        work()

        assert Generation.objects.filter(state=State.SUCCEEDED).count() == 8
        assert seen[0] == SKETCH.running_max


class TestALostAnswer:
    def lose(self, vendor: Vendor) -> None:
        vendor.script = Script(create=lambda _: (0, None))

    def test_is_never_sent_again(self, cast: Cast, vendor: Vendor) -> None:
        self.lose(vendor)
        order(cast)
        work()

        assert only().state == State.IN_DOUBT
        assert balance(cast) == (500, 7)
        work()
        assert vendor.creates == {"a lamp": 1}

    def test_returns_the_credits_after_ten_minutes(
        self, cast: Cast, vendor: Vendor, pass_time: Callable[[float], None]
    ) -> None:
        self.lose(vendor)
        order(cast)
        work()
        pass_time(599)
        sweep()
        assert only().state == State.IN_DOUBT
        pass_time(2)
        sweep()

        assert (only().state, only().reason) == (State.LAPSED, Reason.SUBMISSION_UNKNOWN)
        assert balance(cast) == (500, 0)

    def test_is_forgotten_a_day_later(self, cast: Cast, vendor: Vendor, pass_time: Callable[[float], None]) -> None:
        self.lose(vendor)
        order(cast)
        work()
        pass_time(601)
        sweep()
        pass_time(24 * 3600 + 1)
        sweep()

        assert (only().state, only().reason) == (State.FAILED, Reason.SUBMISSION_UNKNOWN)
        assert balance(cast) == (500, 0)

    @pytest.mark.parametrize("status", [500, 502, 504, 200])
    def test_may_also_be_an_answer_nobody_can_read(self, cast: Cast, vendor: Vendor, status: int) -> None:
        vendor.script = Script(create=lambda _: (status, {"surprise": True}))
        order(cast)
        work()

        assert only().state == State.IN_DOUBT

    @pytest.mark.parametrize("task_id", [None, "", "../x", "two\nlines", "x" * 5000, "a b"])
    def test_may_also_be_a_task_id_nobody_can_use(self, cast: Cast, vendor: Vendor, task_id: str | None) -> None:
        vendor.script = Script(create=lambda _: (200, {"task_id": task_id}))
        order(cast)
        work()

        assert only().state == State.IN_DOUBT
        assert only().vendor_task_id == ""

    def test_may_also_be_the_task_id_of_another(self, cast: Cast, vendor: Vendor) -> None:
        vendor.make("someone's")
        vendor.script = Script(create=lambda _: (200, {"task_id": "task-1"}))
        order(cast, count=2)
        work()

        states = sorted(Generation.objects.values_list("state", flat=True))
        assert states == [State.IN_DOUBT, State.SUCCEEDED]


class TestALateVendor:
    def be_late(
        self, cast: Cast, vendor: Vendor, pass_time: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        vendor.script = Script(status=lambda _: {"state": "working"})
        monkeypatch.setattr(pump, "BUDGET_SECONDS", 1)
        order(cast)
        work()
        assert only().state == State.RUNNING
        pass_time(901)
        work()

    def test_costs_nothing(
        self, cast: Cast, vendor: Vendor, pass_time: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.be_late(cast, vendor, pass_time, monkeypatch)

        assert (only().state, only().reason) == (State.LAPSED, Reason.TIMEOUT)
        assert balance(cast) == (500, 0)

    def test_brings_a_free_picture_when_it_comes_after_all(
        self, cast: Cast, vendor: Vendor, pass_time: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.be_late(cast, vendor, pass_time, monkeypatch)
        vendor.script = Script()
        pass_time(301)
        work()

        assert only().state == State.RECOVERED
        assert Image.objects.count() == 1
        assert balance(cast) == (500, 0)


class TestAResult:
    @pytest.mark.parametrize(
        "content",
        [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html></html>", b"GIF89a......", picture()[:-20]],
    )
    def test_that_is_no_picture_is_never_kept(
        self, cast: Cast, vendor: Vendor, pass_time: Callable[[float], None], content: bytes
    ) -> None:
        vendor.script = Script(result=lambda _: (200, content))
        order(cast)
        work()
        for _ in range(8):
            pass_time(3700 / 4)
            sweep()

        assert only().state == State.FAILED
        assert not Image.objects.exists()
        assert balance(cast) == (500, 0)

    def test_that_is_gone_is_asked_for_again_and_then_lost(
        self, cast: Cast, vendor: Vendor, pass_time: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pump, "BUDGET_SECONDS", 0.5)  # else each stays awake for a look a minute ahead
        vendor.script = Script(result=lambda _: (404, b""))
        order(cast)
        for _ in range(30):
            work()
            pass_time(61)
            sweep()

        assert (only().state, only().reason) == (State.FAILED, Reason.RESULT_LOST)
        assert balance(cast) == (500, 0)

    def test_whose_worker_died_three_times_is_given_up(
        self, cast: Cast, vendor: Vendor, pass_time: Callable[[float], None]
    ) -> None:
        order(cast)
        pumping.run(shard=0)
        for number in range(3):
            row = only()
            assert row.take(token=str(number), lease=timedelta(seconds=60))
            pass_time(61)  # the worker never came back
        sweep()

        assert (only().state, only().reason) == (State.FAILED, Reason.WORKER_CRASH)
        assert balance(cast) == (500, 0)


class TestTheSweep:
    def test_doubts_what_nobody_is_sending_any_more(
        self, cast: Cast, vendor: Vendor, pass_time: Callable[[float], None]
    ) -> None:

        order(cast)
        assert len(claim(credentials=list(Credential.objects.all()), slots=16)) == 1
        assert only().state == State.SUBMITTING
        pass_time(61)
        sweep()

        assert only().state == State.IN_DOUBT
        assert vendor.creates == {}

    def test_brings_back_a_fetch_whose_message_was_lost(
        self, cast: Cast, vendor: Vendor, pass_time: Callable[[float], None]
    ) -> None:
        from generations.services import pumping  # noqa: PLC0415

        order(cast)
        pumping.run(shard=0)
        OrmQ.objects.all().delete()
        pass_time(61)
        assert sweep()["collected"] == 1

        assert only().state == State.SUCCEEDED

    def test_ends_what_waited_a_day(self, cast: Cast, vendor: Vendor, pass_time: Callable[[float], None]) -> None:
        order(cast)
        pass_time(24 * 3600 + 1)
        sweep()

        assert (only().state, only().reason) == (State.FAILED, Reason.WAITED_TOO_LONG)
        assert balance(cast) == (500, 0)

    def test_run_twice_does_nothing_more(self, cast: Cast, vendor: Vendor) -> None:
        order(cast)
        work()
        run_jobs()
        assert "failed" not in sweep()
        assert sweep() == {}


class TestTurns:
    def test_let_a_single_picture_pass_a_large_batch(self, cast: Cast, vendor: Vendor) -> None:

        for number in range(4):
            order(cast, count=8, key=str(number))
        order(cast, "Ada's one", member=cast.ada)
        keys = list(Credential.objects.filter(team=cast.team))

        claimed = claim(credentials=keys, slots=16)

        prompts = [one.order.prompt for one in claimed]
        assert len(prompts) == SKETCH.running_max
        assert "Ada's one" in prompts[:2]

    def test_give_a_team_only_its_own_keys(self, cast: Cast, vendor: Vendor) -> None:

        order(cast)

        assert claim(credentials=list(Credential.objects.filter(team=cast.mallory.team)), slots=16) == []
        assert only().state == State.QUEUED


def test_no_request_is_ever_made_inside_a_transaction(cast: Cast, vendor: Vendor) -> None:
    """R2: the guard every test here runs under does notice one."""
    order(cast)
    pumping.run(shard=0)

    with pytest.raises(AssertionError, match="inside a database transaction"), transaction.atomic():
        collecting.collect(generation=str(only().pk))
    Generation.objects.update(lease_until=None, lease_token="", starts=0)
    run_jobs()
    assert only().state == State.SUCCEEDED
