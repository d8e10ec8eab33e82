"""What a person meets when a rule stops an order: in the composer, and on the page of their prompts."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations import ledger
from generations.models import Batch, HeldOrder, Member, RuleAppeal, RuleHit
from tests.conftest import Cast
from tests.prompts import block, hold, make_rule
from tests.views.test_studio import HTMX, ORDER

SignIn = Callable[[Member], Client]
SENT = ORDER | {"prompt": "an emblem on a door"}


@pytest.fixture
def ben(cast: Cast, signed_in: SignIn) -> Client:
    return signed_in(cast.ben)


def page_of(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


class TestTheComposer:
    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_says_which_rule_blocks_at_the_prompt_with_a_way_to_appeal(
        self, cast: Cast, ben: Client, headers: dict[str, str]
    ) -> None:
        make_rule(cast.ada)
        answer = ben.post(reverse("batches"), SENT, headers=headers)

        page = page_of(answer)
        assert answer.status_code == 422
        error = page.split('id="prompt-error">')[1].split("</div>")[0]
        assert "“No emblem”: Our clients own them. Nothing was ordered, and nothing was charged." in error
        assert reverse("hit_appeal", args=[RuleHit.objects.get().pk]) in error
        assert "an emblem on a door</textarea>" in page
        assert (Batch.objects.count(), ledger.account_of(cast.ben).held) == (0, 0)

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_warns_keeps_what_was_typed_and_sends_it_anyway(
        self, cast: Cast, ben: Client, headers: dict[str, str]
    ) -> None:
        make_rule(cast.ada, "warn")
        answer = ben.post(reverse("batches"), SENT, headers=headers)

        page = page_of(answer)
        assert (answer.status_code, Batch.objects.count()) == (422, 0)
        assert "“No emblem”: Our clients own them." in page
        assert "an emblem on a door</textarea>" in page
        found = re.search(r'name="agreed" value="([0-9a-f]{64})"> ?Send anyway', page)
        assert found
        assert 'name="request_key" value="k1"' in page.replace(" data-once", "") or "k1" in page
        again = ben.post(reverse("batches"), SENT | {"agreed": found[1]}, headers=headers)
        assert again.status_code == (200 if headers else 302)
        assert (Batch.objects.count(), RuleHit.objects.get().action) == (1, "warn")

    @pytest.mark.parametrize("agreed", ["", "yes", "0" * 64, "a\0b", "x" * 10_000])
    def test_takes_no_other_word_for_it(self, cast: Cast, ben: Client, agreed: str) -> None:
        make_rule(cast.ada, "warn")
        assert ben.post(reverse("batches"), SENT | {"agreed": agreed}, headers=HTMX).status_code == 422
        assert not Batch.objects.exists()

    def test_says_that_it_waits_and_is_free_for_another(self, cast: Cast, ben: Client) -> None:
        make_rule(cast.ada, "hold")
        answer = ben.post(reverse("batches"), SENT, headers=HTMX)

        page = page_of(answer)
        assert (answer.status_code, answer.headers["HX-Retarget"]) == (202, "#composer")
        assert "This waits for review." in page
        assert "Nothing is ordered or charged until then." in page
        assert 'value="k1"' not in page
        assert (HeldOrder.objects.count(), ledger.account_of(cast.ben).held) == (1, 0)

    def test_leads_to_what_waits_without_script(self, cast: Cast, ben: Client) -> None:
        make_rule(cast.ada, "hold")
        page = page_of(ben.post(reverse("batches"), SENT, follow=True))
        assert "This waits for review." in page
        assert "Take it back" in page


class TestTheirPage:
    def test_shows_own_prompts_alone(self, cast: Cast, ben: Client, signed_in: SignIn) -> None:
        make_rule(cast.ada)
        make_rule(cast.ada, "hold", words="brand")
        block(cast.ben, "an emblem in the snow")
        hold(cast.ben, "a brand on a lamp")
        page = page_of(ben.get(reverse("prompts")))
        assert ("an emblem in the snow" in page, "a brand on a lamp" in page) == (True, True)
        for member in (cast.ada, cast.vera, cast.mallory):
            page = page_of(signed_in(member).get(reverse("prompts")))
            assert ("emblem" in page, "brand on" in page) == (False, False)

    def test_takes_back_what_waits(self, cast: Cast, ben: Client, signed_in: SignIn) -> None:
        make_rule(cast.ada, "hold")
        held = hold(cast.ben, "an emblem")
        place = reverse("held_withdrawal", args=[held.pk])
        assert signed_in(cast.ada).post(place).status_code == 404
        assert "Taken back" in page_of(ben.post(place, follow=True))
        assert "decided or taken back meanwhile" in page_of(ben.post(place, follow=True))

    def test_appeals_once_with_words(self, cast: Cast, ben: Client) -> None:
        make_rule(cast.ada)
        place = reverse("hit_appeal", args=[block(cast.ben, "an emblem").pk])
        assert "an emblem" in page_of(ben.get(place))
        for words in ("", " ", "a\0b", "x" * 501):
            answer = ben.post(place, {"words": words})
            assert (answer.status_code, "field__error" in page_of(answer)) == (422, True)
        assert "Your appeal is sent" in page_of(ben.post(place, {"words": "It is ours."}, follow=True))
        again = ben.post(place, {"words": "Once more."})
        assert (again.status_code, "You appealed this before" in page_of(again)) == (422, True)
        assert RuleAppeal.objects.get().said == "It is ours."
        assert "Waits for a reviewer" in page_of(ben.get(reverse("prompts")))

    def test_is_asked_with_as_many_questions_for_many(self, cast: Cast, ben: Client) -> None:
        make_rule(cast.ada)
        make_rule(cast.ada, "hold", words="brand")
        counts = []
        for number in range(3):
            block(cast.ben, f"emblem {number}")
            hold(cast.ben, f"brand {number}")
            counts.append(queries_of(ben, "prompts"))
        assert counts[1] == counts[2]


def queries_of(client: Client, name: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse(name))
    return len(queries)
