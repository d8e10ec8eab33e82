"""An order that waits is let through, refused or taken back: once, and it is ordered once at most."""

import pytest

from generations import ledger
from generations.models import (
    AuditEntry,
    Batch,
    Generation,
    HeldOrder,
    HeldState,
    Member,
    PromptRule,
    Reviewer,
    Role,
    RuleHit,
    clock,
)
from generations.services import ordering, prompting, reviewing, teams
from generations.services.auditing import audit
from generations.services.prompting import Author
from tests.cases import make_moderator, reviewer_of
from tests.conftest import Cast, join
from tests.engines import Engine, engine, template
from tests.making import set_price
from tests.prompts import facts_of, hold, make_rule, order
from tests.services.reviewing.bench import told

__all__ = ["engine", "template"]

PROMPT = "an emblem on a door"


@pytest.fixture
def held(cast: Cast) -> HeldOrder:
    """Of Ben's: two pictures."""
    make_rule(cast.ada, "hold")
    return hold(cast.ben, PROMPT, private=True)


def through(held: HeldOrder, member: Member, words: str = "") -> HeldOrder:
    return prompting.let_through(held=held, reviewer=reviewer_of(member), words=words)


class TestLettingThrough:
    def test_orders_it_for_its_member_and_tells_them(self, cast: Cast, held: HeldOrder) -> None:
        done = through(held, cast.ada, "Fine by me")

        rows = list(Generation.objects.all())
        assert [(row.member, row.prompt, row.price, row.is_private) for row in rows] == [
            (cast.ben, PROMPT, 5, True)
        ] * 2
        assert ledger.account_of(cast.ben).held == 10
        assert (done.state, done.batch, done.decided_by) == (HeldState.PASSED, Batch.objects.get(), cast.ada.person)
        [notice] = told(cast.ben, "prompt_decided")
        assert ("let through" in notice.subject, "Fine by me" in notice.words) == (True, True)
        entry = AuditEntry.objects.get(action="held_order_passed")
        assert (entry.person, entry.target, PROMPT in str(entry.after)) == (
            cast.ada.person,
            f"held_order:{held.pk}",
            False,
        )
        assert audit() == []

    def test_twice_orders_once(self, cast: Cast, held: HeldOrder) -> None:
        through(held, cast.ada)
        with pytest.raises(prompting.DecidedAlready, match="Ada decided this meanwhile"):
            through(held, cast.ada)
        assert Batch.objects.count() == 1

    def test_takes_no_more_than_was_seen(self, cast: Cast, held: HeldOrder) -> None:
        set_price("demo", "painter", 9)
        done = through(held, cast.ada)

        assert "went from 5 to 9 credits" in done.trouble
        assert "could not be placed" in told(cast.ben, "prompt_decided")[0].subject
        assert not Generation.objects.exists()

    def test_takes_less_where_it_costs_less(self, cast: Cast, held: HeldOrder) -> None:
        set_price("demo", "painter", 2)
        through(held, cast.ada)
        assert {row.price for row in Generation.objects.all()} == {2}

    def test_stays_decided_where_credits_are_gone(self, cast: Cast, held: HeldOrder) -> None:
        account = ledger.account_of(cast.ben)
        pool = ledger.pool_of(cast.team)
        ledger.transfer(source=account, target=pool, amount=495, reason="gone", key="gone", actor="test")
        done = through(held, cast.ada)

        assert (done.state, done.batch, bool(done.trouble)) == (HeldState.PASSED, None, True)
        assert ledger.account_of(cast.ben).held == 0
        assert audit() == []

    def test_orders_nothing_for_who_is_suspended(self, cast: Cast, held: HeldOrder) -> None:
        assert cast.ben.person is not None
        reviewing.suspend_person(person=cast.ben.person, by=make_moderator(), reason="Too much", until=None)
        assert "suspended" in through(held, cast.ada).trouble
        assert not Generation.objects.exists()

    def test_does_not_pass_what_is_blocked_by_now(self, cast: Cast, held: HeldOrder) -> None:
        make_rule(cast.ada, "block", name="Not even so")
        assert "Not even so" in through(held, cast.ada).trouble
        assert (RuleHit.objects.filter(action="block").count(), Generation.objects.count()) == (1, 0)

    def test_does_not_pass_a_rule_that_became_stricter(self, cast: Cast, held: HeldOrder) -> None:
        stricter = facts_of("block", message="Not any more.")
        prompting.change(PromptRule.objects.get(), by=Author.of_member(cast.ada), facts=stricter)
        done = through(held, cast.ada)

        assert (done.state, done.batch, "Not any more." in done.trouble) == (HeldState.PASSED, None, True)
        assert not Generation.objects.exists()
        [notice] = told(cast.ben, "prompt_decided")
        assert "could not be placed" in notice.subject
        assert ("A rule blocks this prompt." in notice.words, "Order it again" in notice.words) == (True, False)
        with pytest.raises(ordering.PromptBlocked):
            order(cast.ben, PROMPT)

    def test_passes_a_rule_that_was_changed_and_is_no_stricter(self, cast: Cast, held: HeldOrder) -> None:
        other = facts_of("hold", message="Read anew.")
        prompting.change(PromptRule.objects.get(), by=Author.of_member(cast.ada), facts=other)
        through(held, cast.ada)
        assert order(cast.ben, PROMPT).generations.count() == 2

    def test_that_could_not_be_placed_promises_no_more_than_this_rule(self, cast: Cast, held: HeldOrder) -> None:
        set_price("demo", "painter", 9)
        through(held, cast.ada)
        said = "It passes the rule “No emblem” from now on; another rule may still stop it."
        assert said in told(cast.ben, "prompt_decided")[0].words

    def test_lets_the_same_prompt_of_that_member_pass_from_then_on(self, cast: Cast, held: HeldOrder) -> None:
        through(held, cast.ada)
        assert order(cast.ben, PROMPT).generations.count() == 2
        with pytest.raises(ordering.PromptHeld):
            order(cast.ada, PROMPT)
        with pytest.raises(ordering.PromptHeld):
            order(cast.ben, f"{PROMPT} at night")

    def test_the_form_sent_again_brings_what_was_ordered(self, cast: Cast) -> None:
        make_rule(cast.ada, "hold")
        held = hold(cast.ben, PROMPT, request_key="k")
        batch = through(held, cast.ada).batch
        assert order(cast.ben, PROMPT, request_key="k") == batch


class TestRefusing:
    def test_tells_why_and_orders_nothing(self, cast: Cast, held: HeldOrder) -> None:
        prompting.refuse(held=held, reviewer=reviewer_of(cast.ada), words="Not ours")

        [notice] = told(cast.ben, "prompt_decided")
        assert "Why: Not ours. Nothing was ordered, and nothing was charged." in notice.words
        assert AuditEntry.objects.filter(action="held_order_refused").exists()
        assert not Generation.objects.exists()
        with pytest.raises(ordering.PromptHeld):
            order(cast.ben, PROMPT)

    def test_needs_a_reason(self, cast: Cast, held: HeldOrder) -> None:
        with pytest.raises(prompting.WordsMissing):
            prompting.refuse(held=held, reviewer=reviewer_of(cast.ada), words="  ")
        held.refresh_from_db()
        assert held.is_waiting


class TestWhoDecides:
    def test_is_nobody_their_own(self, cast: Cast) -> None:
        otto = join(cast.team, "Otto", Role.ADMIN)
        make_rule(cast.ada, "hold")
        own = hold(otto, PROMPT)
        with pytest.raises(prompting.NotTheirs):
            through(own, otto)
        assert through(own, cast.ada).batch is not None

    def test_is_no_other_team(self, cast: Cast, held: HeldOrder) -> None:
        with pytest.raises(prompting.NotTheirs):
            through(held, cast.mallory)

    def test_is_the_studio_for_its_own_rules(self, cast: Cast) -> None:
        moderator = make_moderator()
        make_rule(moderator, "hold")
        held = hold(cast.ben, PROMPT)
        with pytest.raises(prompting.NotTheirs):
            through(held, cast.ada)
        done = prompting.let_through(held=held, reviewer=Reviewer(person=moderator))
        assert done.batch is not None
        assert AuditEntry.objects.get(action="held_order_passed").team == cast.team


class TestTakingBack:
    def test_is_for_its_member_while_it_waits(self, cast: Cast, held: HeldOrder) -> None:
        with pytest.raises(prompting.NotTheirs):
            prompting.withdraw(held=held, member=cast.ada)
        prompting.withdraw(held=held, member=cast.ben)

        assert held.state == HeldState.WITHDRAWN
        with pytest.raises(prompting.DecidedAlready):
            prompting.withdraw(held=held, member=cast.ben)
        with pytest.raises(prompting.DecidedAlready, match="taken back"):
            through(held, cast.ada)

    def test_happens_by_itself_when_they_leave(self, cast: Cast, held: HeldOrder) -> None:
        teams.leave(member=cast.ben, heir=None)
        held.refresh_from_db()
        assert held.state == HeldState.WITHDRAWN

    def test_happens_later_where_it_was_sent_at_that_very_moment(self, cast: Cast, held: HeldOrder) -> None:
        Member.objects.filter(pk=cast.ben.pk).update(left_at=clock.now())
        teams.stop_work()
        held.refresh_from_db()
        assert held.state == HeldState.WITHDRAWN


@pytest.mark.parametrize(
    ("race", "ordered"), [("pass_together", {1}), ("pass_and_refuse", {0, 1}), ("pass_and_take_back", {0, 1})]
)
def test_of_two_at_once_one_decides(engine: Engine, race: str, ordered: set[int]) -> None:
    said = engine.ask("tests.services.prompting", race)

    assert said["seen"] == ["DecidedAlready", "done"]
    assert said["ordered"] in ordered
    assert (said["agrees"], said["audit"]) == (True, 0)


def test_who_leaves_and_who_reviews_do_not_stand_in_each_others_way(engine: Engine) -> None:
    said = engine.ask("tests.services.prompting", "pass_and_leave")

    assert said["left"] == "done"
    assert said["passed"] in {"done", "DecidedAlready", "NotTheirs"}
    assert (said["waiting"], said["in line"], said["audit"]) == (0, 0, 0)


def test_the_same_blocked_prompt_at_once_is_one_hit(engine: Engine) -> None:
    said = engine.ask("tests.services.prompting", "block_together")
    assert said == {"seen": ["PromptBlocked"] * 3, "hits": 1, "times": 3}


def test_the_same_form_at_once_is_held_once(engine: Engine) -> None:
    said = engine.ask("tests.services.prompting", "hold_together")
    assert said == {"seen": ["PromptHeld"] * 3, "held": 1}


def test_an_appeal_is_made_once_by_two_at_once(engine: Engine) -> None:
    said = engine.ask("tests.services.prompting", "appeal_together")
    assert said == {"seen": ["AppealedAlready", "done"], "appeals": 1}


def test_of_two_appeals_at_once_no_more_wait_than_may(engine: Engine) -> None:
    said = engine.ask("tests.services.prompting", "appeal_too_often")
    assert said == {"seen": ["TooManyAppeals", "done"], "appeals": 0}
