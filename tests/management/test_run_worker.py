"""The real worker as processes: it survives the sudden death of any of its parts, stops when asked, leaves nobody."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.management.procs import ROOT, children, environment, family, until, words

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")
MANAGE = [sys.executable, str(ROOT / "manage.py")]
PARTS = ("worker", "monitor", "pusher", "guard", "cluster")


def manage(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MANAGE, *arguments], env=environment(data_dir), capture_output=True, text=True, timeout=60, check=False
    )


class Worker:
    """A running `manage.py run_worker` and its view from outside."""

    def __init__(self, data_dir: Path, log: Path) -> None:
        self.data_dir = data_dir
        self.log = log
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [*MANAGE, "run_worker", "--stop-seconds", "2"],
                env=environment(data_dir),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def parts(self) -> dict[str, int]:
        """The process of each part, once all are there; the guard makes its workers first, then the other two."""
        cluster = [pid for pid in children(self.data_dir, self.process.pid) if "--cluster" in words(pid)]
        guard = children(self.data_dir, cluster[0]) if cluster else []
        made = children(self.data_dir, guard[0]) if guard else []
        if len(made) < 5:
            return {}
        return dict(zip(PARTS, (made[0], made[-2], made[-1], guard[0], cluster[0]), strict=True))

    def wait_until_whole(self) -> dict[str, int]:
        assert until(self.parts), self.log.read_text()
        return self.parts()

    def stamps(self) -> list[tuple[str]]:
        with sqlite3.connect(self.data_dir / "studio.sqlite3", timeout=20) as database:
            rows = database.execute("SELECT at FROM generations_heartbeat WHERE name = 'worker'").fetchall()
        database.close()
        return rows

    def runs_a_job(self) -> bool:
        before = self.stamps()
        asked = manage(self.data_dir, "shell", "-v0", "-c", "from generations import queue; queue.later('beat')")
        assert asked.returncode == 0, asked.stderr
        return until(lambda: self.stamps() != before)

    def is_gone(self) -> bool:
        return until(lambda: not family(self.data_dir), seconds=10)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    done = manage(folder, "migrate", "-v0")
    assert done.returncode == 0, done.stderr
    assert manage(folder, "createcachetable").returncode == 0
    (folder / "secret_key").write_text("for every process of this test the same, or the queue drops its messages")
    return folder


@pytest.fixture
def worker(data_dir: Path, tmp_path: Path) -> Iterator[Worker]:
    running = Worker(data_dir, tmp_path / "log")
    yield running
    running.process.kill()
    running.process.wait()
    for pid in family(data_dir):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("victim", PARTS)
def test_work_goes_on_after_the_sudden_death_of_a_part(worker: Worker, victim: str) -> None:
    before = worker.wait_until_whole()
    os.kill(before[victim], signal.SIGKILL)
    assert until(lambda: worker.parts().get("cluster") not in {None, before["cluster"]}), worker.log.read_text()
    assert until(lambda: not set(before.values()) & set(family(worker.data_dir)))
    assert worker.runs_a_job(), worker.log.read_text()


def test_a_request_to_stop_ends_everything_in_order(worker: Worker) -> None:
    worker.wait_until_whole()
    worker.process.terminate()
    assert worker.process.wait(timeout=10) == 0
    assert worker.is_gone()


def test_nobody_outlives_a_killed_supervisor(worker: Worker) -> None:
    worker.wait_until_whole()
    worker.process.kill()
    assert worker.is_gone()


def test_a_database_that_is_not_set_up_is_refused(tmp_path: Path) -> None:
    refused = manage(tmp_path, "run_worker")
    assert refused.returncode == 1
    assert "Run first: python3 manage.py migrate" in refused.stderr


def test_a_worker_without_a_lasting_key_is_refused(data_dir: Path) -> None:
    key = (data_dir / "secret_key").rename(data_dir / "put_away")
    refused = manage(data_dir, "run_worker")
    key.rename(data_dir / "secret_key")
    assert refused.returncode == 1
    assert "There is no SECRET_KEY" in refused.stderr
