"""What stands in a KiCad footprint. Millimetres, y downward, degrees counter-clockwise as seen."""

from __future__ import annotations

import math
from typing import NamedTuple

from components.cad.geometry import Box, Point, box_of, rotated
from components.cad.path import Segment, arc_through, flattened_arc

SMD, THROUGH, UNPLATED = "smd", "thru_hole", "np_thru_hole"


class PadItem(NamedTuple):
    number: str
    kind: str  # smd, thru_hole or np_thru_hole
    form: str  # circle, rect, oval or custom
    at: Point
    size: Point  # of the anchor, where the form is custom
    rotation_deg: float
    layers: tuple[str, ...]
    drill: Point | None = None  # along the pad's own axes
    outline: tuple[Point, ...] = ()  # custom only: about `at`, before the rotation
    mask_margin: float = 0.0
    paste_margin: float = 0.0
    via: bool = False
    drawn: bool = False  # copper that was drawn beside the pads, without paste and mask

    @property
    def box(self) -> Box:
        """The copper's box."""
        (x, y), (width, height) = self.at, self.size
        if self.form == "custom":
            return box_of(
                (x + px, y + py)
                for px, py in (rotated(point, self.rotation_deg) for point in self.outline)
            )
        # Rounded ends: the box of the spine between their centres, widened by their radius.
        radius = min(width, height) / 2 if self.form != "rect" else 0.0
        half_width, half_height = width / 2 - radius, height / 2 - radius
        if self.rotation_deg:
            angle = math.radians(self.rotation_deg)
            cos, sin = abs(math.cos(angle)), abs(math.sin(angle))
            half_width, half_height = (
                half_width * cos + half_height * sin,
                half_width * sin + half_height * cos,
            )
        half_width += radius
        half_height += radius
        return Box(x - half_width, y - half_height, x + half_width, y + half_height)


class LineItem(NamedTuple):
    start: Point
    end: Point
    layer: str
    width: float


class ArcItem(NamedTuple):
    start: Point
    middle: Point
    end: Point
    layer: str
    width: float


class CircleItem(NamedTuple):
    centre: Point
    radius: float
    layer: str
    width: float
    filled: bool = False


class PolygonItem(NamedTuple):
    points: tuple[Point, ...]
    layer: str
    width: float
    filled: bool = True


class TextItem(NamedTuple):
    text: str
    at: Point  # the left end of the baseline
    rotation_deg: float
    layer: str
    height: float
    pen: float


class ZoneItem(NamedTuple):
    """An area without copper (``keepout``), or one that KiCad fills around what is in it."""

    points: tuple[Point, ...]
    layers: tuple[str, ...]
    keepout: bool
    clearance: float = 0.0


Graphic = LineItem | ArcItem | CircleItem | PolygonItem | TextItem
Item = PadItem | Graphic | ZoneItem


def graphic_points(item: Graphic) -> list[Point]:
    """Points whose box is about the graphic's, without its pen."""
    if isinstance(item, LineItem):
        return [item.start, item.end]
    if isinstance(item, ArcItem):
        return [item.start, item.middle, item.end]
    if isinstance(item, CircleItem):
        (x, y), r = item.centre, item.radius
        return [(x - r, y - r), (x + r, y + r)]
    return list(item.points) if isinstance(item, PolygonItem) else [item.at]


def along(item: Graphic, sagitta: float = 0.001) -> list[Point]:
    """Points along a graphic's strokes, whose chords leave it by ``sagitta`` at most."""
    if isinstance(item, ArcItem):
        centre, sweep = arc_through(item.start, item.middle, item.end)
        if centre is None:
            return [item.start, item.end]
        return [
            item.start,
            *flattened_arc(item.start, Segment(item.end, centre, sweep), sagitta),
            item.end,
        ]
    if isinstance(item, CircleItem):
        (x, y), r = item.centre, item.radius
        count = max(8, math.ceil(math.pi / math.acos(1 - min(sagitta / r, 1.0)))) if r else 1
        turns = [math.tau * step / count for step in range(count + 1)]
        return [(x + r * math.cos(turn), y + r * math.sin(turn)) for turn in turns]
    points = graphic_points(item)
    return [*points, points[0]] if isinstance(item, PolygonItem) else points


def test_the_box_of_a_turned_pad() -> None:
    pad = PadItem("1", SMD, "oval", (1.0, 0.0), (2.0, 4.0), 90, ("F.Cu",))
    assert [round(value, 9) for value in pad.box] == [-1, -1, 3, 1]
    square = pad._replace(form="rect", size=(2.0, 2.0), rotation_deg=45)
    assert math.isclose(square.box.right, 1 + math.sqrt(2))
    custom = pad._replace(form="custom", outline=((0.0, 0.0), (1.0, 0.0), (0.0, 2.0)))
    assert [round(value, 9) for value in custom.box] == [1, -1, 3, 0]
