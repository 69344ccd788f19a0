"""A picture of a symbol as SVG: its units side by side, with pin names and numbers.

A millimetre a unit, in the colours of KiCad's editor. Each pin is a group with a title, so that a
browser tells its number, name and type. The same symbol gives the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from components.cad.geometry import Box, Point, box_of
from components.cad.symbol.items import (
    DIRECTIONS,
    Arc,
    Circle,
    Graphic,
    Pin,
    Polyline,
    Rectangle,
    Symbol,
    Text,
    Unit,
)
from components.cad.symbol.writer import NAME_OFFSET_MM, TEXT_MM, graphic_points

MARGIN_MM = 1.5
GAP_MM = 5.0
PIXELS_PER_MM = 12
PIXELS_MAX = 1600
BACKGROUND = "#f5f4ef"
LINE, BODY, PIN, NAME, NUMBER = "#840000", "#ffffc2", "#840000", "#006464", "#a90000"
# Of a sans-serif font, to its height.
CHARACTER_WIDTH = 0.6
DOT_RADIUS_MM = 0.381


def preview(symbol: Symbol) -> bytes:
    """The picture of all units."""
    boxes = [_box(unit, symbol) for unit in symbol.units]
    width = sum(box.right - box.left for box in boxes) + GAP_MM * (len(boxes) - 1)
    height = max(box.bottom - box.top for box in boxes)
    width, height = width + 2 * MARGIN_MM, height + 2 * MARGIN_MM
    scale = min(PIXELS_PER_MM, PIXELS_MAX / max(width, height))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}"'
        f' width="{math.ceil(width * scale)}" height="{math.ceil(height * scale)}"'
        ' font-family="sans-serif" stroke-linecap="round" stroke-linejoin="round">',
        f'<rect width="{_n(width)}" height="{_n(height)}" fill="{BACKGROUND}"/>',
    ]
    x = MARGIN_MM
    for unit, box in zip(symbol.units, boxes, strict=True):
        # y is upward in symbols, downward in pictures.
        parts.append(f'<g transform="translate({_n(x - box.left)} {_n(MARGIN_MM + box.bottom)})">')
        graphics = sorted(unit.graphics, key=lambda item: not _lies_behind(item))
        parts += map(_graphic, graphics)
        parts += [_pin(pin, symbol) for pin in unit.pins]
        parts.append("</g>")
        x += box.right - box.left + GAP_MM
    return "\n".join([*parts, "</svg>\n"]).encode()


def _lies_behind(item: Graphic) -> bool:
    return not isinstance(item, Text) and item.fill == "background"


def _box(unit: Unit, symbol: Symbol) -> Box:
    points: list[Point] = []
    for item in unit.graphics:
        points += graphic_points(item)
        if isinstance(item, Text):
            reach = len(item.text) * item.height * CHARACTER_WIDTH
            points += [(item.at[0] - reach, item.at[1]), (item.at[0] + reach, item.at[1])]
    for pin in unit.pins:
        points += [pin.at, pin.inner]
        if pin.name and not symbol.hides_names:
            dx, dy = DIRECTIONS[pin.angle_deg]
            reach = NAME_OFFSET_MM + len(pin.name) * TEXT_MM * CHARACTER_WIDTH
            points.append((pin.inner[0] + dx * reach, pin.inner[1] + dy * reach))
        if not symbol.hides_numbers:
            x, y = pin.at
            points += [(x - TEXT_MM, y - TEXT_MM), (x + TEXT_MM, y + TEXT_MM)]
    return box_of(points or [(0.0, 0.0)])


def _n(value: float) -> str:
    """Hundredths of a millimetre are more than a picture shows."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _xy(point: Point) -> str:
    return f"{_n(point[0])} {_n(-point[1])}"


def _graphic(item: Graphic) -> str:
    if isinstance(item, Text):
        return _label(item.text, item.at, item.angle_deg, item.height, item.anchor, "#000")
    fill = {"none": "none", "outline": LINE, "background": BODY}[item.fill]
    style = f'fill="{fill}" stroke="{LINE}" stroke-width="{_n(max(item.width, 0.1))}"'
    if isinstance(item, Rectangle):
        left, right = sorted((item.start[0], item.end[0]))
        low, high = sorted((item.start[1], item.end[1]))
        place = f'x="{_n(left)}" y="{_n(-high)}" width="{_n(right - left)}"'
        return f'<rect {place} height="{_n(high - low)}" {style}/>'
    if isinstance(item, Circle):
        x, y = item.centre
        return f'<circle cx="{_n(x)}" cy="{_n(-y)}" r="{_n(item.radius)}" {style}/>'
    if isinstance(item, Arc):
        return f'<path d="{_arc(item)}" {style}/>'
    return f'<path d="{_path(item)}" {style}/>'


def _path(item: Polyline) -> str:
    return "M" + "L".join(map(_xy, item.points))


def _arc(item: Arc) -> str:
    """Two quadratic pieces are no arc: the circle through the three points."""
    (x1, y1), (x2, y2), (x3, y3) = item.start, item.middle, item.end
    turn = (x2 - x1) * (y3 - y1) - (y2 - y1) * (x3 - x1)
    if abs(turn) < 1e-9:
        return f"M{_xy(item.start)}L{_xy(item.end)}"
    chord = math.dist(item.start, item.end)
    sides = math.dist(item.start, item.middle) * math.dist(item.middle, item.end)
    radius = chord * sides / (2 * abs(turn))
    large = int(abs(turn) / max(chord, 1e-12) > radius)
    # The picture's y points down, which turns the direction around.
    return f"M{_xy(item.start)}A{_n(radius)} {_n(radius)} 0 {large} {int(turn < 0)} {_xy(item.end)}"


def _pin(pin: Pin, symbol: Symbol) -> str:
    parts = [
        f'<g class="pin" data-pin="{escape(pin.number)}">',
        f"<title>{escape(' '.join(filter(None, (pin.number, pin.name, pin.kind))))}</title>",
        f'<path d="M{_xy(pin.at)}L{_xy(pin.inner)}" stroke="{PIN}" stroke-width="0.15"/>',
        f'<circle cx="{_n(pin.at[0])}" cy="{_n(-pin.at[1])}" r="0.3" fill="none" stroke="{PIN}"'
        ' stroke-width="0.1"/>',
    ]
    dx, dy = DIRECTIONS[pin.angle_deg]
    if pin.inverted:
        x, y = pin.inner[0] - dx * DOT_RADIUS_MM, pin.inner[1] - dy * DOT_RADIUS_MM
        parts.append(
            f'<circle cx="{_n(x)}" cy="{_n(-y)}" r="{_n(DOT_RADIUS_MM)}" fill="{BACKGROUND}"'
            f' stroke="{PIN}" stroke-width="0.15"/>'
        )
    parts += _clock(pin)
    if pin.name and not symbol.hides_names:
        at = pin.inner[0] + dx * NAME_OFFSET_MM, pin.inner[1] + dy * NAME_OFFSET_MM
        parts.append(_written(pin.name, at, pin.angle_deg, NAME, middle=False))
    if not symbol.hides_numbers and pin.number:
        at = (pin.at[0] + pin.inner[0]) / 2, (pin.at[1] + pin.inner[1]) / 2
        parts.append(_written(pin.number, at, pin.angle_deg, NUMBER, middle=True))
    return "".join([*parts, "</g>"])


def _clock(pin: Pin) -> list[str]:
    if not pin.clock:
        return []
    dx, dy = DIRECTIONS[pin.angle_deg]
    x, y = pin.inner
    side = 0.6
    corners: Sequence[Point] = (
        (x - dy * side, y + dx * side),
        (x + dx * side, y + dy * side),
        (x + dy * side, y - dx * side),
    )
    drawn = "M" + "L".join(map(_xy, corners))
    return [f'<path d="{drawn}" fill="none" stroke="{PIN}" stroke-width="0.15"/>']


def _written(text: str, at: Point, angle_deg: int, colour: str, *, middle: bool) -> str:
    """A pin's name behind its end, or its number above its line; upright pins read upward."""
    is_upright = angle_deg in (90, 270)
    anchor = "middle" if middle else "end" if angle_deg in (180, 270) else "start"
    # Baselines: a number stands over the line, a name beside it.
    lift = 0.25 if middle else -0.36 * TEXT_MM
    at = (at[0] - lift, at[1]) if is_upright else (at[0], at[1] + lift)
    return _label(text, at, 90 if is_upright else 0, TEXT_MM, anchor, colour)


def _label(text: str, at: Point, angle_deg: float, height: float, anchor: str, colour: str) -> str:
    turn = f' transform="rotate({_n(-angle_deg)} {_xy(at)})"' if angle_deg else ""
    style = f'font-size="{_n(height)}" text-anchor="{anchor}" fill="{colour}"'
    return f'<text x="{_n(at[0])}" y="{_n(-at[1])}"{turn} {style}>{escape(text)}</text>'
