"""Keys in the hands of people: added, tested, switched off, renamed, replaced, moved; also without script."""

from playwright.sync_api import Page, expect

from tests.browser.acts import DOUBLE_CLICK_MS, become, order
from tests.browser.cast import KATE, OTTO, PAUL, WANDA
from tests.browser.looks import SOME, flaws
from tests.browser.market import add_key, card_of, choose_model, from_menu
from tests.browser.visiting import HEIGHTS, Door
from tests.management.procs import until
from tests.simulators.__main__ import Stall

KEYS = "/team/keys/"
GOOD, BETTER, WRONG = "ak-live-canary-7f3c", "ak-live-canary-91be", "ak-wrong-canary-d20a"


def replace(page: Page, key: str) -> None:
    from_menu(page, "Apikley", "Studio", "Replace key")
    sheet = page.get_by_role("dialog", name="Replace the key")
    sheet.get_by_label("New key").fill(key)
    sheet.get_by_role("button", name="Use the new key").click()


def overlaps(page: Page) -> list[str]:
    """Vendors of the open form whose name is printed over what they sell, on a phone."""
    page.set_viewport_size({"width": 390, "height": HEIGHTS[390]})
    script = """() => [...document.querySelectorAll("dialog .choice")].filter((one) => {
      const [name, sells] = [".choice__title", ".choice__words"].map((what) => one.querySelector(what));
      return name.getBoundingClientRect().bottom > sells.getBoundingClientRect().top;
    }).map((one) => `printed over one another: ${one.textContent.trim()}`)"""
    found: list[str] = page.evaluate(script)
    return found


def test_a_key_lives_its_life_in_the_browser(door: Door, street: dict[str, Stall]) -> None:
    door.watch.allow("status of 422")
    page = door.open(KATE, KEYS)
    page.get_by_role("link", name="Add a key").click()
    sheet = page.get_by_role("dialog", name="Add a key")
    sheet.get_by_role("radio", name="API in One").check()
    expect(sheet.get_by_label("Webhook key")).to_be_hidden()
    sheet.get_by_role("radio", name="Apikley").check()
    expect(sheet.get_by_label("Webhook key")).to_be_visible()
    sheet.get_by_label("Name").fill("Studio main")
    sheet.get_by_label("Key", exact=True).fill("two words")
    sheet.get_by_role("button", name="Add the key").click()
    expect(sheet.get_by_text("A key has no blanks")).to_be_visible()
    expect(sheet.get_by_text("does not keep keys: enter it again")).to_be_visible()
    expect(sheet.get_by_label("Name")).to_have_value("Studio main")
    expect(sheet.get_by_label("Key", exact=True)).to_have_value("")
    found = flaws(door, page, "New key refused", views=SOME) + overlaps(page)
    sheet.get_by_label("Key", exact=True).fill(GOOD)
    sheet.get_by_role("button", name="Add the key").click()

    card = card_of(page, "Apikley")
    expect(card.get_by_text("1,000 credits")).to_be_visible()
    expect(card.get_by_text("Working")).to_be_visible()
    expect(card.get_by_label("key ending in 7f3c")).to_be_visible()
    expect(page.locator(".provider h3").first).to_contain_text("Apikley")  # before the demo
    page.get_by_label("Test Apikley, Studio main").click()
    expect(page.get_by_role("status").filter(has_text="accepts the key")).to_be_visible()
    found += flaws(door, page, "Vendors")

    page.set_viewport_size({"width": 1440, "height": 900})
    from_menu(page, "Apikley", "Studio main", "Pause")
    expect(card.get_by_text("Switched off")).to_be_visible()
    page.get_by_label("Resume Apikley, Studio main").click()
    expect(card.get_by_text("Working")).to_be_visible()
    from_menu(page, "Apikley", "Studio main", "Rename, set limits")
    sheet = page.get_by_role("dialog", name="Apikley, Studio main")
    sheet.get_by_label("Name").fill("Studio")
    sheet.get_by_label("At most running at once").fill("3")
    sheet.get_by_role("button", name="Save").click()
    expect(card.get_by_text("of 3").first).to_be_visible()

    replace(page, WRONG)
    expect(card.get_by_text("Resting")).to_be_visible()
    expect(card.get_by_text("The vendor refused this key.").first).to_be_visible()
    found += flaws(door, page, "Vendors with a refused key")
    page.set_viewport_size({"width": 1440, "height": 900})
    replace(page, BETTER)
    expect(card.get_by_text("Working")).to_be_visible()
    expect(card.get_by_label("key ending in 91be")).to_be_visible()
    page.get_by_label("Move Apikley, Studio down").click()
    expect(page.locator(".provider h3").last).to_contain_text("Apikley")

    from_menu(page, "Apikley", "Studio", "Remove")
    found += flaws(door, page, "Remove a key", views=SOME)
    page.get_by_role("button", name="Remove the key").click()
    expect(card).to_have_count(0)
    assert not {GOOD, BETTER, WRONG} & street["Apikley"].simulator.counts.creates_hour_peak.keys()
    assert not found, "\n".join(found)


def set_hourly(page: Page, most: str) -> None:
    page.goto(KEYS)
    from_menu(page, "API in One", "Main", "Rename, set limits")
    sheet = page.get_by_role("dialog", name="API in One, Main")
    sheet.get_by_label("At most started in an hour").fill(most)
    sheet.get_by_role("button", name="Save").click()
    expect(page.get_by_text("API in One, Main: saved.")).to_be_visible()  # the page is there anew


def places_run_into(page: Page) -> list[str]:
    """Waiting cards whose place in line is printed over their words."""
    script = """() => [...document.querySelectorAll(".card__place")].filter((place) => {
      const words = place.closest(".card").querySelector(".card__words");
      return place.getBoundingClientRect().bottom > words.getBoundingClientRect().top;
    }).map((place) => `${innerWidth} px: printed over one another: ${place.closest(".card").textContent.trim()}`)"""
    found: list[str] = []
    for width, height in HEIGHTS.items():
        page.set_viewport_size({"width": width, "height": height})
        found += page.evaluate(script)
    return found


def test_what_waits_says_for_what_and_until_when_and_outlasts_a_pause(door: Door, street: dict[str, Stall]) -> None:
    page = door.open(WANDA, KEYS)
    add_key(page, "API in One", "aio_wanda-3a9c")
    set_hourly(page, "1")
    page.goto("/")
    choose_model(page, "Grok Imagine", "API in One")
    first = order(page, "A ferry in the morning")
    become(first, "succeeded")
    page.wait_for_timeout(DOUBLE_CLICK_MS)
    waiting = order(page, "A ferry in the evening", count=2)
    for card in waiting.all():
        expect(card.get_by_text("The vendor takes 1 an hour")).to_be_visible()
    times = []
    for width, height in HEIGHTS.items():
        page.set_viewport_size({"width": width, "height": height})
        shown = [card.locator("time").locator("visible=true") for card in waiting.all()]
        for one in shown:
            expect(one).to_have_count(1)
        times.append([str(one.get_attribute("datetime")) for one in shown])
    assert times[0][0] < times[0][1], "both were promised the one place of the next hour"
    assert times[0] == times[1] == times[2]
    found = flaws(door, page, "Waiting for the hour", views=SOME) + places_run_into(page)

    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(KEYS)
    from_menu(page, "API in One", "Main", "Pause")
    expect(card_of(page, "API in One").get_by_text("Switched off")).to_be_visible()
    page.goto("/")
    for card in waiting.all():
        expect(card.get_by_text("The vendor is switched off")).to_be_visible()
        expect(card.get_by_text("It goes on when your owner changes that.")).to_be_visible()
    found += flaws(door, page, "Waiting for a switch", views=SOME) + places_run_into(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    set_hourly(page, "")
    page.get_by_label("Resume API in One, Main").dblclick()
    expect(card_of(page, "API in One").get_by_text("Working")).to_be_visible()
    page.goto("/")
    become(waiting, "succeeded")
    assert sum(task.key == "aio_wanda-3a9c" for task in street["API in One"].simulator.tasks.values()) == 3
    assert not found, "\n".join(found)


def test_the_form_for_a_key_looks_right_as_a_page(door: Door) -> None:
    page = door.open(KATE, f"{KEYS}new/")
    page.get_by_role("radio", name="Apikley").check()
    page.get_by_text("Limits of its own").click()
    found = flaws(door, page, "New key")
    assert not found, "\n".join(found)


def test_without_script_a_key_is_added_tested_and_switched_off_by_plain_forms(door: Door) -> None:
    door.watch.allow("status of 422")
    page = door.open(OTTO, KEYS, script=False)
    page.get_by_role("link", name="Add a key").click()
    page.get_by_role("radio", name="APIXO").check()
    page.get_by_label("Name").fill("Press")
    page.get_by_role("button", name="Add the key").click()
    expect(page.get_by_text("Enter the key you got from APIXO.")).to_be_visible()
    expect(page.get_by_role("radio", name="APIXO")).to_be_checked()
    page.get_by_label("Key", exact=True).fill("apixo-canary-d20a")
    page.get_by_role("button", name="Add the key").click()
    expect(page).to_have_url(f"{door.studio.origin}{KEYS}")
    card = card_of(page, "APIXO")

    def is_told() -> bool:
        page.reload()
        return card.get_by_text("USD").count() > 0

    assert until(is_told)
    page.get_by_label("Test APIXO, Press").click()
    expect(page.get_by_text("Reload the page in a few seconds.")).to_be_visible()
    page.get_by_label("More for APIXO, Press").click()
    card.get_by_role("button", name="Pause").click()
    expect(card.get_by_text("Switched off")).to_be_visible()


def test_who_does_not_manage_is_told_so_in_words(door: Door) -> None:
    door.watch.allow("status of 403")
    page = door.open(PAUL)
    expect(page.get_by_role("link", name="Vendors")).to_have_count(0)
    page.goto(KEYS)
    expect(page.get_by_role("heading", level=1)).to_have_text("This room is not yours")
