"""`restore` refuses in words, and cut short lets nothing start; the rest is told in tests/faults/test_backups.py."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as site
from django.core.management import CommandError, call_command

from generations.management import launching
from tests.engines import Engine, Template, template  # noqa: F401  # a fixture is used by its name
from tests.services.backups.conftest import by_hand

KEEPER = "tests.faults.keeper"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return by_hand(tmp_path / "studio-20260101T030000.000000Z").folder


def refusal(*options: str) -> tuple[str, int]:
    with pytest.raises(CommandError) as refused:
        call_command("restore", *options)
    return str(refused.value), refused.value.returncode


def test_a_folder_without_a_backup_is_refused(tmp_path: Path) -> None:
    said, code = refusal(str(tmp_path))
    assert (said, code) == (f"There is no complete backup in {tmp_path}.", 1)


def test_a_key_that_opens_nothing_is_refused_and_says_the_way_on(folder: Path, settings: Any) -> None:
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    said, code = refusal(str(folder))
    assert code == 1
    assert "FIELD_KEYS" in said
    assert "--without-keys" in said


def test_a_data_folder_in_use_is_left_alone(folder: Path) -> None:
    with launching.take_folder(Path(site.DATA_DIR)):
        said, code = refusal(str(folder), "--replace")
    assert code == launching.FOLDER_IN_USE
    assert "Another studio" in said


@pytest.fixture
def engine(
    template: Template,  # noqa: F811  # pytest's way of asking for it
    tmp_path: Path,
) -> Iterator[Engine]:
    """A studio whose clock is the file `clock`."""
    (tmp_path / "studio").mkdir()
    (tmp_path / "clock").write_text("0")
    with template.engine(tmp_path / "studio") as engine:
        yield replace(engine, env={**engine.env, "STUDIO_CLOCK_OFFSET_FILE": str(tmp_path / "clock")})


def fail(engine: Engine, *arguments: str) -> str:
    child = engine.start("manage.py", *arguments)
    out, err = child.communicate(timeout=120)
    assert child.returncode == 1, f"{out}{err}"
    return out + err


def test_after_one_cut_short_nothing_starts_until_it_was_run_again(engine: Engine, tmp_path: Path) -> None:
    """It dies with the database in its place and nothing settled, of a manifest that nobody can have written."""
    engine.ask(KEEPER, "make")
    made = json.loads(engine.run("manage.py", "backup", str(tmp_path / "backups"), "--json"))
    manifest = Path(made["folder"]) / "manifest.json"
    told = manifest.read_text()
    facts = json.loads(told)
    manifest.write_text(json.dumps({**facts, "rows": {"nonsense": 1}}))
    (tmp_path / "clock").write_text("86400")  # nobody is at work any more
    restore = ("restore", made["folder"], "--replace")
    assert "ValueError" in fail(engine, *restore)
    assert engine.ask(KEEPER, "tell")["states"]["a tree"] == "queued"  # what would be sent a second time

    ways = (("run_worker",), ("studio", "--port", "0"))
    for way in ways:
        said = fail(engine, *way)
        assert "A restore was cut short here" in said
        assert "restore FOLDER --replace" in said

    manifest.write_text(json.dumps({**facts, "database_bytes": 1}))
    assert "is not whole" in fail(engine, *restore)
    assert "A restore was cut short here" in fail(engine, "run_worker")

    manifest.write_text(told)
    said = engine.run("manage.py", *restore)
    assert "Everybody signs in again. What was hidden, suspended or decided after the backup is so no longer" in said
    assert engine.ask(KEEPER, "tell")["states"]["a tree"] == "canceled"
    keyless = replace(engine, env={**engine.env, "SECRET_KEY": ""})
    assert "There is no SECRET_KEY" in fail(keyless, "run_worker")  # the last it asks for before it starts
