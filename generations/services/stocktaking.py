"""Compares what the rows say lies on the shelf with what lies there: lost, changed and left-over files.

It looks first and says what it saw. Only left-over files are ever removed, only when asked to, and only after a look at
which nothing failed: a look-up that fails is no proof that nobody needs a file.
"""

import hashlib
import os
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import Error

from generations import storage
from generations.models import Generation, Image

ROWS_AT_ONCE = 1000
FILES_AT_ONCE = 500
NAMES_MAX = 1000
"""So many of each kind are named; all of them are counted."""
AGE_MIN = timedelta(hours=2)
"""A picture's files come first and its row second; so much later nobody is about to write one."""
SHELVES = ("originals", "renditions")
OURS = re.compile(r"^[0-9a-f]{64}(\.(jpg|png|webp)|-[0-9]+\.webp)$")
CHUNK_BYTES = 1 << 20
WEBP_HEAD_BYTES = 12


class LookFailed(Exception):
    """Something could not be looked up; the message says what."""


class NotRemoved(Exception):
    """Left-over files stay where they are; the message says why, and how many were removed before."""


@dataclass
class Named:
    """How many there are, and the first of them by name."""

    count: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        self.count += 1
        if len(self.names) < NAMES_MAX:
            self.names.append(name)


@dataclass
class Stock:
    """What one look found. `trouble` says what kept it from looking at everything, "" when nothing did."""

    pictures: int = 0
    files: int = 0
    bytes: int = 0
    missing: Named = field(default_factory=Named)
    changed: Named = field(default_factory=Named)
    extra: Named = field(default_factory=Named)
    foreign: Named = field(default_factory=Named)
    """Files whose name the studio never gives; they are nobody's to remove."""
    trouble: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether every picture was looked at and has its files, whole."""
        return not (self.missing.count or self.changed.count or self.trouble)


def take(*, hashes: bool = False) -> Stock:
    """Look at every row and every file once. With `hashes` each original is read and its bytes are added up."""
    stock = Stock()
    try:
        _look_at_rows(stock, hashes=hashes)
        _look_at_shelf(stock)
    except LookFailed as problem:
        stock.trouble = str(problem)
    except Error as problem:
        stock.trouble = f"The database did not answer: {problem}"
    except OSError as problem:
        stock.trouble = f"The shelf cannot be read: {problem.strerror}."
    return stock


def remove_extra(stock: Stock, *, older_than: timedelta) -> int:
    """Remove the left-over files of that age; says how many. Each is looked up once more right before.

    Raises NotRemoved at the first doubt: then nothing more is removed.
    """
    if older_than < AGE_MIN:
        raise NotRemoved(
            f"Files younger than {AGE_MIN // timedelta(hours=1)} hours may belong to a picture on its way."
        )
    if stock.trouble:
        raise NotRemoved(f"Nothing was removed, because not everything could be looked at. {stock.trouble}")
    if stock.extra.count and not stock.pictures:
        raise NotRemoved("Nothing was removed: this database names no picture at all. Is it the right one?")
    removed = 0
    oldest = time.time() - older_than.total_seconds()
    try:
        for files in _batches():
            for file in _extra(file for file in files if OURS.match(file.name)):
                # Asked again for each, the age last: somebody may have stored the same picture since the list was made.
                if file.name not in _wanted({file.name[:64]}) and file.stat().st_mtime < oldest:
                    file.unlink()
                    removed += 1
    except (LookFailed, Error, OSError) as problem:
        raise NotRemoved(f"After {removed} files a look-up failed, and the rest was left alone: {problem}") from None
    return removed


# --- The rows ---------------------------------------------------------------------------------------------------------


def _look_at_rows(stock: Stock, *, hashes: bool) -> None:
    rows = Image.objects.with_file().order_by("pk").only("sha256", "format", "size_bytes", "renditions")
    for image in rows.iterator(chunk_size=ROWS_AT_ONCE):
        stock.pictures += 1
        original = storage.original_path(image)
        size = _size(original)
        if size is None:
            _note(stock.missing, image, original)
        elif size != image.size_bytes or (hashes and _sha256(original) != image.sha256):
            _note(stock.changed, image, original)
        for width in image.widths:
            copy = storage.rendition_path(image, width)
            if _size(copy) is None:
                _note(stock.missing, image, copy)
            elif not _is_whole(copy):
                _note(stock.changed, image, copy)


def _note(kind: Named, image: Image, file: Path) -> None:
    """Unless the picture was taken down since its row was read: then the file is gone by right."""
    if Image.objects.with_file().filter(pk=image.pk, sha256=image.sha256).exists():
        kind.add(f"{_name(file)} (image {image.pk})")


def _size(file: Path) -> int | None:
    """None when it is not there; anything else that keeps us from knowing is a failed look-up."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise LookFailed(f"{_name(file)} cannot be looked at: {problem.strerror}.") from None


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    try:
        with file.open("rb") as handle:
            while chunk := handle.read(CHUNK_BYTES):
                digest.update(chunk)
    except OSError as problem:
        raise LookFailed(f"{_name(file)} cannot be read: {problem.strerror}.") from None
    return digest.hexdigest()


def _is_whole(copy: Path) -> bool:
    """Pictures with the same bytes share their smaller copies: each is held to what its own head says of its size."""
    try:
        with copy.open("rb") as handle:
            head = handle.read(WEBP_HEAD_BYTES)
            size = os.fstat(handle.fileno()).st_size
    except OSError as problem:
        raise LookFailed(f"{_name(copy)} cannot be read: {problem.strerror}.") from None
    return (head[:4], head[8:]) == (b"RIFF", b"WEBP") and size == int.from_bytes(head[4:8], "little") + 8


# --- The shelf --------------------------------------------------------------------------------------------------------


def _look_at_shelf(stock: Stock) -> None:
    for files in _batches():
        ours = []
        for file in files:
            size = _size(file)
            if size is None:
                continue  # swept since it was listed
            stock.files += 1
            stock.bytes += size
            if OURS.match(file.name):
                ours.append(file)
            else:
                stock.foreign.add(_name(file))
        for file in _extra(ours):
            stock.extra.add(_name(file))


def _batches() -> Iterator[list[Path]]:
    """Every file of the shelf, some at a time. Raises LookFailed for a folder that cannot be read."""
    for shelf in SHELVES:
        drawers = sorted(_listed(settings.MEDIA_ROOT / shelf))
        yield [path for path in drawers if not path.is_dir()]
        for drawer in drawers:
            if drawer.is_dir():
                files = _listed(drawer)
                while batch := list(islice(files, FILES_AT_ONCE)):
                    yield batch


def _listed(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                yield Path(entry.path)
    except FileNotFoundError:
        return
    except OSError as problem:
        raise LookFailed(f"The folder {_name(folder)} cannot be read: {problem.strerror}.") from None


def _extra(files: Iterable[Path]) -> list[Path]:
    """Those no row speaks of."""
    files = list(files)
    wanted = _wanted({file.name[:64] for file in files})
    return [file for file in files if file.name not in wanted]


def _wanted(hashes: set[str]) -> set[str]:
    """The names of all files that rows of these hashes speak of; also of pictures whose rest is still fetched."""
    if not hashes:
        return set()
    names = set()
    facts = Image.objects.filter(sha256__in=hashes).values_list("sha256", "format", "renditions")
    for sha256, kind, renditions in [*facts, *_arrived(hashes)]:
        names.add(Path(storage.original_name(sha256=sha256, format=kind)).name)
        names |= {Path(storage.rendition_name(sha256=sha256, width=one["width"])).name for one in renditions}
    return names


def _arrived(hashes: set[str]) -> Iterator[tuple[str, str, list[dict[str, int]]]]:
    """What lies on the shelf of pictures no image row speaks of yet."""
    for noted in Generation.objects.live().exclude(arrived=[]).values_list("arrived", flat=True):
        for one in noted:
            if one.get("sha256") in hashes:
                yield one["sha256"], one["format"], one["renditions"]


def _name(path: Path) -> str:
    return str(path.relative_to(settings.MEDIA_ROOT))
