"""Outdoor scenes by daylight or its last light: ridges in haze, and dunes."""

import math

from PIL import Image, ImageChops

from .canvas import Canvas, Pen, Point, skyline
from .palettes import Color, Palette, mix


def sky(canvas: Canvas, palette: Palette, horizon: float) -> None:
    """The sky's colors down to the horizon, with thin clouds in it."""
    canvas.image = canvas.gradient(palette.sky, bottom=horizon)
    if palette.is_dark:
        canvas.stars(150, below=horizon * 0.7)
    clouds = canvas.noise(3, 14, octaves=4).point([max(0, level - 140) * 2 for level in range(256)])
    fade = (
        Image.linear_gradient("L")
        .resize(canvas.size)
        .point([round(255 * math.sin(math.pi * v / 255)) for v in range(256)])
    )
    veil = Image.composite(clouds, Image.new("L", canvas.size), fade)
    canvas.fill(mix(palette.sky[-1], palette.light, 0.5), veil, opacity=0.35)


def ridges(canvas: Canvas, palette: Palette) -> None:
    """Mountains behind mountains, each paler than the one before it, and a low sun."""
    rng, width, height = canvas.rng, canvas.width, canvas.height
    horizon = height * rng.uniform(0.52, 0.62)
    sky(canvas, palette, horizon)
    sun_x, sun_y = width * rng.uniform(0.25, 0.75), horizon - height * rng.uniform(0.05, 0.2)
    canvas.glow(sun_x, sun_y, width * 0.7, palette.light, strength=0.55)
    canvas.glow(sun_x, sun_y, width * 0.22, palette.light, strength=0.8)
    canvas.shape(palette.light, lambda pen: pen.ellipse(sun_x, sun_y, canvas.unit * rng.uniform(4, 6.5)))
    layers = rng.randint(5, 7)
    haze = mix(palette.sky[-1], palette.far, 0.35)
    for layer in range(layers):
        depth = layer / (layers - 1)
        _ridge(canvas, palette, haze, depth, horizon)
    canvas.glow(sun_x, sun_y, width * 0.35, palette.light, strength=0.25)


def _ridge(canvas: Canvas, palette: Palette, haze: Color, depth: float, horizon: float) -> None:
    rng, width, height = canvas.rng, canvas.width, canvas.height
    color = mix(palette.far, palette.near, depth**1.15)
    base = horizon - height * 0.06 + (height - horizon) * 0.82 * depth
    tall = height * (0.24 - 0.12 * depth)
    heights = skyline(rng, width // 3 + 2, lumps=2.2 + 2 * depth, octaves=7, rough=0.5, ridged=depth < 0.7)
    crest = [(i * 3.0, base + tall * 0.5 - tall * level * 1.5) for i, level in enumerate(heights)]
    points = [*crest, (width + 9, height + 9), (-9, height + 9)]
    low = mix(color, haze, 0.62 * (1 - depth))
    body = canvas.gradient((color, low), top=base - tall * 0.7, bottom=base + tall * 1.3)

    def draw(pen: Pen) -> None:
        pen.polygon(points)
        if depth > 0.6:
            _trees(canvas, pen, crest, size=canvas.unit * (1.2 + 4 * (depth - 0.6) / 0.4))

    canvas.shape(body, draw)


def _trees(canvas: Canvas, pen: Pen, crest: list[Point], *, size: float) -> None:
    """Firs along a crest, in clumps."""
    rng = canvas.rng
    clumps = skyline(rng, len(crest), lumps=9, octaves=2)
    place = 0.0
    while place < len(crest):
        x, y = crest[int(place)]
        tall = size * rng.uniform(0.6, 1.3)
        if clumps[int(place)] > 0.38:
            for tier in range(3):
                top, half = y - tall * (1 - tier * 0.24), tall * (0.12 + 0.07 * tier)
                pen.polygon([(x, top), (x + half, top + tall * 0.5), (x - half, top + tall * 0.5)])
            pen.rectangle(x - tall * 0.03, y - tall * 0.2, x + tall * 0.03, y + tall * 0.3)
        place += max(0.4, size * rng.uniform(0.08, 0.2))


def dunes(canvas: Canvas, palette: Palette) -> None:
    """Wind-blown sand: every crest parts a lit slope from a shaded one."""
    rng, width, height = canvas.rng, canvas.width, canvas.height
    horizon = height * rng.uniform(0.36, 0.46)
    sky(canvas, palette, horizon)
    sun_x, sun_y = width * rng.uniform(0.2, 0.8), horizon * rng.uniform(0.45, 0.8)
    canvas.glow(sun_x, sun_y, width * 0.5, palette.light, strength=0.7)
    canvas.shape(palette.light, lambda pen: pen.ellipse(sun_x, sun_y, canvas.unit * rng.uniform(5, 8)))
    layers = rng.randint(5, 6)
    for layer in range(layers):
        _dune(canvas, palette, layer / (layers - 1), horizon, leans=1 if sun_x < width / 2 else -1)


def _dune(canvas: Canvas, palette: Palette, depth: float, horizon: float, *, leans: int) -> None:
    rng, width, height = canvas.rng, canvas.width, canvas.height
    tall = height * (0.035 + 0.19 * depth)
    base = horizon + (height - horizon) * (0.02 + 0.72 * depth**1.25)
    heights = skyline(rng, width // 4 + 2, lumps=3.4 - 1.9 * depth, octaves=2, rough=0.3)
    crest = [(i * 4.0, base + tall * 0.4 - tall * level) for i, level in enumerate(heights)]
    lit = mix(mix(palette.far, palette.light, 0.45), palette.sky[-1], 0.45 * (1 - depth))
    shade = mix(mix(palette.far, palette.near, 0.45 + 0.25 * depth), palette.sky[-1], 0.4 * (1 - depth))
    ground = [*crest, (width + 9, height + 9), (-9, height + 9)]
    bottom = base + tall * 1.2 + height * 0.06
    canvas.shape(
        canvas.gradient((lit, mix(lit, shade, 0.45)), top=base - tall * 0.6, bottom=bottom),
        lambda pen: pen.polygon(ground),
    )
    body = canvas.mask(lambda pen: pen.polygon(ground))
    if depth > 0.3:
        ripples = canvas.mask(lambda pen: _ripples(canvas, pen, crest, depth))
        canvas.fill(shade, Image.composite(ripples, Image.new("L", canvas.size), body), opacity=0.22)
    slopes = canvas.mask(lambda pen: _dark_slopes(canvas, pen, crest, tall, leans))
    fade = canvas.gradient(
        ((255, 255, 255), (215, 215, 215), (40, 40, 40)), top=base - tall * 0.6, bottom=base + tall * 2.6
    )
    slopes = ImageChops.multiply(Image.composite(slopes, Image.new("L", canvas.size), body), fade.getchannel(0))
    canvas.fill(mix(shade, palette.near, 0.2 + 0.2 * depth), slopes)


def _dark_slopes(canvas: Canvas, pen: Pen, crest: list[Point], tall: float, leans: int) -> None:
    """The side of every summit that lies away from the sun: from the crest down to the next hollow."""
    rng = canvas.rng
    path = crest if leans > 0 else crest[::-1]
    window = len(path) // 9
    for top, (x, y) in enumerate(path):
        if y > min(point[1] for point in path[max(0, top - window) : top + window + 1]):
            continue
        end = top
        while end + 1 < len(path) and path[end + 1][1] >= path[end][1]:
            end += 1
        reach = abs(path[end][0] - x)
        if reach < tall * 0.25:
            continue
        swing, drop = reach * rng.uniform(0.3, 0.55), tall * 2.8
        shares = [k / 30 for k in range(31)]
        ridge = [
            (x + leans * (swing * math.sin(t * 3.4) * (1 - 0.4 * t) + reach * 0.1 * t), y + drop * t**1.1)
            for t in shares
        ]
        hollow = [
            (path[end][0] + leans * reach * (0.5 * t + 0.12 * math.sin(t * 5)), path[end][1] + drop * t) for t in shares
        ]
        pen.polygon([*path[top : end + 1], *hollow, *reversed(ridge)])


def _ripples(canvas: Canvas, pen: Pen, crest: list[Point], depth: float) -> None:
    """Lines the wind drew, wavering along the crest and wider apart the nearer they come."""
    rng = canvas.rng
    phase = rng.uniform(0, 6)
    drop = canvas.unit * 1.2
    while drop < canvas.height * 0.5 * depth:
        swing = canvas.unit * (0.4 + drop / canvas.unit * 0.04)
        line = [
            (x, y + drop + swing * math.sin(x / (canvas.unit * 9) + phase + drop / canvas.unit * 0.5))
            for x, y in crest[::3]
        ]
        pen.line(line, 0.5 + depth * 0.9)
        drop *= 1.09
        drop += canvas.unit * 0.45
