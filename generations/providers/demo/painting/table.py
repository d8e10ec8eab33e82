"""Indoor scenes: slices of fruit on a table, and a still life of simple solids."""

import itertools
import math
from collections.abc import Callable

from PIL import Image

from .canvas import FINE, Canvas, Pen, spread
from .palettes import Color, Palette, mix

FRUITS: tuple[tuple[Color, Color, Color], ...] = (
    ((240, 142, 32), (255, 226, 176), (250, 168, 58)),
    ((244, 204, 46), (255, 246, 196), (252, 224, 96)),
    ((122, 176, 52), (232, 244, 190), (172, 210, 92)),
    ((232, 116, 98), (255, 224, 202), (240, 98, 92)),
)
"""Rind, pith and flesh of an orange, a lemon, a lime and a grapefruit."""


def citrus(canvas: Canvas, palette: Palette) -> None:
    """Slices of citrus on a colored table, with leaves between them."""
    rng, width, height = canvas.rng, canvas.width, canvas.height
    table = mix(palette.accents[0], palette.near, 0.25)
    slices = _packed(canvas)
    leaves = [(rng.random() * width, rng.random() * height, rng.uniform(0, 360)) for _ in range(9)]
    canvas.image = canvas.gradient((mix(table, palette.paper, 0.14), mix(table, palette.near, 0.18)))
    weave = canvas.noise(40, 40, octaves=2)
    canvas.fill(mix(table, (255, 255, 255), 0.3), weave, opacity=0.12)
    drop = canvas.unit * 1.6

    def shadows(pen: Pen) -> None:
        for x, y, radius in slices:
            pen.ellipse(x + drop, y + drop * 1.3, radius)
        for x, y, turn in leaves:
            pen.polygon(_leaf(x + drop * 0.7, y + drop, canvas.unit * 9, turn))

    canvas.shape(mix(palette.near, (0, 0, 0), 0.4), shadows, opacity=0.5, blur=canvas.unit * 1.4)
    green = (58, 128, 66)
    ribs = [
        (outline[0], outline[len(outline) // 2]) for outline in (_leaf(x, y, canvas.unit * 9, t) for x, y, t in leaves)
    ]
    for x, y, turn in leaves:
        canvas.polygon(green, _leaf(x, y, canvas.unit * 9, turn))
    canvas.shape(mix(green, (255, 255, 200), 0.35), lambda pen: pen.lines(ribs, 1.2))
    fine = canvas.image.resize((width * FINE, height * FINE), Image.Resampling.BILINEAR)
    pen = Pen(fine)
    for index, (x, y, radius) in enumerate(slices):
        _slice(canvas, pen, x, y, radius, FRUITS[(index + int(x)) % len(FRUITS)])
    canvas.lay(fine)
    canvas.glow(width * 0.2, height * 0.1, width * 0.9, (255, 244, 220), strength=0.22)


def _packed(canvas: Canvas) -> list[tuple[float, float, float]]:
    """Circles of different sizes that do not touch, some cut by the edge."""
    rng, width, height, unit = canvas.rng, canvas.width, canvas.height, canvas.unit
    found: list[tuple[float, float, float]] = []
    for attempt in range(900):
        radius = unit * (rng.uniform(15, 20) if attempt < 150 else rng.uniform(7, 13))
        x, y = rng.uniform(-0.02, 1.02) * width, rng.uniform(-0.02, 1.02) * height
        if all(math.hypot(x - ox, y - oy) > radius + other + unit * 2.2 for ox, oy, other in found):
            found.append((x, y, radius))
    return found


def _slice(canvas: Canvas, pen: Pen, x: float, y: float, radius: float, colors: tuple[Color, Color, Color]) -> None:
    rng = canvas.rng
    rind, pith, flesh = colors
    pen.ellipse(x, y, radius, fill=mix(rind, (0, 0, 0), 0.08))
    pen.ellipse(x - radius * 0.012, y - radius * 0.015, radius * 0.97, fill=rind)
    pen.ellipse(x, y, radius * 0.9, fill=pith)
    parts, start = rng.randint(8, 11), rng.uniform(0, 360)
    for part in range(parts):
        middle = math.radians(start + 360 * (part + 0.5) / parts)
        half = math.pi / parts * 0.86
        tip = radius * 0.09
        wedge = [(x + tip * math.cos(middle), y + tip * math.sin(middle))]
        for k in range(13):
            share = k / 6 - 1
            angle = middle + half * share
            out = radius * 0.82 * (1 - 0.1 * abs(share) ** 5)
            wedge.append((x + out * math.cos(angle), y + out * math.sin(angle)))
        shade = mix(flesh, (255, 255, 255), rng.uniform(0, 0.12))
        pen.polygon(wedge, fill=shade)
        for _ in range(9):
            angle = middle + half * rng.uniform(-0.75, 0.75)
            near, far = rng.uniform(0.3, 0.55), rng.uniform(0.6, 0.76)
            ends = [(x + radius * r * math.cos(angle), y + radius * r * math.sin(angle)) for r in (near, far)]
            pen.line(ends, radius * 0.012, fill=mix(shade, pith, rng.uniform(0.25, 0.6)))
    pen.ellipse(x, y, radius * 0.07, fill=pith)


def _leaf(x: float, y: float, size: float, turn: float) -> list[tuple[float, float]]:
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    outline = [(t, 0.26 * math.sin(math.pi * t**0.8)) for t in (k / 16 for k in range(17))]
    outline += [(t, -width) for t, width in reversed(outline[1:-1])]
    return [(x + size * (u * cos - v * sin), y + size * (u * sin + v * cos)) for u, v in outline]


def still_life(canvas: Canvas, palette: Palette) -> None:
    """A few plain solids and a vase in soft light from the left."""
    rng, width, height, unit = canvas.rng, canvas.width, canvas.height, canvas.unit
    wall = mix(palette.paper, palette.accents[rng.randrange(4)], 0.3)
    floor_y = height * rng.uniform(0.6, 0.66)
    floor = mix(wall, (255, 255, 255), 0.5)
    canvas.image = canvas.gradient(
        (mix(wall, (0, 0, 0), 0.12), wall, mix(wall, (255, 255, 255), 0.12), floor, mix(floor, wall, 0.35)),
        top=-height * 0.1,
        bottom=height * 1.05,
    )
    canvas.glow(width * 0.12, height * 0.2, width * 0.75, (255, 250, 238), strength=0.5)
    solids: list[Callable[[Canvas, float, float, float, Color], None]] = [_ball, _cylinder, _cone, _box, _vase, _arch]
    rng.shuffle(solids)
    if _vase not in solids[:4]:
        solids[1] = _vase
    count = 5 if width > height else 4
    colors = [*list(palette.accents), mix(palette.paper, (255, 255, 255), 0.5)]
    rng.shuffle(colors)
    placed = [(0.5 + (i - (count - 1) / 2) * 0.9 / count + rng.uniform(-0.02, 0.02)) * width for i in range(count)]
    rows = sorted(
        (
            (floor_y + unit * rng.uniform(4, 20), x, solids[i % len(solids)], colors[i % len(colors)])
            for i, x in enumerate(placed)
        ),
        key=lambda row: row[0],
    )
    scale = unit * (1.45 if width > height else 1.1)
    for y, x, solid, color in rows:
        solid(canvas, x, y, scale, color)
    for _ in range(2):
        _ball(
            canvas,
            width * rng.uniform(0.15, 0.85),
            floor_y + unit * rng.uniform(25, 30),
            scale * rng.uniform(0.36, 0.5),
            rng.choice(colors),
        )


def _cast(canvas: Canvas, x: float, y: float, wide: float, tall: float) -> None:
    """The shadow on the floor: dark where the solid stands, long and soft to the right."""
    slant = [
        (x - wide * 0.9, y),
        (x + wide * 0.9, y),
        (x + wide * 1.2 + tall * 0.95, y - tall * 0.1),
        (x + wide * 0.4 + tall * 0.8, y - tall * 0.2),
    ]
    canvas.shape((64, 48, 52), lambda pen: pen.polygon(slant), opacity=0.26, blur=canvas.unit * 1.9)
    canvas.shape(
        (48, 36, 40),
        lambda pen: pen.ellipse(x + wide * 0.12, y, wide * 1.06, wide * 0.2),
        opacity=0.5,
        blur=canvas.unit * 0.9,
    )


def _round_shade(color: Color, size: tuple[int, int]) -> Image.Image:
    """How light lies on anything round that stands upright: from the left, with light bounced back on the right."""
    dark, bright = mix(color, (28, 18, 40), 0.58), mix(color, (255, 255, 255), 0.42)
    ramp = (
        mix(color, dark, 0.35),
        bright,
        mix(color, (255, 255, 255), 0.1),
        color,
        mix(color, dark, 0.65),
        dark,
        mix(dark, color, 0.35),
    )
    row = Image.new("RGB", (128, 1))
    row.putdata([spread(ramp, i / 127) for i in range(128)])
    return row.resize(size, Image.Resampling.BILINEAR)


def _lathe(canvas: Canvas, x: float, y: float, scale: float, color: Color, profile: list[tuple[float, float]]) -> None:
    """A turned body from (height, radius) pairs, bottom first, shaded row by row, its rim seen from above."""
    top = profile[-1][0] * scale
    fine_w, fine_h = round(max(r for _h, r in profile) * scale * 2 * FINE) + 4, round(top * FINE)
    body, mask = Image.new("RGB", (fine_w, fine_h)), Image.new("L", (fine_w, fine_h))
    shade = _round_shade(color, (256, 1))
    for row in range(fine_h):
        high = (fine_h - 1 - row) / FINE / scale
        wide = max(2, round(2 * FINE * scale * _radius(profile, high)))
        left = (fine_w - wide) // 2
        body.paste(shade.resize((wide, 1)), (left, row))
        mask.paste(255, (left, row, left + wide, row + 1))
    at = (round(x - fine_w / FINE / 2), round(y - top))
    foot, rim = profile[0][1] * scale, profile[-1][1] * scale
    _cast(canvas, x, y, foot, top)
    base = _round_shade(color, (max(1, round(foot * 2)), canvas.height))
    under = Image.new("RGB", canvas.size)
    under.paste(base, (round(x - foot), 0))
    canvas.shape(under, lambda pen: pen.ellipse(x, y - 0.5, foot, foot * 0.2))
    canvas.image.paste(body.reduce(FINE), at, mask.reduce(FINE))
    canvas.shape(mix(color, (255, 255, 255), 0.3), lambda pen: pen.ellipse(x, y - top, rim, rim * 0.2))


def _radius(profile: list[tuple[float, float]], high: float) -> float:
    for (low, one), (up, other) in itertools.pairwise(profile):
        if high <= up:
            share = (high - low) / (up - low)
            return one + (other - one) * (1 - math.cos(share * math.pi)) / 2
    return profile[-1][1]


def _vase(canvas: Canvas, x: float, y: float, scale: float, color: Color) -> None:
    rng = canvas.rng
    belly, neck = rng.uniform(10, 13), rng.uniform(2.6, 4)
    tall = rng.uniform(30, 42)
    _lathe(
        canvas, x, y, scale, color, [(0, belly * 0.55), (tall * 0.3, belly), (tall * 0.78, neck), (tall, neck * 1.7)]
    )
    rim = neck * 1.7 * scale
    canvas.shape(mix(color, (20, 10, 30), 0.7), lambda pen: pen.ellipse(x, y - tall * scale, rim * 0.82, rim * 0.15))


def _cylinder(canvas: Canvas, x: float, y: float, scale: float, color: Color) -> None:
    radius, tall = canvas.rng.uniform(8, 12), canvas.rng.uniform(10, 34)
    _lathe(canvas, x, y, scale, color, [(0, radius), (tall, radius)])


def _cone(canvas: Canvas, x: float, y: float, scale: float, color: Color) -> None:
    radius, tall = canvas.rng.uniform(8, 11) * scale, canvas.rng.uniform(22, 32) * scale
    _cast(canvas, x, y, radius, tall * 0.8)
    shade = Image.new("RGB", canvas.size)
    shade.paste(_round_shade(color, (round(radius * 2), canvas.height)), (round(x - radius), 0))

    def draw(pen: Pen) -> None:
        pen.polygon([(x, y - tall), (x + radius, y), (x - radius, y)])
        pen.ellipse(x, y, radius, radius * 0.2)

    canvas.shape(shade, draw)


def _box(canvas: Canvas, x: float, y: float, scale: float, color: Color) -> None:
    wide, tall = canvas.rng.uniform(7, 10) * scale, canvas.rng.uniform(14, 44) * scale
    _cast(canvas, x, y, wide * 1.1, tall)
    lean = wide * 0.32
    front = [
        (x - wide, y),
        (x + wide * 0.45, y + lean * 0.5),
        (x + wide * 0.45, y - tall + lean * 0.4),
        (x - wide, y - tall),
    ]
    side = [
        (x + wide * 0.45, y + lean * 0.5),
        (x + wide, y - lean * 0.3),
        (x + wide, y - tall - lean * 0.25),
        (x + wide * 0.45, y - tall + lean * 0.4),
    ]
    lid = [front[3], front[2], side[2], (x - wide * 0.35, y - tall - lean * 0.6)]
    lit = canvas.gradient((mix(color, (255, 255, 255), 0.26), color), top=y - tall, bottom=y)
    canvas.shape(lit, lambda pen: pen.polygon(front))
    canvas.shape(mix(color, (28, 18, 40), 0.42), lambda pen: pen.polygon(side))
    canvas.shape(mix(color, (255, 255, 255), 0.45), lambda pen: pen.polygon(lid))


def _arch(canvas: Canvas, x: float, y: float, scale: float, color: Color) -> None:
    radius, thick = canvas.rng.uniform(11, 14) * scale, 4.2 * scale
    leg = canvas.rng.uniform(4, 14) * scale
    _cast(canvas, x - radius + thick / 2, y, thick * 0.7, leg + radius)
    _cast(canvas, x + radius - thick / 2, y, thick * 0.7, leg + radius)

    def draw(pen: Pen, *, shift: float = 0) -> None:
        top = y - leg
        pen.pie(x + shift, top, radius, 180, 360)
        pen.rectangle(x - radius + shift, top - 1, x + radius + shift, y - shift * 0.6)
        pen.pie(x + shift, top, radius - thick, 180, 360, fill=0)
        pen.rectangle(x - radius + thick + shift, top - 1, x + radius - thick + shift, y + 9, fill=0)

    canvas.shape(mix(color, (28, 18, 40), 0.45), lambda pen: draw(pen, shift=thick * 0.45))
    canvas.shape(canvas.gradient((mix(color, (255, 255, 255), 0.36), color), top=y - leg - radius, bottom=y), draw)


def _ball(canvas: Canvas, x: float, y: float, scale: float, color: Color) -> None:
    radius = 10.5 * scale
    y -= radius * 0.82
    _cast(canvas, x, y + radius * 0.86, radius * 0.62, radius * 1.5)
    size = round(2 * radius)
    dark, bright = mix(color, (28, 18, 40), 0.66), mix(color, (255, 255, 255), 0.5)
    light = Image.radial_gradient("L").resize((round(size * 1.7), round(size * 1.7)), Image.Resampling.BICUBIC)
    left, top = round(size * 0.55), round(size * 0.58)
    light = light.crop((left, top, left + size, top + size))
    ramp = [
        spread(
            (bright, mix(color, bright, 0.35), color, mix(color, dark, 0.45), dark, mix(dark, color, 0.2)), level / 215
        )
        for level in range(256)
    ]
    body = Image.merge("RGB", [light.point([tone[c] for tone in ramp]) for c in range(3)])
    disc = Image.new("L", (size * FINE, size * FINE))
    Pen(disc).ellipse(size / 2, size / 2, radius - 0.5)
    canvas.image.paste(body, (round(x - radius), round(y - radius)), disc.reduce(FINE))
    shine = canvas.mask(
        lambda pen: pen.ellipse(x - radius * 0.36, y - radius * 0.42, radius * 0.15, radius * 0.1), blur=radius * 0.05
    )
    canvas.fill((255, 255, 255), shine, opacity=0.7)
