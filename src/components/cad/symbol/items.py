"""What a symbol is made of: millimetres, y upward as KiCad has it, angles counter-clockwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from components.cad.geometry import Point

Fill = Literal["none", "outline", "background"]
"""KiCad's: nothing, the line's own colour, or the light one that lies behind all lines."""


@dataclass(frozen=True, slots=True)
class Pin:
    number: str
    name: str
    kind: str
    """KiCad's electrical type: ``input``, ``passive``, ``power_in`` …"""
    at: Point
    """Where a wire connects."""
    angle_deg: int
    """From there to the body: 0 right, 90 up, 180 left, 270 down."""
    length: float
    inverted: bool = False
    clock: bool = False

    @property
    def style(self) -> str:
        """KiCad's graphic style."""
        if self.inverted:
            return "inverted_clock" if self.clock else "inverted"
        return "clock" if self.clock else "line"

    @property
    def inner(self) -> Point:
        """Where it meets the body."""
        dx, dy = DIRECTIONS[self.angle_deg]
        return self.at[0] + dx * self.length, self.at[1] + dy * self.length


DIRECTIONS = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}


@dataclass(frozen=True, slots=True)
class Rectangle:
    start: Point
    end: Point
    width: float
    fill: Fill


@dataclass(frozen=True, slots=True)
class Polyline:
    points: tuple[Point, ...]
    width: float
    fill: Fill


@dataclass(frozen=True, slots=True)
class Circle:
    centre: Point
    radius: float
    width: float
    fill: Fill


@dataclass(frozen=True, slots=True)
class Arc:
    start: Point
    middle: Point
    end: Point
    width: float
    fill: Fill


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    at: Point
    """Of the baseline, the end or the middle that ``anchor`` names."""
    angle_deg: int
    height: float
    anchor: str
    """``start``, ``middle`` or ``end``."""


Graphic = Rectangle | Polyline | Circle | Arc | Text


@dataclass(frozen=True, slots=True)
class Unit:
    """One of the symbol's parts that are placed apart; most symbols have one."""

    pins: tuple[Pin, ...]
    graphics: tuple[Graphic, ...]


@dataclass(frozen=True, slots=True)
class Symbol:
    units: tuple[Unit, ...]
    reference: str
    """The letters of its designator, as ``U``."""
    hides_names: bool
    hides_numbers: bool

    @property
    def pins(self) -> tuple[Pin, ...]:
        return tuple(pin for unit in self.units for pin in unit.pins)
