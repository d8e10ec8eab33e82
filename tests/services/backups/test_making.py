"""A backup holds the database and every file its rows name, no secret, and is none until it is whole."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from generations import storage
from generations.models import Heartbeat, Image, clock
from generations.models.lease import BACKUP
from generations.services import backups
from generations.services.backups import BackupFailed, RestoreRefused, making
from tests.making import finish_one
from tests.services.backups.conftest import Studio


class Killed(BaseException):
    """Nothing in the studio catches this."""


def names_of(image: Image) -> list[str]:
    copies = [storage.rendition_name(sha256=image.sha256, width=width) for width in image.widths]
    return [storage.original_name(sha256=image.sha256, format=image.format), *copies]


class TestABackup:
    def test_holds_the_rows_as_of_one_moment(self, studio: Studio, folder: Path) -> None:
        made = backups.make(folder)
        with closing(sqlite3.connect(made.folder / made.manifest.database)) as copy:
            assert copy.execute("SELECT count(*) FROM generations_image").fetchone() == (2,)
            assert copy.execute("SELECT count(*) FROM generations_generation").fetchone() == (4,)
        assert made.manifest.rows["generations.image"] == 2
        assert made.manifest.rows["generations.generation"] == 4

    def test_holds_every_file_the_rows_name(self, studio: Studio, folder: Path) -> None:
        made = backups.make(folder)
        backup = backups.find(folder)
        names = {name for image in studio.pictures for name in names_of(image)}
        assert {name for name, _ in backup.files()} == names
        for name, size in backup.files():
            assert backup.picture(name).read_bytes() == (settings.MEDIA_ROOT / name).read_bytes()
            assert backup.picture(name).stat().st_size == size
        assert (made.manifest.files, made.manifest.copied, made.manifest.missing.count) == (len(names), len(names), 0)

    def test_holds_no_secret(self, studio: Studio, folder: Path) -> None:
        backups.make(folder)
        held = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
        for secret in (settings.SECRET_KEY, *settings.FIELD_KEYS, "a vendor's key"):
            assert secret.encode() not in held

    def test_knows_how_many_secrets_the_keys_open(self, studio: Studio, folder: Path) -> None:
        keys = backups.make(folder).manifest.keys
        assert (keys.secrets, keys.unreadable, len(keys.sealing)) == (1, [], len(settings.FIELD_KEYS))

    def test_is_remembered_by_the_studio(self, studio: Studio, folder: Path) -> None:
        before = clock.now()
        backups.make(folder)
        stamp = Heartbeat.objects.last(BACKUP)
        assert stamp is not None
        assert stamp >= before

    def test_may_not_lie_among_the_pictures(self, studio: Studio) -> None:
        with pytest.raises(BackupFailed, match="another folder"):
            backups.make(settings.MEDIA_ROOT / "backups")

    def test_waits_for_no_other_one(self, studio: Studio, folder: Path) -> None:
        folder.mkdir()
        with making._alone(folder), pytest.raises(BackupFailed, match="under way"):
            backups.make(folder)

    def test_that_cannot_be_written_says_so(self, studio: Studio, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(BackupFailed, match="could not be written"):
            backups.make(tmp_path / "file" / "backups")
        assert Heartbeat.objects.last(BACKUP) is None


class TestTheNextOne:
    def test_copies_only_what_is_new_and_is_whole_by_itself(self, studio: Studio, folder: Path) -> None:
        first = backups.make(folder)
        new = finish_one(studio.cast.ben, "a tree")
        second = backups.make(folder)
        assert second.manifest.copied == len(names_of(new))
        assert second.manifest.files == first.manifest.files + second.manifest.copied
        name = names_of(studio.pictures[0])[0]
        assert (first.folder / "pictures" / name).samefile(second.folder / "pictures" / name)
        assert all(backups.find(folder).picture(name).is_file() for name, _ in backups.find(folder).files())

    def test_names_what_is_lost_and_keeps_it_from_the_one_before(self, studio: Studio, folder: Path) -> None:
        backups.make(folder)
        lost = studio.pictures[0]
        whole = storage.original_path(lost).read_bytes()
        storage.original_path(lost).unlink()
        made = backups.make(folder)
        assert made.manifest.missing.names == names_of(lost)[:1]
        assert (made.folder / "pictures" / names_of(lost)[0]).read_bytes() == whole

    def test_keeps_good_bytes_of_what_has_rotted_since(self, studio: Studio, folder: Path) -> None:
        backups.make(folder)
        path = storage.original_path(studio.pictures[0])
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        made = backups.make(folder)
        assert (made.folder / "pictures" / names_of(studio.pictures[0])[0]).read_bytes() == whole

    def test_leaves_as_many_as_are_to_be_kept(self, studio: Studio, folder: Path) -> None:
        made = [backups.make(folder).folder for _ in range(2)]
        last = backups.make(folder, keep=2)
        assert last.removed == [made[0].name]
        assert making.complete(folder) == [made[1], last.folder]
        backup = backups.find(last.folder)
        assert all(backup.picture(name).is_file() for name, _ in backup.files())


def test_a_lost_file_is_named_and_stops_nothing(studio: Studio, folder: Path) -> None:
    storage.original_path(studio.pictures[0]).unlink()
    made = backups.make(folder)
    assert made.manifest.missing.names == names_of(studio.pictures[0])[:1]
    assert made.manifest.files == sum(len(names_of(image)) for image in studio.pictures) - 1


def test_a_rotted_file_is_named(studio: Studio, folder: Path) -> None:
    storage.original_path(studio.pictures[0]).write_bytes(b"rot")
    assert backups.make(folder).manifest.changed.names == names_of(studio.pictures[0])[:1]


def test_one_that_was_cut_short_is_none_and_helps_the_next(
    studio: Studio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    copy = making._copy

    def die_at_the_third(source: Path, *rest: Any) -> int | None:
        if len(copied) == 2:
            raise Killed
        copied.append(source.name)
        return copy(source, *rest)

    monkeypatch.setattr(making, "_copy", die_at_the_third)
    with pytest.raises(Killed):
        backups.make(folder)
    monkeypatch.setattr(making, "_copy", copy)
    assert making.complete(folder) == []
    assert Heartbeat.objects.last(BACKUP) is None
    with pytest.raises(RestoreRefused, match="no complete backup"):
        backups.find(folder)
    made = backups.make(folder).manifest
    assert made.copied == made.files - 2
    assert not (folder / making.UNFINISHED).exists()
