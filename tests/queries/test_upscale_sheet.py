"""The sheet shows every way to enlarge, with its price, and says why some are closed."""

import pytest

from generations.models import Credential, Image, Member, Price, Role
from generations.queries.upscale_sheet import UpscaleSheet, upscale_sheet
from tests.conftest import Cast, join
from tests.making import finish_one


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
    Price.objects.filter(offer_key="enlarge-2x").delete()
    sheet = sheet_for(image, cast.ada)
    assert values(sheet) == ["demo:enlarge-4x"]
    assert "price" in sheet.refused[0].why


def test_has_nothing_without_a_credential(cast: Cast, image: Image) -> None:
    Credential.objects.filter(team=cast.team).update(state="retired")
    sheet = sheet_for(image, cast.ada)
    assert sheet.groups == []
    assert sheet.refused == []
    assert sheet.chosen is None


def test_says_what_is_missing_from_a_thin_purse(cast: Cast, image: Image) -> None:
    poor = join(cast.team, "Pia", Role.CREATOR, credits=2)
    assert sheet_for(image, poor).missing == 3


def test_draws_the_true_proportion(cast: Cast, image: Image) -> None:
    twice, four = sheet_for(image, cast.ada).groups[0].choices
    assert twice.before_width == 2 * four.before_width or abs(twice.before_width - 2 * four.before_width) <= 0.2
    assert twice.before_y + twice.before_height == pytest.approx(29.5)
