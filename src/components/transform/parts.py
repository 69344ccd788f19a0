"""``build-parts``: every part of the source, its records split into attributes and the rest.

Output: ``parts.sqlite`` with ``parts`` and ``categories``, which ``detail.sqlite`` is made of. It
depends on the source alone and is made beside the pick tables. The rows never pass through
Python, so that time and memory suit the whole catalogue; one thread makes them, since two contend
for SQLite's count of allocated memory, and together need twice the processor time.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from components.core.database import attached_output
from components.source.catalogue import catalogue_for_writing, categories, reading
from components.transform.records import ATTRIBUTES, PRICE, REST, add_functions

SCHEMA = """CREATE TABLE out.categories (id INTEGER PRIMARY KEY, category TEXT, subcategory TEXT);
CREATE TABLE out.parts (
    lcsc_id INTEGER PRIMARY KEY NOT NULL,
    category_id,
    manufacturer TEXT NOT NULL,
    part_number TEXT NOT NULL,
    package TEXT NOT NULL,
    joints INTEGER NOT NULL,
    description TEXT NOT NULL,
    datasheet_url TEXT NOT NULL,
    stock INTEGER NOT NULL,
    is_basic INTEGER NOT NULL,
    is_preferred INTEGER NOT NULL,
    price_json TEXT NOT NULL,
    attributes_json TEXT NOT NULL,
    extra_json TEXT NOT NULL,
    last_update INTEGER NOT NULL
)"""


def _flag(column: str) -> str:
    """1 for 1 and "1", as the pick tables have it; 0 for anything else that may stand there."""
    return f"coalesce({column} IN (1, '1'), 0)"


def _integer(column: str) -> str:
    return f"coalesce(CAST({column} AS INTEGER), 0)"


def _text(column: str) -> str:
    # A blob may be no UTF-8, which no reader of our products should meet.
    return (
        f"CASE typeof({column}) WHEN 'blob' THEN decoded({column})"
        f" ELSE coalesce(CAST({column} AS TEXT), '') END"
    )


# Any type can stand in any SQLite column of the source, and in none of ours.
FILL = f"""INSERT INTO out.parts SELECT p.lcsc, p.category_id,
    {_text("m.name")}, {_text("p.mfr")}, {_text("p.package")}, {_integer("p.joints")},
    {_text("p.description")}, {_text("p.datasheet")}, {_integer("p.stock")},
    {_flag("p.basic")}, {_flag("p.preferred")},
    {PRICE}, {ATTRIBUTES}, {REST}, {_integer("p.last_update")}
FROM part_rows p LEFT JOIN main.manufacturers m ON m.id = p.manufacturer_id
ORDER BY p.lcsc"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", type=Path, required=True, help="a jlcparts-style database")
    parser.add_argument("--max-components", type=int, default=0, help="0: all")
    parser.add_argument("--output", type=Path, required=True, help="parts.sqlite")


def run(args: argparse.Namespace) -> int:
    parts = build_parts(args.source, args.output, args.max_components)
    print(f"build-parts: {parts:,} parts", file=sys.stderr)
    return 0


def build_parts(source: Path, output: Path, max_components: int = 0) -> int:
    """Write ``output``; the number of parts in it.

    Raises :class:`SourceError` for a source that is missing or damaged; nothing is left then.
    """
    with (
        closing(catalogue_for_writing(source, max_components)) as connection,
        reading(source),
        attached_output(connection, output),
    ):
        add_functions(connection)
        for statement in SCHEMA.split(";"):
            connection.execute(statement)
        named = sorted(categories(connection))
        connection.executemany("INSERT INTO out.categories VALUES (?, ?, ?)", named)
        return connection.execute(FILL).rowcount


def test_records_are_split_and_types_are_ours(tmp_path: Path) -> None:
    from components.testing.library import write_catalogue

    extra = {"number": "C1", "attributes": {"Tolerance": "±1%"}, "url": "/x"}
    source = write_catalogue(
        tmp_path / "source.sqlite3",
        [{"lcsc": 9, "extra": extra, "basic": "1", "stock": "7"}, {"lcsc": 8, "mfr": b"R"}],
    )
    output = tmp_path / "parts.sqlite"
    assert build_parts(source, output) == 2
    with closing(sqlite3.connect(output)) as db:
        rows = db.execute(
            "SELECT lcsc_id, part_number, is_basic, stock, attributes_json, extra_json FROM parts"
            " ORDER BY lcsc_id"
        ).fetchall()
        assert [row[:4] for row in rows] == [(8, "R", 0, 100), (9, "MPN", 1, 7)]
        assert rows[1][4:] == ('{"Tolerance":"±1%"}', '{"number":"C1","url":"/x"}')
        assert db.execute("SELECT category, subcategory FROM categories").fetchall() == [
            ("Other", "Other")
        ]
    first = output.read_bytes()
    build_parts(source, output)
    assert output.read_bytes() == first
    assert build_parts(source, output, max_components=1) == 1


def test_a_damaged_source_leaves_no_output(tmp_path: Path) -> None:
    import pytest

    from components.core.errors import SourceError
    from components.testing.transform import write_source

    source = write_source(tmp_path / "source.sqlite3", rows=2)
    whole = source.read_bytes()
    for reason, content in (
        ("truncated", whole[:5000]),
        ("damaged", whole[:4096] + b"\xff" * 4096 + whole[8192:]),
    ):
        source.write_bytes(content)
        with pytest.raises(SourceError, match=reason):
            build_parts(source, tmp_path / "parts.sqlite")
    assert [path.name for path in tmp_path.iterdir()] == [source.name]
