"""Silk is clipped where the solder mask opens (KLC F5.1): ink on a pad spoils its solder.

A fabricator clips it anyway, each in a way of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from components.cad.footprint.clip import arc_spans, hull, line_spans, minus, on_circle, within
from components.cad.footprint.items import (
    ArcItem,
    CircleItem,
    Graphic,
    LineItem,
    PadItem,
    PolygonItem,
    TextItem,
    ZoneItem,
    graphic_points,
)
from components.cad.footprint.solids import Solid, solid_of
from components.cad.geometry import Box, Point, box_of, rotated, signed_area
from components.cad.path import arc_through
from components.cad.report import Report

SILK = {"F.SilkS": "F.Mask", "B.SilkS": "B.Mask"}
# Beyond the opening, so that rounding leaves nothing in it.
MARGIN_MM = 0.005
# What is left of a stroke and is shorter would not be printed.
LEAST_MM = 0.05


def clip_silk(
    pads: Sequence[PadItem], drawn: Sequence[Graphic | ZoneItem], report: Report
) -> list[Graphic | ZoneItem]:
    """Silk without what lies over mask openings; a text that does is moved to fabrication."""
    openings = {
        layer: [_opening(pad) for pad in pads if mask in pad.layers or "*.Mask" in pad.layers]
        for layer, mask in SILK.items()
    }
    kept: list[Graphic | ZoneItem] = []
    for item in drawn:
        if isinstance(item, ZoneItem) or item.layer not in SILK:
            kept.append(item)
            continue
        box = _reach(item)
        over = [solid for solid in openings[item.layer] if _meet(solid.box, box)]
        if not over:
            kept.append(item)
            continue
        clipped = list(_clipped(item, over))
        if clipped != [item]:
            report.decoration["silk over a mask opening"] += 1
        kept += clipped
    return kept


def _opening(pad: PadItem) -> Solid:
    return solid_of(pad).grown(max(pad.mask_margin, 0.0) + MARGIN_MM)


def _meet(a: Box, b: Box) -> bool:
    return a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom


def _reach(item: Graphic) -> Box:
    if isinstance(item, TextItem):
        return _text_box(item)
    box = box_of(graphic_points(item)).grown(item.width / 2)
    if isinstance(item, ArcItem):
        # Three points do not tell the box of an arc: half its largest chord on each side does.
        chords = math.dist(item.start, item.middle), math.dist(item.middle, item.end)
        return box.grown(max(chords) / 2)
    return box


def _text_box(item: TextItem) -> Box:
    """About what the text covers: KiCad's letters are as wide as high."""
    width, height = len(item.text) * item.height, item.height
    corners = ((0.0, 0.0), (width, 0.0), (width, -height), (0.0, -height))
    turned = (rotated(corner, item.rotation_deg) for corner in corners)
    return box_of((item.at[0] + x, item.at[1] + y) for x, y in turned)


def _clipped(item: Graphic, over: Sequence[Solid]) -> Iterator[Graphic]:
    if isinstance(item, TextItem):
        yield item._replace(layer="F.Fab" if item.layer.startswith("F") else "B.Fab")
    elif isinstance(item, LineItem):
        yield from _line(item, [solid.grown(item.width / 2) for solid in over])
    elif isinstance(item, ArcItem):
        yield from _arc(item, [solid.grown(item.width / 2) for solid in over])
    elif isinstance(item, CircleItem) and not item.filled and item.radius > item.width / 2:
        yield from _circle(item, [solid.grown(item.width / 2) for solid in over])
    elif isinstance(item, PolygonItem) and not item.filled:
        points = item.points
        for start, end in zip(points, (*points[1:], points[0]), strict=True):
            line = LineItem(start, end, item.layer, item.width)
            yield from _line(line, [solid.grown(item.width / 2) for solid in over])
    else:
        yield from _filled(item, over)


def _line(item: LineItem, over: Sequence[Solid]) -> Iterator[Graphic]:
    (x1, y1), (x2, y2) = item.start, item.end
    length = math.dist(item.start, item.end)
    if length == 0:
        if not any(within(item.start, solid) for solid in over):
            yield item
        return
    for a, b in line_spans(item.start, item.end, over):
        if (a, b) == (0.0, 1.0):
            yield item
        elif (b - a) * length >= LEAST_MM:
            yield item._replace(
                start=(x1 + (x2 - x1) * a, y1 + (y2 - y1) * a),
                end=(x1 + (x2 - x1) * b, y1 + (y2 - y1) * b),
            )


def _arc(item: ArcItem, over: Sequence[Solid]) -> Iterator[Graphic]:
    centre, sweep = arc_through(item.start, item.middle, item.end)
    if centre is None:
        yield from _line(LineItem(item.start, item.end, item.layer, item.width), over)
        return
    radius = math.dist(item.start, centre)
    begin = math.atan2(item.start[1] - centre[1], item.start[0] - centre[0])
    for piece in _turned(centre, radius, begin, sweep, over):
        yield item if piece is None else ArcItem(*piece, item.layer, item.width)


def _circle(item: CircleItem, over: Sequence[Solid]) -> Iterator[Graphic]:
    for piece in _turned(item.centre, item.radius, 0.0, math.tau, over):
        yield item if piece is None else ArcItem(*piece, item.layer, item.width)


def _turned(
    centre: Point, radius: float, begin: float, sweep: float, over: Sequence[Solid]
) -> Iterator[tuple[Point, Point, Point] | None]:
    """Start, middle and end of what is left of an arc; None where that is all of it."""
    for a, b in arc_spans(centre, radius, begin, sweep, over):
        if (a, b) == (0.0, 1.0):
            yield None
        elif (b - a) * abs(sweep) * radius >= LEAST_MM:
            start, middle, end = (
                on_circle(centre, radius, begin + sweep * t) for t in (a, (a + b) / 2, b)
            )
            yield start, middle, end


def _filled(item: CircleItem | PolygonItem, over: Sequence[Solid]) -> Iterator[Graphic]:
    """A filled area without the openings."""
    if isinstance(item, PolygonItem):
        outline, pen = list(item.points), item.width
    else:
        outline, pen = _disc(item.centre, item.radius + item.width / 2), 0.0
    pieces = [outline]
    for solid in over:
        hole = hull(solid.grown(pen / 2))
        pieces = [rest for piece in pieces for rest in minus(piece, hole)]
    if pieces == [outline]:
        yield item
        return
    for piece in pieces:
        if abs(signed_area(piece)) >= LEAST_MM**2:
            yield PolygonItem(tuple(piece), item.layer, pen, filled=True)


def _disc(centre: Point, radius: float) -> list[Point]:
    count = 32
    return [on_circle(centre, radius, math.tau * step / count) for step in range(count)]


def _pad(x: float) -> PadItem:
    return PadItem("1", "smd", "rect", (x, 0.0), (1.0, 1.0), 0, ("F.Cu", "F.Mask"))


def test_silk_ends_before_the_opening() -> None:
    report = Report()
    line = LineItem((-3.0, 0.0), (3.0, 0.0), "F.SilkS", 0.1)
    left, right = clip_silk([_pad(0.0)], [line], report)
    assert isinstance(left, LineItem)
    assert isinstance(right, LineItem)
    assert (round(left.end[0], 6), round(right.start[0], 6)) == (-0.555, 0.555)
    assert report.decoration == {"silk over a mask opening": 1}
    others = [line._replace(layer="B.SilkS"), line._replace(start=(-3.0, 2.0), end=(3.0, 2.0))]
    assert clip_silk([_pad(0.0)], others, report) == others
    assert clip_silk([_pad(0.0)._replace(layers=("F.Cu",))], [line], report) == [line]


def test_rings_become_arcs_and_dots_lose_a_part() -> None:
    ring = CircleItem((0.0, 0.0), 2.0, "F.SilkS", 0.1)
    arcs = clip_silk([_pad(2.0)], [ring], Report())
    assert [type(item) for item in arcs] == [ArcItem]
    dot = CircleItem((0.5, 0.0), 0.1, "F.SilkS", 0.2)
    pieces = clip_silk([_pad(0.0)], [dot], Report())
    left = min(x for item in pieces if isinstance(item, PolygonItem) for x, _ in item.points)
    assert math.isclose(left, 0.505)
    assert clip_silk([_pad(0.0)], [dot._replace(centre=(0.0, 0.0))], Report()) == []


def test_a_text_over_a_pad_is_moved() -> None:
    text = TextItem("A", (-0.2, 0.2), 0.0, "F.SilkS", 0.8, 0.1)
    (moved,) = clip_silk([_pad(0.0)], [text], Report())
    assert moved == text._replace(layer="F.Fab")
