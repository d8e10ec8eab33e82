"""The shelf: durable, named by content, swept late."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from generations import storage
from tests.conftest import Cast
from tests.making import finish_one

DAY = 24 * 3600


def age(path: Path, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(path, (moment, moment))


def test_a_workspace_is_gone_afterwards(settings: Any) -> None:
    with storage.workspace() as folder:
        (folder / "half").write_bytes(b"half")
    assert not folder.exists()
    assert list((settings.MEDIA_ROOT / storage.INCOMING).iterdir()) == []


def test_the_sweep_takes_only_old_files_that_nobody_refers_to(cast: Cast, settings: Any) -> None:
    image = finish_one(cast.ben)
    kept = storage.original_path(image)
    orphan = settings.MEDIA_ROOT / "originals" / "ab" / f"{'ab' * 32}.jpg"
    fresh = settings.MEDIA_ROOT / "originals" / "cd" / f"{'cd' * 32}.jpg"
    for path in (orphan, fresh):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"nobody's")
    for path in (kept, orphan, *(storage.rendition_path(image, width) for width in image.widths)):
        age(path, DAY + 60)

    assert storage.sweep() == 1
    assert not orphan.exists()
    assert fresh.exists()
    assert kept.exists()


def test_storing_again_makes_an_old_file_young(settings: Any) -> None:
    """The row that refers to it may not be committed yet when the sweep comes."""
    name = storage.original_name(sha256="ef" * 32, format="PNG")
    with storage.workspace() as folder:
        for _ in range(2):
            (folder / "picture").write_bytes(b"picture")
            storage.keep(folder / "picture", name=name)
            age(settings.MEDIA_ROOT / name, DAY + 60)
        (folder / "picture").write_bytes(b"picture")
        storage.keep(folder / "picture", name=name)

    assert storage.sweep() == 0


def test_storing_again_mends_what_has_rotted(settings: Any) -> None:
    name = storage.original_name(sha256="ef" * 32, format="PNG")
    for _ in range(2):
        with storage.workspace() as folder:
            (folder / "picture").write_bytes(b"picture")
            storage.keep(folder / "picture", name=name)
        assert (settings.MEDIA_ROOT / name).read_bytes() == b"picture"
        (settings.MEDIA_ROOT / name).write_bytes(b"rotten!")


def test_the_sweep_spares_what_became_young_while_it_looked(db: None, settings: Any) -> None:
    orphan = settings.MEDIA_ROOT / "originals" / "ab" / f"{'ab' * 32}.jpg"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"nobody's yet")
    age(orphan, DAY + 60)

    def store_again(execute: Any, *call: Any) -> Any:
        age(orphan, 0)
        return execute(*call)

    with connection.execute_wrapper(store_again):
        assert storage.sweep() == 0
    assert orphan.exists()


def test_the_sweep_spares_what_got_a_row_while_it_looked(cast: Cast) -> None:
    image = finish_one(cast.ben)
    path = storage.original_path(image)
    sha256 = image.sha256
    image.sha256 = "0" * 64
    image.save()
    for file in [path, *(path.parent.parent.parent / "renditions").rglob("*.webp")]:
        age(file, DAY + 60)
    asked = 0

    def give_it_a_row(execute: Any, *call: Any) -> Any:
        nonlocal asked
        asked += 1
        found = execute(*call)
        if asked == 1:
            image.sha256 = sha256
            image.save()
        return found

    with connection.execute_wrapper(give_it_a_row):
        assert storage.sweep() == 0
    assert path.exists()


def test_the_sweep_survives_what_vanishes_under_it(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("incoming/work", "originals/ab"):
        (settings.MEDIA_ROOT / name).mkdir(parents=True)
    gone = settings.MEDIA_ROOT / "renditions" / "cd" / "gone.webp"
    gone.parent.mkdir(parents=True)
    gone.write_bytes(b"gone")
    listed, walked = Path.glob, Path.iterdir

    def glob(self: Path, pattern: str) -> Any:
        found = list(listed(self, pattern))
        for folder in found:
            if folder.name in {"work", "ab"}:
                folder.rmdir()
        return iter(found)

    def iterdir(self: Path) -> Any:
        found = list(walked(self))
        for file in found:
            file.unlink()
        return iter(found)

    monkeypatch.setattr(Path, "glob", glob)
    monkeypatch.setattr(Path, "iterdir", iterdir)
    assert storage.sweep() == 0
    assert not gone.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_shelf_that_cannot_be_written_to_is_noticed(settings: Any) -> None:
    settings.MEDIA_ROOT.chmod(0o500)
    assert not storage.is_writable()


def test_a_shelf_whose_disk_is_gone_is_noticed(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "file"
    settings.MEDIA_ROOT.write_bytes(b"not a folder")
    assert not storage.is_writable()
