"""A ZIP file that grows slice by slice, each in a job of its own: block by block, so that memory stays flat.

Jobs end after 90 seconds, and any of them may be killed. What a slice left is trusted only when it ends as a whole ZIP
file with as many parts as its row knows of; the file gets its name when it is done, and is durable by then. Pictures go
in as they are: they are compressed already.
"""

import hashlib
import json
import shutil
import time
import zipfile
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

from django.core.serializers.json import DjangoJSONEncoder

from generations import storage
from generations.models import clock

SPARE_BYTES = 1024**3
"""Left free on the disk for everything else."""
ORPHAN_SECONDS = 24 * 3600
HASH_CHUNK_BYTES = 1024 * 1024


def part_of(path: Path) -> Path:
    """Where the file grows until it is done."""
    return path.with_suffix(".part")


def begin(path: Path) -> Path:
    """A place for a new file, with nothing at it."""
    part = part_of(path)
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part.unlink(missing_ok=True)
    return part


def is_sound(part: Path, *, parts: int) -> bool:
    """Whether the file is as the last slice left it, and not as one that died on the way."""
    try:
        with zipfile.ZipFile(part) as archive:
            return len(archive.infolist()) == parts
    except (FileNotFoundError, zipfile.BadZipFile):
        return False


def add_file(archive: zipfile.ZipFile, name: str, blocks: Iterable[bytes], *, size: int, at: datetime) -> str:
    """One file as it is; returns the SHA-256 of what went in."""
    entry = zipfile.ZipInfo(name, date_time=at.timetuple()[:6])
    entry.file_size = size  # says whether the entry has to be one of ZIP64
    digest = hashlib.sha256()
    with archive.open(entry, "w") as file:
        for block in blocks:
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def add_json(archive: zipfile.ZipFile, name: str, rows: Iterable[object]) -> None:
    """A JSON list, row by row."""
    entry = zipfile.ZipInfo(name, date_time=clock.now().timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(entry, "w", force_zip64=True) as file:
        between = b"[\n"
        for row in rows:
            words = json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
            file.write(between + words.encode(errors="replace"))
            between = b",\n"
        file.write(b"[]\n" if between == b"[\n" else b"\n]\n")


def has_room(part: Path, *, needed: int, spare: int) -> bool:
    """Whether the disk holds so many bytes, less those that are there, and still has some to spare."""
    there = part.stat().st_size if part.exists() else 0
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return needed - there + spare <= shutil.disk_usage(part.parent).free


def publish(path: Path) -> None:
    """It is done: from now on it has its name, also after a power cut."""
    storage.make_durable(part_of(path))
    part_of(path).replace(path)
    storage.make_durable(path.parent)


def print_of(path: Path) -> str:
    """The SHA-256 of a whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def discard(path: Path) -> None:
    """Remove it, done or not."""
    path.unlink(missing_ok=True)
    part_of(path).unlink(missing_ok=True)


def sweep(folder: Path, *, known: Collection[str], seconds: int = ORPHAN_SECONDS) -> int:
    """Remove files nobody knows any more, so long after they were written last; says how many."""
    oldest, removed = time.time() - seconds, 0
    for file in folder.glob("*"):
        try:
            is_old = file.stat().st_mtime < oldest
        except FileNotFoundError:
            continue
        if file.stem not in known and is_old:
            file.unlink(missing_ok=True)
            removed += 1
    return removed
