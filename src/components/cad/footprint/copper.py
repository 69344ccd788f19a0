"""Copper that is drawn beside the pads: what touches a pad belongs to its net.

KiCad gives a drawing no net, so that one which touches a pad is a short. As a pad of copper alone,
without paste and mask, it carries the number of the pad that it touches.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from components.cad.footprint.items import (
    SMD,
    UNPLATED,
    ArcItem,
    CircleItem,
    Graphic,
    LineItem,
    PadItem,
    PolygonItem,
    TextItem,
    ZoneItem,
    along,
)
from components.cad.footprint.layers import COPPER
from components.cad.footprint.solids import Solid, gap, near_pairs, solid_of
from components.cad.geometry import Point, box_of, innermost
from components.cad.report import Report

# Chords leave round ends and arcs by this at most.
SAGITTA_MM = 0.001
# What lies closer to a pad than a fabricator keeps apart (in KiCad's default rules).
CLEARANCE_MM = 0.2


class Settled(NamedTuple):
    pads: list[PadItem]
    drawn: list[Graphic | ZoneItem]
    net_tie: bool  # copper joins all of the footprint's numbers, as it is meant to


def settle_copper(
    pads: Sequence[PadItem], drawn: Sequence[Graphic | ZoneItem], report: Report
) -> Settled:
    """Copper drawings that touch pads of one number as pads of that number."""
    copper = [item for item in drawn if _is_copper(item)]
    if not copper:
        return Settled(list(pads), list(drawn), False)
    outlines = [_outline(item) for item in copper]
    groups = _touching(outlines, [_layer(item) for item in copper])
    merged: list[PadItem] = []
    taken: set[int] = set()
    tie = False
    for group in groups:
        numbers = _numbers(group, outlines, copper, pads)
        if len(numbers) == 1 and _may_join(group, numbers, outlines, copper, pads):
            for index in group:
                merged.append(_as_pad(numbers[0], outlines[index], _layer(copper[index])))
                taken.add(index)
        else:
            tie |= _told(group, numbers, outlines, copper, pads, report)
    left = {id(item) for index, item in enumerate(copper) if index in taken}
    return Settled([*pads, *merged], [item for item in drawn if id(item) not in left], tie)


def _is_copper(item: Graphic | ZoneItem) -> bool:
    if isinstance(item, ZoneItem):
        return not item.keepout
    return item.layer in COPPER and not isinstance(item, TextItem)


def _layer(item: Graphic | ZoneItem) -> str:
    return item.layers[0] if isinstance(item, ZoneItem) else item.layer


def _numbers(
    group: Sequence[int],
    outlines: Sequence[Solid],
    copper: Sequence[Graphic | ZoneItem],
    pads: Sequence[PadItem],
) -> list[str]:
    """Numbers of the pads that a group touches."""
    found: set[str] = set()
    for index in group:
        for pad in pads:
            if _on(pad, _layer(copper[index])) and gap(solid_of(pad), outlines[index]) <= 0:
                found.add(pad.number)
    return sorted(found)


def _on(pad: PadItem, layer: str) -> bool:
    return pad.kind != UNPLATED and (pad.drill is not None or layer in pad.layers)


def _may_join(
    group: Sequence[int],
    numbers: Sequence[str],
    outlines: Sequence[Solid],
    copper: Sequence[Graphic | ZoneItem],
    pads: Sequence[PadItem],
) -> bool:
    """A zone flows around strange pads; as a pad it would not, so that none may be near."""
    if not numbers[0]:
        return False
    areas = [index for index in group if isinstance(copper[index], ZoneItem)]
    return not any(
        pad.number != numbers[0] and gap(solid_of(pad), outlines[index]) < CLEARANCE_MM
        for index in areas
        for pad in pads
    )


def _told(
    group: Sequence[int],
    numbers: Sequence[str],
    outlines: Sequence[Solid],
    copper: Sequence[Graphic | ZoneItem],
    pads: Sequence[PadItem],
    report: Report,
) -> bool:
    """Warn of copper that stays a drawing; True where it ties all pads of the footprint."""
    if all(isinstance(copper[index], ZoneItem) for index in group):
        report.warn("a copper area joins no net until its zone is given one")
        return False
    named = [number or "without a number" for number in numbers]
    if len(numbers) > 1:
        if set(numbers) == {pad.number for pad in pads if pad.kind != UNPLATED}:
            report.warn(f"drawn copper joins the pads {', '.join(named)}: a net tie")
            return True
        report.doubt(f"drawn copper joins the pads {', '.join(named[:6])}: a short")
        return False
    x, y = outlines[group[0]].box.centre
    if numbers:
        report.warn(f"copper at {x:.4g}, {y:.4g} mm touches a pad without a number")
        return False
    close = [
        pad
        for pad in pads
        for index in group
        if _on(pad, _layer(copper[index])) and gap(solid_of(pad), outlines[index]) < CLEARANCE_MM
    ]
    near = f", {CLEARANCE_MM:g} mm or less from pad {close[0].number!r}" if close else ""
    report.warn(f"copper at {x:.4g}, {y:.4g} mm joins no pad{near}")
    return False


def _touching(outlines: Sequence[Solid], layers: Sequence[str]) -> list[list[int]]:
    """Places of drawings that touch each other on one layer, in groups."""
    parent = list(range(len(outlines)))

    def root(index: int) -> int:
        while parent[index] != index:
            index = parent[index]
        return index

    for i, j in near_pairs([outline.box for outline in outlines], 0.0):
        if layers[i] == layers[j] and root(i) != root(j) and gap(outlines[i], outlines[j]) <= 0:
            parent[root(j)] = root(i)
    groups: dict[int, list[int]] = {}
    for index in range(len(outlines)):
        groups.setdefault(root(index), []).append(index)
    return list(groups.values())


def _outline(item: Graphic | ZoneItem) -> Solid:
    """The copper of a drawing, as one closed outline without a radius."""
    if isinstance(item, LineItem):
        points = _band([item.start, item.end], item.width / 2)
    elif isinstance(item, ArcItem):
        points = _band(along(item, SAGITTA_MM), item.width / 2)
    elif isinstance(item, CircleItem):
        points = _ring(item)
    else:
        assert isinstance(item, PolygonItem | ZoneItem)
        points = list(item.points)
    return Solid(tuple(points), 0.0, box_of(points))


def _steps(radius: float) -> int:
    """Chords of a full circle."""
    if radius <= SAGITTA_MM:
        return 8
    return max(8, math.ceil(math.pi / math.acos(1 - SAGITTA_MM / radius)))


def _ring(circle: CircleItem) -> list[Point]:
    (x, y), outer = circle.centre, circle.radius + circle.width / 2
    inner = 0.0 if circle.filled else circle.radius - circle.width / 2
    count = _steps(outer)
    turns = [math.tau * step / count for step in range(count + 1)]
    points = [(x + outer * math.cos(a), y + outer * math.sin(a)) for a in turns]
    if inner <= 0:
        return points[:-1]
    # One contour: out along the outer edge, back along the inner one.
    return [*points, *((x + inner * math.cos(a), y + inner * math.sin(a)) for a in turns[::-1])]


def _band(points: Sequence[Point], radius: float) -> list[Point]:
    """The outline of a round pen of ``radius`` that moves along a line or a flattened arc."""
    left: list[Point] = []
    right: list[Point] = []
    for index, point in enumerate(points):
        before, after = points[max(index - 1, 0)], points[min(index + 1, len(points) - 1)]
        length = math.dist(before, after) or 1.0
        nx, ny = -(after[1] - before[1]) / length * radius, (after[0] - before[0]) / length * radius
        left.append((point[0] + nx, point[1] + ny))
        right.append((point[0] - nx, point[1] - ny))
    half = 2 * math.ceil(_steps(radius) / 4)

    def cap(centre: Point, begin: Point) -> list[Point]:
        angle = math.atan2(begin[1] - centre[1], begin[0] - centre[0])
        turns = [angle - math.pi * step / half for step in range(1, half)]
        return [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in turns]

    return [*left, *cap(points[-1], left[-1]), *right[::-1], *cap(points[0], right[0])]


def _as_pad(number: str, outline: Solid, layer: str) -> PadItem:
    at, reach = innermost(outline.core)
    size = max(math.floor(reach * 1.8 * 1e6) / 1e6, 1e-6)
    points = tuple((x - at[0], y - at[1]) for x, y in outline.core)
    return PadItem(
        number, SMD, "custom", at, (size, size), 0.0, (layer,), outline=points, drawn=True
    )


def _pad(number: str, x: float) -> PadItem:
    return PadItem(number, SMD, "rect", (x, 0.0), (1.0, 1.0), 0, ("F.Cu", "F.Mask"))


def test_a_track_between_pads_of_one_number_is_copper_of_that_number() -> None:
    report = Report()
    track = [
        LineItem((0.0, 0.0), (2.0, 0.0), "F.Cu", 0.2),
        LineItem((2.0, 0.0), (4.0, 0.0), "F.Cu", 0.2),
    ]
    settled = settle_copper([_pad("1", 0.0), _pad("1", 4.0)], track, report)
    assert (settled.drawn, settled.net_tie, report.warnings) == ([], False, [])
    first, second = settled.pads[2:]
    assert (first.number, first.form, first.layers) == ("1", "custom", ("F.Cu",))
    assert [round(value, 6) for value in first.box] == [-0.1, -0.1, 2.1, 0.1]
    assert [round(value, 6) for value in second.box] == [1.9, -0.1, 4.1, 0.1]


def test_copper_between_two_numbers_is_a_tie_or_a_short() -> None:
    report = Report()
    bar = PolygonItem(((0.0, -0.2), (4.0, -0.2), (4.0, 0.2), (0.0, 0.2)), "F.Cu", 0.0)
    settled = settle_copper([_pad("1", 0.0), _pad("2", 4.0)], [bar], report)
    assert (settled.drawn, settled.net_tie) == ([bar], True)
    settled = settle_copper([_pad("1", 0.0), _pad("2", 4.0), _pad("3", 8.0)], [bar], report)
    assert (settled.drawn, settled.net_tie) == ([bar], False)
    assert settle_copper([_pad("1", 9.0)], [bar], report).drawn == [bar]
    assert report.warnings == [
        "drawn copper joins the pads 1, 2: a net tie",
        "drawn copper joins the pads 1, 2: a short",
        "copper at 2, 0 mm joins no pad",
    ]


def test_an_area_near_another_pad_stays_a_zone() -> None:
    zone = ZoneItem(((0.0, -1.0), (4.0, -1.0), (4.0, 1.0), (0.0, 1.0)), ("F.Cu",), keepout=False)
    report = Report()
    alone = settle_copper([_pad("1", 0.0)], [zone], report)
    assert [pad.number for pad in alone.pads] == ["1", "1"]
    both = settle_copper([_pad("1", 0.0), _pad("2", 3.0)], [zone], report)
    assert both.drawn == [zone]


def test_rings_and_arcs_keep_their_width() -> None:
    ring = _outline(CircleItem((0.0, 0.0), 1.0, "F.Cu", 0.2))
    assert gap(ring, Solid(((0.0, 0.0),), 0.0, box_of([(0.0, 0.0)]))) > 0.89
    arc = _outline(ArcItem((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), "F.Cu", 0.2))
    assert [round(value, 2) for value in arc.box] == [-1.1, -0.1, 1.1, 1.1]
