"""The team’s rules through their addresses: written, tried, and tried on what was ordered lately before they hold."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from generations import providers
from generations.models import Batch, Generation, Member, PromptRule, RuleHit
from generations.queries import prompt_rules
from generations.services import ordering
from tests.cases import make_moderator
from tests.conftest import Cast
from tests.making import finish_one, make_waiting
from tests.prompts import MESSAGE, make_rule

SignIn = Callable[[Member], Client]
HTMX = {"HX-Request": "true"}
RULE = {
    "name": "No emblems",
    "kind": "words",
    "words": "emblem\n Élan ",
    "action": "block",
    "message": MESSAGE,
    "is_on": "on",
}


@pytest.fixture
def ada(cast: Cast, signed_in: SignIn) -> Client:
    return signed_in(cast.ada)


def page_of(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


class TestTheList:
    def test_shows_own_rules_and_those_of_the_installation_and_no_others(self, cast: Cast, ada: Client) -> None:
        make_rule(cast.ada, name="Ours")
        make_rule(make_moderator(), name="Everybody’s")
        make_rule(cast.mallory, name="Theirs")
        page = page_of(ada.get(reverse("rules")))
        assert ("Ours" in page, "Everybody’s" in page, "Theirs" in page) == (True, True, False)
        assert reverse("rules") in page_of(ada.get(reverse("team")))

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_tries_a_prompt_and_keeps_nothing(self, cast: Cast, ada: Client, headers: dict[str, str]) -> None:
        make_rule(cast.ada)
        make_rule(cast.ada, "warn", words="door")
        page = page_of(ada.post(reverse("rules"), {"prompt": "an Emblem on a door"}, headers=headers))
        assert "It would be blocked" in page
        assert "“No door”" in page
        assert "No rule finds this prompt" in page_of(ada.post(reverse("rules"), {"prompt": "a lamp"}, headers=headers))
        assert not RuleHit.objects.exists()
        assert not Batch.objects.exists()

    @pytest.mark.parametrize("prompt", ["", "a\0b", "half \ufffd", "x" * 5001])
    def test_tries_nothing_that_is_no_prompt(self, cast: Cast, ada: Client, prompt: str) -> None:
        answer = ada.post(reverse("rules"), {"prompt": prompt})
        assert answer.status_code == 422
        assert "field__error" in page_of(answer)


class TestARule:
    def test_is_added_and_holds(self, cast: Cast, ada: Client) -> None:
        answer = ada.post(reverse("rule_new"), RULE | {"act": "save"})
        assert (answer.status_code, answer.headers["Location"]) == (302, reverse("rules"))
        rule = PromptRule.objects.get()
        assert (rule.team, rule.words, rule.action, rule.is_on) == (cast.team, "emblem\nÉlan", "block", True)

    def test_is_changed_and_removed(self, cast: Cast, ada: Client) -> None:
        rule = make_rule(cast.ada)
        place = reverse("rule", args=[rule.pk])
        page = page_of(ada.get(place))
        assert 'name="version" value="1"' in page
        changed = RULE | {"kind": "pattern", "pattern": "embl.m", "act": "save", "version": "1"}
        assert ada.post(place, changed).status_code == 302
        rule.refresh_from_db()
        assert (rule.kind, rule.words, rule.pattern, rule.version) == ("pattern", "", "embl.m", 2)

        late = ada.post(place, RULE | {"act": "save", "version": "1"})
        assert (late.status_code, "changed or removed this rule meanwhile" in page_of(late)) == (422, True)
        removal = reverse("rule_removal", args=[rule.pk])
        assert "Remove “No emblems”?" in page_of(ada.get(removal))
        assert ada.post(removal).status_code == 302
        assert not PromptRule.objects.exists()

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"name": ""}, "Give the rule a name"),
            ({"name": "x" * 61}, "at most 60"),
            ({"message": ""}, "Write what the person reads"),
            ({"words": "  "}, "Write at least one word"),
            ({"words": "a\0b"}, "Null characters"),
            ({"kind": "pattern", "pattern": "(a"}, "This pattern cannot be read"),
            ({"kind": "pattern", "pattern": "a*"}, "fits every prompt"),
            ({"kind": "magic"}, "not one of the available choices"),
            ({"action": ""}, "required"),
        ],
    )
    def test_that_is_wrong_says_why_and_loses_nothing(self, ada: Client, change: dict[str, str], words: str) -> None:
        answer = ada.post(reverse("rule_new"), RULE | {"act": "save", "trial": "my trial"} | change)
        assert answer.status_code == 422
        assert words in page_of(answer)
        assert "my trial" in page_of(answer)
        assert not PromptRule.objects.exists()

    def test_has_a_name_of_its_own(self, cast: Cast, ada: Client) -> None:
        make_rule(cast.ada, name="No emblems")
        answer = ada.post(reverse("rule_new"), RULE | {"act": "save"})
        assert (answer.status_code, "Another rule has this name" in page_of(answer)) == (422, True)

    @pytest.mark.parametrize("who", ["ben", "vera", "mallory"])
    def test_is_not_for_others(self, cast: Cast, signed_in: SignIn, who: str) -> None:
        rule = make_rule(cast.ada)
        for name in ("rule", "rule_removal"):
            for send in ("get", "post"):
                answer = getattr(signed_in(getattr(cast, who)), send)(reverse(name, args=[rule.pk]), RULE)
                assert answer.status_code in {403, 404}
        assert PromptRule.objects.get().version == 1

    def test_of_the_installation_is_not_a_teams_to_change(self, ada: Client, cast: Cast) -> None:
        rule = make_rule(make_moderator())
        assert ada.get(reverse("rule", args=[rule.pk])).status_code == 404


class TestADryRun:
    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_says_how_many_it_would_have_found_and_saves_nothing(
        self, cast: Cast, ada: Client, headers: dict[str, str]
    ) -> None:
        finish_one(cast.ben, "an emblem of snow")
        make_waiting(cast.ben, "a lamp", count=3)
        make_waiting(cast.mallory, "an emblem elsewhere")
        page = page_of(ada.post(reverse("rule_new"), RULE | {"trial": "my emblem"}, headers=headers))
        assert "1 of the last 2 prompts" in page
        assert "an emblem of snow" in page
        assert "elsewhere" not in page
        assert "The rule finds this prompt." in page
        assert not PromptRule.objects.exists()

    def test_needs_no_name_yet_but_something_to_look_for(self, ada: Client) -> None:
        bare = RULE | {"name": "", "message": ""}
        assert "0 of the last 0" in page_of(ada.post(reverse("rule_new"), bare, headers=HTMX))
        answer = ada.post(reverse("rule_new"), bare | {"words": ""}, headers=HTMX)
        assert "Write at least one word" in page_of(answer)

    @pytest.mark.parametrize("words", ["emblem", "lamp"])
    def test_says_the_same_about_what_others_keep_private_whatever_it_looks_for(
        self, cast: Cast, ada: Client, words: str
    ) -> None:
        make_waiting(cast.ben, "a secret emblem")
        make_waiting(cast.ada, "my own door")
        Generation.objects.update(is_private=True)
        page = page_of(ada.post(reverse("rule_new"), RULE | {"words": words}))
        assert "0 of the last 1 prompt<" in page
        assert "1 private prompt of others was left out." in page
        assert "a secret" not in page

    def test_finds_what_is_private_for_its_maker(self, cast: Cast, ada: Client) -> None:
        make_waiting(cast.ada, "my own emblem").share(private=True)
        page = page_of(ada.post(reverse("rule_new"), RULE))
        assert ("1 of the last 1 prompt<" in page, "my own emblem" in page) == (True, True)
        assert "left out" not in page

    def test_reads_the_newest_drawings_and_nothing_that_was_enlarged(
        self, cast: Cast, ada: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(prompt_rules, "LATELY_MAX", 2)
        for prompt in ("the oldest emblem", "a lamp"):
            make_waiting(cast.ben, prompt, count=2)
        drawn = finish_one(cast.ben, "an emblem of snow")
        for number in range(3):
            twice = providers.offer("demo", "enlarge-2x")
            ordering.order_upscale(
                member=cast.ben, image=drawn, provider="demo", offer=twice, request_key=f"twice {number}"
            )
        page = page_of(ada.post(reverse("rule_new"), RULE))
        assert "1 of the last 2 prompts<" in page
        assert ("of snow" in page, "the oldest" in page) == (True, False)

    def test_is_tried_for_the_newest_words_alone(self, ada: Client) -> None:
        page = page_of(ada.get(reverse("rule_new")))
        assert 'hx-sync="this:replace"' in page
        assert "1,000 at most" in page

    def test_reads_no_further_back_than_a_month(
        self, cast: Cast, ada: Client, pass_time: Callable[[float], None]
    ) -> None:
        make_waiting(cast.ben, "an emblem")
        pass_time(31 * 24 * 3600)
        make_waiting(cast.ben, "another emblem")
        assert "1 of the last 1 prompt<" in page_of(signed_again(cast).post(reverse("rule_new"), RULE))


def signed_again(cast: Cast) -> Client:
    client = Client()
    assert cast.ada.person is not None
    client.force_login(cast.ada.person)
    return client
