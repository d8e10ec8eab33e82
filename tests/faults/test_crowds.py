"""Many pictures at once: everything killed in their middle (F14), two workers (F67), and thousands due (F68)."""

import ast
import contextlib
import os
import re
import signal
import threading
from collections import Counter, defaultdict
from pathlib import Path

from tests.faults.stage import DOUBT_SECONDS, LEASES_SECONDS, PRICE, SOAK, Stage
from tests.late import until

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
MEBIBYTE = 1 << 20
GROWTH_MAX = 24 * MEBIBYTE
BATCH = 200
DUE = 10_000 if SOAK else 1_200
FEW = 20
"""Pictures of each of the others, beside one member who has nearly all."""


def test_everything_killed_at_once_is_finished_or_released_after_a_restart(stage: Stage) -> None:
    """F14, with pictures wherever a picture can be, and the web server gone at the same moment."""
    go = threading.Event()
    stage.hands.ask("widen", running_max=24)
    picture = stage.vendor.script.result

    def create(prompt: str) -> tuple[int, None] | None:
        if prompt.startswith("unanswered"):
            go.wait(60)
        return (0, None) if prompt.startswith("unheard") else None

    def result(task_id: str) -> tuple[int, bytes]:
        if stage.vendor.tasks[task_id].prompt.startswith("slow"):
            go.wait(60)
        return picture(task_id)

    stage.vendor.script.create, stage.vendor.script.result = create, result
    stage.vendor.script.status = lambda task: (
        {"state": "working"} if task.prompt.startswith("long") and not go.is_set() else None
    )
    stage.start_worker()
    stage.start_web()
    there: dict[str, int] = {}
    for word, number, state in (
        ("done", 8, "succeeded"),
        ("slow", 8, "fetching"),
        ("long", 8, "running"),
        ("unheard", 8, "in_doubt"),
        ("unanswered", 8, "submitting"),
        ("waiting", 10, "queued"),
    ):
        for one in range(number):
            stage.order(f"{word} {one}")
        there[state] = number
        stage.wait_for(lambda: stage.hands.ask("states") == there)

    for pid in stage.family():
        with contextlib.suppress(ProcessLookupError):  # gone with its parent a moment ago
            os.kill(pid, signal.SIGKILL)
    stage.reap()
    until(lambda: not stage.family())
    assert stage.hands.ask("states") == there
    go.set()
    stage.pass_time(LEASES_SECONDS)
    stage.start_brisk_worker()
    with stage.start_web().browser() as browser:
        assert browser.get("/").status_code == 200
    stage.wait_for(lambda: stage.hands.ask("states") == {"succeeded": 34, "in_doubt": 16})
    stage.pass_time(DOUBT_SECONDS)
    stage.wait_until_closed()

    assert stage.hands.ask("states") == {"succeeded": 34, "lapsed": 16}
    lapsed = {prompt for prompt, row in stage.rows().items() if row["state"] == "lapsed"}
    assert {prompt.split()[0] for prompt in lapsed} == {"unheard", "unanswered"}
    assert all(row["images"] == (prompt not in lapsed) for prompt, row in stage.rows().items())
    assert max(stage.vendor.creates.values()) == 1
    assert stage.hands.ask("entries") == {"hold": 50, "settle": 34, "release": 16}
    assert stage.hands.ask("money", member=stage.member) == [5000 - 34 * PRICE, 0]


def test_two_workers_share_the_work_and_one_is_enough(stage: Stage) -> None:
    """F67: nothing is done twice while both live, and one finishes when the other is killed."""
    go = threading.Event()
    stage.hands.ask("widen", running_max=60 + 140 + 30)  # what is in doubt or lapsed may still run at the vendor
    stage.vendor.script.status = lambda task: (
        {"state": "working"} if task.prompt.startswith("long") and not go.is_set() else None
    )
    many = stage.hands.ask("invite", count=1)
    stage.hands.ask("gather", members=many, rows=[400], due_in_seconds=60)
    for one in range(15):
        stage.order(f"quick {one}")
    for one in range(15):
        stage.order(f"long {one}")
    stage.pass_time(LEASES_SECONDS)
    workers = [stage.start_brisk_worker(WORKERS="2", stop_seconds="2") for _ in range(2)]
    everybody = {"succeeded": 15, "running": 15, "failed": 200, "lapsed": 140, "in_doubt": 60}
    stage.wait_for(lambda: stage.hands.ask("states") == everybody)
    stage.wait_for(lambda: swept_by(stage).total() >= 400)

    first, second = workers
    its = {first.pid, *stage.parts(first, workers=2).values()}
    first.kill()
    first.wait()
    until(lambda: not its & set(stage.family()))
    go.set()
    stage.pass_time(LEASES_SECONDS)
    stage.wait_for(lambda: stage.hands.ask("states")["succeeded"] == 30)
    stage.pass_time(DOUBT_SECONDS)
    stage.wait_until_closed()
    wait_until_nothing_is_late(stage)

    assert second.poll() is None
    assert swept_by(stage) == {"failed": 200, "lapsed": 140 + 60, "doubted": 60}
    mine = [row for row in stage.hands.ask("rows") if not row["prompt"].startswith("one of many")]
    assert Counter((row["state"], row["images"], *row["way"]) for row in mine) == {
        ("succeeded", 1, "queued", "submitting", "running", "fetching", "succeeded"): 30
    }
    assert (len(stage.vendor.creates), set(stage.vendor.creates.values())) == (30, {1})
    assert stage.hands.ask("entries") == {"hold": 430, "settle": 30, "release": 400}
    assert stage.hands.ask("money", member=stage.member) == [5000 - 30 * PRICE, 0]


def wait_until_nothing_is_late(stage: Stage) -> None:
    """The clock has jumped, so what came back late is asked for once more before the audit is content."""
    stage.wait_for(lambda: stage.hands.ask("audit") == [])


NO_ROWS = {"kicked", "proofs asked for"}
"""What a sweep does besides dealing with rows."""


def swept_by(stage: Stage) -> Counter[str]:
    """What the sweeps of all workers say they did: two at a time would count the same rows twice."""
    done: Counter[str] = Counter()
    for line in re.findall(r"sweep: (\{.*\})", stage.told()):
        done.update({what: number for what, number in ast.literal_eval(line).items() if what not in NO_ROWS})
    return done


def test_thousands_of_due_rows_are_worked_off_in_fair_batches(stage: Stage) -> None:
    """F68: in flat memory, and nobody with few pictures waits for the one who has thousands."""
    members = stage.hands.ask("invite", count=5, credits=PRICE * DUE)
    rows = [DUE - 4 * FEW, FEW, FEW, FEW, FEW]
    there = stage.hands.ask("gather", members=members, rows=rows, due_in_seconds=120)
    assert sum(there.values()) == DUE
    assert stage.hands.ask("audit") == []
    stage.pass_time(121)
    worker = stage.start_brisk_worker()

    stage.wait_for(lambda: stage.hands.ask("moved") >= 2 * BATCH)
    grown, seen = Growth(worker.pid), []

    def looked_and_done() -> bool:
        grown.look()
        seen.append(stage.hands.ask("moved"))
        return worker.poll() is None and stage.hands.ask("open_rows") <= there["submitting"]

    stage.wait_for(looked_and_done, seconds=300)
    assert any(2 * BATCH <= moves < DUE - 2 * BATCH for moves in seen), "it was all one transaction"
    assert_fair(stage.hands.ask("swept"), few=members[1:])
    stage.pass_time(DOUBT_SECONDS)
    stage.wait_until_closed(seconds=120)
    wait_until_nothing_is_late(stage)
    grown.look()

    assert grown.bytes < GROWTH_MAX, f"{grown.bytes / MEBIBYTE:.1f} MiB"
    assert stage.hands.ask("entries") == {"hold": DUE, "release": DUE}
    assert all(stage.hands.ask("money", member=member) == [PRICE * DUE, 0] for member in members)


class Growth:
    """How much more memory a process holds than when it was first looked at."""

    def __init__(self, pid: int) -> None:
        self._file = Path(f"/proc/{pid}/statm")
        self._first = self._held()
        self.bytes = 0

    def look(self) -> None:
        self.bytes = max(self.bytes, self._held() - self._first)

    def _held(self) -> int:
        return int(self._file.read_text().split()[1]) * PAGE_BYTES


def assert_fair(swept: list[list[object]], *, few: list[int]) -> None:
    """In each kind of work, those with few rows are done in the first batch, or after as many turns as they need."""
    kinds = defaultdict(list)
    for member, state in swept:
        kinds[state].append(member)
    for state, line in kinds.items():
        last = max(place for place, member in enumerate(line) if member in few)
        theirs = max(Counter(member for member in line if member in few).values())
        assert last < max(BATCH, theirs * (len(few) + 1)), state
