"""A board is begun from a picture, filled, arranged by keys, by hand and by buttons; and a search is kept as one."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import send
from tests.browser.cast import NORA, VERA
from tests.browser.looks import SOME, flaws
from tests.browser.visiting import Door
from tests.browser.wall import RIDGES, Wall

pytestmark = pytest.mark.told_in_order

NAME = "Light on water"
KEPT = "Anything with ridges"


def places(page: Page) -> Locator:
    return page.locator("#places > li")


def order(page: Page) -> list[str]:
    return [one.get_attribute("data-picture") or "" for one in places(page).all()]


def arrange(page: Page) -> None:
    page.goto("/boards/")
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("link", name="Arrange").click()


def test_a_board_is_begun_from_a_picture(door: Door, wall: Wall) -> None:
    page = door.open(NORA, wall.image)
    page.get_by_role("link", name="Add to board").click()
    sheet = page.get_by_role("dialog", name="Boards of this picture")
    sheet.get_by_label("New board").fill(NAME)
    found = flaws(door, page, "Boards of a picture", views=SOME)
    sheet.get_by_role("button", name="Save").click()
    expect(sheet).to_be_hidden()
    region = page.get_by_role("region", name="Boards")
    expect(region.get_by_role("link", name=NAME)).to_be_visible()

    region.get_by_role("link", name="Change boards").click()
    expect(sheet.get_by_role("checkbox", name=NAME)).to_be_checked()
    page.keyboard.press("Escape")
    [number] = re.findall(r"\d+", region.get_by_role("link", name=NAME).get_attribute("href") or "")
    for address in wall.images.values():
        assert send(page, f"{address}boards/", shown=number, board=number) == 200
    assert not found, "\n".join(found)


def test_pictures_move_by_keys_by_hand_and_by_buttons(door: Door, wall: Wall) -> None:
    page = door.open(NORA, "/boards/")
    arrange(page)
    expect(places(page)).to_have_count(3)
    first, second, third = order(page)
    held = page.locator(f"#picture-{first}")
    held.focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#board-news")).to_contain_text("is now 2 of 3.")
    assert order(page) == [second, first, third]
    expect(held).to_be_focused()
    page.keyboard.press("Alt+End")
    expect(page.locator("#board-news")).to_contain_text("is now 3 of 3.")
    expect(held).to_be_focused()
    assert order(page) == [second, third, first]

    held.drag_to(page.locator(f"#picture-{second}"))
    expect(page.locator("#board-news")).to_contain_text("is now 1 of 3.")
    assert order(page) == [first, second, third]
    places(page).last.get_by_role("button", name="Earlier").click()
    expect(page.locator("#board-news")).to_contain_text("is now 2 of 3.")
    page.reload()
    assert order(page) == [first, third, second]

    found = flaws(door, page, "Arranging a board", views=SOME)
    places(page).first.get_by_role("button", name="Take off the board").click()
    expect(places(page)).to_have_count(2)
    expect(page.locator("#board-count")).to_have_text("2 pictures")
    expect(page.locator(f"#picture-{third}")).to_be_focused()
    page.get_by_role("link", name="Done").click()
    expect(page.locator("#wall .card")).to_have_count(2)
    found += flaws(door, page, "Board", views=SOME)
    assert not found, "\n".join(found)


def test_without_script_the_same_buttons_do(door: Door, wall: Wall) -> None:
    page = door.open(NORA, "/boards/", script=False)
    arrange(page)
    before = order(page)
    places(page).last.get_by_role("button", name="First").click()
    expect(places(page)).to_have_count(2)
    assert order(page) == before[::-1]


def test_a_search_is_kept_and_shows_what_matches_then(door: Door, wall: Wall) -> None:
    page = door.open(NORA, "/library/?q=ridges")
    page.get_by_role("link", name="Save this search").click()
    sheet = page.get_by_role("dialog", name="Keep this search")
    sheet.get_by_label("Name").fill(KEPT)
    sheet.get_by_role("button", name="Keep the search").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(KEPT)
    expect(page.get_by_text("shows what matches now")).to_be_visible()
    expect(page.get_by_alt_text(RIDGES)).to_be_visible()
    found = flaws(door, page, "Live board", views=SOME)
    page.goto("/boards/")
    found += flaws(door, page, "Boards")

    page = door.open(VERA, "/boards/", width=390)
    page.get_by_role("link", name=NAME).click()
    expect(page.locator("#wall .card")).to_have_count(2)
    expect(page.get_by_role("link", name="Arrange")).to_have_count(0)
    assert not found, "\n".join(found)
