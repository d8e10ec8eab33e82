"""Failpoints: what is asked for happens at the place and the passing named, and nothing happens without the switch."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import checks

from generations import failpoints
from generations.failpoints import NAMES, Injected, failpoint
from tests.engines import ROOT


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    failpoints.arm([], folder=Path())


def arm(text: str, folder: Path) -> None:
    failpoints.arm(failpoints.read(text), folder=folder / "failpoints")


class TestAFailpoint:
    def test_unarmed_does_nothing_and_counts_nothing(self, tmp_path: Path) -> None:
        failpoint("after_order")
        assert not (tmp_path / "failpoints").exists()

    def test_springs_at_the_passing_it_was_set_for(self, tmp_path: Path) -> None:
        arm("after_order:2:raise", tmp_path)
        failpoint("after_order")
        with pytest.raises(Injected):
            failpoint("after_order")
        failpoint("after_order")

    def test_springs_always_when_asked_so(self, tmp_path: Path) -> None:
        arm("after_order:always:raise", tmp_path)
        for _ in range(3):
            with pytest.raises(Injected):
                failpoint("after_order")

    def test_may_only_hold_up_whoever_passes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(failpoints, "SLEEP_SECONDS", 0.2)
        arm("after_order:1:sleep", tmp_path)
        start = time.monotonic()
        failpoint("after_order")
        assert time.monotonic() - start >= 0.2

    def test_leaves_other_places_alone(self, tmp_path: Path) -> None:
        arm("after_order:1:raise", tmp_path)
        for name in set(NAMES) - {"after_order"}:
            failpoint(name)

    def test_counts_for_all_processes_together(self, tmp_path: Path) -> None:
        code = (
            "from pathlib import Path; from generations import failpoints;"
            f"failpoints.arm(failpoints.read('after_claim:3:kill'), folder=Path({str(tmp_path)!r}));"
            "failpoints.failpoint('after_claim')"
        )
        ends = [subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode for _ in range(4)]
        assert ends == [0, 0, -9, 0]

    def test_stands_once_in_the_code_for_each_name(self) -> None:
        code = "".join(path.read_text() for path in (ROOT / "generations").rglob("*.py"))
        for name in NAMES:
            places = code.count(f'failpoint("{name}")') + code.count(f'failpoint, "{name}")')
            assert places == 1, name


class TestASetting:
    @pytest.mark.parametrize(
        ("text", "wrong"),
        [
            ("after_order", "name:hit:action"),
            ("after_dinner:1:kill", "no failpoint"),
            ("after_order:0:kill", "no passing"),
            ("after_order:-1:kill", "no passing"),
            ("after_order:often:kill", "no passing"),
            ("after_order:1:tickle", "no action"),
        ],
    )
    def test_that_is_malformed_is_refused_in_words(self, text: str, wrong: str) -> None:
        with pytest.raises(ValueError, match=wrong):
            failpoints.read(text)

    def test_may_name_several(self) -> None:
        assert [trap.name for trap in failpoints.read("after_order:1:kill, after_claim:always:stop,")] == [
            "after_order",
            "after_claim",
        ]

    def test_that_is_malformed_stops_the_start_and_names_the_variable(self, tmp_path: Path) -> None:
        done = self.check(tmp_path, DEBUG_FAULTS="1", STUDIO_FAILPOINTS="after_order")
        assert done.returncode != 0
        assert "STUDIO_FAILPOINTS" in done.stderr

    def test_means_nothing_without_the_switch(self, tmp_path: Path) -> None:
        done = self.check(tmp_path, STUDIO_FAILPOINTS="after_order")
        assert done.returncode == 0, done.stderr
        assert "DEBUG_FAULTS" not in done.stderr

    def test_is_told_in_the_log_of_every_process_that_follows_it(self, tmp_path: Path) -> None:
        done = self.check(tmp_path, DEBUG_FAULTS="1", STUDIO_FAILPOINTS="after_order:9:kill,after_claim:9:stop")
        assert done.returncode == 0, done.stderr
        [line] = [line for line in done.stderr.splitlines() if "DEBUG_FAULTS" in line]
        assert "CRITICAL" in line
        assert "after_claim, after_order" in line

    def check(self, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "DATA_DIR": str(folder), **variables}
        command = [sys.executable, "manage.py", "check"]
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


class TestTheSwitch:
    def test_is_refused_where_the_studio_is_deployed(self, settings: Any) -> None:
        settings.DEBUG_FAULTS = True
        assert "generations.E007" in {found.id for found in checks.run_checks(include_deployment_checks=True)}

    def test_is_off_by_default(self) -> None:
        assert "generations.E007" not in {found.id for found in checks.run_checks(include_deployment_checks=True)}
