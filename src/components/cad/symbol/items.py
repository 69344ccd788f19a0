"""What stands in a KiCad symbol. Millimetres, y upward; degrees counter-clockwise as seen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from components.cad.geometry import Box, Point, box_of
from components.cad.symbol.electrical import Told


class PinItem(NamedTuple):
    number: str
    name: str
    electrical: str
    style: str  # line, inverted, clock or inverted_clock
    at: Point  # where a wire joins it
    angle_deg: int  # 0, 90, 180, 270: from there to the body
    length: float
    told: Told = "source"

    @property
    def inner(self) -> Point:
        """Its end at the body."""
        dx, dy = DIRECTIONS[self.angle_deg]
        return self.at[0] + dx * self.length, self.at[1] + dy * self.length


class RectItem(NamedTuple):
    start: Point
    end: Point
    pen: float
    fill: str  # none, outline (the pen's colour) or background


class LineItem(NamedTuple):
    """Straight pieces; a closed line ends where it began."""

    points: tuple[Point, ...]
    pen: float
    fill: str


class ArcItem(NamedTuple):
    """Counter-clockwise from its start, half a turn at most."""

    start: Point
    middle: Point
    end: Point
    pen: float
    fill: str


class CircleItem(NamedTuple):
    centre: Point
    radius: float
    pen: float
    fill: str


class TextItem(NamedTuple):
    text: str
    at: Point
    angle_deg: float
    height: float
    anchor: str  # start, middle or end
    centred: bool  # up and down; else it stands on its baseline


Graphic = RectItem | LineItem | ArcItem | CircleItem | TextItem
DIRECTIONS = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}


@dataclass
class Unit:
    """One of the pieces that a symbol is placed by."""

    pins: list[PinItem] = field(default_factory=list)
    drawn: list[Graphic] = field(default_factory=list)

    @property
    def box(self) -> Box:
        points = [point for pin in self.pins for point in (pin.at, pin.inner)]
        return box_of(
            [*points, *(p for item in self.drawn for p in graphic_points(item))] or [(0, 0)]
        )


@dataclass
class Symbol:
    units: list[Unit]
    names_hidden: bool = False
    numbers_hidden: bool = False

    @property
    def pins(self) -> Iterator[PinItem]:
        return (pin for unit in self.units for pin in unit.pins)


def graphic_points(item: Graphic) -> Iterable[Point]:
    """Points whose box is about the graphic's, without its pen."""
    if isinstance(item, RectItem):
        return (item.start, item.end)
    if isinstance(item, LineItem):
        return item.points
    if isinstance(item, ArcItem):
        return (item.start, item.middle, item.end)
    if isinstance(item, CircleItem):
        (x, y), r = item.centre, item.radius
        return ((x - r, y - r), (x + r, y + r))
    return (item.at,)


def test_a_pin_s_angle_points_to_the_body() -> None:
    pin = PinItem("1", "A", "input", "line", (1.0, 2.0), 90, 2.54)
    assert math.dist(pin.inner, (1.0, 4.54)) < 1e-9
    unit = Unit([pin], [CircleItem((0.0, 0.0), 3.0, 0.0, "none")])
    assert unit.box == Box(-3.0, -3.0, 3.0, 4.54)
    assert Unit().box == Box(0, 0, 0, 0)
