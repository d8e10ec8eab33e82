"""Three vendors and the demo in one team: drawn at each, enlarged at each of the others, and refused in words."""

import re
from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import DOUBLE_CLICK_MS, balance, become, cards_of, facts_of, is_drawn, order, runs_of
from tests.browser.cast import ROSA, SAUL, TESS
from tests.browser.looks import SOME, flaws
from tests.browser.market import (
    CRISP,
    GROK,
    ONE,
    UPSCALER,
    Seen,
    Way,
    add_key,
    choose_model,
    closed_rows,
    from_menu,
    hurried,
    open_sheet,
    row_of,
)
from tests.browser.visiting import PICTURE_MS, Door
from tests.simulators.__main__ import Stall
from tests.simulators.apixo import told
from tests.simulators.standin import Reply

KEYS = {"Apikley": "rosa-apikley-4d1e", "APIXO": "rosa-apixo-88c2", "API in One": "aio_rosa-57b0"}
NAMES = {"Apikley": "apikley", "APIXO": "apixo", "API in One": "apiinone"}
DRAWN = {
    "Apikley": ("Grok Imagine", "A lighthouse in apricot fog"),
    "APIXO": ("Grok Image", "A tram in the first snow"),
    "API in One": ("Grok Imagine", "A greenhouse at night"),
    "Demo": ("Demo painter", "A harbour drawn at home"),
}
DAY = re.compile(r"^23 h 5\d min left$")
ENLARGED: dict[str, list[tuple[Way, dict[str, str]]]] = {
    "Apikley": [(GROK, {}), (CRISP, {}), (UPSCALER, {"Size": "8K", "File format": "PNG"})],
    "APIXO": [(CRISP, {}), (UPSCALER, {"Size": "2K", "File format": "WebP"})],
    "API in One": [(ONE, {}), (CRISP, {}), (UPSCALER, {})],
    "Demo": [(CRISP, {})],
}
FILES = {
    ("Apikley", GROK): "2496 × 1664 px, JPEG",
    ("Apikley", CRISP): "2496 × 1664 px, WebP",
    ("Apikley", UPSCALER): "2560 × 1707 px, PNG",
    ("APIXO", CRISP): "2496 × 1664 px, WebP",
    ("APIXO", UPSCALER): "2048 × 1365 px, WebP",
    ("API in One", ONE): "1920 × 1280 px, JPEG",
    ("API in One", CRISP): "1920 × 1280 px, WebP",
    ("API in One", UPSCALER): "2304 × 1536 px, JPEG",
    ("Demo", CRISP): "2496 × 1664 px, WebP",
}
"""What came of each: its size and format, by where it was drawn and the way."""
CLOSED = {
    "Apikley": {ONE: "Only for pictures drawn by API in One."},
    "APIXO": {GROK: "Only for pictures drawn by Apikley.", ONE: "Only for pictures drawn by API in One."},
    "API in One": {GROK: "Only for pictures drawn by Apikley."},
    "Demo": {
        GROK: "Only for pictures drawn by Apikley.",
        ONE: "Only for pictures drawn by API in One.",
        UPSCALER: "APIXO must fetch the picture from the web, and this studio has no public address.",
    },
}
LOOKED_AT = ("Apikley",)
"""The vendors whose sheets are looked at in several sizes: the fullest is enough."""
RAW = "zq17-nobody-should-read-this"


@pytest.fixture(scope="module")
def market(street: dict[str, Stall]) -> Iterator[Mapping[str, Stall]]:
    with hurried(street):
        yield street


def caption_of(page: Page, prompt: str) -> Locator:
    """The line under a run: who, with what, how long it took, and what it cost."""
    return runs_of(page, prompt).locator(".run__meta")


def draw_everywhere(page: Page) -> dict[str, str]:
    """One picture at each vendor; returns the addresses of their pages by vendor."""
    cards = {}
    for vendor, (model, prompt) in DRAWN.items():
        page.wait_for_timeout(DOUBLE_CLICK_MS)
        choose_model(page, model, vendor)
        cards[vendor] = order(page, prompt, shape="3:2")
    for vendor, card in cards.items():
        become(card, "succeeded")
        expect(caption_of(page, DRAWN[vendor][1])).to_contain_text(re.compile(r"\d s·?Price 5 credits · paid 5$"))
    return {vendor: str(card.get_by_role("link").first.get_attribute("href")) for vendor, card in cards.items()}


def read_the_sheet(door: Door, page: Page, vendor: str) -> list[str]:
    """Every way is there with all that is known of it, and what does not fit says why and what would help.

    Returns what does not look right.
    """
    sheet = open_sheet(page)
    for way, _ in ENLARGED[vendor]:
        row = row_of(sheet, way)
        for words in (*way.says, f"{way.credits} credits"):
            expect(row).to_contain_text(words)
        kept = row.locator("[data-countdown]")
        expect(kept).to_have_count(1 if way in (GROK, ONE) else 0)
        if way in (GROK, ONE):
            expect(kept).to_have_text(DAY)
    expect(row_of(sheet, Way("Demo", "Demo enlarge 2×", 5, ()))).to_contain_text(re.compile(r"\d+ × \d+ px\."))
    told_why = closed_rows(sheet)
    for way, why in CLOSED[vendor].items():
        assert told_why[way.name].startswith(why), told_why
        assert told_why[way.name].endswith(" takes this picture."), told_why
    found = flaws(door, page, f"Ways for a picture of {vendor}", views=SOME) if vendor in LOOKED_AT else []
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("Escape")
    return found


def enlarge(page: Page, way: Way, wishes: Mapping[str, str]) -> None:
    """Through the sheet: the price is on the button, and the balance moves at the press."""
    before = balance(page)
    sheet = open_sheet(page)
    row = row_of(sheet, way)
    row.get_by_role("radio", name=way.title, exact=True).check()
    for setting, value in wishes.items():
        row.get_by_role("radiogroup", name=setting).get_by_text(value, exact=True).click()
    button = sheet.get_by_role("button", name=re.compile("^Upscale"))
    expect(button).to_contain_text(f"{way.credits} credits")
    button.click()
    expect(sheet).to_be_hidden()
    expect(page.locator("#rail-credits strong")).to_have_text(f"{before - way.credits:,}")


def test_a_picture_of_each_vendor_is_enlarged_at_each_of_the_others(door: Door, market: Mapping[str, Stall]) -> None:
    seen = {label: Seen(label, market[label].simulator, key) for label, key in KEYS.items()}
    page = door.open(ROSA, "/team/keys/")
    for vendor, key in KEYS.items():
        add_key(page, vendor, key)
    found = flaws(door, page, "Three vendors", views=SOME)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/")
    left = balance(page)
    addresses = draw_everywhere(page)
    left -= 5 * len(DRAWN)
    expect(page.locator("#rail-credits strong")).to_have_text(f"{left:,}")

    for vendor, address in addresses.items():
        page.goto(address)
        found += read_the_sheet(door, page, vendor)
        for way, wishes in ENLARGED[vendor]:
            enlarge(page, way, wishes)
            left -= way.credits
    page.goto(addresses["Apikley"])
    found += flaws(door, page, "Upscales under way", views=SOME)
    page.set_viewport_size({"width": 1440, "height": 900})
    for vendor, address in addresses.items():
        page.goto(address)
        versions = page.get_by_role("navigation", name="Versions of this picture").get_by_role("link")
        expect(versions).to_have_count(1 + len(ENLARGED[vendor]), timeout=PICTURE_MS)
        links = [str(link.get_attribute("href")) for link in versions.all()[1:]]
        assert made_of(page, links) == {
            (way.title, way.vendor, FILES[vendor, way]): f"{way.credits} credits" for way, _ in ENLARGED[vendor]
        }
    left -= send_a_copy(page, addresses["Apikley"], market)
    page.goto("/credits/")
    expect(page.locator(".balance__now strong")).to_have_text(f"{left:,}")
    held = page.locator(".balance__parts div", has_text="Held for pictures under way").locator("dd")
    expect(held).to_have_text("0")

    assert seen["Apikley"].made == {
        "grok-imagine/text-to-image": 1,
        "grok-imagine/upscale": 1,
        "recraft/crisp-upscale": 5,
    }
    assert seen["APIXO"].made == {"grok-image": 1, "image-upscaler": 3}
    assert seen["API in One"].made == {"grok-imagine/text-to-image": 1, "grok-imagine/upscale": 1}
    assert not (wrong := [trouble for one in seen.values() for trouble in one.troubles()]), wrong
    found += refuse_an_upscale(door, page, addresses["Apikley"], market) + read_the_calls(door, page)
    assert not found, "\n".join(found)


def refuse_an_upscale(door: Door, page: Page, drawn: str, market: Mapping[str, Stall]) -> list[str]:
    """What failed stands beside the picture it was to enlarge, with what came back; returns what looks wrong."""
    market["Apikley"].simulator.say("create", Reply(422, {"code": 422, "msg": f"{RAW} is not a parameter"}))
    page.goto(drawn)
    before = balance(page)
    enlarge(page, CRISP, {})
    failed = page.locator("[data-state=failed]")
    expect(failed).to_contain_text("5 credits returned", timeout=PICTURE_MS)
    expect(page.locator("#rail-credits strong")).to_have_text(f"{before:,}")
    assert RAW not in page.content()
    return flaws(door, page, "Upscale that was refused", views=SOME)


def read_the_calls(door: Door, page: Page) -> list[str]:
    """What a key was asked of late, each with how it ended; returns what does not look right."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/team/keys/")
    from_menu(page, "Apikley", "Main", "Recent calls")
    expect(page.get_by_role("heading", name="Recent calls")).to_be_visible()
    return flaws(door, page, "Recent calls", views=SOME)


def send_a_copy(page: Page, drawn: str, market: Mapping[str, Stall]) -> int:
    """A file too large for Crisp upscale goes there as a smaller JPEG, once somebody agrees; returns what it cost."""
    simulator = market["Apikley"].simulator
    uploads = [request for name, request in simulator.calls if name == "upload"]
    page.goto(drawn)
    page.get_by_role("navigation", name="Versions of this picture").get_by_role("link", name=re.compile("PNG")).click()
    expect(page.get_by_role("complementary")).to_contain_text(re.compile(r"PNG, 1[0-9]\.\d MB"))
    sheet = open_sheet(page)
    row = row_of(sheet, CRISP)
    row.get_by_role("radio", name=CRISP.title, exact=True).check()
    expect(row).to_contain_text("Apikley reads up to 10 MB. Your picture stays as it is.")
    row.get_by_role("checkbox", name="Send a smaller JPEG copy").check()
    links = page.get_by_role("navigation", name="Versions of this picture").get_by_role("link")
    before = {str(link.get_attribute("href")) for link in links.all()}
    sheet.get_by_role("button", name=re.compile("^Upscale")).click()
    expect(sheet).to_be_hidden()
    expect(links).to_have_count(len(before) + 1, timeout=PICTURE_MS)
    [made] = {str(link.get_attribute("href")) for link in links.all()} - before
    page.goto(made)
    assert facts_of(page)["Sent as"] == "A smaller JPEG copy"
    [sent] = [request for name, request in simulator.calls if name == "upload"][len(uploads) :]
    content = sent.form()["file"][1]
    assert content.startswith(b"\xff\xd8\xff")
    assert len(content) <= 10_000_000
    return CRISP.credits


def made_of(page: Page, addresses: list[str]) -> dict[tuple[str, str, str], str]:
    """What the pages of these pictures say: model, vendor, size with format, and what each cost."""
    made = {}
    for address in addresses:
        page.goto(address)
        facts = facts_of(page)
        assert is_drawn(page.locator("figure img"))
        vendor, file = (facts[name].partition(",")[0] for name in ("Vendor", "File"))
        made[facts["Model"], vendor, f"{facts['Shape']}, {file}"] = facts["Cost"]
    return made


def test_what_a_vendor_refuses_is_said_in_our_words_and_costs_nothing(door: Door, market: Mapping[str, Stall]) -> None:
    for label, name in NAMES.items():
        key = f"aio_threshold-{name}"
        options = ["--team", TESS.team, "--provider", name, "--label", "Main", "--key-stdin"]
        assert f"{label}, Main, of {TESS.team}: added." in door.studio.manage(
            "add_credential", *options, typed=f"{key}\n"
        )
    door.studio.allow("credential [0-9]+ rests: out_of_funds")
    page = door.open(SAUL)
    before = balance(page)
    refusals = {
        "Apikley": (Reply(422, {"code": 422, "msg": f"{RAW} is not a parameter"}), "A jetty with too many posts"),
        "APIXO": (told(402, f"Insufficient balance {RAW}"), "A pier nobody paid for"),
        "API in One": (None, "An unsafe swing over a ravine"),
    }
    cards = {}
    for vendor, (reply, prompt) in refusals.items():
        if reply is not None:
            market[vendor].simulator.say("create", reply)
        page.wait_for_timeout(DOUBLE_CLICK_MS)
        choose_model(page, DRAWN[vendor][0], vendor)
        cards[vendor] = order(page, prompt)
    for card in cards.values():
        become(card, "failed")
        expect(card).to_contain_text("5 credits returned")
    for _, prompt in refusals.values():
        expect(caption_of(page, prompt)).to_contain_text("Price 5 credits · paid 0 · returned 5")
    expect(cards["Apikley"]).to_contain_text("The vendor could not use this order")
    expect(cards["Apikley"]).to_contain_text("Change the prompt or the shape and try again.")
    expect(cards["APIXO"]).to_contain_text("The vendor’s account is empty")
    expect(cards["APIXO"]).to_contain_text("Your team’s owner has to fill it up. Until then use another model.")
    expect(cards["API in One"]).to_contain_text("The safety check refused this prompt")
    expect(cards["API in One"]).to_contain_text("Reword the prompt and try again.")
    expect(page.locator("#rail-credits strong")).to_have_text(f"{before:,}")
    found = flaws(door, page, "Refused by three vendors", views=SOME)
    for who, path in ((SAUL, "/"), (TESS, "/"), (TESS, "/team/keys/")):
        reader = door.open(who, path)
        expect(reader.get_by_role("main")).to_contain_text("account is empty")
        assert RAW not in reader.content(), f"{who.name} reads a vendor's own words at {path}"
    assert cards_of(page, "A pier nobody paid for").count() == 1
    assert not found, "\n".join(found)
