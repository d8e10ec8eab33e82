"""A moderator's hour: by keys alone, on a phone, without script, and what all of it looks like."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.acts import become, is_drawn, order
from tests.browser.cast import MAUD, NED, PAM, Part
from tests.browser.looks import EVERY, SOME, flaws
from tests.browser.running import Studio
from tests.browser.visiting import Door, opened

pytestmark = pytest.mark.told_in_order

MORGAN = Part("Morgan", "")  # moderates the studio, and is in no team
PROMPTS = (
    "stained glass, a sun breaking into violet and blue",
    "a woman at a bus stop in the rain",
    "ink currents in a glass of water",
    "one chair in an empty hall",
    "a lamp like a folded letter",
    "a marble torso in low sun",
)
NOTE = "The emblem is not ours to show."


@dataclass
class Docket:
    cases: list[int]


@pytest.fixture(scope="module")
def docket(
    browser: Browser, studio: Studio, sessions: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Docket:
    """Six pictures of Ned's, each reported."""
    with opened(browser, studio, sessions, tmp_path_factory.mktemp("docket")) as door:
        page = door.open(NED)
        for prompt in PROMPTS:
            become(order(page, prompt), "succeeded")
            page.wait_for_timeout(900)
    made = studio.report_all(MAUD.team)
    sessions[MORGAN.name] = made["session"]
    return Docket(cases=made["cases"])


def title(page: Page) -> Locator:
    return page.locator("#case-title")


def shows(page: Page, words: str) -> None:
    """The case that is open says so, and htmx has come to rest."""
    expect(title(page)).to_have_text(words)
    expect(page.locator(".htmx-added, .htmx-settling")).to_have_count(0)


def news(page: Page) -> Locator:
    return page.locator("#review-news")


def look_again(page: Page) -> None:
    """Have the page look how its list stands, as it does every few seconds, and wait for the answer."""
    with page.expect_response(re.compile(r"/review/\?which=waiting")):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".htmx-added, .htmx-settling, .htmx-request")).to_have_count(0)


def choose(page: Page, name: str) -> None:
    page.get_by_role("radiogroup", name="Reason").get_by_role("radio", name=name, exact=True).check()


def decide(page: Page, name: str) -> None:
    page.get_by_role("group", name="Decide").get_by_role("button", name=re.compile(f"^{name}")).click()


def test_the_queue_covers_every_picture(door: Door, docket: Docket) -> None:
    """Nothing of one is even loaded."""
    page = door.open(MAUD)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.get_by_role("banner").get_by_role("link", name="Review 6 waiting").click()
    shows(page, "Reported: hateful")
    expect(page.get_by_role("navigation", name="Queue").get_by_role("link")).to_have_count(6)
    assert not [url for url in loaded if "/picture/" in url or "/files/" in url]
    found = flaws(door, page, "Review covered")
    assert not found, "\n".join(found)


def test_the_list_follows_what_another_does_and_takes_nothing_away(door: Door, docket: Docket) -> None:
    """As it looks again by itself; here at once, since a tab that is seen again does, too."""
    page, other = door.open(MAUD, "/review/"), door.open(PAM, "/review/")
    queue = other.get_by_role("navigation", name="Queue")
    note = other.get_by_role("textbox", name=re.compile("^Note"))
    shows(other, "Reported: hateful")
    note.fill("I am in the middle of a")
    for is_held in (True, False):
        page.keyboard.press("c")
        expect(page.get_by_text("Yours until")).to_have_count(int(is_held))
        look_again(other)
        expect(queue.get_by_text("Maud is at it")).to_have_count(int(is_held))
        expect(note).to_have_value("I am in the middle of a")
        expect(note).to_be_focused()
    note.press("Shift+Tab")
    other.keyboard.press("j")
    shows(other, "Reported: a real person")
    look_again(other)
    expect(queue.locator("[aria-current=true]")).to_contain_text("a real person")


def test_it_is_narrowed_to_a_reason_and_stays_so(door: Door, docket: Docket) -> None:
    page = door.open(MAUD, "/review/")
    page.get_by_label("Reported by").select_option(label="By 2 people or more")
    expect(page.get_by_role("navigation", name="Queue").get_by_role("link")).to_have_count(1)
    expect(page.locator(".htmx-added, .htmx-settling")).to_have_count(0)
    page.get_by_label("Reported by").select_option(label="By anybody")
    expect(page.get_by_role("navigation", name="Queue").get_by_role("link")).to_have_count(6)
    expect(page.locator(".htmx-added, .htmx-settling")).to_have_count(0)
    page.get_by_label("Reason", exact=True).and_(page.locator("select")).select_option(label="Copied work")
    shows(page, "Reported: copied work")
    expect(page).to_have_url(re.compile("reason=copied"))
    look_again(page)
    expect(page.get_by_role("navigation", name="Queue").get_by_role("link")).to_have_count(1)
    found = flaws(door, page, "Review narrowed")
    assert not found, "\n".join(found)


def test_an_hour_by_keys_alone(door: Door, docket: Docket) -> None:
    door.watch.allow("status of 422")
    page = door.open(MAUD, "/review/")
    press = page.keyboard.press
    press("Space")
    picture = page.get_by_role("img", name="The picture of this case")
    expect(picture).to_be_visible()
    assert is_drawn(picture)

    press("h")
    group = page.get_by_role("radiogroup", name="Reason")
    expect(group).to_contain_text("Choose a reason first. Nothing was decided yet.")
    expect(group.get_by_role("radio").first).to_be_focused()
    expect(picture).to_be_visible()
    found = flaws(door, page, "Review without a reason", views=SOME)
    page.set_viewport_size({"width": 1440, "height": 900})

    note = page.get_by_role("textbox", name=re.compile("^Note"))
    note.fill("")
    note.press_sequentially("h a s j c 1 e ")
    shows(page, "Reported: hateful")
    note.fill(NOTE)
    press("Shift+Tab")
    press("1")
    press("h")
    expect(news(page)).to_contain_text("Hidden everywhere")
    shows(page, "Reported: a real person")
    expect(title(page)).to_be_focused()
    expect(page.get_by_role("banner").get_by_role("link", name="Review 5 waiting")).to_be_attached()

    press("j")
    shows(page, "Reported: copied work")
    press("k")
    shows(page, "Reported: a real person")
    press("7")
    press("a")
    expect(news(page)).to_contain_text("Kept.")
    shows(page, "Reported: copied work")

    press("c")
    expect(page.get_by_text("Yours until")).to_be_visible()
    other = door.open(PAM, "/review/")
    shows(other, "Reported: violent")
    expect(other.get_by_text("Maud is at it")).to_be_visible()
    other.get_by_role("navigation", name="Queue").get_by_role("link").first.click()
    expect(other.get_by_text("Maud is at this one until")).to_be_visible()
    expect(other.get_by_role("group", name="Decide")).to_have_count(0)
    found += flaws(door, other, "Review locked", views=SOME)
    press("5")
    press("e")
    expect(news(page)).to_contain_text("Passed on.")
    expect(page).to_have_url(re.compile(f"/review/{docket.cases[3]}/$"))
    assert not found, "\n".join(found)


def test_two_do_not_decide_the_same_unaware(door: Door, docket: Docket) -> None:
    door.watch.allow("status of 409")
    page, other = door.open(MAUD, "/review/"), door.open(PAM, "/review/")
    for one in (page, other):
        shows(one, "Reported: violent")
        choose(one, "Violent")
    other.get_by_role("textbox", name=re.compile("^Note")).fill("I thought about this for long.")
    decide(page, "Keep")
    expect(news(page)).to_contain_text("Kept.")
    decide(other, "Hide")
    alert = other.get_by_role("alert")
    expect(alert).to_contain_text("Maud decided this meanwhile")
    expect(alert).to_contain_text("Maud kept it: violent.")
    expect(alert).to_contain_text("I thought about this for long.")
    expect(alert).to_be_focused()
    found = flaws(door, other, "Review decided meanwhile", views=SOME)
    assert not found, "\n".join(found)


def test_what_was_decided_is_taken_back_from_the_log(door: Door, docket: Docket) -> None:
    page = door.open(MAUD, "/review/")
    page.get_by_role("navigation", name="Which").get_by_role("link", name="Decided").click()
    entry = page.get_by_role("listitem").filter(has_text=NOTE)
    expect(entry).to_contain_text("Maud hid Ned’s picture")
    found = flaws(door, page, "Review decided")
    page.set_viewport_size({"width": 1440, "height": 900})
    entry.get_by_role("link", name=re.compile("^Reverse")).click()
    sheet = page.get_by_role("dialog", name="Show it again?")
    sheet.get_by_role("textbox").fill("I looked twice: it is a flower.")
    found += flaws(door, page, "Review reversal", views=SOME)
    page.set_viewport_size({"width": 1440, "height": 900})
    sheet.get_by_role("button", name="Show it again").click()
    expect(page.get_by_text("Shown again. The log keeps both decisions.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="it is a flower")).to_contain_text("showed Ned’s picture again")
    assert not found, "\n".join(found)


def test_on_a_phone_with_one_thumb(door: Door, docket: Docket) -> None:
    page = door.open(MAUD, "/review/", width=390, theme="dark")
    shows(page, "Reported: something else")
    hide = page.get_by_role("group", name="Decide").get_by_role("button", name="Hide")
    expect(hide).to_be_in_viewport()
    page.get_by_role("link", name="Show picture").click()
    expect(page.get_by_role("img", name="The picture of this case")).to_be_visible()
    found = flaws(door, page, "Review shown", views=EVERY)
    page.set_viewport_size({"width": 390, "height": 844})
    choose(page, "Something else")
    hide.click()
    shows(page, "Reported: sexual")
    expect(title(page)).to_be_in_viewport()
    assert not found, "\n".join(found)


def test_without_script(door: Door, docket: Docket) -> None:
    door.watch.allow("status of 422")
    page = door.open(PAM, "/review/", width=820, script=False)
    page.get_by_role("link", name="Show picture").click()
    expect(page.get_by_role("img", name="The picture of this case")).to_be_visible()
    decide(page, "Hide")
    expect(page.get_by_text("Choose a reason first.")).to_be_visible()
    expect(page.get_by_role("img", name="The picture of this case")).to_be_visible()
    choose(page, "Sexual")
    decide(page, "Hide")
    expect(page.get_by_text("Hidden everywhere. Its maker is told why.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()


def test_two_people_remove_a_picture_for_good(door: Door, docket: Docket) -> None:
    page = door.open(MAUD, "/review/?which=hidden")
    found = flaws(door, page, "Review hidden")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Ask to remove for good").click()
    page.get_by_role("dialog").get_by_role("button", name="Ask for it").click()
    expect(page.get_by_text("Another reviewer has to confirm.", exact=False).first).to_be_visible()

    other = door.open(PAM, "/review/?which=hidden")
    while not other.get_by_role("link", name="Remove for good").count():
        other.keyboard.press("j")
        other.wait_for_timeout(300)
    other.get_by_role("link", name="Remove for good").click()
    sheet = other.get_by_role("dialog", name="Remove it for good?")
    expect(sheet.get_by_text("Nobody can bring them back")).to_be_visible()
    found += flaws(door, other, "Review purge")
    other.set_viewport_size({"width": 1440, "height": 900})
    sheet.get_by_role("button", name="Remove for good").click()
    expect(other.get_by_text("Removed for good. The log keeps")).to_be_visible()
    assert not found, "\n".join(found)


def test_its_maker_and_who_reported_it_read_what_came_of_it(door: Door, docket: Docket) -> None:
    page = door.open(NED, "/inbox/")
    expect(page.get_by_text("A moderator hid a picture of yours").first).to_be_visible()
    expect(page.get_by_text("A picture of yours is shown again").first).to_be_visible()
    expect(page.get_by_text("A hidden picture of yours was removed for good")).to_be_visible()
    found = flaws(door, page, "Inbox of a maker")
    reporter = door.open(PAM, "/inbox/")
    expect(reporter.get_by_text("The picture you reported", exact=False).first).to_be_visible()
    found += flaws(door, reporter, "Inbox of a reporter", views=SOME)
    assert not found, "\n".join(found)


def test_a_moderator_of_the_studio_suspends(door: Door, docket: Docket) -> None:
    door.watch.allow("status of 422")
    page = door.open(MORGAN, "/review/")
    page.get_by_label("Team", exact=True).select_option(label=NED.team)
    expect(page).to_have_url(re.compile(r"team=\d"))
    expect(page.get_by_text("For you")).to_be_visible()
    expect(page.get_by_text(f"Ned’s picture in {NED.team}").first).to_be_visible()
    page.keyboard.press("s")
    page.keyboard.press("3")
    page.get_by_role("button", name="Hide it and suspend Ned").click()
    expect(page.get_by_text("Choose for how long. Nobody was suspended yet.")).to_be_visible()
    found = flaws(door, page, "Review suspension")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_text("7 days", exact=True).click()
    page.get_by_role("button", name="Hide it and suspend Ned").click()
    expect(news(page)).to_contain_text("its maker is suspended")
    expect(page.get_by_role("heading", name="Nothing like that is here")).to_be_visible()
    found += flaws(door, page, "Review empty")
    assert not found, "\n".join(found)
