"""EasyEDA's pins as KiCad's: where they stand, how they look, what they are."""

from __future__ import annotations

import math
from collections.abc import Iterable

from components.cad.geometry import Point
from components.cad.numbers import MM_PER_UNIT
from components.cad.symbol.electrical import is_supply, stated_or_told
from components.cad.symbol.frame import GRID_MM, Frame, on_grid, snapped
from components.cad.symbol.items import DIRECTIONS, PinItem
from components.cad.symbol.report import SymbolReport
from components.cad.symbol.shapes import DOT_RADIUS, Pin

# A pin's line may miss its axis by that much (25 micrometres).
STRAY = 0.1


def convert_pin(
    pin: Pin, frame: Frame, prefix: str, supplied: bool, report: SymbolReport
) -> PinItem:
    """One pin; what is odd about it is named in the report."""
    label = pin.number or pin.name or "?"
    angle, length = _line(pin, label, report)
    electrical, told = stated_or_told(pin.kind, pin.name, prefix, supplied)
    x, y = map(snapped, frame.point(pin.at))
    if not pin.number:
        report.doubt(f"a pin ({pin.name or 'without a name'}) has no number and joins no pad")
    if not pin.shown:
        # KiCad joins hidden supply pins to the net of their name, unseen, and wires no others.
        report.warn(f"pin {label} is hidden in the source and shown here: a wire has to reach it")
    item = PinItem(
        number=pin.number,
        name=pin.name,
        electrical=electrical,
        style="_".join([*(["inverted"] if pin.dot else []), *(["clock"] if pin.clock else [])])
        or "line",
        at=(x, y),
        angle_deg=angle,
        length=length * MM_PER_UNIT,
        told=told,
    )
    return _reached(item, label, report)


def _line(pin: Pin, label: str, report: SymbolReport) -> tuple[int, float]:
    """Which way the body lies, in KiCad's angle, and how far, in EasyEDA's units.

    The line that is drawn tells; the rotation only where it has no length.
    """
    dx, dy = pin.inner[0] - pin.at[0], pin.inner[1] - pin.at[1]
    turn = round(pin.rotation_deg / 90) * 90 % 360
    stated = (turn + 180) % 360
    if math.hypot(dx, dy) <= STRAY:
        return stated, 0.0
    if min(abs(dx), abs(dy)) > STRAY:
        report.warn(f"pin {label} has a slanted line and is drawn straight")
    # Down on the canvas is down in the symbol.
    angle = (0 if dx > 0 else 180) if abs(dx) >= abs(dy) else (270 if dy > 0 else 90)
    if angle != stated:
        report.turned.append(label)
    length = max(abs(dx), abs(dy))
    if pin.dot:
        # KiCad counts the circle as part of the line, EasyEDA draws it behind.
        ux, uy = DIRECTIONS[angle]
        reach = (pin.dot[0] - pin.at[0]) * ux - (pin.dot[1] - pin.at[1]) * uy
        length = max(length, reach + DOT_RADIUS if reach <= 10 * length + 100 else 0.0)
    return angle, length


def _reached(pin: PinItem, label: str, report: SymbolReport) -> PinItem:
    """The pin with its end on the grid, where a longer line brings it there."""
    (x, y), (dx, dy) = pin.at, DIRECTIONS[pin.angle_deg]
    along, across = (x, y) if dx else (y, x)
    if not on_grid(across):
        report.doubt(f"pin {label} lies off the 50 mil grid ({x:g}, {y:g} mm): no wire reaches it")
        report.off_grid.append(label)
        return pin
    if on_grid(along):
        return pin
    way = dx or dy
    # Outward is against the way to the body.
    end = (math.floor if way > 0 else math.ceil)(along / GRID_MM) * GRID_MM
    at: Point = (end, y) if dx else (x, end)
    report.lengthened.append(label)
    return pin._replace(at=at, length=pin.length + abs(along - end))


def supplied(pins: Iterable[Pin]) -> bool:
    """Whether a pin is called a supply, so that the part is more than its terminals."""
    return any(is_supply(pin.name) for pin in pins)
