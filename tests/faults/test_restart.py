"""F37: the database server dies without a word in the middle of thirty pictures, and comes back."""

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import Engine, environment
from tests.faults.stage import LEASES_SECONDS, PRICE, set_up
from tests.simulators.raw import closed_port

PICTURES = 30
COMMAND_SECONDS_MAX = 60
OPTIONS = "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c shared_buffers=16MB"
"""Nobody pulls the plug of the machine, so what is written need not reach the disk."""


class Server:
    """A PostgreSQL of this test alone."""

    def __init__(self, folder: Path, tools: Path) -> None:
        self.folder, self.port, self._tools = folder / "server", closed_port(), tools
        self._log = folder / "server.log"

    @property
    def address(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        self._run("initdb", "-A", "trust", "-U", "postgres", "--no-sync", "--no-instructions", "-E", "UTF8")
        self.control("start")

    def control(self, *what: str) -> None:
        self._run("pg_ctl", *what, "-w", "-s", "-l", str(self._log), "-o", OPTIONS.format(port=self.port))

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-m", "immediate", "-s")

    def _run(self, tool: str, *arguments: str) -> None:
        # The server refuses to run as root; on such a machine it runs as its own user.
        become = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run(
            [*become, str(self._tools / tool), *arguments, "-D", str(self.folder)],
            check=True,
            timeout=COMMAND_SECONDS_MAX,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd=self.folder.parent,
        )


def tools() -> Path | None:
    """Where the server's own commands are: Debian keeps them off the path."""
    found = shutil.which("initdb")
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return Path(found).resolve().parent if found else kept[-1].parent if kept else None


@pytest.fixture
def server() -> Iterator[Server]:
    """Made for one test. Its folder is not among the test's own, which are closed to the user it runs as."""
    commands = tools()
    if commands is None:
        pytest.skip("initdb and pg_ctl, which make a server of the test's own, are not on this machine")
    with tempfile.TemporaryDirectory(prefix="studio-postgres-") as name:
        if os.geteuid() == 0:
            try:
                shutil.chown(name, "postgres")
            except LookupError:
                pytest.skip("a server may not run as root, and there is no user postgres to run it as")
        made = Server(Path(name), commands)
        made.make()
        try:
            yield made
        finally:
            made.stop()


def test_pictures_and_pages_go_on_after_the_server_was_shot(server: Server, linux: None, tmp_path: Path) -> None:
    folder, go = tmp_path / "studio", threading.Event()
    folder.mkdir()
    engine = Engine(name="postgresql", env=environment(folder, server.address))
    engine.run("-m", "django", "migrate", "--verbosity=0")
    with set_up(engine, tmp_path) as stage:
        bring = stage.vendor.script.result
        stage.vendor.script.status = lambda task: (
            {"state": "working"} if task.prompt.startswith("long") and not go.is_set() else None
        )
        stage.vendor.script.result = lambda task_id: (go.wait(30), bring(task_id))[1]
        stage.hands.ask("widen", running_max=PICTURES)
        worker = stage.start_brisk_worker(stop_seconds="1")
        web = stage.start_web()
        stage.order("short", count=4)
        for one in range(PICTURES - 4):
            stage.order(f"long {one}")
        stage.wait_for(lambda: stage.hands.ask("states") == {"fetching": 4, "running": PICTURES - 4})
        with web.browser() as browser:
            assert browser.get("/").status_code == 200
            server.control("restart", "-m", "immediate")
            stage.hands.ask("reconnect")
            go.set()
            stage.wait_for(lambda: browser.get("/").status_code == 200, seconds=15)
        stage.pass_time(LEASES_SECONDS)
        stage.wait_until_closed()

        assert (worker.poll(), web.process.poll()) == (None, None)
        assert stage.hands.ask("states") == {"succeeded": PICTURES}
        assert stage.vendor.creates.total() == PICTURES
        assert stage.hands.ask("money", member=stage.member) == [5000 - PICTURES * PRICE, 0]
