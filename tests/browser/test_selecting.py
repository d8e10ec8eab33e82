"""Choosing pictures on the wall, getting rid of them and having them back: by pointer, finger and keyboard."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import become, order_all
from tests.browser.cast import QUINN
from tests.browser.looks import SOME, flaws
from tests.browser.visiting import Door

pytestmark = pytest.mark.told_in_order
LAMPS = "Four paper lamps on a windowsill at dusk"


def lamps(page: Page) -> Locator:
    return page.locator("#wall .card", has=page.get_by_alt_text(LAMPS))


def bar(page: Page) -> Locator:
    return page.get_by_role("form", name="Chosen pictures")


def test_a_range_is_chosen_deleted_and_brought_back(door: Door) -> None:
    page = door.open(QUINN)
    (cards,) = order_all(page, (LAMPS, "3:2", 4))
    become(cards, "succeeded")
    page.goto("/library/?q=windowsill")
    expect(lamps(page)).to_have_count(4)
    expect(bar(page)).to_be_hidden()
    lamps(page).nth(0).hover()
    lamps(page).nth(0).get_by_role("checkbox").check()
    expect(bar(page)).to_contain_text("1 selected")
    lamps(page).nth(2).get_by_role("checkbox").click(modifiers=["Shift"])
    expect(bar(page)).to_contain_text("3 selected")
    found = flaws(door, page, "Choosing", views=SOME)
    bar(page).get_by_role("button", name="Delete").click()
    expect(lamps(page)).to_have_count(1)
    toast = page.locator(".toast", has_text="3 pictures are in the trash.")
    expect(toast).to_be_visible()
    expect(bar(page)).to_be_hidden()

    toast.get_by_role("button", name="Undo").click()
    expect(lamps(page)).to_have_count(4)
    assert not found, "\n".join(found)


def test_by_keyboard_alone(door: Door) -> None:
    page = door.open(QUINN, "/library/?q=windowsill", width=820)
    link = lamps(page).nth(1).get_by_role("link").first
    link.focus()
    page.keyboard.press("x")
    expect(bar(page)).to_contain_text("1 selected")
    page.keyboard.press("Escape")
    expect(bar(page)).to_be_hidden()
    page.keyboard.press("Space")
    bar(page).get_by_role("checkbox", name=re.compile("^All")).focus()
    page.keyboard.press("Space")
    expect(bar(page)).to_contain_text("4 pictures selected")
    bar(page).get_by_role("button", name="Delete").focus()
    page.keyboard.press("Enter")
    expect(lamps(page)).to_have_count(0)

    page.goto("/trash/")
    found = flaws(door, page, "Trash", views=SOME)
    for box in page.get_by_role("checkbox", name=re.compile(f"^Choose {LAMPS}")).all():
        box.focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Bring back").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("4 pictures are back")).to_be_visible()
    assert not found, "\n".join(found)


def test_a_long_press_begins_it_on_a_phone(door: Door) -> None:
    page = door.open(QUINN, "/library/?q=windowsill", width=390)
    card = lamps(page).nth(0)
    for kind in ("pointerdown", "pointerup"):
        card.get_by_role("link").first.dispatch_event(kind, {"pointerType": "touch", "clientX": 40, "clientY": 300})
        page.wait_for_timeout(700)
    expect(bar(page)).to_contain_text("1 selected")
    lamps(page).nth(1).get_by_role("checkbox").press("Space")
    expect(bar(page)).to_contain_text("2 selected")
    bar(page).get_by_role("button", name="Clear the selection").click()
    expect(bar(page)).to_be_hidden()
