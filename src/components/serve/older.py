"""``fast.sqlite`` of a snapshot that an earlier version made, as this version asks it.

After an update the server goes on with the snapshot that is there, and a rollback may name an
older one. Families and columns that it does not have yet are empty: nothing is known of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from components.families import FAMILIES, Family

KNOWN_MAX = 16
_COLUMNS = """SELECT t.name, c.name FROM main.sqlite_schema t JOIN pragma_table_info(t.name) c
WHERE t.type = 'table' AND t.name LIKE '%^_pick' ESCAPE '^' ORDER BY t.name, c.cid"""


def complete(fast: sqlite3.Connection, path: Path) -> None:
    """Put a view with all columns before each pick table that lacks some, for this connection.

    ``path`` is the file that ``fast`` has open; what it lacks is found out once.
    """
    status = path.stat()
    key = status.st_dev, status.st_ino, status.st_mtime_ns
    if key not in _known:
        if len(_known) >= KNOWN_MAX:
            _known.clear()
        _known[key] = views(fast)
    for statement in _known[key]:
        fast.execute(statement)


_known: dict[tuple[int, int, int], list[str]] = {}


def views(fast: sqlite3.Connection, families: Sequence[Family] = FAMILIES) -> list[str]:
    """The statements that make them.

    A view of columns alone costs nothing: SQLite reads the table and its indexes through it.
    """
    present: dict[str, list[str]] = {}
    for table, column in fast.execute(_COLUMNS):
        present.setdefault(table, []).append(column)
    statements = []
    for family in families:
        there = present.get(family.table, [])
        lacking = [f"NULL AS {name}" for name in family.column_names if name not in there]
        if lacking:
            columns = ", ".join([*there, *lacking])
            rows = f"FROM main.{family.table}" if there else "WHERE 0"
            statements.append(f"CREATE TEMP VIEW {family.table} AS SELECT {columns} {rows}")
    return statements


def test_what_an_older_snapshot_lacks_is_empty() -> None:
    from components.families import family_named

    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE led_pick (lcsc_id INTEGER PRIMARY KEY, stock INTEGER, package TEXT)")
    db.execute("CREATE INDEX led_pick_rank ON led_pick (stock)")
    db.execute("INSERT INTO led_pick VALUES (7, 5, '0402')")
    led, resistor = family_named("led"), family_named("resistor")
    for statement in views(db, (led, resistor)):
        db.execute(statement)
    names = [row[0] for row in db.execute("SELECT * FROM led_pick").description]
    assert sorted(names) == sorted(led.column_names)
    row = db.execute(
        "SELECT lcsc_id, package, color_code FROM led_pick p WHERE p.stock = 5"
    ).fetchone()
    assert row == (7, "0402", None)
    plan = db.execute("EXPLAIN QUERY PLAN SELECT * FROM led_pick WHERE stock = 5").fetchone()
    assert "led_pick_rank" in plan[-1]
    assert db.execute("SELECT * FROM resistor_pick").fetchall() == []
    db.close()
