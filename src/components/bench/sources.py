"""Larger sources from one: the same parts again with other numbers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

# Replicas of a part lie so far apart in number.
STRIDE = 100_000_000


def replicate_source(source: Path, output: Path, count: int, parts_max: int = 0) -> int:
    """Write the catalogue ``source`` with each part ``count`` times; gives the number of parts.

    ``parts_max``: no more than so many, of the last replica fewer; 0: all.
    """
    parts = 0
    with closing(sqlite3.connect(output, isolation_level=None, uri=True)) as db:
        for setting in ("journal_mode = OFF", "synchronous = OFF"):
            db.execute(f"PRAGMA {setting}")
        db.execute("ATTACH ? AS given", (f"file:{source}?mode=ro&immutable=1",))
        schema = db.execute("SELECT type, name, sql FROM given.sqlite_master").fetchall()
        db.execute("BEGIN")
        for kind, name, sql in schema:
            if kind == "table" and not name.startswith("sqlite_"):
                db.execute(sql)
                if name != "components":
                    db.execute(f"INSERT INTO {name} SELECT * FROM given.{name}")
        columns = [row[1] for row in db.execute("PRAGMA given.table_info(components)")]
        others = ", ".join(f'"{name}"' for name in columns if name != "lcsc")
        for number in range(count):
            left = parts_max - parts if parts_max else -1
            parts += db.execute(
                f"INSERT INTO components (lcsc, {others})"
                f" SELECT lcsc + {number * STRIDE}, {others} FROM given.components ORDER BY lcsc"
                f" LIMIT {left}"
            ).rowcount
        for kind, _, sql in schema:
            if kind == "index" and sql:
                db.execute(sql)
        db.execute("COMMIT")
    return parts


def count_parts(source: Path) -> int:
    """How many parts a catalogue has."""
    with closing(sqlite3.connect(f"file:{source}?mode=ro&immutable=1", uri=True)) as db:
        return int(db.execute("SELECT count(*) FROM components").fetchone()[0])


def change_stocks(source: Path, night: int = 2) -> int:
    """Another stock for one part in a hundred, none for every second of those; how many."""
    with closing(sqlite3.connect(source)) as db, db:
        return db.execute(
            "UPDATE components SET stock = (lcsc / 100 % 2) * 77 * ? WHERE lcsc * 7919 % 100 = ?",
            (night, night),
        ).rowcount


def test_every_part_is_there_as_often_as_asked(tmp_path: Path) -> None:
    from components.testing.library import write_catalogue

    source = write_catalogue(tmp_path / "one.sqlite3", [{"lcsc": 1, "mfr": "A"}, {"lcsc": 2}])
    assert replicate_source(source, tmp_path / "three.sqlite3", 3) == 6
    with closing(sqlite3.connect(tmp_path / "three.sqlite3")) as db:
        rows = db.execute("SELECT lcsc, mfr FROM components WHERE mfr = 'A'").fetchall()
        assert rows == [(1 + number * STRIDE, "A") for number in range(3)]
        assert db.execute("SELECT count(*) FROM categories").fetchone() == (1,)
        plan = db.execute("EXPLAIN QUERY PLAN SELECT 1 FROM components WHERE category_id = 1")
        assert "components_category" in plan.fetchone()[3]
    assert replicate_source(source, tmp_path / "five.sqlite3", 3, parts_max=5) == 5
    assert count_parts(tmp_path / "five.sqlite3") == 5
