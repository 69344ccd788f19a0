"""Larger catalogues from one: the same rows again with other numbers and stocks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from components.families import FAMILIES
from components.families.schema import create_table
from components.testing.lookup import SCHEMA
from components.transform.fast import indexes

# Replicas of a part lie so far apart in number.
STRIDE = 1_000_000_000


def replicate(fast: Path, output: Path, count: int) -> int:
    """Write ``fast`` with each row ``count`` times, indexes included; gives the number of rows."""
    rows = 0
    with closing(sqlite3.connect(output, isolation_level=None, uri=True)) as db:
        for setting in ("page_size = 8192", "journal_mode = OFF", "synchronous = OFF"):
            db.execute(f"PRAGMA {setting}")
        db.execute("PRAGMA cache_size = -1000000")
        db.execute("ATTACH ? AS given", (f"file:{fast}?mode=ro&immutable=1",))
        for family in FAMILIES:
            db.execute(create_table(family))
            values = ", ".join(family.column_names[3:])
            db.execute("BEGIN")
            for number in range(count):
                factor = 1 + number * 7919 % 1009
                rows += db.execute(
                    f"INSERT INTO {family.table} SELECT lcsc_id + {number * STRIDE}, package,"
                    f" 1 + stock * {factor} % 9999991, {values} FROM given.{family.table}"
                    " ORDER BY lcsc_id"
                ).rowcount
            db.execute("COMMIT")
            for name, columns in indexes(family).items():
                db.execute(f"CREATE INDEX {name} ON {family.table} ({columns})")
    return rows


def drop_incomplete(fast: Path) -> Path:
    """Take out of ``fast`` what a family would not have picked, and spell packages one way.

    A value outside its own band is one. Case, spaces, hyphens and underscores of a package are
    looked through by the library alone.
    """
    with closing(sqlite3.connect(fast)) as db:
        for family in FAMILIES:
            plain = "replace(replace(replace(upper(package), ' ', ''), '-', ''), '_', '')"
            db.execute(f"UPDATE {family.table} SET package = {plain}")
            for column in family.columns:
                if column.required:
                    db.execute(f"DELETE FROM {family.table} WHERE {column.name} IS NULL")
        for described in SCHEMA["families"]:
            for column in described["columns"]:
                low, high = column["minimum_column"], column["maximum_column"]
                if low and high:
                    within = f"{column['name']} BETWEEN {low} AND {high}"
                    db.execute(f"DELETE FROM {described['table']} WHERE ({within}) IS NOT TRUE")
        db.commit()
    return fast


def test_each_row_comes_again_with_another_number(tmp_path: Path) -> None:
    from components.testing.lookup import write_fast

    fast = drop_incomplete(write_fast(tmp_path / "fast.sqlite", 40))
    with closing(sqlite3.connect(fast)) as db:
        counts = [db.execute(f"SELECT count(*) FROM {f.table}").fetchone() for f in FAMILIES]
    wanted = sum(count for (count,) in counts)
    assert replicate(fast, tmp_path / "larger.sqlite", 3) == 3 * wanted
    with closing(sqlite3.connect(tmp_path / "larger.sqlite")) as db:
        groups = db.execute(
            "SELECT count(*), count(DISTINCT resistance_ohm) FROM resistor_pick"
            f" GROUP BY lcsc_id % {STRIDE}"
        ).fetchall()
        assert groups and set(groups) == {(3, 1)}
