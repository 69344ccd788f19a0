"""``build-index``: ``lookup.idx`` from ``fast.sqlite``, by the compiled library.

The library reads the database files itself; this module tells it where the tables lie and which
families and columns they hold. Price tiers come from ``detail.sqlite``, so that the
index answers which part is the cheapest at a quantity.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from components.core.database import open_database
from components.core.errors import ComponentsError, LookupIndexError
from components.core.files import replacing
from components.families.schema import lookup_schema
from components.native import load as native

COMMON = ("package", "stock", "is_basic", "is_preferred")
MESSAGE_BYTES = 1024
# Tables with a column `price_json`, keyed by part number.
PRICED = ("parts", "components_full")
# zig/src/lookup/status.zig
REASONS = {
    2: "out of memory",
    3: "cannot be read",
    4: "the index cannot be written; is the disk full?",
    8: "is not an SQLite database",
    9: "is damaged; build it again",
    10: "does not fit the schema of the families",
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fast", type=Path, required=True, help="fast.sqlite")
    parser.add_argument("--prices", type=Path, help="detail.sqlite; default: no price is known")
    parser.add_argument("--library", type=Path, required=True, help="liblookup.so")
    parser.add_argument("--output", type=Path, required=True, help="lookup.idx")


def run(args: argparse.Namespace) -> int:
    build_index(args.fast, args.library, args.output, prices=args.prices)
    print(f"{args.output}: {args.output.stat().st_size:,} bytes", file=sys.stderr)
    return 0


def build_index(
    fast: Path,
    library: Path,
    output: Path,
    schema: Mapping[str, Any] | None = None,
    prices: Path | None = None,
) -> None:
    """Write the index of all families of ``schema`` (default: ours) that ``fast`` has tables of.

    ``prices`` is a database with the parts' price tiers; without it no price is known. The bytes
    depend on the rows, the prices and the schema only. Raises :class:`LookupIndexError` where a
    file, a column or a row cannot be used; ``output`` is then as it was.
    """
    described, plan = plan_of(fast, lookup_schema() if schema is None else schema)
    if prices is not None:
        plan["prices"] = _price_plan(prices)
    loaded = native.load(library)
    message = ctypes.create_string_buffer(MESSAGE_BYTES)
    with replacing(output, durable=False) as temporary:
        status = loaded.lookup_build(
            str(fast.absolute()).encode(),
            None if prices is None else str(prices.absolute()).encode(),
            json.dumps(described, ensure_ascii=False, separators=(",", ":")).encode(),
            json.dumps(plan).encode(),
            str(temporary.absolute()).encode(),
            message,
            ctypes.c_size_t(MESSAGE_BYTES),
        )
        if status:
            reason = message.value.decode() or REASONS.get(status, f"failure {status}")
            raise LookupIndexError(f"{fast}: {reason}")


def plan_of(fast: Path, schema: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of the tables that are there, and where each lies in the file."""
    _check_finished(fast)
    with closing(open_database(fast)) as db:
        roots = dict(
            db.execute("SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'").fetchall()
        )
        present = [family for family in schema["families"] if family["table"] in roots]
        if not present:
            raise LookupIndexError(f"{fast}: has no table of a family; build it with build-fast")
        tables = [
            {"root_page": roots[family["table"]], **_positions(fast, db, family)}
            for family in present
        ]
    return {**schema, "families": present}, {"tables": tables}


def _price_plan(prices: Path) -> dict[str, int]:
    """Where the price texts lie."""
    _check_finished(prices)
    with closing(open_database(prices)) as db:
        for table in PRICED:
            row = db.execute(
                "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = ?", (table,)
            ).fetchone()
            names = [found[1] for found in db.execute(f"PRAGMA table_info({table})")]
            if row and "price_json" in names:
                return {"root_page": row[0], "price": names.index("price_json")}
    raise LookupIndexError(f"{prices}: has no parts with prices; build it with build-detail")


def _check_finished(path: Path) -> None:
    for side in ("-wal", "-journal"):
        if Path(f"{path}{side}").exists():
            raise LookupIndexError(f"{path}: is being written ({path.name}{side} is there)")


def _positions(fast: Path, db: sqlite3.Connection, family: Mapping[str, Any]) -> dict[str, Any]:
    table = family["table"]
    rows = db.execute(f'PRAGMA table_info("{table}")').fetchall()
    position = {row[1]: row[0] for row in rows}
    key = [(row[1], row[2].upper()) for row in rows if row[5]]
    names = [column["name"] for column in family["columns"]]
    missing = [name for name in (*COMMON, *names) if name not in position]
    if key != [("lcsc_id", "INTEGER")] or missing:
        lack = f"column {', '.join(missing)}" if missing else "lcsc_id INTEGER PRIMARY KEY"
        raise LookupIndexError(f"{fast}: {table} has no {lack}; build it again")
    return {
        **{name: position[name] for name in COMMON},
        "columns": [position[name] for name in names],
    }


def test_the_same_rows_give_the_same_bytes_whatever_wrote_them(tmp_path: Path) -> None:
    from components.testing.library import library
    from components.testing.lookup import write_fast

    write_fast(tmp_path / "a.sqlite", 200)
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as db:
        db.execute("PRAGMA page_size = 512")
        db.execute("VACUUM INTO ?", [str(tmp_path / "b.sqlite")])
    build_index(tmp_path / "a.sqlite", library(), tmp_path / "a.idx")
    build_index(tmp_path / "b.sqlite", library(), tmp_path / "deep" / "b.idx")
    assert (tmp_path / "a.idx").read_bytes() == (tmp_path / "deep" / "b.idx").read_bytes()


def test_what_cannot_be_indexed_is_named_and_leaves_the_old_index(tmp_path: Path) -> None:
    import pytest

    from components.testing.library import library
    from components.testing.lookup import write_fast

    fast = write_fast(tmp_path / "fast.sqlite", 5)
    output = tmp_path / "lookup.idx"
    build_index(fast, library(), output)
    before = output.read_bytes()
    for change, complaint in (
        ("UPDATE diode_pick SET forward_voltage_v = 9e999", "forward_voltage_v is not finite"),
        ("UPDATE diode_pick SET max_current_a = 'x'", "max_current_a is a text where a number"),
        ("UPDATE diode_pick SET package = x'00'", "package is a blob"),
        ("UPDATE diode_pick SET stock = -1", "diode_pick: C[0-9]+: stock is out of range"),
        ("UPDATE diode_pick SET is_basic = 2", "is_basic is out of range"),
        (f"UPDATE diode_pick SET package = '{'x' * 1001}'", "package is longer than 1,000 bytes"),
        ("ALTER TABLE diode_pick DROP COLUMN max_current_a", "has no column max_current_a"),
    ):
        write_fast(fast, 5)
        with closing(sqlite3.connect(fast)) as db:
            db.execute(change)
            db.commit()
        with pytest.raises(LookupIndexError, match=complaint):
            build_index(fast, library(), output)
    fast.write_bytes(b"text")
    with pytest.raises(ComponentsError, match=r"fast\.sqlite: cannot be used"):
        build_index(fast, library(), output)
    assert output.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fast.sqlite", "lookup.idx"]
