"""SECURITY.md has a row for every promise it is about, and names tests that exist; what has none says so."""

import re
from pathlib import Path

import pytest

from tests.proofs import expect_there, named_in

PAGE = Path(__file__).with_name("SECURITY.md")
PROMISES = [f"S{number}" for number in (*range(1, 27), 32, 44, 47, 56, *range(58, 67), 74)]


@pytest.mark.parametrize("named", named_in(PAGE))
def test_the_list_names_what_there_is(named: str) -> None:
    expect_there(named)


def test_every_promise_has_one_row_with_a_proof_or_a_plain_no() -> None:
    rows = re.findall(r"^\| (S\d+) \|(.*)\|$", PAGE.read_text(), re.MULTILINE)

    assert [name for name, _ in rows] == PROMISES
    assert [name for name, told in rows if "`tests/" not in told and "Not covered" not in told] == []
