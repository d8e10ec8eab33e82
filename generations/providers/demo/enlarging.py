"""Enlarges a picture to an exact multiple and sharpens it a little, strip by strip to keep the memory small."""

from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageFilter, ImageOps

PIXELS_MAX = 80_000_000
SIDE_MAX = 16_384
FORMATS = ("JPEG", "PNG", "WEBP")
STRIP_PIXELS = 4_000_000
SHARPEN_PERCENT = 40
SHARPEN_THRESHOLD = 0
JPEG_QUALITY = 92
SWAPPING_ORIENTATIONS = (5, 6, 7, 8)
ORIENTATION_TAG = 0x0112


def size_of(file: Path) -> tuple[int, int]:
    """Width and height as shown, read from the file's head. Raises OSError for what is not a picture."""
    with Image.open(file, formats=FORMATS) as picture:
        width, height = picture.size
        swapped = picture.getexif().get(ORIENTATION_TAG) in SWAPPING_ORIENTATIONS
    return (height, width) if swapped else (width, height)


def fits(size: tuple[int, int], scale: int) -> bool:
    """Whether a picture of this size can be made so many times as wide and high."""
    width, height = size[0] * scale, size[1] * scale
    return width * height <= PIXELS_MAX and max(width, height) <= SIDE_MAX


def enlarge(file: Path, *, scale: int, to: BinaryIO) -> None:
    """Write the enlarged picture as JPEG, or PNG if anything in it is transparent. Raises OSError."""
    with Image.open(file, formats=FORMATS) as opened:
        mode = "RGBA" if opened.has_transparency_data else "RGB"
        upright = ImageOps.exif_transpose(opened)
        source = upright if upright.mode == mode else upright.convert(mode)
    result = Image.new(mode, (source.width * scale, source.height * scale))
    rows = max(1, STRIP_PIXELS // (result.width * scale))
    for top in range(0, source.height, rows):
        _strip(source, result, top, min(top + rows, source.height), scale)
    if mode == "RGBA":
        result.save(to, "PNG", compress_level=1)
    else:
        result.save(to, "JPEG", quality=JPEG_QUALITY, subsampling=0)


def _strip(source: Image.Image, result: Image.Image, top: int, bottom: int, scale: int) -> None:
    """Enlarge some rows together with a few neighbors, so that no seam shows where strips meet."""
    margin = 4
    first, last = max(0, top - margin), min(source.height, bottom + margin)
    strip = source.resize(
        (result.width, (last - first) * scale), Image.Resampling.LANCZOS, box=(0, first, source.width, last)
    )
    sharp = strip.filter(ImageFilter.UnsharpMask(radius=scale, percent=SHARPEN_PERCENT, threshold=SHARPEN_THRESHOLD))
    skip = (top - first) * scale
    result.paste(sharp.crop((0, skip, result.width, skip + (bottom - top) * scale)), (0, top * scale))
