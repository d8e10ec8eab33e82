"""Opens pages of the studio for the people of the cast, under watch, and keeps pictures of what was seen."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.cast import Part
from tests.browser.running import Studio
from tests.browser.watching import Watch

Theme = Literal["light", "dark"]

HEIGHTS = {390: 844, 820: 1180, 1440: 900}
PATIENCE_MS = 10_000
PICTURE_MS = 45_000  # from the press to the picture, on a machine that is busy with other tests

expect.set_options(timeout=PATIENCE_MS)


class Door:
    """The way in for one test. Close it to learn what went wrong on the pages it opened."""

    def __init__(self, browser: Browser, studio: Studio, sessions: dict[str, str], folder: Path) -> None:
        self.studio = studio
        self.watch = Watch(studio.origin)
        self.folder = folder
        self._browser = browser
        self._sessions = sessions
        self._contexts: list[BrowserContext] = []

    def open(
        self,
        who: Part | None,
        path: str = "/",
        *,
        width: int = 1440,
        theme: Theme = "light",
        script: bool = True,
        calm: bool = True,
    ) -> Page:
        """A page in a browser of its own, signed in as that person.

        `calm` asks for reduced motion: drawing motion without a graphics card takes the time of everything else.
        """
        context = self._browser.new_context(
            base_url=self.studio.origin,
            viewport={"width": width, "height": HEIGHTS[width]},
            color_scheme=theme,
            reduced_motion="reduce" if calm else "no-preference",
            java_script_enabled=script,
            locale="en-GB",
        )
        self._contexts.append(context)
        self.watch.follow(context)
        context.set_default_timeout(PATIENCE_MS)
        if who is not None:
            cookie = {"name": "session", "value": self._sessions[who.name], "url": self.studio.origin}
            context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": cookie["url"]}])
        page = context.new_page()
        page.goto(path)
        return page

    def remember(self, who: Part, page: Page) -> None:
        """Whoever signed in on this page is from now on let in as that person."""
        [key] = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "session"]
        self._sessions[who.name] = key

    @property
    def pages(self) -> list[Page]:
        return [page for context in self._contexts for page in context.pages]

    def photograph(self, page: Page, name: str) -> Path:
        """A picture of the whole page; returns where it is."""
        path = self.folder / f"{name}.png"
        page.screenshot(path=path, full_page=True)
        return path

    def photograph_all(self) -> list[Path]:
        """Every open page as it is now."""
        return [self.photograph(page, f"failed-{number}") for number, page in enumerate(self.pages)]

    def close(self) -> None:
        """Leave, and say what was wrong on the way."""
        try:
            assert not self.watch.troubles, "\n".join([*self.watch.troubles, *map(str, self.photograph_all())])
        finally:
            for context in self._contexts:
                context.close()


@contextmanager
def opened(browser: Browser, studio: Studio, sessions: dict[str, str], folder: Path) -> Iterator[Door]:
    """A door that is closed afterwards, for preparations that are not a test of their own."""
    door = Door(browser, studio, sessions, folder)
    yield door
    door.close()


def keepsake(page: Page, name: str) -> None:
    """Also keep this view where STUDIO_SHOTS says, for people to look at."""
    if folder := os.environ.get("STUDIO_SHOTS"):
        page.screenshot(path=Path(folder) / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}.png", full_page=True)
