"""A window of stained glass, lit from behind."""

import math

from PIL import ImageEnhance, ImageFilter

from .canvas import Canvas, Point, spread
from .palettes import Palette, mix

LEAD = (16, 14, 22)


def window(canvas: Canvas, palette: Palette) -> None:
    """Panes around a bright middle, set in lead."""
    rng, width, height, unit = canvas.rng, canvas.width, canvas.height, canvas.unit
    middle = (width * rng.uniform(0.42, 0.58), height * rng.uniform(0.4, 0.6))
    sites = _sites(canvas, middle)
    colors = (
        mix(palette.light, (255, 250, 200), 0.5),
        palette.accents[2],
        palette.accents[1],
        palette.accents[0],
        palette.accents[3],
        mix(palette.accents[4], palette.accents[3], 0.4),
        mix(palette.accents[4], palette.sky[0], 0.5),
    )
    sheet, pen = canvas.sheet(LEAD)
    reach = math.hypot(width, height) * 0.5
    for site in sites:
        cell = _cell(site, sites, width, height)
        if len(cell) < 3:
            continue
        away = math.hypot(site[0] - middle[0], site[1] - middle[1]) / reach
        color = spread(colors, min(1.0, max(0.0, away * 1.12 + rng.gauss(0, 0.05))))
        color = mix(color, (255, 255, 255) if rng.random() < 0.5 else (0, 0, 0), rng.uniform(0, 0.16))
        cx, cy = sum(x for x, _ in cell) / len(cell), sum(y for _, y in cell) / len(cell)
        for ring in range(5):
            inset = unit * (0.42 + 0.5 * ring)
            pen.polygon(
                [_towards(point, (cx, cy), inset) for point in cell],
                fill=mix(mix(color, LEAD, 0.3), mix(color, (255, 255, 255), 0.12), ring / 4),
            )
    canvas.lay(sheet)
    canvas.image = ImageEnhance.Color(canvas.image).enhance(1.45)
    ripple = canvas.noise(26, 26, octaves=3).filter(ImageFilter.BoxBlur(1))
    canvas.fill((255, 255, 255), ripple.point([max(0, level - 150) for level in range(256)]), opacity=0.3)
    canvas.glow(*middle, reach * 0.9, palette.light, strength=0.4)


def _sites(canvas: Canvas, middle: Point) -> list[Point]:
    """Pane middles in loose rings, small inside and larger outside."""
    rng, unit = canvas.rng, canvas.unit
    sites = [middle]
    radius, ring = unit * 7, 0
    while radius < math.hypot(canvas.width, canvas.height) * 0.75:
        pitch = unit * (6.5 + 0.95 * ring)
        count = max(6, round(2 * math.pi * radius / pitch))
        turn = rng.uniform(0, 6.3)
        for k in range(count):
            angle = turn + 2 * math.pi * k / count + rng.uniform(-0.12, 0.12) / (1 + ring * 0.2)
            out = radius + rng.uniform(-0.16, 0.16) * pitch
            sites.append((middle[0] + out * math.cos(angle), middle[1] + out * math.sin(angle)))
        radius += pitch
        ring += 1
    return sites


def _cell(site: Point, sites: list[Point], width: float, height: float) -> list[Point]:
    """The part of the picture nearer to this site than to any other."""
    sx, sy = site
    cell: list[Point] = [(-40.0, -40.0), (width + 40.0, -40.0), (width + 40.0, height + 40.0), (-40.0, height + 40.0)]
    nearest = sorted(sites, key=lambda other: (other[0] - sx) ** 2 + (other[1] - sy) ** 2)[1:17]
    for ox, oy in nearest:
        nx, ny = ox - sx, oy - sy
        limit = (ox * ox + oy * oy - sx * sx - sy * sy) / 2
        kept: list[Point] = []
        for (ax, ay), (bx, by) in zip(cell, [*cell[1:], *cell[:1]], strict=True):
            a, b = ax * nx + ay * ny - limit, bx * nx + by * ny - limit
            if a <= 0:
                kept.append((ax, ay))
            if (a < 0 < b) or (b < 0 < a):
                share = a / (a - b)
                kept.append((ax + (bx - ax) * share, ay + (by - ay) * share))
        cell = kept
    return cell


def _towards(point: Point, middle: Point, distance: float) -> Point:
    dx, dy = middle[0] - point[0], middle[1] - point[1]
    long = math.hypot(dx, dy) or 1.0
    share = min(0.9, distance / long)
    return point[0] + dx * share, point[1] + dy * share
