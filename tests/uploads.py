"""Files for tests of uploads: whole pictures, and what only calls itself one."""

import io
import struct
import zlib
from pathlib import Path

from PIL import Image as Drawing

from generations.models import Image, Member, Upload
from generations.services import uploading
from generations.services.uploading import Sent

GPS_WORDS = b"48.858N 2.294E"
"""Stands in the notes of every file made here with notes."""


def drawn(format: str = "PNG", *, size: tuple[int, int] = (300, 200), color: str = "teal", turn: int = 0) -> bytes:
    """A whole picture, with notes of where it was taken, and turned by its camera if asked."""
    notes = Drawing.Exif()
    notes[0x010E] = GPS_WORDS.decode()
    if turn:
        notes[0x0112] = turn
    file = io.BytesIO()
    Drawing.new("RGB", size, color).save(file, format, exif=notes.tobytes())
    return file.getvalue()


def moving(format: str = "WEBP") -> bytes:
    """Two frames."""
    file = io.BytesIO()
    frames = [Drawing.new("RGB", (40, 40), color) for color in ("red", "blue")]
    frames[0].save(file, format, save_all=True, append_images=frames[1:], duration=100)
    return file.getvalue()


def bomb(side: int = 60_000) -> bytes:
    """A small PNG that says it is as wide and high as that."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def send(member: Member, folder: Path, *files: bytes, name: str = "harbor.png", key: str = "one") -> list[Upload]:
    """As if a request had brought them."""
    sent = []
    for number, body in enumerate(files):
        path = folder / f"{key}-{number}"
        path.write_bytes(body)
        sent.append(Sent(name=name, path=path))
    return uploading.take_in(member=member, request_key=key, files=sent)


def check(row: Upload) -> Upload:
    """As the job would."""
    uploading.verify(upload=str(row.pk))
    row.refresh_from_db()
    return row


def bring(member: Member, folder: Path, body: bytes = b"", *, key: str = "one", name: str = "harbor.png") -> Image:
    """A picture of this member's own in the library."""
    row = check(send(member, folder, body or drawn(), key=key, name=name)[0])
    assert row.image is not None, row.trouble
    return row.image
