"""``build-fast``: the families' pick tables in one database, with the indexes that queries use.

Output: ``fast.sqlite`` with one table ``<family>_pick`` per family, keyed by ``lcsc_id``.
"""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from components.core.database import (
    Connection,
    Writer,
    attached_input,
    attached_output,
    tables,
    writer,
)
from components.core.errors import SnapshotError
from components.families import FAMILIES, Family
from components.families.schema import create_table


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pick", type=Path, nargs="+", required=True, help="build-pick's outputs")
    parser.add_argument("--output", type=Path, required=True, help="fast.sqlite")


def run(args: argparse.Namespace) -> int:
    build_fast(args.pick, args.output)
    return 0


def indexes(family: Family) -> dict[str, str]:
    """Columns by index name: the order of answers, the package, and each value that identifies."""
    names = [column.name for column in family.columns if column.is_indexed]
    return {
        f"{family.table}_rank": "is_preferred DESC, is_basic DESC, stock DESC, lcsc_id",
        f"{family.table}_package": "package",
        **{f"{family.table}_{name}": name for name in names},
    }


def build_fast(
    picks: Iterable[Path], output: Path, families: Sequence[Family] = FAMILIES
) -> dict[str, int]:
    """Merge pick files, in whatever order they come; the rows of each family.

    Raises :class:`SnapshotError` where a pick file is missing or damaged, or the files do not hold
    each family exactly once.
    """
    with closing(writer()) as connection:
        files = pick_files(connection, picks, families)
        with attached_output(connection, output):
            return {
                family.name: _copy(connection, family, files[family.name]) for family in families
            }


def pick_files(
    connection: Connection, picks: Iterable[Path], families: Sequence[Family]
) -> dict[str, Path]:
    """The pick file of each family, told by its tables; ``connection`` is for looking only.

    Raises :class:`SnapshotError` where a family has none or two, or a table's columns are not the
    family's.
    """
    wanted = {family.table: family for family in families}
    found: dict[str, Path] = {}
    for path in picks:
        with attached_input(connection, path, "pick"):
            present = tables(connection, "pick")
        named = [table for table in present if table in wanted]
        if not named:
            raise SnapshotError(f"{path}: holds no family's table; build it again")
        for table in named:
            family = wanted[table]
            if present[table] != list(family.column_names):
                raise SnapshotError(
                    f"{path}: columns are not those of {family.name}; build it again"
                )
            if family.name in found:
                raise SnapshotError(
                    f"{path}: {family.name} comes twice, in {found[family.name]} too"
                )
            found[family.name] = path
    if missing := [family.name for family in families if family.name not in found]:
        raise SnapshotError(f"no pick file for {', '.join(missing)}; build it first")
    return found


def _copy(connection: Writer, family: Family, path: Path) -> int:
    connection.execute(create_table(family).replace("CREATE TABLE ", "CREATE TABLE out.", 1))
    with attached_input(connection, path, "pick"):
        rows = connection.execute(
            f"INSERT INTO out.{family.table} SELECT * FROM pick.{family.table} ORDER BY lcsc_id"
        ).rowcount
    for name, columns in indexes(family).items():
        connection.execute(f"CREATE INDEX out.{name} ON {family.table} ({columns})")
    return rows


def test_pick_files_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    from components.testing.transform import write_picks

    picks = write_picks(tmp_path, rows=3)
    counts = build_fast(picks, tmp_path / "a.sqlite")
    build_fast(reversed(picks), tmp_path / "b.sqlite")
    assert counts == {family.name: 3 for family in FAMILIES}
    assert (tmp_path / "a.sqlite").read_bytes() == (tmp_path / "b.sqlite").read_bytes()
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as db:
        rows = db.execute("SELECT lcsc_id, package FROM resistor_pick").fetchall()
        assert rows == [(n, "0402") for n in sorted(row[0] for row in rows)]
        for family in FAMILIES:
            made = {row[1] for row in db.execute(f"PRAGMA index_list({family.table})")}
            assert made == set(indexes(family))
        plan = db.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM resistor_pick"
            " ORDER BY is_preferred DESC, is_basic DESC, stock DESC, lcsc_id LIMIT 5"
        ).fetchone()
        assert "resistor_pick_rank" in plan[3]


def test_a_missing_double_or_foreign_pick_file_is_refused(tmp_path: Path) -> None:
    import pytest

    from components.testing.transform import write_picks

    picks = write_picks(tmp_path, rows=1)
    other = tmp_path / "stranger.sqlite"
    with closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE bjt_pick (lcsc_id INTEGER PRIMARY KEY)")
    for files, reason in (
        (picks[1:], "no pick file for "),
        ([*picks, picks[0]], " comes twice"),
        ([other, *picks], "columns are not those of bjt"),
        ([tmp_path / "none.sqlite", *picks], "no such file"),
    ):
        with pytest.raises(SnapshotError, match=reason):
            build_fast(files, tmp_path / "fast.sqlite")
        assert not (tmp_path / "fast.sqlite").exists()
