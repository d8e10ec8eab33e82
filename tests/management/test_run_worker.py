"""What the worker's command refuses before it starts. The worker at work is in tests/faults."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.management.procs import ROOT, environment

MANAGE = [sys.executable, str(ROOT / "manage.py")]


def manage(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MANAGE, *arguments], env=environment(data_dir), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    done = manage(folder, "migrate", "-v0")
    assert done.returncode == 0, done.stderr
    return folder


def test_a_database_that_is_not_set_up_is_refused(tmp_path: Path) -> None:
    refused = manage(tmp_path, "run_worker")
    assert refused.returncode == 1
    assert "Run first: python3 manage.py migrate" in refused.stderr


def test_a_worker_without_a_lasting_key_is_refused(data_dir: Path) -> None:
    refused = manage(data_dir, "run_worker")
    assert refused.returncode == 1
    assert "There is no SECRET_KEY" in refused.stderr
