"""One family's pick table: the parts that can be asked for, and why the others cannot.

The file also says which texts could not be read (``quarantine``) and why each other part of the
family is not pickable (``rejected``). The same source gives the same bytes.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from components.core.database import writer
from components.core.files import replacing
from components.families import Family, family_named
from components.families.model import Value
from components.families.reading import Reader
from components.families.schema import create_table, insert_row
from components.source.catalogue import categories, open_catalogue, reading
from components.transform.attributes import attributes_of

PAGE_BYTES = 4096
FLAGGED = (1, "1")
SIDE_TABLES = """
CREATE TABLE quarantine (
    column_name TEXT NOT NULL, text TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (column_name, text)
) WITHOUT ROWID;
CREATE TABLE rejected (lcsc_id INTEGER PRIMARY KEY NOT NULL, reason TEXT NOT NULL);
"""


class Picked(NamedTuple):
    """What one family's parts became: complete rows, and reasons by part."""

    rows: list[tuple[Value, ...]]
    rejected: list[tuple[int, str]]
    quarantine: list[tuple[str, str, int]]


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``build-pick``."""
    parser.add_argument("--family", required=True, type=_family, help="its name")
    parser.add_argument("--source", required=True, type=Path, help="cache.sqlite3 of jlcparts")
    parser.add_argument("--max-components", type=int, default=0, help="0: all parts")
    parser.add_argument("--output", required=True, type=Path)


def _family(name: str) -> Family:
    try:
        return family_named(name)
    except KeyError:
        from components.families import FAMILIES

        names = ", ".join(family.name for family in FAMILIES)
        raise argparse.ArgumentTypeError(f"no family {name}; there are {names}") from None


def run(args: argparse.Namespace) -> int:
    """Build one pick table; prints one line."""
    family = args.family
    picked = pick(family, args.source, args.max_components)
    with replacing(args.output, durable=False) as temporary:
        write(family, picked, temporary)
    print(
        f"{family.name}: {len(picked.rows)} pickable, {len(picked.rejected)} not,"
        f" {len(picked.quarantine)} texts not understood",
        file=sys.stderr,
    )
    return 0


def pick(family: Family, source: Path, max_components: int = 0) -> Picked:
    """Read a family's parts from a source; raises :class:`SourceError` where it is damaged."""
    reader = Reader(family)
    packages: dict[Any, str | None] = {}
    rows: list[tuple[Value, ...]] = []
    rejected: list[tuple[int, str]] = []
    for part, subcategory in _parts(family, source, max_components):
        lcsc_id, package_text, stock, basic, preferred, description, extra, jlc_extra = part
        description = description if isinstance(description, str) else ""
        values, reason = reader.read(attributes_of(extra, jlc_extra), description, subcategory)
        if package_text not in packages:
            packages[package_text] = family.canonical_package(str(package_text or ""))
        package = packages[package_text]
        # Any type can stand in any SQLite column; what is no number of pieces is none.
        if not isinstance(stock, int) or stock <= 0:
            reason = "out of stock"
        elif package is None:
            reason = "no package"
        if reason is None:
            flags = int(basic in FLAGGED), int(preferred in FLAGGED)
            rows.append((lcsc_id, package, stock, *flags, *values))
        else:
            rejected.append((lcsc_id, reason))
    rows.sort(key=lambda row: row[0])  # type: ignore[arg-type, return-value]
    return Picked(rows, sorted(rejected), list(reader.quarantine()))


def write(family: Family, picked: Picked, path: Path) -> None:
    """Write the tables into a new database, keys in order, so that its bytes repeat."""
    connection = writer(str(path))
    try:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(f"{create_table(family)};{SIDE_TABLES}")
        connection.execute("BEGIN")
        connection.executemany(insert_row(family), picked.rows)
        connection.executemany("INSERT INTO quarantine VALUES (?, ?, ?)", picked.quarantine)
        connection.executemany("INSERT INTO rejected VALUES (?, ?)", picked.rejected)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _parts(
    family: Family, source: Path, max_components: int
) -> Iterator[tuple[Sequence[Any], str]]:
    connection = open_catalogue(source, max_components)
    try:
        with reading(source):
            for number, category, subcategory in categories(connection):
                if not family.takes(category or "", subcategory or ""):
                    continue
                parts = connection.execute(
                    "SELECT lcsc, package, stock, basic, preferred, description, extra, jlc_extra"
                    " FROM part_rows WHERE category_id = ? ORDER BY lcsc",
                    (number,),
                )
                for part in parts:
                    yield part, subcategory or ""
    finally:
        connection.close()


def _build(folder: Path, parts: list[dict[str, object]], name: str = "resistor") -> Path:
    from components.cli import main
    from components.testing.library import write_catalogue

    folder.mkdir(exist_ok=True)
    source = write_catalogue(folder / "source.sqlite3", parts)
    output = folder / f"{name}.sqlite"
    arguments = ["build-pick", "--family", name, "--source", str(source), "--output", str(output)]
    assert main(arguments) == 0
    return output


def _resistor(lcsc: int, **changes: object) -> dict[str, object]:
    part: dict[str, object] = {
        "lcsc": lcsc,
        "category": "Resistors",
        "subcategory": "Chip Resistor - Surface Mount",
        "package": "R0402",
        "stock": 5,
        "extra": '{"attributes": {"Resistance": "10kΩ", "Tolerance": "±1%"}}',
    }
    return part | changes


def test_a_part_is_picked_or_rejected_with_its_reason(tmp_path: Path) -> None:
    unread = '{"attributes": {"Resistance": "10?Ω", "Tolerance": "±1%"}}'
    output = _build(
        tmp_path,
        [
            _resistor(3),
            _resistor(1, stock=0),
            _resistor(2, package="-"),
            _resistor(4, extra='{"attributes": {"Resistance": "10kΩ", "Tolerance": "-"}}'),
            _resistor(5, extra=unread),
            _resistor(6, subcategory="Varistors"),
        ],
    )
    with sqlite3.connect(output) as db:
        rows = db.execute("SELECT * FROM resistor_pick").fetchall()
        rejected = db.execute("SELECT * FROM rejected").fetchall()
        quarantine = db.execute("SELECT * FROM quarantine").fetchall()
    db.close()
    assert rows == [(3, "0402", 5, 0, 0, 10e3, 9900.0, 10100.0, 1.0, None, None, None)]
    assert rejected == [
        (1, "out of stock"),
        (2, "no package"),
        (4, "tolerance unknown"),
        (5, "resistance unknown"),
    ]
    assert quarantine == [("resistance_ohm", "10?Ω", 1)]


def test_values_of_a_wrong_type_stop_nothing(tmp_path: Path) -> None:
    output = _build(
        tmp_path,
        [
            _resistor(1, stock="many"),
            _resistor(2, description=b"\x00", basic=1, preferred="1"),
            _resistor(3, extra=7),
            _resistor(4, package=402),
        ],
    )
    with sqlite3.connect(output) as db:
        rows = db.execute(
            "SELECT lcsc_id, package, is_basic, is_preferred FROM resistor_pick"
        ).fetchall()
        rejected = db.execute("SELECT * FROM rejected").fetchall()
    db.close()
    assert rows == [(2, "0402", 1, 1), (4, "402", 0, 0)]
    assert rejected == [(1, "out of stock"), (3, "resistance unknown")]


def test_the_same_parts_in_another_order_give_the_same_bytes(tmp_path: Path) -> None:
    parts = [_resistor(number) for number in range(1, 300)]
    first = _build(tmp_path / "a", parts)
    second = _build(tmp_path / "b", parts[::-1])
    assert first.read_bytes() == second.read_bytes()
    assert [path.name for path in first.parent.iterdir() if path.suffix == ".sqlite"] == [
        "resistor.sqlite"
    ]
