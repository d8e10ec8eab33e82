"""The pump as a whole: late, replaced, asked to stop or without a database, it writes down what it heard."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django_q.models import OrmQ

from generations import queue
from generations.connections import key_place, vault
from generations.models import Attempt, CallbackHint, Credential, Generation, Lease, Outcome, State, clock
from generations.services import ordering, pumping
from generations.services.pumping import pump
from generations.services.pumping.talk import Heard, Submitted, Talk
from tests.conftest import Cast
from tests.simulators.invented import Invented
from tests.simulators.vendor import Script, Vendor


def order(cast: Cast, count: int = 4) -> list[Generation]:
    batch = ordering.order_drawing(
        member=cast.ben,
        provider="invented",
        offer=Invented.offers[0],
        prompt="a lamp",
        shape="3:2",
        count=count,
        request_key="k",
    )
    return list(batch.generations.order_by("position"))


@pytest.fixture
def ordered(cast: Cast, vendor: Vendor) -> None:
    order(cast, count=3)


def when_submits_arrive(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something between hearing that orders were accepted and writing it down."""
    hear = Talk.results
    waiting = [act]

    def results(self: Talk, *, wait_seconds: float) -> list[Heard]:
        found = hear(self, wait_seconds=wait_seconds)
        if waiting and any(isinstance(one, Submitted) for one in found):
            waiting.pop()()
        return found

    monkeypatch.setattr(Talk, "results", results)
    monkeypatch.setattr(pump, "RENEW_SECONDS", 0)


@pytest.mark.usefixtures("ordered")
def test_a_pump_that_was_late_keeps_its_lease_and_what_it_heard(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = clock.now() - timedelta(seconds=30)
    when_submits_arrive(monkeypatch, lambda: Lease.objects.filter(name="pump:0").update(until=long_ago))
    pumping.run(shard=0)

    assert set(Generation.objects.values_list("state", flat=True)) == {State.FETCHING}
    assert vendor.creates["a lamp"] == 3


@pytest.mark.usefixtures("ordered")
def test_a_pump_whose_place_was_taken_writes_what_it_heard_and_ends(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.script = Script(status=lambda _: {"state": "working"})
    when_submits_arrive(monkeypatch, lambda: Lease.objects.filter(name="pump:0").update(token="another's"))
    pumping.run(shard=0)

    assert set(Generation.objects.values_list("state", flat=True)) == {State.RUNNING}
    assert Lease.objects.get(name="pump:0").token == "another's"


@pytest.mark.usefixtures("ordered")
def test_two_pumps_do_not_run_at_once(vendor: Vendor) -> None:
    assert Lease.objects.take("pump:0", seconds=10)
    pumping.run(shard=0)

    assert vendor.calls == []


@pytest.mark.usefixtures("ordered")
def test_a_pump_that_is_asked_to_stop_sends_nothing_new(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "is_stopping", lambda: True)
    pumping.run(shard=0)

    assert vendor.creates == {}
    assert Lease.objects.is_stale("pump:0")


@pytest.mark.usefixtures("ordered")
def test_a_pump_says_while_it_waits_for_the_answer_to_an_order(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    """And asked to stop meanwhile, it says so until the answer is written down."""
    told: list[tuple[int, bool]] = []
    hear = Talk.results

    def results(self: Talk, *, wait_seconds: float) -> list[Heard]:
        told.append((len(self.submitting), queue.is_sending()))
        return hear(self, wait_seconds=wait_seconds)

    vendor.script = Script(create=lambda _: time.sleep(1), status=lambda _: {"state": "working"})
    monkeypatch.setattr(Talk, "results", results)
    monkeypatch.setattr(queue, "is_stopping", lambda: bool(told) and told[-1][0] > 0)
    pumping.run(shard=0)

    assert (3, True) in told
    assert all(says is (number > 0) for number, says in told)
    assert not queue.is_sending()
    assert set(Generation.objects.values_list("state", flat=True)) == {State.RUNNING}


@pytest.mark.usefixtures("ordered")
def test_a_hung_vendor_does_not_keep_another_row_from_being_asked_for(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "LOOKS_MAX", 2)
    vendor.script = Script(status=lambda task: {"state": "working"} if task.looks < 2 else None)
    pumping.run(shard=0)

    assert set(Generation.objects.values_list("state", flat=True)) == {State.FETCHING}


@pytest.mark.usefixtures("ordered")
def test_a_pump_whose_time_is_up_hands_over_while_it_still_listens(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever orders now must not wait for a vendor that takes its time to answer the last order."""
    vendor.script = Script(create=lambda _: time.sleep(1))
    monkeypatch.setattr(pump, "BUDGET_SECONDS", 0.3)
    hear, free = Talk.results, []

    def results(self: Talk, *, wait_seconds: float) -> list[Heard]:
        if self.submitting:
            free.append(Lease.objects.is_stale("pump:0"))
        return hear(self, wait_seconds=wait_seconds)

    monkeypatch.setattr(Talk, "results", results)
    OrmQ.objects.all().delete()
    Lease.objects.filter(name="kick:0").delete()
    pumping.run(shard=0)

    assert free[-1]
    assert OrmQ.objects.count() == 1
    assert set(Generation.objects.values_list("state", flat=True)) == {State.RUNNING}


@contextmanager
def database_away() -> Iterator[None]:
    """Every question meets a server that hung up."""

    def hang_up(*_: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    with connection.execute_wrapper(hang_up):
        yield


def when(monkeypatch: pytest.MonkeyPatch, happens: Callable[[list[Heard]], bool], turns: int) -> list[int]:
    """From what is first heard like that on, the database is away for so many turns."""
    hear, away, left = Talk.results, ExitStack(), [turns]
    entered: list[int] = []

    def results(self: Talk, *, wait_seconds: float) -> list[Heard]:
        found = hear(self, wait_seconds=wait_seconds)
        if not entered and happens(found):
            entered.append(1)
            away.enter_context(database_away())
        elif entered and left[0] >= 0:
            left[0] -= 1
            if left[0] == 0:
                away.close()
        return found

    monkeypatch.setattr(Talk, "results", results)
    return entered


def accepted(found: list[Heard]) -> bool:
    return any(isinstance(one, Submitted) for one in found)


@pytest.mark.django_db(transaction=True)
class TestADatabaseThatIsAway:
    @pytest.mark.parametrize("turns", [1, 3])
    def test_loses_no_accepted_order(
        self, cast: Cast, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, turns: int
    ) -> None:
        rows = order(cast)
        happened = when(monkeypatch, accepted, turns)
        pumping.run(shard=0)

        assert happened
        assert vendor.creates == {"a lamp": 4}
        assert set(Generation.objects.values_list("state", flat=True)) == {State.FETCHING}
        assert Attempt.objects.filter(outcome=Outcome.ACCEPTED).count() == len(rows)

    def test_for_good_ends_the_pump_in_time_and_every_conversation_with_it(
        self, cast: Cast, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What the vendor accepted is then in the log, for whoever has to find it."""
        order(cast, count=1)
        monkeypatch.setattr(pump, "BUDGET_SECONDS", 0.5)
        monkeypatch.setattr(pump, "LAST_SECONDS", 1.0)
        closed: list[Talk] = []
        close = Talk.close

        def close_and_note(self: Talk) -> None:
            close(self)
            closed.append(self)

        monkeypatch.setattr(Talk, "close", close_and_note)
        away = ExitStack()
        hear = Talk.results

        def results(self: Talk, *, wait_seconds: float) -> list[Heard]:
            found = hear(self, wait_seconds=wait_seconds)
            if accepted(found):
                away.enter_context(database_away())
            return found

        monkeypatch.setattr(Talk, "results", results)
        with away, pytest.raises(OperationalError):  # the lease could not be given back
            pumping.run(shard=0)

        assert len(closed) == 1
        assert "task-1" in caplog.text


class TestAShardOfKeys:
    def test_holds_a_key_and_its_successors(
        self, cast: Cast, vendor: Vendor, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """They share an account, so one pump counts its places; the other one leaves them alone."""
        settings.PUMP_SHARDS = 2
        monkeypatch.setattr(pump, "BUDGET_SECONDS", 0.5)
        old = Credential.objects.get(team=cast.team, provider="invented")
        if (Credential.objects.latest("pk").pk + 1 - old.pk) % 2 == 0:
            Credential.objects.create(team=cast.mallory.team, provider="demo", label="Between them")
        new = Credential.objects.create(team=cast.team, provider="invented", label="New", replaces=old)
        new.sealed_key = vault().seal("a newer key", binding=key_place(new))
        new.save()
        assert (new.pk - old.pk) % 2 == 1
        old.drain(label="Old")
        order(cast, count=2)
        pumping.run(shard=(old.pk + 1) % 2)
        assert vendor.calls == []

        pumping.run(shard=old.pk % 2)
        assert vendor.creates == {"a lamp": 2}


class TestATaskNobodySellsAnyMore:
    def test_named_by_a_callback_is_left_alone_and_stops_no_pump(self, cast: Cast, vendor: Vendor) -> None:
        vendor.script = Script(create=lambda _: (0, None))
        (doubted,) = order(cast, count=1)
        pumping.run(shard=0)
        Generation.objects.filter(pk=doubted.pk).update(offer_key="no longer sold")
        hint = CallbackHint.objects.create(attempt=doubted.attempts.get(), task_id="task-1", body_hash="x")
        Lease.objects.all().delete()
        pumping.run(shard=0)

        hint.refresh_from_db()
        assert hint.processed_at is not None


class TestLooks:
    def test_at_a_vendor_that_hangs_leave_room_for_those_at_another(
        self, cast: Cast, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Both keys have more due than they may ask for at once; one of them never answers."""
        monkeypatch.setattr(pump, "LOOKS_MAX", 2)
        monkeypatch.setattr(pump, "BUDGET_SECONDS", 2.0)
        hung = Vendor().start()
        for _ in range(100):
            hung.make("of others")  # so that its tasks have other names
        try:
            hung.script = Script(status=lambda _: time.sleep(3))
            mine = Credential.objects.get(team=cast.team, provider="invented")
            other = Credential.objects.create(
                team=cast.team, provider="invented", label="Hung", position=mine.position, base_url=hung.url
            )
            other.sealed_key = vault().seal("a slow key", binding=key_place(other))
            other.save()
            rows = order(cast, count=8)
            pumping.run(shard=0)
        finally:
            hung.stop()
        assert len(rows) == 8
        assert (hung.creates["a lamp"], vendor.creates["a lamp"]) == (4, 4)
        assert Generation.objects.filter(credential=mine, state=State.FETCHING).count() == 4
        assert Generation.objects.filter(credential=other, state=State.RUNNING).count() == 4
