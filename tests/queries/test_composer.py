"""The composer tells the price and what is missing before anything is pressed, and keeps what was typed."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from generations import providers
from generations.forms.drawing import Drawing
from generations.models import Brake, Credential, Member, OfferSwitch, Price, Role
from generations.providers.base import Offer, Operation, Provider
from generations.queries.composer import composer_for
from tests.conftest import Cast, join
from tests.making import make_waiting, set_price


class Atelier(Provider):
    """A second vendor: one model that draws portraits only, one that enlarges."""

    key = "atelier"
    label = "Atelier"
    offers = (
        Offer(
            key="portrait", label="Portrait", operation=Operation.DRAW, credits=2, usual_seconds=(60, 120),
            shapes=("2:3",), shapes_off=("9:16", "16:9"), prompt_max=20, result_bytes_max=10,
            limit_group="draw", running_max=1, hourly_max=1,
        ),
        Offer(
            key="larger", label="Larger", operation=Operation.UPSCALE, credits=2, usual_seconds=(1, 2),
            result_bytes_max=10, limit_group="draw", running_max=1, hourly_max=1,
        ),
    )  # fmt: skip


@pytest.fixture
def atelier(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Credential:
    monkeypatch.setitem(providers.PROVIDERS, "atelier", Atelier)
    Price.seed()
    credential: Credential = Credential.objects.create(team=cast.team, provider="atelier", label="Second", position=1)
    return credential


def refused(**typed: Any) -> Drawing:
    form = Drawing({"prompt": "a", "shape": "1:1", "model": "demo:painter", "count": "1", **typed})
    form.is_valid()
    return form


class TestFresh:
    def test_is_ready_to_send(self, cast: Cast) -> None:
        composer = composer_for(member=cast.ada)
        assert composer.prompt == ""
        assert composer.model is not None
        assert composer.model.name == "Demo painter, Demo"
        assert [shape.value for shape in composer.shapes] == ["2:3", "3:2", "1:1"]
        assert sum(shape.checked for shape in composer.shapes) == 1
        assert (composer.unit_price, composer.total, composer.balance, composer.left) == (5, 5, 500, 495)
        assert composer.missing == 0
        assert composer.is_fresh

    def test_has_a_new_key_each_time(self, cast: Cast) -> None:
        assert composer_for(member=cast.ada).request_key != composer_for(member=cast.ada).request_key

    def test_keeps_a_draft_for_this_person_in_this_team(self, cast: Cast) -> None:
        assert composer_for(member=cast.ada).draft_key != composer_for(member=cast.ben).draft_key

    def test_is_filled_with_an_earlier_order(self, cast: Cast) -> None:
        composer = composer_for(member=cast.ada, like=make_waiting(cast.ben, "a gate", shape="2:3"))
        assert composer.prompt == "a gate"
        assert next(shape.value for shape in composer.shapes if shape.checked) == "2:3"
        assert not composer.is_fresh

    def test_is_not_for_viewers(self, cast: Cast) -> None:
        assert not composer_for(member=cast.vera).may_create

    def test_names_who_can_help(self, cast: Cast) -> None:
        assert composer_for(member=cast.ben).owner == "Ada"
        assert composer_for(member=cast.ada).owner == ""


class TestRefused:
    def test_keeps_every_word_and_says_what_is_wrong_at_the_field(self, cast: Cast) -> None:
        composer = composer_for(member=cast.ada, form=refused(prompt="  x" * 2000, shape="9:9", count="12"))
        assert composer.prompt == "  x" * 2000
        assert composer.count == "12"
        assert set(composer.errors) == {"prompt", "shape", "count", "form"}
        assert composer.errors["form"] == []
        assert composer.over == len(("  x" * 2000).strip()) - 5000

    def test_keeps_the_key_nothing_was_made_with(self, cast: Cast) -> None:
        assert composer_for(member=cast.ada, form=refused(prompt="", request_key="k1")).request_key == "k1"

    def test_takes_a_new_key_when_the_whole_order_was_refused(self, cast: Cast) -> None:
        form = refused(request_key="k1")
        form.add_error(None, "Not enough credits.")
        composer = composer_for(member=cast.ada, form=form)
        assert composer.request_key != "k1"
        assert composer.errors["form"] == ["Not enough credits."]

    @pytest.mark.parametrize(("count", "total"), [("3", 15), ("99", 40), ("-4", 5), ("many", 5), ("", 5)])
    def test_prices_whatever_was_typed_as_a_count(self, cast: Cast, count: str, total: int) -> None:
        assert composer_for(member=cast.ada, form=refused(count=count)).total == total

    def test_counts_characters_as_the_form_does(self, cast: Cast) -> None:
        assert composer_for(member=cast.ada, form=refused(prompt=" é😀\n")).length == 2


class TestMoney:
    def test_that_does_not_reach_says_what_is_missing_and_the_ways_out(self, cast: Cast, atelier: Credential) -> None:
        poor = join(cast.team, "Pia", Role.CREATOR, credits=12)
        composer = composer_for(member=poor, form=refused(count="4"))
        assert composer.missing == 8
        assert composer.fitting == 2
        assert composer.cheaper is not None
        assert composer.cheaper.name == "Portrait, Atelier"

    def test_of_the_cheaper_models_names_the_dearest_that_the_credits_are_enough_for(
        self, cast: Cast, atelier: Credential
    ) -> None:
        poor = join(cast.team, "Pia", Role.CREATOR, credits=3)
        assert composer_for(member=poor).cheaper is not None
        assert composer_for(member=poor, form=refused(count="8")).cheaper is not None  # one of it, at least
        assert composer_for(member=poor, form=refused(model="atelier:portrait", shape="2:3")).cheaper is None
        poorer = join(cast.team, "Piet", Role.CREATOR, credits=1)
        assert composer_for(member=poorer).cheaper is None

    def test_is_what_a_brake_leaves_where_that_is_less(self, cast: Cast) -> None:
        Brake.objects.create(member=cast.ben, amount=12, period="week")
        composer = composer_for(member=cast.ben, form=refused(count="3"))

        assert (composer.spendable, composer.missing, composer.fitting, composer.is_braked) == (12, 0, 2, True)
        assert composer.is_short
        assert not composer_for(member=cast.ben, form=refused(count="2")).is_short

    def test_of_a_balance_behind_a_brake_is_short_of_what_the_balance_lacks(
        self, cast: Cast, signed_in: Callable[[Member], Client]
    ) -> None:
        """Nobody can give what a brake holds back: to ask for it would not help."""
        pia = join(cast.team, "Pia", Role.CREATOR, credits=100)
        Brake.objects.create(member=pia, amount=70, period="week")
        set_price("demo", "painter", 120)
        composer = composer_for(member=pia)
        page = signed_in(pia).get(reverse("studio")).content.decode()

        assert (composer.total, composer.spendable, composer.missing, composer.is_braked) == (120, 70, 20, False)
        assert "data-missing>20</span> more credits than your <span data-balance>100" in page
        assert f"{reverse('asks')}?amount=20" in page

    def test_says_how_many_and_at_what_price_and_what_is_there_before_and_after(
        self, cast: Cast, signed_in: Callable[[Member], Client]
    ) -> None:
        text = strip_tags(signed_in(cast.ben).get(reverse("studio")).content.decode())

        assert "1 × 5\xa0credits · 500 now, 495 credits left after" in " ".join(text.split(" "))

    def test_without_an_account_is_nothing(self, cast: Cast) -> None:
        nobody = join(cast.team, "Nia", Role.CREATOR, credits=0)
        assert composer_for(member=nobody).missing == 5


class TestModels:
    def test_are_those_the_teams_credentials_serve(self, cast: Cast, atelier: Credential) -> None:
        assert [one.name for one in composer_for(member=cast.ada).models] == ["Demo painter, Demo", "Portrait, Atelier"]
        assert [one.name for one in composer_for(member=cast.mallory).models] == ["Demo painter, Demo"]

    def test_limit_the_shapes(self, cast: Cast, atelier: Credential) -> None:
        composer = composer_for(member=cast.ada, form=refused(model="atelier:portrait", shape="3:2"))
        assert [shape.value for shape in composer.shapes if shape.offered] == ["2:3"]
        assert next(shape.value for shape in composer.shapes if shape.checked) == "2:3"
        assert composer.unit_price == 2

    def test_that_nobody_sells_fall_back_to_one_that_is_there(self, cast: Cast) -> None:
        composer = composer_for(member=cast.ada, form=refused(model="gone:model"))
        assert composer.model is not None
        assert composer.model.value == "demo:painter"
        assert composer.errors["model"]

    def test_without_a_price_stay_visible_and_say_why(self, cast: Cast, atelier: Credential) -> None:
        QuerySet(Price).filter(provider="atelier").delete()
        portrait = composer_for(member=cast.ada).models[1]
        assert (portrait.possible, portrait.price) == (False, None)
        assert portrait.note == "No price yet. The studio’s staff can set one."

    @pytest.mark.parametrize(
        ("hide", "words"),
        [
            (False, "No model can draw now. The list of models says why beside each."),
            (True, "Demo painter, Demo: No price yet. The studio’s staff can set one."),
        ],
    )
    def test_without_one_to_choose_say_so_instead_of_a_price_and_cannot_be_sent(
        self, cast: Cast, atelier: Credential, signed_in: Callable[[Member], Client], hide: bool, words: str
    ) -> None:
        QuerySet(Price).all().delete()
        if hide:
            QuerySet(Credential).filter(pk=atelier.pk).delete()
        page = signed_in(cast.ben).get(reverse("studio")).content.decode()
        form = page.split('id="composer"')[1].split("</form>")[0]

        assert re.search(r'<button[^>]*id="generate"[^>]* disabled>Generate <span[^>]*></span>', form)
        assert re.search(rf"<p[^>]*data-none>{words}</p>", form)
        assert "free" not in form
        assert "data-price=" not in form

    def test_that_cost_nothing_are_called_free(self, cast: Cast, signed_in: Callable[[Member], Client]) -> None:
        set_price("demo", "painter", 0)
        page = signed_in(cast.ben).get(reverse("studio")).content.decode()

        assert "data-cost>free<" in page
        assert not re.search(r'<button[^>]*id="generate"[^>]* disabled', page)

    def test_at_a_resting_vendor_say_why_and_until_when(self, cast: Cast, atelier: Credential) -> None:
        atelier.rest(seconds=300, because="The account is empty.")
        portrait = composer_for(member=cast.ada).models[1]
        assert portrait.possible
        assert portrait.note == "Usually 1 to 2 min. Resting just now: The account is empty."
        assert portrait.rests_until == atelier.paused_until

    def test_at_a_vendor_with_another_key_do_not_rest(self, cast: Cast, atelier: Credential) -> None:
        atelier.rest(seconds=300, because="The account is empty.")
        Credential.objects.create(team=cast.team, provider="atelier", label="Third", position=2)
        assert composer_for(member=cast.ada).models[1].rests_until is None

    def test_at_a_paused_vendor_stay_visible_and_say_whose_turn_it_is(self, cast: Cast, atelier: Credential) -> None:
        Credential.objects.filter(pk=atelier.pk).update(state="paused")
        portrait = composer_for(member=cast.ada).models[1]
        assert (portrait.possible, portrait.note) == (False, "Paused for this team. Your owner can resume it.")

    def test_switched_off_are_not_offered(self, cast: Cast, atelier: Credential) -> None:
        OfferSwitch.objects.create(provider="atelier", offer_key="portrait", is_on=False)
        assert [one.name for one in composer_for(member=cast.ada).models] == ["Demo painter, Demo"]

    def test_have_limits_of_their_own_for_a_prompt(self, cast: Cast, atelier: Credential) -> None:
        form = refused(model="atelier:portrait", shape="2:3", prompt="x" * 25)
        composer = composer_for(member=cast.ada, form=form)
        assert (composer.prompt_max, composer.over) == (20, 5)
        assert composer.errors["prompt"] == ["5 characters too many. Portrait reads 20 at most."]
        assert composer_for(member=cast.ada).prompt_max == 5000

    def test_of_a_vendor_that_is_gone_are_left_out(self, cast: Cast) -> None:
        Credential.objects.create(team=cast.team, provider="gone", label="Old key")
        assert [one.name for one in composer_for(member=cast.ada).models] == ["Demo painter, Demo"]

    def test_are_none_without_a_credential(self, cast: Cast) -> None:
        Credential.objects.all().delete()
        composer = composer_for(member=cast.ada)
        assert composer.models == []
        assert composer.model is None
        assert composer.total == 0


class TestShapesThatAreOffAtFirst:
    def shapes(self, cast: Cast, **typed: str) -> list[tuple[str, bool]]:
        composer = composer_for(member=cast.ada, form=refused(**typed))
        return [(shape.value, shape.offered) for shape in composer.shapes]

    def test_are_not_even_there(self, cast: Cast, atelier: Credential) -> None:
        assert self.shapes(cast) == [("2:3", True), ("3:2", True), ("1:1", True)]

    def test_are_offered_with_the_model_they_were_switched_on_for(self, cast: Cast, atelier: Credential) -> None:
        OfferSwitch.objects.create(provider="atelier", offer_key="portrait", shapes_on=["16:9"])
        assert self.shapes(cast) == [("2:3", True), ("3:2", True), ("1:1", True), ("16:9", False)]
        assert self.shapes(cast, model="atelier:portrait") == [
            ("2:3", True),
            ("3:2", False),
            ("1:1", False),
            ("16:9", True),
        ]

    @pytest.mark.parametrize(("shapes_on", "errors"), [([], True), (["9:16"], True), (["16:9"], False)])
    def test_are_refused_at_the_field_until_then(
        self, cast: Cast, atelier: Credential, shapes_on: list[str], errors: bool
    ) -> None:
        OfferSwitch.objects.create(provider="atelier", offer_key="portrait", shapes_on=shapes_on)
        form = refused(model="atelier:portrait", shape="16:9")
        assert bool(form.errors.get("shape")) is errors
