"""Packing: whole or not at all, slice by slice, whatever dies on the way."""

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

from generations import storage
from generations.models import Archive, Image, Member, Notice
from generations.services import archiving, packing
from generations.services.archiving import slices
from generations.services.archiving.places import path_of
from tests.archives import go_on, pack
from tests.cases import decide, report
from tests.conftest import Cast
from tests.engines import ROOT
from tests.making import finish_many, finish_one
from tests.running import run_jobs, sweep

Forward = Callable[[float], None]


def opened(row: Archive) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(path_of(row.token).read_bytes()))


def read(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


def names(archive: zipfile.ZipFile) -> list[str]:
    return [name.removeprefix("pictures/") for name in archive.namelist() if name.startswith("pictures/")]


def files(settings: Any) -> list[Path]:
    return sorted(settings.ARCHIVE_DIR.iterdir())


def prefer(member: Member, pattern: str = "", *, settings: bool = False, credits: bool = False) -> None:
    assert member.person is not None
    member.person.save_files(file_pattern=pattern, writes_settings=settings, writes_credits=credits)


class TestTheArchive:
    def test_holds_the_originals_what_they_are_and_their_prints(self, cast: Cast) -> None:
        images = [*finish_many(cast.ben, 2, "a lamp\nat night"), finish_one(cast.ada, "a door")]
        row = pack(cast.vera, images)
        archive = opened(row)

        assert (row.state, row.packed, archive.testzip()) == ("ready", 3, None)
        assert hashlib.sha256(path_of(row.token).read_bytes()).hexdigest() == row.sha256
        [manifest] = read(archive, "manifest.json")
        assert (manifest["chosen"], manifest["packed"], manifest["left_out"]) == (3, 3, [])
        for image, line, made in zip(images, manifest["files"], read(archive, "metadata.json"), strict=True):
            assert hashlib.sha256(archive.read(line["file"])).hexdigest() == line["sha256"] == image.sha256
            assert (line["image"], line["size_bytes"]) == (str(image.pk), image.size_bytes)
            assert (made["file"], made["id"], made["prompt"]) == (line["file"], str(image.pk), image.generation.prompt)
            assert (made["maker"], made["vendor"]) == (image.generation.member.called, "Demo")
            assert "credits" not in made
            assert archive.getinfo(line["file"]).compress_type == zipfile.ZIP_STORED

    def test_names_its_files_as_its_member_likes_and_none_twice(self, cast: Cast) -> None:
        prefer(cast.ben, "{maker} {width}")
        archive = opened(pack(cast.ben, finish_many(cast.ben, 3)))
        width = Image.objects.all()[0].width
        assert names(archive) == [f"ben {width}.jpg", f"ben {width}-2.jpg", f"ben {width}-3.jpg"]

    def test_has_no_way_out_of_its_folder(self, cast: Cast) -> None:
        prompts = ("../../etc/passwd", "C:\\windows\\con", "a\0b", "\u202egnp.exe", "x" * 4000)
        archive = opened(pack(cast.ben, [finish_one(cast.ben, prompt.replace("\0", "")) for prompt in prompts]))
        for name in names(archive):
            assert not set(name) & set('/\\:\u202e"'), name
            assert len(name) < 120

    def test_has_the_settings_in_the_pictures_where_that_is_chosen(self, cast: Cast) -> None:
        prefer(cast.ben, settings=True, credits=True)
        image = finish_one(cast.ben, "a lamp to be told of")
        archive = opened(pack(cast.ben, [image]))

        [line] = read(archive, "manifest.json")[0]["files"]
        copy = archive.read(line["file"])
        assert hashlib.sha256(copy).hexdigest() == line["sha256"] != image.sha256
        with Pillow.open(io.BytesIO(copy)) as picture, Pillow.open(storage.original_path(image)) as original:
            assert b"a lamp to be told of" in picture.info["xmp"]
            assert picture.tobytes() == original.tobytes()
        assert read(archive, "metadata.json")[0]["credits"] == image.generation.charged

    def test_is_told_of_where_it_took_a_while(self, cast: Cast, pass_time: Forward) -> None:
        pack(cast.ben, [finish_one(cast.ben)])
        assert not Notice.objects.filter(kind="archive").exists()
        row = archiving.order_archive(member=cast.ben, images=finish_many(cast.ben, 2))
        pass_time(30)
        go_on(row)
        notice = Notice.objects.get(kind="archive")
        assert (notice.subject, notice.person, notice.team) == ("Your archive is ready", cast.ben.person, cast.team)


class TestAFileThatIsNotWhole:
    @pytest.mark.parametrize("trouble", ["missing", "short", "changed"])
    def test_refuses_the_archive_and_is_named(self, cast: Cast, settings: Any, trouble: str) -> None:
        whole, broken = finish_one(cast.ben, "a lamp"), finish_one(cast.ben, "a crooked door")
        path = storage.original_path(broken)
        content = path.read_bytes()
        path.unlink()
        if trouble != "missing":
            path.write_bytes(content[:-1] if trouble == "short" else content[:-1] + b"!")
        row = pack(cast.ben, [whole, broken])

        assert (row.state, row.reason, files(settings)) == ("failed", "troubled", [])
        outcomes = dict(row.entries.values_list("image", "outcome"))
        assert outcomes == {whole.pk: "packed", broken.pk: "missing" if trouble == "missing" else "damaged"}
        assert "could not be packed" in Notice.objects.get(kind="archive").subject

        archiving.order_again(archive=row, without_troubled=True)
        [manifest] = read(opened(go_on(row)), "manifest.json")
        assert [one["image"] for one in manifest["files"]] == [str(whole.pk)]
        assert [one["image"] for one in manifest["left_out"]] == [str(broken.pk)]
        assert "by wish" in manifest["left_out"][0]["because"]

    def test_that_came_back_is_packed(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        path = storage.original_path(image)
        content = path.read_bytes()
        path.unlink()
        row = pack(cast.ben, [image])
        path.write_bytes(content)
        archiving.order_again(archive=row)
        assert go_on(row).state == "ready"


class TestAPictureThatGoes:
    def test_before_it_is_packed_is_left_out_and_counted(self, cast: Cast) -> None:
        stays, private, deleted = (finish_one(cast.ben) for _ in range(3))
        row = archiving.order_archive(member=cast.ada, images=[private, stays, deleted])
        private.generation.share(private=True)
        Image.objects.filter(pk=deleted.pk).update(deleted_at=deleted.created_at)
        [manifest] = read(opened(go_on(row)), "manifest.json")
        assert [one["image"] for one in manifest["files"]] == [str(stays.pk)]
        assert {one["image"] for one in manifest["left_out"]} == {str(private.pk), str(deleted.pk)}

    def test_between_two_slices_is_not_in_it(self, cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(slices, "SLICE_SECONDS", 0)
        hidden, stays = finish_one(cast.ben), finish_one(cast.ben)
        row = archiving.order_archive(member=cast.vera, images=[hidden, stays])
        archiving.go_on(archive=row.token)
        decide(report(cast.vera, hidden), cast.ada)
        assert files(settings) == []
        assert names(opened(go_on(row))) == [f"a-lamp-on-a-table-{str(stays.pk)[-8:]}.jpg"]

    def test_at_the_last_moment_has_it_begin_anew(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        """Made private by somebody who knows nothing of archives, after it was packed."""
        monkeypatch.setattr(slices, "SLICE_SECONDS", 0)
        private, stays = finish_one(cast.ben), finish_one(cast.ben)
        row = archiving.order_archive(member=cast.vera, images=[private, stays])
        archiving.go_on(archive=row.token)
        private.generation.share(private=True)
        assert (go_on(row).state, row.packed) == ("ready", 1)

    def test_leaves_nothing_where_it_was_the_only_one(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        row = archiving.order_archive(member=cast.vera, images=[image])
        image.generation.share(private=True)
        assert (go_on(row).state, row.reason) == ("failed", "empty")


class TestTheWork:
    @pytest.fixture
    def row(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Archive:
        """Of three pictures, one of which is packed: its worker works on the second."""
        monkeypatch.setattr(slices, "SLICE_SECONDS", 0)
        row = archiving.order_archive(member=cast.ben, images=finish_many(cast.ben, 3))
        archiving.go_on(archive=row.token)
        row.refresh_from_db()
        assert (row.state, row.place) == ("packing", 1)
        return row

    def test_goes_on_where_the_last_slice_ended(self, row: Archive) -> None:
        token = row.token
        assert go_on(row).token == token
        assert len(names(opened(row))) == 3

    def test_begins_anew_when_a_slice_died_halfway(self, row: Archive, settings: Any, pass_time: Forward) -> None:
        """Killed while it wrote: the file has no end, and the row is held by nobody who lives."""
        assert row.take_up()
        [part] = files(settings)
        with part.open("r+b") as file:
            file.seek(-30, os.SEEK_END)
            file.truncate()
        archiving.go_on(archive=row.token)  # the message comes again while the row is held
        assert files(settings) == [part]
        pass_time(130)
        assert sweep()["archives woken"] == 1
        row.refresh_from_db()

        assert (row.state, row.packed) == ("ready", 3)
        assert files(settings) == [path_of(row.token)]
        assert opened(row).testzip() is None

    def test_never_goes_on_with_more_than_its_row_knows_of(self, row: Archive, settings: Any) -> None:
        """Killed after it wrote, before it said so."""
        [part] = files(settings)
        with zipfile.ZipFile(part, "a") as archive:
            archive.writestr("pictures/half.jpg", b"...")
        assert go_on(row).state == "ready"
        assert len(names(opened(row))) == 3
        assert files(settings) == [path_of(row.token)]

    def test_that_lost_its_message_is_asked_for_again(self, cast: Cast, pass_time: Forward) -> None:
        row = archiving.order_archive(member=cast.ben, images=[finish_one(cast.ben)])
        pass_time(130)
        assert archiving.wake() == 1
        run_jobs()
        row.refresh_from_db()
        assert row.state == "ready"

    def test_that_dies_again_and_again_ends(self, row: Archive, settings: Any, pass_time: Forward) -> None:
        for _ in range(3):
            row.refresh_from_db()
            assert row.take_up()
            pass_time(130)
            archiving.wake()
        row.refresh_from_db()
        assert (row.state, row.reason, files(settings)) == ("failed", "stuck", [])

    def test_of_two_at_once_is_done_by_one(self, row: Archive) -> None:
        twin = Archive.objects.get(pk=row.pk)
        assert row.take_up()
        assert not twin.take_up()

    def test_by_a_late_message_changes_nothing(self, row: Archive) -> None:
        go_on(row)
        before = path_of(row.token).read_bytes()
        archiving.go_on(archive=row.token)
        archiving.go_on(archive="0" * 32)
        assert path_of(row.token).read_bytes() == before

    def test_is_given_up_where_the_disk_has_no_room(self, row: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(packing, "SPARE_BYTES", 1 << 60)
        assert (go_on(row).state, row.reason) == ("failed", "no_room")


PROGRAM = """
import resource, sys, zipfile
from datetime import UTC, datetime
from pathlib import Path
import django
django.setup()
from generations.services import packing

path = Path(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
packing.begin(path)
moment = datetime(2026, 1, 1, tzinfo=UTC)
for slice in range(10):
    with zipfile.ZipFile(packing.part_of(path), "a") as archive:
        for number in range(1000):
            packing.add_file(archive, f"pictures/{slice}-{number}.png", [b"tiny"], size=4, at=moment)
    assert packing.is_sound(packing.part_of(path), parts=1000 * (slice + 1))
with zipfile.ZipFile(packing.part_of(path), "a") as archive:
    packing.add_file(archive, "pictures/large.png", (bytes(1 << 20) for _ in range(256)), size=256 << 20, at=moment)
    rows = ({"number": number, "prompt": "a lamp " * 100} for number in range(10_000))
    packing.add_json(archive, "metadata.json", rows)
packing.publish(path)
packing.print_of(path)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def test_ten_thousand_files_and_a_large_one_take_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "much.zip"
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    with zipfile.ZipFile(path) as archive:
        assert len(archive.infolist()) == 10_002
    assert int(ran.stdout) < 48 << 20, f"{int(ran.stdout) >> 20} MiB"
