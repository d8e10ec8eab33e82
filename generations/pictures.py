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


@contextmanager
def _decoded(path: Path, *, widest: int) -> Iterator[tuple[Image.Image, str, tuple[int, int]]]:
    """The decoded picture, turned upright and in RGB or RGBA, with its format and its full size as shown.

    It is made no wider than ``widest`` before it is turned, and where the format allows it is not even decoded much
    larger than that: the full picture is in memory once at most.
    """
    with _PatientFile(path, seconds_max=DECODE_SECONDS_MAX) as file:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                opened = Image.open(file, formats=list(FORMATS))
            with opened as picture:
                format_ = str(picture.format)
                _expect_moderate(picture)
                turn = picture.getexif().get(ORIENTATION_TAG, 1)
                swapped = turn in TURNS and turn >= FIRST_SWAPPED_TURN
                size = (picture.height, picture.width) if swapped else picture.size
                target = _fitted(size, widest)
                raw_target = (target[1], target[0]) if swapped else target
                picture.draft(None, (2 * raw_target[0], 2 * raw_target[1]))
                picture.load()
                shown = _in_color(picture)
                if shown.size != raw_target:
                    shown = shown.resize(raw_target, Image.Resampling.LANCZOS, reducing_gap=2.0)
                if turn in TURNS:
                    shown = shown.transpose(TURNS[turn])
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise PictureTooLarge("The picture has more pixels than we take.") from error
        except MemoryError as error:
            raise PictureTooLarge("The picture needs more memory than there is.") from error
        except _DECODER_ERRORS as error:
            # Decoders answer damaged files with whatever they stumble over.
            raise NotAPicture("The file is not a whole JPEG, PNG or WebP picture.") from error
        yield shown, format_, size


_DECODER_ERRORS = (OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, struct.error, zlib.error)


def _fitted(size: tuple[int, int], width_max: int) -> tuple[int, int]:
    """``size`` made no wider than ``width_max``, in proportion."""
    width = min(width_max, size[0])
    return width, max(1, round(size[1] * width / size[0]))


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
