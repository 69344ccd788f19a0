"""EasyEDA's drawn shapes as KiCad's: rectangles, lines, arcs, circles, texts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from components.cad.footprint.holes import joined
from components.cad.geometry import Point, signed_area, without_repeats
from components.cad.numbers import MM_PER_UNIT
from components.cad.path import Contour, Segment, flattened_arc, midpoint, parse_path
from components.cad.shapes import Unknown
from components.cad.symbol.frame import Frame
from components.cad.symbol.items import (
    ArcItem,
    CircleItem,
    Graphic,
    LineItem,
    RectItem,
    TextItem,
)
from components.cad.symbol.report import SymbolReport
from components.cad.symbol.shapes import Ellipse, Outline, Path, Pin, Rect, SymbolShape, Text

# Chords of what KiCad has no curve for leave it by this, in EasyEDA's units (5 micrometres).
SAGITTA = 0.02
# Rounder corners than this make another drawing (0.75 mm); KiCad's rectangles have none.
CORNER = 3.0
# An arc that comes back to its start within this is a circle.
GAP = 0.1
# KiCad counts the height of capitals, EasyEDA that of the line.
TEXT_HEIGHT = 0.72


def convert_shape(shape: SymbolShape, frame: Frame, report: SymbolReport) -> Iterable[Graphic]:
    """What KiCad draws for a shape that is no pin."""
    if isinstance(shape, Rect):
        return _rect(shape, frame)
    if isinstance(shape, Ellipse):
        return _ellipse(shape, frame)
    if isinstance(shape, Outline):
        closed = shape.points[:1] if shape.closed else ()
        return _lines([*shape.points, *closed], shape.pen, shape.fill, frame)
    if isinstance(shape, Path):
        return _path(shape, frame)
    if isinstance(shape, Text):
        return _text(shape, frame, report)
    if isinstance(shape, Unknown):
        report.not_understood[shape.kind] += 1
    assert not isinstance(shape, Pin)
    return ()


def _rect(rect: Rect, frame: Frame) -> Iterable[Graphic]:
    start = frame.point((rect.x, rect.y))
    end = frame.point((rect.x + rect.width, rect.y + rect.height))
    if rect.radius <= CORNER:
        return [RectItem(start, end, rect.pen * MM_PER_UNIT, rect.fill)]
    r = min(rect.radius, abs(rect.width) / 2, abs(rect.height) / 2)
    x1, x2 = sorted((rect.x, rect.x + rect.width))
    y1, y2 = sorted((rect.y, rect.y + rect.height))
    corners = ((x2 - r, y2 - r), (x1 + r, y2 - r), (x1 + r, y1 + r), (x2 - r, y1 + r))
    turns = [math.radians(step * 11.25) for step in range(9)]
    points = [
        (x + r * math.cos(turn + index * math.pi / 2), y + r * math.sin(turn + index * math.pi / 2))
        for index, (x, y) in enumerate(corners)
        for turn in turns
    ]
    return _lines([*points, points[0]], rect.pen, rect.fill, frame)


def _ellipse(ellipse: Ellipse, frame: Frame) -> Iterable[Graphic]:
    rx, ry = ellipse.radius_x, ellipse.radius_y
    if math.isclose(rx, ry, rel_tol=1e-3):
        pen = ellipse.pen * MM_PER_UNIT
        centre = frame.point((ellipse.x, ellipse.y))
        return [CircleItem(centre, rx * MM_PER_UNIT, pen, ellipse.fill)] if rx > 0 else []
    points = [
        (ellipse.x + rx * math.cos(turn), ellipse.y + ry * math.sin(turn))
        for turn in (math.tau * step / 64 for step in range(64))
    ]
    return _lines([*points, points[0]], ellipse.pen, ellipse.fill, frame)


def _lines(points: Iterable[Point], pen: float, fill: str, frame: Frame) -> list[Graphic]:
    placed = [frame.point(point) for point in points]
    kept: list[Point] = []
    for point in placed:
        if not kept or math.dist(kept[-1], point) > 1e-6:
            kept.append(point)
    return [LineItem(tuple(kept), pen * MM_PER_UNIT, fill)] if len(set(kept)) > 1 else []


def _path(path: Path, frame: Frame) -> Iterator[Graphic]:
    contours = [contour for contour in parse_path(path.path) if contour.segments]
    if path.fill != "none" and any(_circle(contour) is None for contour in contours):
        areas = [without_repeats(contour.flattened(SAGITTA)) for contour in contours]
        for area in joined([area for area in areas if len(area) > 2 and signed_area(area)]):
            yield from _lines([*area, area[0]], path.pen, path.fill, frame)
        return
    for contour in contours:
        yield from _stroked(contour, path, frame)


def _circle(contour: Contour) -> tuple[Point, float] | None:
    """Centre and radius of a contour that is one full circle."""
    centre = contour.segments[0].centre
    if centre is None or math.dist(contour.start, contour.end) > GAP:
        return None
    turns = abs(sum(segment.sweep_rad for segment in contour.segments)) / math.tau
    same = all(
        segment.centre and math.dist(segment.centre, centre) < GAP for segment in contour.segments
    )
    return (centre, math.dist(contour.start, centre)) if same and 0.9 < turns < 1.1 else None


def _stroked(contour: Contour, path: Path, frame: Frame) -> Iterator[Graphic]:
    pen = path.pen * MM_PER_UNIT
    if circle := _circle(contour):
        yield CircleItem(frame.point(circle[0]), circle[1] * MM_PER_UNIT, pen, path.fill)
        return
    at, run = contour.start, [contour.start]
    for segment in contour.segments:
        if segment.centre is None:
            run.append(segment.end)
        else:
            yield from _lines(run, path.pen, path.fill, frame)
            yield from _arcs(at, segment, pen, frame)
            run = [segment.end]
        at = segment.end
    if contour.closed:
        run.append(contour.start)
    yield from _lines(run, path.pen, path.fill, frame)


def _arcs(start: Point, arc: Segment, pen: float, frame: Frame) -> Iterator[Graphic]:
    """Arcs of half a turn at most: KiCad has read longer ones the other way round."""
    assert arc.centre is not None
    if math.dist(start, arc.centre) > 5000 or abs(arc.sweep_rad) < 1e-3:
        # So flat that its chords are as good.
        yield from _lines(
            [start, *flattened_arc(start, arc, SAGITTA), arc.end], pen / MM_PER_UNIT, "none", frame
        )
        return
    pieces = 2 if abs(arc.sweep_rad) > math.pi + 1e-9 else 1
    sweep = arc.sweep_rad / pieces
    for index in range(pieces):
        whole = Segment(arc.end, arc.centre, arc.sweep_rad)
        end = arc.end if index == pieces - 1 else midpoint(start, whole)
        begin = start if index == 0 else midpoint(start, whole)
        ends = [frame.point(begin), frame.point(end)]
        if sweep > 0:
            # With growing angle is clockwise as seen; KiCad's way is the other.
            ends.reverse()
        middle = frame.point(midpoint(begin, Segment(end, arc.centre, sweep)))
        yield ArcItem(ends[0], middle, ends[1], pen, "none")


def _text(text: Text, frame: Frame, report: SymbolReport) -> list[Graphic]:
    if not text.shown or not text.text:
        report.decoration["hidden text"] += 1
        return []
    height = round(text.size * MM_PER_UNIT * TEXT_HEIGHT, 2)
    anchor = text.anchor if text.anchor in ("start", "middle", "end") else "start"
    at = frame.point(text.at)
    return [TextItem(text.text, at, text.rotation_deg % 360, height, anchor, text.centred)]


FRAME = Frame((0.0, 0.0))


def _converted(text: str) -> list[Graphic]:
    from components.cad.symbol.shapes import read_shape

    return list(convert_shape(read_shape(text), FRAME, SymbolReport()))


def test_arcs_keep_their_side_and_run_counter_clockwise() -> None:
    # Over the top as seen, drawn either way.
    for path in ("M -10 0 A 10 10 0 0 1 10 0", "M 10 0 A 10 10 0 0 0 -10 0"):
        (arc,) = _converted(f"A~{path}~~#800~1~0~none~g")
        assert isinstance(arc, ArcItem)
        assert [round(value, 6) for value in (*arc.start, *arc.end)] == [2.54, 0, -2.54, 0]
        assert math.dist(arc.middle, (0, 2.54)) < 1e-9
    first, second = _converted("A~M 10 0 A 10 10 0 1 1 0 -10~~#800~1~0~none~g")
    assert isinstance(first, ArcItem) and isinstance(second, ArcItem)
    joint = (-2.54 * math.sqrt(0.5), -2.54 * math.sqrt(0.5))
    assert min(math.dist(joint, point) for point in (first.start, first.end)) < 1e-9


def test_circles_are_round_and_ellipses_lines() -> None:
    for text in (
        "E~0~0~10~10~#800~1~0~none~g",
        "A~M -10 0 A 10 10 0 1 1 10 0 A 10 10 0 1 1 -10 0~~#800~1~0~none~g",
        "A~M -10 0 A 10 10 0 1 1 -10 0.01~~#800~1~0~none~g",
    ):
        (circle,) = _converted(text)
        assert isinstance(circle, CircleItem), text
        assert math.isclose(circle.radius, 2.54, abs_tol=1e-3)
        assert math.hypot(*circle.centre) < 1e-2
    (ellipse,) = _converted("E~0~0~10~5~#800~1~0~none~g")
    assert isinstance(ellipse, LineItem) and len(ellipse.points) == 65
    (half,) = _converted("A~M -10 0 A 10 5 0 0 1 10 0~~#800~1~0~none~g")
    assert isinstance(half, LineItem)
    assert max(y for _, y in half.points) > 1.26


def test_filled_shapes_are_filled_and_holes_stay_open() -> None:
    (triangle,) = _converted("PT~M 5 -6 L -5 0 L 5 6 Z ~#880000~1~0~#880000~g")
    assert isinstance(triangle, LineItem)
    assert (triangle.fill, triangle.points[0] == triangle.points[-1]) == ("outline", True)
    (polygon,) = _converted("PG~0 0 10 0 10 10~#880000~1~0~#EFEFEF~g")
    assert isinstance(polygon, LineItem) and polygon.fill == "background"
    assert len(polygon.points) == 4
    (ring,) = _converted("PT~M 0 0 H 9 V 9 H 0 Z M 3 3 H 6 V 6 H 3 Z~#800~1~0~#800~g")
    assert isinstance(ring, LineItem) and len(ring.points) > 9
    line, curve = _converted("PT~M 0 0 H 9 A 5 5 0 0 1 19 0~#800~1~0~none~g")
    assert isinstance(line, LineItem) and isinstance(curve, ArcItem)
    assert _converted("PL~1 1 1 1~#800~1~0~none~g") == _converted("PL~~#800~1~0~none~g") == []


def test_large_corners_are_drawn_round() -> None:
    assert isinstance(_converted("R~0~0~2~2~60~90~#880000~1~0~none~g")[0], RectItem)
    (rounded,) = _converted("R~0~0~10~10~60~90~#880000~1~0~none~g")
    assert isinstance(rounded, LineItem) and len(rounded.points) == 37


def test_texts_keep_their_anchor_and_size() -> None:
    (text,) = _converted("T~L~10~20~90~#000~~9pt~~~middle~comment~A~1~end~g")
    assert text == TextItem("A", (2.54, -5.08), 90, 2.19, "end", True)
    assert _converted("T~L~10~20~90~#000~~9pt~~~middle~comment~A~0~end~g") == []
