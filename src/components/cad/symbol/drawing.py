"""EasyEDA's shapes as KiCad's: rectangles, lines, circles, arcs, texts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from components.cad.effort import spend
from components.cad.geometry import Point
from components.cad.numbers import MM_PER_UNIT
from components.cad.path import Contour, midpoint
from components.cad.symbol.grid import snapped
from components.cad.symbol.items import Arc, Circle, Fill, Graphic, Polyline, Rectangle, Text
from components.cad.symbol.shapes import (
    EllipseShape,
    LineShape,
    PathShape,
    RectShape,
    TextShape,
)

ELLIPSE_CORNERS = 48
SAGITTA_UNITS = 0.05
PEN_MAX_MM = 1.27
# A grey or pale fill is KiCad's light one; only the colour of the lines fills solidly.
_NO_FILL = frozenset({"", "none", "transparent"})


@dataclass(frozen=True)
class Place:
    """Turns EasyEDA's coordinates into KiCad's, from a unit's origin."""

    origin: Point

    def __call__(self, point: Point) -> Point:
        x, y = point[0] - self.origin[0], self.origin[1] - point[1]
        return x * MM_PER_UNIT, y * MM_PER_UNIT

    def on_grid(self, point: Point) -> Point:
        """As a call, for where wires connect: what is off for rounding alone lies on the grid."""
        x, y = snapped(point[0] - self.origin[0]), snapped(self.origin[1] - point[1])
        return x * MM_PER_UNIT, y * MM_PER_UNIT


def draw(
    shape: RectShape | LineShape | EllipseShape | PathShape | TextShape, place: Place
) -> list[Graphic]:
    """What a shape is in KiCad; nothing for one without a size, and for the names' places."""
    if isinstance(shape, RectShape):
        return _rect(shape, place)
    if isinstance(shape, LineShape):
        points = [*shape.points, shape.points[0]] if shape.closed and shape.points else shape.points
        return _polyline([place(point) for point in points], shape.pen, _fill(shape.fill))
    if isinstance(shape, EllipseShape):
        return _ellipse(shape, place)
    if isinstance(shape, TextShape):
        return _text(shape, place)
    fill = _fill(shape.fill)
    return [
        item for contour in shape.contours for item in _contour(contour, shape.pen, fill, place)
    ]


def _fill(text: str) -> Fill:
    folded = text.strip().casefold()
    if folded in _NO_FILL:
        return "none"
    # Colours are #880000, #800, #EFEFEF; pale ones have high digits throughout.
    digits = folded.removeprefix("#")
    try:
        channels = (
            [int(digits[at : at + len(digits) // 3], 16) for at in range(0, 6, 2)]
            if (len(digits) == 6)
            else [int(digit, 16) * 17 for digit in digits[:3]]
        )
    except ValueError:
        return "outline"
    return "background" if channels and min(channels) > 0xC0 else "outline"


def _pen(width: float) -> float:
    return min(abs(width) * MM_PER_UNIT, PEN_MAX_MM)


def _rect(shape: RectShape, place: Place) -> list[Graphic]:
    if not shape.width or not shape.height:
        return []
    start = place((shape.x, shape.y))
    end = place((shape.x + shape.width, shape.y + shape.height))
    fill = _fill(shape.fill)
    # A bare rectangle is a body: KiCad's own symbols have it filled lightly, behind all lines.
    return [Rectangle(start, end, _pen(shape.pen), "background" if fill == "none" else fill)]


def _polyline(points: list[Point], pen: float, fill: Fill) -> list[Graphic]:
    points = [points[0], *(b for a, b in pairwise(points) if a != b)] if points else []
    return [Polyline(tuple(points), _pen(pen), fill)] if len(points) > 1 else []


def _ellipse(shape: EllipseShape, place: Place) -> list[Graphic]:
    if not shape.radius_x or not shape.radius_y:
        return []
    pen, fill = _pen(shape.pen), _fill(shape.fill)
    if math.isclose(shape.radius_x, shape.radius_y, rel_tol=0.01):
        return [Circle(place((shape.x, shape.y)), shape.radius_x * MM_PER_UNIT, pen, fill)]
    spend(ELLIPSE_CORNERS)
    turns = [math.tau * corner / ELLIPSE_CORNERS for corner in range(ELLIPSE_CORNERS)]
    corners = [
        place(
            (shape.x + shape.radius_x * math.cos(turn), shape.y + shape.radius_y * math.sin(turn))
        )
        for turn in turns
    ]
    return [Polyline((*corners, corners[0]), pen, fill)]


def _contour(contour: Contour, pen: float, fill: Fill, place: Place) -> list[Graphic]:
    is_curved = any(segment.centre is not None for segment in contour.segments)
    if fill != "none" or not is_curved:
        points = contour.flattened(SAGITTA_UNITS)
        if contour.closed:
            points.append(points[0])
        return _polyline([place(point) for point in points], pen, fill)
    items: list[Graphic] = []
    run = [contour.start]
    for segment in contour.segments:
        if segment.centre is None:
            run.append(segment.end)
            continue
        items += _polyline([place(point) for point in run], pen, fill)
        middle = midpoint(run[-1], segment)
        if math.dist(run[-1], segment.end) > 1e-6:
            ends = place(run[-1]), place(middle), place(segment.end)
            items.append(Arc(ends[0], ends[1], ends[2], _pen(pen), fill))
        else:
            radius = math.dist(middle, segment.centre) * MM_PER_UNIT
            items.append(Circle(place(segment.centre), radius, _pen(pen), fill))
        run = [segment.end]
    if contour.closed:
        run.append(contour.start)
    return items + _polyline([place(point) for point in run], pen, fill)


def _text(shape: TextShape, place: Place) -> list[Graphic]:
    if shape.kind != "L" or not shape.is_shown or not shape.text:
        return []
    # Both fonts are about 1.35 times as high as their capitals, which KiCad counts by.
    height = shape.size * MM_PER_UNIT / 1.35
    anchor = shape.anchor if shape.anchor in ("middle", "end") else "start"
    angle = round(shape.rotation_deg / 90) % 4 * 90
    return [Text(shape.text, place((shape.x, shape.y)), angle, height, anchor)]


def test_a_path_s_arcs_stay_arcs_and_filled_ones_are_filled() -> None:
    from components.cad.symbol.shapes import read_shape

    place = Place((0.0, 0.0))

    def drawn(text: str) -> list[Graphic]:
        return draw(read_shape(text), place)  # type: ignore[arg-type]

    (arc,) = drawn("A~M 10 0 A 10 10 0 0 0 0 -10~~#800~1~0~none~g")
    assert isinstance(arc, Arc)
    assert [round(value, 4) for value in (*arc.start, *arc.end)] == [2.54, 0, 0, 2.54]
    assert math.isclose(math.hypot(*arc.middle), 2.54)
    line, arc, last = drawn("PT~M 0 0 L 10 0 A 5 5 0 0 1 20 0 Z~#800~1~0~none~g")
    assert isinstance(line, Polyline) and isinstance(arc, Arc) and isinstance(last, Polyline)
    (triangle,) = drawn("PG~0 0 10 0 5 10~#880000~1~0~#880000~g")
    assert isinstance(triangle, Polyline) and triangle.fill == "outline"
    assert triangle.points[0] == triangle.points[-1]
    (circle,) = drawn("E~0~0~5~5~#800~1~0~#EFEFEF~g")
    assert circle == Circle((0.0, 0.0), 1.27, 0.254, "background")
    (ellipse,) = drawn("E~0~0~5~9~#800~1~0~none~g")
    assert isinstance(ellipse, Polyline) and len(ellipse.points) == ELLIPSE_CORNERS + 1
    assert drawn("R~0~0~~~0~5~#800~1~0~none~g") == drawn("PL~1 1 1 1~#800~1~0~none~g") == []
    (text,) = drawn("T~L~4~5~90~#00F~~undefined~0.1~~middle~comment~RP~1~middle~g")
    assert isinstance(text, Text) and (text.angle_deg, text.anchor) == (90, "middle")
    assert drawn("T~N~4~5~90~#00F~~undefined~0.1~~middle~comment~RP~1~middle~g") == []
