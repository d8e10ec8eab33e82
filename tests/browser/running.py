"""The real studio for the browser to visit: `manage.py studio` on a free port, its log, its worker, its end."""

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.management.procs import ROOT, environment, family, until, words

START_SECONDS = 90
STOP_SECONDS = 10
TROUBLE = re.compile(r"\b(ERROR|CRITICAL)\b|Traceback|browsers refused something")


class Studio:
    """Started by making one; `stop` says what was wrong with its end."""

    port = 0  # any that is free

    def __init__(self, folder: Path, **variables: str) -> None:
        self.data_dir = folder / "data"
        self.variables = variables
        self._meant: list[re.Pattern[str]] = []
        self.log = folder / "studio.log"
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, str(ROOT / "manage.py"), "studio"),
                    *("--port", str(self.port), "--data-dir", str(self.data_dir)),
                ],
                env=environment(self.data_dir, **variables),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until(lambda: "Stop with Ctrl-C" in self.told() or self.process.poll() is not None, seconds=START_SECONDS)
        found = re.search(r"Running +(http://(?:127\.0\.0\.1|localhost):\d+)/\n", self.told())
        if found is None:
            self.kill()
            raise AssertionError(f"The studio did not start:\n{self.told()}")
        self.origin = found[1]
        with urllib.request.urlopen(f"{self.origin}/healthz", timeout=10) as answer:
            assert answer.status == 200

    def told(self) -> str:
        """Everything it wrote so far."""
        return self.log.read_text()

    def allow(self, words: str) -> None:
        """Troubles in its log that match this expression are meant."""
        self._meant.append(re.compile(words))

    def setup_link(self) -> str:
        found = re.search(rf"{self.origin}/setup/\S+", self.told())
        assert found is not None, self.told()
        return found[0]

    def manage(self, *arguments: str, typed: str = "") -> str:
        """Run one of its commands beside it; returns what it said."""
        return self._run([str(ROOT / "manage.py"), *arguments], typed)

    def seat_everybody(self) -> dict[str, str]:
        """Bring in the cast; returns a session for each, by name."""
        code = "import django; django.setup(); from tests.browser import people; people.main()"
        sessions: dict[str, str] = json.loads(self._run(["-c", code]))
        return sessions

    def dress(self, part: str) -> list[str]:
        """Make the newest picture of that person's team read as a vendor's; returns the addresses of its six."""
        code = f"import django; django.setup(); from tests.browser import dressing; dressing.main({part!r})"
        addresses: list[str] = json.loads(self._run(["-c", code]))
        return addresses

    def end_invitations(self, team: str) -> None:
        """Let the time of every invitation to that team be up."""
        code = f"import django; django.setup(); from tests.browser import dressing; dressing.end_invitations({team!r})"
        self._run(["-c", code])

    def report_all(self, team: str) -> dict[str, Any]:
        """Let every picture of that team be reported; returns the cases, and a session of a moderator of the studio."""
        code = f"import django; django.setup(); from tests.browser import docket; docket.main({team!r})"
        told: dict[str, Any] = json.loads(self._run(["-c", code]))
        return told

    def seat_operator(self) -> str:
        """Bring in somebody who runs the studio; returns their session."""
        return self._run(["-c", "import django; django.setup(); from tests.browser import brakes; brakes.main()"])

    def open_everything(self) -> None:
        """Let nothing be closed, and nothing hang over the pages, whatever a story left behind."""
        code = "import django; django.setup(); from tests.browser import brakes; brakes.open_everything()"
        self._run(["-c", code])

    def _run(self, arguments: list[str], typed: str = "") -> str:
        variables = {"DJANGO_SETTINGS_MODULE": "imagine_site.settings", "INSECURE_HTTP": "1", **self.variables}
        done = subprocess.run(
            [sys.executable, *arguments],
            env=environment(self.data_dir, **variables),
            cwd=ROOT,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextlib.contextmanager
    def worker_asleep(self) -> Iterator[None]:
        """Nothing is sent or collected while this lasts; the web server goes on."""
        try:
            assert until(self._put_to_sleep), "the worker never let go of the database"
            yield
        finally:
            self._signal_worker(signal.SIGCONT)

    def _put_to_sleep(self) -> bool:
        """Whether it sleeps now. One that was about to write is woken again, or nobody else could write."""
        self._signal_worker(signal.SIGSTOP)
        with contextlib.closing(sqlite3.connect(self.data_dir / "studio.sqlite3", timeout=0.5)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                self._signal_worker(signal.SIGCONT)
                return False
        return True

    def _signal_worker(self, number: signal.Signals) -> None:
        """To all its processes, the one that watches the others first."""
        for pid in sorted(family(self.data_dir)):
            if "run_worker" in words(pid):
                os.kill(pid, number)

    def stop(self) -> list[str]:
        """Ctrl-C, and everything that was wrong: too slow, processes left, errors in the log."""
        wrong = []
        self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(timeout=STOP_SECONDS)
            wrong += [f"it ended with exit code {code}"] if code else []
        except subprocess.TimeoutExpired:
            wrong.append(f"it did not end within {STOP_SECONDS} s")
        left = family(self.data_dir)
        wrong += [f"process {pid} was left: {' '.join(words(pid))}" for pid in left]
        self.kill()
        return wrong + [line for line in self.told().splitlines() if TROUBLE.search(line) and not self._is_meant(line)]

    def _is_meant(self, line: str) -> bool:
        return any(pattern.search(line) for pattern in self._meant)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for pid in family(self.data_dir):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
