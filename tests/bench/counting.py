"""Counts the statements of each process, by what it was doing: one small mapped file per process, summed by the bench.

The count is taken where Django hands a statement to its driver, so BEGIN (SQLite) and SAVEPOINT count, COMMIT does not.
"""

import mmap
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER_VARIABLE = "BENCH_STATEMENTS"
"""Names the folder of the files. Where it is not set or empty, nothing is counted."""
LABELS = ("web", "pump", "collect", "tick", "beat", "queue", "parent")
"""What a process does: serve, run one of the jobs, hand out and acknowledge messages, or look after the cluster."""
READ, WRITE, OTHER, NANOSECONDS = range(4)
WORDS = {"SELECT": READ, "WITH": READ, "INSERT": WRITE, "UPDATE": WRITE, "DELETE": WRITE}
SLOT = 8


@dataclass(frozen=True)
class Count:
    """What was counted under one label."""

    reads: int = 0
    writes: int = 0
    others: int = 0
    seconds: float = 0.0

    @property
    def all(self) -> int:
        return self.reads + self.writes + self.others

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.reads + other.reads,
            self.writes + other.writes,
            self.others + other.others,
            self.seconds + other.seconds,
        )

    def __sub__(self, other: "Count") -> "Count":
        return self + Count(-other.reads, -other.writes, -other.others, -other.seconds)


class Counter:
    """The wrapper around every statement of this process; after a fork it counts into a file of its own."""

    def __init__(self, folder: Path, label: str) -> None:
        self.folder = folder
        self.label = label
        folder.mkdir(parents=True, exist_ok=True)
        self._open()
        os.register_at_fork(after_in_child=self._open)

    def _open(self) -> None:
        self._lock = threading.Lock()
        size = len(LABELS) * 4 * SLOT
        with (self.folder / str(os.getpid())).open("w+b") as file:
            file.truncate(size)
            self._slots = memoryview(mmap.mmap(file.fileno(), size)).cast("q")

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        begun = time.perf_counter_ns()
        try:
            return execute(sql, params, many, context)
        finally:
            kind = WORDS.get(sql.partition(" ")[0].upper(), OTHER)
            with self._lock:
                place = 4 * LABELS.index(self.label)
                self._slots[place + kind] += 1
                self._slots[place + NANOSECONDS] += time.perf_counter_ns() - begun


def read(folder: Path) -> dict[str, Count]:
    """What all processes counted so far, by label."""
    sums = dict.fromkeys(LABELS, Count())
    for file in folder.glob("*"):
        slots = memoryview(file.read_bytes()).cast("q")
        for number, label in enumerate(LABELS):
            reads, writes, others, nanoseconds = slots[4 * number : 4 * number + 4]
            sums[label] += Count(reads, writes, others, nanoseconds / 1e9)
    return sums


def install() -> None:
    """Count in this process and whatever it forks, if the environment asks for it. Django's apps must be loaded."""
    if not os.environ.get(FOLDER_VARIABLE):
        return
    from django.db.backends.signals import connection_created  # noqa: PLC0415  # the bench itself has no Django
    from django_q.signals import post_execute_in_worker, pre_execute  # noqa: PLC0415  # needs the loaded apps

    counter = Counter(Path(os.environ[FOLDER_VARIABLE]), _label_of(sys.argv))

    def count(connection: Any, **_: Any) -> None:
        if counter not in connection.execute_wrappers:
            connection.execute_wrappers.append(counter)

    def enter(task: dict[str, Any], **_: Any) -> None:
        name = str(task["func"]).rpartition(".")[2]
        counter.label = name if name in LABELS else "queue"

    def leave(**_: Any) -> None:
        counter.label = "queue"

    connection_created.connect(count, weak=False)
    pre_execute.connect(enter, weak=False)
    post_execute_in_worker.connect(leave, weak=False)


def _label_of(arguments: list[str]) -> str:
    if "--cluster" in arguments:
        return "queue"
    return "parent" if "run_worker" in arguments else "web"
