"""Decisions: by who may, once, with a reason, told to everybody concerned, and undone from the log."""

import pytest
from django.urls import reverse

from generations import ledger
from generations.models import Action, AuditEntry, CaseState, Image, Level, Notice, ReviewDecision
from generations.models.written_once import Unchangeable
from generations.services import reviewing
from generations.services.auditing import audit
from tests.conftest import Cast
from tests.engines import Engine
from tests.making import finish_one
from tests.services.reviewing.bench import Bench, moderator, told


class TestHiding:
    def test_answers_reporters_and_tells_the_maker_what_why_and_whom_to_ask(self, bench: Bench) -> None:
        case = bench.report()
        bench.decide(case, Action.HIDE, words="a banned emblem")

        [answer] = told(bench.cast.vera)
        assert answer.subject == "The picture you reported was hidden"
        assert case.reports.unanswered().count() == 0
        [word] = told(bench.cast.ben, "picture_hidden")
        for said in ("“a lamp on a table”", "Why: hateful.", "“a banned emblem”", "do not come back", "ask Ada"):
            assert said in word.words
        assert "Vera" not in word.words
        assert word.path == reverse("generation", args=[bench.picture.generation_id])

    def test_writes_case_log_and_audit_log_and_leaves_credits_alone(self, bench: Bench) -> None:
        before, case = ledger.account_of(bench.cast.ben).posted, bench.report()
        decision = bench.hide(case)
        case.refresh_from_db()

        assert (case.state, case.version, case.reason) == (CaseState.HIDDEN, 2, "hateful")
        assert (decision.by, decision.role, decision.reason) == (bench.ada.person, Level.TEAM, "hateful")
        line = AuditEntry.objects.get(action="picture_hidden")
        assert (line.person, line.target) == (bench.ada.person, f"image:{bench.picture.pk}")
        assert line.after == {"case": case.pk, "reason": "hateful", "words": ""}
        assert ledger.account_of(bench.cast.ben).posted == before
        assert audit() == []

    @pytest.mark.parametrize("reason", ["", "fine", "boring"])
    def test_needs_a_reason(self, bench: Bench, reason: str) -> None:
        case = bench.report()
        with pytest.raises(reviewing.ReasonMissing):
            bench.hide(case, reason=reason)

        assert not ReviewDecision.objects.exists()

    def test_by_a_moderator_is_written_down_in_the_team(self, bench: Bench) -> None:
        bench.hide(bench.report(), bench.mona)

        line = AuditEntry.objects.get(action="picture_hidden")
        assert (line.actor, line.team) == (f"person:{bench.mona.person.pk}", bench.cast.team)
        assert "ask the studio’s staff" in told(bench.cast.ben, "picture_hidden")[0].words


class TestTwoReviewers:
    def test_never_decide_the_same_unaware(self, bench: Bench) -> None:
        """Both have the page open; the second hears who was first, and nothing of theirs happens."""
        case = bench.report()
        seen = case.version
        reviewing.decide(case=case, reviewer=bench.ada, action=Action.KEEP, reason="fine", version=seen)
        with pytest.raises(reviewing.DecidedMeanwhile, match="Ada decided this meanwhile"):
            reviewing.decide(case=case, reviewer=bench.mona, action=Action.HIDE, reason="hateful", version=seen)

        assert Image.objects.get(pk=bench.picture.pk).hidden_at is None
        assert told(bench.cast.ben) == []

    def test_are_told_that_the_case_went_on(self, bench: Bench) -> None:
        """Escalated meanwhile, it still waits: what was seen of it is out of date all the same."""
        case = bench.report()
        seen = case.version
        bench.decide(case, Action.ESCALATE, reason="other")
        with pytest.raises(reviewing.DecidedMeanwhile):
            reviewing.decide(case=case, reviewer=bench.mona, action=Action.HIDE, reason="hateful", version=seen)


def test_two_reviewers_at_once_decide_once(engine: Engine) -> None:
    told = engine.ask("tests.services.reviewing", "decide_together")

    assert told == {"seen": ["DecidedMeanwhile", "done"], "agrees": True}


class TestKeeping:
    def test_answers_the_reporter_and_bothers_nobody_else(self, bench: Bench) -> None:
        bench.decide(bench.report(), Action.KEEP, reason="fine")

        assert [one.subject for one in told(bench.cast.vera)] == ["The picture you reported stays"]
        assert told(bench.cast.ben) == []


class TestEscalating:
    def test_hands_the_case_to_the_studio_alone(self, bench: Bench) -> None:
        case = bench.report()
        bench.decide(case, Action.ESCALATE, reason="real_person")
        case.refresh_from_db()

        assert (case.state, case.level) == (CaseState.OPEN, Level.STAFF)
        assert Notice.objects.filter(person=bench.mona.person, kind="picture_reported").exists()
        with pytest.raises(reviewing.NotTheirs):
            bench.hide(case)
        with pytest.raises(reviewing.NotTheirs, match="already"):
            bench.decide(case, Action.ESCALATE, bench.mona)
        assert bench.hide(case, bench.mona).role == Level.STAFF


class TestWhoDecides:
    def test_is_nobody_about_their_own_picture(self, cast: Cast) -> None:
        mona = moderator("Mona")
        case = reviewing.report(member=cast.ben, image=finish_one(cast.ada), reason="other")
        case.generation.member.person = mona.person
        case.generation.member.save()
        with pytest.raises(reviewing.NotTheirs):
            reviewing.decide(case=case, reviewer=mona, action=Action.KEEP, reason="fine", version=1)

    def test_is_no_team_when_somebody_is_to_be_suspended(self, bench: Bench) -> None:
        with pytest.raises(reviewing.NotTheirs, match="Only moderators of the studio"):
            bench.decide(bench.report(), Action.SUSPEND)


class TestReversing:
    def test_of_a_hidden_picture_brings_it_back_and_tells_all(self, bench: Bench) -> None:
        case = bench.report()
        decision = bench.hide(case)
        undone = reviewing.reverse(decision=decision, reviewer=bench.otto, words="it is a sun")

        assert (undone.action, undone.reverses, undone.words) == (Action.RESTORE, decision, "it is a sun")
        assert Image.objects.visible_to(bench.cast.vera).filter(pk=bench.picture.pk).exists()
        assert told(bench.cast.ben)[0].subject == "A picture of yours is shown again"
        assert told(bench.cast.vera)[0].subject == "A picture you reported is shown again"
        assert AuditEntry.objects.filter(action="picture_restored").exists()

    def test_of_a_kept_picture_hides_it_for_what_it_was_reported_for(self, bench: Bench) -> None:
        decision = bench.decide(bench.report(reason="violent"), Action.KEEP, reason="fine")
        undone = reviewing.reverse(decision=decision, reviewer=bench.ada)

        assert (undone.action, undone.reason) == (Action.HIDE, "violent")
        assert not Image.objects.visible_to(bench.cast.vera).exists()

    def test_is_for_the_latest_decision_once(self, bench: Bench) -> None:
        case = bench.report()
        first = bench.hide(case)
        second = reviewing.reverse(decision=first, reviewer=bench.ada)
        with pytest.raises(reviewing.NothingToReverse):
            reviewing.reverse(decision=first, reviewer=bench.ada)

        assert [reviewing.may_reverse(decision=one, reviewer=bench.ada) for one in (first, second)] == [False, True]
        assert reviewing.reverse(decision=second, reviewer=bench.ada).reason == "hateful"

    def test_of_what_the_studio_decided_is_not_a_teams(self, bench: Bench) -> None:
        decision = bench.hide(bench.report(), bench.mona)
        with pytest.raises(reviewing.NotTheirs, match="Only they can reverse it"):
            reviewing.reverse(decision=decision, reviewer=bench.ada)

        assert not reviewing.may_reverse(decision=decision, reviewer=bench.ada)
        assert reviewing.may_reverse(decision=decision, reviewer=bench.milo)

    def test_changes_no_line_of_the_log(self, bench: Bench) -> None:
        decision = bench.hide(bench.report())
        with pytest.raises(Unchangeable):
            decision.save()
        with pytest.raises(Unchangeable):
            decision.delete()
        with pytest.raises(Unchangeable):
            ReviewDecision.objects.update(words="")
