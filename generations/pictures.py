"""What a file really is, judged by decoding it, and the smaller copies that pages show.

Only JPEG, PNG and WebP are pictures here. Refused: anything that does not decode to its end, more than 80 megapixels,
a side over 16,384 px, more than 100 frames. The size is checked before a pixel is decoded, so a bomb costs nothing.

A decode cannot be stopped from outside without a signal. JPEG and PNG are read piece by piece and end when their time
is up; WebP decodes in one step, which only the pixel limit and the caller's own time limit bound.
"""

import hashlib
import math
import struct
import time
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, FileIO
from pathlib import Path

from PIL import Image

PIXELS_MAX = 80_000_000
SIDE_MAX = 16_384
FRAMES_MAX = 100
DECODE_SECONDS_MAX = 30.0
RENDITION_WIDTHS = (384, 768, 1600)
RENDITION_QUALITY = 80
HASH_CHUNK_BYTES = 1024 * 1024
COPY_QUALITIES = (92, 85, 78)
COPY_SHRINK = 0.8
COPY_SIDE_MIN = 64
COPY_PIXELS_PER_BYTE = 4
"""More pixels than this a byte would only show how little of each is left: such a picture is halved first."""
STRIP_ROWS = 64
"""So many rows of a result are made at once: a second picture of full size in memory would be one too many."""
LANCZOS_REACH = 3
"""Pixels of the result on either side that have a part in one of its pixels."""
ORIENTATION_TAG = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each orientation a camera may note. Those from 5 on swap width and height."""
FIRST_SWAPPED_TURN = 5
FORMATS = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png"), "WEBP": ("image/webp", "webp")}

# OKLCH, for placeholder tones: hue in twelve steps of 30 degrees, lightness in five, chroma in three.
HUE_STEP = 30
CHROMA_STEPS = (0.03, 0.08)


class NotAPicture(Exception):
    """The file is nothing we could show."""


class PictureTooLarge(NotAPicture):
    """It may be a picture, but it is larger than we take."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a picture is. Width and height are as shown, after the turn its camera noted."""

    format: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    media_type: str
    extension: str
    tone: str


@dataclass(frozen=True, slots=True)
class RenditionFile:
    """A smaller copy, as a WebP file of its own."""

    width: int
    height: int
    path: Path
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Processed:
    """A picture's facts and its smaller copies, largest first."""

    facts: Facts
    renditions: list[RenditionFile]


def inspect(path: Path) -> Facts:
    """Decode the file to its end and say what it is. Raises NotAPicture or PictureTooLarge."""
    with _decoded(path, widest=max(RENDITION_WIDTHS)) as (picture, format_, size):
        return _facts(path, format_, size, tone_of(picture))


def make_renditions(path: Path, *, to_folder: Path, widths: tuple[int, ...] = RENDITION_WIDTHS) -> list[RenditionFile]:
    """Write the smaller copies into ``to_folder`` and return them, largest first.

    None is wider than the picture: a narrow one gets a single copy at its own width in place of those it cannot fill.
    They carry no metadata. Raises NotAPicture or PictureTooLarge.
    """
    with _decoded(path, widest=max(widths)) as (picture, _format, size):
        return _renditions(path, picture, size, widths, to_folder)


def process(path: Path, *, to_folder: Path, widths: tuple[int, ...] = RENDITION_WIDTHS) -> Processed:
    """``inspect`` and ``make_renditions`` with a single decode. Raises NotAPicture or PictureTooLarge."""
    with _decoded(path, widest=max(widths)) as (picture, format_, size):
        facts = _facts(path, format_, size, tone_of(picture))
        return Processed(facts=facts, renditions=_renditions(path, picture, size, widths, to_folder))


def make_copy(path: Path, *, to: Path, bytes_max: int) -> None:
    """Write a JPEG of the picture that has at most ``bytes_max`` bytes: less exact first, then smaller.

    It carries no metadata, and what is transparent becomes white. Raises NotAPicture or PictureTooLarge, the latter
    also when no copy worth having is that small.
    """
    with _decoded(path, pixels_max=COPY_PIXELS_PER_BYTE * bytes_max, on_white=True) as (picture, _format, _size):
        flat = picture
    del picture
    flat.info.clear()
    while True:
        for quality in COPY_QUALITIES:
            flat.save(to, "JPEG", quality=quality)
            if to.stat().st_size <= bytes_max:
                return
        if max(flat.size) < COPY_SIDE_MIN:
            raise PictureTooLarge(f"No copy of the picture fits into {bytes_max} bytes.")
        width, height = (max(1, round(side * COPY_SHRINK)) for side in flat.size)
        flat = _resized(flat, (width, height), flat.size)


@contextmanager
def _decoded(
    path: Path, *, widest: int = SIDE_MAX, pixels_max: int = PIXELS_MAX, on_white: bool = False
) -> Iterator[tuple[Image.Image, str, tuple[int, int]]]:
    """The decoded picture, turned upright and in RGB or RGBA, with its format and its full size as shown.

    It is made no wider than ``widest`` before it is turned, and halved until it has at most ``pixels_max``; where the
    format allows it is not even decoded much larger than that: the full picture is in memory once at most. With
    ``on_white`` what is transparent becomes white.
    """
    with _PatientFile(path, seconds_max=DECODE_SECONDS_MAX) as file:
        try:
            decoded = _decode(file, widest=widest, pixels_max=pixels_max, on_white=on_white)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise PictureTooLarge("The picture has more pixels than we take.") from error
        except MemoryError as error:
            raise PictureTooLarge("The picture needs more memory than there is.") from error
        except _DECODER_ERRORS as error:
            # Decoders answer damaged files with whatever they stumble over.
            raise NotAPicture("The file is not a whole JPEG, PNG or WebP picture.") from error
        yield decoded


def _decode(
    file: BufferedReader, *, widest: int, pixels_max: int, on_white: bool
) -> tuple[Image.Image, str, tuple[int, int]]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        opened = Image.open(file, formats=list(FORMATS))
    with opened as picture:
        format_ = str(picture.format)
        _expect_moderate(picture)
        turn = picture.getexif().get(ORIENTATION_TAG, 1)
        swapped = turn in TURNS and turn >= FIRST_SWAPPED_TURN
        size = (picture.height, picture.width) if swapped else picture.size
        halvings = _halvings(size, pixels_max)
        target = _fitted(size, min(widest, max(1, size[0] >> halvings)))
        raw_target = (target[1], target[0]) if swapped else target
        # Halving needs no room to choose from: whole blocks of pixels become one.
        gap = 1 if halvings else 2
        picture.draft(None, (gap * raw_target[0], gap * raw_target[1]))
        picture.load()
        shown = _shrunk(picture, raw_target, gap=gap, on_white=on_white)
        if turn in TURNS:
            shown = shown.transpose(TURNS[turn])
        return shown, format_, size


_DECODER_ERRORS = (OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, struct.error, zlib.error)


def _fitted(size: tuple[int, int], width_max: int) -> tuple[int, int]:
    """``size`` made no wider than ``width_max``, in proportion."""
    width = min(width_max, size[0])
    return width, max(1, round(size[1] * width / size[0]))


def _halvings(size: tuple[int, int], pixels_max: int) -> int:
    """How often both sides are halved until so few pixels are left."""
    halvings = 0
    while (size[0] >> halvings) * (size[1] >> halvings) > pixels_max:
        halvings += 1
    return halvings


def _shrunk(picture: Image.Image, size: tuple[int, int], *, gap: int, on_white: bool) -> Image.Image:
    """The picture in RGB or RGBA at that size, in place of the one handed in, which is closed.

    First whole blocks of pixels become one, until each side has ``gap`` times as many as wanted; the rest is done with
    more care. Until its source is closed the result is kept as packed rows, which take less room than a picture.
    """
    width, height = picture.size
    across, down = (max(1, int(full / wanted / gap)) for full, wanted in zip(picture.size, size, strict=True))
    mode = "RGBA" if picture.has_transparency_data and not on_white else "RGB"
    if (across, down) == (1, 1) and picture.mode == mode:
        return _resized(picture, size, picture.size)
    rows = []
    for top in range(0, height, STRIP_ROWS * down):
        strip = _in_color(picture.crop((0, top, width, min(height, top + STRIP_ROWS * down))))
        strip = strip.reduce((across, down))
        rows.append((_on_white(strip) if on_white else strip).convert(mode).tobytes())
    picture.close()
    return _resized(_joined(rows, mode, -(-width // across)), size, (width / across, height / down))


def _joined(rows: list[bytes], mode: str, width: int) -> Image.Image:
    """One picture of strips that lie below each other."""
    heights = [len(strip) // (width * len(mode)) for strip in rows]
    whole = Image.new(mode, (width, sum(heights)))
    for number, strip in enumerate(rows):
        whole.paste(Image.frombytes(mode, (width, heights[number]), strip), (0, sum(heights[:number])))
    return whole


def _resized(picture: Image.Image, size: tuple[int, int], extent: tuple[float, float]) -> Image.Image:
    """The same picture at another size, strip by strip. ``extent`` is how much of it counts, from the upper left."""
    if picture.size == size and tuple(extent) == tuple(size):
        return picture
    whole = Image.new(picture.mode, size)
    step = extent[1] / size[1]
    reach = LANCZOS_REACH * max(1.0, step) + 1
    for top in range(0, size[1], STRIP_ROWS):
        bottom = min(top + STRIP_ROWS, size[1])
        first = max(0, int(top * step - reach))
        part = picture.crop((0, first, picture.width, min(picture.height, int(bottom * step + reach) + 1)))
        box = (0, top * step - first, extent[0], min(bottom * step, extent[1]) - first)
        whole.paste(part.resize((size[0], bottom - top), Image.Resampling.LANCZOS, box), (0, top))
    return whole


def _on_white(picture: Image.Image) -> Image.Image:
    """The same picture without transparency."""
    if picture.mode == "RGB":
        return picture
    flat = Image.new("RGB", picture.size, "white")
    flat.paste(picture, mask=picture.getchannel("A"))
    return flat


def _expect_moderate(picture: Image.Image) -> None:
    width, height = picture.size
    if width < 1 or height < 1:
        raise NotAPicture("The picture has no size.")
    if width > SIDE_MAX or height > SIDE_MAX:
        raise PictureTooLarge(f"A side of the picture is longer than {SIDE_MAX:,} px.")
    if width * height > PIXELS_MAX:
        raise PictureTooLarge(f"The picture has more than {PIXELS_MAX // 1_000_000} megapixels.")
    if getattr(picture, "n_frames", 1) > FRAMES_MAX:
        raise PictureTooLarge(f"The picture moves in more than {FRAMES_MAX} frames.")


def _in_color(picture: Image.Image) -> Image.Image:
    """The same picture in RGB, or RGBA where anything in it is transparent."""
    if picture.mode.startswith("I"):
        # Sixteen bits a pixel: a plain conversion would clip nearly everything to white.
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)


def _renditions(
    path: Path, picture: Image.Image, size: tuple[int, int], widths: tuple[int, ...], to_folder: Path
) -> list[RenditionFile]:
    made = []
    for width, height in sorted({_fitted(size, width) for width in widths}, reverse=True):
        if picture.size != (width, height):
            picture = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
        file = to_folder / f"{path.stem}-{width}.webp"
        bare = Image.new(picture.mode, picture.size)
        bare.paste(picture)
        bare.save(file, "WEBP", quality=RENDITION_QUALITY, method=4)
        made.append(RenditionFile(width=width, height=height, path=file, size_bytes=file.stat().st_size))
    return made


def _facts(path: Path, format_: str, size: tuple[int, int], tone: str) -> Facts:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(HASH_CHUNK_BYTES):
            digest.update(chunk)
    media_type, extension = FORMATS[format_]
    return Facts(
        format=format_,
        width=size[0],
        height=size[1],
        size_bytes=path.stat().st_size,
        sha256=digest.hexdigest(),
        media_type=media_type,
        extension=extension,
        tone=tone,
    )


def tone_of(picture: Image.Image) -> str:
    """The picture's average color as a placeholder's tone: "h2 l3 c1" (hue, lightness and chroma, in steps)."""
    pixel = picture.resize((1, 1), Image.Resampling.BOX, reducing_gap=2.0).convert("RGB").getpixel((0, 0))
    if not isinstance(pixel, tuple):
        raise NotAPicture("The picture has no color.")
    lightness, chroma, hue = _oklch(*(part / 255 for part in pixel[:3]))
    hue_step = int((hue + HUE_STEP / 2) % 360 // HUE_STEP)
    chroma_step = sum(chroma >= step for step in CHROMA_STEPS)
    return f"h{hue_step} l{min(int(lightness * 5), 4)} c{chroma_step}"


def _oklch(red: float, green: float, blue: float) -> tuple[float, float, float]:
    """sRGB in 0..1 as OKLCH: lightness 0..1, chroma, hue in degrees."""
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue))
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    medium = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b_axis = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b_axis), math.degrees(math.atan2(b_axis, a)) % 360


class _PatientFile(BufferedReader):
    """A file that stops giving when its time is up, which ends a decode that reads piece by piece."""

    def __init__(self, path: Path, *, seconds_max: float) -> None:
        super().__init__(FileIO(path))
        self._deadline = time.monotonic() + seconds_max

    def read(self, size: int | None = -1, /) -> bytes:
        if time.monotonic() > self._deadline:
            raise NotAPicture("The picture took too long to decode.")
        return super().read(size)
