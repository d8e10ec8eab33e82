"""What was blocked is appealed once, by whom it was blocked for, and a reviewer answers once."""

import pytest

from generations.models import AppealState, AuditEntry, Reviewer, RuleAppeal, RuleHit
from generations.services import ordering, prompting
from generations.services.prompting import appealing
from tests.cases import make_moderator, reviewer_of
from tests.conftest import Cast
from tests.prompts import block, make_rule, order
from tests.services.reviewing.bench import told

PROMPT = "an emblem on a door"


@pytest.fixture
def hit(cast: Cast) -> RuleHit:
    make_rule(cast.ada)
    return block(cast.ben, PROMPT)


def appeal(cast: Cast, hit: RuleHit) -> RuleAppeal:
    return prompting.appeal(hit=hit, member=cast.ben, words="It is our own.")


def answer(cast: Cast, made: RuleAppeal, *, overturns: bool, words: str = "") -> RuleAppeal:
    return prompting.answer(appeal=made, reviewer=reviewer_of(cast.ada), overturns=overturns, words=words)


class TestAppealing:
    def test_reaches_the_reviewers_without_the_prompt_and_is_written_down(self, cast: Cast, hit: RuleHit) -> None:
        made = appeal(cast, hit)

        assert (made.state, made.level, made.said) == (AppealState.WAITING, "team", "It is our own.")
        [notice] = told(cast.ada, "prompt_review")
        assert PROMPT not in notice.words
        entry = AuditEntry.objects.get(action="prompt_appealed")
        assert (entry.person, PROMPT in str(entry.after)) == (cast.ben.person, False)

    def test_is_done_once(self, cast: Cast, hit: RuleHit) -> None:
        appeal(cast, hit)
        with pytest.raises(prompting.AppealedAlready):
            appeal(cast, hit)
        assert RuleAppeal.objects.count() == 1

    def test_needs_words_and_ones_own_block(self, cast: Cast, hit: RuleHit) -> None:
        with pytest.raises(prompting.WordsMissing):
            prompting.appeal(hit=hit, member=cast.ben, words=" ")
        with pytest.raises(prompting.NotTheirs):
            prompting.appeal(hit=hit, member=cast.vera, words="Why not?")
        make_rule(cast.ada, "warn", words="lamp")
        with pytest.raises(ordering.PromptWarned) as refused:
            order(cast.ben, "a lamp")
        order(cast.ben, "a lamp", agreed=refused.value.agreement)
        with pytest.raises(prompting.NotAppealable):
            prompting.appeal(hit=RuleHit.objects.get(action="warn"), member=cast.ben, words="Why not?")

    def test_has_an_end_while_they_wait(self, cast: Cast, hit: RuleHit, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(appealing, "WAITING_MAX", 1)
        made = appeal(cast, hit)
        other = block(cast.ben, f"{PROMPT} at night")
        with pytest.raises(prompting.TooManyAppeals, match="was not sent"):
            appeal(cast, other)
        assert RuleAppeal.objects.count() == AuditEntry.objects.filter(action="prompt_appealed").count() == 1
        with pytest.raises(prompting.AppealedAlready):
            appeal(cast, hit)
        answer(cast, made, overturns=True)
        assert appeal(cast, other).is_waiting


class TestAnAnswer:
    def test_overturned_lets_this_very_prompt_of_this_member_pass(self, cast: Cast, hit: RuleHit) -> None:
        answer(cast, appeal(cast, hit), overturns=True, words="You are right")

        assert order(cast.ben, PROMPT).generations.count() == 2
        for member, prompt in ((cast.ada, PROMPT), (cast.ben, "another emblem")):
            with pytest.raises(ordering.PromptBlocked):
                order(member, prompt)
        [notice] = told(cast.ben, "prompt_decided")
        assert ("granted" in notice.subject, "You are right" in notice.words) == (True, True)
        assert "passes the rule “No emblem” from now on; another rule may still stop it" in notice.words
        assert AuditEntry.objects.get(action="appeal_overturned").person == cast.ada.person

    def test_overturned_passes_no_other_rule(self, cast: Cast, hit: RuleHit) -> None:
        answer(cast, appeal(cast, hit), overturns=True)
        make_rule(make_moderator(), name="Everybody’s")
        with pytest.raises(ordering.PromptBlocked, match="Everybody’s"):
            order(cast.ben, PROMPT)

    def test_upheld_leaves_it_blocked_and_says_why(self, cast: Cast, hit: RuleHit) -> None:
        made = appeal(cast, hit)
        with pytest.raises(prompting.WordsMissing):
            answer(cast, made, overturns=False)
        answer(cast, made, overturns=False, words="It is not ours")

        with pytest.raises(ordering.PromptBlocked):
            order(cast.ben, PROMPT)
        assert "Why: It is not ours." in told(cast.ben, "prompt_decided")[0].words
        assert AuditEntry.objects.filter(action="appeal_upheld").exists()

    def test_is_given_once_by_who_may(self, cast: Cast, hit: RuleHit) -> None:
        made = appeal(cast, hit)
        with pytest.raises(prompting.NotTheirs):
            prompting.answer(appeal=made, reviewer=reviewer_of(cast.mallory), overturns=True)
        answer(cast, made, overturns=True)
        with pytest.raises(prompting.DecidedAlready, match="Ada"):
            prompting.answer(appeal=made, reviewer=Reviewer(person=make_moderator()), overturns=False, words="No.")
        made.refresh_from_db()
        assert made.state == AppealState.OVERTURNED
