"""Children are restarted after a death, stopped in order, and never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generations.management import processes
from tests.late import until
from tests.management.procs import ROOT

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")

# A leader that starts a helper in its own group, writes both ids, and obeys or ignores a request to stop.
LEADER = """
import os, signal, subprocess, sys, time
path, obeys = sys.argv[1], sys.argv[2] == "obeys"
signal.signal(signal.SIGTERM, (lambda *_: os._exit(0)) if obeys else signal.SIG_IGN)
helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
with open(path + ".new", "w") as file:
    file.write(f"{os.getpid()} {helper.pid}")
os.rename(path + ".new", path)
time.sleep(300)
"""
# A parent that keeps a child which itself forks; everybody writes its id.
FAMILY = """
import os, sys, time
from generations.management import processes
folder, role = sys.argv[1], sys.argv[2]
def sign(name):
    with open(os.path.join(folder, name + ".new"), "w") as file:
        file.write(str(os.getpid()))
    os.rename(os.path.join(folder, name + ".new"), os.path.join(folder, name))
if role == "parent":
    child = processes.Child("child", [sys.executable, "-c", os.environ["FAMILY"], folder, "child"])
    child.start()
else:
    processes.die_with_parent()
    processes.take_forks_along()
    if os.fork() == 0:
        role = "grandchild"
sign(role)
time.sleep(300)
"""


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def ids(path: Path) -> list[int]:
    until(path.exists, told=lambda: f"{path} was never written")
    return [int(word) for word in path.read_text().split()]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., processes.Child]]:
    made: list[processes.Child] = []

    def child(conduct: str = "obeys") -> processes.Child:
        command = [sys.executable, "-c", LEADER, str(tmp_path / "ids"), conduct]
        made.append(processes.Child("leader", command))
        return made[-1]

    yield child
    for each in made:
        each.kill_group()


@LINUX
class TestCrew:
    def test_a_dead_child_is_started_again_after_its_old_group_is_gone(
        self, make: Callable[..., processes.Child], tmp_path: Path
    ) -> None:
        crew = processes.Crew([make()])
        crew.tend()
        leader, helper = ids(tmp_path / "ids")
        (tmp_path / "ids").unlink()
        os.kill(leader, signal.SIGKILL)
        codes: list[int] = []

        def is_back() -> bool:
            codes.extend(code for _, code in crew.tend())
            return (tmp_path / "ids").exists()

        until(is_back)
        assert codes == [-signal.SIGKILL]
        assert not is_running(helper)
        assert ids(tmp_path / "ids")[0] != leader

    def test_a_stop_lets_the_leader_end_and_takes_its_helpers_with_it(
        self, make: Callable[..., processes.Child], tmp_path: Path
    ) -> None:
        crew = processes.Crew([make()])
        crew.tend()
        everybody = ids(tmp_path / "ids")
        assert crew.stop(seconds=10, at_once=lambda: False)
        until(lambda: not any(map(is_running, everybody)))

    def test_a_child_that_ignores_the_request_is_killed_when_time_is_up(
        self, make: Callable[..., processes.Child], tmp_path: Path
    ) -> None:
        crew = processes.Crew([make("ignores")])
        crew.tend()
        everybody = ids(tmp_path / "ids")
        assert not crew.stop(seconds=0.3, at_once=lambda: False)
        until(lambda: not any(map(is_running, everybody)))

    def test_a_second_request_does_not_wait(self, make: Callable[..., processes.Child], tmp_path: Path) -> None:
        crew = processes.Crew([make("ignores")])
        crew.tend()
        everybody = ids(tmp_path / "ids")
        assert not crew.stop(seconds=3600, at_once=lambda: True)
        until(lambda: not any(map(is_running, everybody)))


class TestChild:
    def test_each_quick_death_lengthens_the_rest_up_to_a_limit(self) -> None:
        child = processes.Child("failing", [sys.executable, "-c", "raise SystemExit(3)"])
        moment = 0.0
        child.tend(now=moment)
        rests = []
        for _ in range(7):
            until(lambda: not child.is_alive)
            assert child.tend(now=moment) == 3
            rests.append(next(rest for rest in (1, 2, 4, 8, 16, 30, 60) if self.starts(child, moment + rest)))
            moment += rests[-1]
        assert rests == [1, 2, 4, 8, 16, 30, 30]
        child.kill_group()

    def starts(self, child: processes.Child, moment: float) -> bool:
        child.tend(now=moment)
        return child.pid is not None

    def test_a_long_life_clears_the_sheet(self) -> None:
        child = processes.Child("failing", [sys.executable, "-c", "raise SystemExit(3)"], deaths=4)
        child.start()
        until(lambda: not child.is_alive)
        child.tend(now=time.monotonic() + processes.STEADY_SECONDS)
        assert child.deaths == 1


@LINUX
class TestFamily:
    @pytest.fixture
    def family(self, tmp_path: Path) -> Iterator[dict[str, int]]:
        command = [sys.executable, "-c", FAMILY, str(tmp_path), "parent"]
        environment = {**os.environ, "FAMILY": FAMILY}
        with subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True) as parent:
            members = {name: ids(tmp_path / name)[0] for name in ("parent", "child", "grandchild")}
            yield members
            parent.kill()
        for pid in members.values():
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)

    @pytest.mark.parametrize("victim", ["parent", "child"])
    def test_nobody_outlives_whoever_made_them(self, family: dict[str, int], victim: str) -> None:
        os.kill(family[victim], signal.SIGKILL)
        later = list(family.values())[list(family).index(victim) :]
        until(lambda: not any(map(is_running, later)))


class TestStopRequests:
    @pytest.fixture
    def requests(self) -> Iterator[processes.StopRequests]:
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        yield processes.StopRequests()
        for number, handler in before.items():
            signal.signal(number, handler)

    def test_one_signal_asks_and_a_second_insists(self, requests: processes.StopRequests) -> None:
        assert not requests.came
        os.kill(os.getpid(), signal.SIGTERM)
        assert (requests.came, requests.insist) == (True, False)
        os.kill(os.getpid(), signal.SIGINT)
        assert requests.insist
