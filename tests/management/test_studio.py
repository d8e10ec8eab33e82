"""`manage.py studio` as a person meets it: from an empty folder to a page, and to nothing left after Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from generations.management import launching
from tests.late import code_of, until
from tests.management.procs import ROOT, children, environment, family, words

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")


class Studio:
    """A running studio on a port of its own."""

    def __init__(self, data_dir: Path, log: Path) -> None:
        self.data_dir = data_dir
        self.log = log
        self.process = self.start("--port", "0")
        until(lambda: "Stop with Ctrl-C" in self.told() or self.process.poll() is not None, 60, told=self.told)
        assert self.process.poll() is None, self.told()

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with self.log.open("a") as output:
            return subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "studio", *arguments],
                env=environment(self.data_dir),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def told(self) -> str:
        return self.log.read_text()

    def address(self) -> str:
        found = re.search(r"Running +(http://127\.0\.0\.1:\d+)/\n", self.told())
        assert found is not None
        return found[1]

    def page(self, path: str) -> int:
        with urllib.request.urlopen(self.address() + path, timeout=10) as answer:
            return int(answer.status)

    def part(self, word: str) -> int | None:
        """The child whose command holds that word."""
        return next((pid for pid in children(self.data_dir, self.process.pid) if word in " ".join(words(pid))), None)

    def is_gone(self) -> bool:
        return until(lambda: not family(self.data_dir), 10, told=self.told)


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    data_dir = tmp_path / "data"
    running = Studio(data_dir, tmp_path / "log")
    yield running
    running.process.kill()
    running.process.wait()
    for pid in family(data_dir):
        os.kill(pid, signal.SIGKILL)


def test_it_sets_itself_up_serves_pages_refuses_a_twin_and_leaves_nobody(studio: Studio) -> None:
    assert studio.page("/login/") == 200
    link = re.search(rf"{studio.address()}(/\S+)", studio.told().partition("works once:")[2])
    assert link is not None
    assert studio.page(link[1]) == 200

    assert code_of(studio.start("--port", "0"), seconds=20, told=studio.told) == launching.FOLDER_IN_USE
    assert f"Another studio (process {studio.process.pid}) is using the data folder" in studio.told()

    studio.process.send_signal(signal.SIGINT)
    assert code_of(studio.process, seconds=10, told=studio.told) == 0
    assert studio.is_gone()
    assert "Traceback" not in studio.told()


@pytest.mark.parametrize("part", ["serving", "run_worker"])
def test_a_part_that_dies_is_started_again(studio: Studio, part: str) -> None:
    before = studio.part(part)
    assert before is not None
    os.kill(before, signal.SIGKILL)
    until(lambda: studio.part(part) not in {None, before}, told=studio.told)
    until(lambda: "starting it again" in studio.told())


def test_nobody_outlives_a_killed_studio(studio: Studio) -> None:
    studio.process.kill()
    studio.process.wait()
    assert studio.is_gone()


SEALED = """
import django
django.setup()
from generations.models import Credential
Credential.objects.create(provider="apikley", label="Key", sealed_key="sealed by a key that is gone")
"""


def test_a_lost_sealing_key_is_said_before_another_one_takes_its_place(tmp_path: Path) -> None:
    """F39: one clear line, again at the next start, and nothing was served or made."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    facts = environment(data_dir, DJANGO_SETTINGS_MODULE="imagine_site.settings", INSECURE_HTTP="1")
    for command in ([str(ROOT / "manage.py"), "migrate", "-v0"], ["-c", SEALED]):
        subprocess.run([sys.executable, *command], env=facts, cwd=ROOT, check=True)
    for _ in range(2):
        start = [sys.executable, str(ROOT / "manage.py"), "studio", "--port", "0"]
        done = subprocess.run(start, env=environment(data_dir), capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 1
        [line] = done.stderr.strip().splitlines()
        assert "FIELD_KEYS is missing, and stored keys to vendors (1) are sealed with it." in line
        assert not (data_dir / "field_keys").exists()
        assert "Running" not in done.stdout
