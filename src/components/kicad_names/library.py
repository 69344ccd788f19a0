"""What the exported KiCad library calls a part: for the export, and for whoever lists its parts.

Names depend on nothing but what they name. So a library of an older snapshot never gives a symbol
or land pattern for another one; at worst it lacks it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.cad.footprint.writer import footprint_name
from components.core.errors import SnapshotError
from components.families import FAMILIES
from components.kicad_names.drawing import Drawing, drawing, families_drawn

LIBRARY = "components"
"""The nickname of the footprint library, and what those of symbol libraries begin with."""
FOLDER, PARTS = "kicad_library", "parts.csv"
"""The export's folder, and its list of parts: :func:`read_library` reads it."""
# Windows takes no more than 255 characters, and some tools fewer bytes.
LENGTH_MAX = 100
# Of 4,096 land patterns with one title, two share a name once in 130,000 catalogues.
DIGEST_LENGTH = 10
_ILLEGAL_IN_FILES = str.maketrans(dict.fromkeys("?*|", "_"))


def symbol_library(family: str) -> str:
    """The nickname of a family's symbols: ``components-resistor``."""
    return f"{LIBRARY}-{family.replace('_', '-')}" if family else f"{LIBRARY}-other"


def symbol_name(part_number: str, lcsc_id: int) -> str:
    """A part's symbol; its number tells it from those of parts that are called the same.

    >>> symbol_name("LM358/NOPB", 7950)
    'LM358_NOPB_C7950'
    """
    return _told_apart(part_number, f"C{lcsc_id}")


def land_pattern_name(title: str, digest: str) -> str:
    """A footprint's name, and its file's. ``digest`` of its content, in hexadecimal, tells it from
    others of its title.

    >>> land_pattern_name("R0402", "0a5d1c4b99ee" + "0" * 52)
    'R0402_0a5d1c4b99'
    """
    return _told_apart(title, digest[:DIGEST_LENGTH])


def _told_apart(title: str, by: str) -> str:
    name = footprint_name(title).translate(_ILLEGAL_IN_FILES) if title.strip(" .") else ""
    name = name[: LENGTH_MAX - len(by) - 1].strip(" .")
    return f"{name}_{by}" if name else by


class Drawings:
    """Which symbol and footprint a part gets: the exported library's, where it holds both; else
    those of KiCad's own libraries."""

    def __init__(self, library: Mapping[int, Drawing] | None = None) -> None:
        """``library`` is what :func:`read_library` reads; None: KiCad's own alone."""
        self._library = library or {}
        self.has_library = bool(self._library)
        nicknames = {drawn.symbol.partition(":")[0] for drawn in self._library.values()}
        ours = {family.name for family in FAMILIES if symbol_library(family.name) in nicknames}
        self.families = tuple(sorted({*families_drawn(), *ours}))
        """Those of which some part may be drawn, sorted."""

    def of(self, family: str, values: Mapping[str, Any]) -> Drawing | None:
        """How a part is drawn, given its row of the pick table; None where that is not certain."""
        return self._library.get(values["lcsc_id"]) or drawing(family, values)


def read_library(path: Path) -> dict[int, Drawing]:
    """By part the names that an export wrote, of parts that have both symbol and footprint.

    Raises :class:`SnapshotError` where ``path`` is no list of an export, or missing.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return {
                int(row["lcsc"].removeprefix("C")): Drawing(row["symbol"], row["footprint"])
                for row in csv.DictReader(file)
                if row["symbol"] and row["footprint"]
            }
    except (OSError, KeyError, ValueError, csv.Error) as error:
        raise SnapshotError(f"{path}: cannot be read: {error}; `make export` writes it") from None


def test_names_are_of_the_part_alone() -> None:
    assert symbol_name("a/b: c?*. ", 7) == "a_b_ c___C7"
    assert symbol_name("x" * 300, 12345678).endswith("x_C12345678")
    assert len(symbol_name("x" * 300, 1)) == LENGTH_MAX
    assert symbol_name(" ..", 5) == symbol_name("", 5) == "C5"


def test_the_library_draws_what_it_holds_whole(tmp_path: Path) -> None:
    import pytest

    path = tmp_path / PARTS
    path.write_text(
        "lcsc,value,symbol,footprint\n"
        'C1,"1""",components-opamp:A_C1,components:B_00000000\n'
        "C2,x,,components:B_00000000\nC3,x,components-led:C_C3,\n"
    )
    drawings = Drawings(read_library(path))
    ours = Drawing("components-opamp:A_C1", "components:B_00000000")
    kicad_s = Drawing("Device:R", "Resistor_SMD:R_0402_1005Metric")
    assert drawings.of("opamp", {"lcsc_id": 1, "package": "SOIC-8"}) == ours
    assert drawings.of("opamp", {"lcsc_id": 2, "package": "SOIC-8"}) is None
    assert drawings.of("resistor", {"lcsc_id": 3, "package": "0402"}) == kicad_s
    assert set(drawings.families) - set(Drawings().families) == {"opamp"}
    for text in ("lcsc,symbol\nC1,x\n", "lcsc,symbol,footprint\nX,a,b\n"):
        path.write_text(text)
        with pytest.raises(SnapshotError):
            read_library(path)
    with pytest.raises(SnapshotError):
        read_library(tmp_path / "none")
