"""A disk that does not answer ends nothing: neither the pump, nor a sweep, nor what is paid for and already here."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from generations.models import Credential, Generation, State, clock
from generations.providers.base import Accepted, Failed, Fault, Ready, Working
from generations.services import auditing, collecting, sweeping
from generations.services.pumping import verdicts
from generations.services.pumping.claims import claim
from generations.services.pumping.talk import Looked, Submitted
from tests.conftest import Cast
from tests.making import hand_over, make_waiting
from tests.money.world import on_shelf


@pytest.fixture
def row(cast: Cast) -> Generation:
    """At the vendor again for other addresses, with one of its two pictures here."""
    row = hand_over(make_waiting(cast.ben))
    Generation.objects.filter(pk=row.pk).update(arrived=on_shelf(1, of=2))
    row.refresh_from_db()
    return row


@pytest.fixture
def broken(row: Generation) -> Iterator[pytest.MonkeyPatch]:
    """Its file is there and may not be touched, as after a restore by another user."""

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    patch = pytest.MonkeyPatch()
    patch.setattr("generations.storage.os.utime", refuse)
    yield patch
    patch.undo()


def mended(row: Generation, broken: pytest.MonkeyPatch) -> Generation:
    broken.undo()
    row.refresh_from_db()
    return row


def test_the_pump_writes_all_other_answers(cast: Cast, row: Generation, broken: pytest.MonkeyPatch) -> None:
    make_waiting(cast.ada)
    [one] = claim(credentials=list(Credential.objects.filter(team=cast.team)), slots=16)
    taken = Submitted(one.generation, one.attempt, one.token, Accepted(task_id="t1"))
    failed = Looked(row.pk, Failed(fault=Fault.VENDOR))
    assert verdicts.apply([failed, taken]) == []

    assert Generation.objects.get(pk=one.generation).state == State.RUNNING
    row.refresh_from_db()
    assert (row.state, row.next_at > clock.now()) == (State.RUNNING, True)
    mended(row, broken)
    verdicts.apply([failed])
    row.refresh_from_db()
    assert (row.state, row.missing, row.images.count()) == (State.SUCCEEDED, 1, 1)
    assert auditing.examine_rows().is_clean


def test_a_sweep_goes_on_and_loses_nothing(
    cast: Cast, row: Generation, broken: pytest.MonkeyPatch, pass_time: Callable[[float], None]
) -> None:
    other = hand_over(make_waiting(cast.ada))
    late = row.deadline_at
    Generation.objects.filter(pk__in=[row.pk, other.pk]).update(deadline_at=late, next_at=late.replace(year=9999))
    pass_time(946)
    assert sweeping.sweep()["troubled"] == 1

    other.refresh_from_db()
    row.refresh_from_db()
    assert (other.state, row.state) == (State.LAPSED, State.RUNNING)
    mended(row, broken)
    sweeping.sweep()
    row.refresh_from_db()
    assert (row.state, row.images.count()) == (State.SUCCEEDED, 1)


def test_a_job_that_cannot_look_uses_up_no_start(row: Generation, broken: pytest.MonkeyPatch) -> None:
    row.move(State.FETCHING, actor="test", result_urls=["demo:a", "demo:b"], next_at=clock.now())
    collecting.collect(generation=str(row.pk))

    row.refresh_from_db()
    assert (row.state, row.starts, row.fetches, row.lease_token) == (State.FETCHING, 0, 0, "")
    assert row.next_at > clock.now()


@pytest.mark.parametrize(("cost", "kept"), [("0", "4"), ("2", "2")])
def test_what_ends_with_what_is_here_has_one_cost(row: Generation, cost: str, kept: str) -> None:
    """I18: an end that costs nothing does not undo what the pictures took; any other cost is the newest word."""
    verdicts.apply([Looked(row.pk, Ready(urls=("demo:a", "demo:b"), cost=Decimal(4)))])
    row.refresh_from_db()
    row.move(State.RUNNING, actor="test", result_urls=[])
    verdicts.apply([Looked(row.pk, Failed(fault=Fault.VENDOR, cost=Decimal(cost)))])

    row.refresh_from_db()
    assert (row.state, row.vendor_cost, row.attempts.get().vendor_cost) == (
        State.SUCCEEDED, Decimal(kept), Decimal(kept),
    )  # fmt: skip
    assert auditing.examine_rows().is_clean


def test_a_first_look_after_a_standstill_that_says_working_gives_it_a_while(
    cast: Cast, pass_time: Callable[[float], None]
) -> None:
    row = hand_over(make_waiting(cast.ben))
    pass_time(4000)
    verdicts.apply([Looked(row.pk, Working())])
    row.refresh_from_db()
    assert row.state == State.RUNNING
    assert 290 <= (row.deadline_at - clock.now()).total_seconds() <= 300

    pass_time(301)
    verdicts.apply([Looked(row.pk, Working())])
    row.refresh_from_db()
    assert row.state == State.LAPSED


def test_answers_that_end_several_lock_their_accounts_in_one_order(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [hand_over(make_waiting(member)) for member in (cast.ben, cast.ada, cast.ben)]
    with django_assert_max_num_queries(500) as statements:
        verdicts.apply([Looked(row.pk, Failed(fault=Fault.VENDOR)) for row in rows])
    first = next(one["sql"] for one in statements if 'FROM "generations_creditaccount"' in one["sql"])

    assert "ORDER BY" in first  # all of them, before any is written to
    assert "credithold" in first
    assert {Generation.objects.get(pk=row.pk).state for row in rows} == {State.FAILED}
    assert auditing.examine_rows().is_clean
