"""How fast one pump asks a vendor, and which of its conversations still wait for something."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

GENTLE_SECONDS = 1.0
"""For so long a new pump reads at half the rate: the one before it may have used up its part of that second."""


def kept_for_tests(per_second: float) -> float:
    """How many of an account's reads in a second are the tests' of its keys, which other processes make: one at least,
    but never more than the pump's.
    """
    return min(max(1.0, per_second / 10), per_second / 2)


class Budget:
    """Spreads one pump's reads of an account evenly, so that no second holds more than the vendor allows.

    The tests of its keys have their own part of that second, so neither has to know of the other. Reads leave a tenth
    further apart than they had to: they arrive less evenly than they leave. The first second is for the pump that was
    here before.
    """

    def __init__(self, per_second: float) -> None:
        self._step = 1.1 / (per_second - kept_for_tests(per_second))
        self._free_at = 0.0
        self._gentle_until: float | None = None

    async def turn(self) -> None:
        moment = asyncio.get_running_loop().time()
        at = max(self._free_at, moment)
        if self._gentle_until is None:
            self._gentle_until = at + GENTLE_SECONDS
        self._free_at = at + (2 * self._step if at < self._gentle_until else self._step)
        if at > moment:
            await asyncio.sleep(at - moment)


@contextmanager
def among(tasks: "set[asyncio.Task[Any]]") -> Iterator[None]:
    """While the block lasts, the task that runs it is one of these."""
    task = asyncio.current_task()
    if task is not None:
        tasks.add(task)
    try:
        yield
    finally:
        if task is not None:
            tasks.discard(task)
