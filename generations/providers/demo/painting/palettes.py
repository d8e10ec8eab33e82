"""The painter's boxes of colors, and which one suits a prompt."""

import random
from collections.abc import Collection
from dataclasses import dataclass

Color = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """One mood: ``sky`` from the top down to the horizon, ``far`` to ``near`` land, a light, a paper, five accents."""

    sky: tuple[Color, ...]
    far: Color
    near: Color
    light: Color
    paper: Color
    accents: tuple[Color, ...]
    is_dark: bool = False


def _colors(text: str) -> tuple[Color, ...]:
    return tuple((int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)) for code in text.split())


def _palette(sky: str, land: str, rest: str, accents: str, *, is_dark: bool = False) -> Palette:
    far, near = _colors(land)
    light, paper = _colors(rest)
    return Palette(_colors(sky), far, near, light, paper, _colors(accents), is_dark)


PALETTES = {
    "dawn": _palette(
        "27446b 6d86a6 efae92 ffdcae", "c58f88 1c2638", "fff1d2 fbf0df", "e4572e f4a259 f6d28b 5b8e9b 29335c"
    ),
    "dusk": _palette(
        "1a1342 562a6f d74d70 ffb069",
        "8a3f70 140e2a",
        "ffd89c fdeee2",
        "f25f5c ffb35c 70357d 247ba0 2b1a4d",
        is_dark=True,
    ),
    "night": _palette(
        "03081a 0a1a38 1a3862 3a6890",
        "24426a 02060f",
        "f6f0d8 e6edf3",
        "f2c14e 3f88c5 5fb3b3 c8d6e5 12284c",
        is_dark=True,
    ),
    "teal": _palette(
        "0b3c49 1f7a8c 8fd0c6 f6f0d6", "69aeaa 082730", "fff6d8 f5efdd", "0f7173 f05d5e ffd166 7fc8a9 123c46"
    ),
    "ember": _palette(
        "2d0a1b 851a2d e2522d ffbd5a",
        "a83a30 18050b",
        "ffe0a0 fbeadb",
        "c8202f f26a2e ffb238 7a1f3d 2b2d42",
        is_dark=True,
    ),
    "forest": _palette(
        "4f8580 9dbf9f e0e8cb fbf5da", "86ab8d 102a24", "fff8dc f4f1de", "2d6a4f 74a57f d9a441 e07a5f 1b4332"
    ),
    "rose": _palette(
        "5f4479 c07698 f2b0b2 ffe6d8", "b9799a 2a1735", "fff0e0 fdf0ea", "d6456b f29ca3 ffd6ba 7d5ba6 3a2449"
    ),
    "desert": _palette(
        "5f9ab4 b0cfd0 f3dfb6 ffe8bb", "e6b06a 6a371b", "fff4d0 fbf1dc", "d9822b f0b429 f7d794 3a8fb7 7a3b1d"
    ),
    "ice": _palette(
        "2668ac 74acdb c9e2f2 f6fbff", "93b7d4 12355a", "ffffff eef5fa", "1f6fb2 63b3e4 a9d6ee f2b84b 17375e"
    ),
    "violet": _palette(
        "1d1647 4a378c 9d70c4 f1c6de",
        "6d4f9f 100b2b",
        "ffe6f0 f3ecf8",
        "7048c6 b98be0 ff8fb1 ffd480 2a1f5c",
        is_dark=True,
    ),
    "stone": _palette(
        "3a3f47 7a828c c3c8cc f1efe9", "8d949b 171a1f", "ffffff f3f1ec", "2f343b 8a9199 c9c3b6 b5523b e8e2d6"
    ),
}

WORDS = {
    "dawn": "dawn sunrise morning peach apricot",
    "dusk": "dusk sunset evening twilight neon magenta",
    "night": "night midnight dark moonlit moonlight navy starry",
    "teal": "teal turquoise cyan aqua jade",
    "ember": "red crimson scarlet fire ember lava autumn copper",
    "forest": "green forest emerald olive moss spring",
    "rose": "pink rose blossom cherry coral",
    "desert": "yellow gold golden sand sandy amber orange summer",
    "ice": "blue azure ice snow winter snowy frozen glass",
    "violet": "purple violet lavender lilac indigo",
    "stone": "gray grey black white monochrome silver stone charcoal",
}


def choose(words: Collection[str], rng: random.Random, *, among: tuple[str, ...] = tuple(PALETTES)) -> Palette:
    """The palette a word asks for, otherwise one of ``among`` by chance."""
    for name, spoken in WORDS.items():
        if not set(spoken.split()).isdisjoint(words):
            return PALETTES[name]
    return PALETTES[rng.choice(among)]


def mix(one: Color, other: Color, share: float) -> Color:
    """``one`` with so much of ``other`` in it, 0 to 1."""
    return (
        round(one[0] + (other[0] - one[0]) * share),
        round(one[1] + (other[1] - one[1]) * share),
        round(one[2] + (other[2] - one[2]) * share),
    )
