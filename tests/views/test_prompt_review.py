"""Where reviewers let orders through and answer appeals: who comes in, and what becomes of what they press."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Batch, HeldOrder, Member, RuleAppeal
from generations.services import prompting
from tests.cases import enter, make_moderator, reviewer_of
from tests.conftest import Cast
from tests.prompts import Stopped, hold, make_rule, stop_prompts
from tests.views.test_prompts import queries_of

SignIn = Callable[[Member], Client]


@pytest.fixture
def stopped(cast: Cast) -> Stopped:
    return stop_prompts(cast.ben)


def page_of(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


def held_place(stopped: Stopped) -> str:
    return reverse("held_decision", args=[stopped.held.pk])


class TestWhatWaits:
    def test_is_shown_to_who_decides_and_counted_beside_the_pictures(
        self, cast: Cast, stopped: Stopped, signed_in: SignIn
    ) -> None:
        ada = signed_in(cast.ada)
        page = page_of(ada.get(reverse("review_prompts")))
        for words in ("a brand on a lamp", "an emblem in the snow", "It is our own.", "2 pictures, 3:2"):
            assert words in page
        assert '2<span class="visually-hidden"> waiting' in page_of(ada.get(reverse("review")))
        assert "Nothing waits for you" in page_of(signed_in(cast.mallory).get(reverse("review_prompts")))

    def test_is_never_ones_own(self, cast: Cast, signed_in: SignIn) -> None:
        make_rule(cast.ada, "hold")
        hold(cast.ada, "an emblem")
        assert "Nothing waits for you" in page_of(signed_in(cast.ada).get(reverse("review_prompts")))
        assert "Ada in North" in page_of(enter(make_moderator()).get(reverse("review_prompts")))

    def test_costs_as_many_questions_for_many(self, cast: Cast, signed_in: SignIn) -> None:
        make_rule(cast.ada, "hold")
        ada, counts = signed_in(cast.ada), []
        for number in range(3):
            hold(cast.ben, f"emblem {number}")
            counts.append(queries_of(ada, "review_prompts"))
        assert counts[1] == counts[2]


class TestAHeldOrder:
    def test_is_let_through_and_ordered(self, cast: Cast, stopped: Stopped, signed_in: SignIn) -> None:
        answer = signed_in(cast.ada).post(held_place(stopped), {"verdict": "yes"}, follow=True)
        assert "Let through and ordered." in page_of(answer)
        assert Batch.objects.get().member == cast.ben

    def test_is_refused_with_a_reason_at_the_field(self, cast: Cast, stopped: Stopped, signed_in: SignIn) -> None:
        ada = signed_in(cast.ada)
        for words in ("", "x" * 501):
            answer = ada.post(held_place(stopped), {"verdict": "no", "words": words})
            assert (answer.status_code, "field__error" in page_of(answer)) == (422, True)
        assert ("x" * 501) in page_of(answer)
        assert "Refused." in page_of(ada.post(held_place(stopped), {"verdict": "no", "words": "No."}, follow=True))
        assert HeldOrder.objects.get().state == "refused"

    @pytest.mark.parametrize("verdict", ["", "perhaps"])
    def test_is_not_decided_by_anything_else(
        self, cast: Cast, stopped: Stopped, signed_in: SignIn, verdict: str
    ) -> None:
        answer = signed_in(cast.ada).post(held_place(stopped), {"verdict": verdict})
        assert (answer.status_code, "Choose one of the two" in page_of(answer)) == (422, True)

    def test_that_somebody_decided_meanwhile_says_who(self, cast: Cast, stopped: Stopped, signed_in: SignIn) -> None:
        prompting.refuse(held=stopped.held, reviewer=reviewer_of(cast.ada), words="No.")
        moderator = enter(make_moderator())
        answer = moderator.post(held_place(stopped), {"verdict": "yes"})
        assert (answer.status_code, "Ada decided this meanwhile" in page_of(answer)) == (409, True)
        assert not Batch.objects.exists()

    @pytest.mark.parametrize(("who", "status"), [("ben", 403), ("vera", 403), ("mallory", 404)])
    def test_is_not_decided_by_others(
        self, cast: Cast, stopped: Stopped, signed_in: SignIn, who: str, status: int
    ) -> None:
        answer = signed_in(getattr(cast, who)).post(held_place(stopped), {"verdict": "yes"})
        assert answer.status_code == status
        assert HeldOrder.objects.get().is_waiting


def test_an_appeal_is_answered(cast: Cast, stopped: Stopped, signed_in: SignIn) -> None:
    place, ada = reverse("appeal_decision", args=[stopped.appeal.pk]), signed_in(cast.ada)
    assert ada.post(place, {"verdict": "no"}).status_code == 422
    assert "Granted." in page_of(ada.post(place, {"verdict": "yes"}, follow=True))
    assert RuleAppeal.objects.get().state == "overturned"
    page = page_of(signed_in(cast.ben).get(reverse("prompts")))
    assert "Passes this rule from now on" in page
