"""The sheet shows every way to enlarge, with its price, and says why some are closed."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from generations.models import Credential, Image, Member, OfferSwitch, Price, Role
from generations.queries.upscale_sheet import Choice, UpscaleSheet, upscale_sheet
from tests.bureau import drawn_there, open_bureau, weigh
from tests.conftest import Cast, join
from tests.making import finish_one, set_price


@pytest.fixture
def image(cast: Cast) -> Image:
    return finish_one(cast.ada)


def values(sheet: UpscaleSheet) -> list[str]:
    return [choice.value for group in sheet.groups for choice in group.choices]


def sheet_for(image: Image, member: Member, chosen: str | None = None) -> UpscaleSheet:
    return upscale_sheet(image, member=member, chosen=chosen)


def test_offers_what_fits_with_size_price_and_time(cast: Cast, image: Image) -> None:
    sheet = sheet_for(image, cast.ada)
    assert values(sheet) == ["demo:enlarge-2x", "demo:enlarge-4x"]
    (group,) = sheet.groups
    assert (group.vendor, group.note) == ("Demo", "where this picture was made")
    twice = group.choices[0]
    assert (twice.width, twice.height) == (image.width * 2, image.height * 2)
    assert (twice.price, twice.seconds, twice.why) == (5, "2 to 5 s", "")
    assert f"{image.width * 2} × {image.height * 2}" in twice.words


def test_ticks_the_first_and_tells_what_is_left(cast: Cast, image: Image) -> None:
    sheet = sheet_for(image, cast.ada)
    assert sheet.chosen is not None
    assert sheet.chosen.value == "demo:enlarge-2x"
    assert (sheet.price, sheet.balance, sheet.left, sheet.missing) == (5, 495, 490, 0)


def test_keeps_the_choice_of_a_refused_order(cast: Cast, image: Image) -> None:
    sheet = upscale_sheet(image, member=cast.ada, chosen="demo:enlarge-4x", error="No.", request_key="k")
    assert sheet.chosen is not None
    assert sheet.chosen.value == "demo:enlarge-4x"
    assert (sheet.error, sheet.request_key) == ("No.", "k")


def test_falls_back_from_a_choice_that_is_closed(cast: Cast, image: Image) -> None:
    sheet = sheet_for(image, cast.ada, chosen="somebody:else")
    assert sheet.chosen is not None
    assert sheet.chosen.value == "demo:enlarge-2x"


def test_closes_what_would_be_too_large_and_says_why(cast: Cast, image: Image) -> None:
    image.width = image.height = 8000
    sheet = sheet_for(image, cast.ada)
    assert "demo:enlarge-4x" not in values(sheet)
    closed = {choice.value: choice.why for choice in sheet.refused}
    assert "px" in closed["demo:enlarge-4x"]


def test_closes_what_has_no_price(cast: Cast, image: Image) -> None:
    QuerySet(Price).filter(offer_key="enlarge-2x").delete()
    sheet = sheet_for(image, cast.ada)
    assert values(sheet) == ["demo:enlarge-4x"]
    assert sheet.refused[0].price is None
    assert sheet.refused[0].why == "It has no price yet. The studio’s staff can set one."


def test_with_nothing_to_choose_shows_no_price_and_cannot_be_sent(
    cast: Cast, image: Image, signed_in: Callable[[Member], Client]
) -> None:
    QuerySet(Price).all().delete()
    page = signed_in(cast.ada).get(reverse("image_upscale", args=[image.pk])).content.decode()
    form = page.split('id="upscale-sheet"')[1].split("</form>")[0]

    assert "free" not in form
    assert "<b>no price</b>" in form
    assert "data-price=" not in form
    assert "Each way below says why." in form
    assert re.search(r'<button[^>]*type="submit"[^>]* disabled>Upscale <span[^>]*></span>', form)


def test_has_nothing_to_order_without_a_credential(cast: Cast, image: Image) -> None:
    Credential.objects.filter(team=cast.team).update(state="retired")
    sheet = sheet_for(image, cast.ben)
    assert sheet.groups == []
    assert sheet.refused == []
    assert sheet.chosen is None


class TestWaysTheTeamDoesNotHave:
    """Whoever may change that reads of them, with where; others of what was switched off at a vendor they know."""

    def closed(self, image: Image, member: Member) -> dict[str, Choice]:
        return {choice.value: choice for choice in sheet_for(image, member).refused}

    def test_are_named_to_who_may_add_a_key(self, cast: Cast, image: Image) -> None:
        found = self.closed(image, cast.ada)
        assert list(found) == [
            "apikley:grok-upscale",
            "apikley:crisp-upscale",
            "apixo:image-upscaler",
            "apiinone:grok-upscale",
        ]
        crisp = found["apikley:crisp-upscale"]
        assert crisp.why == "Apikley is not set up for this team. There is no key for it yet."
        assert (crisp.act, crisp.act_url) == ("Add a key", reverse("credential_new"))
        assert not self.closed(image, cast.ben)
        assert not self.closed(image, cast.vera)

    def test_need_no_key_where_the_vendor_needs_none(self, cast: Cast, image: Image) -> None:
        Credential.objects.filter(team=cast.team).update(state="retired")
        twice = self.closed(image, cast.ada)["demo:enlarge-2x"]
        assert twice.why == "Demo is not set up for this team. It needs no key, only to be added."
        assert twice.act == "Add it"

    def test_that_were_switched_off_are_named_to_everybody_who_has_the_vendor(self, cast: Cast, image: Image) -> None:
        for provider, offer in (("demo", "enlarge-4x"), ("apixo", "image-upscaler")):
            OfferSwitch.objects.create(provider=provider, offer_key=offer, is_on=False)
        words = "Switched off here. Whoever runs the studio can switch it on."
        creators, owners = self.closed(image, cast.ben), self.closed(image, cast.ada)

        assert [(value, one.why, one.act_url) for value, one in creators.items()] == [("demo:enlarge-4x", words, "")]
        assert (owners["demo:enlarge-4x"].why, owners["apixo:image-upscaler"].why) == (words, words)
        assert "demo:enlarge-4x" not in values(sheet_for(image, cast.ada))

    def test_that_were_switched_off_lead_a_superuser_to_the_switch(self, cast: Cast, image: Image) -> None:
        OfferSwitch.objects.create(provider="demo", offer_key="enlarge-4x", is_on=False)
        assert cast.ada.person is not None
        cast.ada.person.is_superuser = True
        way = self.closed(image, cast.ada)["demo:enlarge-4x"]
        assert (way.act, way.act_url) == ("Switch it on", reverse("admin:generations_offerswitch_changelist"))

    def test_say_what_they_would_be(self, cast: Cast, image: Image, signed_in: Callable[[Member], Client]) -> None:
        """Pixels, format, seconds and character are quiet there, but they are there."""
        OfferSwitch.objects.create(provider="demo", offer_key="enlarge-4x", is_on=False)
        found = self.closed(image, cast.ada)
        assert f"{image.width * 4} × {image.height * 4} px" in found["demo:enlarge-4x"].words
        assert found["apixo:image-upscaler"].range == "Size: 2K, 4K, 8K. File format: JPG, PNG, WebP."

        page = signed_in(cast.ada).get(reverse("image_upscale", args=[image.pk])).content.decode()
        closed = page.split("Not for this picture")[1]
        for way in found.values():
            assert way.words in closed
            assert way.seconds in closed


def test_says_what_is_missing_from_a_thin_purse(cast: Cast, image: Image) -> None:
    poor = join(cast.team, "Pia", Role.CREATOR, credits=2)
    assert sheet_for(image, poor).missing == 3


def test_draws_the_true_proportion(cast: Cast, image: Image) -> None:
    twice, four = sheet_for(image, cast.ada).groups[0].choices
    assert twice.before_width == 2 * four.before_width or abs(twice.before_width - 2 * four.before_width) <= 0.2
    assert twice.before_y + twice.before_height == pytest.approx(29.5)


class TestASheetOfManyVendors:
    @pytest.fixture(autouse=True)
    def _bureau(self, cast: Cast, image: Image, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        settings.PUBLIC_URL = "https://studio.example.org"
        self.image = drawn_there(weigh(image, 5000), open_bureau(cast.team, monkeypatch), hours=20.8)

    def choice(self, cast: Cast, value: str, **facts: Any) -> Choice:
        sheet = upscale_sheet(self.image, member=cast.ada, **facts)
        shown = [choice for group in sheet.groups for choice in group.choices] + sheet.refused
        return next(choice for choice in shown if choice.value == value)

    def test_begins_where_the_picture_was_made(self, cast: Cast) -> None:
        sheet = sheet_for(self.image, cast.ada)
        assert [(group.vendor, group.note) for group in sheet.groups] == [
            ("Bureau", "where this picture was made"),
            ("Demo", ""),
        ]
        assert sheet.chosen is not None
        assert sheet.chosen.value == "bureau:again"

    def test_says_what_a_vendor_leaves_open_and_draws_no_size_it_does_not_know(self, cast: Cast) -> None:
        again, large = self.choice(cast, "bureau:again"), self.choice(cast, "bureau:large")
        assert again.words == "Keeps the look. Bureau picks the size and file format."
        assert large.words == "Adds detail. Bureau does not say how many pixels a size has."
        assert (again.width, large.width, large.seconds) == (None, None, "20 s to 2 min")

    def test_counts_down_what_ends(self, cast: Cast) -> None:
        again = self.choice(cast, "bureau:again")
        assert again.seconds_left is not None
        assert 3 * 3600 < again.seconds_left < 3.25 * 3600
        assert re.fullmatch(r"3 h 1[12] min left", again.time_left)
        assert self.choice(cast, "bureau:large").time_left == ""

    def test_asks_for_the_choices_beside_the_way_with_the_usual_ones_ticked(self, cast: Cast) -> None:
        settings = self.choice(cast, "bureau:large").settings
        assert [(one.name, one.label) for one in settings] == [
            ("bureau:large:resolution", "Size"),
            ("bureau:large:output_format", "File format"),
        ]
        assert [(option.title, option.checked) for option in settings[0].options] == [
            ("2K", False),
            ("4K", True),
            ("8K", False),
        ]

    def test_keeps_what_was_picked_for_the_chosen_way(self, cast: Cast) -> None:
        picked = {"resolution": "8k", "output_format": "png"}
        kept = self.choice(cast, "bureau:large", chosen="bureau:large", picked=picked)
        lost = self.choice(cast, "bureau:large", chosen="bureau:again", picked=picked)
        for choice, size in ((kept, "8k"), (lost, "4k")):
            assert [option.value for option in choice.settings[0].options if option.checked] == [size]

    def test_prices_a_choice_that_has_a_price_of_its_own(self, cast: Cast) -> None:
        set_price("bureau", "large", 20, choice="resolution=8k")
        usual = self.choice(cast, "bureau:large")
        large = self.choice(cast, "bureau:large", chosen="bureau:large", picked={"resolution": "8k"})
        assert (usual.price, usual.base_price, large.price, large.base_price) == (6, 6, 20, 6)
        assert [option.price for option in usual.settings[0].options] == [None, None, 20]

    def test_knows_no_price_for_settings_beside_the_only_one_that_has_one(self, cast: Cast) -> None:
        QuerySet(Price).filter(provider="bureau").delete()
        set_price("bureau", "large", 9, choice="resolution=4k")
        usual = self.choice(cast, "bureau:large")
        other = self.choice(cast, "bureau:large", chosen="bureau:large", picked={"resolution": "2k"})

        assert (usual.possible, usual.price, usual.base_price) == (True, 9, None)
        assert (other.possible, other.price) == (False, None)

    def test_asks_whether_a_copy_may_be_sent_and_does_not_begin_with_it(self, cast: Cast) -> None:
        self.image = weigh(self.image, 12_400_000)
        copy = self.choice(cast, "bureau:large").copy
        assert copy is not None
        assert (copy.name, copy.value, copy.checked) == ("bureau:large:copy", "jpeg", False)
        assert copy.title == "Send a smaller JPEG copy (about 0.1 MB)"
        assert copy.why == "The file is 12.4 MB; Bureau reads up to 0.02 MB. Your picture stays as it is."
        OfferSwitch.objects.create(provider="bureau", offer_key="again", is_on=False)
        sheet = sheet_for(self.image, cast.ada)
        assert sheet.chosen is not None
        assert sheet.chosen.copy is None

    def test_says_while_a_vendor_rests_that_it_waits(self, cast: Cast) -> None:
        Credential.objects.get(provider="bureau").rest(seconds=60, because="The account is empty.")
        choice = self.choice(cast, "bureau:large")
        assert (choice.possible, choice.rests) == (True, "The account is empty.")
        assert choice.rests_until is not None

    def test_says_of_what_one_key_alone_can_do_how_that_key_is_doing(self, cast: Cast) -> None:
        drew = Credential.objects.get(provider="bureau")
        other = Credential.objects.create(team=cast.team, provider="bureau", label="Another", position=2)
        drew.rest(seconds=60, because="The account is empty.")
        self.image.refresh_from_db()
        assert self.choice(cast, "bureau:again").rests == "The account is empty."
        assert self.choice(cast, "bureau:large").rests == ""

        drew.heal()
        other.rest(seconds=60, because="The account is empty.")
        self.image.refresh_from_db()
        assert self.choice(cast, "bureau:again").rests == ""

    def test_costs_the_same_however_many_vendors_there_are(
        self, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_max_num_queries(8):
            sheet_for(self.image, cast.ada)
