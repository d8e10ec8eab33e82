"""Child processes that never outlive their parent: started, watched, restarted and stopped as whole groups.

Each child leads a session of its own, so a terminal's Ctrl-C reaches only the parent, which then stops the children in
order. Signal handlers only count: everything they ask for is done by a loop outside the signal.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

PARENT = "STUDIO_PARENT"  # the process that made this one, for the child to see that it is still there
LIFELINE = "STUDIO_LIFELINE"  # where the kernel cannot tell: a pipe that ends when the parent does
LOOK_SECONDS = 0.1
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0
STEADY_SECONDS = 60.0  # a child that lived this long starts with a clean sheet
PR_SET_PDEATHSIG = 1
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


class StopRequests:
    """Counts the requests to stop that arrived as signals; a second one means at once."""

    def __init__(self) -> None:
        self.count = 0
        self.listen()

    def listen(self) -> None:
        """Take the signals, also from whoever took them since."""
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._note)

    def _note(self, number: int, frame: object) -> None:
        self.count += 1

    @property
    def came(self) -> bool:
        return self.count > 0

    @property
    def insist(self) -> bool:
        return self.count > 1


@dataclass
class Child:
    """A command kept alive. After a death it rests a moment, longer each time, and the old group is killed first."""

    name: str
    command: Sequence[str]
    deaths: int = 0  # since it last lived long
    environment: Mapping[str, str] = field(default_factory=dict)  # besides our own
    _process: subprocess.Popen[bytes] | None = None
    _lifeline: int | None = None
    _started_at: float = field(default_factory=time.monotonic)
    _next_start_at: float = 0.0

    def start(self) -> None:
        """Start it in a session of its own, tied to the life of this process."""
        environment = {**os.environ, **self.environment, PARENT: str(os.getpid())}
        inherited: tuple[int, ...] = ()
        if sys.platform != "linux" and os.name == "posix":
            ours, theirs = os.pipe()
            environment[LIFELINE] = str(ours)
            inherited, self._lifeline = (ours,), theirs
        self._process = subprocess.Popen(  # noqa: S603  # the studio's own commands
            self.command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True, pass_fds=inherited
        )
        for handle in inherited:
            os.close(handle)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._process.poll() if self._process else None

    def tend(self, *, now: float) -> int | None:
        """Start it again if it is down and has rested; gives the exit code when it was found dead just now."""
        if self.is_alive:
            return None
        if self._process is None:
            if now >= self._next_start_at:
                self.start()
                self._started_at = now
            return None
        code = self._process.returncode
        self.kill_group()
        self.deaths = 1 if now - self._started_at >= STEADY_SECONDS else self.deaths + 1
        self._next_start_at = now + min(FIRST_PAUSE_SECONDS * 2 ** (self.deaths - 1), LONGEST_PAUSE_SECONDS)
        return code

    def ask_to_stop(self) -> None:
        """Tell the leader alone: its helpers must stop in the order it knows."""
        if self._process is not None and self.is_alive:
            self._process.terminate()

    def kill_group(self) -> None:
        """End whatever is left of the group, the leader included."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS answers the second for an ended group
            if os.name == "posix":
                os.killpg(self._process.pid, KILL)
            else:
                self._process.kill()
        self._process.wait()
        self._process = None
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None


@dataclass
class Crew:
    """Children that live and stop together."""

    children: list[Child] = field(default_factory=list)

    def tend(self) -> list[tuple[Child, int]]:
        """One look at everybody; gives those found dead with their exit codes."""
        dead = []
        for child in self.children:
            code = child.tend(now=time.monotonic())
            if code is not None:
                dead.append((child, code))
        return dead

    def stop(self, *, seconds: float, at_once: Callable[[], bool]) -> bool:
        """Ask everybody, wait up to `seconds` or until `at_once`, then kill what is left; True when all went alone."""
        for child in self.children:
            child.ask_to_stop()
        end = time.monotonic() + seconds
        while self._anybody() and time.monotonic() < end and not at_once():
            time.sleep(LOOK_SECONDS)
        alone = not self._anybody()
        for child in self.children:
            child.kill_group()
        return alone

    def _anybody(self) -> bool:
        return any(child.is_alive for child in self.children)


# --- In the child -----------------------------------------------------------------------------------------------------


def die_with_parent() -> None:
    """To be called early by a process made by `Child`: it is asked to stop when its parent ends, however that ends.

    A process somebody started by hand has no such parent and goes on.
    """
    parent, lifeline = os.environ.pop(PARENT, ""), os.environ.pop(LIFELINE, "")
    if not parent:
        return
    if lifeline:
        threading.Thread(target=_watch, args=(int(lifeline),), daemon=True).start()
    elif sys.platform == "linux":
        _ask_kernel(signal.SIGTERM)
        if os.getppid() != int(parent):  # it ended before we asked
            os.kill(os.getpid(), signal.SIGTERM)


def take_forks_along() -> None:
    """Processes forked from here on, and theirs, are killed when the one that forked them ends (Linux only)."""
    if sys.platform == "linux":
        os.register_at_fork(after_in_child=lambda: _ask_kernel(KILL))


def _ask_kernel(number: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel refused to watch the parent process")


def _watch(lifeline: int) -> None:
    while os.read(lifeline, 1):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
