"""Writes KiCad symbol libraries that KiCad 6 to 10 read.

The format is that of KiCad 6 (version 20211014): later versions read it as it is. Source: KiCad's
file format reference, "Symbol Library File Format" and "S-Expression Format".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from components.cad.footprint.writer import footprint_name
from components.cad.geometry import Box, Point, box_of
from components.cad.numbers import mm
from components.cad.sexpr import quoted
from components.cad.symbol.answer import SymbolAnswer
from components.cad.symbol.items import (
    Arc,
    Circle,
    Fill,
    Graphic,
    Pin,
    Polyline,
    Rectangle,
    Symbol,
    Text,
    Unit,
)

VERSION = 20211014
GENERATOR = "components"
TEXT_MM = 1.27
NAME_OFFSET_MM = 0.508
NO_COLOUR = "(color 0 0 0 0)"
FOOTPRINT_LIBRARY = "components"
"""The nickname under which symbols look for their footprint, unless told another."""


def symbol_name(answer: SymbolAnswer) -> str:
    """What the symbol is called in a library of its own."""
    part = answer.part
    return footprint_name(part.manufacturer_part or part.lcsc or "symbol")


def properties_of(
    answer: SymbolAnswer, footprint: str | None = None, **known: str
) -> dict[str, str]:
    """A symbol's properties, of which empty ones are not written.

    ``footprint`` is ``LIBRARY:NAME`` (default: the answer's own footprint in
    :data:`FOOTPRINT_LIBRARY`); ``known`` replaces what the answer says: ``Value``, ``Datasheet``,
    ``Description``, ``LCSC``, ``MPN``, ``Manufacturer``, ``keywords``.
    """
    part = answer.part
    own = footprint_name(answer.footprint) if answer.footprint else ""
    return {
        "Value": answer.value,
        "Footprint": footprint or (f"{FOOTPRINT_LIBRARY}:{own}" if own else ""),
        "Datasheet": part.datasheet,
        "LCSC": part.lcsc,
        "MPN": part.manufacturer_part,
        "Manufacturer": part.manufacturer,
        "Description": part.description,
        "keywords": answer.keywords,
    } | known


def library(blocks: Iterable[str]) -> bytes:
    """A whole file of symbols made by :func:`symbol_block`."""
    body = "\n".join(blocks)
    return f"(kicad_symbol_lib (version {VERSION}) (generator {GENERATOR})\n{body}\n)\n".encode()


def symbol_block(symbol: Symbol, name: str, properties: Mapping[str, str]) -> str:
    """One symbol as it stands in a library; the same arguments give the same text.

    ``name`` must be one that KiCad allows (:func:`symbol_name`).
    """
    box = _box(symbol)
    hides = (" (pin_numbers hide)" if symbol.hides_numbers else "") + (
        f" (pin_names (offset {mm(NAME_OFFSET_MM)}){' hide' if symbol.hides_names else ''})"
    )
    lines = [f"  (symbol {quoted(name)}{hides} (in_bom yes) (on_board yes)"]
    lines += _properties(symbol, properties, box)
    for number, unit in enumerate(symbol.units, 1):
        lines += _unit(unit, f"{name}_{number}_1")
    return "\n".join([*lines, "  )"])


def _properties(symbol: Symbol, given: Mapping[str, str], box: Box) -> list[str]:
    # y is upward: a box's bottom is what stands highest.
    texts = [
        ("Reference", symbol.reference, (box.left, box.bottom + TEXT_MM), False),
        ("Value", given.get("Value", ""), (box.left, box.top - TEXT_MM), False),
        ("Footprint", given.get("Footprint", ""), (0.0, 0.0), True),
        ("Datasheet", given.get("Datasheet", ""), (0.0, 0.0), True),
    ]
    texts += [
        (name, given[name], (0.0, 0.0), True)
        for name in ("LCSC", "MPN", "Manufacturer")
        if given.get(name)
    ]
    for name, key in (("ki_keywords", "keywords"), ("ki_description", "Description")):
        if given.get(key):
            texts.append((name, given[key], (0.0, 0.0), True))
    return [
        f"    (property {quoted(name)} {quoted(text)} (id {place}) {_at(at, 0)}"
        f" (effects (font (size {mm(TEXT_MM)} {mm(TEXT_MM)}))"
        + (" hide))" if is_hidden else " (justify left)))")
        for place, (name, text, at, is_hidden) in enumerate(texts)
    ]


def _box(symbol: Symbol) -> Box:
    points: list[Point] = []
    for unit in symbol.units[:1]:
        points += [pin.at for pin in unit.pins] + [pin.inner for pin in unit.pins]
        for item in unit.graphics:
            points += graphic_points(item)
    return box_of(points or [(0.0, 0.0)])


def graphic_points(item: Graphic) -> Sequence[Point]:
    """Points that an item's box goes around."""
    if isinstance(item, Rectangle):
        return item.start, item.end
    if isinstance(item, Polyline):
        return item.points
    if isinstance(item, Arc):
        return item.start, item.middle, item.end
    if isinstance(item, Circle):
        (x, y), r = item.centre, item.radius
        return (x - r, y - r), (x + r, y + r)
    return (item.at,)


def _unit(unit: Unit, name: str) -> list[str]:
    lines = [f"    (symbol {quoted(name)}"]
    lines += map(_graphic, unit.graphics)
    lines += map(_pin, unit.pins)
    return [*lines, "    )"]


def _at(point: Point, angle: float) -> str:
    return f"(at {mm(point[0])} {mm(point[1])} {mm(angle)})"


def _point(point: Point) -> str:
    return f"{mm(point[0])} {mm(point[1])}"


def _style(width: float, fill: Fill) -> str:
    stroke = f"(stroke (width {mm(width)}) (type default) {NO_COLOUR})"
    return f"{stroke} (fill (type {fill}))"


def _graphic(item: Graphic) -> str:
    if isinstance(item, Text):
        return _text(item)
    style = _style(item.width, item.fill)
    if isinstance(item, Rectangle):
        ends = f"(start {_point(item.start)}) (end {_point(item.end)})"
        return f"      (rectangle {ends} {style})"
    if isinstance(item, Circle):
        place = f"(center {_point(item.centre)}) (radius {mm(item.radius)})"
        return f"      (circle {place} {style})"
    if isinstance(item, Arc):
        ends = f"(start {_point(item.start)}) (mid {_point(item.middle)}) (end {_point(item.end)})"
        return f"      (arc {ends} {style})"
    points = " ".join(f"(xy {_point(point)})" for point in item.points)
    return f"      (polyline (pts {points}) {style})"


def _text(item: Text) -> str:
    side = {"start": "left ", "end": "right "}.get(item.anchor, "")
    # A library's texts have their angle in tenths of a degree.
    return (
        f"      (text {quoted(item.text)} {_at(item.at, item.angle_deg * 10)}"
        f" (effects (font (size {mm(item.height)} {mm(item.height)})) (justify {side}bottom)))"
    )


def _pin(pin: Pin) -> str:
    font = f"(effects (font (size {mm(TEXT_MM)} {mm(TEXT_MM)})))"
    return (
        f"      (pin {pin.kind} {pin.style} {_at(pin.at, pin.angle_deg)} (length {mm(pin.length)})"
        f" (name {quoted(pin.name or '~')} {font}) (number {quoted(pin.number)} {font}))"
    )
