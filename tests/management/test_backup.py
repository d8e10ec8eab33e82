"""`backup` says what it made, what it lacks, and what must be kept apart from it."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from generations import storage
from generations.models import Image
from tests.conftest import Cast
from tests.making import finish_one


@pytest.fixture
def image(transactional_db: None, cast: Cast) -> Image:
    return finish_one(cast.ben)


def run(*options: str) -> str:
    out = StringIO()
    call_command("backup", *options, stdout=out)
    return out.getvalue()


def test_it_says_what_was_made_and_what_is_not_in_it(image: Image, tmp_path: Path) -> None:
    storage.original_path(image).unlink()
    said = run(str(tmp_path / "backups"))
    assert f"Backed up to {tmp_path / 'backups' / 'studio-'}" in said
    assert f"{len(image.widths)} files" in said
    assert f"Beware        1 files, not on the shelf: originals/{image.sha256[:2]}/{image.sha256}" in said
    assert "FIELD_KEYS    opens 0 sealed secrets (from the environment)" in said
    assert settings.FIELD_KEYS[0] not in said


def test_older_ones_go_when_that_is_asked_for(image: Image, tmp_path: Path) -> None:
    first = json.loads(run(str(tmp_path), "--json"))
    second = json.loads(run(str(tmp_path), "--json", "--keep", "1"))
    assert second["removed"] == [Path(first["folder"]).name]
    assert not Path(first["folder"]).exists()
    assert second["manifest"]["copied"] == 0


def test_a_backup_that_cannot_be_made_ends_with_1(image: Image) -> None:
    with pytest.raises(CommandError, match="another folder"):
        run(str(settings.MEDIA_ROOT / "backups"))
    with pytest.raises(CommandError, match="--keep"):
        run(str(settings.MEDIA_ROOT), "--keep", "-1")
