"""A cluster that lost a process, slept or hangs: orders on their way are heard, and no other cluster is touched."""

import os
import signal
import subprocess
import threading
import time

import pytest

from tests.faults.stage import LEASES_SECONDS, PRICE, Stage
from tests.late import until

HOUR, MINUTE = 3600, 60
SILENT_SECONDS = 150
"""A cluster that gives no sign of life for so long, with work due, is replaced."""
STOP_SECONDS = 1.0
LOOKS_SECONDS = 3.0
"""More than enough for the parent to look as often as it must before it is sure."""
NAP_SECONDS = 8.0
WAY = ["queued", "submitting", "running", "fetching", "succeeded"]


@pytest.fixture
def answer(stage: Stage) -> threading.Event:
    """The vendor answers an order called slow only after this."""
    answer = threading.Event()

    def create(prompt: str) -> None:
        if prompt == "slow":
            answer.wait(MINUTE)

    stage.vendor.script.create = create
    return answer


def cluster_of(stage: Stage, worker: subprocess.Popen[bytes]) -> int | None:
    return stage.parts(worker, workers=2).get("cluster")


def start(stage: Stage, *, failpoints: str = "") -> subprocess.Popen[bytes]:
    worker = stage.start_brisk_worker(failpoints=failpoints, WORKERS="2", stop_seconds=str(STOP_SECONDS))
    stage.wait_for(lambda: cluster_of(stage, worker))
    return worker


def test_a_picture_that_kills_its_worker_cuts_off_no_order_of_others(stage: Stage, answer: threading.Event) -> None:
    """F16: the cluster is replaced, but only when the vendor has answered what others ordered before."""
    worker = start(stage, failpoints="while_fetching:1:kill")
    before = cluster_of(stage, worker)
    stage.order("slow")
    stage.wait_for(lambda: stage.hands.ask("states") == {"submitting": 1})
    stage.order("deadly")
    stage.wait_for(lambda: "the cluster lost a process" in stage.told())
    time.sleep(STOP_SECONDS + LOOKS_SECONDS)
    assert stage.rows()["slow"]["state"] == "submitting"
    assert before in stage.family(), stage.told()

    answer.set()
    stage.wait_for(lambda: cluster_of(stage, worker) not in {None, before})
    stage.pass_time(LEASES_SECONDS)
    stage.wait_until_closed()
    assert {prompt: row["way"] for prompt, row in stage.rows().items()} == {"slow": WAY, "deadly": WAY}
    assert stage.vendor.creates == {"slow": 1, "deadly": 1}
    assert stage.hands.ask("money", member=stage.member) == [5000 - 2 * PRICE, 0]


def test_a_machine_that_slept_for_an_hour_cuts_off_no_order(stage: Stage, answer: threading.Event) -> None:
    """Everybody is at work and messages wait: only the clock says that nobody has moved for an hour."""
    worker = start(stage)
    before = cluster_of(stage, worker)
    stage.order("slow")
    stage.wait_for(lambda: stage.hands.ask("states") == {"submitting": 1})
    stamped = stage.hands.ask("stamped_at")
    stage.hands.ask("naps", count=1, seconds=NAP_SECONDS)
    stage.wait_for(lambda: stage.hands.ask("stamped_at") > stamped)
    stage.hands.ask("later", job="beat", copies=6)
    assert stage.hands.ask("due") > 0
    stage.pass_time(HOUR)
    stage.wait_for(lambda: "in_doubt" in stage.hands.ask("states"))
    time.sleep(LOOKS_SECONDS)
    assert stage.hands.ask("due") > 0
    answer.set()
    stage.wait_until_closed()

    assert cluster_of(stage, worker) == before, stage.told()
    assert stage.rows()["slow"]["way"] == [*WAY[:2], "in_doubt", *WAY[2:]]
    assert stage.vendor.creates == {"slow": 1}


def test_a_wedged_cluster_is_replaced_while_another_one_works(stage: Stage) -> None:
    """F67: the other one takes every message that anybody may take, and is left alone."""
    workers = [start(stage) for _ in range(2)]
    wedged, well = (stage.parts(worker, workers=2) for worker in workers)
    os.kill(wedged["pusher"], signal.SIGSTOP)
    stage.pass_time(SILENT_SECONDS)
    stage.wait_for(lambda: cluster_of(stage, workers[0]) not in {None, wedged["cluster"]})

    assert stage.parts(workers[1], workers=2) == well, stage.told()
    assert stage.told().count("although work is due") == 1
    assert until(lambda: not set(wedged.values()) & set(stage.family()))
    stage.kill(workers[1])
    stage.order("by the new one")
    stage.wait_until_closed()
    assert stage.rows()["by the new one"]["way"] == WAY
