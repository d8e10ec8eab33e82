"""A studio in pieces that can be broken: its own database, the real web server and worker, and a vendor over HTTP.

Every process is killed by its pid or its group. The clock of all of them is one file, so no test waits for a lease.
"""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

import httpx
import pytest

from generations import failpoints
from tests.engines import ROOT, Engine, Template
from tests.faults.hands import Hands
from tests.late import until
from tests.management.procs import children, family, words
from tests.simulators.raw import closed_port
from tests.simulators.vendor import Script, Vendor

PRICE = 7
LEASES_SECONDS = 61
"""After this no lease of a dead process is left."""
DOUBT_SECONDS = 601
SPARED_SECONDS = 11
"""What a brisk parent spares, to be added where a promise is measured: others look every ten, and rest for one."""
PATIENCE_SECONDS = 150
"""A jump of the clock may have a part replaced in the middle of its work, which then waits for its lease, for real."""
LIVENESS = ["I13", "I14"]
"""The rules of the audit that say that something is due for too long."""
PARTS = ("worker", "monitor", "pusher", "guard", "cluster")
SOAK = os.environ.get("STUDIO_SOAK") == "1"
"""Whether tests run at their full length, at the clock's real speed."""
LAST = 9
UNARMED = ",".join(f"{name}:{LAST}:kill" for name in failpoints.NAMES)
"""A trap at every failpoint; `Stage.arm` says when it springs, and until then it is far from doing so."""


@dataclass
class Stage:
    """One studio and its vendor, torn down whatever became of it."""

    engine: Engine
    folder: Path
    vendor: Vendor
    hands: Hands = field(init=False)
    member: int = field(init=False)
    passed: float = 0.0
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _writers: list[threading.Thread] = field(default_factory=list)
    _standing: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.env = {
            **self.engine.env,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "INVENTED_BASE_URL": self.vendor.url,
            "STUDIO_CLOCK_OFFSET_FILE": str(self.folder / "clock"),
            "ALLOWED_HOSTS": "127.0.0.1",
            "PYTHONUNBUFFERED": "1",
        }
        self.hands = Hands(self.env)
        self.member = self.hands.ask("found")[0]

    @property
    def data(self) -> Path:
        """Its data folder."""
        return Path(self.env["DATA_DIR"])

    # --- Its processes ---

    def start_worker(self, *, failpoints: str = "", **variables: str) -> subprocess.Popen[bytes]:
        """`manage.py run_worker`, with these traps set."""
        arguments = [str(ROOT / "manage.py"), "run_worker", "--stop-seconds", variables.pop("stop_seconds", "5")]
        return self._start("worker", arguments, failpoints, **variables)

    def start_brisk_worker(self, *, failpoints: str = "", **variables: str) -> subprocess.Popen[bytes]:
        """The same, with a parent that looks every half second."""
        arguments = ["-m", "tests.faults.brisk", "run_worker", "--stop-seconds", variables.pop("stop_seconds", "5")]
        return self._start("worker", arguments, failpoints, **variables)

    @property
    def worker(self) -> subprocess.Popen[bytes]:
        """A brisk worker that stays, with traps that are not armed; its parent never tires of starting clusters."""
        if self._standing is None:
            self._disarm()
            self._standing = self.start_brisk_worker(failpoints=UNARMED, stop_seconds="1", BRISK_DEATHS="1000")
        return self._standing

    def start_web(self, *, failpoints: str = "", **variables: str) -> "Web":
        port = closed_port()
        arguments = ["-m", "generations.management.serving", "127.0.0.1", str(port), "line"]
        process = self._start("web", arguments, failpoints, **variables)
        web = Web(process, f"http://127.0.0.1:{port}", self.hands.ask("session", member=self.member))
        until(web.answers, told=self.told)
        return web

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """SIGKILL to the one that was started; whoever it made must go with it."""
        process.kill()
        process.wait()
        until(lambda: not set(self.family()) - self._crew(), 20, told=lambda: [words(pid) for pid in self.family()])

    def _crew(self) -> set[int]:
        """The processes that were started and live, and whoever they made."""
        crew = {process.pid for process in self._processes if process.poll() is None}
        parents = self.family() if crew else {}
        while more := {pid for pid, parent in parents.items() if parent in crew} - crew:
            crew |= more
        return crew

    def losses(self) -> int:
        """How often a cluster has noticed the sudden death of one of its processes."""
        return self.told().count("the cluster lost a process")

    def kill_cluster(self) -> None:
        """SIGKILL to everybody below the standing worker's parent, which will start them anew."""
        if cluster := self.cluster():
            with suppress(ProcessLookupError):
                os.killpg(cluster, signal.SIGKILL)

    def cluster(self) -> int:
        """The inner process of the standing worker; 0 while there is none."""
        found = children(self.data, self.worker.pid)
        return next((pid for pid in found if "--cluster" in words(pid)), 0)

    def reap(self) -> None:
        """Wait for those that were killed from outside."""
        for process in self._processes:
            process.wait()

    def family(self) -> dict[int, int]:
        """Every process of this studio but the test's own hands, with its parent."""
        return {pid: parent for pid, parent in family(self.data).items() if "tests.faults.hands" not in words(pid)}

    def parts(self, worker: subprocess.Popen[bytes], *, workers: int = 3) -> dict[str, int]:
        """The process of each part of the cluster, once all are there."""
        folder = self.data
        cluster = [pid for pid in children(folder, worker.pid) if "--cluster" in words(pid)]
        guard = children(folder, cluster[0]) if cluster else []
        made = children(folder, guard[0]) if guard else []
        if len(made) < workers + 2:
            return {}
        return dict(zip(PARTS, (made[0], made[-2], made[-1], guard[0], cluster[0]), strict=True))

    def told(self) -> str:
        """What its processes wrote."""
        return "\n".join(file.read_text() for file in sorted(self.folder.glob("*.log")))

    # --- Its time ---

    def pass_time(self, seconds: float) -> None:
        """Move the clock of every process forward."""
        self.passed += seconds
        file = self.folder / "clock"
        file.with_suffix(".new").write_text(str(self.passed))
        file.with_suffix(".new").replace(file)

    # --- What happens on it ---

    def hits(self, failpoint: str) -> int:
        """How often a process passed that place."""
        file = self._passings / failpoint
        return file.stat().st_size if file.exists() else 0

    def arm(self, failpoint: str, hit: int) -> None:
        """Have the standing worker, or a web server with its traps, die at that place the so manieth time from now."""
        self._count(failpoint, LAST - hit)

    def has_sprung(self, failpoint: str) -> bool:
        """Whether somebody came to the place that was armed, and should be dead now."""
        return self.hits(failpoint) >= LAST

    @property
    def _passings(self) -> Path:
        return self.data / "failpoints"

    def _disarm(self) -> None:
        self._passings.mkdir(exist_ok=True)
        for name in failpoints.NAMES:
            self._count(name, LAST)

    def _count(self, failpoint: str, passings: int) -> None:
        new = self._passings / "new"
        new.write_bytes(b"+" * passings)
        new.replace(self._passings / failpoint)

    def order(self, prompt: str, count: int = 1) -> list[str]:
        ordered: list[str] = self.hands.ask("order", member=self.member, prompt=prompt, count=count)
        return ordered

    def wait_for(self, answer: Callable[[], object], *, seconds: float = PATIENCE_SECONDS) -> None:
        """Until `answer` is true; a test is late with what the processes wrote and where the rows stand."""
        until(answer, seconds, told=lambda: f"{self.told()}\n{self.hands.ask('rows')}")

    def sweeps_to(self, state: str) -> bool:
        """One pass over the due rows, as the worker's parent makes it every ten seconds; whether one is there now."""
        self.hands.ask("sweep")
        return state in self.hands.ask("states")

    def wait_until_closed(self, *, seconds: float = PATIENCE_SECONDS) -> None:
        """Until every generation has its end; what the queue or a lease forgot is helped on by the clock alone."""
        self.wait_for(lambda: self.hands.ask("open_rows") == 0, seconds=seconds)

    def rows(self) -> dict[str, dict[str, Any]]:
        """Every generation by its prompt, where prompts are used once."""
        return {row["prompt"]: row for row in self.hands.ask("rows")}

    @property
    def incoming(self) -> Path:
        """Where pictures lie that are on their way to the shelf."""
        return self.data / "media" / "incoming"

    def expect_order(self, *, is_late: bool = False) -> None:
        """Nothing is wrong in the books, nothing was ordered twice, and the standing worker stands.

        Where somebody was late something may be due; nothing else may be wrong, whoever was late.
        """
        findings = self.hands.ask("audit", but=LIVENESS if is_late else [])
        assert findings == [], (findings, self.told())
        twice = [name for name, creates in self.vendor.creates_of.items() if creates > 1]
        assert twice == [], (twice, self.told())
        assert self._standing is None or self._standing.poll() is None, self.told()

    def close(self) -> None:
        try:
            self.hands.close()
        finally:
            for process in self._processes:
                process.kill()
                process.wait()
            for pid in family(self.data):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for writer in self._writers:
                writer.join(timeout=5)

    def _start(self, name: str, arguments: list[str], failpoints: str, **variables: str) -> subprocess.Popen[bytes]:
        env = {**self.env, "DEBUG_FAULTS": "1", "STUDIO_FAILPOINTS": failpoints, **variables}
        number = len(self._processes)
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._processes.append(process)
        assert process.stdout is not None
        log = self.folder / f"{number}-{name}.log"
        log.touch()
        self._writers.append(threading.Thread(target=_write_down, args=(process.stdout, log), daemon=True))
        self._writers[-1].start()
        return process


def _write_down(words: IO[bytes], log: Path) -> None:
    """Here and not by those who say it: to them the disk may be full, which must not silence them."""
    with words, log.open("wb", buffering=0) as file:
        while said := os.read(words.fileno(), 1 << 16):
            file.write(said)


@dataclass
class Web:
    """The web server, and a browser signed in to it."""

    process: subprocess.Popen[bytes]
    origin: str
    cookies: dict[str, str]

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.origin}/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def browser(self) -> httpx.Client:
        return httpx.Client(base_url=self.origin, cookies=self.cookies, timeout=30, trust_env=False)


def form_of(browser: httpx.Client, prompt: str) -> dict[str, str]:
    """The composer's fields as the page gives them, with these words typed."""
    page = browser.get("/").text
    found = dict(re.findall(r'<input type="hidden" name="(\w+)"[^>]* value="([^"]*)"', page))
    return {**found, "prompt": prompt, "model": "invented:sketch", "shape": "3:2", "count": "1"}


@contextmanager
def set_up(engine: Engine, folder: Path, *, has_failed: Callable[[], bool] = lambda: False) -> Iterator[Stage]:
    """A stage on that database; its books must be in order when it is left in peace."""
    with raised(engine, folder) as stage:
        yield stage
        stage.expect_order(is_late=has_failed())


@contextmanager
def raised(engine: Engine, folder: Path) -> Iterator[Stage]:
    """A stage on that database, in whatever order it is left."""
    vendor = Vendor().start()
    stage = Stage(engine, folder, vendor)
    try:
        yield stage
    finally:
        stage.close()
        vendor.stop()


class Keeper:
    """Keeps one stage up for many tests; one that was left in disorder is replaced, so that only its test fails."""

    def __init__(self, template: Template, folders: pytest.TempPathFactory) -> None:
        self._template, self._folders = template, folders
        self._around = ExitStack()
        self._stage: Stage | None = None

    @contextmanager
    def lend(self, *, has_failed: Callable[[], bool]) -> Iterator[Stage]:
        """The stage; no other test gets it after one that has failed, nor does that one when it is tried again."""
        stage, self._stage = self._stage or self._open(), None
        yield stage
        if has_failed():
            stage.expect_order(is_late=True)
            return
        stage.vendor.script = Script()
        stage.expect_order()
        assert stage.hands.ask("open_rows") == 0, stage.told()
        self._stage = stage

    def _open(self) -> Stage:
        self._around.close()
        folder = self._folders.mktemp("kept")
        (folder / "studio").mkdir()
        engine = self._around.enter_context(self._template.engine(folder / "studio"))
        return self._around.enter_context(raised(engine, folder))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._around.close()
