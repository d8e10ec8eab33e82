"""Two pictures of one order, one of which never comes: what came is kept and paid in part, once, on both engines."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.faults.stage import PRICE, Stage
from tests.faults.test_surroundings import failures, looks_at
from tests.simulators.vendor import Task, picture

LAST_WORDS = {
    "that it failed": {"state": "failed", "fault": "vendor"},
    "nothing anybody can read": {"state": "done"},
}
"""Of a task that was done, when it is asked for other addresses (T15)."""


def says_at_last(stage: Stage, words: dict[str, Any]) -> Callable[[Task], dict[str, Any]]:
    """Done with two pictures, of which one is nowhere; and then these words."""
    one, none = (f"{stage.vendor.url}/results/{name}.jpg" for name in ("one", "none"))
    return lambda task: {"state": "done", "urls": [one, none]} if task.looks == 1 else words


def has_failed(stage: Stage, times: int) -> bool:
    """Whether so many fetches, in this test and those before, led nowhere."""
    return failures(stage, "Gone") >= times


def has_ended(stage: Stage) -> bool:
    return bool(stage.hands.ask("open_rows") == 0)


def is_further(stage: Stage, prompt: str, looks: int) -> bool:
    """Whether somebody looked again, or nothing is left to look for."""
    return has_ended(stage) or looks_at(stage, prompt) > looks


@pytest.mark.parametrize("words", LAST_WORDS.values(), ids=LAST_WORDS)
def test_the_one_that_came_is_kept_and_paid_whatever_the_vendor_says_last(
    kept: Stage, words: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    before: list[int] = kept.hands.ask("money", member=kept.member)
    prompt = f"two pictures, {request.node.callspec.id}"
    kept.vendor.script.status = says_at_last(kept, words)
    kept.vendor.script.result = lambda name: (404, b"") if name == "none" else (200, picture())
    assert kept.worker.poll() is None
    gone = failures(kept, "Gone")
    kept.order(prompt)

    for _ in range(5):  # the address is tried again for a minute
        gone += 1
        kept.wait_for(partial(has_failed, kept, gone))
        kept.pass_time(26)
    kept.wait_for(lambda: kept.rows()[prompt]["way"].count("running") == 2)
    while not has_ended(kept):  # two minutes from look to look, until the deadline or a verdict
        looks = looks_at(kept, prompt)
        kept.pass_time(120)
        kept.wait_for(partial(is_further, kept, prompt, looks))

    row = kept.rows()[prompt]
    assert (row["state"], row["images"], row["charged"]) == ("succeeded", 1, PRICE // 2)
    assert row["way"][-4:] == ["fetching", "running", "fetching", "succeeded"]
    assert kept.vendor.creates[prompt] == 1
    assert kept.hands.ask("money", member=kept.member) == [before[0] - PRICE // 2, 0]
