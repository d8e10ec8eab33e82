"""The shelf: durable, named by content, swept late."""

import os
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from generations import storage
from generations.models import Image
from tests.bureau import Bureau, drawn_there, open_bureau
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


class TestACopy:
    @pytest.fixture
    def image(self, cast: Cast) -> Image:
        return finish_one(cast.ben)

    def put(self, image: Image, bytes_max: int) -> Path:
        with storage.workspace() as folder:
            (folder / "copy").write_bytes(b"a copy")
            storage.keep(folder / "copy", name=storage.copy_name(sha256=image.sha256, bytes_max=bytes_max))
        path = storage.copy_path(image, bytes_max)
        assert path is not None
        return path

    def test_is_none_until_it_is_made_and_then_found_by_its_name_alone(self, image: Image) -> None:
        assert storage.copy_path(image, 5000) is None
        path = self.put(image, 5000)

        assert path.read_bytes() == b"a copy"
        assert storage.copy_path(Image.objects.get(), 5000) == path
        assert storage.copy_path(image, 4000) is None

    def test_is_swept_after_two_days_although_its_picture_stays(self, image: Image) -> None:
        old, young = self.put(image, 5000), self.put(image, 4000)
        age(old, 2 * DAY + 60)
        age(young, 2 * DAY - 60)

        assert storage.sweep() == 1
        assert (old.exists(), young.exists()) == (False, True)
        assert storage.original_path(image).exists()

    def test_is_kept_for_as_long_as_an_address_leads_to_it(self, image: Image, settings: Any) -> None:
        settings.PUBLIC_URL = "https://studio.example.org"
        path = self.put(image, 5000)
        age(path, 2 * DAY + 60)
        storage.source_address(image, copy_bytes_max=5000)

        assert storage.sweep() == 0
        assert path.exists()


class TestTheVendorsOwnLink:
    @pytest.mark.parametrize(("hours", "lasts"), [(0, True), (19.9, True), (20.1, False)])
    def test_is_given_away_while_it_surely_works(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, hours: float, lasts: bool
    ) -> None:
        image = drawn_there(finish_one(cast.ada), open_bureau(cast.team, monkeypatch), hours=hours, links=True)

        assert storage.vendor_link(image) == ("https://bureau.test/0.jpg" if lasts else None)

    def test_is_none_where_the_vendor_keeps_nothing_on_the_web(self, cast: Cast) -> None:
        assert storage.vendor_link(finish_one(cast.ada)) is None

    @pytest.mark.parametrize(("renews", "lasts"), [(True, False), (False, True)])
    def test_is_none_once_it_is_one_made_for_minutes(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, renews: bool, lasts: bool
    ) -> None:
        """A vendor that was asked for other addresses gave short-lived ones, if it makes such at all."""
        image = drawn_there(finish_one(cast.ada), open_bureau(cast.team, monkeypatch), links=True)
        image.generation.fetched_again = 1
        monkeypatch.setattr(Bureau, "renews_links", renews)

        assert (storage.vendor_link(image) is not None) == lasts

    def test_is_none_of_a_vendor_nobody_knows_any_more(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        image = drawn_there(finish_one(cast.ada), open_bureau(cast.team, monkeypatch), links=True)
        image.generation.fetched_again, image.generation.provider = 1, "closed"

        assert storage.vendor_link(image) is None

    def test_is_none_beyond_the_addresses_it_gave(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        image = drawn_there(finish_one(cast.ada), open_bureau(cast.team, monkeypatch), links=True)
        image.index = 6

        assert storage.vendor_link(image) is None


class TestWhatIsSetAside:
    """A file that is here, and for which the job that fetched it has no time left."""

    def test_is_taken_once(self, tmp_path: Path, settings: Any) -> None:
        work, file, found = uuid4(), tmp_path / "fetched", tmp_path / "found"
        file.write_bytes(b"picture")
        storage.set_aside(file, work=work, index=2)
        assert not file.exists()
        assert [storage.is_aside(work=work, index=index) for index in (1, 2)] == [False, True]

        assert storage.take_aside(work=work, index=2, to=found)
        assert found.read_bytes() == b"picture"
        assert not storage.take_aside(work=work, index=2, to=found)
        assert list((settings.MEDIA_ROOT / storage.INCOMING).glob("*")) == []

    def test_is_swept_after_a_day(self, tmp_path: Path, settings: Any) -> None:
        work, file = uuid4(), tmp_path / "fetched"
        file.write_bytes(b"picture")
        storage.set_aside(file, work=work, index=0)
        assert storage.sweep() == 0

        age(settings.MEDIA_ROOT / storage.INCOMING / work.hex, DAY + 60)
        assert storage.sweep() == 1
        assert not storage.is_aside(work=work, index=0)


class TestWhatWaitsForItsRow:
    def test_is_held_for_another_day(self, settings: Any) -> None:
        name = storage.original_name(sha256="ef" * 32, format="PNG")
        path = settings.MEDIA_ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"picture")
        age(path, DAY + 60)

        assert storage.hold(name)
        assert storage.sweep() == 0
        assert path.exists()

    def test_is_said_to_be_gone_when_it_is(self) -> None:
        assert not storage.hold(storage.original_name(sha256="0f" * 32, format="PNG"))
