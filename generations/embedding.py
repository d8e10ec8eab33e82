"""Writes how a picture was made into a copy of its file: bytes are put in between, not a pixel is touched.

PNG gets text chunks, JPEG a segment, WebP a chunk, with the words as XMP; PNG also as "parameters", which programs for
generated pictures read. What a file says of itself already stays, and ours is added to it. The copy is never built: it
is a plan of pieces, some of them ours and some of them spans of the file, so any part of it can be sent.
"""

import hashlib
import html
import json
import os
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

BLOCK_BYTES = 256 * 1024
WORDS_BYTES_MAX = 26_000
"""A longer text is cut: a JPEG has room for 65,502, and a prompt stands in it twice. No prompt of ours is longer."""
PARTS_MAX = 100_000
"""A file of more chunks or segments than this is none that a person made."""
THEIRS_BYTES_MAX = 1 << 20
SEGMENT_BYTES_MAX = 65_533

TOOL = "Imagine Studio"
NAMESPACE = "urn:imagine-studio:settings:1.0/"
PARAMETERS = b"parameters"
XMP_KEYWORD = b"XML:com.adobe.xmp"
XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\0"
END_OF_WORDS = b"</rdf:RDF>"
PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
    f"<xmp:CreatorTool>{TOOL}</xmp:CreatorTool>"
    '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:description>'
    '</rdf:Description>%s</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
)
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Unfit(Exception):
    """The file is not built as its format says, so nothing is put into it."""


class CutShort(Exception):
    """The file ended before the plan did."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A file to be sent: bytes of ours, and spans of the file on the shelf."""

    pieces: tuple[bytes | range, ...]

    @property
    def size(self) -> int:
        return sum(len(piece) for piece in self.pieces)

    def blocks(self, file: BinaryIO, wanted: range | None = None) -> Iterator[bytes]:
        """That part of the copy, or all of it, block by block. Raises CutShort."""
        wanted = wanted if wanted is not None else range(self.size)
        begin = 0
        for piece in self.pieces:
            part = piece[max(0, wanted.start - begin) : max(0, wanted.stop - begin)]
            begin += len(piece)
            if isinstance(part, range):
                yield from _read(file, part)
            elif part:
                yield part


def as_it_is(path: Path) -> Plan:
    """The file itself. Raises FileNotFoundError."""
    return Plan((range(path.stat().st_size),))


def with_settings(path: Path, *, format: str, facts: Mapping[str, str]) -> Plan:
    """The file with these facts in it, the prompt first among them. Raises Unfit, FileNotFoundError."""
    clean = {name: _cut(NO_XML.sub("\ufffd", words)) for name, words in facts.items()}
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        try:
            return Plan(tuple(WRITERS[format](file, size, clean)))
        except (struct.error, KeyError) as error:
            raise Unfit from error


def tag_of(facts: Mapping[str, str]) -> str:
    """The same for the same facts, and for no others."""
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _read(file: BinaryIO, span: range) -> Iterator[bytes]:
    file.seek(span.start)
    left = len(span)
    while left:
        block = file.read(min(BLOCK_BYTES, left))
        if not block:
            raise CutShort
        left -= len(block)
        yield block


def _cut(words: str) -> str:
    """As much of it as there is room for, however many bytes a character takes."""
    if len(_escaped(words)) <= WORDS_BYTES_MAX:
        return words
    fits, over = 0, len(words)
    while over - fits > 1:
        middle = (fits + over) // 2
        fits, over = (middle, over) if len(_escaped(words[:middle])) < WORDS_BYTES_MAX else (fits, middle)
    return f"{words[:fits]}…"


def _escaped(words: str) -> bytes:
    return html.escape(words, quote=False).encode()


def _described(facts: Mapping[str, str]) -> bytes:
    """The facts in a namespace of our own."""
    inside = b"".join(
        b"<studio:%s>%s</studio:%s>" % (name.encode(), _escaped(words), name.encode()) for name, words in facts.items()
    )
    return b'<rdf:Description rdf:about="" xmlns:studio="%s">%s</rdf:Description>' % (NAMESPACE.encode(), inside)


def _packet(facts: Mapping[str, str], theirs: bytes = b"") -> bytes:
    """XMP with these facts; added to what the file says already, where that can be."""
    ours = _described(facts)
    before, end, after = theirs.rpartition(END_OF_WORDS)
    if end:
        return before + ours + end + after
    prompt = html.escape(facts.get("prompt", ""), quote=False)
    return (PACKET % (prompt, ours.decode())).encode()


def _parameters(facts: Mapping[str, str]) -> str:
    """The prompt, and below it a line with everything else."""
    rest = ", ".join(f"{name.capitalize()}: {_quoted(words)}" for name, words in facts.items() if name != "prompt")
    return f"{facts.get('prompt', '')}\n{rest}"


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False) if re.search(r'[,:"\n]', words) else words


# --- PNG ---


def _png(file: BinaryIO, size: int, facts: Mapping[str, str]) -> Iterator[bytes | range]:
    """Ours comes right after the head; what stood there under the same name gives way to it."""
    if file.read(8) != b"\x89PNG\r\n\x1a\n" or file.read(8) != b"\0\0\0\rIHDR":
        raise Unfit
    theirs, ours_instead = b"", []
    at = 33
    for _ in range(PARTS_MAX):
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        end = at + 12 + length
        if end > size:
            raise Unfit
        if kind in {b"iTXt", b"tEXt", b"zTXt"} and length <= THEIRS_BYTES_MAX:
            keyword, _, rest = file.read(length).partition(b"\0")
            if keyword == XMP_KEYWORD and kind == b"iTXt" and rest[:1] == b"\0":
                theirs = rest[2:].split(b"\0", 2)[-1]
            if keyword in {XMP_KEYWORD, PARAMETERS}:
                ours_instead.append(range(at, end))
        if kind == b"IEND":
            break
        at = end
    else:
        raise Unfit
    yield range(33)
    yield _chunk(PARAMETERS, _parameters(facts).encode()) + _chunk(XMP_KEYWORD, _packet(facts, theirs))
    yield from _without(range(33, size), ours_instead)


def _chunk(keyword: bytes, text: bytes) -> bytes:
    body = b"iTXt" + keyword + b"\0\0\0\0\0" + text
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def _without(whole: range, gaps: list[range]) -> Iterator[range]:
    """The span with these parts left out, which come in order."""
    start = whole.start
    for gap in gaps:
        yield range(start, gap.start)
        start = gap.stop
    yield range(start, whole.stop)


# --- JPEG ---


def _jpeg(file: BinaryIO, size: int, facts: Mapping[str, str]) -> Iterator[bytes | range]:
    """Ours comes after JFIF and Exif, which want to be first."""
    if file.read(2) != b"\xff\xd8":
        raise Unfit
    place, theirs, gaps = 2, b"", []
    at = 2
    for _ in range(PARTS_MAX):
        file.seek(at)
        fill, marker, length = struct.unpack(">BBH", file.read(4))
        if fill != 0xFF or marker in {0x00, 0xFF} or length < 2:
            raise Unfit
        if marker == 0xDA:
            break
        end = at + 2 + length
        head = file.read(min(length - 2, len(XMP_SEGMENT))) if marker == 0xE1 else b""
        if at == place and (marker == 0xE0 or head.startswith(b"Exif\0")):
            place = end
        if head == XMP_SEGMENT and not theirs:
            theirs = file.read(length - 2 - len(XMP_SEGMENT))
            gaps = [range(at, end)]
        at = end
    else:
        raise Unfit
    packet = _packet(facts, theirs)
    if len(packet) + len(XMP_SEGMENT) > SEGMENT_BYTES_MAX:
        packet, gaps = _packet(facts), []  # theirs is nearly full: it stays as it is, and ours stands before it
    yield range(place)
    yield b"\xff\xe1" + struct.pack(">H", len(XMP_SEGMENT) + len(packet) + 2) + XMP_SEGMENT + packet
    yield from _without(range(place, size), gaps)


# --- WebP ---

HAS_XMP, HAS_ALPHA = 0x04, 0x10


def _webp(file: BinaryIO, size: int, facts: Mapping[str, str]) -> Iterator[bytes | range]:
    """Ours is the last chunk; a file of the simple kind gets the head of the extended one before it."""
    riff, told, webp = struct.unpack("<4sI4s", file.read(12))
    stop = 8 + told
    if (riff, webp) != (b"RIFF", b"WEBP") or stop > size:
        raise Unfit
    theirs, gaps = b"", []
    at, head, first = 12, b"", b""
    for _ in range(PARTS_MAX):
        if at >= stop:
            break
        file.seek(at)
        kind, length = struct.unpack("<4sI", file.read(8))
        end = at + 8 + length + length % 2
        if end > stop:
            raise Unfit
        if at == 12:
            first, head = kind, file.read(min(length, 10))
        if kind == b"XMP ":
            theirs = file.read(length) if length <= THEIRS_BYTES_MAX else b""
            gaps.append(range(at, end))
        at = end
    else:
        raise Unfit
    extended = _extended(first, head)
    packet = _packet(facts, theirs)
    ours = b"XMP " + struct.pack("<I", len(packet)) + packet + bytes(len(packet) % 2)
    rest = list(_without(range(30 if first == b"VP8X" else 12, stop), gaps))
    told = 4 + len(extended) + sum(len(piece) for piece in rest) + len(ours)
    yield b"RIFF" + struct.pack("<I", told) + b"WEBP" + extended
    yield from rest
    yield ours


def _extended(kind: bytes, head: bytes) -> bytes:
    """The extended head that says there is XMP, from whichever head the file has."""
    if kind == b"VP8X" and len(head) == 10:
        return b"VP8X" + struct.pack("<I", 10) + bytes([head[0] | HAS_XMP]) + head[1:]
    if kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", head[6:10]))
        flags = HAS_XMP
    elif kind == b"VP8L" and head[:1] == b"\x2f":
        (bits,) = struct.unpack("<I", head[1:5])
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags = HAS_XMP | (HAS_ALPHA if bits >> 28 & 1 else 0)
    else:
        raise Unfit
    sides = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return b"VP8X" + struct.pack("<I", 10) + bytes([flags, 0, 0, 0]) + sides


WRITERS = {"PNG": _png, "JPEG": _jpeg, "WEBP": _webp}
