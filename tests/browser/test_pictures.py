"""From a prompt to a picture, to a larger one, and to one larger still; and every way this can end early."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import (
    OPEN,
    balance,
    become,
    cards_of,
    facts_of,
    generate,
    is_drawn,
    order,
    prompt_of,
    runs_of,
    write,
)
from tests.browser.cast import ADA, NORA
from tests.browser.looks import SOME, flaws
from tests.browser.visiting import PICTURE_MS, Door
from tests.browser.wall import FAIL, NEVER, UNSAFE, WITHDRAWN, Wall

DUSK = "City skyline at dusk across the water, first windows lit"


def test_a_prompt_becomes_a_picture_then_a_larger_one_then_one_larger_still(door: Door) -> None:
    page = door.open(ADA, calm=False)
    cards = order_with_an_eye_on_the_price(page)
    shape = cards.first.bounding_box()
    become(cards, "succeeded")
    assert cards.first.bounding_box() == shape, "the card jumped when its picture came"
    assert all(is_drawn(picture) for picture in cards.get_by_role("img").all())
    expect(page.get_by_role("status").filter(has_text="Nothing under way")).to_be_visible()
    assert page.evaluate("() => window.stayed")

    cards.first.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/images/[0-9a-f-]{36}/$"))
    expect(prompt_of(page)).to_have_text(DUSK)
    facts = facts_of(page)
    assert {"Model": "Demo painter", "Cost": "5 credits", "Made by": ADA.name}.items() <= facts.items()
    first = pixels(facts)
    assert first[0] > first[1]
    for generation in (2, 3):
        upscale_by_two(page)
        family = page.get_by_role("navigation", name="Versions of this picture").get_by_role("link")
        expect(family).to_have_count(generation, timeout=PICTURE_MS)
        family.last.click()
        expect(family.last).to_have_attribute("aria-current", "true")
        expect(family.last).to_contain_text("2×")
        expect(prompt_of(page)).to_have_text(DUSK)
    assert pixels(facts_of(page)) == (first[0] * 4, first[1] * 4)
    assert is_drawn(page.locator("figure img"))
    page.emulate_media(reduced_motion="reduce")
    found = flaws(door, page, "Image of three generations", views=SOME)
    assert not found, "\n".join(found)


def order_with_an_eye_on_the_price(page: Page) -> Locator:
    """Three pictures; the price is on the button first, the cards and the new balance are there at the press."""
    before = balance(page)
    page.evaluate("() => { window.stayed = true; }")
    write(page, DUSK, shape="3:2")
    expect(generate(page)).to_contain_text("5 credits")
    page.get_by_label("Count", exact=True).fill("3")
    expect(generate(page)).to_contain_text("15 credits")
    expect(page.locator("#composer")).to_contain_text(f"{before - 15:,} credits left after")
    generate(page).click()
    cards = cards_of(page, DUSK)
    expect(cards).to_have_count(3)
    for card in cards.all():
        expect(card).to_have_attribute("data-state", OPEN)
        expect(card).to_have_attribute("data-ratio", "3:2")
    expect(page.locator("#rail-credits strong")).to_have_text(f"{before - 15:,}")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(DUSK)
    return cards


def upscale_by_two(page: Page) -> None:
    """Through the sheet; the price is on the button, the balance moves at the press, no page is loaded."""
    before = balance(page)
    page.evaluate("() => { window.stayed = true; }")
    page.get_by_role("link", name="Upscale").first.click()
    sheet = page.get_by_role("dialog", name="Upscale")
    sheet.get_by_role("radio", name="Demo enlarge 2×").check()
    button = sheet.get_by_role("button", name=re.compile("^Upscale"))
    expect(button).to_contain_text("5 credits")
    button.click()
    expect(sheet).to_be_hidden()
    expect(page.locator("#rail-credits strong")).to_have_text(f"{before - 5:,}")
    expect(page.locator("#feed [id^='generation-']").first).to_have_attribute("data-state", OPEN)
    assert page.evaluate("() => window.stayed")


def pixels(facts: dict[str, str]) -> tuple[int, int]:
    found = re.search(r"(\d+) × (\d+) px", facts["Shape"])
    assert found is not None, facts
    return int(found[1]), int(found[2])


def test_a_failure_says_what_happened_gives_the_credits_back_and_can_be_retried(door: Door) -> None:
    page = door.open(ADA)
    before = balance(page)
    prompt = "Windmills that fail in the rain"
    cards = order(page, prompt)
    expect(page.locator("#rail-credits strong")).to_have_text(f"{before - 5:,}")
    become(cards, "failed")
    expect(cards.first).to_contain_text("The vendor could not make this picture")
    expect(cards.first).to_contain_text("5 credits returned")
    expect(page.locator("#rail-credits strong")).to_have_text(f"{before:,}")
    with door.studio.worker_asleep():
        cards.first.get_by_role("button", name="Retry").click()
        expect(runs_of(page, prompt)).to_have_count(2)
        again = cards_of(page, prompt).first
        expect(again).to_have_attribute("data-state", OPEN)
    expect(again).to_have_attribute("data-state", "failed", timeout=PICTURE_MS)
    expect(page.locator("#rail-credits strong")).to_have_text(f"{before:,}")


def test_a_refused_prompt_says_so_and_can_be_edited(door: Door, wall: Wall) -> None:
    page = door.open(NORA)
    card = cards_of(page, UNSAFE).first
    expect(card).to_contain_text("The safety check refused this prompt")
    expect(card).to_contain_text("5 credits returned")
    card.get_by_role("link", name="Edit prompt").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(UNSAFE)
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()


def test_a_picture_that_takes_long_says_so_and_offers_no_false_way_out(door: Door, wall: Wall) -> None:
    page = door.open(NORA)
    card = cards_of(page, NEVER).first
    expect(card.get_by_text("Slower than usual")).to_be_visible()
    expect(card).to_contain_text("Credits return by themselves by")
    expect(card.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(card.get_by_role("button", name="Retry")).to_have_count(0)


def test_a_waiting_picture_can_be_cancelled_and_the_others_go_on(door: Door) -> None:
    page = door.open(ADA)
    before = balance(page)
    prompt = "Two boats, one of them called back"
    with door.studio.worker_asleep():
        cards = order(page, prompt, count=2)
        expect(cards.first).to_have_attribute("data-state", "queued")
        expect(cards.first).to_contain_text("Next in line")
        found = flaws(door, page, "Waiting", views=SOME)
        assert not found, "\n".join(found)
        cards.first.get_by_role("button", name="Cancel").click()
        expect(cards.first).to_have_attribute("data-state", "canceled")
        expect(cards.first).to_contain_text("5 credits returned")
        expect(cards.last).to_have_attribute("data-state", "queued")
        expect(page.locator("#rail-credits strong")).to_have_text(f"{before - 5:,}")
    become(cards.last, "succeeded")
    expect(page.locator("#rail-credits strong")).to_have_text(f"{before - 5:,}")


def test_what_was_cancelled_or_failed_is_still_told_after_a_reload(door: Door, wall: Wall) -> None:
    page = door.open(NORA)
    expect(cards_of(page, WITHDRAWN).get_by_role("button", name="Run again")).to_be_visible()
    expect(cards_of(page, FAIL).get_by_role("button", name="Retry")).to_be_visible()
    page.goto("/credits/")
    expect(page.get_by_role("row").filter(has_text="freed").first).to_be_visible()
