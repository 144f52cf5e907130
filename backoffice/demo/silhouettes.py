"""Draws the goods' pictures: flat silhouettes, the same bytes for the same goods, no fonts, no outside files."""

import io
import re
from functools import cache
from itertools import pairwise
from typing import Any

from PIL import Image, ImageDraw

from backoffice.demo.vocabulary import load

SIZE = 480
MALL_SIZE = 2048
_SCALE = 2  # drawn twice as large and averaged, which smooths the edges
_FIELD = SIZE * _SCALE
_PADDING = 0.06
_DARK, _PALE = 260, 660  # sums of red, green and blue
_PAPERS = ["#f3efe8", "#eef1ee", "#f4eeee", "#eceff4", "#f5f1e6", "#efeef3"]
_FIXED = {"metal": "#c9a961", "wood": "#b98f63", "paper": "#fbfaf6", "ink": "#35333a", "leaf": "#7d9b76"}
_TOKEN = re.compile(r"[MLQCZ]|-?\d+(?:\.\d+)?")

Colour = tuple[int, int, int]
Line = list[tuple[float, float]]


def draw(*, shape: str, colour: str, pattern: str = "", seed: int = 0) -> bytes:
    """Return a WebP picture of 480 x 480 pixels; ``colour`` is hex, ``pattern`` "", "stripes", "dots" or "checks"."""
    buffer = io.BytesIO()
    image = _drawn(shape, colour, pattern, _rgb(_PAPERS[seed % len(_PAPERS)]))
    image.save(buffer, "WEBP", quality=80, method=1)
    return buffer.getvalue()


def draw_for_malls(*, shape: str, colour: str, pattern: str = "") -> bytes:
    """Return a JPEG on white of 2048 x 2048 pixels, which every channel takes as a product's first picture."""
    buffer = io.BytesIO()
    image = _drawn(shape, colour, pattern, None)
    image.resize((MALL_SIZE, MALL_SIZE), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _drawn(shape: str, colour: str, pattern: str, wall: Colour | None) -> Image.Image:
    """Draw the goods before a wall of this colour, on plain white without one."""
    main = _rgb(colour)
    paper = wall or (255, 255, 255)
    if wall and sum(main) > _PALE:  # white goods need a darker wall behind them
        paper = _mix(paper, (120, 128, 140), 0.2)
    image = Image.new("RGB", (_FIELD, _FIELD), paper)
    if wall:
        _draw_ground(image, paper)
    for part in _parts(shape):
        _draw_part(image, part, main, pattern)
    return image.reduce(_SCALE)


def _draw_ground(image: Image.Image, paper: Colour) -> None:
    pen = ImageDraw.Draw(image)
    horizon = int(_FIELD * 0.8)
    pen.rectangle((0, horizon, _FIELD, _FIELD), fill=_mix(paper, (90, 84, 76), 0.07))
    pen.ellipse((_FIELD * 0.17, _FIELD * 0.84, _FIELD * 0.83, _FIELD * 0.915), fill=_mix(paper, (90, 84, 76), 0.16))


def _draw_part(image: Image.Image, part: dict[str, Any], main: Colour, pattern: str) -> None:
    fill = _paint(part["fill"], main)
    pen = ImageDraw.Draw(image)
    if "dots" in part:
        _draw_dots(pen, part["dots"], part["radius"], fill)
    elif "line" in part:
        width = max(1, round(part["line"] * _unit()))
        for line in part["outline"]:
            pen.line(line, fill=fill, width=width, joint="curve")
            for x, y in (line[0], line[-1]):
                pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=fill)
    else:
        for line in part["outline"]:
            pen.polygon(line, fill=fill)
        if (pattern and part.get("pattern")) or part.get("shade"):
            _dress(image, part, main, pattern if part.get("pattern") else "")


def _draw_dots(pen: ImageDraw.ImageDraw, dots: list[list[float]], radius: float, fill: Colour) -> None:
    reach = radius * _unit()
    for dot in dots:
        x, y = _place(*dot)
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=fill)


def _dress(image: Image.Image, part: dict[str, Any], main: Colour, pattern: str) -> None:
    """Lay the pattern and the shadow of the right side over the part, and over nothing else."""
    mask = Image.new("L", image.size, 0)
    for line in part["outline"]:
        ImageDraw.Draw(mask).polygon(line, fill=255)
    box = mask.getbbox()
    if box is None:
        return
    cloth = image.crop(box)
    pen = ImageDraw.Draw(cloth)
    if pattern:
        _PATTERNS[pattern](pen, cloth.size, _paint("pattern", main))
    if part.get("shade"):
        width, height = cloth.size
        shadow = Image.new("L", cloth.size, 0)
        edge = [(width * 0.74, 0), (width, 0), (width, height), (width * 0.66, height)]
        ImageDraw.Draw(shadow).polygon(edge, fill=26)
        cloth.paste(Image.new("RGB", cloth.size, _mix(main, (24, 20, 34), 0.8)), mask=shadow)
    image.paste(cloth, box[:2], mask.crop(box))


def _stripes(pen: ImageDraw.ImageDraw, size: tuple[int, int], ink: Colour) -> None:
    step = 4.6 * _unit()
    for i in range(int(size[1] / step) + 1):
        pen.rectangle((0, (i + 0.45) * step, size[0], (i + 0.75) * step), fill=ink)


def _dots(pen: ImageDraw.ImageDraw, size: tuple[int, int], ink: Colour) -> None:
    step, reach = 5.4 * _unit(), 0.95 * _unit()
    for row in range(int(size[1] / step * 2) + 2):
        for column in range(int(size[0] / step) + 2):
            x = (column + (row % 2) / 2) * step
            y = row * step / 2
            pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=ink)


def _checks(pen: ImageDraw.ImageDraw, size: tuple[int, int], ink: Colour) -> None:
    step, width = 8 * _unit(), max(1, round(1.0 * _unit()))
    for i in range(int(size[1] / step) + 1):
        pen.line((0, (i + 0.5) * step, size[0], (i + 0.5) * step), fill=ink, width=width)
    for i in range(int(size[0] / step) + 1):
        pen.line(((i + 0.5) * step, 0, (i + 0.5) * step, size[1]), fill=ink, width=width)


_PATTERNS = {"stripes": _stripes, "dots": _dots, "checks": _checks}


def _paint(name: str, main: Colour) -> Colour:
    """Return the paint of a role; dark goods are set off by lighter tones, or nothing would be seen in black."""
    if name in _FIXED:
        return _rgb(_FIXED[name])
    is_dark = sum(main) < _DARK
    is_pale = sum(main) > _PALE
    amount = {"main": 0.0, "dark": 0.16, "deep": 0.34, "light": 0.22, "pattern": 0.30}[name]
    if name == "light":
        return _mix(main, (255, 255, 255), 0.9 if is_pale else amount)
    if is_dark:
        return _mix(main, (214, 212, 224), amount * (0.7 if name == "deep" else 0.75))
    return _mix(main, (40, 32, 44), amount * (0.72 if is_pale else 1.0))


@cache
def _parts(shape: str) -> list[dict[str, Any]]:
    """Return the shape's parts with outlines in pixels."""
    parts = []
    for part in load("shapes")[shape]["parts"]:
        outline = [_flatten(line) for line in _lines(part.get("path") or part.get("half") or "")]
        if "half" in part:
            outline = [line + [(100 - x, y) for x, y in reversed(line)] for line in outline]
        parts.append({**part, "outline": [[_place(x, y) for x, y in line] for line in outline]})
    return parts


def _lines(path: str) -> list[list[str]]:
    tokens = _TOKEN.findall(path)
    starts = [place for place, sign in enumerate(tokens) if sign == "M"]
    return [tokens[start:end] for start, end in zip(starts, [*starts[1:], len(tokens)], strict=False)]


def _flatten(tokens: list[str]) -> Line:
    """Return the points of one line of a path; curves become twelve straight pieces."""
    points: Line = []
    i = 0
    while i < len(tokens):
        count = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}[tokens[i]]
        values = [float(token) for token in tokens[i + 1 : i + 1 + 2 * count]]
        controls = list(zip(values[::2], values[1::2], strict=True))
        if count > 1:
            points += [_on_curve([points[-1], *controls], step / 12) for step in range(1, 12)]
        points += controls[-1:]
        i += 1 + 2 * count
    return points


def _on_curve(controls: Line, t: float) -> tuple[float, float]:
    while len(controls) > 1:
        controls = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(controls)]
    return controls[0]


def _unit() -> float:
    return _FIELD * (1 - 2 * _PADDING) / 100


def _place(x: float, y: float) -> tuple[float, float]:
    return (_FIELD * _PADDING + x * _unit(), _FIELD * _PADDING + y * _unit())


def _rgb(colour: str) -> Colour:
    return (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))


def _mix(a: Colour, b: Colour, share: float) -> Colour:
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )
