"""Paints a picture from the words of a prompt and a seed. No model, no network: shapes, gradients and noise.

A word may ask for a scene, another for its colors; what no word decides, the seed does.
"""

import random
import re
from collections.abc import Callable
from typing import BinaryIO

from PIL import Image, ImageDraw, ImageFont

from . import evening, glass, land, palettes, pattern, space, table
from .canvas import Canvas
from .palettes import Palette

SIZES = {"2:3": (832, 1248), "3:2": (1248, 832), "1:1": (1024, 1024)}
JPEG_QUALITY = 93
MARK = "Demo"
WORD = re.compile(r"\w+")

Painter = Callable[[Canvas, Palette], None]

SCENES: dict[str, tuple[Painter, str]] = {
    "ridges": (
        land.ridges,
        "mountain mountains ridge ridges hill hills valley landscape fog mist forest pine alps peak",
    ),
    "dunes": (land.dunes, "desert dune dunes sand sahara camel"),
    "sea": (evening.sea, "sea ocean moon water wave waves ship boat beach lighthouse harbor island coast sail"),
    "aurora": (evening.aurora, "aurora northern polar arctic lake borealis iceland"),
    "city": (evening.city, "city town skyline street building buildings tower towers skyscraper urban tram metropolis"),
    "planet": (space.planet, "planet space star stars galaxy cosmos saturn rocket astronaut universe orbit alien"),
    "citrus": (table.citrus, "fruit lemon lemons citrus lime food juice breakfast oranges grapefruit slices kitchen"),
    "still life": (
        table.still_life,
        "vase still bottle cup pot table product ceramic sphere cube cone studio chair clay",
    ),
    "ink": (pattern.ink, "ink flow wind river lines current hair brush strokes calligraphy fox cat dog horse bird"),
    "marble": (pattern.marble, "marble marbled paint fluid liquid smoke abstract swirl oil watercolor texture"),
    "tiles": (pattern.tiles, "pattern shapes geometric poster bauhaus circles tiles retro modern print logo"),
    "leaves": (pattern.leaves, "leaf leaves plant plants jungle botanical garden flower flowers tropical tree trees"),
    "window": (glass.window, "stained mosaic window cathedral church mandala kaleidoscope glass"),
}
"""Each scene with the words that ask for it."""

MOODS: dict[str, tuple[str, ...]] = {
    "ridges": ("dawn", "dusk", "teal", "ember", "forest", "rose", "ice", "violet"),
    "dunes": ("desert", "dawn", "ember", "rose", "dusk"),
    "sea": ("night", "dusk", "dawn", "teal", "violet", "rose"),
    "aurora": ("night", "teal", "violet", "rose"),
    "city": ("dusk", "dawn", "night", "violet", "ember", "rose"),
    "planet": ("dusk", "ember", "dawn", "teal", "rose", "violet", "desert"),
    "citrus": ("teal", "ice", "forest", "violet", "night", "rose"),
    "still life": ("dawn", "teal", "forest", "rose", "desert", "dusk"),
    "ink": ("teal", "dawn", "ember", "rose", "forest", "desert", "night"),
    "marble": ("teal", "dawn", "rose", "ember", "violet", "ice", "forest"),
    "tiles": ("teal", "dawn", "forest", "ember", "desert", "rose"),
    "leaves": ("dawn", "forest", "teal", "rose", "dusk"),
    "window": ("dusk", "teal", "ember", "ice", "dawn", "violet"),
}
"""The palettes a scene looks best in, for when no word asks for a color."""


def paint(*, prompt: str, seed: str, shape: str, to: BinaryIO) -> None:
    """Write a picture of one of ``SIZES`` as JPEG. The same prompt, seed and shape give the same bytes."""
    picture(prompt=prompt, seed=seed, shape=shape).save(to, "JPEG", quality=JPEG_QUALITY, subsampling=0)


def picture(*, prompt: str, seed: str, shape: str) -> Image.Image:
    """The painted picture, marked in its corner."""
    rng = random.Random(seed)  # noqa: S311  # repeatable on purpose, guards nothing
    words = set(WORD.findall(prompt.casefold()))
    scene = scene_for(prompt, seed)
    canvas = Canvas(SIZES[shape], rng)
    palette = palettes.choose(words, rng, among=MOODS[scene])
    SCENES[scene][0](canvas, palette)
    return _marked(canvas.finish())


def scene_for(prompt: str, seed: str) -> str:
    """The scene the most words ask for, the earliest of them in a draw; with no such word one by seed."""
    spoken = WORD.findall(prompt.casefold())
    asked = [name for word in spoken for name, (_painter, words) in SCENES.items() if word in words.split()]
    if asked:
        return max(asked, key=asked.count)
    return random.Random(f"scene {seed}").choice(list(SCENES))  # noqa: S311  # repeatable on purpose


def _marked(image: Image.Image) -> Image.Image:
    """A small mark in the corner, so that nobody takes a demo for more than that."""
    font = ImageFont.load_default(15)
    margin = 14
    mark = Image.new("L", image.size)
    ImageDraw.Draw(mark).text((image.width - margin, image.height - margin), MARK, fill=150, font=font, anchor="rs")
    spot = (
        image.crop((image.width - 70, image.height - 40, image.width, image.height))
        .convert("L")
        .resize((1, 1))
        .getpixel((0, 0))
    )
    is_bright = isinstance(spot, (int, float)) and spot > 140
    image.paste((20, 20, 24) if is_bright else (255, 255, 255), (0, 0, *image.size), mark)
    return image
