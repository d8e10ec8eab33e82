"""Every page at three widths in two themes: nothing sticks out, axe-core finds nothing, everything can be hit."""

import pytest
from playwright.sync_api import expect

from tests.browser.cast import MALLORY, NORA, VERA, Part
from tests.browser.looks import SOME, flaws, sticks_out
from tests.browser.visiting import Door
from tests.browser.wall import CITRUS, NEVER, Wall

PLACES: dict[str, tuple[Part | None, str]] = {
    "Studio of nobody yet": (MALLORY, "/"),
    "Studio": (NORA, "/"),
    "Library": (NORA, "/library/"),
    "Credits": (NORA, "/credits/"),
    "Account": (NORA, "/account/"),
    "Login": (None, "/login/"),
}


LESSER: dict[str, tuple[Part, str]] = {
    "Studio of a viewer": (VERA, "/"),
    "Library empty": (MALLORY, "/library/"),
}


@pytest.mark.parametrize("name", PLACES)
def test_the_page_looks_right_everywhere(door: Door, wall: Wall, name: str) -> None:
    who, path = PLACES[name]
    page = door.open(who, path)
    if name == "Studio":
        expect(page.locator(".run", has_text=NEVER).get_by_text("Slower than usual")).to_be_visible()
    found = flaws(door, page, name)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", LESSER)
def test_the_page_looks_right_for_those_who_see_less(door: Door, wall: Wall, name: str) -> None:
    who, path = LESSER[name]
    found = flaws(door, door.open(who, path), name, views=SOME)
    assert not found, "\n".join(found)


def test_the_page_of_a_picture_looks_right_everywhere(door: Door, wall: Wall) -> None:
    page = door.open(NORA, wall.image)
    page.get_by_text("What happened, step by step").click()
    found = flaws(door, page, "Image")
    assert not found, "\n".join(found)


def test_the_upscale_sheet_looks_right_over_the_page_and_as_a_page(door: Door, wall: Wall) -> None:
    page = door.open(NORA, wall.image)
    page.get_by_role("link", name="Upscale").first.click()
    expect(page.get_by_role("dialog", name="Upscale")).to_be_visible()
    found = flaws(door, page, "Upscale")
    page.goto(f"{wall.image}upscale/")
    found += flaws(door, page, "Upscale as a page", views=SOME)
    assert not found, "\n".join(found)


def test_menus_dialogs_and_toasts_look_right_while_open(door: Door) -> None:
    page = door.open(MALLORY)
    page.get_by_label("Prompt", exact=True).fill("Something else")
    page.locator("#model-picker summary").click()
    found = flaws(door, page, "Model picker", views=SOME)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Citrus halves").click()
    expect(page.get_by_role("status").filter(has_text="Prompt replaced")).to_be_visible()
    page.locator("#toasts").hover()
    found += flaws(door, page, "Toast", views=SOME)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("Something else")
    page.get_by_role("heading", name="Newest").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    found += flaws(door, page, "Keys", views=SOME)
    assert not found, "\n".join(found)


def test_a_word_longer_than_any_line_stays_within_its_page(door: Door, wall: Wall) -> None:
    page = door.open(NORA)
    found = {}
    for path in ("/", "/library/", "/credits/", wall.images[CITRUS], f"{wall.images[CITRUS]}upscale/"):
        page.goto(path)
        found[path] = sticks_out(page)
    assert not any(found.values()), found


def test_the_page_that_is_not_there_looks_right_everywhere(door: Door) -> None:
    door.watch.allow("status of 404")
    page = door.open(MALLORY, "/images/0193c1f4-0000-7000-8000-000000000000/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing hangs here")
    found = flaws(door, page, "Not found")
    assert not found, "\n".join(found)


def test_a_refused_order_looks_right_everywhere(door: Door) -> None:
    door.watch.allow("status of 422")
    page = door.open(MALLORY)
    page.get_by_label("Prompt", exact=True).fill("x" * 5001)
    page.get_by_label("Prompt", exact=True).press("Control+Enter")
    expect(page.locator("#prompt-error")).to_contain_text("1 character too many")
    found = flaws(door, page, "Refused order", views=SOME)
    assert not found, "\n".join(found)
