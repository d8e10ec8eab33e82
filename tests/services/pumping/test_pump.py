"""The pump as a whole: late, replaced or asked to stop, it writes down what it heard."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django_q.models import OrmQ

from generations import queue
from generations.models import Generation, Lease, State, clock
from generations.services import ordering, pumping
from generations.services.pumping import pump
from generations.services.pumping.talk import Looked, Submitted, Talk
from tests.conftest import Cast
from tests.simulators.invented import Invented
from tests.simulators.vendor import Script, Vendor


@pytest.fixture(autouse=True)
def _ordered(cast: Cast, vendor: Vendor) -> None:
    ordering.order_drawing(
        member=cast.ben,
        provider="invented",
        offer=Invented.offers[0],
        prompt="a lamp",
        shape="3:2",
        count=3,
        request_key="k",
    )


def when_submits_arrive(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something between hearing that orders were accepted and writing it down."""
    hear = Talk.results
    waiting = [act]

    def results(self: Talk, *, wait_seconds: float) -> list[Submitted | Looked]:
        found = hear(self, wait_seconds=wait_seconds)
        if waiting and any(isinstance(one, Submitted) for one in found):
            waiting.pop()()
        return found

    monkeypatch.setattr(Talk, "results", results)
    monkeypatch.setattr(pump, "RENEW_SECONDS", 0)


def test_a_pump_that_was_late_keeps_its_lease_and_what_it_heard(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = clock.now() - timedelta(seconds=30)
    when_submits_arrive(monkeypatch, lambda: Lease.objects.filter(name="pump:0").update(until=long_ago))
    pumping.run(shard=0)

    assert set(Generation.objects.values_list("state", flat=True)) == {State.FETCHING}
    assert vendor.creates["a lamp"] == 3


def test_a_pump_whose_place_was_taken_writes_what_it_heard_and_ends(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.script = Script(status=lambda _: {"state": "working"})
    when_submits_arrive(monkeypatch, lambda: Lease.objects.filter(name="pump:0").update(token="another's"))
    pumping.run(shard=0)

    assert set(Generation.objects.values_list("state", flat=True)) == {State.RUNNING}
    assert Lease.objects.get(name="pump:0").token == "another's"


def test_two_pumps_do_not_run_at_once(vendor: Vendor) -> None:
    assert Lease.objects.take("pump:0", seconds=10)
    pumping.run(shard=0)

    assert vendor.calls == []


def test_a_pump_that_is_asked_to_stop_sends_nothing_new(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "is_stopping", lambda: True)
    pumping.run(shard=0)

    assert vendor.creates == {}
    assert Lease.objects.is_stale("pump:0")


def test_a_hung_vendor_does_not_keep_another_row_from_being_asked_for(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "LOOKS_MAX", 2)
    vendor.script = Script(status=lambda task: {"state": "working"} if task.looks < 2 else None)
    pumping.run(shard=0)

    assert set(Generation.objects.values_list("state", flat=True)) == {State.FETCHING}


def test_a_pump_whose_time_is_up_hands_over_while_it_still_listens(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever orders now must not wait for a vendor that takes its time to answer the last order."""
    vendor.script = Script(create=lambda _: time.sleep(1))
    monkeypatch.setattr(pump, "BUDGET_SECONDS", 0.3)
    hear, free = Talk.results, []

    def results(self: Talk, *, wait_seconds: float) -> list[Submitted | Looked]:
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
