"""Only what decodes to its end is a picture, and its smaller copies carry nothing but the picture."""

import hashlib
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageFile, ImageStat

from generations import pictures
from generations.pictures import (
    FRAMES_MAX,
    NotAPicture,
    PictureTooLarge,
    inspect,
    make_copy,
    make_renditions,
    process,
    tone_of,
)

EXIF_ORIENTATION = 0x0112
EXIF_MAKER = 0x010F
TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera that notes this orientation has stored an upright picture."""


def drawn(width: int = 120, height: int = 80, mode: str = "RGB") -> Image.Image:
    """A picture with something in it: red in the upper left corner, noise elsewhere."""
    noise = Image.effect_noise((width // 8 + 1, height // 8 + 1), 90).resize((width, height)).convert("RGB")
    noise.paste((220, 20, 20), (0, 0, max(1, width // 4), max(1, height // 4)))
    return noise.convert(mode)


def saved(folder: Path, picture: Image.Image, format: str = "PNG", **options: Any) -> Path:
    file = folder / "0.result"
    picture.save(file, format, **options)
    return file


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose head claims a size that its few bytes do not hold."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def flat_png(file: Path, width: int, height: int, *, bands: int) -> Path:
    """A PNG of one color, RGB or RGBA, written without ever holding it whole."""
    packer = zlib.compressobj(1)
    row = b"\0" + bytes((90, 120, 60, 200)[:bands]) * width
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, {3: 2, 4: 6}[bands], 0, 0, 0)
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
    return file


COPYING = """
import sys
from pathlib import Path
from generations.pictures import make_copy
make_copy(Path(sys.argv[1]), to=Path(sys.argv[2]), bytes_max=10_000_000)
# Not getrusage: it still counts the process this one was forked from.
[peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(peak.split()[1])
"""
"""Makes a copy, and says how many KiB of memory the process had at most."""


class TestFacts:
    @pytest.mark.parametrize(
        ("format", "media_type", "extension"),
        [("JPEG", "image/jpeg", "jpg"), ("PNG", "image/png", "png"), ("WEBP", "image/webp", "webp")],
    )
    def test_come_from_the_bytes(self, tmp_path: Path, format: str, media_type: str, extension: str) -> None:
        file = saved(tmp_path, drawn(), format)
        facts = inspect(file)
        assert (facts.format, facts.media_type, facts.extension) == (format, media_type, extension)
        assert (facts.width, facts.height) == (120, 80)
        assert facts.size_bytes == file.stat().st_size
        assert facts.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()

    def test_are_the_same_with_and_without_renditions(self, tmp_path: Path) -> None:
        file = saved(tmp_path, drawn(2400, 1800), "JPEG", quality=90)
        assert inspect(file) == process(file, to_folder=tmp_path).facts

    @pytest.mark.parametrize(
        ("mode", "format"),
        [("L", "PNG"), ("1", "PNG"), ("P", "PNG"), ("LA", "PNG"), ("RGBA", "PNG"), ("I;16", "PNG"), ("CMYK", "JPEG")],
    )
    def test_can_be_told_in_every_mode(self, tmp_path: Path, mode: str, format: str) -> None:
        picture = Image.new("I;16", (40, 30), 40_000) if mode == "I;16" else drawn(40, 30, mode)
        processed = process(saved(tmp_path, picture, format), to_folder=tmp_path)
        assert (processed.facts.width, processed.facts.height) == (40, 30)
        with Image.open(processed.renditions[0].path) as copy:
            assert copy.size == (40, 30)

    def test_sixteen_bits_are_not_clipped_to_white(self, tmp_path: Path) -> None:
        file = saved(tmp_path, Image.new("I;16", (40, 30), 20_000))
        with Image.open(process(file, to_folder=tmp_path).renditions[0].path) as copy:
            assert copy.convert("L").getpixel((5, 5)) == pytest.approx(20_000 / 256, abs=3)


class TestRefusals:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<!doctype html><title>Sorry</title>",
            b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>',
            b"%PDF-1.7\n1 0 obj",
            b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x00\x00\x00\x00\x00,",
            b"\xff\xd8\xff\xe0 not really",
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\x24\x00\x00\x00WEBPVP8 ",
            bytes(4096),
        ],
    )
    def test_what_is_no_picture(self, tmp_path: Path, content: bytes) -> None:
        """F49"""
        file = tmp_path / "0.result"
        file.write_bytes(content)
        with pytest.raises(NotAPicture):
            inspect(file)

    @pytest.mark.parametrize("format", ["GIF", "BMP", "TIFF", "ICO"])
    def test_other_formats(self, tmp_path: Path, format: str) -> None:
        with pytest.raises(NotAPicture):
            inspect(saved(tmp_path, drawn(), format))

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
    @pytest.mark.parametrize("missing", [30, 2000])
    def test_a_file_that_was_cut_off(self, tmp_path: Path, format: str, missing: int) -> None:
        file = saved(tmp_path, drawn(1200, 900), format)
        file.write_bytes(file.read_bytes()[:-missing])
        with pytest.raises(NotAPicture):
            inspect(file)

    @pytest.mark.parametrize("size", [(12_000, 12_000), (20_000, 20_000), (16_385, 10), (10, 16_385), (8945, 8945)])
    def test_bombs_before_they_are_decoded(
        self, tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """F52"""

        def never(self: Image.Image) -> None:
            raise AssertionError("it was decoded")

        monkeypatch.setattr(ImageFile.ImageFile, "load", never)
        file = tmp_path / "0.result"
        file.write_bytes(png_claiming(*size))
        with pytest.raises(PictureTooLarge):
            inspect(file)

    def test_a_file_that_claims_more_than_it_holds(self, tmp_path: Path) -> None:
        file = tmp_path / "0.result"
        file.write_bytes(png_claiming(4000, 4000))
        with pytest.raises(NotAPicture):
            inspect(file)

    @pytest.mark.parametrize("format", ["PNG", "WEBP"])
    def test_too_many_frames(self, tmp_path: Path, format: str) -> None:
        frames = [Image.new("RGB", (8, 8), (i * 97 % 256, i * 53 % 256, i * 29 % 256)) for i in range(FRAMES_MAX + 1)]
        options = {"save_all": True, "append_images": frames[1:], "duration": 20, "lossless": True}
        with pytest.raises(PictureTooLarge):
            inspect(saved(tmp_path, frames[0], format, **options))
        options["append_images"] = frames[1:FRAMES_MAX]
        assert inspect(saved(tmp_path, frames[0], format, **options)).width == 8

    @pytest.mark.parametrize("format", ["JPEG", "PNG"])
    def test_a_decode_that_takes_too_long(self, tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch) -> None:
        file = saved(tmp_path, drawn(1200, 900), format)
        monkeypatch.setattr(pictures, "DECODE_SECONDS_MAX", -1)
        with pytest.raises(NotAPicture, match="too long"):
            inspect(file)

    def test_a_missing_file_is_no_picture(self, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="nothing"):
            inspect(tmp_path / "nothing")


class TestRenditions:
    @pytest.mark.parametrize(
        ("size", "expected"),
        [
            ((2400, 1200), [(1600, 800), (768, 384), (384, 192)]),
            ((1600, 900), [(1600, 900), (768, 432), (384, 216)]),
            ((1248, 832), [(1248, 832), (768, 512), (384, 256)]),
            ((768, 1000), [(768, 1000), (384, 500)]),
            ((500, 400), [(500, 400), (384, 307)]),
            ((384, 10), [(384, 10)]),
            ((64, 900), [(64, 900)]),
            ((3000, 1), [(1600, 1), (768, 1), (384, 1)]),
        ],
    )
    def test_are_never_larger_than_the_picture_and_never_twice_the_same(
        self, tmp_path: Path, size: tuple[int, int], expected: list[tuple[int, int]]
    ) -> None:
        made = make_renditions(saved(tmp_path, drawn(*size), "JPEG"), to_folder=tmp_path)
        assert [(copy.width, copy.height) for copy in made] == expected
        for copy in made:
            with Image.open(copy.path) as opened:
                assert (opened.format, opened.size) == ("WEBP", (copy.width, copy.height))
            assert copy.size_bytes == copy.path.stat().st_size

    def test_of_two_pictures_in_one_folder_do_not_meet(self, tmp_path: Path) -> None:
        one, other = tmp_path / "0.result", tmp_path / "1.result"
        drawn().save(one, "PNG")
        drawn().save(other, "PNG")
        made = [copy.path for file in (one, other) for copy in make_renditions(file, to_folder=tmp_path)]
        assert len(set(made)) == len(made)

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_stand_upright(self, tmp_path: Path, orientation: int) -> None:
        upright = drawn(2000, 1000)
        exif = Image.Exif()
        exif[EXIF_ORIENTATION] = orientation
        stored = upright.transpose(TURNED[orientation]) if orientation in TURNED else upright
        processed = process(saved(tmp_path, stored, "JPEG", exif=exif), to_folder=tmp_path)
        assert (processed.facts.width, processed.facts.height) == (2000, 1000)
        with Image.open(processed.renditions[0].path) as copy:
            assert copy.size == (1600, 800)
            corner = copy.convert("RGB").getpixel((20, 20))
        assert isinstance(corner, tuple)
        assert corner[0] > 180 > 80 > corner[1]

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
    def test_carry_no_metadata(self, tmp_path: Path, format: str) -> None:
        """S44"""
        exif = Image.Exif()
        exif[EXIF_MAKER] = "canary-maker"
        file = saved(tmp_path, drawn(), format, exif=exif)
        assert b"canary-maker" in file.read_bytes()
        for copy in make_renditions(file, to_folder=tmp_path):
            assert b"canary-maker" not in copy.path.read_bytes()
            with Image.open(copy.path) as opened:
                assert not opened.getexif()
                assert "icc_profile" not in opened.info

    def test_keep_what_is_transparent(self, tmp_path: Path) -> None:
        picture = Image.new("RGBA", (40, 40), (10, 200, 10, 255))
        picture.paste((0, 0, 0, 0), (0, 0, 20, 40))
        with Image.open(make_renditions(saved(tmp_path, picture), to_folder=tmp_path)[0].path) as copy:
            assert copy.mode == "RGBA"
            assert copy.getchannel("A").getpixel((5, 5)) == 0

    def test_show_the_first_frame(self, tmp_path: Path) -> None:
        frames = [Image.new("RGB", (64, 64), color) for color in ((200, 0, 0), (0, 0, 200))]
        file = saved(tmp_path, frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
        with Image.open(make_renditions(file, to_folder=tmp_path)[0].path) as copy:
            assert getattr(copy, "n_frames", 1) == 1
            pixel = copy.convert("RGB").getpixel((30, 30))
        assert isinstance(pixel, tuple)
        assert pixel[0] > 150 > pixel[2]

    def test_the_original_is_left_as_it_was(self, tmp_path: Path) -> None:
        file = saved(tmp_path, drawn(), "JPEG")
        before = file.read_bytes()
        process(file, to_folder=tmp_path)
        assert file.read_bytes() == before

    def test_a_large_jpeg_is_not_decoded_at_full_size(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """F53"""
        file = saved(tmp_path, Image.new("RGB", (8192, 8192), (90, 120, 60)), "JPEG")
        sizes: list[tuple[int, int]] = []
        plain = Image.Image.crop

        def noting(self: Image.Image, *args: Any, **options: Any) -> Image.Image:
            sizes.append(self.size)
            return plain(self, *args, **options)

        monkeypatch.setattr(Image.Image, "crop", noting)
        assert process(file, to_folder=tmp_path).facts.width == 8192
        assert max(sizes) == (4096, 4096)


class TestCopies:
    """For a vendor that reads no larger file."""

    def copied(self, folder: Path, file: Path, bytes_max: int) -> Image.Image:
        to = folder / "copy.jpg"
        make_copy(file, to=to, bytes_max=bytes_max)
        assert to.stat().st_size <= bytes_max
        picture = Image.open(to)
        picture.load()
        assert picture.format == "JPEG"
        return picture

    def test_keep_the_size_while_a_lesser_quality_will_do(self, tmp_path: Path) -> None:
        grainy = Image.effect_noise((600, 400), 60).convert("RGB")
        file = saved(tmp_path, grainy, "PNG")
        careful, careless = tmp_path / "careful.jpg", tmp_path / "careless.jpg"
        grainy.save(careful, "JPEG", quality=92)
        grainy.save(careless, "JPEG", quality=78)
        between = (careful.stat().st_size + careless.stat().st_size) // 2

        assert self.copied(tmp_path, file, between).size == (600, 400)

    def test_shrink_in_proportion_when_quality_alone_is_not_enough(self, tmp_path: Path) -> None:
        copy = self.copied(tmp_path, saved(tmp_path, drawn(900, 600), "PNG"), 12_000)

        assert copy.width < 900
        assert copy.width / copy.height == pytest.approx(1.5, abs=0.02)

    def test_have_no_more_pixels_than_their_bytes_can_show(self, tmp_path: Path) -> None:
        plain = Image.new("RGB", (1000, 500), (90, 120, 150))
        copy = self.copied(tmp_path, saved(tmp_path, plain, "PNG"), 20_000)

        assert copy.size == (250, 125)  # halved twice: half of it would still be more than 80,000

    def test_are_white_where_the_picture_is_transparent(self, tmp_path: Path) -> None:
        picture = Image.new("RGBA", (80, 60), (200, 10, 10, 0))
        copy = self.copied(tmp_path, saved(tmp_path, picture, "PNG"), 50_000)

        assert copy.getpixel((40, 30)) == (255, 255, 255)

    def test_stand_upright_and_tell_nothing_about_a_camera(self, tmp_path: Path) -> None:
        noted = Image.Exif()
        noted[EXIF_ORIENTATION], noted[EXIF_MAKER] = 6, "maker"
        file = saved(tmp_path, drawn(120, 80), "JPEG", exif=noted, comment=b"a lens")
        copy = self.copied(tmp_path, file, 50_000)

        assert copy.size == (80, 120)
        assert not copy.getexif()
        assert "comment" not in copy.info

    @pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
    @pytest.mark.parametrize(("bytes_max", "size"), [(10_000_000, (901, 601)), (100_000, (450, 300))])
    def test_made_strip_by_strip_are_what_they_would_be_at_once(
        self, tmp_path: Path, mode: str, bytes_max: int, size: tuple[int, int]
    ) -> None:
        drawing = drawn(901, 601).quantize() if mode == "P" else drawn(901, 601).convert(mode)
        if mode == "RGBA":
            drawing.putalpha(Image.linear_gradient("L").resize(drawing.size))
        copy = self.copied(tmp_path, saved(tmp_path, drawing, "PNG"), bytes_max)

        flat = Image.new("RGB", drawing.size, "white")
        flat.paste(drawing, mask=drawing.getchannel("A") if mode == "RGBA" else None)
        assert copy.size == size
        different = ImageChops.difference(copy, flat.resize(size, Image.Resampling.LANCZOS))
        assert max(ImageStat.Stat(different).mean) < 2
        assert max(ImageStat.Stat(different).rms) < 5

    @pytest.mark.skipif(sys.platform != "linux", reason="Other systems count memory in other units.")
    @pytest.mark.parametrize("bands", [3, 4])
    def test_of_the_largest_pictures_fit_into_a_workers_memory(self, tmp_path: Path, bands: int) -> None:
        """Not much more than the decoded picture itself, which takes 302 MiB."""
        file = flat_png(tmp_path / "large.png", 8900, 8900, bands=bands)
        told = subprocess.run(
            [sys.executable, "-c", COPYING, str(file), str(tmp_path / "copy.jpg")],
            capture_output=True, check=True, text=True, timeout=120,
        )  # fmt: skip
        assert 302 < int(told.stdout) / 1024 < 400

    def test_are_not_made_where_nothing_worth_having_would_be_left(self, tmp_path: Path) -> None:
        with pytest.raises(PictureTooLarge):
            make_copy(saved(tmp_path, drawn(300, 200), "PNG"), to=tmp_path / "copy.jpg", bytes_max=300)

    def test_are_made_of_pictures_only(self, tmp_path: Path) -> None:
        (tmp_path / "0.result").write_bytes(b"<svg/>")
        with pytest.raises(NotAPicture):
            make_copy(tmp_path / "0.result", to=tmp_path / "copy.jpg", bytes_max=50_000)


class TestTones:
    @pytest.mark.parametrize(
        ("color", "tone"),
        [
            ((0, 0, 0), "h0 l0 c0"),
            ((255, 255, 255), None),
            ((255, 0, 0), "h1 l3 c2"),
            ((0, 0, 255), "h9 l2 c2"),
            ((0, 255, 0), "h5 l4 c2"),
            ((255, 255, 0), "h4 l4 c2"),
            ((40, 20, 10), "h2 l1 c1"),
        ],
    )
    def test_name_hue_lightness_and_chroma(self, color: tuple[int, int, int], tone: str | None) -> None:
        found = tone_of(Image.new("RGB", (30, 20), color))
        if tone is None:
            assert found.endswith("l4 c0")
        else:
            assert found == tone

    def test_are_the_average_of_the_picture(self) -> None:
        picture = Image.new("RGB", (100, 100), (0, 0, 0))
        picture.paste((255, 255, 255), (0, 0, 50, 100))
        assert tone_of(picture).endswith("l2 c0")

    def test_ignore_what_is_transparent(self) -> None:
        picture = Image.new("RGBA", (100, 100), (255, 0, 0, 255))
        picture.paste((0, 0, 255, 0), (0, 0, 90, 100))
        assert tone_of(picture) == "h1 l3 c2"
