"""Patience that ran out, told from everything else that can be wrong: it alone gets a second try.

A machine that stands still for a moment makes a test late; it makes nobody pay twice. So whoever waits for something
that other processes do waits with `until`, and what is asserted afterwards is asserted once. Tests of money are exact
and wait for nothing they could be late with: they are never tried again.
"""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent
OF_PROCESSES = {"faults", "management", "queue"}
"""Folders of tests that run processes by the machine's own clock. The browser's are stories, and none begins again."""
OF_MONEY = {"faults/test_money.py"}


class Late(AssertionError):
    """It did not happen in the time it had."""


def may_try_again(test: Path) -> bool:
    """Whether a test of that file that was late is given a second try."""
    path = test.relative_to(TESTS)
    return path.parts[0] in OF_PROCESSES and path.as_posix() not in OF_MONEY


def until(answer: Callable[[], object], seconds: float = 30.0, *, told: Callable[[], object] = lambda: "") -> bool:
    """Wait for `answer` to be true, and say so; raises Late, with what `told` has to say, when it never was."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer():
            return True
        time.sleep(0.05)
    if answer():
        return True
    raise Late(f"not within {seconds:g} s\n{told()}")


def code_of(process: "subprocess.Popen[Any]", *, seconds: float, told: Callable[[], object] = lambda: "") -> int:
    """The exit code of a process that has so long to end."""
    until(lambda: process.poll() is not None, seconds, told=told)
    return int(process.returncode)


def expect_in_time(seconds: float, *, most: float) -> None:
    """What was measured is no more than what is promised; raises Late."""
    if seconds > most:
        raise Late(f"it took {seconds:.1f} s, and is promised within {most:g} s")
