"""Credits as people meet them: asked for and given, stopped by one's own brake, and read line by line."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from tests.browser.acts import balance, become, cards_of, generate, order, write
from tests.browser.cast import CARL, CORA
from tests.browser.looks import EVERY, View, flaws
from tests.browser.visiting import Door, keepsake

ONE_OF_EACH: list[View] = [
    (390, "dark"),
    (820, "light"),
    (1440, "light"),
]  # for sheets, whose page behind was seen in all
PRICE = 5

pytestmark = pytest.mark.told_in_order


def wide(page: Page) -> None:
    """As it was opened, after it was looked at in other widths."""
    page.set_viewport_size({"width": 1440, "height": 900})


def rows_of(page: Page) -> list[str]:
    """What the lines of the statement are about, newest first."""
    return [
        " ".join(words.split())
        for words in page.locator("#statement tr[data-kind] .statement__words").all_inner_texts()
    ]


def sheet_of(download: Download, folder: Path) -> list[dict[str, str]]:
    """The lines of a file that a browser has saved."""
    path = folder / download.suggested_filename
    download.save_as(path)
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_credits_are_asked_for_in_a_sheet_and_given_from_the_inbox(door: Door) -> None:
    page = door.open(CARL, "/credits/")
    page.get_by_role("link", name="Ask for credits").click()
    sheet = page.get_by_role("dialog", name="Ask for credits")
    expect(sheet).to_be_visible()
    found = flaws(door, page, "Ask for credits", views=ONE_OF_EACH)
    wide(page)
    sheet.get_by_label("Credits", exact=True).fill("60")
    sheet.get_by_label("What for").fill("Covers for the autumn list")
    sheet.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("Asked. You are told in your inbox")).to_be_visible()
    page.reload()
    expect(page.get_by_text("You asked for 60 credits")).to_be_visible()
    found += flaws(door, page, "Credits asked for", views=ONE_OF_EACH)

    theirs = door.open(CORA, "/inbox/")
    theirs.get_by_role("link", name=f"{CARL.name} asks for 60 credits").click()
    expect(theirs.get_by_role("heading", level=1)).to_have_text(f"{CARL.name} asks for 60 credits")
    expect(theirs.get_by_text("Covers for the autumn list")).to_be_visible()
    found += flaws(door, theirs, "Ask to be answered", views=EVERY)
    wide(theirs)
    door.watch.allow("status of 422")
    theirs.get_by_label("Credits", exact=True).fill("900000")
    theirs.get_by_role("button", name="Give them").click()
    expect(theirs.get_by_text("The team’s pool has")).to_be_visible()
    expect(theirs.get_by_text(f"Approved by {CORA.name}")).to_have_count(0)
    found += flaws(door, theirs, "Ask for more than there is", views=ONE_OF_EACH)
    wide(theirs)
    theirs.get_by_label("Credits", exact=True).fill("55")
    theirs.get_by_role("button", name="Give them").click()
    expect(theirs).to_have_url(re.compile("/inbox/$"))

    page.goto("/inbox/")
    page.get_by_role("link", name=f"{CORA.name} gave you 55 credits").click()
    expect(page).to_have_url(re.compile("/credits/$"))
    line = page.locator("#statement tr", has_text="Covers for the autumn list")
    expect(line).to_contain_text(CORA.name)
    expect(line).to_contain_text("+55")
    assert balance(page) == 95
    expect(page.get_by_text("Nobody has answered yet")).to_have_count(0)
    assert not found, "\n".join(found)


def test_a_brake_stops_an_order_and_says_how_to_go_on(door: Door) -> None:
    page = door.open(CARL, "/credits/")
    page.get_by_role("link", name="Own brake").click()
    sheet = page.get_by_role("dialog", name="Your own brake")
    expect(sheet).to_be_visible()
    found = flaws(door, page, "Own brake", views=ONE_OF_EACH)
    wide(page)
    sheet.get_by_label("Stop me at").fill("12")
    sheet.get_by_role("button", name="Save").click()
    expect(page.get_by_text("You are stopped at 12 credits.")).to_be_visible()
    expect(page.get_by_text("Left of your brake, 12 a week")).to_be_visible()

    page.goto("/")
    before = balance(page)
    become(order(page, "a lamp as far as the brake allows"), "succeeded")
    assert balance(page) == before - PRICE
    write(page, "two lamps too many", count=2)
    way = page.get_by_text("Your own brake leaves").filter(visible=True).first
    expect(way).to_contain_text("7")
    expect(page.get_by_role("link", name="Change your brake")).to_be_visible()
    found += flaws(door, page, "Composer stopped by a brake", views=EVERY)

    # A page without script asks all the same, and the server refuses: nothing is charged, nothing typed is lost.
    door.watch.allow("status of 422")
    plain = door.open(CARL, script=False)
    write(plain, "two lamps too many", count=2)
    generate(plain).click()
    expect(plain.get_by_text("Your own brake stops you at 12 credits a week; 7 are left of it").first).to_be_visible()
    expect(plain.get_by_label("Prompt", exact=True)).to_have_value("two lamps too many")
    expect(cards_of(plain, "two lamps too many")).to_have_count(0)
    assert balance(plain) == before - PRICE
    keepsake(plain, "Order stopped by a brake without script")

    wide(page)
    page.get_by_role("link", name="Change your brake").click()
    sheet = page.get_by_role("dialog", name="Your own brake")
    sheet.get_by_label("Stop me at").fill("0")
    sheet.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nothing stops you but your balance.")).to_be_visible()
    become(order(page, "a lamp without a brake", count=2), "succeeded")
    assert balance(page) == before - 3 * PRICE
    assert not found, "\n".join(found)


def test_a_statement_is_narrowed_saved_and_printed(door: Door) -> None:
    page = door.open(CARL, "/credits/")
    every = rows_of(page)
    paid = sum(words.startswith("Paid for") for words in every)
    assert paid >= 3
    found = flaws(door, page, "Statement", views=EVERY)
    wide(page)

    chips = page.get_by_role("form", name="Narrow the statement")
    chips.locator("label", has=page.locator("input[value=settle]")).click()
    expect(page).to_have_url(re.compile("kind=settle"))
    expect(page.locator("#statement tr[data-kind]")).to_have_count(paid)
    expect(page.locator(".htmx-added, .htmx-settling")).to_have_count(0)
    page.get_by_label("Month").select_option(index=1)
    expect(page).to_have_url(re.compile(r"month=\d{4}-\d{2}"))
    found += flaws(door, page, "Statement of a month", views=ONE_OF_EACH)
    wide(page)

    page.goto("/credits/")
    now = int(page.locator(".balance__now strong").inner_text().replace(",", ""))
    with page.expect_download() as saved:
        page.get_by_role("link", name=re.compile("^CSV")).click()
    lines = sheet_of(saved.value, door.folder)
    assert sum(int(line["Change"]) for line in lines) == int(lines[-1]["On account"]) == now
    assert [line["Kind"] for line in lines].count("settle") == paid
    assert len(lines) == len(every)

    page.get_by_role("link", name="Print").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Statement of credits")
    expect(page.get_by_role("row", name="Balance after")).to_contain_text(f"{now:,}")
    found += flaws(door, page, "Statement to print", views=EVERY)

    pool = door.open(CORA, "/credits/?whose=pool")
    expect(pool.locator("#statement")).to_contain_text("Covers for the autumn list")
    found += flaws(door, pool, "Statement of the pool", views=EVERY)
    with pool.expect_download() as saved:
        pool.get_by_role("link", name=re.compile("^CSV")).click()
    lines = sheet_of(saved.value, door.folder)
    assert sum(int(line["Change"]) for line in lines) == int(lines[-1]["On account"])
    assert not found, "\n".join(found)
