"""Vias of a footprint, as pads that carry the number of the copper they belong to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from components.cad.footprint.frame import Frame
from components.cad.footprint.items import THROUGH, UNPLATED, PadItem
from components.cad.footprint.pads import DRILLED_LAYERS, LEAST_MM
from components.cad.footprint.solids import Solid, gap, holds, solid_of
from components.cad.geometry import Box, Point
from components.cad.numbers import MM_PER_UNIT
from components.cad.report import Report
from components.cad.shapes import Via
from components.core.errors import CadError

# A via between the parts of one pad lies no further from them than this.
BETWEEN_MM = 1.0


class _Near(NamedTuple):
    number: str
    mm: float
    solid: Solid
    pad: PadItem


def convert_vias(
    vias: Sequence[Via], frame: Frame, pads: Sequence[PadItem], report: Report
) -> list[PadItem]:
    """Vias with the number of the pad that they lie in, overlap, or lie between parts of."""
    if not vias:
        return []
    copper = [(pad, solid_of(pad)) for pad in pads if pad.kind != UNPLATED]
    return [_via(via, frame, copper, report) for via in vias]


def _via(
    via: Via, frame: Frame, copper: Sequence[tuple[PadItem, Solid]], report: Report
) -> PadItem:
    size = via.diameter * MM_PER_UNIT
    drill = 2 * via.hole_radius * MM_PER_UNIT
    if size < LEAST_MM or drill < LEAST_MM:
        raise CadError("a via has no copper or no hole")
    at = frame.point((via.x, via.y))
    where = f"a via at {at[0]:g}, {at[1]:g} mm"
    number, doubt = _number(at, size / 2, copper)
    if doubt:
        report.doubt(f"{where} {doubt}")
    if drill >= size:
        report.warn(f"{where} has no ring around its hole")
    return PadItem(
        number, THROUGH, "circle", at, (size, size), 0.0, DRILLED_LAYERS, (drill, drill), via=True
    )


def _number(at: Point, radius: float, copper: Sequence[tuple[PadItem, Solid]]) -> tuple[str, str]:
    """The number of a via, and what is doubtful about it.

    A number that cannot be told for certain stays empty: a wrong one would be a short.
    """
    reach = radius + BETWEEN_MM
    window = Box(at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach)
    via = Solid((at,), radius, Box(*at, *at).grown(radius))
    near = sorted(
        (
            _Near(pad.number, gap(via, solid), solid, pad)
            for pad, solid in copper
            if _meet(window, solid.box)
        ),
        key=lambda each: each.mm,
    )
    around = [each for each in near if holds(each.solid, at)]
    if around:
        return min(around, key=lambda each: _box_area(each.pad)).number, ""
    touched = {each.number for each in near if each.mm <= 0}
    if len(touched) > 1:
        return "", f"touches the pads {', '.join(sorted(touched))}: a short"
    if touched:
        return touched.pop(), ""
    if number := _between(at, near):
        return number, ""
    return "", "lies in no pad"


def _between(at: Point, near: Sequence[_Near]) -> str:
    """The number of pads on both sides of a point, where no other number is as near."""
    if not near or near[0].mm > BETWEEN_MM:
        return ""
    number = near[0].number
    same = [each for each in near if each.number == number and each.mm <= BETWEEN_MM]
    stranger = min((each.mm for each in near if each.number != number), default=math.inf)
    first = same[0].solid.box.centre
    for other in same[1:]:
        second = other.solid.box.centre
        ax, ay, bx, by = first[0] - at[0], first[1] - at[1], second[0] - at[0], second[1] - at[1]
        if ax * bx + ay * by < 0 and other.mm < stranger:
            return number
    return ""


def _meet(a: Box, b: Box) -> bool:
    return a.left <= b.right and b.left <= a.right and a.top <= b.bottom and b.top <= a.bottom


def _box_area(pad: PadItem) -> float:
    box = pad.box
    return (box.right - box.left) * (box.bottom - box.top)


def _numbers(pads: Sequence[PadItem], *places: tuple[float, float]) -> tuple[list[str], list[str]]:
    report = Report()
    vias = [Via(x, y, 4.0, 1.0) for x, y in places]
    found = convert_vias(vias, Frame((0.0, 0.0)), pads, report)
    return [pad.number for pad in found], report.warnings


def _pad(number: str, x: float, side: float) -> PadItem:
    return PadItem(number, "smd", "rect", (x, 0.0), (side, side), 0, ("F.Cu",))


def test_a_via_takes_the_number_of_the_smallest_pad_around_it() -> None:
    pads = [_pad("1", 0.0, 9.0), _pad("2", 0.0, 3.0)._replace(rotation_deg=45)]
    numbers, warnings = _numbers(pads, (0, 0), (8, 0), (9, 0), (30, 0))
    assert numbers == ["2", "2", "1", ""]
    assert warnings == ["a via at 7.62, 0 mm lies in no pad"]


def test_a_via_that_overlaps_or_lies_between_is_known() -> None:
    pads = [_pad("9", -1.27, 1.0), _pad("9", 1.27, 1.0), _pad("3", 9.0, 1.0)]
    assert _numbers(pads, (0, 0), (8, 0), (12, 0), (38, 0))[0] == ["9", "9", "", "3"]
    # Beside the two, not between them.
    assert _numbers(pads, (0, 7))[0] == [""]
    crowd = [_pad("1", -1.0, 1.4), _pad("2", 1.0, 1.4)]
    numbers, warnings = _numbers(crowd, (0, 0))
    assert numbers == [""]
    assert warnings == ["a via at 0, 0 mm touches the pads 1, 2: a short"]
    assert _numbers([_pad("9", -1.27, 1.0), _pad("9", 1.27, 1.0), _pad("3", 0.0, 0.1)], (0, 3))[
        0
    ] == [""]
