"""A studio to be measured: a fresh database, web server and worker as `manage.py studio` starts them, and a vendor.

Nothing here is armed or slowed: no failpoints, no clock of the tests; the one addition is the count of statements.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.bench import counting
from tests.bench.usage import until
from tests.bench.vendor import Vendor, selling
from tests.engines import ROOT, Engine, Template
from tests.faults.hands import Hands
from tests.simulators.raw import closed_port

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 20
READS = 1000.0
"""As good as no limit on how often a vendor may be asked."""


@dataclass
class Web:
    """A running web server."""

    pid: int
    origin: str

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.origin}/healthz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False


@dataclass
class Studio:
    """One team with one member, on one database."""

    engine: Engine
    folder: Path
    vendor: Vendor
    reads: float
    member: int = field(init=False)
    cookies: dict[str, str] = field(init=False)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.statements = self.folder / "statements"
        self.env = {
            **self.engine.env,
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
            "BENCH_VENDOR": self.vendor.url,
            "BENCH_READS": str(self.reads),
            "ALLOWED_HOSTS": "127.0.0.1",
        }
        self.hands = Hands(self.env, module="tests.bench.hands")
        self.ask("prepare")
        self.member = self.ask("found", credits=100_000)[0]
        self.cookies = self.ask("session", member=self.member)

    def ask(self, wish: str, **facts: Any) -> Any:
        return self.hands.ask(wish, **facts)

    def start_worker(self) -> int:
        """`manage.py run_worker`; gives its process."""
        return self._start(str(ROOT / "manage.py"), "run_worker", "--stop-seconds", "8")

    def start_web(self, *, core: int | None = None, **variables: str) -> Web:
        """The web server, on one core alone if that is asked."""
        port = closed_port()
        serving = ["-m", "generations.management.serving", "127.0.0.1", str(port), "line"]
        with on_core(core):
            web = Web(self._start(*serving, **variables), f"http://127.0.0.1:{port}")
        try:
            until(web.answers, seconds=START_SECONDS_MAX)
        except TimeoutError:
            raise RuntimeError(f"The web server does not answer:\n{self.told()}") from None
        return web

    def statements_by_label(self) -> dict[str, counting.Count]:
        return counting.read(self.statements)

    def close(self) -> None:
        """Stop everything in order; the books must be right."""
        findings = self.ask("audit")
        self.hands.close()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(timeout=STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if findings:
            raise AssertionError(findings)

    def told(self) -> str:
        return "".join(file.read_text() for file in sorted(self.folder.glob("*.log")))

    def _start(self, *arguments: str, **variables: str) -> int:
        env = {**self.env, counting.FOLDER_VARIABLE: str(self.statements), **variables}
        with (self.folder / f"{len(self._processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)
        return process.pid


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Whatever is started here stays on that core."""
    if core is None:
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@contextmanager
def opened(
    template: Template, *, seconds: tuple[float, float] = (5.0, 5.0), slots: int = 50, reads: float = READS
) -> Iterator[Studio]:
    """A studio on a fresh copy of that database, and its vendor, which may be read so often a second; then gone."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        template.engine(Path(folder)) as engine,
        selling(seconds=seconds, slots=slots) as vendor,
    ):
        studio = Studio(engine, Path(folder), vendor, reads)
        try:
            yield studio
        finally:
            studio.close()
