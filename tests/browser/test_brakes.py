"""An operator's hour: a vendor paused and opened, maintenance set and ended, words hung over every page."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import become, cards_of, generate, order, write
from tests.browser.cast import BASIL, Part
from tests.browser.looks import EVERY, SOME, clean, flaws
from tests.browser.running import Studio
from tests.browser.visiting import HEIGHTS, Door, keepsake

OPAL = Part("Opal", "")  # runs the studio, and is in no team
RIVER = "a river seen from a night train"
BRIDGE = "an iron bridge over the same river"


@pytest.fixture
def opened_again(studio: Studio, sessions: dict[str, str]) -> Iterator[None]:
    """Other journeys go on in the same studio: whatever happens here, it is open afterwards."""
    sessions[OPAL.name] = studio.seat_operator()
    yield
    studio.open_everything()


def board(page: Page, name: str) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name=name, exact=True).click()


def looks(page: Page, name: str) -> list[str]:
    """The desk's own part of the page, whose frame is Django's, at every width in both themes."""
    found: list[str] = []
    for width, theme in EVERY:
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.emulate_media(color_scheme=theme)
        found += [f"{width} {theme}: {one}" for one in clean(page, name, "#content")]
        keepsake(page, f"{name} {width} {theme}")
    page.set_viewport_size({"width": 1440, "height": 900})
    return found


@pytest.mark.usefixtures("opened_again")
def test_a_vendor_is_paused_and_what_waits_says_so_and_goes_on(door: Door, studio: Studio) -> None:
    page = door.open(BASIL)
    desk = door.open(OPAL, "/admin/")
    found = []
    with studio.worker_asleep():
        order(page, RIVER)
        board(desk, "Pause: Demo")
        expect(desk.get_by_text(re.compile(r"\b1 waiting, \d+ running"))).to_be_visible()
        desk.get_by_label("Why").fill("Its pictures come out upside down")
        found += looks(desk, "Brakes desk pausing")
        desk.get_by_role("button", name=re.compile("^Pause")).click()
        expect(desk.get_by_text("“Its pictures come out upside down”")).to_be_visible()
        found += looks(desk, "Brakes desk board")
        page.reload()
        expect(cards_of(page, RIVER).first).to_contain_text("Paused by the studio’s staff")
        expect(generate(page)).to_be_disabled()
        write_over(page, BRIDGE)
        found += flaws(door, page, "Brakes paused", views=SOME)
    expect(cards_of(page, RIVER).first).to_have_attribute("data-state", "queued")
    board(desk, "Open again: Demo")
    desk.get_by_role("button", name="Open again").click()
    expect(desk.get_by_text("open again.")).to_be_visible()
    become(cards_of(page, RIVER), "succeeded")
    assert not found, "\n".join(found)


@pytest.mark.usefixtures("opened_again")
def test_maintenance_refuses_politely_and_keeps_what_was_typed(door: Door) -> None:
    door.watch.allow("status of 422")
    page = door.open(BASIL)
    desk = door.open(OPAL, "/admin/")
    found = []
    write(page, BRIDGE)
    board(desk, "Maintenance: The studio")
    desk.get_by_label("Why").fill("A new version is being put in")
    desk.get_by_label("Ends by itself").fill("2099-03-01T14:30")
    desk.get_by_role("button", name=re.compile("^Maintenance")).click()
    expect(desk.get_by_role("region", name="From the studio’s staff")).to_be_visible()
    found += looks(desk, "Brakes desk maintenance")

    generate(page).click()
    expect(page.get_by_text("Nothing was ordered, and nothing was charged.", exact=False).first).to_be_visible()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(BRIDGE)
    expect(generate(page)).to_be_disabled()
    found += flaws(door, page, "Brakes refused", views=SOME)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.reload()
    said = page.get_by_role("region", name="From the studio’s staff")
    expect(said).to_contain_text("What runs will finish")
    expect(said).to_contain_text("1 Mar 2099")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(BRIDGE)
    expect(generate(page)).to_be_disabled()
    found += flaws(door, page, "Brakes maintenance")
    page.set_viewport_size({"width": 1440, "height": 900})

    board(desk, "Open again: The studio")
    desk.get_by_role("button", name="Open again").click()
    page.goto("/")
    expect(said).to_have_count(0)
    become(order(page, BRIDGE), "succeeded")
    assert not found, "\n".join(found)


@pytest.mark.usefixtures("opened_again")
@pytest.mark.parametrize("script", [True, False])
def test_words_over_the_pages_are_put_away_by_who_read_them(door: Door, script: bool) -> None:
    desk = door.open(OPAL, "/admin/generations/banner/add/")
    desk.get_by_label("Words").fill("New brushes came in today")
    found = looks(desk, "Brakes desk banner")
    desk.get_by_role("button", name="Save").click()
    page = door.open(BASIL, "/library/", script=script)
    said = page.get_by_text("New brushes came in today")
    expect(said).to_be_visible()
    if script:
        found += flaws(door, page, "Brakes banner", views=SOME)
    page.get_by_role("button", name="Put this away").click()
    expect(said).to_have_count(0)
    page.goto("/credits/")
    expect(said).to_have_count(0)
    assert not found, "\n".join(found)


def write_over(page: Page, prompt: str) -> None:
    """Words are taken while nothing can be ordered."""
    page.get_by_label("Prompt", exact=True).fill(prompt)
