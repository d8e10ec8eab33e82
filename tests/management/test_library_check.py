"""`library_check` says in words, or as JSON, what the shelf lacks and has too much, and removes only when told to."""

import json
import os
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from generations import storage
from generations.models import Image
from tests.conftest import Cast
from tests.making import finish_one


@pytest.fixture
def image(cast: Cast) -> Image:
    return finish_one(cast.ben)


@pytest.fixture
def left_over(image: Image) -> Path:
    """Two days old, and nobody's."""
    name = "ab" * 32 + ".png"
    file: Path = settings.MEDIA_ROOT / "originals" / "ab" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"nobody's")
    os.utime(file, (time.time() - 2 * 86400,) * 2)
    return file


def run(*options: str) -> tuple[str, int]:
    """What was said, trouble included, and the exit code."""
    out = StringIO()
    try:
        call_command("library_check", *options, stdout=out)
    except CommandError as end:
        return f"{out.getvalue()}{end}", end.returncode
    except SystemExit as end:
        return out.getvalue(), int(str(end.code))
    return out.getvalue(), 0


def ask(*options: str) -> tuple[Any, int]:
    said, code = run("--json", *options)
    return json.loads(said.splitlines()[0]), code


def test_a_whole_library_ends_with_0(image: Image) -> None:
    said, code = run("--hash")
    assert code == 0
    assert "Looked at 1 picture and" in said
    assert "Every picture has its files." in said


def test_a_lost_file_ends_with_1_and_is_named(image: Image) -> None:
    storage.original_path(image).unlink()
    said, code = run()
    assert code == 1
    assert f"{image.sha256}.{storage.EXTENSIONS[image.format]} (image {image.pk})" in said
    answer, code = ask()
    assert (answer["sound"], answer["missing"]["count"], code) == (False, 1, 1)


def test_changed_bytes_end_with_1(image: Image) -> None:
    storage.original_path(image).write_bytes(b"x" * image.size_bytes)
    assert run()[1] == 0
    said, code = run("--hash")
    assert code == 1
    assert "1 file changed" in said


def test_left_over_files_are_told_and_stay(left_over: Path) -> None:
    said, code = run()
    assert code == 0
    assert "1 file left over" in said
    assert left_over.exists()


def test_left_over_files_go_when_that_is_asked_for(left_over: Path, image: Image) -> None:
    answer, code = ask("--delete-extra", "--older-than", "72")
    assert (answer["extra"]["count"], answer["removed"], code) == (1, 0, 0)
    assert left_over.exists()
    said, code = run("--delete-extra", "--older-than", "24")
    assert code == 0
    assert "Removed 1 file older than 24 hours." in said
    assert not left_over.exists()
    assert storage.original_path(image).exists()


def test_nothing_goes_that_is_too_young_to_tell(left_over: Path) -> None:
    said, code = run("--delete-extra", "--older-than", "1")
    assert code == 2
    assert "on its way" in said
    assert left_over.exists()


def test_nothing_goes_after_a_failed_look(left_over: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("generations.services.stocktaking.os.scandir", refuse)
    answer, code = ask("--delete-extra")
    assert (answer["removed"], code) == (0, 2)
    assert "cannot be read" in answer["trouble"]
    assert "Nothing was removed" in answer["refused"]
    assert left_over.exists()
