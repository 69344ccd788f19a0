"""What a conversion of a symbol has to say about its pins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.cad.report import Report
from components.cad.symbol.items import PinItem, Symbol


@dataclass
class SymbolReport(Report):
    off_grid: list[str] = field(default_factory=list)
    lengthened: list[str] = field(default_factory=list)
    # Whose rotation contradicts their line.
    turned: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)


def pin_facts(symbol: Symbol, pads: frozenset[str] | None, report: SymbolReport) -> dict[str, Any]:
    """Counts of pins, who told their types, and pins held against the footprint's pads."""
    pins = list(symbol.pins)
    numbers = [pin.number for pin in pins]
    known = frozenset(numbers) - {""}
    types = Counter(pin.electrical for pin in pins)
    return {
        "units": len(symbol.units),
        "pins": len(pins),
        "pins_by_type": dict(sorted(types.items())),
        "types_told_by_name": _told_by_name(pins),
        "types_told_by_kind_of_part": sum(pin.told == "kind" for pin in pins),
        "types_unknown": sum(pin.told == "" for pin in pins),
        "repeated_numbers": sorted(n for n, count in Counter(numbers).items() if n and count > 1),
        "shared_by_units": report.shared,
        "pins_off_grid": report.off_grid,
        "pins_lengthened_to_grid": report.lengthened,
        "pins_drawn_against_their_rotation": report.turned,
        "pins_without_pad": sorted(known - pads) if pads is not None else [],
        "pads_without_pin": sorted(pads - known) if pads is not None else [],
        "footprint_pads": len(pads) if pads is not None else None,
    }


def _told_by_name(pins: Iterable[PinItem]) -> dict[str, list[str]]:
    """Numbers of the pins, or their names where they have none, by the type that was told."""
    told: dict[str, list[str]] = {}
    for pin in pins:
        if pin.told == "name":
            told.setdefault(pin.electrical, []).append(pin.number or pin.name)
    return dict(sorted(told.items()))


def warn_of_pins(units: Sequence[Sequence[PinItem]], report: SymbolReport) -> None:
    """Name pins that KiCad joins without a wire: they have one place."""
    for pins in units:
        seen: dict[tuple[int, int], PinItem] = {}
        for pin in pins:
            place = (round(pin.at[0] * 1000), round(pin.at[1] * 1000))
            other = seen.setdefault(place, pin)
            if other is not pin and other.number != pin.number:
                report.doubt(
                    f"pins {other.number} and {pin.number} have one place: KiCad joins them"
                )


def test_pins_of_one_place_are_named_and_types_told() -> None:
    report = SymbolReport()
    pin = PinItem("1", "VCC", "power_in", "line", (0.0, 0.0), 0, 2.54, "name")
    units = [[pin, pin._replace(number="2", told="")], [pin]]
    warn_of_pins(units, report)
    assert report.warnings == ["pins 1 and 2 have one place: KiCad joins them"]
    from components.cad.symbol.items import Unit

    facts = pin_facts(Symbol([Unit(list(pins)) for pins in units]), frozenset("13"), report)
    assert facts["types_told_by_name"] == {"power_in": ["1", "1"]}
    assert (facts["pins_without_pad"], facts["pads_without_pin"]) == (["2"], ["3"])
    assert (facts["repeated_numbers"], facts["types_unknown"]) == (["1"], 1)
