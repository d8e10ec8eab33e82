"""Moves of a generation: only those there are, by whoever is first, each with its event."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from generations.models import MOVES, OPEN, Generation, GenerationEvent, IllegalMove, Reason, State
from tests.conftest import Cast
from tests.making import hand_over, make_waiting


@pytest.fixture
def row(cast: Cast) -> Generation:
    return make_waiting(cast.ben)


@pytest.mark.parametrize("start", State)
def test_every_move_that_is_not_in_the_table_is_refused(start: State) -> None:
    for to in set(State) - {end for begin, end in MOVES if begin == start}:
        with pytest.raises(IllegalMove):
            Generation(state=start).move(to, actor="test")


def test_every_state_can_be_reached_and_every_end_is_an_end() -> None:
    assert {to for _, to in MOVES} == set(State)
    assert {begin for begin, _ in MOVES if begin} == {*OPEN, State.LAPSED}


def test_a_move_writes_its_event(row: Generation) -> None:
    assert row.move(State.CANCELED, actor="member:7", reason="")

    event = row.events.get(seq=2)
    assert (event.from_state, event.to_state, event.actor) == (State.QUEUED, State.CANCELED, "member:7")
    assert row.finished_at is not None


def test_the_second_of_two_movers_changes_nothing(row: Generation) -> None:
    rival = Generation.objects.get(pk=row.pk)
    assert rival.move(State.CANCELED, actor="rival")
    assert not row.move(State.FAILED, actor="late", reason=Reason.VENDOR)

    row.refresh_from_db()
    assert (row.state, row.reason, row.events.count()) == (State.CANCELED, "", 2)


def test_a_move_under_a_lost_lease_changes_nothing(row: Generation, pass_time: Callable[[float], None]) -> None:
    hand_over(row)
    row.move(State.FETCHING, actor="test", result_urls=["demo:x"])
    assert row.take(token="mine", lease=timedelta(seconds=60))
    pass_time(61)

    assert not row.move(State.SUCCEEDED, actor="test", lease="mine")
    assert not row.keep(token="mine", lease=timedelta(seconds=60))


def test_a_row_is_taken_by_one_at_a_time(row: Generation) -> None:
    hand_over(row)
    row.move(State.FETCHING, actor="test", result_urls=["demo:x"])
    rival = Generation.objects.get(pk=row.pk)

    assert row.take(token="mine", lease=timedelta(seconds=60))
    assert not rival.take(token="theirs", lease=timedelta(seconds=60))
    assert row.put_back(token="mine", next_at=row.next_at)
    assert rival.take(token="theirs", lease=timedelta(seconds=60))


def test_an_event_is_written_once_and_kept(row: Generation) -> None:
    event = row.events.get()
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "sleeping"},
        {"operation": "sing"},
        {"state": State.FAILED},  # an end without its moment
        {"finished_at": "2026-01-01T00:00Z"},  # a moment without an end
    ],
)
def test_the_database_refuses_rows_that_cannot_be(row: Generation, wrong: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Generation.objects.filter(pk=row.pk).update(**wrong)


def test_the_database_refuses_one_vendor_task_twice(cast: Cast, row: Generation) -> None:
    other = make_waiting(cast.ada)
    Generation.objects.filter(pk=row.pk).update(vendor_task_id="t1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Generation.objects.filter(pk=other.pk).update(vendor_task_id="t1")


def test_ids_sort_by_age(cast: Cast) -> None:
    made = [make_waiting(cast.ben).pk for _ in range(5)]

    assert made == sorted(made)
    assert all(one.version == 7 for one in made)


def test_the_trail_is_numbered_without_gaps(row: Generation) -> None:
    hand_over(row)
    assert list(GenerationEvent.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3]
