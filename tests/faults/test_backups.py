"""F71, W21: a studio comes back from its backup with the same pictures and the same money, and orders nothing twice."""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.engines import Engine, Template

KEEPER = "tests.faults.keeper"
A_DAY = "86400"


@pytest.fixture
def studio(template: Template, tmp_path: Path) -> Iterator[Engine]:
    """One that is going to be backed up."""
    (tmp_path / "studio").mkdir()
    with template.engine(tmp_path / "studio") as engine:
        yield engine


@pytest.fixture
def elsewhere(template: Template, studio: Engine, tmp_path: Path) -> Iterator[Engine]:
    """Another machine, a day later, with the same keys and an empty database."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "clock").write_text(A_DAY)
    with template.engine(tmp_path / "elsewhere") as engine:
        keys = {name: studio.env[name] for name in ("FIELD_KEYS", "SECRET_KEY")}
        yield replace(engine, env={**engine.env, **keys, "STUDIO_CLOCK_OFFSET_FILE": str(tmp_path / "clock")})


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "backups")


def refuse(engine: Engine, *arguments: str) -> str:
    """What a command said that ended with 1."""
    child = engine.start("manage.py", *arguments)
    out, err = child.communicate(timeout=120)
    assert child.returncode == 1, f"{out}{err}"
    return out + err


def after_a_restore(before: dict[str, Any]) -> dict[str, Any]:
    """The same, but what waited is released, and what was being sent is in doubt."""
    states = {**before["states"], "a tree": "canceled", "a lake": "in_doubt"}
    price = before["held"] // 4  # four were open
    entries = {**before["entries"], "release": before["entries"]["release"] + 1}
    held = before["held"] - price
    return {**before, "states": states, "held": held, "open": held, "entries": entries}


def test_a_studio_comes_back_elsewhere(studio: Engine, elsewhere: Engine, folder: str) -> None:
    before = studio.ask(KEEPER, "make")
    assert before["states"]["a tree"] == "queued"
    assert before["states"]["a lake"] == "submitting"
    made = json.loads(studio.run("manage.py", "backup", folder, "--json"))
    assert (made["manifest"]["files"], made["manifest"]["missing"]["count"]) == (before["files"], 0)
    studio.ask(KEEPER, "go_on")

    stranger = replace(elsewhere, env={**elsewhere.env, "FIELD_KEYS": "A" * 43 + "="})
    assert "there is another sealing key here" in refuse(stranger, "restore", folder)
    if elsewhere.name == "sqlite":  # a machine on which nothing was ever started
        Path(elsewhere.env["DATABASE_URL"].removeprefix("sqlite://")).unlink()
    said = elsewhere.run("manage.py", "restore", folder)
    assert "nothing was charged: 1" in said
    assert "0 findings" in said
    assert elsewhere.ask(KEEPER, "tell") == after_a_restore(before)
    assert elsewhere.ask("django", "studio_audit", "--strict", "--json")["findings"] == []


def test_a_studio_goes_back_to_its_backup_and_loses_nothing(studio: Engine, folder: str, tmp_path: Path) -> None:
    (tmp_path / "clock").write_text("0")
    studio = replace(studio, env={**studio.env, "STUDIO_CLOCK_OFFSET_FILE": str(tmp_path / "clock")})
    before = studio.ask(KEEPER, "make")
    studio.run("manage.py", "backup", folder)
    later = studio.ask(KEEPER, "go_on")
    assert later["backed_up"]
    (tmp_path / "clock").write_text(A_DAY)  # nobody is at work any more
    assert "With --replace" in refuse(studio, "restore", folder)
    assert studio.ask(KEEPER, "tell") == later

    said = studio.run("manage.py", "restore", folder, "--replace")
    assert "Set aside" in said
    assert "0 findings" in said
    assert studio.ask(KEEPER, "tell") == after_a_restore(before)
    media = Path(studio.env["DATA_DIR"]) / "media"
    aside = [file for file in media.glob("before-restore-*/originals/*/*") if file.is_file()]
    assert len(aside) == len(later["pictures"])


def test_a_backup_is_whole_while_others_write(studio: Engine, elsewhere: Engine, folder: str, tmp_path: Path) -> None:
    studio.ask(KEEPER, "make")
    stop = tmp_path / "stop"
    writer = studio.start("-m", KEEPER, "keep_on", str(stop))
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begun\n"
        made = [json.loads(studio.run("manage.py", "backup", folder, "--json"))["manifest"] for _ in range(2)]
    finally:
        stop.touch()
        out, err = writer.communicate(timeout=120)
    assert writer.returncode == 0, err
    assert json.loads(out)["done"] > 1
    assert [one["missing"]["count"] + one["changed"]["count"] for one in made] == [0, 0]
    assert made[0]["rows"]["generations.image"] < made[1]["rows"]["generations.image"]
    assert "0 findings" in elsewhere.run("manage.py", "restore", folder)


def test_a_backup_that_was_killed_is_none(studio: Engine, elsewhere: Engine, folder: str) -> None:
    made = studio.ask(KEEPER, "make")
    child = studio.start("-m", KEEPER, "back_up_and_die", folder, "3")
    child.communicate(timeout=120)
    assert child.returncode == -signal.SIGKILL
    assert "There is no complete backup" in refuse(elsewhere, "restore", folder)
    whole = json.loads(studio.run("manage.py", "backup", folder, "--json"))
    assert (whole["manifest"]["files"], whole["manifest"]["copied"]) == (made["files"], made["files"] - 2)

    dump = Path(whole["folder"]) / whole["manifest"]["database"]
    os.truncate(dump, dump.stat().st_size - 1)
    assert "it is not whole" in refuse(elsewhere, "restore", folder)


def test_without_the_tools_of_the_database_it_says_which_and_leaves_what_is_there(
    studio: Engine, folder: str, tmp_path: Path
) -> None:
    (tmp_path / "clock").write_text("0")
    studio = replace(studio, env={**studio.env, "STUDIO_CLOCK_OFFSET_FILE": str(tmp_path / "clock")})
    bare = replace(studio, env={**studio.env, "PATH": ""})
    if studio.name == "sqlite":  # which has none
        bare.run("manage.py", "backup", folder)
        return
    before = studio.ask(KEEPER, "make")
    assert "pg_dump is not installed" in refuse(bare, "backup", folder)
    studio.run("manage.py", "backup", folder)
    (tmp_path / "clock").write_text(A_DAY)
    assert "pg_restore is not installed" in refuse(bare, "restore", folder, "--replace")
    assert studio.ask(KEEPER, "tell") == {**before, "backed_up": True}
