"""Rules about prompts: written and tried, met in the composer, reviewed and appealed, and what it looks like."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cast import GIL, GRETA
from tests.browser.looks import SOME, flaws
from tests.browser.visiting import Door

pytestmark = pytest.mark.told_in_order

BLOCKED = "our client’s emblem on a door"


def write_rule(page: Page, name: str, word: str, action: str, message: str) -> None:
    page.goto("/team/rules/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Words", exact=True).last.fill(word)
    page.get_by_role("group", name="What happens").get_by_text(action, exact=True).click()
    page.get_by_label("What the person reads").fill(message)


def generate(page: Page, prompt: str) -> None:
    page.get_by_label("Prompt", exact=True).fill(prompt)
    page.get_by_role("button", name=re.compile("^Generate")).click()


def at_all_widths(door: Door, page: Page, name: str) -> list[str]:
    found = flaws(door, page, name, views=SOME)
    page.set_viewport_size({"width": 1440, "height": 900})
    return found


def test_rules_are_written_and_tried_before_they_hold(door: Door) -> None:
    page = door.open(GRETA, "/team/")
    page.get_by_role("link", name="Prompt rules").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Prompt rules")
    for name, word, action, message in (
        ("Blurry words", "nice", "Warn", "Say what is nice about it: the light, the color, the place."),
        ("Client names", "brand", "Hold for review", "Our clients see these first."),
        ("Emblems", "emblem", "Block", "Emblems of clients come from their own files."),
    ):
        write_rule(page, name, word, action, message)
        if word == "nice":
            expect(page.get_by_label("Pattern", exact=True).last).to_be_hidden()
            page.get_by_label("A prompt to try it with").press_sequentially("a NICE day")
            expect(page.locator("#rule-dry-run")).to_contain_text("The rule finds this prompt.")
            found = at_all_widths(door, page, "Rule")
            assert not found, "\n".join(found)
        page.get_by_role("button", name="Add the rule").click()
        expect(page.get_by_text(f"“{name}” is saved.")).to_be_visible()
    page.get_by_label("A prompt to try").press_sequentially("a nice emblem")
    expect(page.locator("#rule-trial")).to_contain_text("It would be blocked.")
    found = at_all_widths(door, page, "Rules")
    assert not found, "\n".join(found)


def test_the_composer_warns_holds_and_blocks(door: Door) -> None:
    door.watch.allow("status of 422")  # what is stopped
    page = door.open(GIL)
    generate(page, "a nice lamp")
    stop = page.locator("#composer-stop")
    expect(stop).to_contain_text("“Blurry words”: Say what is nice about it")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("a nice lamp")
    found = at_all_widths(door, page, "Warned")
    stop.get_by_role("button", name="Send anyway").click()
    expect(page.locator(".run")).to_have_count(1)
    expect(stop).to_be_empty()

    generate(page, "a brand on a lamp")
    expect(stop).to_contain_text("This waits for review.")
    found += at_all_widths(door, page, "Held")
    generate(page, BLOCKED)
    error = page.locator("#prompt-error")
    expect(error).to_contain_text("A rule blocks this prompt. “Emblems”")
    expect(page.locator(".run")).to_have_count(1)
    found += at_all_widths(door, page, "Blocked")
    error.get_by_role("link", name="Appeal").click()
    page.get_by_label("Why it is all right").fill("They asked us for this door.")
    found += at_all_widths(door, page, "Appeal")
    page.get_by_role("button", name="Send the appeal").click()
    expect(page.get_by_text("Your appeal is sent.")).to_be_visible()
    found += at_all_widths(door, page, "Own prompts")
    assert not found, "\n".join(found)


def test_a_reviewer_decides_without_script_too(door: Door) -> None:
    door.watch.allow("status of 422")  # nobody wrote why
    page = door.open(GRETA, "/review/")
    page.get_by_role("link", name=re.compile("^Prompts 2")).click()
    held = page.get_by_role("listitem").filter(has_text="a brand on a lamp")
    expect(held).to_be_visible()
    found = at_all_widths(door, page, "Prompts to review")
    held.get_by_role("button", name="Let it through").click()
    expect(page.get_by_text("Let through and ordered.")).to_be_visible()
    assert not found, "\n".join(found)

    plain = door.open(GRETA, "/review/prompts/", script=False)
    appeal = plain.get_by_role("listitem").filter(has_text="They asked us for this door.")
    appeal.get_by_role("button", name="The rule stands").click()
    expect(plain.get_by_text("Write why: the person reads it.")).to_be_visible()
    appeal.get_by_role("button", name="Grant it").click()
    expect(plain.get_by_text("Nothing waits for you.")).to_be_visible()


def test_the_person_is_told_and_goes_on_without_script(door: Door) -> None:
    door.watch.allow("status of 422")  # the warning
    page = door.open(GIL, "/inbox/")
    expect(page.get_by_text("Your order was let through, and is under way")).to_be_visible()
    expect(page.get_by_text("Your appeal was granted")).to_be_visible()
    plain = door.open(GIL, script=False)
    generate(plain, BLOCKED)
    expect(plain.locator(".run")).to_have_count(3)
    generate(plain, "one nice door")
    plain.get_by_role("button", name="Send anyway").click()
    expect(plain.locator(".run")).to_have_count(4)
