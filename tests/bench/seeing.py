"""From the moment the vendor is done to the picture in an open page: a real browser, 20 pictures on their way.

A picture is seen when its card says succeeded and the image in it has loaded. The vendor takes four to six seconds, so
that pictures are done at all moments between two looks and two polls. The browser asks for calm: without a graphics
card, motion would take the processor time of everything else.
"""

import shutil
import time
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.bench.studios import Studio, opened
from tests.bench.table import Figure, spread
from tests.engines import Template

SAMPLES = 100
IN_FLIGHT = 20
BATCH = 4
VENDOR_SECONDS = (4.0, 6.0)
SEEN_SECONDS_MAX = 4.0
END_SECONDS_MAX = 180
LOOK_MS = 100
VIEW = {"width": 1440, "height": 3600}
"""High enough for all that is on its way: pictures far below the window are not even fetched."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")

WATCH = """
window.seen = {};
window.told = {};
const look = () => {
  for (const card of document.querySelectorAll(".card[data-state='succeeded']")) {
    const id = card.id.replace("generation-", "");
    window.told[id] ??= Date.now() / 1000;
    const image = card.querySelector("img");
    if (!image || window.seen[id]) continue;
    const note = () => { window.seen[id] ??= Date.now() / 1000; };
    if (image.complete && image.naturalWidth) note();
    else image.addEventListener("load", note, { once: true });
  }
};
new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
"""


def measure(template: Template, *, samples: int = SAMPLES) -> list[Figure]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise SystemExit("There is no Chromium on this machine; leave out the bench `seeing`.")
    with opened(template, seconds=VENDOR_SECONDS) as studio, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        web = studio.start_web()
        studio.start_worker()
        context = browser.new_context(base_url=web.origin, viewport=VIEW, reduced_motion="reduce")  # type: ignore[arg-type]  # a plain dict will do
        context.add_cookies([{"name": name, "value": value, "url": web.origin} for name, value in _cookies(studio)])
        context.add_init_script(WATCH)
        page = context.new_page()
        moments = _watch(studio, page, samples)
        spans = studio.ask("spans")
        done_at = studio.vendor.stats()["done_at"]
        browser.close()
    return _figures(spans, done_at, moments["told"], moments["seen"])


def _cookies(studio: Studio) -> list[tuple[str, str]]:
    return list(studio.cookies.items())


def _watch(studio: Studio, page: Page, samples: int) -> dict[str, Any]:
    """Keep so many on their way until all are ordered, and look until all are seen."""
    ordered = 0
    end = time.monotonic() + END_SECONDS_MAX
    while time.monotonic() < end:
        while ordered < samples and studio.ask("open_rows") <= IN_FLIGHT - BATCH:
            studio.ask("order", member=studio.member, prompt=f"A harbor at dawn {ordered}", count=BATCH)
            ordered += BATCH
        if page.url == "about:blank":
            page.goto("/")
        page.wait_for_timeout(LOOK_MS)
        moments: dict[str, Any] = page.evaluate("() => ({ told: window.told, seen: window.seen })")
        if ordered >= samples and len(moments["seen"]) >= ordered:
            return moments
    raise TimeoutError(f"{ordered} ordered, {len(moments['seen'])} seen\n{studio.told()}")


def _figures(
    spans: list[dict[str, Any]], done_at: dict[str, float], told: dict[str, float], seen: dict[str, float]
) -> list[Figure]:
    done = {one["id"]: done_at[one["task"]] for one in spans}
    return [
        *spread("vendor done to seen", [seen[pk] - at for pk, at in done.items()], goal=SEEN_SECONDS_MAX),
        *spread("  vendor done to noticed", [one["fetching"] - done[one["id"]] for one in spans]),
        *spread("  noticed to stored", [one["succeeded"] - one["fetching"] for one in spans]),
        *spread("  stored to told the page", [told[one["id"]] - one["succeeded"] for one in spans]),
        *spread("  told the page to seen", [seen[one["id"]] - told[one["id"]] for one in spans]),
    ]
