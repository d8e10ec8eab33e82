"""What one says about a picture: by keys, by typing, and what the library finds by it afterwards."""

import re

from playwright.sync_api import Page, expect

from tests.browser.cast import NORA
from tests.browser.looks import SOME, flaws
from tests.browser.visiting import Door
from tests.browser.wall import Wall

STORY = re.compile(r"tag=\d+")


def test_a_picture_is_judged_by_keys_tagged_noted_and_found_again(door: Door, wall: Wall) -> None:
    page = door.open(NORA, wall.image)
    judge_by_keys(page)
    tags = page.get_by_role("region", name="Tags")
    page.keyboard.press("g")
    field = tags.get_by_role("combobox", name="Add tags")
    expect(field).to_be_focused()
    page.keyboard.type("Quiet lake, blue")
    page.keyboard.press("Enter")
    expect(tags.get_by_role("listitem")).to_have_count(2)
    expect(field).to_be_focused()
    page.keyboard.type("quie")
    expect(page.locator("#tag-names option")).to_have_attribute("value", "Quiet lake")
    field.fill("")
    tags.get_by_role("button", name="Take blue off").click()
    expect(tags.get_by_role("listitem")).to_have_count(1)
    expect(field).to_be_focused()

    notes = page.get_by_role("region", name="Notes")
    notes.get_by_role("textbox", name="Write a note").fill("For the hallway, framed in oak")
    notes.get_by_role("button", name="Write").click()
    expect(notes.get_by_role("listitem")).to_contain_text("framed in oak")
    expect(page.locator("#marks-said")).to_have_text("Note written")
    found = flaws(door, page, "Marks")

    page.set_viewport_size({"width": 1440, "height": 900})
    tags.get_by_role("link", name="Quiet lake").click()
    expect(page).to_have_url(STORY)
    expect(page.locator("#wall .card")).to_have_count(1)
    heart = page.locator("#wall").get_by_role("button", name="Favorite")
    expect(heart).to_have_attribute("aria-pressed", "true")
    found += flaws(door, page, "Library of a tag", views=SOME)
    page.set_viewport_size({"width": 1440, "height": 900})
    heart.focus()
    page.keyboard.press("Enter")
    expect(heart).to_have_attribute("aria-pressed", "false")
    expect(heart).to_be_focused()
    page.goto("/library/?q=framed+oak&rating=4&pick=yes")
    expect(page.locator("#wall .card")).to_have_count(1)
    page.goto("/tags/")
    found += flaws(door, page, "Tags", views=SOME)
    assert not found, "\n".join(found)


def judge_by_keys(page: Page) -> None:
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Favorite")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#marks-said")).to_have_text("Added to your favorites")
    page.keyboard.press("2")
    expect(page.get_by_role("button", name="2 stars")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("0")
    expect(page.get_by_role("button", name="2 stars")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("4")
    expect(page.get_by_role("button", name="4 stars")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Team pick")).to_have_attribute("aria-pressed", "true")
