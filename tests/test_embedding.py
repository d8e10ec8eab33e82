"""Settings in a copy of a file: readable, safe whatever was typed, and every pixel as it was."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image, PngImagePlugin

from generations import embedding
from generations.embedding import NAMESPACE, Unfit, as_it_is, tag_of, with_settings

FACTS = {"prompt": "a lamp & a <door>", "model": "Painter, large", "vendor": "Demo", "id": "0191d0aa"}
HOSTILE = {
    "markup": "</rdf:RDF><script>]]>&amp;\"'",
    "control characters": "a\0b\x07c\r\nd\ud800e\uffff",
    "5,000 of the widest": "😀" * 5000,
    "5,000 to be escaped": "&" * 5000,
    "nothing": "",
}
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def saved(folder: Path, format: str, mode: str = "RGB", **options: Any) -> Path:
    file = folder / f"picture.{format.lower()}"
    noise = Image.effect_noise((67, 41), 90).convert(mode)
    if mode == "RGBA":
        noise.putalpha(Image.linear_gradient("L").resize(noise.size))
    noise.save(file, format, **options)
    return file


def copy_of(file: Path, format: str, facts: dict[str, str] | None = None) -> bytes:
    plan = with_settings(file, format=format, facts=facts or FACTS)
    with file.open("rb") as source:
        made = b"".join(plan.blocks(source))
    assert len(made) == plan.size
    return made


def xmp_of(copy: bytes) -> dict[str, str]:
    """What stands in it in our namespace."""
    with Image.open(io.BytesIO(copy)) as picture:
        packet = picture.info["xmp"]
    tree = ElementTree.fromstring(packet)
    return {one.tag.rpartition("}")[2]: one.text or "" for one in tree.iter() if one.tag.startswith(f"{{{NAMESPACE}}}")}


def same_pixels(file: Path, copy: bytes) -> bool:
    with Image.open(file) as before, Image.open(io.BytesIO(copy)) as after:
        return (before.mode, before.size, before.tobytes()) == (after.mode, after.size, after.tobytes())


KINDS = [
    ("PNG", "RGB", {}),
    ("PNG", "RGBA", {}),
    ("JPEG", "RGB", {}),
    ("JPEG", "RGB", {"progressive": True}),
    ("WEBP", "RGB", {}),
    ("WEBP", "RGB", {"lossless": True}),
    ("WEBP", "RGBA", {"lossless": True}),
    ("WEBP", "RGBA", {}),
]


@pytest.mark.parametrize(("format", "mode", "options"), KINDS)
def test_the_copy_says_how_it_was_made_and_shows_the_same(
    tmp_path: Path, format: str, mode: str, options: dict[str, Any]
) -> None:
    file = saved(tmp_path, format, mode, **options)
    before = file.read_bytes()
    copy = copy_of(file, format)

    assert xmp_of(copy) == FACTS
    assert same_pixels(file, copy)
    assert file.read_bytes() == before


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_whatever_was_typed_stays_words(tmp_path: Path, format: str, kind: str) -> None:
    file = saved(tmp_path, format)
    prompt = HOSTILE[kind]
    copy = copy_of(file, format, FACTS | {"prompt": prompt})

    assert same_pixels(file, copy)
    told = xmp_of(copy)
    clean = prompt.replace("\r\n", "\n").translate(dict.fromkeys(map(ord, "\0\x07\ud800\uffff"), "\ufffd"))
    assert told == FACTS | {"prompt": clean}


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_what_nobody_could_type_is_cut(tmp_path: Path, format: str) -> None:
    file = saved(tmp_path, format)
    copy = copy_of(file, format, FACTS | {"prompt": "<" * 1_000_000})

    assert same_pixels(file, copy)
    assert xmp_of(copy)["prompt"].endswith("<…")
    assert len(copy) < file.stat().st_size + 70_000


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_what_the_file_says_already_stays(tmp_path: Path, format: str) -> None:
    theirs = embedding.PACKET % ("By the vendor", "")
    if format == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", theirs)
        info.add_text("Author", "The vendor")
        info.add_text("parameters", "of another program")
        file = saved(tmp_path, format, pnginfo=info)
    else:
        file = saved(tmp_path, format, xmp=theirs.encode(), exif=Image.Exif())
    copy = copy_of(file, format)

    assert same_pixels(file, copy)
    with Image.open(io.BytesIO(copy)) as picture:
        packet, author = picture.info["xmp"], picture.info.get("Author", "The vendor")
    assert (b"By the vendor" in packet, author) == (True, "The vendor")
    assert xmp_of(copy) == FACTS
    assert copy.count(b"<x:xmpmeta") == 1


def test_a_png_has_the_words_other_programs_read(tmp_path: Path) -> None:
    with Image.open(io.BytesIO(copy_of(saved(tmp_path, "PNG"), "PNG"))) as picture:
        words = picture.info["parameters"]
    assert words == 'a lamp & a <door>\nModel: "Painter, large", Vendor: Demo, Id: 0191d0aa'


def test_a_camera_s_notes_stay_first_in_a_jpeg(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    copy = copy_of(saved(tmp_path, "JPEG", exif=exif), "JPEG")

    assert copy.index(b"Exif\0") < copy.index(embedding.XMP_SEGMENT)
    with Image.open(io.BytesIO(copy)) as picture:
        assert picture.getexif()[0x010F] == "A camera"


def test_a_jpeg_whose_own_words_fill_their_segment_gets_another(tmp_path: Path) -> None:
    file = saved(tmp_path, "JPEG", xmp=(embedding.PACKET % ("v" * 64_900, "")).encode())
    copy = copy_of(file, "JPEG")

    assert same_pixels(file, copy)
    assert copy.count(b"<x:xmpmeta") == 2


def test_an_animation_still_moves(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "green", "blue")]
    for kind in ("WEBP", "PNG"):
        file = tmp_path / f"moves.{kind.lower()}"
        frames[0].save(file, kind, save_all=True, append_images=frames[1:], duration=50)
        with Image.open(io.BytesIO(copy_of(file, kind))) as picture:
            assert getattr(picture, "n_frames", 1) == 3


def damaged(format: str) -> list[bytes]:
    if format == "PNG":
        head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 13, b"IHDR") + bytes(13) + struct.pack(">I", zlib.crc32(b""))
        return [b"", b"\x89PNG", head, head + struct.pack(">I4s", 2**31, b"IDAT")]
    if format == "JPEG":
        return [b"", b"\xff\xd8", b"\xff\xd8\xff\xe0\0\1", b"\xff\xd8\0\0\0\0", b"\xff\xd8" + b"\xff\xe2\0\2" * 9]
    simple = b"RIFF" + struct.pack("<I", 4 + 8 + 10) + b"WEBP"
    return [b"", b"RIFF", simple, simple + b"VP8 " + struct.pack("<I", 10) + bytes(10), simple + b"NONE" + bytes(14)]


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_file_that_is_not_built_like_that_gets_nothing(tmp_path: Path, format: str) -> None:
    for number, content in enumerate(damaged(format)):
        file = tmp_path / f"{number}"
        file.write_bytes(content)
        with pytest.raises(Unfit):
            with_settings(file, format=format, facts=FACTS)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_any_part_of_a_copy_is_that_part_of_it(tmp_path: Path, format: str) -> None:
    file = saved(tmp_path, format)
    plan, whole = with_settings(file, format=format, facts=FACTS), copy_of(file, format)
    with file.open("rb") as source:
        for start in range(0, len(whole), 97):
            wanted = range(start, min(len(whole), start + 333))
            assert b"".join(plan.blocks(source, wanted)) == whole[wanted.start : wanted.stop]


def test_a_file_that_ends_too_early_is_not_taken_for_whole(tmp_path: Path) -> None:
    file = saved(tmp_path, "PNG")
    plan = as_it_is(file)
    with file.open("r+b") as source:
        source.truncate(100)
    with file.open("rb") as source, pytest.raises(embedding.CutShort):
        list(plan.blocks(source))


def test_other_facts_are_another_copy() -> None:
    assert tag_of(FACTS) == tag_of(dict(FACTS)) != tag_of(FACTS | {"prompt": "a door"})
