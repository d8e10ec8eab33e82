"""The page beside this file names tests that exist, and has every row of the matrix and every window of a crash."""

import re
from pathlib import Path

import pytest

from tests.proofs import expect_there, named_in

PAGE = Path(__file__).with_name("README.md")
FAULTS = {f"F{number}" for number in range(1, 76)}
WINDOWS = {f"W{number}" for number in range(2, 13)}
ENGINES = {"both", "SQLite", "PostgreSQL", "none"}


@pytest.mark.parametrize("named", named_in(PAGE))
def test_the_matrix_names_what_there_is(named: str) -> None:
    expect_there(named)


def test_the_matrix_is_whole() -> None:
    """A row without a test is named among those that are not tested, and every other one says on which engines."""
    rows = re.findall(r"^\| (F\d+) \| (.+) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    untested = re.findall(r"F\d+", PAGE.read_text().partition("Not tested yet")[2])
    windows = re.findall(r"^\| (W\d+) \| `\w+` \|", PAGE.read_text(), re.MULTILINE)
    assert sorted([name for name, _, _ in rows] + untested) == sorted(FAULTS)
    assert (len(windows), set(windows)) == (len(WINDOWS), WINDOWS)
    for name, where, engines in rows:
        assert "`tests/" in where, name
        assert {words.split()[-1] for words in engines.split("; ")} <= ENGINES, name
