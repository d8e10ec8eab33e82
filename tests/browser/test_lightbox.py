"""A picture looked at closely: by keys alone from the wall and back, by one thumb, and without any key."""

import re

from playwright.sync_api import Page, expect

from tests.browser.acts import tab_to
from tests.browser.cast import NORA, VERA
from tests.browser.looks import SOME, flaws
from tests.browser.visiting import Door
from tests.browser.wall import Wall

ARCHES = "/library/?q=terracotta"
PLACE = re.compile(r"/images/[0-9a-f-]{36}/\?q=terracotta$")


def place(page: Page) -> str:
    return page.locator(".viewer__position").inner_text()


def scale(page: Page) -> float:
    return float(page.locator("[data-zoom] img").evaluate("(img) => getComputedStyle(img).scale") or 1)


def test_by_keys_alone_from_the_wall_to_a_picture_and_back(door: Door, wall: Wall) -> None:
    page = door.open(NORA, ARCHES)
    tab_to(page, page.locator("#wall .card__link").first)
    page.keyboard.press("Enter")
    expect(page).to_have_url(PLACE)
    assert place(page) == "1 of 2"
    steps = page.evaluate("() => history.length")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".viewer__position")).to_have_text("2 of 2")
    expect(page).to_have_url(PLACE)
    expect(page.locator("#viewer-news")).to_contain_text("Picture 2 of 2: ")
    assert page.evaluate("() => history.length") == steps
    second = page.url

    page.keyboard.press("z")
    expect(page.locator("[data-zoomed]")).to_have_count(1)
    expect(page.locator("#viewer-news")).to_contain_text("Zoom: ")
    assert scale(page) > 1
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(second)
    found = flaws(door, page, "Lightbox zoomed", views=SOME)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("Escape")
    expect(page.locator("[data-zoomed]")).to_have_count(0)

    page.keyboard.press("i")
    expect(page.get_by_role("heading", name="How it was made")).to_be_hidden()
    found += flaws(door, page, "Lightbox drawer closed", views=[(1440, "dark")])
    page.locator("#newer").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".viewer__position")).to_have_text("1 of 2")
    expect(page.locator("#newer")).to_be_focused()
    expect(page.get_by_role("heading", name="How it was made")).to_be_hidden()
    page.keyboard.press("i")
    expect(page.get_by_role("heading", name="How it was made")).to_be_visible()

    page.keyboard.press("u")
    expect(page.get_by_role("dialog", name="Upscale")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Upscale")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/library/\?q=terracotta#image-[0-9a-f-]{36}$"))
    expect(page.locator("#wall .card__link").first).to_be_focused()
    assert not found, "\n".join(found)


def test_one_thumb_swipes_zooms_and_opens_the_drawer(door: Door, wall: Wall) -> None:
    page = door.open(VERA, ARCHES, width=390)
    page.set_viewport_size({"width": 360, "height": 780})
    hand = page.context.new_cdp_session(page)
    hand.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
    page.locator("#wall .card__link").first.click()

    def touch(*moments: list[tuple[int, int]]) -> None:
        for number, fingers in enumerate(moments):
            kind = "touchStart" if number == 0 else "touchMove"
            points = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(fingers)]
            hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    expect(page).to_have_url(PLACE)
    touch([(180, 400)])
    touch([(180, 400)])
    expect(page.locator("[data-zoomed]")).to_have_count(1)
    page.get_by_role("button", name="Fit, or one to one").click()
    touch([(300, 400)], [(220, 402)], [(120, 405)])
    expect(page.locator(".viewer__position")).to_have_text("2 of 2")
    touch([(60, 400)], [(150, 402)], [(260, 405)])
    expect(page.locator(".viewer__position")).to_have_text("1 of 2")
    touch([(150, 400), (210, 400)], [(120, 400), (240, 400)], [(90, 400), (270, 400)])
    expect(page.locator("[data-zoomed]")).to_have_count(1)
    assert scale(page) > 2
    touch([(300, 400)], [(120, 405)])
    assert place(page) == "1 of 2"
    page.get_by_role("button", name="Fit, or one to one").click()
    expect(page.locator("[data-zoomed]")).to_have_count(0)

    about = page.get_by_role("heading", name="How it was made")
    expect(about).to_be_hidden()
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    page.get_by_role("button", name="About this picture").click()
    expect(about).to_be_visible()
    found = flaws(door, page, "Lightbox drawer open", views=SOME)
    page.set_viewport_size({"width": 360, "height": 780})
    found += page.evaluate(TOO_SMALL)
    page.keyboard.press("Escape")
    expect(about).to_be_hidden()
    assert not found, "\n".join(found)


TOO_SMALL = """() => [...document.querySelectorAll(".viewer a, .viewer button, .viewer summary")]
  .filter((node) => node.checkVisibility() && getComputedStyle(node).display !== "inline")
  .map((node) => [node, node.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < 43.5 || box.height < 43.5))
  .map(([node, box]) => `small for a thumb: ${node.outerHTML.slice(0, 90)}: ${box.width} × ${box.height}`)"""


def test_the_list_of_keys_is_searched(door: Door) -> None:
    page = door.open(VERA, "/library/", width=820)
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    sheet.get_by_role("searchbox", name="Find a key").fill("upsc")
    expect(sheet.locator("dl > div:visible")).to_have_count(1)
    sheet.get_by_role("searchbox", name="Find a key").fill("no such thing")
    expect(sheet.get_by_text("No key does that.")).to_be_visible()
    found = flaws(door, page, "Keys searched", views=SOME)
    assert not found, "\n".join(found)
