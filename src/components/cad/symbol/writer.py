"""Writes KiCad symbol libraries that KiCad 6 to 10 read.

The format is that of KiCad 6 (version 20211014): later versions read it as it is. Source: KiCad's
file format reference, "S-Expression Format" and "Symbol Library File Format". A library is
:func:`library` of any number of :func:`node`; each entry of a node stands on a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from components.cad.footprint.writer import ILLEGAL_IN_NAMES
from components.cad.geometry import Point
from components.cad.numbers import mm
from components.cad.sexpr import quoted
from components.cad.symbol.items import (
    ArcItem,
    CircleItem,
    Graphic,
    LineItem,
    PinItem,
    RectItem,
    Symbol,
    TextItem,
)

VERSION = 20211014
GENERATOR = "components"
FONT = "(effects (font (size 1.27 1.27)))"
HIDDEN = "(effects (font (size 1.27 1.27)) hide)"
# Braces begin escapes in KiCad's names.
_ILLEGAL = ILLEGAL_IN_NAMES | str.maketrans("{}", "__")
_PROPERTY = re.compile(r'    \(property "((?:[^"\\]|\\.)*)" ("(?:[^"\\]|\\.)*") ')


class Properties(NamedTuple):
    """What a symbol says of its part. Empty ones but the first four are left out."""

    reference: str  # the designator without its number, as `U`
    value: str
    footprint: str = ""  # library:name
    datasheet: str = ""
    description: str = ""
    keywords: str = ""
    lcsc: str = ""
    mpn: str = ""
    manufacturer: str = ""

    def named(self) -> dict[str, str]:
        """By the names that KiCad has for them."""
        named = {
            "Reference": self.reference,
            "Value": self.value,
            "Footprint": self.footprint,
            "Datasheet": self.datasheet,
        }
        more = {
            # For KiCad 8 and later, and as a field that any version shows; the second entry is
            # what KiCad 6 and 7 search.
            "Description": self.description,
            "LCSC": self.lcsc,
            "MPN": self.mpn,
            "Manufacturer": self.manufacturer,
            "ki_keywords": self.keywords,
            "ki_description": self.description,
        }
        return named | {key: text for key, text in more.items() if text}


def symbol_name(title: str) -> str:
    """A title without what KiCad allows in no symbol's name.

    >>> symbol_name("SN74LVC1G/08"), symbol_name(" ")
    ('SN74LVC1G_08', 'symbol')
    """
    return title.translate(_ILLEGAL).strip().lstrip("~") or "symbol"


def library(nodes: Iterable[str]) -> bytes:
    """A library file of symbols, each as :func:`node` gives it."""
    head = f"(kicad_symbol_lib (version {VERSION}) (generator {GENERATOR})\n"
    return (head + "".join(nodes) + ")\n").encode()


def node(name: str, symbol: Symbol, properties: Properties) -> str:
    """The lines of one symbol. The same arguments give the same text.

    ``name`` is :func:`symbol_name`'s, and none other's in the library.
    """
    hidden = (
        " (pin_numbers hide)" if symbol.numbers_hidden else "",
        " hide" if symbol.names_hidden else "",
    )
    lines = [
        f"  (symbol {quoted(name)}{hidden[0]} (pin_names (offset 0.508){hidden[1]})"
        " (in_bom yes) (on_board yes)",
        *_properties(symbol, properties),
    ]
    if len(symbol.units) == 1:
        (unit,) = symbol.units
        lines += _unit(f"{name}_0_1", map(_graphic, unit.drawn))
        lines += _unit(f"{name}_1_1", map(_pin, unit.pins))
    else:
        for index, unit in enumerate(symbol.units, 1):
            drawn = [*map(_graphic, unit.drawn), *map(_pin, unit.pins)]
            lines += _unit(f"{name}_{index}_1", drawn)
    lines.append("  )\n")
    return "\n".join(lines)


def nodes_of(data: bytes) -> str:
    """The symbols of a file that :func:`library` wrote, for another library."""
    lines = data.decode().splitlines(keepends=True)
    return "".join(lines[1:-1])


def renamed(text: str, name: str, properties: Mapping[str, str]) -> str:
    """A node of :func:`node` with another name and these properties in place of its own.

    Properties that the node does not have are added, hidden.
    """
    lines = text.splitlines(keepends=True)
    left = dict(properties)
    start = re.match(r'  \(symbol ("(?:[^"\\]|\\.)*")', lines[0])
    assert start is not None
    old, last = start[1][1:-1], 0
    for index, line in enumerate(lines):
        if found := _PROPERTY.match(line):
            last = index
            key = re.sub(r"\\(.)", r"\1", found[1])
            if key in left:
                lines[index] = line[: found.start(2)] + quoted(left.pop(key)) + line[found.end(2) :]
        elif line.startswith(("  (symbol ", "    (symbol ")):
            lines[index] = line.replace(f'"{old}', quoted(name)[:-1], 1)
    count = sum(bool(_PROPERTY.match(line)) for line in lines)
    added = [
        f"    (property {quoted(key)} {quoted(value)} (id {count + index}) (at 0 0 0) {HIDDEN})\n"
        for index, (key, value) in enumerate(left.items())
    ]
    return "".join([*lines[: last + 1], *added, *lines[last + 1 :]])


def _properties(symbol: Symbol, properties: Properties) -> list[str]:
    box = symbol.units[0].box
    middle = (box.left + box.right) / 2
    # Above and below the first unit, which KiCad counts upward.
    places = ((middle, box.bottom + 2.54), (middle, box.top - 2.54))
    return [
        f"    (property {quoted(key)} {quoted(text)} (id {index})"
        f" (at {_xy(places[index] if index < 2 else (0, 0))} 0) {FONT if index < 2 else HIDDEN})"
        for index, (key, text) in enumerate(properties.named().items())
    ]


def _unit(name: str, entries: Iterable[str]) -> list[str]:
    return [f"    (symbol {quoted(name)}", *entries, "    )"]


def _xy(point: Point) -> str:
    return f"{mm(point[0])} {mm(point[1])}"


def _pin(pin: PinItem) -> str:
    return (
        f"      (pin {pin.electrical} {pin.style} (at {_xy(pin.at)} {pin.angle_deg})"
        f" (length {mm(pin.length)}) (name {quoted(pin.name or '~')} {FONT})"
        f" (number {quoted(pin.number)} {FONT}))"
    )


def _graphic(item: Graphic) -> str:
    if isinstance(item, TextItem):
        return _text(item)
    if isinstance(item, RectItem):
        form = f"rectangle (start {_xy(item.start)}) (end {_xy(item.end)})"
    elif isinstance(item, LineItem):
        form = f"polyline (pts {' '.join(f'(xy {_xy(point)})' for point in item.points)})"
    elif isinstance(item, ArcItem):
        form = f"arc (start {_xy(item.start)}) (mid {_xy(item.middle)}) (end {_xy(item.end)})"
    else:
        assert isinstance(item, CircleItem)
        form = f"circle (center {_xy(item.centre)}) (radius {mm(item.radius)})"
    return (
        f"      ({form} (stroke (width {mm(item.pen)}) (type default) (color 0 0 0 0))"
        f" (fill (type {item.fill})))"
    )


def _text(item: TextItem) -> str:
    sides = {"start": "left", "middle": "", "end": "right"}[item.anchor]
    justify = " ".join(filter(None, (sides, "" if item.centred else "bottom")))
    size = mm(item.height)
    return (
        # Tenths of a degree, unlike everywhere else.
        f"      (text {quoted(item.text)} (at {_xy(item.at)} {mm(item.angle_deg * 10)})"
        f" (effects (font (size {size} {size})){f' (justify {justify})' if justify else ''}))"
    )


def test_a_library_reads_back_and_its_nodes_move() -> None:
    from components.cad.sexpr import children, parse
    from components.cad.symbol.items import Unit

    pin = PinItem("1", 'A"/é', "input", "clock", (-0.0, 2.54), 0, 2.54)
    symbol = Symbol([Unit([pin], [RectItem((0, 0), (1, 1), 0.254, "none")]), Unit([pin])])
    text = node("X_1", symbol, Properties("U", 'M"1', lcsc="C1", description="a\\b"))
    data = library([text])
    assert nodes_of(data) == text
    (root,) = children(parse(data.decode()), "symbol")
    assert [child[1] for child in children(root, "symbol")] == ["X_1_1_1", "X_1_2_1"]
    moved = renamed(text, "Y", {"Value": "10k", "LCSC": "C2", 'new"': "n"})
    (root,) = children(parse(library([moved]).decode()), "symbol")
    assert [child[1] for child in children(root, "symbol")] == ["Y_1_1", "Y_2_1"]
    properties = {child[1]: child[2] for child in children(root, "property")}
    assert properties == {
        "Reference": "U",
        "Value": "10k",
        "Footprint": "",
        "Datasheet": "",
        "Description": "a\\b",
        "LCSC": "C2",
        "ki_description": "a\\b",
        'new"': "n",
    }
    identities = [children(child, "id")[0][1] for child in children(root, "property")]
    assert identities == [str(n) for n in range(8)]
    assert renamed(moved, "X_1", {}).splitlines()[-7:] == text.splitlines()[-7:]
