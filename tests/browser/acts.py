"""What people do in the studio, in their own words: write an order, press, wait for the pictures."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.visiting import PICTURE_MS

DOUBLE_CLICK_MS = 900  # the page takes two presses within 800 ms for one
SEND = """async ([path, facts]) => {
  const headers = JSON.parse(document.querySelector("[hx-headers]").getAttribute("hx-headers"));
  return (await fetch(path, { method: "POST", body: new URLSearchParams(facts), headers })).status;
}"""
OPEN = re.compile("^(queued|submitting|running|fetching)$")


def write(page: Page, prompt: str, *, shape: str = "", count: int = 1) -> None:
    """Fill the composer in without sending it."""
    page.get_by_label("Prompt", exact=True).fill(prompt)
    if shape:
        page.get_by_role("group", name="Shape").get_by_text(shape, exact=True).click()
        expect(page.get_by_role("radio", name=shape)).to_be_checked()
    page.get_by_label("Count", exact=True).fill(str(count))


def generate(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("^Generate"))


def order(page: Page, prompt: str, *, shape: str = "", count: int = 1) -> Locator:
    """Write and press; returns the cards, which are there at once."""
    write(page, prompt, shape=shape, count=count)
    generate(page).click()
    cards = cards_of(page, prompt)
    expect(cards).to_have_count(count)
    return cards


def order_all(page: Page, *orders: tuple[str, str, int]) -> list[Locator]:
    """Several orders, each a prompt, a shape and a count, as quickly as a person could; returns the cards of each."""
    found = []
    for prompt, shape, count in orders:
        page.wait_for_timeout(DOUBLE_CLICK_MS)
        found.append(order(page, prompt, shape=shape, count=count))
    return found


def send(page: Page, path: str, **facts: str) -> int:
    """Send a form that this page does not show, with the page's own secret; returns the status."""
    status: int = page.evaluate(SEND, [path, facts])
    return status


def runs_of(page: Page, prompt: str) -> Locator:
    """The runs ordered with exactly this prompt, newest first."""
    return page.locator("#feed > li").filter(has=page.get_by_text(prompt, exact=True))


def cards_of(page: Page, prompt: str) -> Locator:
    return runs_of(page, prompt).locator("[id^='generation-']")


def become(cards: Locator, state: str) -> None:
    """Wait until every one of these cards is in that state."""
    for card in cards.all():
        expect(card).to_have_attribute("data-state", state, timeout=PICTURE_MS)


def balance(page: Page) -> int:
    """The credits in the rail."""
    words = page.locator("#rail-credits strong").inner_text()
    return int(words.replace(",", ""))


def prompt_of(page: Page) -> Locator:
    """The words an image page shows as its prompt."""
    return page.get_by_role("region", name="Prompt").get_by_role("paragraph")


def facts_of(page: Page) -> dict[str, str]:
    """What an image page says about how the picture was made."""
    names = page.get_by_role("complementary").locator("dt").all_inner_texts()
    values = page.get_by_role("complementary").locator("dd").all_inner_texts()
    return dict(zip(names, values, strict=True))


def is_drawn(picture: Locator) -> bool:
    """Whether the browser has the picture and could read it."""
    drawn = picture.evaluate("async (img) => { await img.decode(); return img.naturalWidth > 0; }")
    return bool(drawn)


def tab_to(page: Page, target: Locator, *, most: int = 60) -> None:
    """Press Tab until the focus is there; fails when it never gets there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("(node) => node === document.activeElement"):
            return
    raise AssertionError(f"{most} presses of Tab do not lead to {target}")
