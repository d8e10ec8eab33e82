"""Scenes with lights in the dark: the sea under a moon, northern lights, a city at dusk."""

import math

from PIL import Image, ImageChops, ImageFilter, ImageOps

from .canvas import Canvas, Pen, skyline, warped
from .land import sky
from .palettes import Palette, mix


def sea(canvas: Canvas, palette: Palette) -> None:
    """A full moon, or a low sun, over open water, and its path of light."""
    rng, width, height = canvas.rng, canvas.width, canvas.height
    horizon = height * rng.uniform(0.52, 0.6)
    sky(canvas, palette, horizon)
    x, radius = width * rng.uniform(0.3, 0.7), canvas.unit * rng.uniform(7, 11)
    y = horizon * (rng.uniform(0.35, 0.6) if palette.is_dark else rng.uniform(0.6, 0.85))
    canvas.glow(x, y, width * 0.55, palette.light, strength=0.5)
    canvas.glow(x, y, radius * 2.6, palette.light, strength=0.6)
    disc = canvas.mask(lambda pen: pen.ellipse(x, y, radius))
    face = canvas.noise(max(3, round(width / radius / 1.3)), max(3, round(height / radius / 1.3)), octaves=3)
    canvas.fill(
        Image.composite(
            Image.new("RGB", canvas.size, palette.light),
            Image.new("RGB", canvas.size, mix(palette.light, palette.sky[1], 0.3)),
            face,
        ),
        disc,
    )
    deep = mix(palette.sky[0], palette.near, 0.45)
    water = canvas.gradient(
        (mix(palette.sky[-1], palette.sky[1], 0.45), mix(palette.sky[1], deep, 0.5), deep), top=horizon, bottom=height
    )
    canvas.shape(water, lambda pen: pen.rectangle(0, horizon, width, height))
    canvas.shape(
        mix(deep, palette.near, 0.4), lambda pen: _waves(canvas, pen, horizon, width / 2, width, 340), opacity=0.4
    )
    canvas.shape(palette.light, lambda pen: _waves(canvas, pen, horizon, x, radius * 1.3, 460), opacity=0.75)
    canvas.shape(
        mix(palette.sky[-1], palette.light, 0.4),
        lambda pen: _waves(canvas, pen, horizon, x, width * 0.3, 260),
        opacity=0.4,
    )
    canvas.glow(x, horizon, width * 0.34, palette.light, strength=0.35, squash=0.16)
    _headland(canvas, palette, horizon, left=x > width / 2)


def _waves(canvas: Canvas, pen: Pen, horizon: float, x: float, reach: float, count: int) -> None:
    """Flat strokes on the water, larger and farther apart the nearer they are."""
    rng = canvas.rng
    for _ in range(count):
        near = rng.random() ** 1.7
        y = horizon + 1.5 + (canvas.height - horizon) * near
        middle = x + rng.gauss(0, 0.42) * reach * (0.45 + 1.25 * near)
        half = canvas.unit * (0.5 + 5.5 * near) * rng.uniform(0.4, 1.6)
        pen.ellipse(middle, y, half, 0.35 + canvas.unit * 0.34 * near, fill=rng.randint(110, 255))


def _headland(canvas: Canvas, palette: Palette, horizon: float, *, left: bool) -> None:
    """A dark cape with a lighthouse on the side away from the moon."""
    rng, width, unit = canvas.rng, canvas.width, canvas.unit
    reach = width * rng.uniform(0.32, 0.48)
    heights = skyline(rng, 60, lumps=4, octaves=4)
    side = [(i / 59, heights[i]) for i in range(60)]
    points = [(reach * share, horizon + 1 - unit * (9 * (1 - share) ** 0.8) * (0.45 + level)) for share, level in side]
    tower_x, tower_y = points[38][0], points[38][1] + 1
    color = mix(palette.near, palette.sky[0], 0.15)

    def flipped(x: float) -> float:
        return x if left else width - x

    def draw(pen: Pen) -> None:
        pen.polygon([(flipped(px), py) for px, py in [(-5, horizon + 2), *points, (reach, horizon + 2)]])
        tall = unit * 8
        corners = [(-0.9, 0), (0.9, 0), (0.55, -tall), (-0.55, -tall)]
        pen.polygon([(flipped(tower_x) + cx * unit, tower_y + cy) for cx, cy in corners])
        pen.rectangle(flipped(tower_x) - unit * 0.8, tower_y - tall - 2, flipped(tower_x) + unit * 0.8, tower_y - tall)
        pen.polygon(
            [
                (flipped(tower_x) + cx * unit, tower_y - tall - unit * cy)
                for cx, cy in ((-0.6, 1.4), (0.6, 1.4), (0, 2.3))
            ]
        )

    canvas.shape(color, draw)
    lamp_x, lamp_y = flipped(tower_x), tower_y - unit * 8.8
    canvas.shape(palette.light, lambda pen: pen.ellipse(lamp_x, lamp_y, unit * 0.5))
    canvas.glow(lamp_x, lamp_y, unit * 9, palette.light, strength=0.75)


def aurora(canvas: Canvas, palette: Palette) -> None:
    """Curtains of light over dark hills and a still lake."""
    rng, width, height = canvas.rng, canvas.width, canvas.height
    shore = round(height * rng.uniform(0.68, 0.76))
    night = mix(palette.sky[0], (2, 8, 22), 0.6)
    canvas.image = canvas.gradient((mix(night, (0, 0, 0), 0.3), night, mix(night, palette.sky[1], 0.4)), bottom=shore)
    canvas.stars(340, below=shore)
    for colors in (
        (palette.accents[1], palette.accents[0]),
        ((46, 226, 160), palette.accents[0]),
        ((88, 245, 180), (40, 150, 190)),
    ):
        _curtain(canvas, colors[0], colors[1], shore)
    hills = skyline(rng, width // 3 + 2, lumps=3, octaves=6, ridged=True)
    far = [(i * 3.0, shore - height * 0.02 - height * 0.16 * level) for i, level in enumerate(hills)]
    canvas.shape(
        canvas.gradient(
            (mix(night, (20, 60, 70), 0.35), mix(night, (0, 0, 0), 0.4)), top=shore - height * 0.16, bottom=shore
        ),
        lambda pen: pen.polygon([*far, (width + 9, shore), (0, shore)]),
    )

    def trees(pen: Pen) -> None:
        x = -5.0
        while x < width + 5:
            tall = canvas.unit * rng.uniform(2.5, 7.5)
            pen.polygon([(x, shore - tall), (x + tall * 0.2, shore), (x - tall * 0.2, shore)])
            x += canvas.unit * rng.uniform(0.4, 1.5)

    canvas.shape(mix(night, (0, 0, 0), 0.7), trees)
    _mirror(canvas, shore, darker=0.62)


def _curtain(canvas: Canvas, low: tuple[int, int, int], high: tuple[int, int, int], shore: int) -> None:
    rng, width, height = canvas.rng, canvas.width, canvas.height
    rays = canvas.noise(rng.randint(14, 26), 1, octaves=3, fade=0.6, size=(width, 2)).point(
        [round(255 * (v / 255) ** 1.8) for v in range(256)]
    )
    rise = Image.new("L", (1, height))
    foot = shore * rng.uniform(0.62, 0.85)
    rise.putdata([_rise((foot - y) / (shore * 0.75)) for y in range(height)])
    light = ImageChops.multiply(rays.resize(canvas.size), rise.resize(canvas.size))
    phase, waves, swing = rng.uniform(0, 6), rng.uniform(0.8, 1.6), rng.uniform(0.06, 0.13)
    bent = warped(
        light,
        lambda x, y: (
            0.03 * math.sin(9 * x + phase + 4 * y),
            swing * math.sin(2 * math.pi * waves * x + phase) + 0.03 * math.sin(17 * x),
        ),
        cells=56,
    )
    colored = canvas.gradient((high, low, low), bottom=foot)
    curtain = Image.composite(colored, Image.new("RGB", canvas.size), bent)
    canvas.image = ImageChops.screen(canvas.image, curtain)
    soft = curtain.reduce(8).filter(ImageFilter.BoxBlur(7)).resize(canvas.size, Image.Resampling.BICUBIC)
    canvas.image = ImageChops.screen(canvas.image, soft)


def _rise(share: float) -> int:
    """Brightness above a curtain's foot: sharp below, fading far up."""
    if share < 0:
        return int(255 * max(0.0, 1 + share * 7) ** 2)
    return int(235 * max(0.0, 1 - share) ** 2.1)


def _mirror(canvas: Canvas, shore: int, *, darker: float) -> None:
    """What stands above the shore, upside down in water that is not quite still."""
    rng, width, height = canvas.rng, canvas.width, canvas.height
    below = height - shore
    above = canvas.image.crop((0, shore - min(shore, below), width, shore))
    water = ImageOps.flip(above).resize((width, below))
    rows = [rng.uniform(-1, 1) for _ in range(200)]
    water = warped(
        water,
        lambda x, y: (0.012 * y * rows[int(y * 60)] * (1 + math.sin(x * 5)), 0.02 * math.sin(y * 55 + x * 4)),
        cells=36,
    )
    water = water.filter(ImageFilter.BoxBlur(1)).point([round(v * darker) for v in range(256)] * 3)
    canvas.image.paste(water, (0, shore))
    sheen = canvas.mask(lambda pen: _waves(canvas, pen, shore, width / 2, width, 160))
    canvas.fill((190, 210, 230), sheen, opacity=0.08)


def city(canvas: Canvas, palette: Palette) -> None:
    """Towers with their first windows lit, seen across the water."""
    rng, width, height = canvas.rng, canvas.width, canvas.height
    shore = round(height * rng.uniform(0.7, 0.78))
    sky(canvas, palette, shore)
    x, y = width * rng.uniform(0.2, 0.8), shore * rng.uniform(0.5, 0.75)
    canvas.glow(x, shore * 0.9, width * 0.75, palette.light, strength=0.5, squash=0.5)
    canvas.shape(
        mix(palette.light, palette.sky[-1], 0.3), lambda pen: pen.ellipse(x, y, canvas.unit * rng.uniform(6, 10))
    )
    layers = 4
    for layer in range(layers):
        _blocks(canvas, palette, shore, layer / (layers - 1))
    _mirror(canvas, shore, darker=0.72)
    canvas.shape(palette.near, lambda pen: pen.rectangle(0, shore - 1, width, shore + canvas.unit * 0.3))


def _blocks(canvas: Canvas, palette: Palette, shore: int, depth: float) -> None:
    rng, width, height, unit = canvas.rng, canvas.width, canvas.height, canvas.unit
    color = mix(mix(palette.far, palette.sky[-2], 0.45), palette.near, depth)
    lines = skyline(rng, 64, lumps=4, octaves=2)
    houses = []
    x = -unit * 3
    while x < width:
        wide = unit * rng.uniform(3.2, 8.5) * (0.75 + 0.35 * depth)
        level = lines[min(63, max(0, int(63 * x / width)))]
        tall = height * (0.1 + 0.36 * level * rng.uniform(0.5, 1.35)) * (1.15 - 0.35 * depth)
        houses.append((x, shore - tall, x + wide, rng.random()))
        x += wide * rng.uniform(0.8, 1.12)
    windows: list[tuple[float, float, float, float]] = []

    def draw(pen: Pen) -> None:
        for left, top, right, kind in houses:
            middle = (left + right) / 2
            pen.rectangle(left, top, right, shore)
            if kind < 0.2:
                pen.rectangle(middle - unit * 0.15, top - unit * 6, middle + unit * 0.15, top)
            elif kind < 0.4:
                pen.rectangle(left + (right - left) * 0.2, top - unit * 2.4, right - (right - left) * 0.2, top)
            elif kind < 0.52:
                pen.polygon([(left, top), (right, top), (middle, top - (right - left) * 0.8)])
            elif kind < 0.64:
                pen.polygon([(left, top), (right, top), (right, top - unit * 2.6)])
            if depth > 0.3:
                windows.extend(_windows(canvas, left, top, right, shore, depth))

    canvas.shape(
        canvas.gradient(
            (color, mix(color, palette.sky[-1], 0.4 * (1 - depth))), top=shore - height * 0.4, bottom=shore
        ),
        draw,
    )
    lamps = mix(palette.light, (255, 196, 94), 0.55)
    mask = canvas.mask(lambda pen: _panes(pen, windows))
    canvas.fill(lamps, mask, opacity=0.5 + 0.45 * depth)
    canvas.image = ImageChops.screen(
        canvas.image,
        Image.composite(
            Image.new("RGB", canvas.size, mix(lamps, (0, 0, 0), 0.5)),
            Image.new("RGB", canvas.size),
            mask.filter(ImageFilter.BoxBlur(unit * 0.5)),
        ),
    )


def _panes(pen: Pen, windows: list[tuple[float, float, float, float]]) -> None:
    for window in windows:
        pen.rectangle(*window)


def _windows(
    canvas: Canvas, left: float, top: float, right: float, shore: float, depth: float
) -> list[tuple[float, float, float, float]]:
    """Some of a tower's windows, in a grid of its own, whole floors lit now and then."""
    rng, unit = canvas.rng, canvas.unit
    pitch_x, pitch_y = unit * rng.uniform(0.9, 1.3), unit * rng.uniform(1.2, 1.7)
    lit = rng.uniform(0.08, 0.42) * depth + 0.04
    found = []
    y = top + pitch_y * 0.8
    while y < shore - pitch_y:
        floor = lit * 3 if rng.random() < 0.08 else lit
        x = left + pitch_x * 0.6
        while x < right - pitch_x * 0.7:
            if rng.random() < floor:
                found.append((x, y, x + pitch_x * 0.5, y + pitch_y * 0.5))
            x += pitch_x
        y += pitch_y
    return found
