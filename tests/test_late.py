"""Who is late has a second try; whoever fails for any other reason, and whoever tests money, has none."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines import ROOT
from tests.late import TESTS, Late, code_of, expect_in_time, may_try_again, until

TRIED = """
import pytest
from tests.late import Late, until

pytestmark = pytest.mark.flaky(reruns=1, only_rerun=Late)
tries = {"late": 0, "late at the door": 0, "wrong": 0, "wrong at last": 0}

def is_first(name):
    tries[name] += 1
    return tries[name] == 1

@pytest.fixture
def door():
    if is_first("late at the door"):
        until(lambda: False, 0)

@pytest.fixture
def books():
    yield
    assert tries["wrong at last"] != 1, "paid twice"

def test_late():
    if is_first("late"):
        until(lambda: False, 0)

def test_late_at_the_door(door):
    pass

def test_wrong():
    assert not is_first("wrong"), "TooLate or Late: asked twice"

def test_late_and_wrong_at_last(books):
    if is_first("wrong at last"):
        until(lambda: False, 0)
"""


def test_a_second_try_is_for_the_late_alone(tmp_path: Path) -> None:
    """Also for those who were late before the test began; not when its books were wrong afterwards."""
    (tmp_path / "test_tried.py").write_text(TRIED)
    command = ["-m", "pytest", "-rfEpR", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:django", "--rootdir", "."]
    ran = subprocess.run(
        [sys.executable, *command, "-c", "/dev/null", "test_tried.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    told = {tuple(line.split(" - ")[0].split("::")) for line in ran.stdout.splitlines() if "::" in line}
    assert {(first.split()[0], name) for first, name in told} >= {
        ("RERUN", "test_late"),
        ("PASSED", "test_late"),
        ("RERUN", "test_late_at_the_door"),
        ("PASSED", "test_late_at_the_door"),
        ("FAILED", "test_wrong"),
        ("FAILED", "test_late_and_wrong_at_last"),
        ("ERROR", "test_late_and_wrong_at_last"),
    }, ran.stdout
    assert "2 failed, 2 passed, 1 error, 2 rerun" in ran.stdout


@pytest.mark.parametrize(
    ("test", "may"),
    [
        ("faults/test_kills.py", True),
        ("queue/test_lanes.py", True),
        ("management/test_studio.py", True),
        ("faults/test_money.py", False),
        ("money/test_races.py", False),
        ("money/test_machine.py", False),
        ("browser/test_polling.py", False),
        ("test_late.py", False),
    ],
)
def test_money_is_never_tried_again(test: str, may: bool, request: pytest.FixtureRequest) -> None:
    assert may_try_again(TESTS / test) is may
    marked = {item.path: item.get_closest_marker("flaky") for item in request.session.items}
    if TESTS / test in marked:
        assert (marked[TESTS / test] is not None) is may


def test_patience_has_an_end() -> None:
    with pytest.raises(Late, match="what they said"):
        until(lambda: False, 0.1, told=lambda: "what they said")
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        with pytest.raises(Late):
            code_of(sleeper, seconds=0.1)
        sleeper.kill()
        assert code_of(sleeper, seconds=10) == -9
    with pytest.raises(Late):
        expect_in_time(2.1, most=2)
