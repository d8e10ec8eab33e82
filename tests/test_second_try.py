"""What may be run again after a failed run, and what may not."""

import json
from pathlib import Path

import pytest

from tests.second_try import FILES_MAX, NoSecondTry, failed_in, files_to_try


def test_the_files_of_what_failed_are_run_again(tmp_path: Path) -> None:
    kept = tmp_path / ".pytest_cache/v/cache/lastfailed"
    kept.parent.mkdir(parents=True)
    names = ["tests/views/test_inbox.py::test_a[1::2]", "tests/views/test_inbox.py::test_b", "tests/browser/test_x.py"]
    kept.write_text(json.dumps(dict.fromkeys(names, True)))

    assert files_to_try(failed_in(tmp_path)) == ["tests/browser/test_x.py", "tests/views/test_inbox.py"]


@pytest.mark.parametrize(
    ("failed", "why"),
    [
        ([], "something else"),
        (["tests/money/test_races.py::test_a"], "money"),
        (["tests/ledger/test_holds.py::test_a", "tests/views/test_inbox.py::test_b"], "ledger/test_holds.py: such"),
        (["tests/services/auditing/test_books.py::test_a"], "auditing"),
        (["tests/faults/test_money.py::test_a[sqlite]"], "money"),
        (["tests/addresses/test_two_teams.py::test_a"], "addresses"),
        (["tests/doors/test_races.py::test_a[postgresql]"], "doors"),
        (["tests/services/reviewing/test_deciding.py::test_a"], "reviewing"),
        ([f"tests/test_{number}.py::test_a" for number in range(FILES_MAX + 1)], "files failed"),
    ],
)
def test_what_is_exact_and_a_run_that_went_wrong_get_none(failed: list[str], why: str) -> None:
    with pytest.raises(NoSecondTry, match=why):
        files_to_try(failed)


def test_a_run_that_left_nothing_names_nothing(tmp_path: Path) -> None:
    assert failed_in(tmp_path) == []
