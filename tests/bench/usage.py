"""What processes cost, from /proc: processor seconds and memory of a whole family, and what else the machine does."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
SAMPLE_SECONDS = 1.0
MEBIBYTE = 1024


@dataclass(frozen=True)
class Process:
    """One line of the machine's list: the parent, and the seconds of it and of the children it has buried."""

    parent: int
    seconds: float


def look(pid: int) -> Process | None:
    """A living process, or None when it is gone."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    return Process(parent=int(words[1]), seconds=sum(map(int, words[11:15])) / TICKS)


def family(leader: int) -> dict[int, Process]:
    """A process and all that descend from it."""
    everybody = {int(entry.name): look(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    alive = {pid: process for pid, process in everybody.items() if process is not None}
    found = {leader}
    while more := {pid for pid, process in alive.items() if process.parent in found} - found:
        found |= more
    return {pid: alive[pid] for pid in found if pid in alive}


def cpu_seconds(leader: int) -> float:
    """Processor time of a family since it began, its dead included."""
    return sum(process.seconds for process in family(leader).values())


def pss_mib(leader: int) -> float:
    """Memory of a family, what is shared with others counted by share."""
    return sum(map(_pss_kib, family(leader))) / MEBIBYTE


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def machine_seconds() -> float:
    """Processor time of everything on this machine since it started."""
    words = Path("/proc/stat").read_text().partition("\n")[0].split()
    user, nice, system, _idle, _wait, irq, soft = map(int, words[1:8])
    return (user + nice + system + irq + soft) / TICKS


@dataclass
class Peaks:
    """The most memory each family had at one moment, and all of them together."""

    mib: dict[str, float] = field(default_factory=dict)

    def note(self, now: dict[str, float]) -> None:
        for name, value in (now | {"sum": sum(now.values())}).items():
            self.mib[name] = max(value, self.mib.get(name, 0.0))


@contextmanager
def watching(leaders: dict[str, int]) -> Iterator[Peaks]:
    """Looks at the memory of these families once a second while this lasts."""
    peaks, over = Peaks(), threading.Event()

    def watch() -> None:
        while not over.wait(SAMPLE_SECONDS):
            peaks.note({name: pss_mib(leader) for name, leader in leaders.items()})

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peaks
    finally:
        over.set()
        thread.join()


def until(answer: Callable[[], object], *, seconds: float, every: float = 0.2) -> None:
    """Wait for `answer` to be true. Raises TimeoutError when it never was."""
    end = time.monotonic() + seconds
    while not answer():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(every)
