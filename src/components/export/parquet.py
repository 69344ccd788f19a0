"""``export-parquet``: each family's pick table as a Parquet file, for dataframes and warehouses.

Output: ``<family>.parquet`` with the columns of ``fast.sqlite``, zstd-compressed, in the order of
``lcsc_id``. Each column's metadata has its ``unit`` and ``description``; the file's has the
snapshot's name and the family's title. Format: https://parquet.apache.org/docs/file-format/.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.core.database import open_database
from components.core.errors import ComponentsError
from components.core.files import replacing
from components.export.readme import write_readme
from components.families import FAMILIES, Family

if TYPE_CHECKING:
    import pyarrow

ROWS_PER_GROUP = 65536
FLAGS = ("is_basic", "is_preferred")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fast", type=Path, required=True, help="fast.sqlite of a snapshot")
    parser.add_argument("--snapshot", required=True, help="the snapshot's name")
    parser.add_argument("--output", type=Path, required=True, help="the folder of the files")


def run(args: argparse.Namespace) -> int:
    rows = export_families(args.fast, args.output, args.snapshot)
    print(f"export-parquet: {rows:,} rows in {args.output}", file=sys.stderr)
    return 0


def export_families(fast: Path, folder: Path, snapshot: str) -> int:
    """Write a file a family and a README into ``folder``; the number of rows in all.

    The same snapshot gives the same bytes.
    Raises :class:`SnapshotError` where ``fast`` is missing or damaged, and
    :class:`ComponentsError` where pyarrow is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with closing(open_database(fast)) as connection:
        rows = sum(_export(connection, family, folder, snapshot) for family in FAMILIES)
    write_readme(
        folder,
        "Parts by family, as Parquet",
        snapshot,
        "One file a family; a column's metadata tells its unit. With DuckDB:",
        "    SELECT * FROM 'resistor.parquet' WHERE resistance_ohm = 10000 ORDER BY stock DESC",
    )
    return rows


def _export(connection: sqlite3.Connection, family: Family, folder: Path, snapshot: str) -> int:
    pyarrow, parquet = _libraries()
    schema = _schema(connection, family, snapshot)
    rows = 0
    with (
        replacing(folder / f"{family.name}.parquet", durable=False) as temporary,
        parquet.ParquetWriter(temporary, schema, compression="zstd") as writer,
    ):
        for batch in _batches(connection, family, schema):
            columns = [
                pyarrow.array(values, field.type)
                for values, field in zip(zip(*batch, strict=True), schema, strict=True)
            ]
            writer.write_table(pyarrow.Table.from_arrays(columns, schema=schema))
            rows += len(batch)
        if not rows:
            writer.write_table(schema.empty_table())
    return rows


def _batches(
    connection: sqlite3.Connection, family: Family, schema: pyarrow.Schema
) -> Iterator[list[tuple[Any, ...]]]:
    names = ", ".join(schema.names)
    cursor = connection.execute(f"SELECT {names} FROM {family.table} ORDER BY lcsc_id")
    flags = [schema.get_field_index(name) for name in FLAGS]
    while batch := cursor.fetchmany(ROWS_PER_GROUP):
        yield [_with_flags(row, flags) for row in batch]


def _with_flags(row: tuple[Any, ...], flags: list[int]) -> tuple[Any, ...]:
    values = list(row)
    for index in flags:
        values[index] = bool(values[index])
    return tuple(values)


def _schema(connection: sqlite3.Connection, family: Family, snapshot: str) -> pyarrow.Schema:
    pyarrow, _ = _libraries()
    types = {"INTEGER": pyarrow.int64(), "REAL": pyarrow.float64(), "TEXT": pyarrow.string()}
    described = {column.name: column for column in family.columns}
    fields = []
    for _, name, kind, not_null, *_ in connection.execute(f"PRAGMA table_info({family.table})"):
        column = described.get(name)
        told = {"unit": column.unit, "description": column.description} if column else {}
        fields.append(
            pyarrow.field(
                name,
                pyarrow.bool_() if name in FLAGS else types[kind],
                nullable=not not_null,
                metadata={key: text for key, text in told.items() if text},
            )
        )
    return pyarrow.schema(fields, metadata={"snapshot": snapshot, "title": family.title})


def _libraries() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise ComponentsError(
            "pyarrow is not installed, and Parquet files need it: `make export` installs it"
        ) from None
    return pyarrow, parquet


def test_files_equal_the_tables(tmp_path: Path) -> None:
    import duckdb
    from pyarrow import parquet

    from components.testing.transform import build_snapshot

    built = build_snapshot(tmp_path / "snapshot", 3)
    rows = export_families(built.fast, tmp_path / "out", "2026-05-21-abc")
    assert rows == 3 * len(FAMILIES)
    with closing(open_database(built.fast)) as connection:
        for family in FAMILIES:
            path = tmp_path / "out" / f"{family.name}.parquet"
            wanted = connection.execute(f"SELECT * FROM {family.table} ORDER BY lcsc_id").fetchall()
            assert duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall() == wanted
            schema = parquet.read_schema(path)
            assert schema.metadata[b"snapshot"] == b"2026-05-21-abc"
            for column in family.columns:
                metadata = schema.field(column.name).metadata or {}
                assert metadata.get(b"unit", b"").decode() == column.unit


def test_the_same_snapshot_gives_the_same_bytes(tmp_path: Path) -> None:
    from components.testing.transform import build_snapshot

    built = build_snapshot(tmp_path / "snapshot", 2)
    for folder in ("a", "b"):
        export_families(built.fast, tmp_path / folder, "2026-05-21-abc")
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
