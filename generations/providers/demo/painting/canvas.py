"""The painter's tools: a canvas, a pen with smooth edges, gradients, soft noise, glow and grain.

Everything random comes from the canvas's own generator, so the same seed paints the same picture.
"""

import math
import random
from collections.abc import Callable, Iterable, Sequence

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from .palettes import Color, mix

FINE = 2
"""Shapes are drawn so many times larger and reduced, which makes their edges smooth."""
COARSE_BLUR = 4
"""From so many pixels of blur on, nobody sees that a shape was drawn small."""
Point = tuple[float, float]


class Pen:
    """Draws in canvas pixels on a sheet that is so many times finer, or coarser."""

    def __init__(self, sheet: Image.Image, *, fine: float = FINE) -> None:
        self._draw = ImageDraw.Draw(sheet)
        self._fine = fine

    def polygon(self, points: Iterable[Point], fill: int | Color = 255) -> None:
        self._draw.polygon([(x * self._fine, y * self._fine) for x, y in points], fill=fill)

    def polygons(self, shapes: Iterable[Iterable[Point]]) -> None:
        for points in shapes:
            self.polygon(points)

    def line(self, points: Iterable[Point], width: float, fill: int | Color = 255) -> None:
        fine = [(x * self._fine, y * self._fine) for x, y in points]
        self._draw.line(fine, fill=fill, width=max(1, round(width * self._fine)), joint="curve")

    def ellipse(self, x: float, y: float, rx: float, ry: float | None = None, fill: int | Color = 255) -> None:
        ry = rx if ry is None else ry
        self._draw.ellipse(
            [(x - rx) * self._fine, (y - ry) * self._fine, (x + rx) * self._fine, (y + ry) * self._fine], fill=fill
        )

    def lines(self, paths: Iterable[Iterable[Point]], width: float) -> None:
        for points in paths:
            self.line(points, width)

    def rectangle(self, left: float, top: float, right: float, bottom: float, fill: int | Color = 255) -> None:
        if right > left and bottom > top:
            self._draw.rectangle(
                [left * self._fine, top * self._fine, right * self._fine - 1, bottom * self._fine - 1], fill=fill
            )

    def pie(self, x: float, y: float, radius: float, start: float, end: float, fill: int | Color = 255) -> None:
        box = [
            (x - radius) * self._fine,
            (y - radius) * self._fine,
            (x + radius) * self._fine,
            (y + radius) * self._fine,
        ]
        self._draw.pieslice(box, start, end, fill=fill)


class Canvas:
    """A picture in the making."""

    def __init__(self, size: tuple[int, int], rng: random.Random) -> None:
        self.size = size
        self.width, self.height = size
        self.rng = rng
        self.image = Image.new("RGB", size)

    @property
    def unit(self) -> float:
        """A hundredth of the shorter side: measures in it look alike in every shape."""
        return min(self.size) / 100

    def mask(self, draw: Callable[[Pen], None], *, blur: float = 0) -> Image.Image:
        """What ``draw`` drew, as a mask; blurred by so many pixels."""
        if blur >= COARSE_BLUR:
            coarse = Image.new("L", (self.width // 2, self.height // 2))
            draw(Pen(coarse, fine=0.5))
            soft = coarse.filter(ImageFilter.BoxBlur(blur / 2)).filter(ImageFilter.BoxBlur(blur * 0.35))
            return soft.resize(self.size, Image.Resampling.BILINEAR)
        sheet = Image.new("L", (self.width * FINE, self.height * FINE))
        draw(Pen(sheet))
        mask = sheet.reduce(FINE)
        return mask.filter(ImageFilter.BoxBlur(blur)) if blur else mask

    def sheet(self, background: Color) -> tuple[Image.Image, Pen]:
        """A fine sheet to draw many colored shapes on at once; hand it to ``lay``."""
        fine = Image.new("RGB", (self.width * FINE, self.height * FINE), background)
        return fine, Pen(fine)

    def lay(self, sheet: Image.Image) -> None:
        """Make the sheet the picture."""
        self.image = sheet.reduce(FINE)

    def fill(self, paint: Color | Image.Image, mask: Image.Image, *, opacity: float = 1) -> None:
        """Put color, or another picture, on the picture where the mask is."""
        box = mask.getbbox()
        if box is None:
            return
        mask = mask.crop(box)
        if opacity < 1:
            mask = mask.point([round(level * opacity) for level in range(256)])
        self.image.paste(paint.crop(box) if isinstance(paint, Image.Image) else paint, box, mask)

    def shape(
        self, paint: Color | Image.Image, draw: Callable[[Pen], None], *, opacity: float = 1, blur: float = 0
    ) -> None:
        """Draw and fill in one go."""
        self.fill(paint, self.mask(draw, blur=blur), opacity=opacity)

    def polygon(self, paint: Color | Image.Image, points: Sequence[Point]) -> None:
        """The shape most things are made of."""
        self.shape(paint, lambda pen: pen.polygon(points))

    def gradient(self, colors: Sequence[Color], *, top: float = 0, bottom: float | None = None) -> Image.Image:
        """The colors from above to below, spread smoothly between two heights."""
        bottom = self.height if bottom is None else bottom
        column = Image.new("RGB", (1, self.height))
        column.putdata([spread(colors, (y - top) / max(1, bottom - top)) for y in range(self.height)])
        return column.resize(self.size)

    def noise(
        self, across: int, down: int, *, octaves: int = 4, fade: float = 0.5, size: tuple[int, int] | None = None
    ) -> Image.Image:
        """Soft clouds in gray with so many lumps across and down, using the whole range of brightness."""
        wanted = size or self.size
        size = (max(2, wanted[0] // 2), max(2, wanted[1] // 2)) if min(wanted) > 256 else wanted
        total = Image.new("L", size, 128)
        for octave in reversed(range(octaves)):
            w, h = max(2, across << octave), max(2, down << octave)
            lumps = Image.frombytes("L", (w, h), self.rng.randbytes(w * h))
            layer = lumps.resize(size, Image.Resampling.BICUBIC, box=(0.5, 0.5, w - 0.5, h - 0.5))
            total = Image.blend(layer, total, fade) if octave < octaves - 1 else layer
        low, high = total.resize((64, 64)).getextrema()
        if not isinstance(low, (int, float)) or not isinstance(high, (int, float)) or high <= low:
            return total.resize(wanted)
        total = total.resize(wanted, Image.Resampling.BICUBIC) if wanted != size else total
        return total.point([min(255, max(0, round((level - low) * 255 / (high - low)))) for level in range(256)])

    def glow(self, x: float, y: float, radius: float, color: Color, *, strength: float = 1, squash: float = 1) -> None:
        """Light that spreads from a point."""
        halo = Image.radial_gradient("L").point(
            [round(255 * strength * max(0, 1 - level / 181) ** 2.2) for level in range(256)]
        )
        halo = halo.resize((max(1, round(2 * radius)), max(1, round(2 * radius * squash))), Image.Resampling.BICUBIC)
        left, top = round(x - radius), round(y - radius * squash)
        box = (max(0, left), max(0, top), min(self.width, left + halo.width), min(self.height, top + halo.height))
        if box[0] >= box[2] or box[1] >= box[3]:
            return
        lit = halo.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
        light = Image.merge("RGB", [lit.point([round(level * part / 255) for level in range(256)]) for part in color])
        self.image.paste(ImageChops.screen(self.image.crop(box), light), box)

    def stars(self, count: int, *, below: float, color: Color = (255, 255, 255)) -> None:
        """Small lights down to a height, fewer and fainter towards it."""
        spots = [(self.rng.random() * self.width, self.rng.random() ** 1.3 * below) for _ in range(count)]

        def draw(pen: Pen) -> None:
            for x, y in spots:
                pen.ellipse(x, y, self.rng.choice((0.5, 0.5, 0.7, 1.0, 1.4)), fill=self.rng.randint(90, 255))

        self.shape(color, draw, opacity=0.9)

    def finish(self, *, grain: float = 0.036, vignette: float = 0.16) -> Image.Image:
        """Darker corners and a little grain, which also hides the steps of large gradients."""
        if vignette:
            shade = Image.radial_gradient("L").point(
                [round(255 - 255 * vignette * (level / 255) ** 2) for level in range(256)]
            )
            shade = shade.resize(self.size, Image.Resampling.BILINEAR)
            self.image = ImageChops.multiply(self.image, Image.merge("RGB", (shade, shade, shade)))
        if grain:
            dust = Image.frombytes("L", self.size, self.rng.randbytes(self.width * self.height))
            dust = dust.filter(ImageFilter.BoxBlur(0.6))
            self.image = Image.blend(
                self.image, ImageChops.overlay(self.image, Image.merge("RGB", (dust,) * 3)), grain * 2.4
            )
        return ImageEnhance.Contrast(self.image).enhance(1.03)


def spread(colors: Sequence[Color], share: float) -> Color:
    """The color at a share of the way along a row of colors."""
    place = min(max(share, 0.0), 1.0) * (len(colors) - 1)
    step = min(int(place), len(colors) - 2)
    return mix(colors[step], colors[step + 1], place - step)


def tinted(gray: Image.Image, colors: Sequence[Color]) -> Image.Image:
    """A gray picture with its brightness turned into a row of colors."""
    tables = [spread(colors, level / 255) for level in range(256)]
    return Image.merge("RGB", [gray.point([color[channel] for color in tables]) for channel in range(3)])


def skyline(
    rng: random.Random, count: int, *, lumps: float, octaves: int = 5, rough: float = 0.5, ridged: bool = False
) -> list[float]:
    """``count`` heights between 0 and 1 along a line, lumpy or, ``ridged``, with sharp crests."""
    heights = [0.0] * count
    total, weight = 0.0, 1.0
    for _octave in range(octaves):
        knots = [rng.random() for _ in range(int(lumps) + 3)]
        for i in range(count):
            place = i / max(1, count - 1) * lumps
            knot = int(place)
            ease = (1 - math.cos((place - knot) * math.pi)) / 2
            level = knots[knot] + (knots[knot + 1] - knots[knot]) * ease
            heights[i] += weight * (1 - abs(2 * level - 1) if ridged else level)
        total += weight
        weight *= rough
        lumps *= 2.1
    return [height / total for height in heights]


def warped(image: Image.Image, shift: Callable[[float, float], Point], *, cells: int = 40) -> Image.Image:
    """The picture pulled out of shape: each point shows what lies where ``shift`` points, in shares of the sides."""
    width, height = image.size
    down = max(2, round(cells * height / width))
    xs = [round(width * i / cells) for i in range(cells + 1)]
    ys = [round(height * j / down) for j in range(down + 1)]
    spots = {}
    for i, x in enumerate(xs):
        for j, y in enumerate(ys):
            dx, dy = shift(x / width, y / height)
            spots[i, j] = (min(max(x + dx * width, 0), width - 1), min(max(y + dy * height, 0), height - 1))
    mesh = [
        (
            (xs[i], ys[j], xs[i + 1], ys[j + 1]),
            (*spots[i, j], *spots[i, j + 1], *spots[i + 1, j + 1], *spots[i + 1, j]),
        )
        for i in range(cells)
        for j in range(down)
    ]
    return image.transform(image.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
