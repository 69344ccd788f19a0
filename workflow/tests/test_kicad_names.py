"""Every symbol and footprint that parts are mapped to is one of KiCad's own libraries, and fits.

A symbol's pins and its footprint's pads have the same numbers; pins are named in the order that the
symbol's name promises; and no transistor or diode that KiCad itself draws in one of the mapped
packages has its pins in another order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from components.cad.sexpr import Node, children, parse
from components.kicad_names.headers import PITCHES, ROW_MAX, header
from components.kicad_names.tables import ROWS
from components.testing.kicad import libraries

# By the package of KiCad's footprint and the kind of symbol: pins 1, 2, 3 as KiCad's parts name
# them. JFETs, which that library holds too, are in another order and in no family of ours.
ORDERS = {
    ("Transistor_BJT", "SOT-23"): "BEC",
    ("Transistor_BJT", "SOT-323_SC-70"): "BEC",
    ("Transistor_BJT", "SOT-223-3_TabPin2"): "BCE",
    ("Transistor_FET", "SOT-23"): "GSD",
    ("Transistor_FET", "SOT-323_SC-70"): "GSD",
    ("Transistor_FET", "SOT-223-3_TabPin2"): "GDS",
    ("Transistor_FET", "TO-252-2"): "GDS",
    ("Transistor_FET", "TO-263-2"): "GDS",
    ("Transistor_FET", "TO-220-3_Vertical"): "GDS",
    ("Transistor_FET", "TO-247-3_Vertical"): "GDS",
}


@cache
def symbols(library: str) -> dict[str, Node]:
    text = (libraries() / "symbols" / f"{library}.kicad_sym").read_text()
    return {node[1]: node for node in children(parse(text), "symbol")}


def pins(library: str, name: str) -> dict[str, str]:
    """The names of a symbol's pins by their numbers."""
    node = symbols(library)[name]
    if parent := children(node, "extends"):
        return pins(library, parent[0][1])
    return {
        children(pin, "number")[0][1]: children(pin, "name")[0][1]
        for unit in children(node, "symbol")
        for pin in children(unit, "pin")
    }


def pads(footprint: str) -> set[str]:
    """The numbers of a footprint's pads; what only holds it has none."""
    library, name = footprint.split(":")
    path = libraries() / "footprints" / f"{library}.pretty" / f"{name}.kicad_mod"
    return {pad[1] for pad in children(parse(path.read_text()), "pad")} - {""}


def pairs() -> Iterator[tuple[str, str]]:
    """Every symbol with every footprint that it is given together with."""
    for row in ROWS:
        for footprint in row.footprints.values():
            yield row.symbol, footprint
    for pitch in PITCHES:
        for rows in (1, 2):
            for length in range(1, ROW_MAX + 1):
                for mount, gender in (
                    ("插件", "PIN_HEADER"),
                    ("弯插", "PIN_HEADER"),
                    ("插件", "SQUARE_HOLE"),
                ):
                    found = header(
                        {
                            "package": f"{mount},P={float(pitch):g}mm",
                            "pitch_mm": float(pitch),
                            "row_count": rows,
                            "position_count": rows * length,
                            "positions_per_row": None,
                            "mounting": None,
                            "gender": gender,
                        }
                    )
                    if found:
                        yield found.symbol, found.footprint


def test_every_symbol_and_footprint_exists_and_they_fit() -> None:
    seen = set(pairs())
    assert len(seen) > 600
    faults = [
        (symbol, footprint)
        for symbol, footprint in sorted(seen)
        if set(pins(*symbol.split(":"))) != pads(footprint)
    ]
    assert not faults


def test_pins_are_in_the_order_of_the_symbol_s_name() -> None:
    for symbol in sorted({row.symbol for row in ROWS}):
        named = pins(*symbol.split(":"))
        if match := re.search(r"_([BCEGDS]{3})$", symbol):
            assert "".join(named[str(n)] for n in (1, 2, 3)) == match[1], symbol
        elif symbol in ("Device:D", "Device:D_Schottky", "Device:D_Zener", "Device:LED"):
            assert named == {"1": "K", "2": "A"}, symbol
        elif match := re.search(r"_([AK]{3})_Parallel$", symbol):
            # The one that stands alone is the common one, named by both diodes or by none.
            alone = next(c for c in match[1] if match[1].count(c) == 1)
            assert named[str(match[1].index(alone) + 1)] in (alone, "common"), (symbol, named)
        elif symbol == "Device:Crystal_GND24":
            assert {named["2"], named["4"]} != {named["1"], named["3"]}


@pytest.mark.parametrize(("library", "package"), sorted(ORDERS))
def test_no_transistor_of_kicad_contradicts_a_mapped_order(library: str, package: str) -> None:
    orders: dict[str, list[str]] = {}
    for name, node in symbols(library).items():
        footprint = {p[1]: p[2] for p in children(node, "property")}.get("Footprint", "")
        named = pins(library, name)
        if footprint.split(":")[-1] != package or "1" not in named or _is_jfet(node):
            continue
        order = "".join(named.get(number, "?") for number in ("1", "2", "3"))
        orders.setdefault(order, []).append(name)
    assert list(orders) == [ORDERS[library, package]], orders
    assert len(orders[ORDERS[library, package]]) >= 2


def test_diodes_of_kicad_have_their_cathode_at_pad_1() -> None:
    mapped = {f for row in ROWS if row.symbol == "Device:D" for f in row.footprints.values()}
    seen = 0
    for name, node in symbols("Diode").items():
        footprint = {p[1]: p[2] for p in children(node, "property")}.get("Footprint", "")
        if footprint in mapped:
            seen += 1
            named = pins("Diode", name)
            assert (named["1"], named["2"]) in (("K", "A"), ("A1", "A2")), name
    assert seen > 200


def _is_jfet(node: Node) -> bool:
    texts = " ".join(p[2] for p in children(node, "property"))
    return "JFET" in texts.upper() or "junction" in texts.lower()


def test_libraries_are_those_of_nine_or_later() -> None:
    assert isinstance(libraries(), Path)
    assert "Q_NMOS_GSD" in symbols("Transistor_FET")
