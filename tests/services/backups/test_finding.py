"""A backup that is not whole, or does not fit, is refused before anything is touched."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from generations.services import backups
from generations.services.backups import Backup, RestoreRefused
from tests.services.backups.conftest import by_hand


def retell(backup: Backup, **facts: Any) -> None:
    """Have the manifest say something else."""
    file = backup.folder / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **facts}))


def test_the_newest_in_a_folder_is_meant(backup: Backup, folder: Path) -> None:
    newer = by_hand(folder / "studio-20260102T030000.000000Z").folder
    by_hand(folder / "by hand")
    assert backups.find(folder).folder == newer
    assert backups.find(backup.folder).folder == backup.folder


def test_a_folder_without_one_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(RestoreRefused, match="no complete backup"):
            backups.find(folder)


def test_a_truncated_database_is_refused(backup: Backup, folder: Path) -> None:
    os.truncate(backup.dump, backup.dump.stat().st_size // 2)
    with pytest.raises(RestoreRefused, match="not whole"):
        backups.find(folder)


def test_a_changed_database_is_refused(backup: Backup, folder: Path) -> None:
    with backup.dump.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff")
    with pytest.raises(RestoreRefused, match="has changed"):
        backups.find(folder)


def test_a_lost_database_is_refused(backup: Backup, folder: Path) -> None:
    backup.dump.unlink()
    with pytest.raises(RestoreRefused, match="cannot be read"):
        backups.find(folder)


def test_another_engine_is_refused(backup: Backup, folder: Path) -> None:
    retell(backup, engine="postgresql")
    with pytest.raises(RestoreRefused, match="is of a PostgreSQL database, and DATABASE_URL names SQLite"):
        backups.find(folder)


def test_a_newer_studio_is_refused(backup: Backup, folder: Path) -> None:
    retell(backup, migration="9999_later", studio="9.0")
    with pytest.raises(RestoreRefused, match="newer than this one"):
        backups.find(folder)


@pytest.mark.parametrize("words", ["", "[]", '{"form": 2}', '{"form": 1}'])
def test_a_manifest_nobody_can_read_is_refused(backup: Backup, folder: Path, words: str) -> None:
    (backup.folder / "manifest.json").write_text(words)
    with pytest.raises(RestoreRefused, match="cannot be read"):
        backups.find(folder)


def test_a_manifest_or_list_that_leads_elsewhere_is_refused(backup: Backup, folder: Path) -> None:
    (backup.folder / "pictures.txt").write_text("7 ../../studio.sqlite3\n")
    with pytest.raises(RestoreRefused, match="damaged"):
        list(backups.find(folder).files())
    retell(backup, database="../elsewhere")
    with pytest.raises(RestoreRefused, match="elsewhere"):
        backups.find(folder)


def test_one_that_is_renamed_is_meant_only_by_its_name(backup: Backup, folder: Path, tmp_path: Path) -> None:
    shutil.move(backup.folder, tmp_path / "by hand")
    assert backups.find(tmp_path / "by hand").manifest == backup.manifest
    with pytest.raises(RestoreRefused):
        backups.find(folder)
