"""I10: what the rows say lies on the shelf lies there, whole."""

import hashlib
from collections.abc import Iterable, Iterator

from generations import storage
from generations.models import Image
from generations.services.auditing.findings import Finding

CHUNK_BYTES = 1 << 20
WEBP_HEAD_BYTES = 12


def files(rule: str) -> Iterator[Finding]:
    """I10: every picture has its file, of its size and hash, and its smaller copies. Reads each file once."""
    yield from of_images(rule, Image.objects.with_file().order_by("pk").iterator(chunk_size=500))


def of_images(rule: str, images: Iterable[Image]) -> Iterator[Finding]:
    """The same for these."""
    checked: dict[tuple[str, str], tuple[int, str] | None] = {}
    for image in images:
        name = (image.sha256, image.format)
        if name not in checked:
            checked[name] = _measure(image)
        found = checked[name]
        if found is None:
            yield Finding(rule=rule, subject="image", id=str(image.pk), words="has lost its file")
        elif found != (image.size_bytes, image.sha256):
            yield Finding(rule=rule, subject="image", id=str(image.pk), words="has a file of other bytes")
        yield from _renditions(rule, image)


def _renditions(rule: str, image: Image) -> Iterator[Finding]:
    """Pictures with the same bytes share their copies, and a newer library may write them anew in other sizes: so each
    is held to what its own head says of it.
    """
    for width in image.widths:
        path = storage.rendition_path(image, width)
        try:
            with path.open("rb") as file:
                head = file.read(WEBP_HEAD_BYTES)
            whole = path.stat().st_size == int.from_bytes(head[4:8], "little") + 8
        except FileNotFoundError:
            yield Finding(rule=rule, subject="image", id=str(image.pk), words=f"has lost its copy of width {width}")
            continue
        if not whole or (head[:4], head[8:]) != (b"RIFF", b"WEBP"):
            yield Finding(rule=rule, subject="image", id=str(image.pk), words=f"has a broken copy of width {width}")


def _measure(image: Image) -> tuple[int, str] | None:
    """Size and hash of the file behind an image; None when there is none."""
    try:
        with storage.open_original(image) as file:
            digest = hashlib.sha256()
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
            return file.tell(), digest.hexdigest()
    except FileNotFoundError:
        return None
