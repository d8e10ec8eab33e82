"""Finds a backup and proves, before anything is touched, that it can be restored here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from generations.services.backups import manifests
from generations.services.backups.making import LIST, PICTURES, complete
from generations.services.backups.manifests import Manifest
from generations.services.backups.refusals import RestoreRefused

ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
SAFE = re.compile(r"^(originals|renditions)/[0-9a-f]{2}/[0-9a-f]{64}(\.[a-z]+|-[0-9]+\.webp)$")


@dataclass(frozen=True)
class Backup:
    """One that is complete and whole, as far as its database goes."""

    folder: Path
    manifest: Manifest

    @property
    def dump(self) -> Path:
        return self.folder / self.manifest.database

    def files(self) -> Iterator[tuple[str, int]]:
        """The name and size of each file that was put into it. Raises RestoreRefused for a list nobody wrote."""
        with (self.folder / LIST).open(encoding="ascii") as lines:
            for line in lines:
                size, _, name = line.strip().partition(" ")
                if not size.isdecimal() or not SAFE.match(name):
                    raise RestoreRefused(f"The list of pictures in {self.folder} is damaged.")
                yield name, int(size)

    def picture(self, name: str) -> Path:
        return self.folder / PICTURES / name


def find(folder: Path) -> Backup:
    """The backup that lies there, or the newest of those that do. Raises RestoreRefused unless it fits this studio."""
    found = _found(folder)
    try:
        manifest = Manifest.read(found)
    except (OSError, ValueError) as problem:
        raise RestoreRefused(f"What {found} says of itself cannot be read: {problem}.") from None
    backup = Backup(folder=found, manifest=manifest)
    _require_whole(backup)
    if manifest.engine != connection.vendor:
        theirs, ours = ENGINES.get(manifest.engine, manifest.engine), ENGINES.get(connection.vendor, connection.vendor)
        raise RestoreRefused(f"This backup is of a {theirs} database, and DATABASE_URL names {ours}.")
    ours_known = {name for app, name in MigrationLoader(None).disk_migrations if app == manifests.APP}
    if manifest.migration not in ours_known:
        raise RestoreRefused(
            f"This backup was made by another version of the studio ({manifest.studio}, {manifest.migration}), newer "
            "than this one. Take that version, or a newer one, and restore with it."
        )
    return backup


def _found(folder: Path) -> Path:
    if (folder / manifests.FILE).is_file():
        return folder
    backups = complete(folder) if folder.is_dir() else []
    if not backups:
        raise RestoreRefused(f"There is no complete backup in {folder}.")
    return backups[-1]


def _require_whole(backup: Backup) -> None:
    manifest = backup.manifest
    if Path(manifest.database).name != manifest.database:
        raise RestoreRefused(f"What {backup.folder} says of itself names a file elsewhere.")
    try:
        size, sha256 = backup.dump.stat().st_size, manifests.sha256_of(backup.dump)
    except OSError as problem:
        raise RestoreRefused(f"The database in {backup.folder} cannot be read: {problem.strerror}.") from None
    if size != manifest.database_bytes:
        raise RestoreRefused(
            f"The database in {backup.folder} has {size} bytes and had {manifest.database_bytes}: it is not whole. "
            "Take another backup."
        )
    if sha256 != manifest.database_sha256:
        raise RestoreRefused(f"The database in {backup.folder} has changed since the backup. Take another backup.")
