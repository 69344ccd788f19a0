"""What an answer holds of a symbol: its units as strings, and the part that it is of."""

from __future__ import annotations

from typing import Any, NamedTuple

from components.cad import effort
from components.cad.answer import (
    SHAPES_MAX,
    Identity,
    identity,
    line,
    mapping,
    origin_of,
    result_of,
)
from components.cad.shapes import Point
from components.core.errors import CadError

# The largest of real symbols has eight.
UNITS_MAX = 100


class Drawing(NamedTuple):
    """The strings of one unit."""

    origin: Point  # EasyEDA units
    shapes: list[Any]  # strings, unless the answer is damaged


class SymbolAnswer(NamedTuple):
    part: Identity
    units: list[Drawing]
    value: str
    """What people write beside the symbol: ``10uH`` of a passive part, else the part number."""
    keywords: str
    footprint: str
    """The title of its footprint, or empty."""
    pads: frozenset[str] | None
    """The numbers of the footprint's pads; None: there is no footprint."""


def read_symbol(answer: object, lcsc_id: int | None = None) -> SymbolAnswer:
    """Read a decoded answer or its JSON text.

    A symbol of several units has them in ``subparts``; what then stands on top is the drawing of
    the whole, which repeats their pins (C5423) or has none (C2943786), and is left out.

    Raises :class:`CadError` for JSON that is none, an answer without a symbol, or of another part
    than ``lcsc_id``.
    """
    effort.begin()
    result = result_of(answer)
    part = identity(result, lcsc_id)
    subparts = result.get("subparts")
    drawn = [unit for unit in subparts if isinstance(unit, dict)] if subparts else [result]
    if len(drawn) > UNITS_MAX:
        raise CadError(f"the symbol has {len(drawn)} units, {UNITS_MAX} at most")
    units = [_drawing(unit) for unit in drawn]
    if not any(unit.shapes for unit in units):
        raise CadError("the answer holds no symbol (dataStr.shape)")
    if (count := sum(len(unit.shapes) for unit in units)) > SHAPES_MAX:
        raise CadError(f"the symbol has {count} shapes, {SHAPES_MAX} at most")
    own = mapping(mapping(mapping(result.get("dataStr")).get("head")).get("c_para"))
    package = mapping(result.get("packageDetail"))
    tags = result.get("tags")
    return SymbolAnswer(
        part,
        units,
        value=_value(own, part),
        keywords=" ".join(filter(None, map(line, tags if isinstance(tags, list) else ()))),
        footprint=line(package.get("title")) or line(own.get("package")),
        pads=_pads(result),
    )


def _drawing(unit: dict[str, Any]) -> Drawing:
    data = mapping(unit.get("dataStr"))
    shapes = data.get("shape")
    if not isinstance(shapes, list) or not shapes:
        return Drawing((0.0, 0.0), [])
    return Drawing(origin_of(mapping(data.get("head")), data.get("canvas"), "symbol"), shapes)


def _value(own: dict[str, Any], part: Identity) -> str:
    is_passive = part.prefix.rstrip("?") in ("R", "C", "L", "FB", "Y", "X")
    value = line(own.get("Value")) if is_passive else ""
    return value or part.manufacturer_part or line(own.get("name")) or part.lcsc


def _pads(result: dict[str, Any]) -> frozenset[str] | None:
    data = mapping(mapping(result.get("packageDetail")).get("dataStr"))
    shapes = data.get("shape")
    if not isinstance(shapes, list):
        return None
    found = (shape.split("~", 9) for shape in shapes if _is_pad(shape))
    # Without a number it is a fiducial or a mounting pad.
    return frozenset(number for fields in found if (number := fields[8].strip()))


def _is_pad(shape: object) -> bool:
    return isinstance(shape, str) and shape.startswith("PAD~") and shape.count("~") >= 8
