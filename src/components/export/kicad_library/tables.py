"""What tells KiCad, and people, of the library: its two tables, a list of parts, a README."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from components.cad.sexpr import quoted
from components.core.files import write_text
from components.export.kicad_library.names import FOOTPRINTS, SYMBOLS, VARIABLE
from components.export.readme import write_readme
from components.families import FAMILIES
from components.kicad_names.library import LIBRARY, PARTS, symbol_library

SYMBOL_TABLE, FOOTPRINT_TABLE = "sym-lib-table", "fp-lib-table"
COLUMNS = (
    *("lcsc", "part_number", "manufacturer", "value", "symbol", "footprint", "model"),
    *("model_place", "remarks"),
)


def write_tables(folder: Path, nicknames: Iterable[str]) -> None:
    """``sym-lib-table`` and ``fp-lib-table``, which find the folder by its path variable."""
    titles = {symbol_library(family.name): family.title for family in FAMILIES}
    rows = [
        _row(name, f"{SYMBOLS}/{name}.kicad_sym", titles.get(name, "Other parts"))
        for name in sorted(nicknames)
    ]
    _write_table(folder / SYMBOL_TABLE, "sym_lib_table", rows)
    _write_table(
        folder / FOOTPRINT_TABLE, "fp_lib_table", [_row(LIBRARY, FOOTPRINTS, "Land patterns")]
    )


def _row(name: str, path: str, description: str) -> str:
    uri = f"${{{VARIABLE}}}/{path}"
    return (
        f'  (lib (name {quoted(name)})(type "KiCad")(uri {quoted(uri)})(options "")'
        f"(descr {quoted(description)}))"
    )


def _write_table(path: Path, kind: str, rows: Sequence[str]) -> None:
    write_text(path, "\n".join((f"({kind}", "  (version 7)", *rows, ")\n")), durable=False)


def write_parts(folder: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """``parts.csv``: what each part is drawn by, and what to look at twice."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(folder / PARTS, text.getvalue(), durable=False)


def write_guide(folder: Path, snapshot: str, where: str, counts: str) -> None:
    """The README."""
    write_readme(
        folder,
        "Parts as a KiCad library",
        snapshot,
        f"{counts} Selected by `{where}`. For KiCad 6 and later.",
        f"1. In KiCad, Preferences, Configure Paths: add `{VARIABLE}` with this folder's path.",
        "2. Preferences, Manage Symbol Libraries and Manage Footprint Libraries: add the rows of "
        f"`{SYMBOL_TABLE}` and `{FOOTPRINT_TABLE}`; or copy both files into a project's folder, "
        "where they serve that project alone.",
        "3. Place a part: its symbol names its footprint, the footprint its 3D model, and the "
        "field `LCSC` is what JLCPCB's assembly takes.",
        "On the command line the variable is taken from the environment: "
        f"`{VARIABLE}=/path/to/this/folder kicad-cli pcb export step board.kicad_pcb`.",
        "A symbol's name ends with the part's number, a footprint's with a digest of its content: "
        "with a library of another snapshot, what is placed never turns into something else.",
        f"`{PARTS}` lists every part with its symbol, footprint and model. `model_place` says how "
        "the model's place is known: `checked` and `outline` are measured against the STEP file; "
        "anything else, and every remark, is worth a look before the board is ordered.",
    )
