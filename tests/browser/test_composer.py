"""The composer: it loses nothing typed, sends once, and says what is in the way before anything is charged."""

import re

from playwright.sync_api import Page, expect

from tests.browser.acts import DOUBLE_CLICK_MS, balance, cards_of, generate, order, runs_of, write
from tests.browser.cast import NORA, OTTO, PENNY
from tests.browser.visiting import Door
from tests.browser.wall import RIDGES, Wall


def orders_sent(page: Page) -> list[str]:
    """Collects the orders the page sends from now on."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/batches/") else None)
    return sent


def test_a_double_click_makes_one_batch(door: Door) -> None:
    page = door.open(OTTO)
    before = balance(page)
    prompt = "One lighthouse, pressed twice"
    write(page, prompt, count=2)
    generate(page).dblclick()
    expect(cards_of(page, prompt)).to_have_count(2)
    expect(page.locator("#rail-credits strong")).to_have_text(f"{before - 10:,}")
    page.reload()
    expect(runs_of(page, prompt)).to_have_count(1)
    assert balance(page) == before - 10


def test_the_same_order_sent_again_on_purpose_is_a_new_one(door: Door) -> None:
    page = door.open(OTTO)
    prompt = "A second lighthouse, wanted twice"
    order(page, prompt)
    expect(generate(page)).to_have_attribute("aria-busy", "false")
    page.wait_for_timeout(DOUBLE_CLICK_MS)
    generate(page).click()
    expect(runs_of(page, prompt)).to_have_count(2)


def test_another_order_right_after_the_first_is_taken_too(door: Door) -> None:
    page = door.open(OTTO)
    for prompt in ("A green door", "A blue door"):
        write(page, prompt)
        generate(page).click()
        expect(cards_of(page, prompt)).to_have_count(1)


def test_words_that_look_like_markup_are_only_words(door: Door) -> None:
    page = door.open(OTTO)
    prompt = "<b onmouseover=\"alert(1)\">Bold</b> & 'quoted' {{ words }}\nin two lines"
    write(page, prompt)
    generate(page).click()
    run = page.locator("#feed > li").filter(has_text="{{ words }}")
    expect(run.locator(".run__prompt")).to_contain_text("<b onmouseover=")
    expect(run.locator("b")).to_have_count(0)
    page.get_by_label("Prompt", exact=True).fill("")
    run.get_by_role("link", name="Reuse prompt").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(prompt)


def test_a_prompt_of_blanks_is_refused_in_words(door: Door) -> None:
    page = door.open(OTTO)
    door.watch.allow("status of 422")
    write(page, "   ")
    generate(page).click()
    expect(page.locator("#prompt-error")).to_contain_text("Write what the picture should show")
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()


def test_control_and_enter_send_the_order(door: Door) -> None:
    page = door.open(OTTO)
    prompt = "A piano seen through a keyhole"
    write(page, prompt)
    page.get_by_label("Prompt", exact=True).press("Control+Enter")
    expect(cards_of(page, prompt)).to_have_count(1)


def test_a_prompt_that_is_too_long_is_counted_and_kept(door: Door) -> None:
    page = door.open(OTTO)
    before = balance(page)
    long = ("a very long road " * 400)[:5214].strip()
    over = len(long) - 5000
    write(page, long)
    expect(page.locator("#prompt-count")).to_contain_text(f"{over} too many")
    door.watch.allow("status of 422")
    generate(page).click()
    expect(page.locator("#prompt-error")).to_contain_text(f"{over} characters too many")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(long)
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()
    assert balance(page) == before
    page.get_by_label("Prompt", exact=True).fill("A short road")
    expect(page.locator("#prompt-error")).to_be_empty()
    generate(page).click()
    expect(cards_of(page, "A short road")).to_have_count(1)


def test_missing_credits_are_said_before_the_press_and_by_the_studio_too(door: Door, wall: Wall) -> None:
    page = door.open(PENNY)
    late = page.context.new_page()
    late.route("**/feed/*", lambda route: route.fulfill(status=204))  # it must not hear of the order in time
    late.goto("/")
    write(page, "A coin on its edge", count=2)
    short = page.locator("#composer-short")
    expect(short).to_contain_text("Needs 3 more credits than your 7.")
    expect(generate(page)).to_be_disabled()
    expect(short.get_by_role("button", name="Make 1")).to_be_visible()
    page.get_by_role("radio", name="Only you").check(force=True)
    short.get_by_role("link", name=f"Ask {NORA.name} for more").click()
    expect(page.get_by_label("Credits", exact=True)).to_have_value("3")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("radio", name="Only you")).to_be_checked()
    page.get_by_role("radio", name="Your team").check(force=True)
    short.get_by_role("button", name="Make 1").click()
    expect(short).to_be_hidden()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A coin on its edge")
    order(page, "A coin on its edge")
    expect(page.locator("#rail-credits strong")).to_have_text("2")
    expect(generate(page)).to_be_disabled()
    door.watch.allow("status of 422")
    write(late, "A coin that is not there")
    generate(late).click()
    expect(late.locator("#composer").get_by_text("credits").first).to_be_visible()
    expect(late.locator("#composer [role=alert]")).to_contain_text("2")
    expect(late.get_by_label("Prompt", exact=True)).to_have_value("A coin that is not there")
    expect(runs_of(late, "A coin that is not there")).to_have_count(0)


def test_the_count_goes_from_one_to_eight_and_no_further(door: Door) -> None:
    page = door.open(OTTO)
    count, more = page.get_by_label("Count", exact=True), page.get_by_role("button", name="More")
    expect(page.get_by_role("button", name="Fewer")).to_be_disabled()
    for expected in range(2, 9):
        more.click()
        expect(count).to_have_value(str(expected))
        expect(generate(page)).to_contain_text(f"{expected * 5} credits")
    expect(more).to_be_disabled()
    sent = orders_sent(page)
    for wrong in ("9", "0", ""):
        write(page, "Nine of something")
        count.fill(wrong)
        generate(page).click()
        expect(count).to_be_focused()
    assert sent == []


PRICES_SEEN = """() => {
  const cost = document.querySelector("[data-cost]");
  window.seen = [];
  new MutationObserver(() => window.seen.push(cost.textContent)).observe(cost, { childList: true, subtree: true });
  document.querySelector("[data-step='1']").click();
  return cost.textContent;
}"""


def test_the_price_follows_a_change_before_the_next_frame_and_moves_nothing(door: Door) -> None:
    page = door.open(PENNY)
    frame = page.locator("#composer").bounding_box()
    assert page.evaluate(PRICES_SEEN) == "10\u00a0credits"
    expect(page.locator("#composer-price")).to_contain_text(re.compile("2 × 5|Needs"))
    assert page.evaluate("() => window.seen") == ["10\u00a0credits"]
    page.get_by_label("Count", exact=True).fill("8")
    expect(page.locator("#composer-short")).to_be_visible()
    assert page.locator("#composer").bounding_box() == frame


def test_a_draft_survives_a_reload(door: Door) -> None:
    page = door.open(OTTO)
    write(page, "Half a sentence about", shape="2:3", count=4)
    page.reload()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("Half a sentence about")
    expect(page.get_by_role("radio", name="2:3")).to_be_checked()
    expect(page.get_by_label("Count", exact=True)).to_have_value("4")
    expect(generate(page)).to_contain_text("20 credits")


def test_reuse_brings_words_and_shape_back_from_the_wall_and_from_the_page(door: Door, wall: Wall) -> None:
    page = door.open(NORA)
    runs_of(page, RIDGES).get_by_role("link", name="Reuse prompt").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(RIDGES)
    expect(page.get_by_role("radio", name="3:2")).to_be_checked()
    page.get_by_label("Prompt", exact=True).fill("")
    page.goto(wall.image)
    page.get_by_role("link", name=re.compile("Reuse")).click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(RIDGES)
    expect(page.get_by_role("radio", name="3:2")).to_be_checked()


def test_the_model_says_its_vendor(door: Door) -> None:
    page = door.open(OTTO)
    page.locator("#model-picker summary").click()
    expect(page.get_by_role("group", name="Model").get_by_role("radio", name="Demo painter, Demo")).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.get_by_role("group", name="Model")).to_be_hidden()
