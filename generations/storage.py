"""Puts a picture and its renditions on the shelf, under names made from their content.

A name is the hash of the bytes, so storing twice is storing once and no word a person typed is ever part of a path.
Files come first and rows second; a file without a row is removed a day later, never earlier.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from generations.models import Image

EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
ORPHAN_AGE_SECONDS = 24 * 3600
INCOMING = "incoming"


@contextmanager
def workspace() -> Iterator[Path]:
    """A private folder on the shelf's own disk, gone afterwards; what stays is moved out with `keep`."""
    incoming = settings.MEDIA_ROOT / INCOMING
    incoming.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=incoming) as folder:
        yield Path(folder)


def original_name(*, sha256: str, format: str) -> str:
    return f"originals/{sha256[:2]}/{sha256}.{EXTENSIONS[format]}"


def rendition_name(*, sha256: str, width: int) -> str:
    return f"renditions/{sha256[:2]}/{sha256}-{width}.webp"


def keep(file: Path, *, name: str) -> None:
    """Put the file on the shelf under that name, durable before this returns.

    What lies there under the name is replaced: it should be the same, and if its bytes have rotted it now is again.
    The new file is young, so the sweep of orphans leaves it to the row that is about to refer to it.
    """
    target = settings.MEDIA_ROOT / name
    target.parent.mkdir(parents=True, exist_ok=True)
    _make_durable(file)
    file.replace(target)
    _make_durable(target.parent)


def original_path(image: Image) -> Path:
    """Where the original lies on this machine."""
    path: Path = settings.MEDIA_ROOT / original_name(sha256=image.sha256, format=image.format)
    return path


def rendition_path(image: Image, width: int) -> Path:
    path: Path = settings.MEDIA_ROOT / rendition_name(sha256=image.sha256, width=width)
    return path


def open_original(image: Image) -> BinaryIO:
    """The original, byte for byte. Raises FileNotFoundError when it was removed behind our back."""
    return original_path(image).open("rb")


def is_writable() -> bool:
    """Whether a picture could be stored now."""
    try:
        with workspace() as folder:
            (folder / "probe").write_bytes(b"1")
    except OSError:
        return False
    return True


def sweep() -> int:
    """Remove files nobody refers to that are a day old, and folders of work that died; says how many."""
    oldest = time.time() - ORPHAN_AGE_SECONDS
    removed = 0
    for folder in (settings.MEDIA_ROOT / INCOMING).glob("*"):
        if _older(folder, oldest):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    for shelf in ("originals", "renditions"):
        for drawer in (settings.MEDIA_ROOT / shelf).glob("*"):
            removed += _sweep_drawer(drawer, oldest)
    return removed


def _sweep_drawer(drawer: Path, oldest: float) -> int:
    try:
        old = [file for file in drawer.iterdir() if _older(file, oldest)]
    except (FileNotFoundError, NotADirectoryError):
        return 0
    used = _used({file.name[:64] for file in old})
    removed = 0
    for file in old:
        # Asked again for each, the age last: a collector may have stored the same picture since the list was made.
        if file.name[:64] not in used and not _used({file.name[:64]}) and _older(file, oldest):
            file.unlink(missing_ok=True)
            removed += 1
    return removed


def _used(hashes: set[str]) -> set[str]:
    return set(Image.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))


def _older(path: Path, oldest: float) -> bool:
    """Whether it was last written before that moment; what is gone meanwhile is not."""
    try:
        return path.stat().st_mtime < oldest
    except FileNotFoundError:
        return False


def _make_durable(path: Path) -> None:
    """Have the disk say that it has it: a row must never promise a file that a power cut takes away."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
