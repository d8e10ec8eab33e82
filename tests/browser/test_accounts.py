"""Signing in as people do it: by passkey, by a code of an app, back in by mail, and out everywhere else.

In a studio of its own, because it sends e-mail (into a folder), and under a name, because passkeys want one. It has a
public address, too: so what is done at its desk, which opens to passkeys only, is tried on vendors that can call back.
"""

import email
import email.policy
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, Page, expect

from tests.browser import crew
from tests.browser.acts import DOUBLE_CLICK_MS, become, order
from tests.browser.cast import PASSWORD, Part
from tests.browser.looks import SOME, THEMES, clean, flaws
from tests.browser.market import add_key, choose_model, closed_rows, hurried, open_sheet
from tests.browser.running import Studio
from tests.browser.visiting import Door, keepsake, opened
from tests.management.procs import until
from tests.simulators.__main__ import Stall

PIA = Part("Pia", "Passage")  # has passkeys
TOM = Part("Tom", "Timing")  # has an app
RUTH = Part("Ruth", "Return")  # forgets her password
SEAN = Part("Sean", "Sessions")  # is signed in twice, and invites Gus
GUS = Part("Gus", SEAN.team, role="creator")  # comes in by mail
MONA = Part("Mona", "Moving")  # gets another address
WES = Part("Wes", "Wide")  # looks after the studio, and its vendors call back
MOVED = Part("Mona.moved", MONA.team)
DESK = (
    "/admin/",
    "/admin/generations/price/vendors/",
    "/admin/generations/price/add/",
    "/admin/generations/creditentry/add/",
    "/admin/generations/credential/add/",
)
NEW = "three boats under one moon"
TOUCHED = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class MailingStudio(Studio):
    """Knows beforehand where it will be, to write it into its letters."""


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("letters")


@pytest.fixture(scope="module")
def mailing(
    browser: Browser, letters: Path, street: dict[str, Stall], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        MailingStudio.port = free.getsockname()[1]
    facts = {"EMAIL_URL": f"file://{letters}", "PUBLIC_URL": f"http://localhost:{MailingStudio.port}"}
    # Nothing is asked of the organization before somebody presses its button, and nobody does.
    facts |= {"OIDC_ISSUER": "https://127.0.0.1:9", "OIDC_CLIENT_ID": "the-studio", "OIDC_NAME": "Northlight"}
    facts |= {"OIDC_DOMAIN": "studio.example"}
    facts |= {stall.variable: f"{stall.simulator.url}{stall.base}" for stall in street.values()}
    studio = MailingStudio(tmp_path_factory.mktemp("mailing"), ALLOW_PRIVATE_HOSTS="127.0.0.1", **facts)
    for part in (PIA, TOM, RUTH, SEAN, MONA):
        studio.manage("create_owner", "--email", part.email, "--team", part.team, "--password-stdin", typed=PASSWORD)
    yield studio
    wrong = studio.stop()
    assert not wrong, "\n".join(["The studio did not end well:", *wrong, str(studio.log)])


@pytest.fixture
def entry(browser: Browser, mailing: Studio, tmp_path: Path) -> Iterator[Door]:
    with opened(browser, mailing, {}, tmp_path) as door:
        yield door


def sign_in(page: Page, part: Part, password: str = PASSWORD) -> None:
    page.goto("/login/")
    page.get_by_label("Email").fill(part.email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def expect_in(page: Page) -> None:
    expect(page.get_by_label("Prompt", exact=True)).to_be_visible()


def sign_out(page: Page) -> None:
    page.goto("/account/")
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def with_authenticator(page: Page) -> Any:
    """The browser has a device that keeps passkeys, and a finger that is always on it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": TOUCHED})
    return devtools


def code_of(secret: str, periods: int = 0) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + periods)))


def letter_to(letters: Path, part: Part) -> str:
    """The newest letter to this person, once there is one."""

    def found() -> list[str]:
        texts = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in letters.iterdir()]
        return [text.get_content() for text in texts if text["To"] == part.email]

    assert until(lambda: bool(found()), seconds=20), "no letter came"
    return found()[-1]


def test_a_passkey_is_made_and_signs_in(entry: Door) -> None:
    page = entry.open(None, "/login/")
    with_authenticator(page)
    sign_in(page, PIA)
    expect_in(page)
    page.goto("/account/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("This laptop")
    assert flaws(entry, page, "add a passkey", views=SOME) == []
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert flaws(entry, page, "recovery codes") == []
    page.get_by_role("link", name="I kept them").click()
    expect(page.get_by_text("This laptop", exact=True)).to_be_visible()
    assert flaws(entry, page, "account") == []
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect_in(page)
    page.goto("/login/again/passkey/?next=/library/")
    assert flaws(entry, page, "passkey again") == []
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    found = []
    entry.watch.allow("favicon.ico")  # Django's frame names none
    for place in DESK:  # the first owner looks after the studio, too
        page.goto(place)
        expect(page.locator("#content h1")).to_be_visible()
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            found += clean(page, f"desk{place} {theme}", "#content")
            keepsake(page, f"desk{place} {theme}")
    assert found == []


def switch(page: Page, offer: str, *, shapes: tuple[str, ...] = (), on: bool = True) -> None:
    """As a superuser does it at the desk."""
    page.goto("/admin/generations/offerswitch/add/")
    page.get_by_label("Offer").select_option(offer)
    page.get_by_label("Is on").set_checked(on)
    for shape in shapes:
        page.get_by_label(shape, exact=True).check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()


def test_what_the_desk_switches_is_so_in_the_studio_and_a_vendor_that_can_calls_back(
    entry: Door, street: dict[str, Stall]
) -> None:
    entry.studio.manage(
        *("create_owner", "--email", WES.email, "--team", WES.team, "--password-stdin", "--superuser"), typed=PASSWORD
    )
    entry.watch.allow("favicon.ico")  # the desk's own pages name no icon
    page = entry.open(None, "/login/")
    with_authenticator(page)
    sign_in(page, WES)
    expect_in(page)
    page.goto("/account/passkeys/new/")
    page.get_by_label("Name").fill("The desk's key")
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("link", name="I kept them").click()
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect_in(page)
    switch(page, "apikley:grok-draw", shapes=("16:9", "9:16"))
    switch(page, "apikley:crisp-upscale", on=False)

    with hurried(street):
        page.goto("/team/keys/")
        add_key(page, "Apikley", "wes-apikley-1a2b")
        add_key(page, "APIXO", "wes-apixo-3c4d")
        page.goto("/")
        choose_model(page, "Grok Imagine", "Apikley")
        cards = [order(page, "A very long wall", shape="16:9")]
        page.wait_for_timeout(DOUBLE_CLICK_MS)
        cards.append(order(page, "A very tall tower", shape="9:16"))
        page.wait_for_timeout(DOUBLE_CLICK_MS)
        choose_model(page, "Grok Image", "APIXO")
        cards.append(order(page, "A bell that rings back", shape="3:2"))
        for card in cards:
            become(card, "succeeded")
        expect(cards[0]).to_have_attribute("data-ratio", "16:9")
        expect(cards[1]).to_have_attribute("data-ratio", "9:16")
        apixo = street["APIXO"].simulator
        [rung] = [task for task in apixo.tasks.values() if task.key == "wes-apixo-3c4d"]
        assert rung.callback_url.startswith(f"{entry.studio.origin}/hooks/apixo/")
        assert until(lambda: apixo.counts.callbacks["200"] > 0, seconds=20), apixo.counts.callbacks
        page.goto(str(cards[0].get_by_role("link").first.get_attribute("href")))
        sheet = open_sheet(page)
        assert closed_rows(sheet)["Crisp upscale, Apikley"].startswith("Switched off here.")
        expect(sheet.get_by_role("link", name="Switch it on")).to_be_visible()
        assert flaws(entry, page, "a way that is switched off", views=SOME) == []
        page.set_viewport_size({"width": 1440, "height": 900})
        page.keyboard.press("Escape")


def test_a_passkey_that_is_not_there_says_so(entry: Door) -> None:
    page = entry.open(None, "/login/")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": TOUCHED | {"isUserVerified": False}})
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was chosen")
    assert flaws(entry, page, "no passkey", views=SOME) == []


def test_an_app_is_set_up_and_its_code_asked_for(entry: Door) -> None:
    page = entry.open(None, "/login/")
    expect(page.get_by_role("button", name="Continue with Northlight")).to_be_visible()
    assert flaws(entry, page, "login with passkey") == []
    sign_in(page, TOM)
    expect_in(page)
    page.goto("/account/authenticator/new/")
    expect(page.get_by_role("img", name="A code for your authenticator app to read")).to_be_visible()
    page.get_by_text("It cannot read it?").click()
    assert flaws(entry, page, "set up an app") == []
    secret = page.locator("[data-copy]").first.get_attribute("data-copy") or ""
    page.get_by_label("Code from the app").fill(code_of(secret))
    page.get_by_role("button", name="Set up the app").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    sign_out(page)
    sign_in(page, TOM)
    expect(page.get_by_role("heading", name="The second step")).to_be_visible()
    assert flaws(entry, page, "second step") == []
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("This is not right")).to_be_visible()
    page.get_by_label("Code").fill(code_of(secret, 1))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect_in(page)
    page.goto("/login/again/code/?next=/account/")
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    assert flaws(entry, page, "code again") == []
    page.goto("/account/")
    page.get_by_role("button", name="Turn off").click()
    expect(page.get_by_text("The app is no longer asked for.")).to_be_visible()


def test_a_forgotten_password_comes_back_by_mail(entry: Door, letters: Path) -> None:
    page = entry.open(None, "/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    assert flaws(entry, page, "forgotten", views=SOME) == []
    page.get_by_label("Email").fill(RUTH.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    assert flaws(entry, page, "look into your mail", views=SOME) == []
    link = re.findall(r"https?://[^/]+(/login/new/\S+)", letter_to(letters, RUTH))[0]
    page.goto(link)
    page.get_by_label("New password").fill("too short")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("at least 12 characters", exact=False).first).to_be_visible()
    assert flaws(entry, page, "new password", views=SOME) == []
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("Your new password is set")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", name="This link is spent")).to_be_visible()
    sign_in(page, RUTH, NEW)
    expect_in(page)


def test_a_new_address_is_confirmed_by_mail(entry: Door, letters: Path) -> None:
    page = entry.open(None, "/login/")
    sign_in(page, MONA)
    expect_in(page)
    page.goto("/account/address/")
    page.get_by_label("New email").fill(MOVED.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text(f"A link is on its way to {MOVED.email}")).to_be_visible()
    link = re.findall(r"https?://[^/]+(/account/address/\S+)", letter_to(letters, MOVED))[0]
    page.goto(link)
    assert flaws(entry, page, "address confirmation") == []
    page.get_by_role("button", name="Use this address").click()
    expect(page.get_by_text(f"From now on you sign in with {MOVED.email}")).to_be_visible()
    entry.watch.allow("status of 404")
    page.goto(link)
    expect(page.get_by_role("heading", name="This link is spent")).to_be_visible()
    assert flaws(entry, page, "address confirmation spent", views=SOME) == []


def test_an_invitation_comes_by_mail_and_lets_its_person_in(entry: Door, letters: Path) -> None:
    page = entry.open(None, "/login/")
    sign_in(page, SEAN)
    expect_in(page)
    page.goto("/team/")
    page.get_by_role("link", name="Invite", exact=True).click()
    sheet = page.get_by_role("dialog", name="Invite people")
    sheet.get_by_label("Email addresses").fill(GUS.email)
    sheet.get_by_role("group", name="Role").get_by_text("Creator", exact=True).click()
    sheet.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("heading", name="Waiting to join")).to_be_visible()
    expect(page.get_by_text(GUS.email).first).to_be_visible()
    link = re.findall(r"https?://[^/]+(/invitations/\S+)", letter_to(letters, GUS))[0]
    assert flaws(entry, page, "team that waits for one", views=SOME) == []
    new = entry.open(None, link)
    assert flaws(entry, new, "invitation by mail", views=SOME) == []
    crew.join(entry, GUS, link)
    page.goto("/team/")
    expect(page.get_by_label(f"Role of {GUS.name}")).to_have_value(GUS.role)


def test_the_smaller_pages_are_as_good_as_the_others(entry: Door) -> None:
    page = entry.open(None, "/login/")
    sign_in(page, SEAN)
    expect_in(page)
    found = []
    small = ("/account/factors/", "/account/address/", "/account/password/", "/login/again/", "/logout/")
    for path in (*small, "/login/organization/"):
        page.goto(path)
        found += flaws(entry, page, f"small{path}", views=SOME)
    page.goto("/login/new/1-spent-link/")
    found += flaws(entry, page, "spent link", views=SOME)

    assert found == []


def test_the_other_sessions_are_signed_out(entry: Door) -> None:
    there, here = entry.open(None, "/login/", width=390), entry.open(None, "/login/")
    for page in (there, here):
        sign_in(page, SEAN)
        expect_in(page)
    here.goto("/account/#sessions")
    assert flaws(entry, here, "account with sessions", views=SOME) == []
    here.get_by_role("button", name="Sign out the others").click()
    expect(here.get_by_text(re.compile(r"^\d sessions? (is|are) signed out\.$"))).to_be_visible()
    there.goto("/library/")
    expect(there.get_by_role("heading", name="Sign in")).to_be_visible()
    here.goto("/library/")
    expect(here.get_by_role("heading", name="Library")).to_be_visible()
