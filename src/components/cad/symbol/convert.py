"""An EasyEDA answer as a KiCad symbol, its picture and a report."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from components.cad.footprint.writer import footprint_name
from components.cad.symbol.frame import frame_of
from components.cad.symbol.graphics import convert_shape
from components.cad.symbol.items import RectItem, Symbol, Unit
from components.cad.symbol.pins import convert_pin, supplied
from components.cad.symbol.preview import preview
from components.cad.symbol.report import SymbolReport, pin_facts, warn_of_pins
from components.cad.symbol.shapes import Pin, SymbolShape, read_shape
from components.cad.symbol.source import Drawing, Source, read_source
from components.cad.symbol.writer import Properties, library, node, symbol_name
from components.core.errors import CadError

# The nickname under which symbols look for their footprint, unless told another.
FOOTPRINT_LIBRARY = "components"
# What a pin may end beside its body.
NEAR_MM = 0.6


class Converted(NamedTuple):
    kicad_sym: bytes  # a library of this one symbol
    svg: bytes
    report: dict[str, Any]
    name: str


class Parts(NamedTuple):
    """A symbol before it is written."""

    name: str
    symbol: Symbol
    properties: Properties
    report: SymbolReport
    source: Source

    def node(self, name: str = "", properties: Properties | None = None) -> str:
        """The symbol's S-expression for a library of many, under another name where given."""
        return node(name or self.name, self.symbol, properties or self.properties)


def convert(
    answer: object, lcsc_id: int | None = None, *, footprint_library: str = FOOTPRINT_LIBRARY
) -> Converted:
    """Convert an answer, decoded or as JSON text, of the part ``lcsc_id``.

    Raises :class:`CadError`, one line, for an answer that is damaged, of another part, or
    without a symbol.
    """
    parts = assemble(answer, lcsc_id, footprint_library=footprint_library)
    return Converted(
        library([parts.node()]), preview(parts.symbol), parts.report.document(), parts.name
    )


def assemble(
    answer: object, lcsc_id: int | None = None, *, footprint_library: str = FOOTPRINT_LIBRARY
) -> Parts:
    """The symbol of an answer as items, before it is written; errors as of :func:`convert`."""
    source = read_source(answer, lcsc_id)
    report = SymbolReport()
    prefix = _prefix(source.part.prefix)
    read = [_shapes(drawing, index) for index, drawing in enumerate(source.units, 1)]
    pins = [shape for shapes in read for shape in shapes if isinstance(shape, Pin)]
    if not pins:
        raise CadError("the symbol has no pins")
    powered = supplied(pins)
    units, taken = [], set[str]()
    for drawing, shapes in zip(source.units, read, strict=True):
        own = _own_pins(shapes, taken, report)
        frame = frame_of(drawing.origin, [pin.at for pin in own])
        unit = Unit(
            [convert_pin(pin, frame, prefix, powered, report) for pin in own],
            [
                item
                for shape in shapes
                if not isinstance(shape, Pin)
                for item in convert_shape(shape, frame, report)
            ],
        )
        _fill_body(unit)
        units.append(unit)
    if any(pin.name_shown for pin in pins):
        _drop_hidden_names(units, pins)
    for label in source.unplaced:
        report.warn(f"pin {label} is in no unit of the source: it has one of its own")
    symbol = Symbol(
        units,
        names_hidden=not any(pin.name_shown for pin in pins),
        numbers_hidden=not any(pin.number_shown for pin in pins),
    )
    warn_of_pins([unit.pins for unit in units], report)
    report.facts = pin_facts(symbol, source.pads, report)
    properties = _properties(source, prefix, footprint_library)
    name = symbol_name(source.part.manufacturer_part or source.part.lcsc)
    return Parts(name, symbol, properties, report, source)


def _shapes(drawing: Drawing, unit: int) -> list[SymbolShape]:
    shapes = []
    for index, text in enumerate(drawing.shapes):
        try:
            shapes.append(read_shape(text))
        except CadError as error:
            raise CadError(f"unit {unit}, shape {index}: {error}") from None
    return shapes


def _own_pins(shapes: list[SymbolShape], taken: set[str], report: SymbolReport) -> list[Pin]:
    """A unit's pins without those that an earlier unit has: one pin of a part is one pin."""
    pins = [shape for shape in shapes if isinstance(shape, Pin)]
    own = [pin for pin in pins if not pin.number or pin.number not in taken]
    report.shared += [pin.number for pin in pins if pin.number and pin.number in taken]
    taken.update(pin.number for pin in own)
    return own


def _drop_hidden_names(units: list[Unit], pins: list[Pin]) -> None:
    """KiCad hides the names of all pins or of none: one that repeats its pin's number goes, any
    other is shown."""
    hidden = {pin.number for pin in pins if not pin.name_shown and pin.name == pin.number}
    for unit in units:
        unit.pins = [
            pin._replace(name="") if pin.number in hidden and pin.name == pin.number else pin
            for pin in unit.pins
        ]


def _fill_body(unit: Unit) -> None:
    """Fill the box that most pins stand at, as KiCad's own libraries have it."""
    inner = [pin.inner for pin in unit.pins]
    if len(inner) < 3:
        return
    for index, item in enumerate(unit.drawn):
        if not isinstance(item, RectItem) or item.fill != "none":
            continue
        x1, x2 = sorted((item.start[0], item.end[0]))
        y1, y2 = sorted((item.start[1], item.end[1]))
        held = sum(
            x1 - NEAR_MM <= x <= x2 + NEAR_MM and y1 - NEAR_MM <= y <= y2 + NEAR_MM
            for x, y in inner
        )
        if 2 * held > len(inner):
            # Under everything else.
            del unit.drawn[index]
            unit.drawn.insert(0, item._replace(fill="background"))
            return


def _prefix(text: str) -> str:
    """``U?.1`` as ``U``; a designator ends in no digit."""
    found = re.match(r"[A-Za-z_]+", text.strip())
    return found[0] if found else "U"


def _properties(source: Source, prefix: str, footprint_library: str) -> Properties:
    part = source.part
    place = f"{footprint_library}:" if footprint_library else ""
    return Properties(
        reference=prefix,
        value=source.value,
        footprint=place + footprint_name(source.package) if source.package else "",
        datasheet=part.datasheet,
        description=part.description or part.manufacturer_part,
        keywords=", ".join(filter(None, (source.tags, source.package))),
        lcsc=part.lcsc,
        mpn=part.manufacturer_part,
        manufacturer=part.manufacturer,
    )


def test_a_part_becomes_a_symbol_a_picture_and_a_report() -> None:
    from components.cad.sexpr import children, parse
    from components.testing.cad import symbol_answer

    converted = convert(symbol_answer(), 1)
    (root,) = children(parse(converted.kicad_sym.decode()), "symbol")
    assert (root[1], converted.name) == ("MP-1 _µ_", "MP-1 _µ_")
    properties = {child[1]: child[2] for child in children(root, "property")}
    assert properties == {
        "Reference": "U",
        "Value": 'MP-1 "µ"',
        "Footprint": "components:CURIOUS_ a_b _c_",
        "Datasheet": "https://www.lcsc.com/datasheet/C1.pdf",
        "Description": 'MP-1 "µ"',
        "LCSC": "C1",
        "MPN": 'MP-1 "µ"',
        "Manufacturer": "M",
        "ki_keywords": 'CURIOUS: a/b "c"',
        "ki_description": 'MP-1 "µ"',
    }
    assert converted.svg.startswith(b"<svg ")
    report = converted.report
    assert (report["pins"], report["pins_without_pad"], report["confidence"]) == (2, [], "sound")
    assert convert(symbol_answer(), 1) == converted


def test_what_cannot_be_a_symbol_is_named() -> None:
    import pytest

    from components.testing.cad import BODY, answer_of, pin, symbol_answer

    with pytest.raises(CadError, match="holds no symbol"):
        convert(answer_of())
    with pytest.raises(CadError, match="the symbol has no pins"):
        convert(symbol_answer(BODY))
    with pytest.raises(CadError, match="unit 1, shape 1: R has 1 fields"):
        convert(symbol_answer(pin("1", 0, 0), "R~1"))
    with pytest.raises(CadError, match="not of C2"):
        convert(symbol_answer(), 2)
