"""Hana's team comes together: she invites three people by links, and each joins in a browser of their own."""

from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

from tests.browser.cast import HANA, PASSWORD, Part
from tests.browser.visiting import Door

ADMIN = Part("Alma", HANA.team, role="admin")
CREATOR = Part("Cleo", HANA.team, role="creator")
VIEWER = Part("Viola", HANA.team, role="viewer")


@dataclass
class Crew:
    """What was met on the way: the flaws of pages that are only seen once, and the links as they were handed over."""

    links: dict[str, str] = field(default_factory=dict)
    flaws: list[str] = field(default_factory=list)


def invite(page: Page, role: str, emails: str = "") -> str:
    """From the team's page: open the sheet, choose the role, press; returns the link that is shown."""
    page.get_by_role("link", name="Invite", exact=True).click()
    sheet = page.get_by_role("dialog", name="Invite people")
    expect(sheet).to_be_visible()
    sheet.get_by_label("Email addresses").fill(emails)
    sheet.get_by_role("group", name="Role").get_by_text(role, exact=True).click()
    sheet.get_by_role("button", name="Invite").click()
    handed = page.get_by_role("dialog", name="Hand over")
    expect(handed).to_be_visible()
    return str(handed.get_by_role("textbox").first.input_value())


def sign_in(page: Page, who: Part, password: str = PASSWORD) -> None:
    """On the login page, by password."""
    page.get_by_label("Email").fill(who.email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def join(door: Door, who: Part, link: str) -> Page:
    """Open the link as nobody, make the account, and come out in the studio; from then on `door.open(who)` works."""
    page = door.open(None, link)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Join {who.team}")
    page.get_by_label("Your name").fill(who.name)
    if page.get_by_label("Email").is_enabled():
        page.get_by_label("Email").fill(who.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make an account and join").dblclick()  # as some people press everything
    expect(page.get_by_text(f"Welcome to {who.team}")).to_be_visible()
    door.remember(who, page)
    return page
