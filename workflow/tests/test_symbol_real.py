"""Symbols of real answers, held against a reading of the same answers that is written here.

And against KiCad 9 and KiCad 6: each reads every symbol and writes the same pins; 9 draws them.
"""

from __future__ import annotations

import itertools
import json
import re
import uuid
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from components.cad.sexpr import Node, children, parse
from components.cad.symbol.convert import convert
from components.cad.symbol.writer import library, nodes_of, renamed
from components.testing.kicad import run_kicad
from components.testing.kicad6 import rewritten
from components.testing.library import shared_data

ROOMS = ("easyeda", "easyeda_new", "faults")
# The numbers that a source has as pins and not as pads, or the other way round.
DIFFERENT = {"C80192"}
# EasyEDA does not tell a supply's output from its input.
KINDS = {
    "1": {"input"},
    "2": {"output"},
    "3": {"bidirectional"},
    "4": {"power_in", "power_out"},
}
STEPS = {"h": (1, 0), "v": (0, 1)}


def answers() -> dict[str, dict[str, Any]]:
    found = {}
    for room in ROOMS:
        for path in sorted((shared_data() / room).glob("*.json")):
            answer = json.loads(path.read_text())
            result = answer.get("result", answer)
            if (result.get("dataStr") or {}).get("shape") or result.get("subparts"):
                found[path.stem] = answer
    return found


def pins_by_hand(answer: dict[str, Any]) -> list[list[tuple[str, str, float, float, float, float]]]:
    """Number, name, the connection and the way to the body, mm and upward, a list a unit."""
    result = answer.get("result", answer)
    units = result.get("subparts") or [result]
    read = []
    for unit in units:
        data = unit["dataStr"]
        pins = []
        for shape in data["shape"]:
            if not shape.startswith("P~"):
                continue
            parts = shape.split("^^")
            x, y = (float(text) for text in shape.split("~")[4:6])
            numbers = re.findall(r"-?\d+(?:\.\d+)?", parts[2].split("~")[0])
            letter = "h" if "h" in parts[2] else "v"
            start, way = (float(numbers[0]), float(numbers[1])), float(numbers[2])
            ux, uy = STEPS[letter]
            # Some lines begin at the body.
            way = way if start == (x, y) else -way
            if parts[5].startswith("1"):
                way += 6 if way > 0 else -6
            pins.append(
                (
                    parts[4].split("~")[4],
                    parts[3].split("~")[4],
                    *(round(n * 0.254, 4) for n in (x, -y, ux * way, -uy * way)),
                )
            )
        read.append(pins)
    return read


def kinds_by_hand(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Number and EasyEDA's kind of each pin that has one."""
    result = answer.get("result", answer)
    shapes = [s for unit in result.get("subparts") or [result] for s in unit["dataStr"]["shape"]]
    pins = [s.split("^^") for s in shapes if s.startswith("P~")]
    read = [(pin[4].split("~")[4], pin[0].split("~")[2]) for pin in pins]
    return [(number, kind) for number, kind in read if kind in KINDS]


def pins_of(symbol: Node) -> list[list[tuple[str, str, float, float, float, float]]]:
    """As :func:`pins_by_hand`, of a KiCad symbol's units."""
    units: dict[str, list[tuple[str, str, float, float, float, float]]] = {}
    for unit in children(symbol, "symbol"):
        pins = units.setdefault(unit[1].rsplit("_", 2)[1], [])
        for pin in children(unit, "pin"):
            x, y, turn = map(float, children(pin, "at")[0][1:4])
            length = float(children(pin, "length")[0][1])
            ux, uy = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[round(turn)]
            name = children(pin, "name")[0][1]
            pins.append(
                (
                    children(pin, "number")[0][1],
                    "" if name == "~" else name,
                    *(round(n, 4) for n in (x, y, ux * length, uy * length)),
                )
            )
    return [pins for number, pins in sorted(units.items(), key=lambda u: int(u[0])) if pins]


def same(ours: list[Any], theirs: list[Any]) -> None:
    """The same pins, but for one shift of the whole unit."""
    assert len(ours) == len(theirs)
    dx, dy = ours[0][2] - theirs[0][2], ours[0][3] - theirs[0][3]
    for pin, other in zip(ours, theirs, strict=True):
        assert pin[0] == other[0]
        # A name that repeats its number and is not shown is left out.
        assert pin[1] == other[1] or (pin[1], other[1]) == ("", other[0]), (pin, other)
        moved = (other[2] + dx, other[3] + dy, other[4], other[5])
        assert pin[2:] == pytest.approx(moved, abs=0.002), (pin, other)


def test_real_symbols_have_the_pins_of_an_independent_reading() -> None:
    read = answers()
    assert len(read) >= 86
    total = 0
    for name, answer in read.items():
        converted = convert(answer)
        (symbol,) = children(parse(converted.kicad_sym.decode()), "symbol")
        picture = ElementTree.fromstring(converted.svg)
        assert len(picture.findall(".//*[@data-pin]")) == converted.report["pins"], name
        ours, theirs = pins_of(symbol), pins_by_hand(answer)
        assert len(ours) == len(theirs), name
        for one, other in zip(ours, theirs, strict=True):
            same(one, other)
            for _, _, x, y, _, _ in one:
                assert abs(x / 1.27 - round(x / 1.27)) < 1e-3, name
                assert abs(y / 1.27 - round(y / 1.27)) < 1e-3, name
            total += len(one)
        report = converted.report
        different = report["pins_without_pad"] or report["pads_without_pin"]
        assert bool(different) == (name in DIFFERENT), (name, different)
        assert not report["not_understood"], name
    assert total >= 1723


def test_kicad_9_draws_every_symbol_and_writes_the_same_pins(tmp_path: Path) -> None:
    read = answers()
    nodes = []
    for name, answer in read.items():
        # Some parts are there twice, under one part number.
        nodes.append(renamed(nodes_of(convert(answer).kicad_sym), name, {}))
    path, upgraded = tmp_path / "all.kicad_sym", tmp_path / "upgraded.kicad_sym"
    path.write_bytes(library(nodes))
    drawn = run_kicad(tmp_path, "sym", "export", "svg", "-o", tmp_path / "svg", path)
    assert drawn.returncode == 0, drawn.stdout + drawn.stderr
    units = [len(pins_by_hand(answer)) for answer in read.values()]
    assert len(list((tmp_path / "svg").glob("*.svg"))) == sum(units)
    ran = run_kicad(tmp_path, "sym", "upgrade", "--force", "-o", upgraded, path)
    assert upgraded.exists(), ran.stdout + ran.stderr
    written = {symbol[1]: symbol for symbol in children(parse(upgraded.read_text()), "symbol")}
    assert written.keys() == read.keys()
    for symbol in children(parse(path.read_text()), "symbol"):
        back = written[symbol[1]]
        for ours, theirs in zip(pins_of(symbol), pins_of(back), strict=True):
            assert sorted(theirs) == sorted(
                (n, name.replace(" ", "_"), *at) for n, name, *at in ours
            )
        properties = {child[1]: child[2] for child in children(symbol, "property")}
        kept = {child[1]: child[2] for child in children(back, "property")}
        for key in ("Reference", "Value", "Footprint", "Datasheet", "Description", "LCSC", "MPN"):
            assert kept.get(key, "") == properties.get(key, ""), (symbol[1], key)


def sheet(nodes: dict[str, str], units: dict[str, int]) -> str:
    """A sheet of KiCad 6 with every unit of these symbols, as :func:`node` writes them."""
    identities = (uuid.UUID(int=count) for count in itertools.count(1))
    placed: list[str] = []
    named: list[str] = []
    for count, (name, text) in enumerate(nodes.items()):
        named.append(text.replace(f'(symbol "{name}"', f'(symbol "real:{name}"', 1))
        for unit in range(1, units[name] + 1):
            row, column = divmod(len(placed), 10)
            at = f"(at {(column + 1) * 101.6:g} {(row + 1) * 101.6:g} 0)"
            placed.append(
                f'(symbol (lib_id "real:{name}") {at} (unit {unit}) (in_bom yes) (on_board yes)'
                f' (uuid {next(identities)}) (property "Reference" "U{count}" (id 0) {at})'
                f' (property "Value" "V" (id 1) {at}))'
            )
    return "\n".join(
        [
            f"(kicad_sch (version 20211123) (generator eeschema) (uuid {next(identities)})",
            '(paper "User" 1200 1200) (lib_symbols',
            *named,
            ")",
            *placed,
            '(sheet_instances (path "/" (page "1"))))',
            "",
        ]
    )


def electrical(symbol: Node) -> list[tuple[str, str, str]]:
    """Number, type and style of every pin of a KiCad symbol."""
    return sorted(
        (children(pin, "number")[0][1], pin[1], pin[2])
        for unit in children(symbol, "symbol")
        for pin in children(unit, "pin")
    )


def test_kicad_6_reads_every_symbol_and_writes_the_same_pins(tmp_path: Path) -> None:
    read = answers()
    by_hand = {name: pins_by_hand(answer) for name, answer in read.items()}
    nodes = {name: renamed(nodes_of(convert(read[name]).kicad_sym), name, {}) for name in read}
    units = {name: len(each) for name, each in by_hand.items()}
    saved = parse(rewritten(tmp_path, sheet(nodes, units)))
    (written,) = children(saved, "lib_symbols")
    back = {symbol[1].partition(":")[2]: symbol for symbol in children(written, "symbol")}
    assert back.keys() == read.keys()
    # What stands on the sheet has its symbol, and every pin of each unit.
    assert sum(1 for each in children(saved, "symbol")) == sum(units.values())
    total = 0
    for name, symbol in back.items():
        (ours,) = children(parse(library([nodes[name]]).decode()), "symbol")
        assert electrical(symbol) == electrical(ours), name
        for unit, meant in zip(pins_of(symbol), by_hand[name], strict=True):
            # KiCad sorts pins.
            same(sorted(unit), sorted(meant))
            total += len(unit)
        stated = {pin[0]: pin[1] for pin in electrical(symbol)}
        for number, kind in kinds_by_hand(read[name]):
            assert stated[number] in KINDS[kind], (name, number)
    assert total >= 1723
