"""EasyEDA's pads and holes as KiCad pads."""

from __future__ import annotations

import math

from components.cad.footprint.frame import Frame
from components.cad.footprint.items import SMD, THROUGH, UNPLATED, PadItem
from components.cad.footprint.layers import BOTTOM, MULTI, TOP
from components.cad.geometry import (
    Point,
    crosses_itself,
    edge_distance,
    innermost,
    inside,
    rotated,
    signed_area,
    without_repeats,
)
from components.cad.numbers import MM_PER_UNIT
from components.cad.report import Report
from components.cad.shapes import Hole, Pad
from components.core.errors import CadError

DRILLED_LAYERS = ("*.Cu", "*.Mask")
# Below this an edge, a pad or a hole cannot be made, so that it is damage.
LEAST_MM = 1e-4
# Directions of slots agree with a pad's axes within rounding only.
AXIS_TOLERANCE_DEG = 0.5


def convert_pad(pad: Pad, frame: Frame, report: Report) -> list[PadItem]:
    """One pad; two where copper on both sides has no hole that could join it."""
    name = f"pad {pad.number!r}"
    drill = 2 * pad.hole_radius * MM_PER_UNIT
    if pad.hole_radius < 0 or pad.slot_length < 0:
        raise CadError(f"{name} has a hole of negative size")
    item = _copper(pad, frame, report)
    if pad.layer in (TOP, BOTTOM):
        if drill:
            report.warn(f"{name} lies on one side: its hole of {drill:g} mm is not drilled")
        return [_surface(item, pad.layer)]
    if pad.layer != MULTI:
        raise CadError(f"{name} lies on layer {pad.layer!r}, which is none for pads")
    if drill < LEAST_MM:
        report.warn(f"{name} is on both sides without a hole: two pads without a joint")
        return [_surface(item, TOP), _surface(item, BOTTOM)]
    item = _drilled(pad, item._replace(layers=_masked(item, DRILLED_LAYERS)), drill)
    if pad.plated:
        item = item._replace(kind=THROUGH)
    else:
        # KiCad takes the number from what nothing can be connected to.
        item = item._replace(kind=UNPLATED, number="")
        if pad.number:
            report.warn(f"{name} is not plated: a hole without a number")
    if pad.plated and item.form != "custom" and not _has_ring(item):
        report.warn(f"{name} has a hole as large as its copper")
    return [item._replace(paste_margin=0.0)]


def convert_hole(hole: Hole, frame: Frame) -> PadItem:
    """An unplated hole."""
    size = 2 * hole.radius * MM_PER_UNIT
    if size < LEAST_MM:
        raise CadError("a hole has no size")
    at = frame.point((hole.x, hole.y))
    return PadItem("", UNPLATED, "circle", at, (size, size), 0.0, DRILLED_LAYERS, (size, size))


def _has_ring(pad: PadItem) -> bool:
    assert pad.drill is not None
    return pad.drill[0] < pad.size[0] and pad.drill[1] < pad.size[1]


def _copper(pad: Pad, frame: Frame, report: Report) -> PadItem:
    """Form, place and size; side and hole follow."""
    at = frame.point((pad.x, pad.y))
    size = (pad.width * MM_PER_UNIT, pad.height * MM_PER_UNIT)
    item = PadItem(
        pad.number,
        SMD,
        "rect" if pad.form == "RECT" else "circle" if size[0] == size[1] else "oval",
        at,
        size,
        pad.rotation_deg % 360,
        (),
        mask_margin=pad.mask_expansion * MM_PER_UNIT,
        paste_margin=pad.paste_expansion * MM_PER_UNIT,
    )
    if pad.form == "POLYGON":
        return _polygon(pad, item, frame, report)
    if not min(size) >= LEAST_MM:
        raise CadError(f"pad {pad.number!r} has no size: {size[0]:g} x {size[1]:g} mm")
    return item._replace(rotation_deg=0.0) if item.form == "circle" else item


def _polygon(pad: Pad, item: PadItem, frame: Frame, report: Report) -> PadItem:
    """The outline is absolute, the pad's rotation already in it."""
    name = f"pad {pad.number!r}"
    corners = without_repeats([frame.point(point) for point in pad.points])
    if len(corners) < 3 or abs(signed_area(corners)) < LEAST_MM**2:
        raise CadError(f"{name} is a polygon without an area")
    if crosses_itself(corners):
        report.warn(f"{name} has an outline that crosses itself")
    at = item.at
    reach = edge_distance(at, corners) if inside(at, corners) else 0.0
    if reach < 0.01 and pad.layer != MULTI:
        # KiCad joins tracks to the anchor, which therefore must lie in the copper.
        at, reach = innermost(corners)
    # The circle that KiCad draws for the anchor must not reach over the outline.
    diameter = max(math.floor(reach * 1.8 * 1e6) / 1e6, 1e-6)
    if reach > pad.hole_radius * MM_PER_UNIT:
        diameter = max(diameter, 2 * pad.hole_radius * MM_PER_UNIT)
    return item._replace(
        form="custom",
        at=at,
        size=(diameter, diameter),
        rotation_deg=0.0,
        outline=tuple((x - at[0], y - at[1]) for x, y in corners),
    )


def _surface(item: PadItem, layer: str) -> PadItem:
    side = "F" if layer == TOP else "B"
    layers = _masked(item, (f"{side}.Cu", f"{side}.Paste", f"{side}.Mask"))
    if item.paste_margin < 0 and 2 * item.paste_margin <= -_narrow(item):
        # Expansions such as -100 mm are how EasyEDA says "no paste".
        layers = tuple(name for name in layers if not name.endswith(".Paste"))
        item = item._replace(paste_margin=0.0)
    return item._replace(layers=layers)


def _masked(item: PadItem, layers: tuple[str, ...]) -> tuple[str, ...]:
    """Without the mask's opening, where the expansion closes it."""
    if item.mask_margin < 0 and 2 * item.mask_margin <= -_narrow(item):
        return tuple(name for name in layers if not name.endswith(".Mask"))
    return layers


def _narrow(item: PadItem) -> float:
    if item.form != "custom":
        return min(item.size)
    box = item.box
    return min(box.right - box.left, box.bottom - box.top)


def _drilled(pad: Pad, item: PadItem, diameter: float) -> PadItem:
    length = pad.slot_length * MM_PER_UNIT
    if length <= diameter + 1e-9:
        return item._replace(drill=(diameter, diameter))
    angle = _slot_angle(pad, item)
    quarter = round(angle / 90)
    if abs(angle - 90 * quarter) <= AXIS_TOLERANCE_DEG:
        drill = (diameter, length) if quarter % 2 else (length, diameter)
        return item._replace(drill=drill)
    # KiCad's slots lie along the pad's axes: the pad turns with the slot, its copper stays.
    outline = tuple(rotated(point, -angle) for point in _outline(item))
    if item.form == "circle":
        return item._replace(rotation_deg=angle % 360, drill=(length, diameter))
    # An anchor as large as the hole, where the copper is: KiCad holds holes against anchors.
    corner = (length / 2, diameter / 2)
    fits = all(
        inside((sx * corner[0], sy * corner[1]), outline) for sx in (-1, 1) for sy in (-1, 1)
    )
    anchor = min(diameter, *item.size)
    return item._replace(
        form="custom",
        size=(length, diameter) if fits else (anchor, anchor),
        rotation_deg=(item.rotation_deg + angle) % 360,
        drill=(length, diameter),
        outline=outline,
    )


def _slot_angle(pad: Pad, item: PadItem) -> float:
    """The slot's direction against the pad's own x axis, 0 to 180 degrees."""
    if len(pad.slot_points) >= 2:
        (x1, y1), (x2, y2) = pad.slot_points[0], pad.slot_points[-1]
        if math.hypot(x2 - x1, y2 - y1) * MM_PER_UNIT > LEAST_MM:
            return (math.degrees(math.atan2(y1 - y2, x2 - x1)) - item.rotation_deg) % 180
    return 90.0 if pad.width < pad.height else 0.0


def _outline(item: PadItem) -> list[Point]:
    """The copper about the pad's centre, along its own axes; round ends as chords."""
    if item.form == "custom":
        return list(item.outline)
    a, b = item.size[0] / 2, item.size[1] / 2
    if item.form == "rect":
        return [(a, b), (a, -b), (-a, -b), (-a, b)]
    radius = min(a, b)
    points = []
    for step in range(128):
        angle = math.tau * (step + 0.5) / 128
        x, y = math.cos(angle), math.sin(angle)
        points.append(
            (
                math.copysign(a - radius, x) + radius * x,
                math.copysign(b - radius, y) + radius * y,
            )
        )
    return points


def _converted(shape: str) -> tuple[list[PadItem], list[str]]:
    from components.cad.shapes import read_shape

    report = Report()
    pad = read_shape(shape)
    assert isinstance(pad, Pad)
    return convert_pad(pad, Frame((4000.0, 3000.0)), report), report.warnings


def test_surface_pads_have_their_side_and_openings() -> None:
    (pad,), _ = _converted("PAD~RECT~4010~3000~10~20~1~~A(1)~0~~450~g~0~~Y~0~0~0.2")
    assert (pad.number, pad.form, pad.at, pad.rotation_deg) == ("A(1)", "rect", (2.54, 0.0), 90)
    assert pad.layers == ("F.Cu", "F.Paste", "F.Mask")
    assert math.isclose(pad.mask_margin, 0.0508)
    (pad,), _ = _converted("PAD~ELLIPSE~4000~3000~10~20~2~~1~0~~0~g~0~~Y~0~-393.7~-1000")
    assert (pad.form, pad.layers) == ("oval", ("B.Cu",))
    (pad,), warnings = _converted("PAD~OVAL~4000~3000~10~10~1~~1~2~~30~g~0~~Y")
    assert (pad.form, pad.rotation_deg, pad.drill) == ("circle", 0, None)
    assert "is not drilled" in warnings[0]


def test_slots_follow_their_points_turned_by_the_rotation() -> None:
    shape = "PAD~{}~4000~3000~10~20~11~~1~2~~{}~g~14~{}~Y"
    for rotation, ends, drill in (
        ("0", "4000 2995 4000 3005", (1.016, 3.556)),
        ("90", "3995 3000 4005 3000", (1.016, 3.556)),
        ("90", "4000 2995 4000 3005", (3.556, 1.016)),
        ("0", "", (1.016, 3.556)),
        ("30", "4004.33 2997.5 3995.67 3002.5", (3.556, 1.016)),
    ):
        (pad,), _ = _converted(shape.format("OVAL", rotation, ends))
        assert pad.form == "oval"
        assert pad.drill is not None
        turned = (math.isclose(pad.drill[0], drill[0]), math.isclose(pad.drill[1], drill[1]))
        assert turned == (True, True), (rotation, ends)


def test_a_slot_across_a_pad_keeps_the_copper() -> None:
    (pad,), _ = _converted("PAD~RECT~4000~3000~20~20~11~~1~2~~0~g~14~4000 3000 4005 3005~Y")
    assert (pad.form, pad.rotation_deg) == ("custom", 135)
    assert pad.drill is not None
    assert pad.drill[0] > pad.drill[1]
    assert pad.size == pad.drill
    assert math.isclose(abs(signed_area(pad.outline)), 5.08**2)
    assert [round(value, 9) for value in pad.box] == [-2.54, -2.54, 2.54, 2.54]


def test_polygons_keep_their_outline_and_anchor_in_the_copper() -> None:
    channel = (
        "3990 2990 3990 2990 4010 2990 4010 2994 3994 2994 3994 3006 4010 3006 4010 3010 3990 3010"
    )
    (pad,), _ = _converted(f"PAD~POLYGON~4000~3000~20~20~1~~1~0~{channel}~270~g~0~~Y")
    assert len(pad.outline) == 8
    assert [round(value, 9) for value in pad.box] == [-2.54, -2.54, 2.54, 2.54]
    reach = edge_distance((0.0, 0.0), pad.outline)
    assert inside((0.0, 0.0), pad.outline)
    assert 0.3 < pad.size[0] / 2 < reach


def test_what_would_be_unsafe_fails() -> None:
    import pytest

    for shape, message in (
        ("PAD~RECT~4000~3000~0~20~1~~1~0~~0~g", "has no size"),
        ("PAD~RECT~4000~3000~10~20~3~~1~0~~0~g", "lies on layer '3'"),
        ("PAD~POLYGON~4000~3000~9~9~1~~1~0~4000 3000 4010 3000 4000 3000~0~g", "without an area"),
        ("PAD~RECT~4000~3000~10~20~11~~1~-2~~0~g", "negative size"),
    ):
        with pytest.raises(CadError, match=message):
            _converted(shape)
    pads, warnings = _converted("PAD~RECT~4000~3000~10~20~11~~1~0~~0~g")
    assert [pad.layers[0] for pad in pads] == ["F.Cu", "B.Cu"]
    assert "without a hole" in warnings[0]
