"""An EasyEDA answer as a KiCad symbol, its picture and a report."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from components.cad.footprint.report import Report
from components.cad.geometry import Point
from components.cad.numbers import MM_PER_UNIT
from components.cad.symbol.answer import Drawing, SymbolAnswer, read_symbol
from components.cad.symbol.drawing import Place, draw
from components.cad.symbol.grid import is_on_grid, origin_on_grid, snapped
from components.cad.symbol.items import Graphic, Pin, Symbol, Unit
from components.cad.symbol.pins import electrical_type
from components.cad.symbol.preview import preview
from components.cad.symbol.shapes import PinShape, Shape, UnknownShape, read_shape
from components.cad.symbol.writer import library, properties_of, symbol_block, symbol_name
from components.core.errors import CadError

# Of the circle that marks an inverted pin, EasyEDA units.
DOT_RADIUS = 3.0


class Converted(NamedTuple):
    kicad_sym: bytes
    """A library with this one symbol."""
    svg: bytes
    report: dict[str, Any]
    name: str


class Assembled(NamedTuple):
    """A symbol before it is written."""

    symbol: Symbol
    answer: SymbolAnswer
    report: Report


def convert(answer: object, lcsc_id: int | None = None) -> Converted:
    """Convert an answer, decoded or as JSON text, of the part ``lcsc_id``.

    Raises :class:`CadError`, one line, for an answer that is damaged, of another part, or has no
    symbol.
    """
    made = assemble(answer, lcsc_id)
    name = symbol_name(made.answer)
    block = symbol_block(made.symbol, name, properties_of(made.answer))
    return Converted(library([block]), preview(made.symbol), made.report.document(), name)


def assemble(answer: object, lcsc_id: int | None = None) -> Assembled:
    """The symbol of an answer; errors as of :func:`convert`."""
    read = read_symbol(answer, lcsc_id)
    reference = read.part.prefix.rstrip("?") or "U"
    builder = _Builder(reference)
    units = [builder.unit(number, drawing) for number, drawing in enumerate(read.units, 1)]
    units = [unit for unit in units if unit.pins or unit.graphics]
    if not any(unit.pins for unit in units):
        raise CadError("the symbol has no pins")
    symbol = Symbol(tuple(units), reference, builder.hides_names, builder.hides_numbers)
    if not symbol.hides_names:
        symbol = replace(symbol, units=tuple(map(builder.without_hidden_names, symbol.units)))
    _judge(symbol, read, builder)
    return Assembled(symbol, read, builder.report)


@dataclass
class _Builder:
    reference: str
    report: Report = field(default_factory=Report)
    told_by: Counter[str] = field(default_factory=Counter)
    hidden: set[tuple[str, str]] = field(default_factory=set)
    """Number and name of pins whose name is not shown."""
    names_shown: int = 0
    numbers_shown: int = 0
    seen: dict[str, int] = field(default_factory=dict)
    """The unit of each pin number."""
    shared: set[str] = field(default_factory=set)
    turned: list[str] = field(default_factory=list)
    """Numbers of pins whose line runs otherwise than their rotation says."""

    @property
    def hides_names(self) -> bool:
        return not self.names_shown

    @property
    def hides_numbers(self) -> bool:
        return not self.numbers_shown

    def unit(self, number: int, drawing: Drawing) -> Unit:
        shapes = [_read(index, text) for index, text in enumerate(drawing.shapes)]
        ends = [shape.at for shape in shapes if isinstance(shape, PinShape)]
        place = Place(origin_on_grid(drawing.origin, ends))
        pins: list[Pin] = []
        graphics: list[Graphic] = []
        for shape in shapes:
            if isinstance(shape, PinShape):
                # What several units share, as their supply, is drawn in each: one will do.
                if self.seen.setdefault(shape.number, number) == number:
                    pins.append(self._pin(shape, place))
                else:
                    self.shared.add(shape.number)
            elif isinstance(shape, UnknownShape):
                self.report.not_understood[shape.kind] += 1
            else:
                graphics += draw(shape, place)
        return Unit(tuple(pins), tuple(graphics))

    def _pin(self, shape: PinShape, place: Place) -> Pin:
        kind, told_by = electrical_type(shape.kind, shape.name, self.reference)
        self.told_by[told_by or "unknown"] += 1
        angle, length = self._line(shape)
        if shape.shows_name and shape.name:
            self.names_shown += 1
        elif shape.name:
            self.hidden.add((shape.number, shape.name))
        self.numbers_shown += shape.shows_number
        if not shape.is_shown:
            # KiCad joins hidden supply pins across the whole board, unasked.
            self.report.warn(f"pin {shape.number} is hidden in the source; it is shown")
        if not all(map(is_on_grid, _distances(shape.at, place.origin))):
            self.report.doubt(f"pin {shape.number} lies off the 50 mil grid: no wire reaches it")
        return Pin(
            *(shape.number, shape.name, kind, place.on_grid(shape.at), angle),
            *(length * MM_PER_UNIT, shape.dot is not None, shape.clock),
        )

    def _line(self, shape: PinShape) -> tuple[int, float]:
        """KiCad's angle and the length, EasyEDA units: as it is drawn, else as its field says."""
        said = round((shape.rotation_deg + 180) / 90) % 4 * 90
        dx, dy = shape.inner[0] - shape.at[0], shape.at[1] - shape.inner[1]
        length = math.hypot(dx, dy)
        if length < 0.01:
            return said, 0.0
        angle = round(math.degrees(math.atan2(dy, dx)) / 90) % 4 * 90
        if min(abs(dx), abs(dy)) > 0.05 * length:
            self.report.doubt(f"pin {shape.number} is drawn askew")
        elif angle != said:
            self.turned.append(shape.number)
        if shape.dot is not None:
            # KiCad's circle lies on the line, at its end; EasyEDA's lies behind it.
            length = max(length, math.dist(shape.dot, shape.at) + DOT_RADIUS)
        return angle, length

    def without_hidden_names(self, unit: Unit) -> Unit:
        """KiCad hides the names of all pins or of none: a hidden one that repeats its pin's number
        goes, any other is shown."""
        pins = tuple(
            replace(pin, name="")
            if (pin.number, pin.name) in self.hidden and pin.name == pin.number
            else pin
            for pin in unit.pins
        )
        return replace(unit, pins=pins)


def _distances(at: Point, origin: Point) -> tuple[float, float]:
    return snapped(at[0] - origin[0]), snapped(at[1] - origin[1])


def _read(index: int, text: object) -> Shape:
    try:
        return read_shape(text)
    except CadError as error:
        raise CadError(f"shape {index}: {error}") from None


def _judge(symbol: Symbol, answer: SymbolAnswer, builder: _Builder) -> None:
    """Fill the report: what told the pins' types, and how they stand to the footprint's pads."""
    report = builder.report
    numbers = [pin.number for pin in symbol.pins]
    if builder.turned:
        report.warn(f"drawn otherwise than turned: pin {_list(builder.turned)}")
    if "" in numbers:
        report.doubt("a pin has no number")
    for number, count in sorted(Counter(numbers).items()):
        if count > 1 and number:
            report.warn(f"{count} pins are numbered {number}")
    pins, pads = {number for number in numbers if number}, answer.pads
    without_pad = sorted(pins - pads) if pads is not None else []
    without_pin = sorted(pads - pins) if pads is not None else []
    if without_pad:
        report.doubt(f"no pad for pin {_list(without_pad)}")
    if without_pin:
        report.warn(f"no pin for pad {_list(without_pin)}")
    report.facts = {
        "pins": len(numbers),
        "units": len(symbol.units),
        "pin_types_told_by": dict(sorted(builder.told_by.items())),
        "pins_without_pad": without_pad,
        "pads_without_pin": without_pin,
        "pins_shared_by_units": sorted(builder.shared),
    }


def _list(numbers: list[str]) -> str:
    more = f" and {len(numbers) - 8} more" if len(numbers) > 8 else ""
    return ", ".join(numbers[:8]) + more
