"""Reporting a picture from its page, by somebody who only views."""

import re

from playwright.sync_api import expect

from tests.browser.cast import VERA
from tests.browser.looks import flaws
from tests.browser.visiting import Door
from tests.browser.wall import Wall


def test_a_picture_is_reported_from_its_page_once(door: Door, wall: Wall) -> None:
    page = door.open(VERA, "/library/")
    page.locator("#wall").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/images/[0-9a-f-]{36}/$"))
    report = page.get_by_role("link", name="Report this picture")
    report.click()
    sheet = page.get_by_role("dialog", name="Report this picture")
    expect(sheet).to_be_visible()
    found = flaws(door, page, "Report")
    page.set_viewport_size({"width": 1440, "height": 900})
    sheet.get_by_role("radio", name="Copied work").check()
    sheet.get_by_label("What should a moderator know?").fill("It hangs in the museum")
    sheet.get_by_role("button", name="Report it").click()
    expect(page.get_by_text("Thank you. A moderator looks at it")).to_be_visible()
    expect(sheet).to_be_hidden()
    door.watch.allow("status of 422")  # the second report is refused
    report.click()
    sheet.get_by_role("radio", name="Something else").check()
    sheet.get_by_role("button", name="Report it").click()
    expect(sheet.get_by_role("alert")).to_contain_text("You reported this picture before")
    expect(sheet.get_by_role("radio", name="Something else")).to_be_checked()
    assert not found, "\n".join(found)
