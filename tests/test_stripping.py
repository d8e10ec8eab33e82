"""Notes go, pixels stay; whatever is no whole, still picture is turned away."""

from pathlib import Path

import pytest
from PIL import Image as Drawing
from PIL import ImageOps

from generations import pictures, stripping
from generations.pictures import NotAPicture
from generations.stripping import Moves
from tests.uploads import GPS_WORDS, bomb, drawn, moving

FORMATS = ("JPEG", "PNG", "WEBP")


def stripped(body: bytes, folder: Path) -> Path:
    (folder / "raw").write_bytes(body)
    stripping.strip(folder / "raw", to=folder / "bare")
    return folder / "bare"


class TestAPicture:
    @pytest.mark.parametrize("format", FORMATS)
    @pytest.mark.parametrize("turn", [0, 3, 6])
    def test_loses_its_notes_and_no_pixel(self, tmp_path: Path, format: str, turn: int) -> None:
        body = drawn(format, turn=turn)
        assert GPS_WORDS in body
        bare = stripped(body, tmp_path)
        assert GPS_WORDS not in bare.read_bytes()
        with Drawing.open(tmp_path / "raw") as before, Drawing.open(bare) as after:
            upright = [ImageOps.exif_transpose(one).convert("RGB") for one in (before, after)]
            assert upright[0].tobytes() == upright[1].tobytes()
        assert (pictures.inspect(bare).width > 200) == (turn != 6)

    @pytest.mark.parametrize("format", FORMATS)
    def test_hides_nothing_behind_its_end(self, tmp_path: Path, format: str) -> None:
        bare = stripped(drawn(format) + b"PK\x03\x04<script>alert(1)</script>", tmp_path)
        assert b"script" not in bare.read_bytes()
        assert pictures.inspect(bare).format == format

    def test_keeps_what_its_colors_mean(self, tmp_path: Path) -> None:
        profile = b"a profile of colors" * 5000
        Drawing.new("RGB", (30, 20), "red").save(tmp_path / "colors.jpg", icc_profile=profile)
        with Drawing.open(stripped((tmp_path / "colors.jpg").read_bytes(), tmp_path)) as after:
            assert after.info["icc_profile"] == profile

    def test_of_a_phone_that_put_two_into_one_file_is_the_first(self, tmp_path: Path) -> None:
        frames = [Drawing.new("RGB", (60, 40), color) for color in ("red", "blue")]
        frames[0].save(tmp_path / "two.mpo", "MPO", save_all=True, append_images=frames[1:])
        assert pictures.inspect(stripped((tmp_path / "two.mpo").read_bytes(), tmp_path)).format == "JPEG"

    def test_drawn_in_many_scans_stays_whole(self, tmp_path: Path) -> None:
        Drawing.radial_gradient("L").convert("RGB").save(
            tmp_path / "scans.jpg", progressive=True, restart_marker_rows=2
        )
        bare = stripped((tmp_path / "scans.jpg").read_bytes(), tmp_path)
        with Drawing.open(tmp_path / "scans.jpg") as before, Drawing.open(bare) as after:
            assert before.tobytes() == after.tobytes()


class TestTurnedAway:
    @pytest.mark.parametrize("format", ["WEBP", "PNG"])
    def test_is_what_moves(self, tmp_path: Path, format: str) -> None:
        with pytest.raises(Moves):
            stripped(moving(format), tmp_path)

    @pytest.mark.parametrize(
        "body", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + bytes(40), b"%PDF-1.7"]
    )
    def test_is_what_is_no_picture_of_ours(self, tmp_path: Path, body: bytes) -> None:
        with pytest.raises(NotAPicture):
            stripped(body, tmp_path)

    @pytest.mark.parametrize("format", FORMATS)
    @pytest.mark.parametrize("part", [0.02, 0.5, 0.98])
    def test_is_what_ends_in_the_middle(self, tmp_path: Path, format: str, part: float) -> None:
        body = drawn(format, size=(700, 500))
        with pytest.raises(NotAPicture):
            pictures.inspect(stripped(body[: int(len(body) * part)], tmp_path))

    def test_is_a_head_that_promises_too_much(self, tmp_path: Path) -> None:
        with pytest.raises(pictures.PictureTooLarge):
            pictures.inspect(stripped(bomb(), tmp_path))

    @pytest.mark.parametrize(
        "body",
        [
            b"\xff\xd8" + b"\xff\xe0\x00\x00" * 9,
            b"\xff\xd8" + b"\xff" * 5000,
            b"\xff\xd8\xff\xda\x00\x02" + bytes(5000),
            b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xffIDAT" + bytes(90),
            b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x00ABCD" + bytes(4),
            b"RIFF\xff\xff\xff\xffWEBPVP8X\x0a\x00\x00\x00" + bytes(10),
            b"RIFF\x00\x00\x00\x00WEBP",
        ],
    )
    def test_is_what_was_made_to_confuse(self, tmp_path: Path, body: bytes) -> None:
        with pytest.raises(NotAPicture):
            pictures.inspect(stripped(body, tmp_path))

    @pytest.mark.parametrize("format", FORMATS)
    def test_notes_of_nonsense_turn_nothing(self, tmp_path: Path, format: str) -> None:
        body = drawn(format, turn=6).replace(b"\x12\x01\x03\x00", b"\x12\x01\xff\xff")
        assert pictures.inspect(stripped(body, tmp_path)).format == format
