"""Rules are asked before anything of an order is written: nothing is charged, and the strictest decides."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations import ledger, providers
from generations.models import AuditEntry, Batch, CreditHold, Generation, HeldOrder, Level, Notice, Person, RuleHit
from generations.providers.base import Fault
from generations.queries.prompt_pages import waiting_prompts
from generations.queries.prompt_rules import rules_finding
from generations.services import ordering, prompting
from generations.services.ordering import screening
from generations.services.prompting import Author
from tests.cases import make_moderator, reviewer_of
from tests.conftest import Cast
from tests.making import fail_one, finish_one
from tests.prompts import block, facts_of, hold, make_rule, order
from tests.services.reviewing.bench import told

PROMPT = "an emblem on a door"


def nothing_was_taken() -> bool:
    return not (Batch.objects.exists() or Generation.objects.exists() or CreditHold.objects.exists())


class TestBlocking:
    def test_names_the_rule_charges_nothing_and_is_written_down(self, cast: Cast) -> None:
        rule = make_rule(cast.ada)
        with pytest.raises(ordering.PromptBlocked) as refused:
            order(cast.ben, PROMPT)

        for words in ("“No emblem”: Our clients own them.", "nothing was charged", "appeal"):
            assert words in str(refused.value)
        hit = RuleHit.objects.get()
        assert (hit.rule, hit.member, hit.team, hit.action) == (rule, cast.ben, cast.team, "block")
        assert (hit.prompt, hit.rule_name, hit.message, hit.times) == (PROMPT, rule.name, rule.message, 1)
        assert nothing_was_taken()

    def test_of_the_same_prompt_again_is_the_same_hit(self, cast: Cast) -> None:
        make_rule(cast.ada)
        hits = [block(cast.ben, PROMPT) for _ in range(3)]

        assert {hit.pk for hit in hits} == {hits[0].pk}
        assert hits[-1].times == 3

    def test_keeps_what_the_rule_was_called_then(self, cast: Cast) -> None:
        rule = make_rule(cast.ada)
        hit = block(cast.ben, PROMPT)
        prompting.change(rule, by=Author.of_member(cast.ada), facts=facts_of(name="Other", message="Else."))
        again = block(cast.ben, PROMPT)
        prompting.remove(rule, by=Author.of_member(cast.ada))

        hit.refresh_from_db()
        assert (hit.rule, hit.rule_name, hit.message) == (None, "No emblem", "Our clients own them.")
        assert (again.pk != hit.pk, again.rule_name) == (True, "Other")

    def test_so_often_in_a_minute_is_too_fast(self, cast: Cast) -> None:
        make_rule(cast.ada)
        for number in range(ordering.ORDERS_PER_MINUTE_MAX):
            block(cast.ben, f"{PROMPT} {number}")
        with pytest.raises(ordering.TooFast):
            order(cast.ben, "emblem")

    def test_reaches_every_team_from_the_installation_and_no_other_from_a_team(self, cast: Cast) -> None:
        make_rule(cast.ada, words="lantern")
        make_rule(make_moderator(), words="emblem")
        assert order(cast.mallory, "a lantern").generations.count() == 2
        assert block(cast.mallory, PROMPT).is_for_everybody

    def test_that_is_off_finds_nothing(self, cast: Cast) -> None:
        make_rule(cast.ada, is_on=False)
        assert order(cast.ben, PROMPT).generations.count() == 2

    def test_comes_after_what_an_order_lacks_anyway(self, cast: Cast) -> None:
        make_rule(cast.ada)
        with pytest.raises(ordering.MayNotCreate):
            order(cast.vera, PROMPT)
        assert not RuleHit.objects.exists()


class TestTheStrictest:
    @pytest.mark.parametrize(
        ("actions", "outcome"),
        [
            (("warn", "hold", "block"), ordering.PromptBlocked),
            (("warn", "hold", "hold"), ordering.PromptHeld),
            (("warn", "warn", "warn"), ordering.PromptWarned),
        ],
    )
    def test_decides(self, cast: Cast, actions: tuple[str, ...], outcome: type[Exception]) -> None:
        for number, action in enumerate(actions):
            make_rule(cast.ada, action, name=f"Rule {number}")
        with pytest.raises(outcome):
            order(cast.ben, PROMPT)

    def test_of_those_alike_is_the_installations(self, cast: Cast) -> None:
        make_rule(cast.ada, "hold", name="Ours")
        make_rule(make_moderator(), "hold", name="Everybody’s")
        held = hold(cast.ben, PROMPT)
        assert (held.hit.rule_name, held.level) == ("Everybody’s", Level.STAFF)


class TestWarning:
    def test_asks_first_and_goes_through_when_it_was_read(self, cast: Cast) -> None:
        make_rule(cast.ada, "warn")
        with pytest.raises(ordering.PromptWarned) as refused:
            order(cast.ben, PROMPT)
        assert nothing_was_taken()
        assert not RuleHit.objects.exists()

        batch = order(cast.ben, PROMPT, agreed=refused.value.agreement)
        assert batch.generations.count() == 2
        assert RuleHit.objects.get().action == "warn"

    def test_asks_again_about_another_prompt_and_a_changed_rule(self, cast: Cast) -> None:
        rule = make_rule(cast.ada, "warn")
        with pytest.raises(ordering.PromptWarned) as refused:
            order(cast.ben, PROMPT)
        agreed = refused.value.agreement
        with pytest.raises(ordering.PromptWarned):
            order(cast.ben, "another emblem", agreed=agreed)
        prompting.change(rule, by=Author.of_member(cast.ada), facts=facts_of("warn", message="Read anew."))
        with pytest.raises(ordering.PromptWarned, match="Read anew"):
            order(cast.ben, PROMPT, agreed=agreed)

    def test_was_read_when_the_same_is_asked_for_again(self, cast: Cast) -> None:
        failed = fail_one(cast.ben, Fault.VENDOR)
        make_rule(cast.ada, "warn", words="lamp")
        with pytest.raises(ordering.PromptWarned, match="Edit prompt") as refused:
            ordering.retry(member=cast.ben, generation=failed, request_key="again")
        order(cast.ben, failed.prompt, agreed=refused.value.agreement)

        assert ordering.retry(member=cast.ben, generation=failed, request_key="again").generations.count() == 1


class TestHolding:
    def test_keeps_the_order_and_sets_nothing_aside(self, cast: Cast) -> None:
        make_rule(cast.ada, "hold")
        held = hold(cast.ben, PROMPT, count=3, private=True, request_key="k")

        assert nothing_was_taken()
        assert ledger.account_of(cast.ben).held == 0
        assert (held.prompt, held.count, held.is_private, held.request_key, held.price) == (PROMPT, 3, True, "k", 5)
        assert (held.member, held.state, held.level) == (cast.ben, "waiting", Level.TEAM)

    def test_tells_who_decides_and_not_what_was_typed(self, cast: Cast) -> None:
        make_rule(cast.ada, "hold")
        hold(cast.ben, PROMPT)

        [notice] = told(cast.ada, "prompt_review")
        assert PROMPT not in f"{notice.subject} {notice.words}"
        assert not Notice.objects.filter(person=cast.ben.person).exists()

    def test_is_for_the_studio_where_nobody_else_manages_the_team(self, cast: Cast) -> None:
        make_rule(cast.ada, "hold")
        moderator = make_moderator()
        assert hold(cast.ada, PROMPT).level == Level.STAFF
        assert Notice.objects.filter(person=moderator, kind="prompt_review").exists()

    def test_sent_twice_is_one(self, cast: Cast) -> None:
        make_rule(cast.ada, "hold")
        first, second = (hold(cast.ben, PROMPT, request_key="k") for _ in range(2))
        assert first.pk == second.pk
        with pytest.raises(ordering.RequestKeyReused):
            order(cast.ben, "an emblem elsewhere", request_key="k")
        prompting.withdraw(held=first, member=cast.ben)
        with pytest.raises(ordering.RequestKeyReused):
            order(cast.ben, PROMPT, request_key="k")

    def test_has_an_end(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(screening, "WAITING_MAX", 2)
        make_rule(cast.ada, "hold")
        for number in range(2):
            hold(cast.ben, f"{PROMPT} {number}")
        with pytest.raises(ordering.TooManyHeld):
            order(cast.ben, PROMPT)
        assert HeldOrder.objects.count() == 2


@pytest.mark.parametrize("private", [True, False])
def test_who_orders_in_private_is_told_that_a_reviewer_reads_what_is_held(cast: Cast, private: bool) -> None:
    """And the reviewer does: that is what holding is for, and no opening of something private."""
    make_rule(cast.ada, "hold")
    with pytest.raises(ordering.PromptHeld) as refused:
        order(cast.ben, PROMPT, private=private)
    assert "Somebody who manages North reads the prompt" in str(refused.value)
    assert ("though the order is private" in str(refused.value)) is private
    orders, _ = waiting_prompts(reviewer_of(cast.ada))
    assert [card.prompt for card in orders] == [PROMPT]
    assert not AuditEntry.objects.filter(action="private_picture_opened").exists()


class TestWhatElse:
    def test_is_asked_for_again_is_tried_anew(self, cast: Cast) -> None:
        failed = fail_one(cast.ben, Fault.VENDOR)
        make_rule(cast.ada, "hold", words="lamp")
        with pytest.raises(ordering.PromptHeld) as refused:
            ordering.retry(member=cast.ada, generation=failed, request_key="again")
        assert (refused.value.held.retry_of, refused.value.held.hit.retry_of) == (failed, failed)

    def test_is_enlarged_is_not(self, cast: Cast) -> None:
        """It has no new words."""
        image = finish_one(cast.ben)
        make_rule(cast.ada, words="lamp")
        twice: Any = providers.offer("demo", "enlarge-2x")
        batch = ordering.order_upscale(
            member=cast.ben, image=image, provider="demo", offer=twice, request_key=uuid.uuid4().hex
        )
        assert batch.generations.count() == 1


class Tracked(str):
    """A prompt that counts how often somebody makes it ready to be compared."""

    times = 0

    def encode(self, *how: str) -> bytes:
        self.times += 1
        return super().encode(*how)


def test_a_prompt_is_made_ready_once_for_all_rules(cast: Cast) -> None:
    for number in range(5):
        make_rule(cast.ada, words=f"w{number}\nw{number} lamp")
    make_rule(cast.ada, kind="pattern", words="", pattern="embl.m", name="Like emblems")
    prompt = Tracked(PROMPT)
    assert [rule.name for rule in rules_finding(prompt, team=cast.team)] == ["Like emblems"]
    assert prompt.times == 1


def test_an_order_asks_one_question_more_however_many_rules_there_are(cast: Cast) -> None:
    person = Person.objects.create_superuser("root@studio.test")
    for number in range(10):
        make_rule(person, words=f"w{number}")
        make_rule(cast.ada, words=f"v{number}")
    with CaptureQueriesContext(connection) as queries:
        order(cast.ben, "a lamp")
    asked = [one["sql"] for one in queries]
    assert sum('FROM "generations_promptrule"' in sql for sql in asked) == 1
    assert not any('FROM "generations_rulehit"' in sql for sql in asked)
