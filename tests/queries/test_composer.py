"""The composer tells the price and what is missing before anything is pressed, and keeps what was typed."""

from datetime import timedelta
from typing import Any

import pytest

from generations import providers
from generations.forms.drawing import Drawing
from generations.models import Credential, Price, Role, clock
from generations.providers.base import Offer, Operation, Provider
from generations.queries.composer import composer_for
from tests.conftest import Cast, join
from tests.making import make_waiting


class Atelier(Provider):
    """A second vendor: one model that draws portraits only, one that enlarges."""

    key = "atelier"
    label = "Atelier"
    offers = (
        Offer(
            key="portrait", label="Portrait", operation=Operation.DRAW, credits=2, usual_seconds=(60, 120),
            shapes=("2:3",), result_bytes_max=10, limit_group="draw", running_max=1, hourly_max=1,
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
        assert composer.has_cheaper

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
        Price.objects.filter(provider="atelier").delete()
        portrait = composer_for(member=cast.ada).models[1]
        assert not portrait.possible
        assert "price" in portrait.note

    def test_at_a_resting_vendor_say_so(self, cast: Cast, atelier: Credential) -> None:
        atelier.pause(until=clock.now() + timedelta(minutes=5), because="busy")
        assert "Resting" in composer_for(member=cast.ada).models[1].note

    def test_of_a_vendor_that_is_gone_are_left_out(self, cast: Cast) -> None:
        Credential.objects.create(team=cast.team, provider="gone", label="Old key")
        assert [one.name for one in composer_for(member=cast.ada).models] == ["Demo painter, Demo"]

    def test_are_none_without_a_credential(self, cast: Cast) -> None:
        Credential.objects.all().delete()
        composer = composer_for(member=cast.ada)
        assert composer.models == []
        assert composer.model is None
        assert composer.total == 0
