"""What the vendors of the street sell, as a person reads it on the upscale sheet, and what each saw of one key."""

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.simulators.__main__ import Stall
from tests.simulators.standin import StandIn

HURRY = 20.0
"""So much faster passes the vendors' time. Results then live for over an hour, and drawings are known as long."""
SIDES = {"2k": 2048, "4k": 2304, "8k": 2560}
"""APIXO's sizes, with the larger ones small enough to be checked and kept in a moment."""
BURSTS_MAX = {"Apikley": 18, "APIXO": 18, "API in One": 9}
"""Creations in 10 s: the studio's own limits, which leave the vendors' some room."""
RUNNING_MAX = {"Apikley": 20, "APIXO": 5, "API in One": 5}
READS_MAX = 10
"""Looks in a second."""
LOOK_SECONDS_MIN = 2.0
"""The shortest time between two looks at one task that any of them asks for."""


@dataclass(frozen=True)
class Way:
    """One way to enlarge: what it is called, what it costs, and everything the sheet says beside it."""

    vendor: str
    title: str
    credits: int
    says: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.title}, {self.vendor}"


GROK = Way(
    "Apikley",
    "Grok upscale",
    12,
    ("Keeps the look of the drawing.", "Apikley picks the size and file format.", "8 to 12 s"),
)
CRISP = Way(
    "Apikley",
    "Crisp upscale",
    5,
    ("Sharp edges and clean surfaces, for any picture.", "Apikley picks the size and file format.", "8 to 18 s"),
)
UPSCALER = Way(
    "APIXO",
    "Image upscaler",
    5,
    (
        "Enlarges to 2K, 4K or 8K and adds detail. Every size costs the same.",
        "APIXO does not say how many pixels a size has.",
        "20 s to 2 min",
    ),
)
ONE = Way(
    "API in One",
    "Grok upscale",
    12,
    ("Keeps the look of the drawing.", "API in One picks the size and file format.", "5 to 10 s"),
)


@contextmanager
def hurried(street: Mapping[str, Stall]) -> Iterator[Mapping[str, Stall]]:
    """The vendors' time passes quickly while this lasts."""
    before = {label: vars(stall.simulator.knobs).copy() for label, stall in street.items()}
    for stall in street.values():
        stall.simulator.knobs.speed = stall.simulator.clock.speed = HURRY
    street["APIXO"].simulator.knobs.sides = SIDES
    street["APIXO"].simulator.knobs.packs = 0  # PNG files larger than some vendors read
    try:
        yield street
    finally:
        for label, stall in street.items():
            vars(stall.simulator.knobs).update(before[label])
            stall.simulator.clock.speed = stall.simulator.knobs.speed


def card_of(page: Page, vendor: str) -> Locator:
    return page.locator(".provider").filter(has=page.get_by_role("heading", name=re.compile(f"^{vendor}")))


def from_menu(page: Page, vendor: str, label: str, act: str) -> None:
    page.get_by_label(f"More for {vendor}, {label}").click()
    card_of(page, vendor).locator(".menu__item", has_text=act).click()


def add_key(page: Page, vendor: str, key: str) -> None:
    """As an owner does it on the page of keys; the vendor has accepted it when this returns."""
    page.get_by_role("link", name="Add a key").click()
    sheet = page.get_by_role("dialog", name="Add a key")
    sheet.get_by_role("radio", name=vendor).check()
    sheet.get_by_label("Name").fill("Main")
    sheet.get_by_label("Key", exact=True).fill(key)
    sheet.get_by_role("button", name="Add the key").click()
    expect(sheet).to_be_hidden()
    card = card_of(page, vendor)
    expect(card.get_by_label(f"key ending in {key[-4:]}")).to_be_visible()
    expect(card.get_by_text("Working")).to_be_visible()


def choose_model(page: Page, label: str, vendor: str) -> None:
    """In the composer's picker."""
    page.locator("#model-picker summary").click()
    page.get_by_role("radio", name=re.compile(f"^{label}.*{vendor}$")).check()
    page.keyboard.press("Escape")
    expect(page.locator("[data-model-vendor]")).to_have_text(vendor)


def open_sheet(page: Page) -> Locator:
    """The upscale sheet of the picture whose page is open."""
    page.get_by_role("link", name="Upscale", exact=True).first.click()  # no version of it that is called so
    sheet = page.get_by_role("dialog", name="Upscale")
    expect(sheet).to_be_visible()
    return sheet


def row_of(sheet: Locator, way: Way) -> Locator:
    """What the sheet says of a way that is open."""
    group = sheet.get_by_role("group", name=re.compile(f"^{way.vendor}"))
    return group.locator("[data-way]", has=sheet.page.get_by_role("radio", name=way.title, exact=True))


def closed_rows(sheet: Locator) -> dict[str, str]:
    """Why each of the others does not fit, by the name and vendor of the way."""
    rows = sheet.get_by_role("group", name="Not for this picture").locator("[data-way]").all()
    for row in rows:
        expect(row.get_by_role("radio")).to_be_disabled()
    return {row.locator(".choice__title").inner_text(): row.locator(".choice__why").inner_text() for row in rows}


class Seen:
    """What a vendor saw of one key since this was made."""

    def __init__(self, label: str, simulator: StandIn, key: str) -> None:
        self.label = label
        self.simulator = simulator
        self.key = key
        self.since = time.monotonic()
        self.turned_away = simulator.counts.turned_away

    @property
    def made(self) -> Counter[str]:
        """How many orders it took, by what it calls the model."""
        with self.simulator.lock:
            return Counter(str(task.body["model"]) for task in self.simulator.tasks.values() if task.key == self.key)

    def troubles(self) -> list[str]:
        """Whatever a vendor would complain about: orders sent twice, limits exceeded, looks without end."""
        counts, simulator = self.simulator.counts, self.simulator
        with simulator.lock:
            tasks = [task for task in simulator.tasks.values() if task.key == self.key]
            running = {name: most for name, most in counts.running_peak.items() if name.startswith(f"{self.key} ")}
        asked = {task.prompt: counts.asked[task.prompt] for task in tasks}
        looks_max = 1 + (time.monotonic() - self.since) / LOOK_SECONDS_MIN
        wrong = [f"asked {times} times for {prompt}" for prompt, times in asked.items() if times != 1]
        wrong += [f"{most} running at once: {name}" for name, most in running.items() if most > RUNNING_MAX[self.label]]
        wrong += [f"{task.looks} looks at {task.prompt}" for task in tasks if not 1 <= task.looks <= looks_max]
        if counts.turned_away != self.turned_away:
            wrong.append(f"turned away: {counts.turned_away - self.turned_away}")
        if counts.creates_window_peak[self.key] > BURSTS_MAX[self.label]:
            wrong.append(f"{counts.creates_window_peak[self.key]} creations in 10 s")
        if counts.looks_second_peak[self.key] > READS_MAX:
            wrong.append(f"{counts.looks_second_peak[self.key]} looks in a second")
        return [f"{self.label}: {one}" for one in wrong]
