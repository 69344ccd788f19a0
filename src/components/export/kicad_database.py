"""``export-kicad-database``: the parts that KiCad can draw, as a database library.

Output: ``parts.sqlite`` with a table a family (best parts first by ``rank``) and a view
``<family>_best`` of it; ``parts.kicad_dbl``, which KiCad 8 and later opens with the views, and
``all_parts.kicad_dbl`` with the whole tables. Format:
https://docs.kicad.org/9.0/en/eeschema/eeschema.html#database-libraries.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from components.core.database import Writer, attached_input, attached_output, writer
from components.core.files import write_bytes
from components.export.readme import write_readme
from components.families import family_named
from components.kicad_names.choice import IDENTITY, RANKED, take_turns
from components.kicad_names.library import Drawings, read_library
from components.kicad_names.record import Record, record

FILE, LIBRARY, WHOLE_LIBRARY = "parts.sqlite", "parts.kicad_dbl", "all_parts.kicad_dbl"
# KiCad holds every listed part in memory, some 40 KB each.
BEST_MAX = 10_000
NEEDS_LIBRARY = (
    "Add the KiCad library of this snapshot first (`../kicad_library/README.md`): parts that it"
    " holds are drawn by its symbols and footprints, which KiCad finds nowhere else."
)
COLUMNS = ("rank", *(name for name in Record._fields if name != "name"))
FIELDS = {
    "value": "Value",
    "datasheet": "Datasheet",
    "number": "LCSC",
    "part_number": "MPN",
    "manufacturer": "Manufacturer",
    "stock": "Stock",
    "price": "Price",
    "library_type": "JLCPCB",
}
"""By column the name of the symbol's field."""
SHOWN_IN_CHOOSER = ("value", "part_number", "manufacturer", "stock", "price", "library_type")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fast", type=Path, required=True, help="fast.sqlite of a snapshot")
    parser.add_argument("--detail", type=Path, required=True, help="detail.sqlite of a snapshot")
    parser.add_argument(
        "--kicad-library", type=Path, help="parts.csv of its KiCad library, to use what that draws"
    )
    parser.add_argument("--snapshot", required=True, help="the snapshot's name")
    parser.add_argument("--output", type=Path, required=True, help="the folder of the files")


def run(args: argparse.Namespace) -> int:
    library = args.kicad_library
    drawings = Drawings(read_library(library)) if library else None
    parts = export_parts(args.fast, args.detail, args.output, args.snapshot, drawings)
    print(f"export-kicad-database: {parts:,} parts in {args.output / FILE}", file=sys.stderr)
    return 0


def export_parts(
    fast: Path, detail: Path, folder: Path, snapshot: str, drawings: Drawings | None = None
) -> int:
    """Write the database, its two libraries and a README; the number of parts.

    ``drawings``: what draws them; None: KiCad's own libraries alone. The same arguments give the
    same bytes.
    Raises :class:`SnapshotError` where an input is missing or damaged.
    """
    drawings = drawings or Drawings()
    folder.mkdir(parents=True, exist_ok=True)
    with (
        closing(writer()) as connection,
        attached_input(connection, fast, "fast"),
        attached_input(connection, detail, "detail"),
        attached_output(connection, folder / FILE),
    ):
        counts = {
            family: _write_table(connection, family, drawings) for family in drawings.families
        }
        offers = {family: iter(range(count)) for family, count in counts.items()}
        best = {family: len(taken) for family, taken in take_turns(offers, BEST_MAX).items()}
        for family, count in best.items():
            connection.execute(
                f"CREATE VIEW out.{family}_best AS SELECT * FROM {family} WHERE rank <= {count}"
            )
    libraries = {
        LIBRARY: [_library(family, f"{family}_best") for family in best],
        WHOLE_LIBRARY: [_library(family, family) for family in best],
    }
    for name, tables in libraries.items():
        write_bytes(folder / name, _database_library(tables, snapshot))
    write_readme(
        folder,
        "Parts for KiCad's symbol chooser",
        snapshot,
        "1. Install the ODBC driver for SQLite (Debian: `libsqliteodbc`).",
        f"2. *Preferences > Manage Symbol Libraries*: `{LIBRARY}`, the best {BEST_MAX:,} parts.",
        f"3. `{WHOLE_LIBRARY}` has all {sum(counts.values()):,}; each takes 40 KB of KiCad.",
        *([NEEDS_LIBRARY] if drawings.has_library else []),
    )
    return sum(counts.values())


def _write_table(connection: Writer, family: str, drawings: Drawings) -> int:
    columns = ", ".join(f"{name} {_kind(name)} NOT NULL" for name in COLUMNS)
    connection.execute(
        f"CREATE TABLE out.{family} (name TEXT PRIMARY KEY NOT NULL, {columns}) WITHOUT ROWID"
    )
    places = ", ".join("?" * (len(COLUMNS) + 1))
    insert = f"INSERT INTO out.{family} (name, {', '.join(COLUMNS)}) VALUES ({places})"
    connection.execute("BEGIN")
    for rank, told in enumerate(_records(connection, family, drawings), 1):
        texts = told._asdict()
        connection.execute(insert, (texts.pop("name"), rank, *texts.values()))
    connection.execute("COMMIT")
    return int(connection.execute(f"SELECT count(*) FROM out.{family}").fetchone()[0])


def _records(connection: Writer, family: str, drawings: Drawings) -> Iterator[Record]:
    """The family's parts that can be drawn, best first."""
    found = family_named(family)
    table = (
        f"(SELECT f.*, {', '.join(IDENTITY)} FROM fast.{found.table} f"
        " JOIN detail.components_full d USING (lcsc_id))"
    )
    names = (*found.column_names, *IDENTITY)
    for row in connection.execute(RANKED.format(table=table)):
        values = dict(zip(names, row, strict=True))
        if drawn := drawings.of(family, values):
            yield record(family, values, values, drawn)


def _kind(name: str) -> str:
    return "INTEGER" if name in ("rank", "stock") else "TEXT"


def _library(family: str, table: str) -> dict[str, Any]:
    return {
        "name": family_named(family).title.split(",")[0],
        "table": table,
        "key": "name",
        "symbols": "symbol",
        "footprints": "footprint",
        "fields": [
            {
                "column": column,
                "name": name,
                "visible_on_add": column == "value",
                "visible_in_chooser": column in SHOWN_IN_CHOOSER,
                "show_name": False,
                "inherit_properties": True,
            }
            for column, name in FIELDS.items()
        ],
        "properties": {"description": "description"},
    }


def _database_library(tables: Sequence[dict[str, Any]], snapshot: str) -> bytes:
    content = {
        "meta": {"version": 0},
        "name": "Parts",
        "description": f"Parts of snapshot {snapshot}",
        "source": {
            "type": "odbc",
            "dsn": "",
            "username": "",
            "password": "",
            "timeout_seconds": 5,
            "connection_string": f"Driver=SQLite3;Database=${{CWD}}/{FILE}",
        },
        "libraries": tables,
    }
    return (json.dumps(content, indent=1) + "\n").encode()


def test_the_same_snapshot_gives_the_same_files(tmp_path: Path) -> None:
    from components.testing.transform import build_snapshot

    built = build_snapshot(tmp_path / "snapshot", 3)
    names = (FILE, LIBRARY, WHOLE_LIBRARY, "README.md")
    for folder in ("a", "b"):
        parts = export_parts(built.fast, built.detail, tmp_path / folder, "2026-05-21-abc")
    assert parts > 0
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_every_named_table_and_column_is_there(tmp_path: Path) -> None:
    import sqlite3

    from components.testing.transform import build_snapshot

    built = build_snapshot(tmp_path / "snapshot", 3)
    parts = export_parts(built.fast, built.detail, tmp_path / "out", "2026-05-21-abc")
    listed = 0
    with closing(sqlite3.connect(tmp_path / "out" / FILE)) as db:
        db.row_factory = sqlite3.Row
        for library in (LIBRARY, WHOLE_LIBRARY):
            told = json.loads((tmp_path / "out" / library).read_text())
            for table in told["libraries"]:
                rows = db.execute(f"SELECT * FROM {table['table']} ORDER BY rank").fetchall()
                listed += len(rows)
                assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
                wanted = {table["key"], table["symbols"], table["footprints"]}
                assert wanted | {field["column"] for field in table["fields"]} <= set(
                    rows[0].keys()
                )
                assert all(row["symbol"].count(":") == 1 for row in rows)
    assert listed == 2 * parts
