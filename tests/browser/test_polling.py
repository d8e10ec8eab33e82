"""One poll per page: while something is open and somebody looks, and never otherwise."""

from playwright.sync_api import Page, expect

from tests.browser.acts import become, cards_of, is_drawn, order
from tests.browser.cast import QUINN
from tests.browser.visiting import Door

# The page is told that its tab is hidden, as the browser would when another tab covers it.
HIDING = "Object.defineProperty(document, 'hidden', { get: () => window.covered === true });"
COVER = "(on) => { window.covered = on; document.dispatchEvent(new Event('visibilitychange')); }"
STEP_MS, STEPS = 5_000, 6


def polls(page: Page) -> list[str]:
    """Collects the polls the page sends from now on."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/feed/" in request.url else None)
    return sent


def half_a_minute_later(page: Page) -> None:
    for _ in range(STEPS):
        page.clock.run_for(STEP_MS)
        page.wait_for_timeout(100)  # for an answer to come; the page never asks twice at a time


def test_a_page_asks_only_while_something_is_open(door: Door) -> None:
    page = door.open(QUINN)
    page.clock.install()
    page.reload()
    sent = polls(page)
    half_a_minute_later(page)
    assert sent == []
    with door.studio.worker_asleep():
        cards = order(page, "A pond without wind")
        half_a_minute_later(page)
        assert len(sent) >= 3
    become(cards, "succeeded")
    expect(page.locator("#poll[data-poll-live]")).to_have_count(0)
    sent.clear()
    half_a_minute_later(page)
    assert sent == []


def test_a_page_does_not_ask_while_its_tab_is_hidden_and_asks_at_once_when_it_is_back(door: Door) -> None:
    page = door.open(QUINN)
    page.clock.install()
    page.context.add_init_script(HIDING)
    page.reload()
    with door.studio.worker_asleep():
        cards = order(page, "A pond under snow")
        page.evaluate(COVER, True)
        page.wait_for_timeout(300)
        sent = polls(page)
        half_a_minute_later(page)
        assert sent == []
        with page.expect_request("**/feed/**"):
            page.evaluate(COVER, False)
    become(cards, "succeeded")


def test_two_tabs_both_see_the_picture_arrive(door: Door) -> None:
    page = door.open(QUINN)
    prompt = "Two windows on one garden"
    with door.studio.worker_asleep():
        cards = order(page, prompt)
        other = page.context.new_page()
        other.goto("/")
        theirs = cards_of(other, prompt)
        expect(theirs).to_have_attribute("data-state", "queued")
    become(cards, "succeeded")
    become(theirs, "succeeded")
    assert is_drawn(theirs.get_by_role("img"))
    expect(other.locator("#rail-credits strong")).to_have_text(page.locator("#rail-credits strong").inner_text())
