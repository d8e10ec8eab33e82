"""A stage for each test, on a fresh database of each kind, or one that is kept up for all tests of a module."""

import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.engines import Template, template  # noqa: F401  # a fixture is used by its name
from tests.faults.stage import Keeper, Stage, set_up

FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def linux() -> None:
    if sys.platform != "linux":
        pytest.skip("looks at processes through /proc")


@pytest.fixture
def stage(
    template: Template,  # noqa: F811  # pytest's way of asking for it
    linux: None,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Stage]:
    folder = tmp_path / "studio"
    folder.mkdir()
    with (
        template.engine(folder) as engine,
        set_up(engine, tmp_path, has_failed=lambda: request.node.stash.get(FAILED, False)) as stage,
    ):
        yield stage


@pytest.fixture(scope="module")
def keeper(
    template: Template,  # noqa: F811  # pytest's way of asking for it
    linux: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Keeper]:
    with Keeper(template, tmp_path_factory) as keeper:
        yield keeper


@pytest.fixture
def kept(keeper: Keeper, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A stage that others have used and will use: everything has its end, before the test and after it."""
    with keeper.lend(has_failed=lambda: request.node.stash.get(FAILED, False)) as stage:
        yield stage


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Whether a test failed is known to its fixtures."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report
