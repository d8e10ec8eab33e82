"""Finding a picture by typing, with and without script."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.cast import VERA
from tests.browser.looks import SOME, flaws
from tests.browser.visiting import Door
from tests.browser.wall import Wall

SEARCH = "Search by prompt, maker or model"


def pictures(page: Page) -> Locator:
    return page.locator("#wall .card")


def test_the_wall_narrows_as_one_types_and_the_address_goes_along(door: Door, wall: Wall) -> None:
    page = door.open(VERA, "/library/")
    every = page.locator("#library-count").inner_text()
    found = flaws(door, page, "Library")
    page.keyboard.press("/")
    field = page.get_by_role("searchbox", name=SEARCH)
    expect(field).to_be_focused()
    page.keyboard.type("velvet lighthouse")
    expect(page.get_by_role("heading", name="No picture says “velvet lighthouse”")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/library/\?q=velvet(\+|%20)lighthouse&whose=$"))
    expect(field).to_be_focused()
    expect(page.locator("#library-count")).to_have_text("0 pictures")
    found += flaws(door, page, "Nothing found")
    page.get_by_role("link", name="Show all pictures").click()
    expect(page.locator("#library-count")).to_have_text(every)
    expect(pictures(page).first).to_be_visible()

    page.get_by_text("Mine", exact=True).click()
    expect(page.get_by_role("heading", name="Nothing of yours yet")).to_be_visible()
    page.go_back()
    expect(page.locator("#library-count")).to_have_text(every)
    assert not found, "\n".join(found)


def test_chips_narrow_the_wall_and_say_how_much_each_would_leave(door: Door, wall: Wall) -> None:
    page = door.open(VERA, "/library/")
    page.locator("#facet-shape").click()
    panel = page.get_by_role("group", name="Shape")
    square = panel.get_by_role("checkbox", name=re.compile("^1:1"))
    number = panel.locator("label", has_text="1:1").locator(".menu__aside")
    expect(number).to_have_text(re.compile(r"^[1-9]\d*$"))
    would_be = int(number.inner_text())
    found = flaws(door, page, "Shapes", views=SOME)
    square.check()
    expect(page.locator("#library-count")).to_have_text("1 picture" if would_be == 1 else f"{would_be} pictures")
    expect(page).to_have_url(re.compile(r"shape=1%3A1"))
    expect(square).to_be_focused()
    expect(page.locator("#facet-shape")).to_contain_text("1:1")
    page.keyboard.press("Escape")
    expect(page.locator("#facet-shape")).to_be_focused()
    page.get_by_role("link", name="Clear").click()
    expect(page).to_have_url(re.compile(r"/library/$"))
    expect(page.get_by_role("link", name="Clear")).to_be_hidden()
    assert not found, "\n".join(found)


def test_without_script_it_is_a_form(door: Door, wall: Wall) -> None:
    page = door.open(VERA, "/library/", script=False)
    word = (page.locator("#wall img").first.get_attribute("alt") or "").split()[0]
    page.get_by_role("searchbox", name=SEARCH).fill(word)
    page.get_by_role("searchbox", name=SEARCH).press("Enter")
    expect(page).to_have_url(re.compile(r"\?q="))
    expect(page.get_by_role("searchbox", name=SEARCH)).to_have_value(word)
    expect(pictures(page).first).to_be_visible()
