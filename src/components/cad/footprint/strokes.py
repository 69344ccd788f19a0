"""The pen's way along a path: lines, true arcs, circles and dots; board outlines that close."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from components.cad.footprint.cuts import CUT
from components.cad.footprint.frame import Frame
from components.cad.footprint.items import ArcItem, CircleItem, Graphic, LineItem
from components.cad.geometry import Point
from components.cad.numbers import MM_PER_UNIT
from components.cad.path import Contour, Segment, midpoint, parse_path

# A line without a width would not be printed.
LEAST_PEN_MM = 0.1
CUT_PEN_MM = 0.05
# Shorter pieces of an outline are rounding of the drawing, not its form.
SPECK_MM = 0.001
# A router's tool is a thousand times as wide, and KiCad takes shorter pieces for crossings.
CUT_SPECK_MM = 0.01
# An arc that comes back to its start within this is a circle.
GAP_MM = 0.02


def contours(path: str, frame: Frame) -> Iterator[Contour]:
    """A path's contours in millimetres."""
    for contour in parse_path(path):
        segments = [
            Segment(
                frame.point(segment.end),
                segment.centre and _anywhere(segment.centre, frame),
                segment.sweep_rad,
            )
            for segment in contour.segments
        ]
        yield Contour(frame.point(contour.start), segments, contour.closed)


def _anywhere(centre: Point, frame: Frame) -> Point:
    # The centre of a flat arc may lie further off than any part is large.
    return tuple(
        (value - zero) * MM_PER_UNIT for value, zero in zip(centre, frame.origin, strict=True)
    )  # type: ignore[return-value]


def pen_of(width: float, layer: str) -> float:
    if layer == CUT:
        return CUT_PEN_MM
    return max(abs(width) * MM_PER_UNIT, SPECK_MM) if width else LEAST_PEN_MM


def lines(points: Iterable[Point], layer: str, pen: float) -> list[Graphic]:
    items: list[Graphic] = []
    previous: Point | None = None
    for point in points:
        if previous is None:
            previous = point
        elif math.dist(previous, point) >= SPECK_MM / 10:
            items.append(LineItem(previous, point, layer, pen))
            previous = point
    return items


def dot(centre: Point, layer: str, pen: float) -> CircleItem:
    """What a round pen leaves that does not move."""
    return CircleItem(centre, pen / 4, layer, pen / 2)


def _circle(contour: Contour) -> tuple[Point, float] | None:
    """Centre and radius of a contour of arcs that is one full circle."""
    arcs = [segment for segment in contour.segments if segment.centre is not None]
    if not arcs or len(arcs) != len(contour.segments):
        return None
    centre = arcs[0].centre
    assert centre is not None
    turns = abs(sum(arc.sweep_rad for arc in arcs)) / math.tau
    same = all(math.dist(arc.centre or centre, centre) < GAP_MM for arc in arcs)
    if same and math.dist(contour.start, contour.end) <= GAP_MM and 0.9 < turns < 1.1:
        return centre, math.dist(contour.start, centre)
    return None


def stroked(contour: Contour, layer: str, pen: float, speck: float = SPECK_MM) -> Iterator[Graphic]:
    """Lines and true arcs along a contour; pieces shorter than ``speck`` are left out."""
    if circle := _circle(contour):
        yield CircleItem(*circle, layer, pen)
        return
    if not contour.segments:
        yield dot(contour.start, layer, pen)
        return
    at, begin = contour.start, contour.start
    for segment in contour.segments:
        if segment.centre is None:
            if math.dist(at, segment.end) < speck:
                begin = segment.end
                continue
            yield LineItem(at, segment.end, layer, pen)
        else:
            middle = midpoint(begin, segment)
            if max(math.dist(at, middle), math.dist(at, segment.end)) < speck:
                begin = segment.end
                continue
            # KiCad 6 draws an arc clockwise from its start, whatever its middle says.
            ends = (at, segment.end) if segment.sweep_rad > 0 else (segment.end, at)
            yield ArcItem(ends[0], middle, ends[1], layer, pen)
        at = begin = segment.end
    if contour.closed and math.dist(at, contour.start) >= speck:
        yield LineItem(at, contour.start, layer, pen)


def cut_outlines(outlines: Iterable[Contour]) -> Iterator[Graphic]:
    for contour in outlines:
        contour.closed = True
        items = list(stroked(contour, CUT, CUT_PEN_MM, CUT_SPECK_MM))
        if items and isinstance(last := items[-1], LineItem | ArcItem):
            # What was left out at the end must not leave a gap.
            ends = {"start": last.start, "end": last.end}
            nearest = min(ends, key=lambda name: math.dist(ends[name], contour.start))
            if math.dist(ends[nearest], contour.start) < CUT_SPECK_MM:
                items[-1] = last._replace(**{nearest: contour.start})  # type: ignore[arg-type]
        yield from items
