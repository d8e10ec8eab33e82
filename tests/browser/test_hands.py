"""The studio without a mouse, without script, and with less motion."""

import re

from playwright.sync_api import expect

from tests.browser.acts import become, cards_of, generate, tab_to, write
from tests.browser.cast import ADA, NORA, OTTO
from tests.browser.visiting import Door
from tests.browser.wall import Wall

RUNNING = "() => document.getAnimations().filter((one) => one.playState === 'running').length"


def test_the_keyboard_alone_leads_from_the_prompt_to_the_picture_and_its_upscale(door: Door) -> None:
    page = door.open(ADA)
    prompt = "A typewriter that nobody touches"
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Prompt", exact=True), most=4)
    page.keyboard.type(prompt)
    tab_to(page, page.get_by_role("radio", checked=True, name=re.compile("^[0-9]:[0-9]$")), most=3)
    for _ in range(3):
        if page.get_by_role("radio", name="2:3").is_checked():
            break
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="2:3")).to_be_checked()
    tab_to(page, page.get_by_label("Count", exact=True), most=5)
    page.keyboard.press("ArrowUp")
    expect(generate(page)).to_contain_text("10 credits")
    tab_to(page, generate(page), most=4)
    page.keyboard.press("Space")
    cards = cards_of(page, prompt)
    expect(cards).to_have_count(2)
    expect(generate(page)).to_be_focused()
    become(cards, "succeeded")
    tab_to(page, cards.first.get_by_role("link").first)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/images/[0-9a-f-]{36}/$"))
    upscale = page.get_by_role("link", name="Upscale").first
    tab_to(page, upscale)
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog", name="Upscale")
    expect(sheet).to_be_visible()
    expect(sheet.get_by_role("heading", name="Upscale")).to_be_focused()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(upscale).to_be_focused()


def test_without_script_pictures_are_ordered_seen_and_upscaled_through_plain_forms(door: Door) -> None:
    page = door.open(OTTO, script=False)
    prompt = "Ink on paper, nothing else"
    write(page, prompt, shape="3:2", count=2)
    generate(page).click()
    cards = cards_of(page, prompt)
    expect(cards).to_have_count(2)
    with door.studio.worker_asleep():
        page.goto("/")
    for _ in range(20):
        if cards.locator("img").count() == 2:
            break
        page.wait_for_timeout(1000)
        page.get_by_role("link", name="Look again").click()
    expect(cards.locator("img")).to_have_count(2)
    cards.first.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/images/[0-9a-f-]{36}/$"))
    page.get_by_role("link", name="Upscale").first.click()
    expect(page.get_by_role("heading", name="Upscale", level=1)).to_be_visible()
    page.get_by_role("radio", name="Demo enlarge 2×").check()
    page.get_by_role("button", name=re.compile("^Upscale")).click()
    expect(page).to_have_url(re.compile(r"/images/[0-9a-f-]{36}/$"))
    family = page.get_by_role("navigation", name="Versions of this picture").get_by_role("link")
    for _ in range(20):
        if family.count() == 2:
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(family).to_have_count(2)


def test_with_reduced_motion_nothing_moves_by_itself(door: Door, wall: Wall) -> None:
    still, moving = door.open(NORA), door.open(NORA, calm=False)
    expect(moving.locator("[data-state=running]").first).to_be_visible()
    expect(still.locator("[data-state=running]").first).to_be_visible()
    assert moving.evaluate(RUNNING) > 0, "without anything that moves this proves nothing"
    assert still.evaluate(RUNNING) == 0


def test_keys_can_be_turned_off_and_then_none_does_anything(door: Door, wall: Wall) -> None:
    page = door.open(NORA, "/account/")
    page.get_by_label("Single keys act on pages").uncheck()
    expect(page.locator("body")).to_have_attribute("data-keys", "off")
    page.goto(wall.image)
    for key in ("?", "u", "z", "i", "l", "ArrowRight", "Escape"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    expect(page).to_have_url(re.compile(re.escape(wall.image)))
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("[data-zoomed]")).to_have_count(0)
    page.goto("/account/")
    page.get_by_label("Single keys act on pages").check()
    page.goto(wall.image)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_words_of_htmx_in_a_page_are_not_run(door: Door) -> None:
    """What reached a page as markup is no script of ours: neither a handler nor a filter of a trigger (S4)."""
    door.watch.allow("htmx:evalDisallowedError")
    page = door.open(NORA, "/account/")
    page.evaluate("""() => {
      const there = document.createElement("button");
      there.id = "planted";
      there.textContent = "Planted";
      there.setAttribute("hx-on:click", "document.title = 'run'");
      there.setAttribute("hx-on--load", "document.title = 'run'");
      there.setAttribute("hx-get", "/inbox/");
      there.setAttribute("hx-trigger", "click[document.title = 'run']");
      document.querySelector("main").prepend(there);
      htmx.process(there);
    }""")
    page.locator("#planted").click()
    page.wait_for_timeout(300)
    assert page.title() != "run"
