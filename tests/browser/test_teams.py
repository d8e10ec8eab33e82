"""A team lives: three people join by links, each does what their role allows, one leaves, and nothing leaks."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import crew
from tests.browser.acts import become, cards_of, generate, order, send, write
from tests.browser.cast import HANA, IRA, PASSWORD
from tests.browser.crew import ADMIN, CREATOR, VIEWER, Crew, invite
from tests.browser.looks import EVERY, SOME, flaws
from tests.browser.running import Studio
from tests.browser.visiting import Door, opened

pytestmark = pytest.mark.told_in_order

NEW_PASSWORD = "three boats under one moon"
SECRET = "a lamp under the stairs"
ECHO = "an echo of a lamp"
REFUSED = "a lamp nobody lit"


@pytest.fixture(scope="module")
def team(browser: Browser, studio: Studio, sessions: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Crew:
    """Hana's team with an admin, a creator and a viewer."""
    crew_ = Crew()
    with opened(browser, studio, sessions, tmp_path_factory.mktemp("crew")) as door:
        page = door.open(HANA, "/team/")
        for who in (ADMIN, CREATOR, VIEWER):
            address = who.email if who is VIEWER else ""
            crew_.links[who.name] = invite(page, who.role.capitalize(), address)
            if who is VIEWER:
                crew_.flaws += flaws(door, page, "Links handed over")
            page.get_by_role("link", name="Done").click()
            page.set_viewport_size({"width": 1440, "height": 900})
        for who in (ADMIN, CREATOR, VIEWER):
            crew.join(door, who, crew_.links[who.name])
    return crew_


def keep_private(page: Page) -> None:
    page.get_by_role("group", name="Who sees it").get_by_role("radio", name="Only you").check(force=True)


def test_the_links_led_three_people_in(door: Door, team: Crew) -> None:
    assert not team.flaws, "\n".join(team.flaws)
    page = door.open(HANA, "/team/")
    for who in (ADMIN, CREATOR, VIEWER):
        expect(page.get_by_label(f"Role of {who.name}")).to_have_value(who.role)
    expect(page.get_by_role("heading", name="Waiting to join")).to_have_count(0)
    page.goto("/inbox/")
    for who in (ADMIN, CREATOR, VIEWER):
        expect(page.get_by_role("link", name=f"{who.name} joined {HANA.team}")).to_be_visible()


def test_a_used_link_is_closed(door: Door, team: Crew) -> None:
    door.watch.allow("status of 410")
    page = door.open(None, team.links[CREATOR.name])
    expect(page.get_by_role("heading", level=1)).to_have_text("This link is closed")


def test_an_admin_handles_people_but_no_owner(door: Door, team: Crew) -> None:
    page = door.open(ADMIN, "/team/")
    expect(page.get_by_role("link", name="Vendors")).to_be_visible()
    expect(page.get_by_label(f"Role of {HANA.name}")).to_have_count(0)
    assert page.get_by_label(f"Role of {VIEWER.name}").locator("option").all_inner_texts() == [
        "Admin",
        "Creator",
        "Viewer",
    ]
    page.get_by_role("link", name="Invite", exact=True).click()
    roles = page.get_by_role("dialog").get_by_role("radio")
    expect(roles).to_have_count(3)


def test_an_admin_is_refused_what_is_the_owners(door: Door, team: Crew) -> None:
    """By button, by address, and by a form nobody showed them."""
    door.watch.allow("status of (403|422)")
    page = door.open(ADMIN, "/team/")
    page.get_by_label(f"More for {VIEWER.name}").click()
    expect(page.get_by_role("link", name="Remove from the team")).to_be_visible()
    expect(page.get_by_role("link", name="New password")).to_have_count(0)
    owner, viewer = (member(page, who.name) for who in (HANA, VIEWER))
    answer = page.goto(f"{viewer}password/")
    assert answer is not None
    assert answer.status == 403
    page.goto("/team/")
    sent = {f"{viewer}password/": {}, f"{owner}removal/": {"heir": ""}, f"{viewer}role/": {"role": "owner"}}
    sent |= {f"{owner}role/": {"role": "viewer"}, "/team/invitations/": {"emails": "x@studio.example", "role": "owner"}}
    for place, facts in sent.items():
        send(page, place, **facts)
    page = door.open(HANA, "/team/")
    expect(row_of(page, HANA.name)).to_contain_text("Owner")
    expect(page.get_by_label(f"Role of {VIEWER.name}")).to_have_value("viewer")
    expect(page.get_by_text("x@studio.example")).to_have_count(0)


def row_of(page: Page, name: str) -> Locator:
    return page.locator("tr[id^='member-']").filter(has_text=name)


def member(page: Page, name: str) -> str:
    """Where that member's own addresses begin, as the team's page has them."""
    return f"/team/members/{str(row_of(page, name).get_attribute('id')).removeprefix('member-')}/"


def test_a_creator_makes_pictures_and_handles_nobody(door: Door, team: Crew) -> None:
    page = door.open(CREATOR)
    become(order(page, "a lamp for everybody"), "succeeded")
    page.goto("/team/")
    expect(page.get_by_text(ADMIN.name)).to_be_visible()
    for name in ("Invite", "Vendors", "Settings"):
        expect(page.get_by_role("link", name=name, exact=True)).to_have_count(0)
    expect(page.get_by_text("@studio.example")).to_have_count(0)
    door.watch.allow("status of (403|404)")
    for address in ("/team/invitations/", "/team/settings/", "/team/keys/"):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 403, address
    page.goto("/team/")
    theirs = member(page, VIEWER.name)
    for address in (f"{theirs}role/", f"{theirs}credits/", f"{theirs}password/", "/team/invitations/"):
        assert send(page, address, role="creator", amount="5") == 403, address
    assert send(page, f"{theirs}removal/", heir="") == 404


def test_a_viewer_looks_until_the_owner_makes_them_more(door: Door, team: Crew) -> None:
    theirs = door.open(VIEWER)
    expect(generate(theirs)).to_have_count(0)
    page = door.open(HANA, "/team/")
    page.get_by_label(f"Role of {VIEWER.name}").select_option("Creator")
    expect(page.get_by_text(f"{VIEWER.name} is now creator.")).to_be_visible()

    theirs.goto("/inbox/")
    expect(theirs.get_by_text(f"You are now creator in {HANA.team}")).to_be_visible()
    expect(theirs.get_by_text("1 unread")).to_be_attached()
    theirs.get_by_role("button", name="Mark all as read").click()
    expect(theirs.get_by_text("New", exact=True)).to_have_count(0)
    assert send(page, f"{member(page, VIEWER.name)}credits/", amount="5", reason="a try", request_key="a try") == 200
    theirs.goto("/")
    expect(generate(theirs)).to_be_visible()
    write(theirs, REFUSED)
    page.get_by_label(f"Role of {VIEWER.name}").select_option("Viewer")
    expect(page.get_by_text(f"{VIEWER.name} is now viewer.")).to_be_visible()
    door.watch.allow("status of 422")
    generate(theirs).click()  # the button of a page from before
    expect(theirs.get_by_text("you can look at pictures, not make them").first).to_be_visible()
    assert send(theirs, "/batches/", prompt=REFUSED, model="demo:painter", shape="3:2", count="1") == 422
    theirs.reload()
    expect(generate(theirs)).to_have_count(0)
    expect(theirs.get_by_text(REFUSED)).to_have_count(0)


def test_a_private_picture_is_its_makers_and_opening_it_is_told(door: Door, team: Crew) -> None:
    page = door.open(CREATOR)
    keep_private(page)
    found = flaws(door, page, "Composer private", views=SOME)
    page.set_viewport_size({"width": 1440, "height": 900})
    cards = order(page, SECRET)
    become(cards, "succeeded")
    address = str(cards.get_by_role("link").first.get_attribute("href"))

    door.watch.allow("status of 404")
    other = door.open(VIEWER, "/library/")
    expect(other.get_by_text(SECRET)).to_have_count(0)
    answer = other.goto(address)
    assert answer is not None
    assert answer.status == 404

    owner = door.open(HANA)
    expect(cards_of(owner, SECRET)).to_have_count(0)
    owner.goto(address)
    expect(owner.get_by_text(f"{CREATOR.name} keeps this picture private")).to_be_visible()
    found += flaws(door, owner, "Image opened by the owner", views=SOME)

    page.goto("/inbox/")
    page.get_by_role("link", name=f"{HANA.name} opened a private picture of yours").click()
    expect(page.get_by_text(re.compile(f"Opened by {HANA.name}"))).to_be_visible()
    found += flaws(door, page, "Image with its privacy")
    switch = page.get_by_role("switch", name="Private")
    for words in ("Everyone in your team sees it", "Only you see it"):
        with page.expect_response("**/privacy/"):
            switch.click()
        expect(page.get_by_text(words)).to_be_visible()
    assert not found, "\n".join(found)


def test_one_with_an_account_joins_and_goes_from_team_to_team_while_pictures_are_made(door: Door, team: Crew) -> None:
    page = door.open(HANA, "/team/")
    link = invite(page, "Creator")
    guest = door.open(IRA, link)
    expect(guest.get_by_text(IRA.email)).to_be_visible()
    found = flaws(door, guest, "Invitation with an account", views=SOME)
    guest.set_viewport_size({"width": 1440, "height": 900})
    guest.get_by_role("button", name="Join", exact=True).click()
    expect(guest.get_by_text(f"Welcome to {HANA.team}")).to_be_visible()

    with door.studio.worker_asleep():
        order(guest, ECHO, count=2)
        switch_to(guest, IRA.team)
        expect(guest).to_have_url(f"{door.studio.origin}/")
        expect(guest.get_by_text(ECHO)).to_have_count(0)
        guest.goto("/library/")
        found += flaws(door, guest, "Switch of team", views=SOME)
        guest.set_viewport_size({"width": 1440, "height": 900})
        switch_to(guest, HANA.team)
        expect(guest).to_have_url(f"{door.studio.origin}/library/")
        switch_to(guest, IRA.team)
        expect(guest.get_by_text("a lamp for everybody")).to_have_count(0)
    switch_to(guest, HANA.team)
    guest.goto("/")
    become(cards_of(guest, ECHO), "succeeded")
    assert not found, "\n".join(found)


def switch_to(page: Page, team: str) -> None:
    page.get_by_role("banner").get_by_label(re.compile("Switch team")).click()
    page.get_by_role("banner").get_by_role("button", name=team).click()
    expect(page.get_by_role("banner").get_by_label(f"You are in {team}")).to_be_visible()


def test_removal_hands_the_pictures_over_and_ends_at_once(door: Door, team: Crew) -> None:
    door.watch.allow("status of 403")
    theirs = door.open(CREATOR)
    page = door.open(HANA, "/team/")
    page.get_by_label(f"More for {CREATOR.name}").click()
    page.get_by_role("link", name="Remove from the team").click()
    sheet = page.get_by_role("dialog", name=f"Remove {CREATOR.name}?")
    expect(sheet.get_by_text("2, 1 of them private")).to_be_visible()
    found = flaws(door, page, "Parting")
    page.set_viewport_size({"width": 1440, "height": 900})
    sheet.get_by_label("The pictures").select_option(f"Hand over to {VIEWER.name}")
    sheet.get_by_role("button", name="Remove from the team").click()
    expect(page.get_by_text(f"{CREATOR.name} is no longer in the team.")).to_be_visible()

    theirs.goto("/")
    expect(theirs).to_have_url(re.compile("/login/"))
    crew.sign_in(theirs, CREATOR)
    door.remember(CREATOR, theirs)
    expect(theirs.get_by_role("heading", level=1)).to_have_text("You are in, but not in a team")
    heir = door.open(VIEWER, "/library/")
    expect(heir.get_by_role("img", name=re.compile(SECRET))).to_be_visible()
    found += flaws(door, theirs, "No team", views=SOME)
    assert not found, "\n".join(found)


def test_an_owner_makes_a_link_to_a_new_password(door: Door, team: Crew) -> None:
    page = door.open(HANA, "/team/")
    page.get_by_label(f"More for {VIEWER.name}").click()
    page.get_by_role("link", name="New password").click()
    sheet = page.get_by_role("dialog", name=f"A new password for {VIEWER.name}?")
    expect(sheet).to_be_visible()
    found = flaws(door, page, "New password")
    page.set_viewport_size({"width": 1440, "height": 900})
    sheet.get_by_role("button", name="Make the link").click()
    handed = page.get_by_role("dialog", name="Hand over this link")
    expect(handed).to_be_visible()
    found += flaws(door, page, "New password link", views=SOME)
    theirs = door.open(None, str(handed.get_by_role("textbox").input_value()))
    theirs.get_by_label("New password").fill(NEW_PASSWORD)
    theirs.get_by_role("button", name="Set").click()
    expect(theirs.get_by_text("Your new password is set.")).to_be_visible()
    crew.sign_in(theirs, VIEWER, NEW_PASSWORD)
    door.remember(VIEWER, theirs)
    theirs.goto("/inbox/")
    expect(theirs.get_by_text(f"{HANA.name} made you a link to a new password")).to_be_visible()
    assert not found, "\n".join(found)


def test_who_goes_says_what_becomes_of_the_pictures(door: Door, team: Crew) -> None:
    page = door.open(VIEWER, "/account/deletion/")
    expect(page.get_by_label("What you made here")).to_be_visible()
    found = flaws(door, page, "Deletion with a choice")
    page = door.open(IRA, "/account/deletion/")
    found += flaws(door, page, "Deletion with two teams", views=SOME)
    assert not found, "\n".join(found)


def test_a_deleted_account_is_gone_and_cannot_come_back(door: Door, team: Crew) -> None:
    page = door.open(CREATOR, "/account/export/")
    page.get_by_role("button", name="Put my data together").click()
    found = flaws(door, page, "Export under way", views=SOME)
    expect(page.get_by_text("Your data")).to_be_visible()
    page.goto("/account/deletion/")
    found += flaws(door, page, "Deletion")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    page.get_by_label("Email").fill(CREATOR.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/login/"))
    assert not found, "\n".join(found)


def test_the_pages_of_a_team_look_right_everywhere(door: Door, team: Crew) -> None:
    page = door.open(HANA, "/team/")
    link = invite(page, "Admin", "waits@studio.example, a.very.long.address.of.somebody@department.studio.example")
    page.get_by_role("link", name="Done").click()
    found = flaws(door, page, "Team")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Invite", exact=True).click()
    expect(page.get_by_role("dialog", name="Invite people")).to_be_visible()
    found += flaws(door, page, "Invite")
    page.goto("/team/")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("dialog", name="Team settings")).to_be_visible()
    found += flaws(door, page, "Team settings")
    for name, address in (("Roles", "/team/roles/"), ("Inbox", "/inbox/"), ("Team settings page", "/team/settings/")):
        page.goto(address)
        found += flaws(door, page, name, views=SOME if "page" in name else EVERY)
    page.goto("/team/")
    page.set_viewport_size({"width": 1440, "height": 900})
    new = door.open(None, link)
    found += flaws(door, new, "Invitation")
    page.get_by_role("button", name="Take back the invitation of waits@studio.example").click()
    expect(page.get_by_text("The invitation is taken back")).to_be_visible()
    door.watch.allow("status of 410")
    new.reload()
    found += flaws(door, new, "Invitation closed", views=SOME)
    assert not found, "\n".join(found)


def test_who_comes_too_late_asks_for_a_new_link(door: Door, team: Crew) -> None:
    door.watch.allow("status of 410")
    page = door.open(HANA, "/team/")
    link = invite(page, "Viewer", "late@studio.example")
    door.studio.end_invitations(HANA.team)
    new = door.open(None, link)
    expect(new.get_by_role("heading", level=1)).to_have_text("This link has ended")
    found = flaws(door, new, "Invitation ended", views=SOME)
    new.get_by_role("button", name="Ask for a new one").click()
    expect(new.get_by_text(f"{HANA.name} was told")).to_be_visible()
    found += flaws(door, new, "Invitation asked for", views=SOME)
    page.goto("/inbox/")
    page.get_by_role("link", name=re.compile("late@studio.example asks for a new invitation")).click()
    expect(page.get_by_text("Asks for a new one")).to_be_visible()
    found += flaws(door, page, "Team asked", views=SOME)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="New link for late@studio.example").click()
    handed = page.get_by_role("dialog", name="Hand over")
    expect(handed).to_be_visible()
    answer = new.goto(str(handed.get_by_role("textbox").first.input_value()))
    assert answer is not None
    assert answer.status == 200
    assert not found, "\n".join(found)


def test_the_pages_of_somebody_new_look_right(door: Door, team: Crew) -> None:
    page = door.open(VIEWER, "/team/")
    found = flaws(door, page, "Team of a viewer", views=SOME)
    page.goto("/account/export/")
    found += flaws(door, page, "Export", views=SOME)
    page = door.open(IRA, "/inbox/")
    found += flaws(door, page, "Inbox empty")
    assert not found, "\n".join(found)
