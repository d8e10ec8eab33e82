"""Puts a picture and its renditions on the shelf, under names made from their content.

A name is the hash of the bytes, so storing twice is storing once and no word a person typed is ever part of a path.
Files come first and rows second; a file without a row is removed a day later, never earlier. Copies made for a vendor
have no row at all: they are found by their name, and made again when they were removed.

It also knows where a vendor can read a picture: at the address it was fetched from while that lasts, or at one of ours,
signed for an hour so that it leads to nothing else.
"""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from generations import providers
from generations.models import Image, clock
from generations.pictures import Processed

EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
ORPHAN_AGE_SECONDS = 24 * 3600
FRESH_SECONDS = 60
COPY_AGE_SECONDS = 48 * 3600
"""Longer than an order waits in line and a vendor has to fetch its source."""
INCOMING = "incoming"
COPIES = "copies"
LINK_AGE_MAX = timedelta(hours=20)
"""Vendors keep a picture's address for 24 hours; the order may wait a while before the vendor reads it."""
SOURCE_SECONDS = 3600
SOURCE_PURPOSE = "generations.storage.source"


class SourceRefused(Exception):
    """The address was changed, or its hour is over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceOf:
    """What one signed address leads to: a picture, or its copy of at most so many bytes."""

    image: UUID
    copy_bytes_max: int | None


@contextmanager
def workspace() -> Iterator[Path]:
    """A private folder on the shelf's own disk, gone afterwards; what stays is moved out with `keep`."""
    incoming = settings.MEDIA_ROOT / INCOMING
    incoming.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=incoming) as folder:
        yield Path(folder)


def set_aside(file: Path, *, work: UUID, index: int) -> None:
    """Leave a fetched file where the next job for the same work finds it; not durable, and swept after a day."""
    target = aside_path(work=work, index=index)
    target.parent.mkdir(parents=True, exist_ok=True)
    file.replace(target)


def take_aside(*, work: UUID, index: int, to: Path) -> bool:
    """Take what was set aside; False when there is nothing. Only one of two takers gets it."""
    try:
        aside_path(work=work, index=index).replace(to)
    except FileNotFoundError:
        return False
    with contextlib.suppress(OSError):
        aside_path(work=work, index=index).parent.rmdir()
    return True


def is_aside(*, work: UUID, index: int) -> bool:
    return aside_path(work=work, index=index).exists()


def aside_path(*, work: UUID, index: int) -> Path:
    path: Path = settings.MEDIA_ROOT / INCOMING / work.hex / f"{index}.result"
    return path


def forget_aside(*, work: UUID) -> None:
    """Nobody waits for what was set aside for this work."""
    shutil.rmtree(settings.MEDIA_ROOT / INCOMING / work.hex, ignore_errors=True)


def make_incoming() -> Path:
    """A private folder on the shelf's own disk, for a file that is still arriving; swept after a day."""
    incoming = settings.MEDIA_ROOT / INCOMING
    incoming.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=incoming))


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
    make_durable(file)
    file.replace(target)
    make_durable(target.parent)


def keep_picture(file: Path, processed: Processed) -> list[dict[str, int]]:
    """Keep a picture and its smaller copies; gives what an image row says of these, smallest first."""
    facts = processed.facts
    keep(file, name=original_name(sha256=facts.sha256, format=facts.format))
    for one in processed.renditions:
        keep(one.path, name=rendition_name(sha256=facts.sha256, width=one.width))
    return [
        {"width": one.width, "height": one.height, "size_bytes": one.size_bytes}
        for one in sorted(processed.renditions, key=lambda one: one.width)
    ]


def hold(*names: str) -> bool:
    """Keep the sweep off these files for another day, before a row refers to them; False when one is not there."""
    try:
        for name in names:
            os.utime(settings.MEDIA_ROOT / name)
    except FileNotFoundError:
        return False
    return True


def original_path(image: Image) -> Path:
    """Where the original lies on this machine."""
    path: Path = settings.MEDIA_ROOT / original_name(sha256=image.sha256, format=image.format)
    return path


def rendition_path(image: Image, width: int) -> Path:
    path: Path = settings.MEDIA_ROOT / rendition_name(sha256=image.sha256, width=width)
    return path


def copy_name(*, sha256: str, bytes_max: int) -> str:
    return f"{COPIES}/{sha256[:2]}/{sha256}-{bytes_max}.jpg"


def copy_path(image: Image, bytes_max: int) -> Path | None:
    """Where the JPEG copy of at most so many bytes lies, or None until it is made."""
    path: Path = settings.MEDIA_ROOT / copy_name(sha256=image.sha256, bytes_max=bytes_max)
    return path if path.exists() else None


def vendor_link(image: Image) -> str | None:
    """The address at which the vendor that made this picture still shows it to everybody, while it surely does.

    None where we had to ask for another address and the vendor makes those for a few minutes only.
    """
    made = image.generation
    if made.accepted_at is None or clock.now() - made.accepted_at > LINK_AGE_MAX:
        return None
    if made.fetched_again and _renews_links(made.provider):
        return None
    link = made.result_urls[image.index] if image.index < len(made.result_urls) else ""
    return link if urlsplit(link).scheme in {"http", "https"} else None


def _renews_links(provider: str) -> bool:
    try:
        return providers.get(provider).renews_links
    except providers.UnknownProvider:
        return True


def source_address(image: Image, *, copy_bytes_max: int | None = None) -> str:
    """Where everybody who is told can read this picture, or its copy, for an hour. Needs the public address."""
    if copy_bytes_max is not None:
        # The sweep must leave it alone for as long as the address is good.
        with contextlib.suppress(FileNotFoundError):
            os.utime(settings.MEDIA_ROOT / copy_name(sha256=image.sha256, bytes_max=copy_bytes_max))
    ends_at = int(clock.now().timestamp()) + SOURCE_SECONDS
    token = _signer().sign_object([image.pk.hex, copy_bytes_max, ends_at])
    return f"{settings.PUBLIC_URL}{reverse('source', args=[token])}"


def source_of(token: str) -> SourceOf:
    """What that address leads to. Raises SourceRefused unless we made it, for this purpose, within the hour."""
    try:
        image, copy_bytes_max, ends_at = _signer().unsign_object(token)
    except (BadSignature, ValueError) as error:
        raise SourceRefused from error
    if clock.now().timestamp() >= ends_at:
        raise SourceRefused
    return SourceOf(image=UUID(image), copy_bytes_max=copy_bytes_max)


def _signer() -> Signer:
    """Bound to its purpose: what it signs opens nothing else, and nothing else that is signed opens a picture."""
    return Signer(salt=SOURCE_PURPOSE, sep=".")


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


def discard(hashes: Collection[str]) -> int:
    """Remove these files and all their copies now, unless another row has one; says how many.

    What was stored a moment ago is left to the sweep: somebody may be about to refer to the same bytes.
    """
    oldest, removed = time.time() - FRESH_SECONDS, 0
    for sha256 in set(hashes) - _used(set(hashes)) - {""}:
        for shelf in ("originals", "renditions", COPIES):
            for file in (settings.MEDIA_ROOT / shelf / sha256[:2]).glob(f"{sha256}[-.]*"):
                if _older(file, oldest) and not _used({sha256}):
                    file.unlink(missing_ok=True)
                    removed += 1
    return removed


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
    return removed + _sweep_copies()


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


def _sweep_copies() -> int:
    """A copy nobody was told of for two days is not waited for any more, whoever its picture belongs to."""
    oldest = time.time() - COPY_AGE_SECONDS
    removed = 0
    for file in (settings.MEDIA_ROOT / COPIES).glob("*/*"):
        if _older(file, oldest):
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


def make_durable(path: Path) -> None:
    """Have the disk say that it has it: a row must never promise a file that a power cut takes away."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
