"""A part of the generated catalogue: all that any of the services tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

# What a part's datasheet address leads to.
Datasheet = Literal[
    "direct", "octet", "wrapped", "redirected", "expired", "gone", "bare", "none", "hostile"
]
# Which 3D models EasyEDA has of a part; "no-cad" has neither CAD nor models.
Models = Literal["both", "obj-only", "step-only", "none", "no-cad"]
Attribute = tuple[str, str | None]


class Price(NamedTuple):
    """One row of a price list; ``end`` -1 is open."""

    start: int
    end: int
    unit_usd: float


@dataclass(frozen=True, slots=True)
class Draft:
    """A part as its recipe makes it: what it is, before it has a number, a stock and a price."""

    category: str
    subcategory: str
    package: str
    attributes: tuple[Attribute, ...]
    title: str
    outline: str
    joints: int = 2
    description: str | None = None
    manufacturer: str | None = "Fieldfare Components"
    stem: str = "XP"
    stock: int | None = None
    models: Models | None = None
    datasheet: Datasheet | None = None
    base_usd: float = 0.01
    has_images: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """One part. ``outline`` names its geometry in :mod:`components.bundled.outlines`."""

    lcsc: int
    category: str
    subcategory: str
    mfr: str
    manufacturer: str | None
    package: str
    joints: int
    is_basic: bool
    is_preferred: bool
    description: str
    attributes: tuple[Attribute, ...]
    stock: int
    prices: tuple[Price, ...]
    outline: str
    models: Models
    datasheet_kind: Datasheet
    datasheet: str
    images: tuple[dict[str, str], ...] = field(default=())

    @property
    def code(self) -> str:
        """The part number as users write it: ``C80000007``."""
        return f"C{self.lcsc}"
