"""The symbols of the library: a file a family, a symbol a part, with what the catalogue knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from components.cad.sexpr import quoted
from components.core.errors import CadError
from components.core.files import replacing
from components.export.kicad_library.names import SYMBOLS
from components.export.kicad_library.parts import Part
from components.kicad_names.library import LIBRARY, symbol_library, symbol_name
from components.store.object_store import ObjectStore

SYMBOL = "kicad_symbol"
_STRING = r'"(?:[^"\\]|\\.)*"'
_PROPERTY = re.compile(rf'^    \(property ("(?:[^"\\]|\\.)*") ({_STRING}) \(id \d+\)')
_SYMBOL = re.compile(rf"^  \(symbol ({_STRING})")
_UNIT = re.compile(rf"^    \(symbol ({_STRING})")
_UNIT_NUMBERS = re.compile(r"(_\d+_\d+)\"$")
# Where their texts stand is drawn; all other properties are hidden.
_SHOWN = ("Reference", "Value")
_HIDDEN = "(at 0 0 0) (effects (font (size 1.27 1.27)) hide))"
HEAD = "(kicad_symbol_lib (version 20211014) (generator components)\n"


def write_symbols(
    folder: Path, parts: Iterable[Part], footprints: Mapping[int, str], store: ObjectStore
) -> dict[str, dict[int, str]]:
    """Write a file for each family that has symbols; by nickname the symbols' names by part.

    ``footprints`` are the names of the parts' footprints in the library. Raises
    :class:`StoreError` for an object that cannot be read, :class:`CadError` for one that is no
    symbol.
    """
    families: dict[str, list[Part]] = {}
    for part in parts:
        if SYMBOL in part.assets:
            families.setdefault(symbol_library(part.family), []).append(part)
    written: dict[str, dict[int, str]] = {}
    for nickname, members in sorted(families.items()):
        mine = written[nickname] = {}
        path = folder / SYMBOLS / f"{nickname}.kicad_sym"
        with replacing(path, durable=False) as temporary, temporary.open("w", newline="\n") as file:
            file.write(HEAD)
            for part in members:
                name = mine[part.lcsc_id] = symbol_name(part.part_number, part.lcsc_id)
                stored = store.get(part.assets[SYMBOL].stored_key).decode()
                file.write(symbol(stored, name, properties(part, footprints.get(part.lcsc_id, ""))))
            file.write(")\n")
    return written


def properties(part: Part, footprint: str) -> dict[str, str]:
    """What the part's symbol says besides its reference."""
    return {
        "Value": part.value,
        "Footprint": f"{LIBRARY}:{footprint}" if footprint else "",
        "Datasheet": part.datasheet_url,
        "LCSC": part.lcsc,
        "MPN": part.part_number,
        "Manufacturer": part.manufacturer,
        "ki_keywords": part.keywords,
        "ki_description": part.description,
    }


def symbol(stored: str, name: str, told: Mapping[str, str]) -> str:
    """The one symbol of a stored library, under another name and with other properties.

    Raises :class:`CadError` for what is no library of one symbol as
    :mod:`components.cad.symbol.writer` writes it.
    """
    lines = stored.splitlines()[1:-1]
    if sum(bool(_SYMBOL.match(line)) for line in lines) != 1:
        raise CadError("the stored symbol is not one symbol; convert the CAD answers again")
    made, last = [], 0
    for line in lines:
        if match := _SYMBOL.match(line):
            made.append(f"  (symbol {quoted(name)}{line[match.end() :]}")
        elif match := _UNIT.match(line):
            numbers = _UNIT_NUMBERS.search(match[1])
            if numbers is None:
                raise CadError(f"the stored symbol has a unit {match[1]} without a number")
            made.append(f"    (symbol {quoted(name + numbers[1])}{line[match.end() :]}")
        elif match := _PROPERTY.match(line):
            key = match[1][1:-1]
            if key in _SHOWN:
                text = quoted(told[key]) if key in told else match[2]
                made.append(f"    (property {match[1]} {text} (id {last}){line[match.end() :]}")
                last += 1
                if key == _SHOWN[-1]:
                    hidden = [(key, text) for key, text in told.items() if key not in _SHOWN]
                    made += [
                        f"    (property {quoted(key)} {quoted(text)} (id {last + n}) {_HIDDEN}"
                        for n, (key, text) in enumerate(hidden)
                    ]
        else:
            made.append(line)
    return "\n".join(made) + "\n"


EXAMPLE = """(kicad_symbol_lib (version 20211014) (generator components)
  (symbol "A \\"1\\"" (pin_names (offset 0.508)) (in_bom yes) (on_board yes)
    (property "Reference" "U" (id 0) (at 0 1 0) (effects (font (size 1.27 1.27)) (justify left)))
    (property "Value" "A" (id 1) (at 0 2 0) (effects (font (size 1.27 1.27)) (justify left)))
    (property "Footprint" "x:y" (id 2) (at 0 0 0) (effects (font (size 1.27 1.27)) hide))
    (symbol "A \\"1\\"_1_1"
      (text "(symbol \\"z\\"" (at 0 0 0) (effects (font (size 1 1)) (justify bottom)))
    )
  )
)
"""


def test_names_and_properties_are_the_catalogue_s() -> None:
    import pytest

    from components.cad.sexpr import children, parse

    told = {"Value": '10k "x"', "Footprint": "components:R0402", "LCSC": "C1"}
    (made,) = children(parse(HEAD + symbol(EXAMPLE, "B/2", told) + ")"), "symbol")
    assert made[1] == "B/2"
    found = {each[1]: (each[2], each[3][1]) for each in children(made, "property")}
    assert found == {
        "Reference": ("U", "0"),
        "Value": ('10k "x"', "1"),
        "Footprint": ("components:R0402", "2"),
        "LCSC": ("C1", "3"),
    }
    (unit,) = children(made, "symbol")
    assert unit[1] == "B/2_1_1"
    assert children(unit, "text")[0][1] == '(symbol "z"'
    for damaged in ("", "(kicad_symbol_lib\n)\n", EXAMPLE.replace("_1_1", "")):
        with pytest.raises(CadError):
            symbol(damaged, "B", told)
