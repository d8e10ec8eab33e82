"""The first visit, and signing in and out."""

import http.client
import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.acts import generate, order
from tests.browser.cast import LENA, PASSWORD
from tests.browser.looks import SOME, flaws
from tests.browser.visiting import Door


def test_the_set_up_link_makes_an_owner_who_can_order_at_once(first_visit: dict[str, Any]) -> None:
    assert first_visit["heading"] == "Your studio is running"
    assert first_visit["balance"].split()[0] == "500"
    assert first_visit["may_order"]


def test_the_set_up_page_refuses_a_weak_password_and_keeps_the_rest(first_visit: dict[str, Any]) -> None:
    assert len(first_visit["refusal"]) == 1
    assert first_visit["name_kept"] == "Northlight"


def test_the_set_up_page_looks_right_at_every_width(first_visit: dict[str, Any]) -> None:
    assert not first_visit["flaws"], "\n".join(first_visit["flaws"])


def test_the_set_up_link_is_dead_once_used(door: Door, first_visit: dict[str, Any]) -> None:
    door.watch.allow("status of 404")
    page = door.open(None, first_visit["link"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing hangs here")
    expect(page.get_by_label("Password")).to_have_count(0)


def test_a_wrong_password_is_said_and_the_right_one_goes_where_the_person_wanted(door: Door) -> None:
    page = door.open(None, "/library/")
    expect(page).to_have_url(re.compile(r"/login/\?next=/library/$"))
    page.get_by_label("Email").fill(LENA.email)
    page.get_by_label("Password").fill("a lamp beside the door")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found = flaws(door, page, "Login refused", views=SOME)
    assert not found, "\n".join(found)
    expect(page.get_by_label("Email")).to_have_value(LENA.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/library/$"))


def test_a_page_that_waits_goes_to_the_login_page_when_its_session_ends(door: Door) -> None:
    page = door.open(None, "/login/")
    page.get_by_label("Email").fill(LENA.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(generate(page)).to_be_visible()
    with door.studio.worker_asleep():
        order(page, "A lantern left on the stairs")
        other = page.context.new_page()
        other.goto("/account/")
        other.get_by_role("button", name="Sign out", exact=True).click()
        expect(other).to_have_url(re.compile("/login/"))
        expect(page).to_have_url(re.compile(r"/login/\?next="))
    expect(page.get_by_label("Password")).to_be_visible()


def test_signing_out_forgets_what_was_typed(door: Door) -> None:
    page = door.open(None, "/login/")
    for _ in range(2):
        page.get_by_label("Email").fill(LENA.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_label("Prompt", exact=True)).to_have_value("")
        page.get_by_label("Prompt", exact=True).fill("A secret garden")
        page.goto("/account/")
        page.get_by_role("button", name="Sign out", exact=True).click()
        expect(page).to_have_url(re.compile("/login/"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/login/\?next=/account/"))


def test_the_server_tells_nothing_of_itself(door: Door) -> None:
    """S61, on the wire: pages, files and refusals of the real one name no version."""
    page = door.open(None, "/login/")
    style = str(page.locator("link[rel=stylesheet]").first.get_attribute("href"))
    asked = {("GET", "/login/"): 200, ("GET", style): 200, ("GET", "/nothing/"): 404, ("TRACE", "/login/"): 405}
    for (method, path), status in asked.items():
        connection = http.client.HTTPConnection(urlsplit(door.studio.origin).netloc, timeout=10)
        connection.request(method, path)
        answer = connection.getresponse()
        assert (answer.status, answer.headers["X-Powered-By"]) == (status, None), path
        assert answer.headers["Server"] in {None, "granian"}, path
        connection.close()
