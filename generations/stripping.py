"""A picture file without what cameras and programs noted in it: where it was taken, when, by whom, with what.

Not a pixel changes: the file is copied part by part, and only those parts that a picture is drawn from. What comes
after its end is left out, too, so that nothing else hides in it. How the camera was held is kept, for it decides what
is up. Nothing is decoded here: what comes out still has to be looked at by `pictures`. Refused: what is neither JPEG,
PNG nor WebP, what has more parts than any picture, and pictures that move.
"""

import struct
import zlib
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from generations.pictures import NotAPicture

ORIENTATION_TAG = 0x0112
ORIENTATIONS = range(2, 9)
EXIF_BYTES_MAX = 1_000_000
PARTS_MAX = 100_000
CHUNK_BYTES = 1 << 20

JPEG_START, PNG_START = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
JPEG_APP0, JPEG_EXIF, JPEG_ICC, JPEG_ADOBE, JPEG_COMMENT = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
JPEG_SCAN, JPEG_END = 0xDA, 0xD9
JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Marks that nothing follows."""
EXIF_HEAD, ICC_HEAD = b"Exif\0\0", b"ICC_PROFILE\0"
PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP"})
PNG_PIECE = struct.Struct(">I4s")
WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ICCP"})
WEBP_PIECE = struct.Struct("<4sI")
WEBP_EXIF, WEBP_XMP, WEBP_MOVES = 0x08, 0x04, 0x02


class Moves(NotAPicture):
    """It has more than one frame."""


def strip(path: Path, *, to: Path) -> None:
    """Write the same picture without its notes. Raises NotAPicture, or Moves."""
    with path.open("rb") as source, to.open("wb") as target:
        head = source.read(12)
        source.seek(0)
        try:
            if head.startswith(JPEG_START):
                _strip_jpeg(source, target)
            elif head.startswith(PNG_START):
                _strip_png(source, target)
            elif head[:4] == b"RIFF" and head[8:] == b"WEBP":
                _strip_webp(source, target)
            else:
                raise NotAPicture("The file is no JPEG, PNG or WebP picture.")
        except struct.error as error:
            raise NotAPicture("The file ends in the middle.") from error


def _strip_jpeg(source: BinaryIO, target: BinaryIO) -> None:
    """Segment by segment up to the first end: what a phone puts behind it, like a second picture, is left out."""
    target.write(_exactly(source, 2))
    noted = b""
    wrote_turn = False
    for _ in range(PARTS_MAX):
        mark = _next_mark(source)
        if mark == JPEG_END:
            target.write(bytes([0xFF, mark]))
            return
        if mark in JPEG_BARE:
            target.write(bytes([0xFF, mark]))
            continue
        body = _exactly(source, struct.unpack(">H", _exactly(source, 2))[0] - 2)
        if mark == JPEG_EXIF and body.startswith(EXIF_HEAD) and not noted:
            noted = body[len(EXIF_HEAD) :]
        if mark == JPEG_SCAN and not wrote_turn:
            wrote_turn = True
            if turn := _turn(noted):
                _write_segment(target, JPEG_EXIF, EXIF_HEAD + turn)
        if _is_drawn_from(mark, body):
            _write_segment(target, mark, body)
        if mark == JPEG_SCAN:
            _copy_scan(source, target)
    raise NotAPicture("The file has more parts than a picture.")


def _is_drawn_from(mark: int, body: bytes) -> bool:
    if mark == JPEG_ICC:
        return body.startswith(ICC_HEAD)
    return mark in {JPEG_APP0, JPEG_ADOBE} or not (JPEG_APP0 <= mark <= 0xEF or mark == JPEG_COMMENT)


def _write_segment(target: BinaryIO, mark: int, body: bytes) -> None:
    target.write(struct.pack(">BBH", 0xFF, mark, len(body) + 2) + body)


def _next_mark(source: BinaryIO) -> int:
    if _exactly(source, 1) != b"\xff":
        raise NotAPicture("The file is damaged.")
    mark = 0xFF
    for _ in range(PARTS_MAX):
        mark = _exactly(source, 1)[0]
        if mark != 0xFF:
            break
    if mark in {0x00, 0xFF}:
        raise NotAPicture("The file is damaged.")
    return mark


def _copy_scan(source: BinaryIO, target: BinaryIO) -> None:
    """What is drawn, up to the next mark; a mark is FF and not 00, and the ones between restarts belong to it."""
    while chunk := source.read(CHUNK_BYTES):
        begin = 0
        while (at := chunk.find(b"\xff", begin)) >= 0:
            if at + 1 == len(chunk):  # what follows decides
                following = source.read(1)
                if not following:
                    raise NotAPicture("The file ends in the middle.")
                chunk += following
            if chunk[at + 1] != 0x00 and not 0xD0 <= chunk[at + 1] <= 0xD7:
                target.write(chunk[:at])
                source.seek(at - len(chunk), 1)
                return
            begin = at + 2
        target.write(chunk)
    raise NotAPicture("The file ends in the middle.")


def _strip_png(source: BinaryIO, target: BinaryIO) -> None:
    """Chunk by chunk; the turn, which may be noted behind the pixels, is written before the end."""
    target.write(_exactly(source, len(PNG_START)))
    noted = b""
    for _ in range(PARTS_MAX):
        size, kind = PNG_PIECE.unpack(_exactly(source, PNG_PIECE.size))
        if kind == b"acTL":
            raise Moves("The picture moves.")
        if kind == b"eXIf" and size <= EXIF_BYTES_MAX:
            noted = _exactly(source, size + 4)[:-4]
        elif kind == b"IEND":
            if turn := _turn(noted):
                target.write(_png_chunk(b"eXIf", turn))
            target.write(_png_chunk(b"IEND", b""))
            return
        elif kind in PNG_KEPT:
            target.write(PNG_PIECE.pack(size, kind))
            _copy(source, size + 4, target)
        elif kind[:1].isupper():  # nobody knows what it says, and it is not to be drawn without
            raise NotAPicture("The file has parts that no picture has.")
        else:
            _copy(source, size + 4, None)
    raise NotAPicture("The file has more parts than a picture.")


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return PNG_PIECE.pack(len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))


def _strip_webp(source: BinaryIO, target: BinaryIO) -> None:
    """Chunk by chunk within the length its head gives; the extended head then says what is left."""
    total = struct.unpack("<I", _exactly(source, 12)[4:8])[0] + 8
    pieces: list[tuple[bytes, int, int]] = []
    extended, noted = b"", b""
    while source.tell() + WEBP_PIECE.size <= total:
        kind, size = WEBP_PIECE.unpack(_exactly(source, WEBP_PIECE.size))
        if kind == b"VP8X" and size == 10 and not extended:
            extended = _exactly(source, 10)
        elif kind == b"EXIF" and size <= EXIF_BYTES_MAX:
            noted = _exactly(source, size)
            _copy(source, size % 2, None)
        else:
            if kind in WEBP_KEPT:
                pieces.append((kind, source.tell(), size))
            _copy(source, size + size % 2, None)
        if len(pieces) > PARTS_MAX:
            raise NotAPicture("The file has more parts than a picture.")
    if extended and extended[0] & WEBP_MOVES:
        raise Moves("The picture moves.")
    _write_webp(source, target, pieces, extended, _turn(noted))


def _write_webp(
    source: BinaryIO, target: BinaryIO, pieces: list[tuple[bytes, int, int]], extended: bytes, turn: bytes
) -> None:
    parts = []
    if extended:
        flags = extended[0] & ~(WEBP_EXIF | WEBP_XMP) | (WEBP_EXIF if turn else 0)
        parts.append(_webp_chunk(b"VP8X", bytes([flags]) + extended[1:]))
    tail = _webp_chunk(b"EXIF", turn) if turn and extended else b""
    size = sum(map(len, parts)) + sum(WEBP_PIECE.size + size + size % 2 for _, _, size in pieces) + len(tail)
    target.write(b"RIFF" + struct.pack("<I", size + 4) + b"WEBP" + b"".join(parts))
    for kind, at, length in pieces:
        target.write(WEBP_PIECE.pack(kind, length))
        source.seek(at)
        _copy(source, length, target)
        target.write(b"\0" * (length % 2))
    target.write(tail)


def _webp_chunk(kind: bytes, body: bytes) -> bytes:
    return WEBP_PIECE.pack(kind, len(body)) + body + b"\0" * (len(body) % 2)


def _turn(noted: bytes) -> bytes:
    """Nothing but how the camera was held, as the notes say it; empty where it was held upright, or says nonsense."""
    if not noted:
        return b""
    notes = Image.Exif()
    try:
        notes.load(noted)
        orientation = notes.get(ORIENTATION_TAG)
    except (OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, struct.error):
        return b""
    if orientation not in ORIENTATIONS:
        return b""
    return b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, ORIENTATION_TAG, 3, 1, orientation, 0, 0)


def _exactly(source: BinaryIO, size: int) -> bytes:
    found = source.read(size) if size >= 0 else b""
    if size < 0 or len(found) < size:
        raise NotAPicture("The file ends in the middle.")
    return found


def _copy(source: BinaryIO, size: int, target: BinaryIO | None) -> None:
    while size > 0:
        chunk = _exactly(source, min(size, CHUNK_BYTES))
        size -= len(chunk)
        if target is not None:
            target.write(chunk)
