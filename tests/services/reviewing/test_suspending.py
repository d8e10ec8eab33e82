"""Who is suspended: what ends, what goes on, who hears of it, and how it is lifted."""

from datetime import timedelta

import pytest

from generations import ledger
from generations.models import (
    Action,
    AuditEntry,
    Credential,
    Generation,
    Image,
    Member,
    Person,
    Reviewer,
    State,
    Suspension,
    clock,
)
from generations.services import ordering, reviewing
from generations.services.auditing import audit
from generations.services.pumping import verdicts
from generations.services.pumping.claims import claim
from generations.services.pumping.talk import GivenBack, Submitted
from tests.making import finish, hand_over, make_waiting
from tests.services.reviewing.bench import Bench, told


def person_of(who: Member | Reviewer) -> Person:
    assert who.person is not None
    return who.person


def suspend(bench: Bench, days: int | None = 3) -> Suspension:
    until = clock.now() + timedelta(days=days) if days is not None else None
    return reviewing.suspend_person(
        person=person_of(bench.cast.ben), by=bench.mona.person, reason="Insulting pictures", until=until
    )


class TestAPerson:
    def test_that_is_suspended_is_told_why_and_until_when(self, bench: Bench) -> None:
        made = suspend(bench)

        [word] = told(bench.cast.ben, "suspended")
        assert word.subject == f"Your account is suspended until {made.until:%-d %B %Y, %H:%M} UTC"
        assert word.words.startswith("Insulting pictures. You can look at everything")
        line = AuditEntry.objects.get(action="person_suspended")
        assert (line.actor, line.target) == (f"person:{bench.mona.person.pk}", f"person:{bench.cast.ben.person_id}")
        assert line.after["reason"] == "Insulting pictures"

    def test_loses_what_waits_and_keeps_what_is_at_the_vendor(self, bench: Bench) -> None:
        running = hand_over(make_waiting(bench.cast.ben))
        before = ledger.account_of(bench.cast.ben).available
        waiting, others = make_waiting(bench.cast.ben), make_waiting(bench.cast.ada)
        suspend(bench)
        for row in (waiting, others):
            row.refresh_from_db()

        assert (waiting.state, others.state) == (State.CANCELED, State.QUEUED)
        assert ledger.account_of(bench.cast.ben).available == before
        assert Image.objects.visible_to(bench.cast.ben).filter(pk=finish(running).pk).exists()
        assert audit() == []

    def test_has_nothing_sent_that_came_back_in_line_or_was_ordered_in_the_same_moment(self, bench: Bench) -> None:
        """By a pump that had no time for it; or committed after the suspension looked for what waits."""
        turned_away = make_waiting(bench.cast.ben)
        before = ledger.account_of(bench.cast.ben).available
        [sent] = claim(credentials=list(Credential.objects.filter(team=bench.cast.team)), slots=1)
        suspend(bench)
        verdicts.apply([Submitted(sent.generation, sent.attempt, sent.token, GivenBack())])
        Suspension.objects.update(until=clock.now())
        late = make_waiting(bench.cast.ben)
        others = make_waiting(bench.cast.ada)
        Suspension.objects.update(until=None)
        Generation.objects.update(next_at=clock.now())
        claims = claim(credentials=list(Credential.objects.filter(team=bench.cast.team)), slots=9)
        for row in (turned_away, late):
            row.refresh_from_db()

        assert [one.generation for one in claims] == [others.pk]
        assert (turned_away.state, late.state) == (State.CANCELED, State.CANCELED)
        assert ledger.account_of(bench.cast.ben).available > before
        assert ledger.account_of(bench.cast.ben).held == 0
        assert audit() == []

    def test_orders_nothing_until_it_is_over_or_lifted(self, bench: Bench) -> None:
        made = suspend(bench)
        with pytest.raises(ordering.OrderRefused, match=r"Insulting pictures.*nothing was charged"):
            make_waiting(bench.cast.ben)
        Suspension.objects.update(until=clock.now())
        assert make_waiting(bench.cast.ben).state == State.QUEUED
        Suspension.objects.update(until=None)
        with pytest.raises(ordering.OrderRefused):
            make_waiting(bench.cast.ben)
        reviewing.lift(suspension=made, by=bench.milo.person)

        assert make_waiting(bench.cast.ben).state == State.QUEUED
        assert told(bench.cast.ben, "suspended")[0].subject == "Your account is no longer suspended"
        assert AuditEntry.objects.filter(action="suspension_lifted").count() == 1

    def test_is_suspended_once_at_a_time(self, bench: Bench) -> None:
        suspend(bench)
        with pytest.raises(reviewing.SuspendedAlready, match="Ben is suspended already"):
            suspend(bench)
        Suspension.objects.update(until=clock.now())
        suspend(bench, days=None)

        assert [one.lifted_at is None for one in Suspension.objects.order_by("pk")] == [False, True]

    @pytest.mark.parametrize("who", ["mona", "milo"])
    def test_of_the_staff_is_not_suspended(self, bench: Bench, who: str) -> None:
        reviewer: Reviewer = getattr(bench, who)
        with pytest.raises(reviewing.NotSuspendable):
            reviewing.suspend_person(person=reviewer.person, by=bench.mona.person, reason="x", until=None)

    def test_is_suspended_by_moderators_and_for_a_reason(self, bench: Bench) -> None:
        ada, ben = person_of(bench.cast.ada), person_of(bench.cast.ben)
        with pytest.raises(reviewing.NotModerator):
            reviewing.suspend_person(person=ben, by=ada, reason="x", until=None)
        with pytest.raises(reviewing.ReasonMissing):
            reviewing.suspend_person(person=ben, by=bench.mona.person, reason=" ", until=None)
        made = suspend(bench)
        with pytest.raises(reviewing.NotModerator):
            reviewing.lift(suspension=made, by=ada)


class TestATeam:
    def test_is_suspended_with_all_its_members(self, bench: Bench) -> None:
        waiting, elsewhere = make_waiting(bench.cast.ada), make_waiting(bench.cast.mallory)
        reviewing.suspend_team(team=bench.cast.team, by=bench.mona.person, reason="Unpaid", until=None)
        for row in (waiting, elsewhere):
            row.refresh_from_db()

        assert (waiting.state, elsewhere.state) == (State.CANCELED, State.QUEUED)
        for member in (bench.cast.ada, bench.cast.vera):
            assert told(member)[0].subject == "The team North is suspended until the studio’s staff lift it"
        with pytest.raises(ordering.OrderRefused, match="The team North"):
            make_waiting(bench.cast.ada)


class TestFromTheQueue:
    def test_the_picture_is_hidden_and_its_maker_suspended(self, bench: Bench) -> None:
        decision = bench.decide(bench.report(), Action.SUSPEND, bench.mona, words="the third time")

        assert decision.suspension is not None
        assert decision.suspension.reason == "Hateful. the third time"
        assert Image.objects.get(pk=bench.picture.pk).hidden_at is not None
        reviewing.reverse(decision=decision, reviewer=bench.milo)
        assert not Suspension.objects.live().exists()
        assert Image.objects.get(pk=bench.picture.pk).hidden_at is None

    def test_nothing_happens_where_the_maker_is_suspended_already(self, bench: Bench) -> None:
        suspend(bench)
        case = bench.report()
        with pytest.raises(reviewing.SuspendedAlready):
            bench.decide(case, Action.SUSPEND, bench.mona)
        case.refresh_from_db()

        assert case.is_open
        assert Image.objects.get(pk=bench.picture.pk).hidden_at is None
