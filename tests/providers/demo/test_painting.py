"""The painter: the same words and seed give the same picture, other ones another, and each is marked."""

import random

import pytest
from PIL import Image, ImageChops, ImageStat

from generations.providers.demo import painting
from generations.providers.demo.painting import MOODS, SCENES, SIZES, palettes, picture, scene_for


@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_fills_its_frame_with_something_to_see(scene: str) -> None:
    word = SCENES[scene][1].split()[0]
    painted = picture(prompt=word, seed="seed", shape="3:2")
    assert (painted.mode, painted.size) == ("RGB", (1248, 832))
    assert max(ImageStat.Stat(painted).stddev) > 15
    edges = [painted.crop(box) for box in ((0, 0, 1248, 9), (0, 823, 1100, 832), (0, 0, 9, 832), (1239, 0, 1248, 700))]
    assert all(max(ImageStat.Stat(edge).extrema[0]) > 0 for edge in edges)


def test_the_same_seed_paints_the_same_picture() -> None:
    one, again, other = (picture(prompt="tiles", seed=seed, shape="1:1") for seed in ("a", "a", "b"))
    assert one.tobytes() == again.tobytes()
    assert one.tobytes() != other.tobytes()


@pytest.mark.parametrize("shape", SIZES)
def test_every_shape_carries_the_mark_in_its_corner(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    marked = picture(prompt="tiles", seed="a", shape=shape)
    monkeypatch.setattr(painting, "MARK", "")
    bare = picture(prompt="tiles", seed="a", shape=shape)
    box = ImageChops.difference(marked, bare).getbbox()
    assert box is not None
    assert box[0] > marked.width - 80
    assert box[1] > marked.height - 40


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        ("A lighthouse made of blue glass at dawn", "sea"),
        ("SAHARA!", "dunes"),
        ("a city on a planet, another planet above", "planet"),
        ("a vase", "still life"),
    ],
)
def test_words_choose_the_scene(prompt: str, scene: str) -> None:
    assert scene_for(prompt, "any") == scene


def test_without_a_word_the_seed_chooses_among_all_scenes() -> None:
    assert {scene_for("hm", str(seed)) for seed in range(200)} == set(SCENES)


@pytest.mark.parametrize("name", palettes.PALETTES)
def test_words_choose_the_colors(name: str) -> None:
    for word in palettes.WORDS[name].split():
        assert palettes.choose({word, "hm"}, random.Random(1)) is palettes.PALETTES[name]


def test_every_scene_has_moods_and_every_mood_a_palette() -> None:
    assert set(MOODS) == set(SCENES)
    assert all(set(moods) <= set(palettes.PALETTES) for moods in MOODS.values())


def test_a_night_is_darker_than_snow() -> None:
    night, snow = (picture(prompt=f"mountains, {word}", seed="a", shape="3:2") for word in ("midnight", "snow"))
    means = [ImageStat.Stat(image.convert("L")).mean[0] for image in (night, snow)]
    assert means[0] < means[1] - 40


def test_pictures_are_not_all_alike() -> None:
    small = {
        picture(prompt="hm", seed=str(seed), shape="1:1").resize((2, 2), Image.Resampling.BOX).tobytes()
        for seed in range(4)
    }
    assert len(small) == 4
