"""Who sees what: a viewer looks, an outsider learns nothing, everybody chooses their own theme."""

import re

from playwright.sync_api import expect

from tests.browser.acts import cards_of, generate, is_drawn
from tests.browser.cast import LENA, MALLORY, VERA
from tests.browser.visiting import Door
from tests.browser.wall import FAIL, RIDGES, WITHDRAWN, Wall

ACTS = re.compile("Retry|Run again|Cancel|Upscale|Reuse|Edit prompt")


def test_a_viewer_sees_the_wall_and_nothing_to_act_on(door: Door, wall: Wall) -> None:
    page = door.open(VERA)
    expect(page.get_by_text("Your role here is Viewer")).to_be_visible()
    assert is_drawn(cards_of(page, RIDGES).get_by_role("img"))
    for prompt in (FAIL, WITHDRAWN):
        expect(cards_of(page, prompt)).to_be_visible()
    for address in ("/", "/library/", wall.image):
        page.goto(address)
        expect(page.get_by_role("textbox", name="Prompt")).to_have_count(0)
        expect(generate(page)).to_have_count(0)
        for role in ("button", "link"):
            expect(page.get_by_role(role, name=ACTS)).to_have_count(0)
    expect(page.get_by_role("link", name="Download", exact=True)).to_be_visible()


def test_a_viewer_who_types_the_address_of_the_upscale_sheet_cannot_send_it(door: Door, wall: Wall) -> None:
    page = door.open(VERA, f"{wall.image}upscale/")
    expect(page.get_by_role("button", name=re.compile("^Upscale"))).to_be_disabled()


def test_an_outsider_gets_the_page_that_says_nothing(door: Door, wall: Wall) -> None:
    door.watch.allow("status of 404")
    page = door.open(MALLORY)
    expect(page.get_by_text("Nothing hangs here yet")).to_be_visible()
    for address in (wall.image, f"{wall.image}upscale/", f"{wall.image}original/", f"{wall.image}files/640/"):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading", level=1)).to_have_text("Nothing hangs here")
        expect(page.get_by_text(RIDGES)).to_have_count(0)
    page.goto("/library/")
    expect(page.get_by_text("The walls are still bare")).to_be_visible()


def test_a_theme_shows_at_once_and_stays(door: Door) -> None:
    page = door.open(LENA, "/account/")
    html = page.locator("html")
    expect(html).to_have_attribute("data-theme", "auto")
    for theme in ("Dark", "Light"):
        with page.expect_response("**/account/"):
            page.get_by_role("radio", name=theme).check()
        expect(html).to_have_attribute("data-theme", theme.lower())
        page.goto("/")
        expect(html).to_have_attribute("data-theme", theme.lower())
        page.goto("/account/")
        expect(page.get_by_role("radio", name=theme)).to_be_checked()


def test_a_theme_can_be_saved_without_script(door: Door) -> None:
    page = door.open(MALLORY, "/account/", script=False)
    page.get_by_role("radio", name="Dark").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("group", name="Theme").get_by_role("radio").first.check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "auto")
