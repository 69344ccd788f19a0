"""``components_full``: every part of the source with its category, records and pickability.

Filling it is most of the work of ``detail.sqlite``. One thread does it: two contend for SQLite's
count of allocated memory, and together need twice the processor time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from components.families import Family, family_of
from components.shared.catalogue import categories, open_catalogue, reading
from components.shared.database import attached_input
from components.shared.errors import SnapshotError
from components.transform.fast import pick_files
from components.transform.records import ATTRIBUTES, PRICE, REST, add_functions

SCHEMA = """CREATE TABLE out.components_full (
    lcsc_id INTEGER PRIMARY KEY NOT NULL,
    manufacturer TEXT NOT NULL,
    part_number TEXT NOT NULL,
    package TEXT NOT NULL,
    joints INTEGER NOT NULL,
    category TEXT NOT NULL,
    subcategory TEXT NOT NULL,
    family TEXT,
    description TEXT NOT NULL,
    datasheet_url TEXT NOT NULL,
    stock INTEGER NOT NULL,
    is_basic INTEGER NOT NULL,
    is_preferred INTEGER NOT NULL,
    price_json TEXT NOT NULL,
    attributes_json TEXT NOT NULL,
    extra_json TEXT NOT NULL,
    last_update INTEGER NOT NULL,
    pickable INTEGER NOT NULL,
    reason TEXT
)"""
# `WHERE manufacturer = ? COLLATE NOCASE AND part_number = ? COLLATE NOCASE` uses it.
INDEXES = {"components_full_part": "manufacturer COLLATE NOCASE, part_number COLLATE NOCASE"}


def _flag(column: str) -> str:
    """1 for 1 and "1", as the pick tables have it; 0 for anything else that may stand there."""
    return f"coalesce({column} IN (1, '1'), 0)"


def _integer(column: str) -> str:
    return f"coalesce(CAST({column} AS INTEGER), 0)"


def _text(column: str) -> str:
    return f"coalesce(CAST({column} AS TEXT), '')"


OUTSIDE = "not in a family"
# Any type can stand in any SQLite column of the source, and in none of ours.
FILL = f"""INSERT INTO out.components_full SELECT p.lcsc,
    {_text("m.name")}, {_text("p.mfr")}, {_text("p.package")}, {_integer("p.joints")},
    coalesce(n.category, ''), coalesce(n.subcategory, ''), n.family,
    {_text("p.description")}, {_text("p.datasheet")}, {_integer("p.stock")},
    {_flag("p.basic")}, {_flag("p.preferred")},
    {PRICE}, {ATTRIBUTES}, {REST}, {_integer("p.last_update")},
    n.family IS NOT NULL AND s.reason IS NULL,
    CASE WHEN n.family IS NULL THEN '{OUTSIDE}' ELSE s.reason END
FROM part_rows p
LEFT JOIN temp.names n ON n.id = p.category_id
LEFT JOIN main.manufacturers m ON m.id = p.manufacturer_id
LEFT JOIN temp.status s ON s.lcsc_id = p.lcsc
ORDER BY p.lcsc"""


def open_source(
    source: Path, max_components: int, picks: Iterable[Path], families: Sequence[Family]
) -> sqlite3.Connection:
    """The catalogue with what :data:`FILL` joins: names of categories, and what became of parts.

    Raises :class:`SourceError`, and :class:`SnapshotError` for pick files that are not usable.
    """
    connection = open_catalogue(source, max_components)
    try:
        connection.isolation_level = None
        add_functions(connection)
        with reading(source):
            _name_categories(connection)
            _load_status(connection, picks, families)
    except BaseException:
        connection.close()
        raise
    return connection


def fill_parts(connection: sqlite3.Connection) -> int:
    """Create and fill ``out.components_full`` of ``connection``; the number of parts.

    Raises :class:`SnapshotError` where the pick files are of another source.
    """
    check_same_source(connection)
    connection.execute(SCHEMA)
    parts = connection.execute(FILL).rowcount
    for name, columns in INDEXES.items():
        connection.execute(f"CREATE INDEX out.{name} ON components_full ({columns})")
    return parts


def _name_categories(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TEMP TABLE names (id INTEGER PRIMARY KEY, category, subcategory, family)"
    )
    rows = [
        (row.id, row.category, row.subcategory, family.name if family else None)
        for row in categories(connection)
        for family in (family_of(row.category, row.subcategory),)
    ]
    connection.executemany("INSERT INTO temp.names VALUES (?, ?, ?, ?)", rows)


def _load_status(
    connection: sqlite3.Connection, picks: Iterable[Path], families: Sequence[Family]
) -> None:
    """``temp.status``: of each part of a family, why it is not pickable; NULL where it is."""
    connection.execute("CREATE TEMP TABLE status (lcsc_id INTEGER PRIMARY KEY, family, reason)")
    files = pick_files(connection, picks, families)
    for family in families:
        with attached_input(connection, files[family.name], "pick"):
            connection.execute(
                "INSERT INTO temp.status"
                f" SELECT lcsc_id, '{family.name}', NULL FROM pick.{family.table}"
                f" UNION ALL SELECT lcsc_id, '{family.name}', reason FROM pick.rejected"
            )


def check_same_source(connection: sqlite3.Connection) -> None:
    """Raise :class:`SnapshotError` unless the pick files tell of exactly the families' parts."""
    strangers = connection.execute(
        "SELECT s.family, count(*) FROM temp.status s LEFT JOIN part_rows p ON p.lcsc = s.lcsc_id"
        " LEFT JOIN temp.names n ON n.id = p.category_id"
        " WHERE n.family IS NOT s.family GROUP BY s.family"
    ).fetchone()
    lacking = connection.execute(
        "SELECT n.family, sum(k.parts) - (SELECT count(*) FROM temp.status s"
        " WHERE s.family = n.family) AS missing FROM temp.names n JOIN (SELECT category_id,"
        " count(*) AS parts FROM part_rows GROUP BY category_id) k ON k.category_id = n.id"
        " WHERE n.family IS NOT NULL GROUP BY n.family HAVING missing <> 0"
    ).fetchone()
    if wrong := strangers or lacking:
        raise SnapshotError(
            f"the pick table of {wrong[0]} is of another source ({abs(wrong[1])} parts differ);"
            " build it again"
        )
