"""The sheet of many vendors: what is chosen beside a way, what must be agreed to, and what ends while one looks."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import become, order
from tests.browser.cast import IRIS
from tests.browser.looks import SOME, flaws
from tests.browser.visiting import Door

FOUR_HOURS_MS = 4 * 3600 * 1000
LEFT = re.compile(r"^3 h 1\d min left$")


@pytest.fixture(scope="module")
def pieces() -> list[str]:
    """The addresses of Iris's six pictures, once they are made."""
    return []


@pytest.fixture
def addresses(door: Door, pieces: list[str]) -> list[str]:
    if not pieces:
        become(order(door.open(IRIS), "Six herons over a marsh", shape="3:2"), "succeeded")
        pieces += door.studio.dress(IRIS.team)
    return pieces


def open_sheet(page: Page) -> Locator:
    page.get_by_role("link", name="Upscale").first.click()
    sheet = page.get_by_role("dialog", name="Upscale")
    expect(sheet).to_be_visible()
    return sheet


def test_six_pictures_of_one_order_are_one_card_and_six_pages(door: Door, addresses: list[str]) -> None:
    page = door.open(IRIS)
    card = page.locator("[id^='generation-']").first
    expect(card.get_by_text("6 pictures")).to_be_visible()
    card.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1, name="Six herons")).to_be_visible()
    found = flaws(door, page, "Image of six", views=SOME)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Picture 4 of 6").click()
    expect(page).to_have_url(re.compile(addresses[3]))
    expect(page.get_by_text("5 credits, for all 6 pictures")).to_be_visible()
    assert not found, "\n".join(found)


def test_the_sheet_asks_for_what_a_way_needs_and_for_nothing_else(door: Door, addresses: list[str]) -> None:
    page = door.open(IRIS, addresses[-1])
    sheet = open_sheet(page)
    heavy = sheet.get_by_role("checkbox", name="Send a smaller JPEG copy")
    expect(heavy).to_be_hidden()
    sheet.get_by_role("radio", name="Crisp upscale").check()
    expect(heavy).to_be_visible()
    found = flaws(door, page, "Upscale of a heavy picture", views=SOME)
    sheet.get_by_role("button", name=re.compile("^Upscale")).click()
    assert heavy.evaluate("(box) => box.validity.valueMissing"), "the order went out without agreement"
    sheet.get_by_role("radio", name="Demo enlarge 2×").check()
    expect(heavy).to_be_hidden()
    assert sheet.locator("[data-agree]").evaluate("(box) => box.validity.valid"), "a box nobody sees holds the order up"
    assert not found, "\n".join(found)


def test_what_can_be_ordered_for_a_while_counts_down_and_closes(door: Door, addresses: list[str]) -> None:
    page = door.open(IRIS, "/account/")
    page.clock.install()
    page.goto(f"{addresses[0]}upscale/")
    again = page.get_by_role("radio", name="Grok upscale", exact=True)
    expect(again).to_be_checked()
    expect(page.get_by_text(LEFT)).to_be_visible()
    found = flaws(door, page, "Upscale at three vendors", views=SOME)
    page.clock.fast_forward(FOUR_HOURS_MS)
    expect(page.get_by_text("The time for this is over")).to_be_visible()
    expect(again).to_be_disabled()
    expect(page.get_by_role("button", name=re.compile("^Upscale"))).to_be_disabled()
    page.get_by_role("radio", name="Demo enlarge 2×").check()
    expect(page.get_by_role("button", name=re.compile("^Upscale"))).to_be_enabled()
    assert not found, "\n".join(found)


def test_without_a_script_everything_is_there(door: Door, addresses: list[str]) -> None:
    page = door.open(IRIS, f"{addresses[-1]}upscale/", script=False)
    expect(page.get_by_text("is paused for this team. Your owner can resume it.").first).to_be_visible()
    page.get_by_role("radio", name="Crisp upscale").check()
    box = page.get_by_role("checkbox", name="Send a smaller JPEG copy")
    expect(box).to_be_visible()
    door.watch.allow("status of 422")
    page.get_by_role("button", name=re.compile("^Upscale")).click()
    expect(page.get_by_role("alert")).to_contain_text("not possible without a smaller copy")
    expect(page.get_by_role("radio", name="Crisp upscale")).to_be_checked()
