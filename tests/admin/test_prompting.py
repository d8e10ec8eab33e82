"""Rules for everybody at the desk: by moderators, tried before they are saved; and what all rules found."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import AuditEntry, DeskRole, Person, PromptRule, RuleHit
from tests.conftest import PASSWORD, Cast
from tests.desk import seated
from tests.making import make_waiting
from tests.prompts import block, facts_of, make_rule

ADD = "/admin/generations/promptrule/add/"
LIST = "/admin/generations/promptrule/"
SENT = {key: value for key, value in facts_of().items() if key != "is_on"} | {"is_on": "on"}


@pytest.fixture
def desk(cast: Cast) -> Client:
    person = Person.objects.create_user(
        "mo@studio.test", PASSWORD, name="Mo", is_staff=True, desk_role=DeskRole.MODERATOR
    )
    return seated(person)


def page_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_moderator_writes_a_rule_for_everybody(cast: Cast, desk: Client) -> None:
    assert desk.post(ADD, SENT).status_code == 302
    rule = PromptRule.objects.get()
    assert (rule.team, rule.name, rule.created_by) == (None, "No emblem", Person.objects.get(name="Mo"))
    assert AuditEntry.objects.get(action="prompt_rule_made").person == rule.created_by
    assert block(cast.mallory, "an emblem").rule == rule


def test_a_rule_is_changed_and_removed_with_a_line_in_the_log(cast: Cast, desk: Client) -> None:
    desk.post(ADD, SENT)
    rule = PromptRule.objects.get()
    place = reverse("admin:generations_promptrule_change", args=[rule.pk])
    assert desk.post(place, SENT | {"action": "hold", "version": "1"}).status_code == 302
    assert PromptRule.objects.get().action == "hold"
    late = desk.post(place, SENT | {"action": "warn", "version": "1"}, follow=True)
    assert "changed or removed this rule meanwhile" in page_of(late)
    desk.post(reverse("admin:generations_promptrule_delete", args=[rule.pk]), {"post": "yes"})
    assert not PromptRule.objects.exists()
    assert AuditEntry.objects.filter(action__in=["prompt_rule_changed", "prompt_rule_removed"]).count() == 2


@pytest.mark.parametrize("words", ["emblem", "sand"])
def test_a_dry_run_saves_nothing_and_says_nothing_about_private_prompts(cast: Cast, desk: Client, words: str) -> None:
    make_waiting(cast.ben, "the emblem in snow")
    make_waiting(cast.mallory, "an emblem of sand").share(private=True)
    answer = desk.post(ADD, SENT | {"words": words, "_trial": "1", "trial": f"my {words}"})
    page = page_of(answer)
    assert "Only tried: nothing was saved" in page
    assert f"{int(words == 'emblem')} of the last 1 prompt of all teams" in page
    assert "1 private prompt was left out." in page
    assert ("in snow" in page, "of sand" in page) == (words == "emblem", False)
    assert "The rule finds this prompt." in page
    assert not PromptRule.objects.exists()


def test_what_is_wrong_is_said_at_the_field(desk: Client) -> None:
    desk.post(ADD, SENT)
    assert "Another rule has this name" in page_of(desk.post(ADD, SENT))
    wrong = SENT | {"name": "Other", "kind": "pattern", "pattern": "(a"}
    assert "This pattern cannot be read" in page_of(desk.post(ADD, wrong))
    assert PromptRule.objects.count() == 1


def test_a_teams_rule_is_only_looked_at(cast: Cast, desk: Client) -> None:
    rule = make_rule(cast.ada)
    assert "North" in page_of(desk.get(LIST))
    place = reverse("admin:generations_promptrule_change", args=[rule.pk])
    assert desk.get(place).status_code == 200
    assert desk.post(place, SENT | {"action": "warn"}).status_code == 403
    assert PromptRule.objects.get().action == "block"


def test_staff_without_the_role_see_neither(cast: Cast) -> None:
    plain = Person.objects.create_user("plain@studio.test", PASSWORD, is_staff=True)
    client = seated(plain)
    for place in (LIST, ADD, "/admin/generations/rulehit/"):
        assert client.get(place).status_code == 403


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [("North", True), ("ben@studio.test", True), ("No emblem", True), ("South", False), ("ada@studio.test", False),
     ("nobody@studio.test", False), ("emblem", False), ("x" * 10_000, False)],
    ids=lambda one: str(one)[:20],
)  # fmt: skip
def test_hits_are_found_by_one_whole_name(cast: Cast, desk: Client, asked: str, is_found: bool) -> None:
    make_rule(cast.ada)
    block(cast.ben, "an emblem in the open")
    page = page_of(desk.get("/admin/generations/rulehit/", {"q": asked}))
    assert ("in the open" in page) == is_found


def test_the_list_of_hits_shows_no_private_prompt(cast: Cast, desk: Client) -> None:
    make_rule(cast.ada)
    block(cast.ben, "an emblem in the open")
    hit = block(cast.ben, "an emblem at home", private=True)
    page = page_of(desk.get("/admin/generations/rulehit/"))
    assert ("in the open" in page, "at home" in page, "A private prompt" in page) == (True, False, True)
    assert "at home" not in page_of(desk.get(reverse("admin:generations_rulehit_change", args=[hit.pk])))
    assert RuleHit.objects.count() == 2
