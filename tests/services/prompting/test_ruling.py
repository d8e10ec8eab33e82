"""Rules are made, changed and removed by who may, and every act is in the audit log."""

import pytest

from generations.models import AuditEntry, Member, Person, PromptRule, Role
from generations.models.prompting.rule import RULES_MAX
from generations.services import prompting
from generations.services.prompting import Author
from generations.services.prompting.refusals import NameTaken
from tests.cases import make_moderator
from tests.conftest import PASSWORD, Cast
from tests.prompts import facts_of, make_rule


def line(action: str) -> AuditEntry:
    return AuditEntry.objects.get(action=action)


class TestMaking:
    def test_is_written_down_with_what_it_says(self, cast: Cast) -> None:
        rule = make_rule(cast.ada)

        assert (rule.team, rule.created_by, rule.version) == (cast.team, cast.ada.person, 1)
        entry = line("prompt_rule_made")
        assert (entry.person, entry.team, entry.target) == (cast.ada.person, cast.team, f"prompt_rule:{rule.pk}")
        assert entry.after["words"] == "emblem"

    def test_for_everybody_is_for_moderators(self, cast: Cast) -> None:
        assert make_rule(make_moderator()).is_for_everybody
        plain = Person.objects.create_user("plain@studio.test", PASSWORD, is_staff=True)
        with pytest.raises(prompting.NotTheirs):
            make_rule(plain)

    @pytest.mark.parametrize("who", ["ben", "vera"])
    def test_is_for_who_manages_the_team(self, cast: Cast, who: str) -> None:
        with pytest.raises(prompting.NotTheirs):
            make_rule(getattr(cast, who))

    def test_is_not_for_who_did_until_just_now(self, cast: Cast) -> None:
        Member.objects.filter(pk=cast.ada.pk).update(role=Role.CREATOR)
        with pytest.raises(prompting.NotTheirs):
            make_rule(cast.ada)

    def test_takes_a_name_once_in_a_team_and_once_for_everybody(self, cast: Cast) -> None:
        moderator = make_moderator()
        for by in (cast.ada, moderator, cast.mallory):
            make_rule(by)
        for again in (cast.ada, moderator):
            with pytest.raises(NameTaken):
                make_rule(again)
        assert PromptRule.objects.count() == 3

    def test_has_an_end(self, cast: Cast) -> None:
        kept = facts_of()
        PromptRule.objects.bulk_create(
            PromptRule(team=cast.team, **(kept | {"name": f"Rule {number}"})) for number in range(RULES_MAX)
        )
        with pytest.raises(prompting.TooManyRules):
            make_rule(cast.ada)
        assert make_rule(cast.mallory).team == cast.mallory.team


class TestChanging:
    def test_is_written_down_before_and_after(self, cast: Cast) -> None:
        rule = make_rule(cast.ada)
        prompting.change(rule, by=Author.of_member(cast.ada), facts=facts_of("hold"))

        assert (rule.action, rule.version) == ("hold", 2)
        entry = line("prompt_rule_changed")
        assert (entry.before, entry.after) == ({"action": "block"}, {"action": "hold"})

    def test_to_the_same_is_nothing(self, cast: Cast) -> None:
        rule = make_rule(cast.ada)
        prompting.change(rule, by=Author.of_member(cast.ada), facts=facts_of())
        assert (rule.version, AuditEntry.objects.filter(action="prompt_rule_changed").exists()) == (1, False)

    def test_what_somebody_changed_meanwhile_is_refused(self, cast: Cast) -> None:
        make_rule(cast.ada)
        mine, theirs = PromptRule.objects.get(), PromptRule.objects.get()
        prompting.change(theirs, by=Author.of_member(cast.ada), facts=facts_of("hold"))
        with pytest.raises(prompting.ChangedMeanwhile):
            prompting.change(mine, by=Author.of_member(cast.ada), facts=facts_of("warn"))
        assert PromptRule.objects.get().action == "hold"

    def test_of_anothers_is_refused(self, cast: Cast) -> None:
        rule, everybodys = make_rule(cast.ada), make_rule(make_moderator())
        for one in (rule, everybodys):
            with pytest.raises(prompting.ChangedMeanwhile):
                prompting.change(one, by=Author.of_member(cast.mallory), facts=facts_of("warn"))
            with pytest.raises(prompting.ChangedMeanwhile):
                prompting.remove(one, by=Author.of_member(cast.mallory))
        assert PromptRule.objects.filter(action="block").count() == 2


def test_removing_keeps_what_it_said_in_the_log(cast: Cast) -> None:
    rule = make_rule(cast.ada)
    prompting.remove(rule, by=Author.of_member(cast.ada))

    assert not PromptRule.objects.exists()
    assert line("prompt_rule_removed").before == facts_of()
    with pytest.raises(prompting.ChangedMeanwhile):
        prompting.remove(rule, by=Author.of_member(cast.ada))
