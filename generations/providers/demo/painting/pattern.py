"""Pictures of nothing in particular: ink in a current, marbled paper, tiles, leaves cut from paper, stained glass."""

import math

from PIL import Image, ImageChops, ImageFilter

from .canvas import Canvas, Pen, Point, tinted, warped
from .palettes import Color, Palette, mix

MARBLE_CELLS = 64
"""How many cells across the pull on marbled paper is told apart in."""


def ink(canvas: Canvas, palette: Palette) -> None:
    """Thousands of brush strokes that follow one current."""
    rng, width, height, unit = canvas.rng, canvas.width, canvas.height, canvas.unit
    waves = [(rng.uniform(1.2, 4.2) / 100 / unit, rng.uniform(0, 6.3), rng.uniform(0, 6.3)) for _ in range(5)]
    turns = rng.uniform(1.1, 1.9)
    sheet, pen = canvas.sheet(palette.paper)
    colors = [*palette.accents, mix(palette.paper, palette.accents[1], 0.4), palette.near]
    bands = canvas.noise(4, 4, octaves=2, size=(64, 64)).load()
    step = unit * 0.9
    strokes = round(width * height / unit**2 / 14)
    for stroke in range(strokes):
        x, y = rng.uniform(-0.05, 1.05) * width, rng.uniform(-0.05, 1.05) * height
        level = bands[min(63, max(0, int(x / width * 63))), min(63, max(0, int(y / height * 63)))] if bands else 0
        color = colors[
            (int(float(str(level)) / 256 * len(colors) * 2) + (rng.random() < 0.3) * rng.randrange(7)) % len(colors)
        ]
        thick = unit * (1.9 - 1.5 * stroke / strokes) * rng.uniform(0.5, 1.2)
        left, right = [], []
        length = rng.randint(16, 44)
        for k in range(length):
            angle = turns * sum(math.sin(x * f * math.cos(p) + y * f * math.sin(p) + q) for f, p, q in waves)
            dx, dy = math.cos(angle), math.sin(angle)
            half = thick * math.sin(math.pi * (k + 0.5) / length) ** 0.6 / 2
            left.append((x - dy * half, y + dx * half))
            right.append((x + dy * half, y - dx * half))
            x, y = x + dx * step, y + dy * step
        pen.polygon([*left, *reversed(right)], fill=mix(color, palette.paper, rng.uniform(0, 0.12)))
    canvas.lay(sheet)


def marble(canvas: Canvas, palette: Palette) -> None:
    """Color floated on water and combed, with fine veins of gold."""
    _rng, width, height = canvas.rng, canvas.width, canvas.height
    across = 2 if width <= height else 3
    down = max(2, round(across * height / width))
    flow = canvas.noise(across, down, octaves=5, fade=0.55)
    rows = round(MARBLE_CELLS * height / width)
    # One lump of noise per corner of the mesh, so that the pull never jumps between neighbors.
    grids = [canvas.noise(across + 1, down + 1, octaves=2, size=(MARBLE_CELLS + 1, rows + 1)).load() for _ in range(4)]

    def pull(x: float, y: float, first: int, reach: float) -> Point:
        at = round(x * MARBLE_CELLS), round(y * rows)
        dx, dy = (float(str(grid[at])) / 255 - 0.5 if (grid := grids[first + i]) else 0.0 for i in range(2))
        return reach * dx, reach * dy

    flow = warped(flow, lambda x, y: pull(x, y, 0, 0.5), cells=MARBLE_CELLS)
    flow = warped(flow, lambda x, y: pull(x, y, 2, 0.3), cells=MARBLE_CELLS)
    fine = flow.resize((width * 2, height * 2), Image.Resampling.BICUBIC)
    deep, pale = mix(palette.accents[4], palette.near, 0.4), mix(palette.paper, (255, 255, 255), 0.35)
    colors = (
        deep,
        palette.accents[0],
        deep,
        palette.accents[3],
        pale,
        palette.accents[1],
        mix(palette.accents[1], pale, 0.6),
        palette.accents[0],
        deep,
    )
    picture = tinted(fine, colors).reduce(2)
    light = flow.filter(ImageFilter.GaussianBlur(1.2))
    relief = ImageChops.subtract(light, ImageChops.offset(light, 2, 3), scale=0.22, offset=128)
    picture = Image.blend(picture, ImageChops.overlay(picture, Image.merge("RGB", (relief,) * 3)), 0.55)
    canvas.image = picture
    veins = fine.point([max(0, 255 - 110 * abs(level - 96)) for level in range(256)]).reduce(2)
    gaps = canvas.noise(6, 6, octaves=3).point([min(255, max(0, (level - 130) * 5)) for level in range(256)])
    canvas.fill((214, 170, 88), ImageChops.multiply(veins, gaps), opacity=0.9)


def tiles(canvas: Canvas, palette: Palette) -> None:
    """Quarter circles, arches and discs in a grid, printed on paper."""
    rng, width, height = canvas.rng, canvas.width, canvas.height
    cell = min(width, height) / rng.choice((4, 5, 6))
    sheet, pen = canvas.sheet(palette.paper)
    colors = [*palette.accents, palette.paper]
    columns, rows = math.ceil(width / cell), math.ceil(height / cell)
    for i in range(columns):
        for j in range(rows):
            _tile(canvas, pen, i * cell, j * cell, cell, rng.sample(colors, 3))
    canvas.lay(sheet)
    press = canvas.noise(60, 60, octaves=3)
    canvas.fill(
        mix(palette.paper, (255, 255, 255), 0.3), press.point([max(0, v - 150) for v in range(256)]), opacity=0.35
    )


def _tile(canvas: Canvas, pen: Pen, x: float, y: float, cell: float, colors: list[Color]) -> None:
    rng = canvas.rng
    ground, main, third = colors
    pen.rectangle(x, y, x + cell, y + cell, fill=ground)
    kind = rng.randrange(7)
    corner = rng.randrange(4)
    corner_x, corner_y = x + cell * (corner in (1, 2)), y + cell * (corner in (2, 3))
    if kind in (0, 1):
        for ring, color in enumerate((main, ground, third, ground, main)[: 5 if kind else 1]):
            pen.pie(corner_x, corner_y, cell * (1 - ring / 5), corner * 90, corner * 90 + 90, fill=color)
    elif kind == 2:
        pen.ellipse(x + cell / 2, y + cell / 2, cell * 0.42, fill=main)
        pen.ellipse(x + cell / 2, y + cell / 2, cell * 0.18, fill=third)
    elif kind == 3:
        for step, color in enumerate((main, third, ground)):
            wide = cell * (0.5 - step * 0.15)
            pen.pie(x + cell / 2, y + cell / 2, wide, 180, 360, fill=color)
            pen.rectangle(x + cell / 2 - wide, y + cell / 2 - 0.5, x + cell / 2 + wide, y + cell, fill=color)
    elif kind == 4:
        half = [(x, y), (x + cell, y), (x + cell, y + cell), (x, y + cell)]
        pen.polygon([point for k, point in enumerate(half) if k != corner], fill=main)
    elif kind == 5:
        for stripe in range(3):
            pen.rectangle(x, y + cell * (2 * stripe + 1) / 7, x + cell, y + cell * (2 * stripe + 2) / 7, fill=main)
        pen.ellipse(x + cell / 2, y + cell / 2, cell * 0.27, fill=third)
    else:
        pen.pie(x, y + cell / 2, cell / 2, -90, 90, fill=main)
        pen.pie(x + cell, y + cell / 2, cell / 2, 90, 270, fill=third)


def leaves(canvas: Canvas, palette: Palette) -> None:
    """Leaves cut from colored paper, layer over layer, around a pale sun."""
    rng, width, height, unit = canvas.rng, canvas.width, canvas.height, canvas.unit
    warm = mix(palette.sky[-2], palette.accents[1], 0.45)
    canvas.image = canvas.gradient((mix(warm, palette.paper, 0.55), warm))
    sun_x, sun_y = width * rng.uniform(0.4, 0.6), height * rng.uniform(0.34, 0.5)
    for ring in range(4, 0, -1):
        halo = _disc(sun_x, sun_y, unit * (12 + 5.5 * ring))
        canvas.polygon(mix(warm, palette.light, 0.28 + 0.18 * (4 - ring)), halo)
    canvas.polygon(mix(palette.light, (255, 255, 255), 0.3), _disc(sun_x, sun_y, unit * 15))
    greens = [
        mix(mix((74, 142, 104), palette.accents[3], 0.35), mix(palette.near, (10, 52, 48), 0.5), share)
        for share in (0.05, 0.45, 0.8)
    ]
    for layer, green in enumerate(greens):
        _leaf_layer(canvas, green, sun_x, sun_y, near=layer / 2)


def _leaf_layer(canvas: Canvas, green: Color, sun_x: float, sun_y: float, *, near: float) -> None:
    """One sheet of leaves growing in from the edges towards the sun, with the shadow it throws."""
    rng, width, height, unit = canvas.rng, canvas.width, canvas.height, canvas.unit
    around = 2 * (width + height)
    count = 12
    shapes = []
    for i in range(count):
        walk = (i + rng.uniform(0.1, 0.9)) / count * around
        x, y = _on_edge(walk, width, height)
        aim = math.atan2(sun_y - y, sun_x - x) + rng.uniform(-0.55, 0.55)
        length = unit * rng.uniform(34, 50) * (1.12 - 0.3 * near)
        x, y = x - math.cos(aim) * length * 0.25 * (0.4 + near), y - math.sin(aim) * length * 0.25 * (0.4 + near)
        shapes.append(_frond(rng.choice((True, False)), x, y, length, aim, bend=rng.uniform(-0.5, 0.5)))
    drop = unit * (0.8 + 0.8 * near)
    thrown = [[(x + drop, y + drop * 1.5) for x, y in outline] for outline, _ribs in shapes]
    canvas.shape((18, 26, 30), lambda pen: pen.polygons(thrown), opacity=0.42, blur=unit * 1.1)
    for outline, ribs in shapes:
        box = _box(outline, canvas)
        if box is not None:
            _one_leaf(canvas, box, outline, ribs, mix(green, (255, 240, 190), rng.uniform(0, 0.16)))


def _one_leaf(
    canvas: Canvas, box: tuple[int, int, int, int], outline: list[Point], ribs: list[list[Point]], tone: Color
) -> None:
    """Paint a leaf on a patch just large enough for it."""
    left, top, right, bottom = box
    patch = Canvas((right - left, bottom - top), canvas.rng)
    patch.image = canvas.image.crop(box)
    body = patch.mask(lambda pen: pen.polygon([(x - left, y - top) for x, y in outline]))
    veins = patch.mask(lambda pen: pen.lines([[(x - left, y - top) for x, y in rib] for rib in ribs], 1.4))
    patch.fill(tone, body)
    patch.fill(mix(tone, (255, 255, 220), 0.3), ImageChops.multiply(body, veins), opacity=0.8)
    canvas.image.paste(patch.image, (left, top))


def _disc(x: float, y: float, radius: float) -> list[Point]:
    return [(x + radius * math.cos(k / 60 * math.pi), y + radius * math.sin(k / 60 * math.pi)) for k in range(120)]


def _on_edge(walk: float, width: float, height: float) -> Point:
    """The point so far along the picture's edge, clockwise from the upper left."""
    for length, start, direction in (
        (width, (0.0, 0.0), (1, 0)),
        (height, (width, 0.0), (0, 1)),
        (width, (width, height), (-1, 0)),
        (height, (0.0, height), (0, -1)),
    ):
        if walk <= length:
            return start[0] + direction[0] * walk, start[1] + direction[1] * walk
        walk -= length
    return 0.0, 0.0


def _frond(
    toothed: bool, x: float, y: float, length: float, aim: float, *, bend: float
) -> tuple[list[Point], list[list[Point]]]:
    """A leaf's outline and its veins, growing from a point in a gentle curve."""
    spine, left, right, ribs = [], [], [], []
    steps = 36
    for k in range(steps + 1):
        share = k / steps
        angle = aim + bend * (share - 0.3)
        x, y = x + math.cos(angle) * length / steps, y + math.sin(angle) * length / steps
        wide = length * 0.22 * math.sin(math.pi * min(1.0, share * 0.98 + 0.02)) ** 0.75 * (1.15 - 0.5 * share)
        if toothed:
            wide *= 1 - 0.42 * (k % 4) / 4 * (0.25 + 0.75 * share)
        nx, ny = -math.sin(angle), math.cos(angle)
        spine.append((x, y))
        left.append((x + nx * wide, y + ny * wide))
        right.append((x - nx * wide, y - ny * wide))
        if k % 4 == 2:
            lean_x, lean_y = math.cos(angle) * wide * 0.6, math.sin(angle) * wide * 0.6
            ribs += [[(x, y), (x + nx * wide * s + lean_x, y + ny * wide * s + lean_y)] for s in (0.95, -0.95)]
    return [*left, *reversed(right)], [spine, *ribs]


def _box(outline: list[Point], canvas: Canvas) -> tuple[int, int, int, int] | None:
    xs, ys = [x for x, _y in outline], [y for _x, y in outline]
    left, top = max(0, int(min(xs)) - 2), max(0, int(min(ys)) - 2)
    right, bottom = min(canvas.width, int(max(xs)) + 3), min(canvas.height, int(max(ys)) + 3)
    return (left, top, right, bottom) if right > left and bottom > top else None
