"""What a page must be at every width and in both themes: within its frame, clean for axe-core, easy to hit."""

from collections.abc import Sequence

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize

from tests.browser.visiting import HEIGHTS, Door, Theme, keepsake

THEMES: tuple[Theme, Theme] = ("light", "dark")
View = tuple[int, Theme]
EVERY: list[View] = [(width, theme) for width in HEIGHTS for theme in THEMES]
SOME: list[View] = [(390, "dark"), (820, "light"), (1440, "dark")]  # for what differs little from a page seen in all
NARROWEST: ViewportSize = {"width": 360, "height": 780}  # the smallest phone; nothing there may be wider than the page
TARGET_PIXELS_MIN = 24
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

AXE = """async ([rules, part]) => {
  const how = { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"], preload: !part };
  const { violations } = await axe.run(part || document, how);
  return violations.map(({ id, help, nodes }) =>
    `axe ${id}: ${help}: ${nodes.map(({ target, any }) => `${target} ${any.map((a) => a.message)}`).join(" | ")}`);
}"""
TOO_WIDE = """() => {
  const page = document.scrollingElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  const out = [...document.body.querySelectorAll("*")].filter(
    (node) => node.checkVisibility() && node.getBoundingClientRect().right > page.clientWidth + 1);
  const names = out.slice(0, 5).map((node) => `${node.tagName.toLowerCase()}.${node.getAttribute("class")}`);
  return [`scrolls sideways: ${page.scrollWidth} px in ${page.clientWidth}: ${names}`];
}"""
# A radio or a check box is as large as its label; a link within a sentence may be as small as its words.
SMALL = """(least) => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
  .filter((node) => node.type !== "hidden" && node.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .filter((node) => !node.matches(".skip-link:not(:focus)"))
  .filter((node) => getComputedStyle(node).display !== "inline")
  .map((node) => [node, (["radio", "checkbox"].includes(node.type) && node.closest("label") || node)
    .getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < least || box.height < least))
  .map(([node, box]) => `small target: ${node.outerHTML.slice(0, 90)}: ${box.width} × ${box.height} px`)"""
# A cell that is hidden where its heading is not pushes the others under the wrong headings.
SHIFTED = """() => [...document.querySelectorAll("table")].filter((table) => table.tHead)
  .flatMap((table) => [...table.rows].slice(1).filter((row) => {
    if (getComputedStyle(row).display !== "table-row") return false;
    const edges = (line) => [...line.cells].filter((cell) => cell.checkVisibility())
      .map((cell) => Math.round(cell.getBoundingClientRect().left)).join();
    return edges(row) !== edges(table.rows[0]);
  }).slice(0, 1).map((row) => `cells stand under the wrong headings: ${row.textContent.replace(/\\s+/g, " ")}`))"""
SETTLED = """async () => {
  const end = performance.now() + 2000;
  while (document.getAnimations().some((one) => one.playState === "running") && performance.now() < end)
    await new Promise(requestAnimationFrame);
}"""


def flaws(door: Door, page: Page, name: str, *, views: Sequence[View] = EVERY) -> list[str]:
    """Everything wrong with the page as it is open now, in each of these views, with pictures of it."""
    found: list[str] = []
    page.evaluate(AXE_SCRIPT)
    page.set_viewport_size(NARROWEST)
    found += [f"{name}: {one}" for one in page.evaluate(TOO_WIDE)]
    keepsake(page, f"{name} 360")
    for width, theme in views:
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.emulate_media(color_scheme=theme)
        page.evaluate(SETTLED)
        wrong = _wrong(page)
        keepsake(page, f"{name} {width} {theme}")
        if wrong:
            shot = door.photograph(page, f"{name}-{width}-{theme}".replace(" ", "-"))
            found += [f"{name}, {width} px, {theme}: {one}" for one in wrong] + [f"  see {shot}"]
    return found


def sticks_out(page: Page) -> list[str]:
    """Where the page has to be scrolled sideways to be read, at each width."""
    found: list[str] = []
    sizes = [ViewportSize(width=width, height=height) for width, height in HEIGHTS.items()]
    for size in (NARROWEST, *sizes):
        page.set_viewport_size(size)
        found += page.evaluate(TOO_WIDE)
    return found


def clean(page: Page, name: str, part: str) -> list[str]:
    """What axe-core finds in that part of a page whose frame is not ours."""
    page.evaluate(AXE_SCRIPT)
    page.evaluate(SETTLED)
    found: list[str] = page.evaluate(AXE, [RULES, part])
    return [f"{name}: {one}" for one in found]


def _wrong(page: Page) -> list[str]:
    wrong: list[str] = page.evaluate(TOO_WIDE)
    wrong += page.evaluate(SHIFTED)
    wrong += page.evaluate(SMALL, TARGET_PIXELS_MIN)
    wrong += page.evaluate(AXE, [RULES, ""])
    return wrong
