"""A ringed planet among stars."""

import math

from PIL import Image, ImageChops, ImageFilter

from .canvas import Canvas, Pen, skyline, tinted, warped
from .palettes import Palette, mix


def planet(canvas: Canvas, palette: Palette) -> None:
    """A banded planet with rings, its moon, a nebula behind, and often a rocky ground below."""
    rng, width, height = canvas.rng, canvas.width, canvas.height
    dark = mix(palette.sky[0], (3, 4, 14), 0.7)
    canvas.image = canvas.gradient((mix(dark, (0, 0, 0), 0.4), dark, mix(dark, palette.sky[1], 0.55)))
    _nebula(canvas, palette)
    canvas.stars(520, below=height * 1.3)
    x, y = width * rng.uniform(0.38, 0.62), height * rng.uniform(0.36, 0.48)
    radius = canvas.unit * rng.uniform(19, 25)
    canvas.glow(x, y, radius * 2.1, palette.accents[1], strength=0.4)
    _globe(canvas, palette, x, y, radius)
    side = -1 if x > width / 2 else 1
    _moon(canvas, palette, x + side * radius * 2.0, y - radius * rng.uniform(0.5, 1.1), radius * rng.uniform(0.1, 0.17))
    if rng.random() < 0.7:
        _ground(canvas, palette)


def _nebula(canvas: Canvas, palette: Palette) -> None:
    rng = canvas.rng
    for color in (palette.accents[0], palette.accents[3], palette.sky[2]):
        cloud = canvas.noise(2, 2, octaves=5, fade=0.55).point(
            [round(max(0, level - 128) * 1.05) for level in range(256)]
        )
        tint = Image.new("RGB", canvas.size, mix(color, (0, 0, 0), rng.uniform(0.1, 0.45)))
        canvas.image = ImageChops.screen(canvas.image, Image.composite(tint, Image.new("RGB", canvas.size), cloud))


def _globe(canvas: Canvas, palette: Palette, x: float, y: float, radius: float) -> None:
    """Paint globe and rings level on a sheet of their own, then tilt both."""
    rng = canvas.rng
    reach = round(radius * 2.5)
    size = (2 * reach, 2 * reach)
    ball = round(2 * radius)
    stripes = canvas.noise(1, rng.randint(9, 14), octaves=3, size=(ball, ball))
    phase = rng.uniform(0, 6)
    stripes = warped(
        stripes, lambda u, v: (0, 0.02 * math.sin(14 * u + 9 * v + phase) + 0.05 * (u - 0.5) ** 2), cells=24
    )
    low, high = palette.accents[0], palette.light
    surface = tinted(
        stripes, (mix(low, palette.near, 0.45), low, palette.accents[1], mix(palette.accents[2], high, 0.3), high)
    )
    shade = _shade(ball)
    surface = ImageChops.multiply(surface, Image.merge("RGB", (shade,) * 3))
    globe = Image.new("RGBA", size)
    disc = Image.new("L", (ball * 2, ball * 2))
    Pen(disc).ellipse(ball / 2, ball / 2, ball / 2 - 1)
    globe.paste(surface, (reach - ball // 2, reach - ball // 2), disc.reduce(2))
    ring = _ring(canvas, palette, reach, radius)
    front = ring.copy()
    front.paste((0, 0, 0, 0), (0, 0, size[0], reach))
    whole = Image.alpha_composite(Image.alpha_composite(ring, globe), front)
    whole = whole.rotate(rng.choice((-1, 1)) * rng.uniform(10, 26), Image.Resampling.BICUBIC)
    canvas.image.paste(whole, (round(x - reach), round(y - reach)), whole)


def _shade(ball: int) -> Image.Image:
    """Light from the upper left, darkness to the lower right, a thin dark rim."""
    lit = Image.radial_gradient("L").point(
        [round(255 * min(1.0, max(0.05, 1.18 - (level / 150) ** 2.2))) for level in range(256)]
    )
    lit = lit.resize((2 * ball, 2 * ball), Image.Resampling.BICUBIC)
    left, top = round(ball * 0.74), round(ball * 0.7)
    return lit.crop((left, top, left + ball, top + ball))


def _ring(canvas: Canvas, palette: Palette, reach: int, radius: float) -> Image.Image:
    rng = canvas.rng
    flat = 0.2
    sheet = Image.new("L", (4 * reach, 4 * reach))
    pen = Pen(sheet)
    inner, outer = radius * 1.32, radius * 2.3
    levels = skyline(rng, 90, lumps=12, octaves=3)
    for i, level in enumerate(reversed(levels)):
        share = 1 - i / 90
        at = inner + (outer - inner) * share
        gap = 0.3 if 0.56 < share < 0.62 else 1.0
        pen.ellipse(
            reach,
            reach,
            at,
            at * flat,
            fill=round(255 * gap * min(1, 0.2 + level) * (0.55 + 0.45 * math.sin(share * math.pi))),
        )
    pen.ellipse(reach, reach, inner, inner * flat, fill=0)
    ring = Image.new("RGBA", (2 * reach, 2 * reach), (*mix(palette.light, palette.accents[2], 0.5), 0))
    alpha = sheet.reduce(2)
    shadow = Image.new("L", alpha.size, 255)
    shadow.paste(60, (round(reach + radius * 0.45), 0, round(reach + radius * 1.5), reach))
    ring.putalpha(ImageChops.multiply(alpha, shadow.filter(ImageFilter.BoxBlur(radius * 0.12))))
    return ring


def _moon(canvas: Canvas, palette: Palette, x: float, y: float, radius: float) -> None:
    canvas.glow(x, y, radius * 4, palette.light, strength=0.25)
    canvas.shape(mix(palette.light, palette.accents[3], 0.35), lambda pen: pen.ellipse(x, y, radius))
    dark = canvas.mask(lambda pen: pen.ellipse(x, y, radius))
    lit = canvas.mask(lambda pen: pen.ellipse(x - radius * 0.45, y - radius * 0.45, radius * 1.1), blur=radius * 0.25)
    canvas.fill(mix(palette.sky[0], (0, 0, 0), 0.5), ImageChops.subtract(dark, lit), opacity=0.9)


def _ground(canvas: Canvas, palette: Palette) -> None:
    """Mesas under a thin air that catches the light."""
    rng, width, height = canvas.rng, canvas.width, canvas.height
    canvas.glow(width / 2, height * 0.93, width * 0.8, palette.accents[1], strength=0.5, squash=0.3)
    for depth in (0.0, 0.5, 1.0):
        levels = skyline(rng, width // 4 + 2, lumps=4 + 2 * depth, octaves=5)
        steps = [min(level, 0.62) + 0.12 * max(0.0, level - 0.62) for level in levels]
        base = height * (0.95 + 0.1 * depth)
        crest = [(i * 4.0, base - height * (0.3 - 0.04 * depth) * level) for i, level in enumerate(steps)]
        points = [*crest, (width + 9, height + 9), (-9, height + 9)]
        color = mix(
            mix(palette.accents[0], palette.sky[1], 0.45), mix(palette.near, (0, 0, 0), 0.3), 0.25 + 0.7 * depth
        )
        body = canvas.gradient((color, mix(color, palette.near, 0.6)), top=base - height * 0.2, bottom=base)
        canvas.polygon(body, points)
