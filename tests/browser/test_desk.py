"""The staff's desk as its people see it: lists, a page of one, and the pages that ask before credits move.

In a studio of its own under a name, because the desk opens to a passkey.
"""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.acts import become, order
from tests.browser.cast import PASSWORD, Part
from tests.browser.looks import clean, sticks_out
from tests.browser.running import Studio
from tests.browser.test_accounts import expect_in, sign_in, sign_out, with_authenticator
from tests.browser.visiting import HEIGHTS, Door, keepsake, opened

DORA = Part("Dora", "Desks")
ROOT = "/admin/generations"
PAGES = {
    "index": "/admin/",
    "generations": f"{ROOT}/generation/",
    "nothing": f"{ROOT}/generation/?state__exact=in_doubt",
    "pictures": f"{ROOT}/image/",
    "ledger": f"{ROOT}/creditentry/",
    "accounts": f"{ROOT}/creditaccount/",
    "people": f"{ROOT}/person/",
    "keys": f"{ROOT}/credential/",
    "cases": f"{ROOT}/reviewcase/",
    "audit": f"{ROOT}/auditentry/",
}


class NamedStudio(Studio):
    """Under a name, as passkeys want it."""


@pytest.fixture(scope="module")
def named(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        NamedStudio.port = free.getsockname()[1]
    studio = NamedStudio(tmp_path_factory.mktemp("named"), PUBLIC_URL=f"http://localhost:{NamedStudio.port}")
    studio.manage(
        *("create_owner", "--email", DORA.email, "--team", DORA.team, "--password-stdin", "--superuser"), typed=PASSWORD
    )
    yield studio
    wrong = studio.stop()
    assert not wrong, "\n".join(["The studio did not end well:", *wrong, str(studio.log)])


@pytest.fixture
def way_in(browser: Browser, named: Studio, tmp_path: Path) -> Iterator[Door]:
    with opened(browser, named, {}, tmp_path) as door:
        yield door


def sit_down(door: Door) -> Page:
    """At the desk, with a passkey."""
    door.watch.allow("favicon.ico")
    page = door.open(None, "/login/")
    with_authenticator(page)
    sign_in(page, DORA)
    expect_in(page)
    page.goto("/account/passkeys/new/")
    page.get_by_label("Name").fill("The desk's key")
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("link", name="I kept them").click()
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect_in(page)
    return page


def seen(page: Page, name: str) -> list[str]:
    """What is wrong with how it looks, at every width and in both lights."""
    found = []
    for width, height in HEIGHTS.items():
        found += [f"{name}: {one}" for one in sticks_out(page)] if width == 390 else []
        page.set_viewport_size({"width": width, "height": height})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            keepsake(page, f"desk {name} {width} {theme}")
            if width == 1440:
                found += clean(page, f"{name} {theme}", "#content")
    page.set_viewport_size({"width": 1440, "height": HEIGHTS[1440]})
    return found


def test_an_operators_lists_pages_and_questions(way_in: Door) -> None:
    page = sit_down(way_in)
    made = order(page, "a heron made of tin foil")
    become(made, "succeeded")
    found = []
    for name, place in PAGES.items():
        page.goto(place)
        expect(page.locator("#content h1")).to_be_visible()
        found += seen(page, name)
    page.goto(PAGES["generations"])
    page.get_by_role("link", name="a heron made of tin foil").click()
    expect(page.get_by_role("heading", name="Tries at the vendor")).to_be_visible()
    found += seen(page, "generation")
    page.get_by_role("link", name="Give credits back").click()
    page.get_by_label("Reason").fill("The lamp was crooked")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("who keeps the picture")).to_be_visible()
    found += seen(page, "refund")
    page.get_by_role("button", name="Write it").click()
    expect(page.get_by_text("It stands in the ledger")).to_be_visible()
    page.goto("/")
    order(page, "never finish: a slow boat")
    page.goto(PAGES["generations"])
    page.get_by_role("link", name="never finish: a slow boat").click()
    page.get_by_role("button", name="Stop and release").click()
    expect(page.get_by_role("heading", name="Stop, and give the credits back?")).to_be_visible()
    found += seen(page, "stop")
    assert found == []
