"""Stopped in order in the middle of work (F70), and killed without a word: who ends, and what becomes of the work."""

import subprocess
import threading
import time

import pytest

from tests.faults.stage import DOUBT_SECONDS, LEASES_SECONDS, PRICE, Stage
from tests.late import code_of, expect_in_time, until

STOP_SECONDS = 3.0
SLACK_SECONDS = 10.0
"""For noticing the request, and for the processes to end on a busy machine."""
IDLE_SECONDS = 10.0
"""Who has nothing under way does not use up its time."""
MINUTE = 60.0


def seconds_to_stop(stage: Stage, worker: subprocess.Popen[bytes]) -> float:
    """How long it took to end, which it must do in order and with everybody it started."""
    start = time.monotonic()
    assert code_of(worker, seconds=MINUTE, told=stage.told) == 0, stage.told()
    seconds = time.monotonic() - start
    assert stage.family() == {}
    return seconds


def test_a_worker_asked_to_stop_ends_what_it_can_and_takes_nothing_new(stage: Stage) -> None:
    answered, never, arriving, arrived, finished = (threading.Event() for _ in range(5))
    waits = {"answered late": answered, "never answered": never}
    picture = stage.vendor.script.result

    def create(prompt: str) -> None:
        if prompt in waits:
            waits[prompt].wait(MINUTE)

    def result(task_id: str) -> tuple[int, bytes]:
        if stage.vendor.tasks[task_id].prompt == "slow to fetch":
            arriving.set()
            arrived.wait(MINUTE)
        return picture(task_id)

    stage.vendor.script.create, stage.vendor.script.result = create, result
    stage.vendor.script.status = lambda task: (
        {"state": "working"} if task.prompt == "at the vendor" and not finished.is_set() else None
    )
    worker = stage.start_worker(stop_seconds=str(STOP_SECONDS))
    for prompt in ("slow to fetch", "at the vendor", *waits):
        stage.order(prompt)
    there = {"fetching": 1, "running": 1, "submitting": 2}
    stage.wait_for(lambda: arriving.is_set() and stage.hands.ask("states") == there)

    worker.terminate()
    asked = time.monotonic()
    stage.wait_for(lambda: not stage.hands.ask("is_pumping"), seconds=STOP_SECONDS)
    stage.order("too late")
    answered.set()
    arrived.set()
    seconds_to_stop(stage, worker)
    expect_in_time(time.monotonic() - asked, most=STOP_SECONDS + SLACK_SECONDS)
    stood = {prompt: row["state"] for prompt, row in stage.rows().items()}
    assert stood == {
        "slow to fetch": "succeeded",
        "at the vendor": "running",
        "answered late": "running",
        "never answered": "submitting",
        "too late": "queued",
    }
    assert stage.vendor.creates["too late"] == 0

    finished.set()
    stage.pass_time(LEASES_SECONDS)
    again = stage.start_brisk_worker(stop_seconds=str(MINUTE))
    stage.wait_for(lambda: stage.hands.ask("states") == {"succeeded": 4, "in_doubt": 1})
    stage.pass_time(DOUBT_SECONDS)
    stage.wait_until_closed()
    never.set()
    again.terminate()
    expect_in_time(seconds_to_stop(stage, again), most=IDLE_SECONDS)

    assert stage.rows()["never answered"]["reason"] == "submission_unknown"
    assert stage.hands.ask("states") == {"succeeded": 4, "lapsed": 1}
    assert all(stage.vendor.creates[prompt] == 1 for prompt in stood if prompt != "never answered")
    assert stage.hands.ask("money", member=stage.member) == [5000 - 4 * PRICE, 0]


@pytest.mark.parametrize("load", ["idle", "busy"])
def test_nobody_outlives_a_killed_worker(kept: Stage, load: str) -> None:
    worker = kept.start_worker(stop_seconds="1")
    kept.wait_for(lambda: kept.parts(worker))
    if load == "busy":
        before = kept.hands.ask("stamped_at")
        kept.hands.ask("naps", count=4, seconds=MINUTE)
        kept.wait_for(lambda: kept.hands.ask("stamped_at") > before and kept.hands.ask("due") == 0)
    kept.kill(worker)


def test_nobody_outlives_a_killed_web_server(kept: Stage) -> None:
    web = kept.start_web()
    until(lambda: len(kept.family()) > 1)
    with web.browser() as browser:
        assert browser.get("/").status_code == 200
        kept.kill(web.process)
