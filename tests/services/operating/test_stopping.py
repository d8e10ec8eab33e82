"""An operator ends a wait: credits go back once, what comes later is free, and of two at once one does it."""

from collections.abc import Callable

import pytest

from generations import ledger
from generations.models import AuditEntry, CreditEntry, Generation, Person, State
from generations.models.generation.states import FETCH_LEASE
from generations.providers.base import Ready
from generations.services import collecting, operating
from generations.services.auditing import audit
from generations.services.pumping import verdicts
from generations.services.pumping.claims import claim
from generations.services.pumping.talk import Looked
from generations.services.sweeping import sweep
from tests.conftest import Cast
from tests.desk import person_of
from tests.engines import Engine
from tests.making import fail_one, finish_one, hand_over, make_waiting


def deliver(row: Generation) -> None:
    """The vendor is done."""
    verdicts.apply([Looked(row.pk, Ready(urls=(f"demo:{row.vendor_task_id}",)))])
    row.refresh_from_db()


def ends(row: Generation) -> list[str]:
    """The lines of the ledger that ended its hold."""
    lines = CreditEntry.objects.filter(hold__generation=row).exclude(kind="hold").order_by("pk")
    return list(lines.values_list("kind", flat=True))


class TestStopping:
    def test_what_nobody_has_begun_cancels_it(self, cast: Cast, operator: Person) -> None:
        before = ledger.account_of(cast.ben).available
        row = make_waiting(cast.ben)

        assert operating.stop(generation=row, by=operator) == State.CANCELED
        assert (ends(row), ledger.account_of(cast.ben).available) == (["release"], before)
        event = row.events.order_by("-seq")[0]
        assert (event.to_state, event.actor, event.reason) == ("canceled", f"person:{operator.pk}", "stopped")
        line = AuditEntry.objects.get(action="generation_stopped")
        assert (line.target, line.person, line.team) == (f"generation:{row.pk}", operator, cast.team)
        assert (line.before, line.after) == ({"state": "queued"}, {"state": "canceled", "credits_back": row.price})
        assert audit() == []

    def test_what_is_at_the_vendor_releases_and_brings_a_late_picture_free(self, cast: Cast, operator: Person) -> None:
        before = ledger.account_of(cast.ben).available
        row = hand_over(make_waiting(cast.ben))

        assert operating.stop(generation=row, by=operator) == State.LAPSED
        assert ledger.account_of(cast.ben).available == before
        deliver(row)
        collecting.collect(generation=str(row.pk))
        row.refresh_from_db()
        assert (row.state, row.images.count(), ends(row)) == ("recovered", 1, ["release"])
        assert ledger.account_of(cast.ben).available == before
        assert audit() == []

    def test_what_is_done_and_not_saved_gives_it_up(self, cast: Cast, operator: Person) -> None:
        row = hand_over(make_waiting(cast.ben))
        deliver(row)

        assert operating.stop(generation=row, by=operator) == State.FAILED
        collecting.collect(generation=str(row.pk))
        row.refresh_from_db()
        assert (row.state, row.reason, row.images.count(), ends(row)) == ("failed", "stopped", 0, ["release"])
        assert audit() == []

    def test_what_is_in_doubt_releases(self, cast: Cast, operator: Person, pass_time: Callable[[float], None]) -> None:
        row = make_waiting(cast.ben)
        claim(credentials=list(cast.team.credentials.all()), slots=16)
        pass_time(61)
        sweep()
        row.refresh_from_db()
        assert row.state == State.IN_DOUBT

        assert operating.stop(generation=row, by=operator) == State.LAPSED
        assert ends(row) == ["release"]


class TestItIsRefused:
    def test_while_it_is_being_sent(self, cast: Cast, operator: Person) -> None:
        row = make_waiting(cast.ben)
        claim(credentials=list(cast.team.credentials.all()), slots=16)
        row.refresh_from_db()
        with pytest.raises(operating.BeingSent):
            operating.stop(generation=row, by=operator)

    def test_while_it_is_being_saved(self, cast: Cast, operator: Person) -> None:
        row = hand_over(make_waiting(cast.ben))
        deliver(row)
        assert row.take(token="a worker", lease=FETCH_LEASE)
        row.refresh_from_db()
        with pytest.raises(operating.BeingFetched):
            operating.stop(generation=row, by=operator)
        assert not AuditEntry.objects.filter(action="generation_stopped").exists()

    def test_when_it_has_ended(self, cast: Cast, operator: Person) -> None:
        for row in (finish_one(cast.ben).generation, fail_one(cast.ben)):
            with pytest.raises(operating.EndedBefore):
                operating.stop(generation=row, by=operator)

    def test_when_it_went_on_meanwhile(self, cast: Cast, operator: Person) -> None:
        row = make_waiting(cast.ben)
        seen = Generation.objects.get(pk=row.pk)
        hand_over(row)
        with pytest.raises(operating.MovedMeanwhile):
            operating.stop(generation=seen, by=operator)
        assert ends(row) == []
        assert not AuditEntry.objects.filter(action="generation_stopped").exists()

    @pytest.mark.parametrize("role", ["moderator", "staff"])
    def test_to_others(self, cast: Cast, role: str) -> None:
        with pytest.raises(operating.NotOperator):
            operating.stop(generation=make_waiting(cast.ben), by=person_of(role))


@pytest.mark.parametrize("race", ["stop_twice", "stop_while_saved", "stop_while_delivered"])
def test_at_the_same_moment_one_end_is_written(engine: Engine, race: str) -> None:
    told = engine.ask("tests.services.operating", race)
    assert told["ends"] == 1, told
    assert told["agrees"], told
    assert told["audit"] == [], told
    if race == "stop_twice":
        assert sorted(told["seen"]) == ["MovedMeanwhile", "lapsed"], told
