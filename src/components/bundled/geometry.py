"""What a package is drawn from: pads and solids, in millimetres, y downward, z upward."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Pad:
    """One pad. ``drill`` is a diameter, ``slot`` the hole's length from end to end."""

    number: str
    x: float
    y: float
    width: float
    height: float
    shape: Literal["RECT", "ELLIPSE", "OVAL", "POLYGON"] = "RECT"
    rotation_deg: float = 0
    drill: float = 0
    slot: float = 0
    plated: bool = True
    pasted: bool = True
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Solid:
    """A box, or with ``round`` an upright cylinder of diameter ``width``; z is upward."""

    x: float
    y: float
    width: float
    depth: float
    bottom: float
    top: float
    material: Literal["body", "metal", "shell"] = "body"
    round: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """A package: what a footprint and a model are drawn from."""

    name: str
    pads: tuple[Pad, ...]
    solids: tuple[Solid, ...]
    width: float
    depth: float
    holes: tuple[tuple[float, float, float], ...] = ()
    vias: tuple[tuple[float, float, float, float], ...] = ()
    polarised: bool = False
    round: bool = False
    prefix: str = field(default="U?")

    @property
    def seen_mm(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of all solids from above, mm, y downward."""
        return (
            min(solid.x - solid.width / 2 for solid in self.solids),
            min(solid.y - solid.depth / 2 for solid in self.solids),
            max(solid.x + solid.width / 2 for solid in self.solids),
            max(solid.y + solid.depth / 2 for solid in self.solids),
        )
