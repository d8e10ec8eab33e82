"""Places where tests break the studio on purpose: a process killed, stopped, delayed or refused at a named moment.

`STUDIO_FAILPOINTS=after_submit:2:kill` kills whoever passes `after_submit` the second time, in whatever process;
several are separated by commas, and `always` in place of the number means every time. Nothing happens unless
`DEBUG_FAULTS=1`, and a studio deployed with that switch on is refused by a check. Unarmed it costs one comparison.
"""

import logging
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

NAMES = {
    "after_order": "W2: the order is committed, its answer is not on its way",
    "before_claim": "W3: the message of the queue is taken, and nothing came of it yet",
    "after_claim": "W4: claim and attempt are committed, no byte has left",
    "while_sending": "W5: the head of the request has left, its body has not",
    "after_submit": "W6: the vendor accepted, and nobody wrote it down",
    "after_running": "W7: the task id is committed",
    "after_look": "W8: the vendor said it is done, and nobody wrote it down",
    "after_ready": "W9: the addresses of the result are committed",
    "while_fetching": "W10: the first bytes of the result lie in the workspace, and a lease runs",
    "after_store": "W11: the files are on the shelf, no row speaks of them",
    "after_settle": "W12: everything is committed, the queue does not know",
}
"""Every failpoint, with the crash window it stands in."""

ALWAYS = "always"
SLEEP_SECONDS = 5.0


class Injected(RuntimeError):
    """The trouble a failpoint was asked to make."""


@dataclass(frozen=True)
class Trap:
    """What happens at one failpoint, and the how manieth passing it waits for; 0 means every one."""

    name: str
    hit: int
    action: str

    def spring(self) -> None:
        match self.action:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "stop":
                os.kill(os.getpid(), signal.SIGSTOP)
            case "sleep":
                time.sleep(SLEEP_SECONDS)
            case "raise":
                raise Injected(self.name)


ACTIONS = ("kill", "stop", "sleep", "raise")

_traps: dict[str, list[Trap]] = {}
_folder = Path()


def read(text: str) -> list[Trap]:
    """The traps a setting asks for. Raises ValueError, in words for whoever wrote it."""
    return [_read(word.strip()) for word in text.split(",") if word.strip()]


def arm(traps: list[Trap], *, folder: Path) -> None:
    """Set these traps and no others; what was passed how often is counted in files in `folder`, for all processes."""
    global _folder
    _folder = folder
    _traps.clear()
    for trap in traps:
        folder.mkdir(parents=True, exist_ok=True)
        _traps.setdefault(trap.name, []).append(trap)
    if traps:
        log.critical("DEBUG_FAULTS is on: this process breaks on purpose at %s", ", ".join(sorted(_traps)))


def failpoint(name: str) -> None:
    """Pass the place of that name, and meet what waits there."""
    if not _traps:
        return
    for trap in _find(name):
        trap.spring()


def _find(name: str) -> list[Trap]:
    traps = _traps.get(name)
    if traps is None:
        return []
    number = _count(name)
    return [trap for trap in traps if trap.hit in {0, number}]


def _count(name: str) -> int:
    """How often this place was passed, this time included; each passing leaves one byte, whoever it was."""
    handle = os.open(_folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, b"+")
        return os.lseek(handle, 0, os.SEEK_CUR)
    finally:
        os.close(handle)


def _read(word: str) -> Trap:
    parts = word.split(":")
    if len(parts) != 3:
        raise ValueError(f"{word!r} is not of the form name:hit:action.")
    name, hit, action = parts
    if name not in NAMES:
        raise ValueError(f"{name!r} is no failpoint; there are {', '.join(NAMES)}.")
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is no action; there are {', '.join(ACTIONS)}.")
    if hit != ALWAYS and (not hit.isascii() or not hit.isdigit() or int(hit) < 1):
        raise ValueError(f"{hit!r} is no passing: write a number from 1 on, or {ALWAYS}.")
    return Trap(name=name, hit=0 if hit == ALWAYS else int(hit), action=action)
