"""Makes a backup while the studio goes on: the database as of one moment first, then the files its rows name.

Files on the shelf are named by their content, written before their rows and never changed, so whatever the dump speaks
of lies there when it is copied. A backup is a folder of its own; what the one before it has already is linked, not
copied, so each is whole and any may be removed. It gets its name last: one that was cut short is never taken for one.
"""

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from django.conf import settings
from django.db import Error, connection

from generations import storage
from generations.models import Generation, Heartbeat, Image, clock
from generations.models.lease import BACKUP
from generations.services import credentials, factors
from generations.services.auditing.snapshot import one_moment
from generations.services.backups import dumps, manifests
from generations.services.backups.manifests import Keys, Manifest
from generations.services.backups.refusals import BackupFailed

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

UNFINISHED = "unfinished"
LOCK = "backup.lock"
NAME = re.compile(r"^studio-\d{8}T\d{6}\.\d{6}Z$")
PICTURES, LIST, WANTED = "pictures", "pictures.txt", "wanted.txt"
"""The files; the list of them, a size and a name on each line; and the names before it is known which are there."""
ROWS_AT_ONCE = 1000
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Made:
    """A backup that is complete, and older ones that went to make room."""

    folder: Path
    manifest: Manifest
    removed: list[str]


def make(folder: Path, *, keep: int = 0) -> Made:
    """Make one in a new folder under that one; with `keep`, only so many of the newest stay. Raises BackupFailed."""
    shelf = Path(settings.MEDIA_ROOT).resolve()
    if folder.resolve() == shelf or shelf in folder.resolve().parents:
        raise BackupFailed("The backup would lie among the pictures it is a backup of. Choose another folder.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(folder):
            made = _make(folder, begun=clock.now())
            removed = _remove_old(folder, keep)
    except Error as problem:
        raise BackupFailed(f"The database did not answer, so there is no backup. {problem}") from None
    except OSError as problem:
        raise BackupFailed(
            f"The backup could not be written: {problem.strerror} ({problem.filename}). What is there of it is "
            "used by the next one."
        ) from None
    Heartbeat.objects.stamp(BACKUP)
    return Made(folder=made[0], manifest=made[1], removed=removed)


def complete(folder: Path) -> list[Path]:
    """The backups in that folder, oldest first."""
    return sorted(path for path in folder.iterdir() if NAME.match(path.name) and (path / manifests.FILE).is_file())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two backups into one folder at once would write over each other; the system lets go when the holder dies."""
    with (folder / LOCK).open("a") as file:
        try:
            if sys.platform == "win32":
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BackupFailed(f"Another backup into {folder} is under way.") from None
        yield


def _make(folder: Path, *, begun: datetime) -> tuple[Path, Manifest]:
    part, before = folder / UNFINISHED, complete(folder)
    part.mkdir(mode=0o700, exist_ok=True)
    with one_moment():
        # Counted first: on SQLite the moment begins with the first thing that is read.
        rows, migration = manifests.count_rows(), manifests.last_migration()
        keys = _keys()
        dump = dumps.write(part)
        _list_wanted(part / WANTED)
    manifest = Manifest(
        form=manifests.FORM,
        studio=manifests.studio_version(),
        engine=connection.vendor,
        migration=migration,
        made_at=f"{begun:%Y-%m-%dT%H:%M:%SZ}",
        rows=rows,
        database=dump.name,
        database_bytes=dump.stat().st_size,
        database_sha256=manifests.sha256_of(dump),
        keys=keys,
    )
    _copy_files(part, before[-1] if before else None, manifest)
    (part / WANTED).unlink()
    manifest.write(part)
    if hasattr(os, "sync"):
        os.sync()  # once for all files, before the name says that they are there
    target = folder / f"studio-{begun:%Y%m%dT%H%M%S.%fZ}"
    part.rename(target)
    return target, manifest


def _keys() -> Keys:
    """The prints of our keys, and whether they open what is sealed."""
    keys = manifests.keys_now()
    try:
        seals, people = credentials.survey(), factors.survey()
    except ValueError:
        return keys  # there is no sealing key at all
    keys.unreadable = [*seals.unreadable, *people.unreadable]
    keys.secrets = seals.current + seals.older + people.current + people.older + len(keys.unreadable)
    return keys


# --- The files --------------------------------------------------------------------------------------------------------


def _list_wanted(file: Path) -> None:
    """Write down, one a line, the name of every file the rows speak of."""
    with file.open("w", encoding="ascii") as lines:
        rows = Image.objects.with_file().order_by("sha256").values_list("sha256", "format", "renditions")
        for _, same in groupby(rows.iterator(chunk_size=ROWS_AT_ONCE), key=itemgetter(0)):
            lines.writelines(f"{name}\n" for name in sorted({name for row in same for name in _names(*row)}))
        for noted in Generation.objects.live().exclude(arrived=[]).values_list("arrived", flat=True):
            for one in noted:  # stored already, while the rest of its generation is fetched
                lines.writelines(f"{name}\n" for name in _names(one["sha256"], one["format"], one["renditions"]))


def _names(sha256: str, kind: str, renditions: list[dict[str, int]]) -> list[str]:
    copies = [storage.rendition_name(sha256=sha256, width=one["width"]) for one in renditions]
    return [storage.original_name(sha256=sha256, format=kind), *copies]


def _copy_files(part: Path, before: Path | None, manifest: Manifest) -> None:
    with (part / WANTED).open(encoding="ascii") as wanted, (part / LIST).open("w", encoding="ascii") as listed:
        for line in wanted:
            name = line.strip()
            size = _bring(name, part / PICTURES / name, before / PICTURES / name if before else None, manifest)
            if size is not None:
                listed.write(f"{size} {name}\n")
                manifest.files += 1
                manifest.bytes += size


def _bring(name: str, target: Path, earlier: Path | None, manifest: Manifest) -> int | None:
    """Have the file in the backup, with as little copying as possible; its size there, None when it is nowhere."""
    source = settings.MEDIA_ROOT / name
    size, there, kept = _size(source), _size(target), _size(earlier) if earlier else None
    if size is None:
        manifest.missing.add(name)
    if there is not None and size in (None, there):
        return there  # what a backup that was cut short brought already
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # What is lost on the shelf is kept from the backup before.
    if earlier is not None and kept is not None and size in (None, kept):
        _link(earlier, target)
        return kept
    return _copy(source, target, manifest) if size is not None else None


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return None


def _link(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # a file system that has no links
        shutil.copyfile(source, target)


def _copy(source: Path, target: Path, manifest: Manifest) -> int | None:
    """Copy it under another name first, and look at its bytes on the way: an original's name says what they hash to."""
    part = target.with_name(f"{target.name}.part")
    digest = hashlib.sha256()
    try:
        handle = source.open("rb")
    except FileNotFoundError:
        manifest.missing.add(source.name)
        return None
    with closing(handle), part.open("wb") as copy:
        while chunk := handle.read(CHUNK_BYTES):
            digest.update(chunk)
            copy.write(chunk)
        size = copy.tell()
    if "-" not in source.name and digest.hexdigest() != source.stem:
        manifest.changed.add(str(source.relative_to(settings.MEDIA_ROOT)))
    part.replace(target)
    manifest.copied += 1
    return size


def _remove_old(folder: Path, keep: int) -> list[str]:
    """Remove all but the newest `keep`; 0 keeps all."""
    old = complete(folder)[:-keep] if keep else []
    for path in old:
        (path / manifests.FILE).unlink()  # first, so that half of one is never taken for a backup
        shutil.rmtree(path)
    return [path.name for path in old]
