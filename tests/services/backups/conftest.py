"""A studio with two pictures, a sealed key and rows in several states, on a database that can be copied."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from generations.connections import vault
from generations.models import Credential, Image
from generations.services import backups
from generations.services.backups import manifests
from tests.conftest import Cast
from tests.making import finish_one, hand_over, make_waiting


@dataclass
class Studio:
    cast: Cast
    pictures: list[Image]


@pytest.fixture
def studio(transactional_db: None, cast: Cast) -> Studio:
    pictures = [finish_one(cast.ben, "a lamp"), finish_one(cast.ada, "a boat")]
    hand_over(make_waiting(cast.ben, "a street"))
    make_waiting(cast.ben, "a lake")
    key = Credential.objects.create(team=cast.team, provider="apikley", label="Main")
    key.sealed_key = vault().seal("a vendor's key", binding=f"credential:{key.pk}:key")
    key.save()
    return Studio(cast=cast, pictures=pictures)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where backups are kept."""
    return tmp_path / "backups"


@pytest.fixture
def backup(folder: Path) -> backups.Backup:
    """One that no studio was needed for."""
    return by_hand(folder / "studio-20260101T030000.000000Z")


def by_hand(place: Path) -> backups.Backup:
    place.mkdir(parents=True)
    (place / "database.sqlite3").write_bytes(b"what would be a database" * 99)
    (place / "pictures.txt").write_text(f"7 originals/ab/{'ab' * 32}.png\n")
    dump = place / "database.sqlite3"
    keys = manifests.keys_now()
    keys.secrets = 1
    manifest = manifests.Manifest(
        form=manifests.FORM,
        studio="0.1.0",
        engine="sqlite",
        migration="0001_initial",
        made_at="2026-01-01T03:00:00Z",
        rows={},
        database=dump.name,
        database_bytes=dump.stat().st_size,
        database_sha256=manifests.sha256_of(dump),
        keys=keys,
    )
    manifest.write(place)
    return backups.Backup(folder=place, manifest=manifest)
