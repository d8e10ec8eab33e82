"""The first visit: an owner-less studio, its set-up link, and whoever opens it."""

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.cast import PASSWORD, Part
from tests.browser.looks import SOME, flaws
from tests.browser.visiting import Door


def found_the_studio(door: Door, who: Part) -> dict[str, Any]:
    """Fill the set-up page in, first badly, then well; returns everything met on the way, for tests to judge."""
    link = door.studio.setup_link()
    page = door.open(None, link)
    met: dict[str, Any] = {"link": link, "heading": page.get_by_role("heading", level=1).inner_text()}
    met["flaws"] = flaws(door, page, "Set-up")
    page.get_by_label("Studio name").fill(who.team)
    page.get_by_label("Your name").fill(who.name)
    page.get_by_label("Email").fill(who.email)
    page.get_by_label("Password").fill("password1234")
    door.watch.allow("status of 422")
    page.get_by_role("button", name="Open the studio").click()
    met["refusal"] = page.locator(".field__error").all_inner_texts()
    met["name_kept"] = page.get_by_label("Studio name").input_value()
    met["flaws"] += flaws(door, page, "Set-up refused", views=SOME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Open the studio").click()
    expect(page).to_have_url(f"{door.studio.origin}/")
    met["balance"] = page.locator("#rail-credits").inner_text()
    met["may_order"] = page.get_by_role("button", name=re.compile("^Generate")).is_enabled()
    return met
