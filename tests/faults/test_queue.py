"""What the queue does wrong when a process of it dies, stops or hangs, and what the studio makes of it: F12 to F16."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.stage import LEASES_SECONDS, PARTS, PRICE, SOAK, SPARED_SECONDS, Stage
from tests.late import expect_in_time, until

HELPED_SECONDS = 120
"""F13: after this long work goes on whoever died."""
JOB_SECONDS = 1.0
SILENT_SECONDS = 150
"""A cluster that gives no sign of life for so long, with work due, is replaced."""
HASTE = 30
"""How much faster than ours the studio's clock runs while its workers are busy."""


class Held:
    """The vendor works on everything until it is let go."""

    def __init__(self, stage: Stage) -> None:
        self.go = threading.Event()
        stage.vendor.script.status = lambda task: None if self.go.is_set() else {"state": "working"}


@pytest.mark.parametrize("victim", PARTS)
def test_pictures_go_on_after_the_sudden_death_of_a_part(kept: Stage, victim: str) -> None:
    held = Held(kept)
    worker = kept.start_worker(stop_seconds="1") if SOAK else kept.worker
    kept.wait_for(lambda: kept.parts(worker))
    before = kept.parts(worker)
    prompts = [f"{when} the death of the {victim}" for when in ("before", "after")]
    kept.order(prompts[0])
    kept.wait_for(lambda: "running" in kept.hands.ask("states"))

    os.kill(idle_of(kept, before) if victim == "worker" else before[victim], signal.SIGKILL)
    died, spared = time.monotonic(), 0 if SOAK else LEASES_SECONDS + SPARED_SECONDS
    kept.order(prompts[1])
    held.go.set()
    if not SOAK:
        kept.wait_for(lambda: kept.parts(worker).get("cluster") not in {None, before["cluster"]})
        kept.pass_time(LEASES_SECONDS)
    kept.wait_until_closed(seconds=HELPED_SECONDS)
    expect_in_time(time.monotonic() - died + spared, most=HELPED_SECONDS)

    until(lambda: not set(before.values()) & set(kept.family()), told=kept.told)
    assert worker.poll() is None
    assert [kept.rows()[prompt]["way"] for prompt in prompts] == [
        ["queued", "submitting", "running", "fetching", "succeeded"]
    ] * 2
    assert [kept.vendor.creates[prompt] for prompt in prompts] == [1, 1]
    if SOAK:
        kept.kill(worker)


def idle_of(stage: Stage, parts: dict[str, int]) -> int:
    """A worker that has no job: the one that pumps has a second thread for its vendors."""
    made = sorted(pid for pid, parent in stage.family().items() if parent == parts["guard"])
    workers = [pid for pid in made if pid not in parts.values() or pid == parts["worker"]]
    return min(workers, key=lambda pid: len(list(Path(f"/proc/{pid}/task").iterdir())))


def test_ten_copies_of_a_job_at_once_have_one_effect(stage: Stage) -> None:
    """F15, for the pump that sends and for the fetch that settles."""
    ready, fetched = threading.Event(), []

    def result(task_id: str) -> tuple[int, bytes]:
        fetched.append(task_id)
        if len(fetched) == 1:
            return 503, b""
        ready.wait(30)
        return picture_result(task_id)

    picture_result, stage.vendor.script.result = stage.vendor.script.result, result
    [generation] = stage.order("picture")
    stage.hands.ask("later", job="pump", copies=10)
    stage.start_worker(WORKERS="6")
    stage.wait_for(lambda: fetched and stage.rows()["picture"]["starts"] == 0)
    stage.hands.ask("later", job="collect", copies=10, generation=generation)
    # What is left: the pump, which stays warm, and the one fetch that waits for its bytes.
    stage.wait_for(lambda: len(fetched) == 2 and stage.hands.ask("waiting") <= 2)
    ready.set()
    stage.wait_until_closed()

    row = stage.rows()["picture"]
    assert row["way"] == ["queued", "submitting", "running", "fetching", "succeeded"]
    assert (row["images"], len(fetched), stage.vendor.creates["picture"]) == (1, 2, 1)
    assert stage.hands.ask("entries") == {"hold": 1, "settle": 1}
    assert stage.hands.ask("money", member=stage.member) == [5000 - PRICE, 0]


def test_a_picture_that_kills_its_worker_each_time_is_given_up_after_three(stage: Stage) -> None:
    """F16: its credits come back, and the pictures beside it are made by the same cluster."""
    held = Held(stage)
    free, stage.vendor.script.status = (
        stage.vendor.script.status,
        lambda task: None if task.prompt == "deadly" else free(task),
    )
    kills = ",".join(f"while_fetching:{hit}:kill" for hit in (1, 2, 3))
    worker = stage.start_brisk_worker(failpoints=kills, stop_seconds="1")
    stage.order("deadly")
    stage.order("harmless", count=2)
    clusters: set[int | None] = {None}
    for start in (1, 2, 3):
        stage.wait_for(lambda: stage.parts(worker))
        clusters.add(stage.parts(worker)["cluster"])
        wait_for_hits(stage, start)
        stage.wait_for(lambda: stage.parts(worker).get("cluster") not in clusters)
        stage.pass_time(LEASES_SECONDS)
    stage.wait_for(lambda: "failed" in stage.hands.ask("states"))
    held.go.set()
    stage.wait_until_closed()

    rows = stage.hands.ask("rows")
    deadly = rows.pop(0)
    assert (deadly["state"], deadly["reason"], deadly["starts"]) == ("failed", "worker_crash", 3)
    assert [row["state"] for row in rows] == ["succeeded"] * 2
    assert stage.vendor.creates == {"deadly": 1, "harmless": 2}
    assert stage.hands.ask("money", member=stage.member) == [5000 - 2 * PRICE, 0]
    assert worker.poll() is None


def wait_for_hits(stage: Stage, number: int) -> None:
    stage.wait_for(lambda: stage.hits("while_fetching") == number)


def test_a_fetch_that_sleeps_longer_than_its_lease_changes_nothing_when_it_wakes(stage: Stage) -> None:
    """F12: another worker has finished it meanwhile."""
    stage.start_worker(failpoints="while_fetching:1:stop")
    stage.order("picture")
    stage.wait_for(lambda: stage.hits("while_fetching") == 1 and sleepers(stage))
    [sleeper] = sleepers(stage)
    stage.pass_time(LEASES_SECONDS)
    stage.wait_for(lambda: stage.sweeps_to("succeeded"))
    before = stage.rows(), stage.hands.ask("entries"), stage.hands.ask("money", member=stage.member)
    os.kill(sleeper, signal.SIGCONT)
    stage.wait_for(lambda: "the lease ran out while fetching" in stage.told())

    assert stage.hits("while_fetching") == 2
    assert before == (stage.rows(), stage.hands.ask("entries"), stage.hands.ask("money", member=stage.member))
    assert before[0]["picture"]["images"] == 1
    assert before[1:] == ({"hold": 1, "settle": 1}, [5000 - PRICE, 0])


def sleepers(stage: Stage) -> list[int]:
    """The processes that were told to stop where they are."""
    return [pid for pid in stage.family() if state_of(pid) == "T"]


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except OSError:  # it ended while we looked
        return ""


def test_a_busy_cluster_is_left_alone_and_a_wedged_one_replaced(kept: Stage) -> None:
    """A worker that works through a long line gives signs of life; one that takes no message gives none."""
    worker, busy_until = kept.worker, kept.passed + 1.4 * SILENT_SECONDS
    kept.wait_for(lambda: kept.parts(worker))
    before, left = kept.family(), kept.hands.ask("waiting")
    with racing_clock(kept):
        while kept.passed < busy_until:
            if kept.hands.ask("due") < 2:
                kept.hands.ask("naps", count=3, seconds=JOB_SECONDS)
            assert kept.family() == before, kept.told()
    kept.wait_for(lambda: kept.hands.ask("waiting") <= left)
    assert kept.family() == before, kept.told()

    cluster = kept.parts(worker)
    os.kill(cluster["pusher"], signal.SIGSTOP)
    kept.hands.ask("later", job="beat")
    stamped = kept.hands.ask("stamped_at")
    kept.pass_time(SILENT_SECONDS)
    kept.wait_for(lambda: kept.parts(worker).get("cluster") not in {None, cluster["cluster"]})
    kept.wait_for(lambda: kept.hands.ask("stamped_at") > stamped)
    assert "although work is due" in kept.told()
    until(lambda: not set(cluster.values()) & set(kept.family()), told=kept.told)
    assert worker.poll() is None


@contextmanager
def racing_clock(stage: Stage) -> Iterator[None]:
    """The studio's clock runs faster than ours."""
    ended = threading.Event()

    def race() -> None:
        while not ended.wait(0.1):
            stage.pass_time(0.1 * (HASTE - 1))

    thread = threading.Thread(target=race)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.skipif(not SOAK, reason="takes two minutes for each engine: set STUDIO_SOAK=1")
def test_three_hundred_jobs_of_a_second_disturb_nobody(stage: Stage) -> None:
    worker = stage.start_worker()
    stage.wait_for(lambda: stage.parts(worker))
    before = stage.family()
    stage.hands.ask("naps", count=300, seconds=JOB_SECONDS)

    def undisturbed_and_done() -> bool:
        assert stage.family() == before, stage.told()
        return not stage.hands.ask("waiting")

    stage.wait_for(undisturbed_and_done, seconds=300)
