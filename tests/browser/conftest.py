"""One studio, one browser and one cast for all journeys, which therefore share a worker.

A browser holds an event loop open in its thread, and Django would refuse other tests there: all of it ends with the
last journey, and journeys run one after another.
"""

import importlib.util
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.simulators import __main__ as streets
from tests.simulators.__main__ import Stall
from tests.simulators.standin import Host

HERE = Path(__file__).parent
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")

if importlib.util.find_spec("playwright"):
    from playwright.sync_api import Browser, sync_playwright

    from tests.browser import first_run
    from tests.browser.cast import ADA, MALLORY, NORA, PASSWORD
    from tests.browser.running import Studio
    from tests.browser.visiting import Door, opened
    from tests.browser.wall import Wall, hang
elif os.environ.get("CI") == "true":
    raise pytest.UsageError("playwright is not installed, and a proof without a browser is none")
else:
    collect_ignore_glob = ["test_*.py"]


def pytest_report_header() -> str | None:
    return None if importlib.util.find_spec("playwright") else "browser journeys skipped: playwright is not installed"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys first and together, in whatever order they were shuffled to."""
    items.sort(key=lambda item: HERE not in item.path.parents)
    in_order = [item for item in items if item.get_closest_marker("told_in_order")]
    for path in {item.path for item in in_order}:  # each file in its own places: in two pieces, it would begin twice
        story = [item for item in in_order if item.path == path]
        places = [number for number, item in enumerate(items) if item in story]
        lines = sorted(story, key=lambda item: item.reportinfo()[1] or 0)
        for place, item in zip(places, lines, strict=True):
            items[place] = item


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A journey that failed says what its pages looked like."""
    report = yield
    door = getattr(item, "funcargs", {}).get("door")
    if report.failed and report.when == "call" and door is not None:
        told = "\n".join([*map(str, door.photograph_all()), *door.watch.troubles])
        report.sections.append(("What the browser showed", told))
    return report


def unable(reason: str) -> None:
    """Skip where a person works, fail where the proof is made."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="package")
def browser() -> "Iterator[Browser]":
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        unable("no Chromium on this machine: install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def street() -> Iterator[dict[str, Stall]]:
    """The vendors, played on this machine, by label."""
    stalls = {stall.label: stall for stall in streets.street()}
    host = Host(*(stall.simulator for stall in stalls.values())).start()
    yield stalls
    host.stop()


@pytest.fixture(scope="package")
def studio(
    browser: "Browser", street: dict[str, Stall], tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[Studio]":
    """Running, owned by nobody, with no vendor but those of the street. Its end is checked, too."""
    if sys.platform != "linux":
        unable("looks at the studio's processes through /proc")
    variables = {stall.variable: f"{stall.simulator.url}{stall.base}" for stall in street.values()}
    studio = Studio(tmp_path_factory.mktemp("studio"), ALLOW_PRIVATE_HOSTS="127.0.0.1", **variables)
    yield studio
    wrong = studio.stop()
    assert not wrong, "\n".join(["The studio did not end well:", *wrong, str(studio.log)])


@pytest.fixture(scope="package")
def first_visit(browser: "Browser", studio: "Studio", tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Ada opens the set-up link and founds the studio; returns what she met on the way."""
    with opened(browser, studio, {}, tmp_path_factory.mktemp("first-visit")) as door:
        return first_run.found_the_studio(door, ADA)


@pytest.fixture(scope="package")
def sessions(first_visit: dict[str, Any], studio: "Studio") -> dict[str, str]:
    """Everybody else comes in: Mallory by the command line, the others through the services."""
    options = ["--email", MALLORY.email, "--team", MALLORY.team, "--password-stdin"]
    assert "owns the team" in studio.manage("create_owner", *options, typed=f"{PASSWORD}\n")
    assert "Nothing was changed" in studio.manage("create_owner", *options, typed=f"{PASSWORD}\n")
    return studio.seat_everybody()


@pytest.fixture(scope="package")
def wall(
    browser: "Browser", studio: "Studio", sessions: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> "Wall":
    """Nora's wall, with a card in every state a prompt can ask for."""
    with opened(browser, studio, sessions, tmp_path_factory.mktemp("wall")) as door:
        return hang(door, NORA)


@pytest.fixture
def door(browser: "Browser", studio: "Studio", sessions: dict[str, str], tmp_path: Path) -> "Iterator[Door]":
    """The way in; on the way out every trouble of every page counts."""
    with opened(browser, studio, sessions, tmp_path) as door:
        yield door
