"""``build-detail``: every part of the source, pickable or not, and what was fetched for it.

Output: ``detail.sqlite`` with ``components_full`` and ``component_assets``, both keyed by
``lcsc_id``. The rows never pass through Python, so that time and memory suit the whole catalogue;
one thread makes them, since two contend for SQLite's count of allocated memory, and together need
twice the processor time.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from components.core.database import attached_output
from components.families import FAMILIES, Family
from components.transform import assets
from components.transform.assets import fill_assets
from components.transform.parts import COLUMNS, PARTS, opened_parts
from components.transform.pickability import check_same_source
from components.transform.records import ATTRIBUTES, PRICE, REST, integer

PARTS_SCHEMA = """CREATE TABLE out.components_full (
    lcsc_id INTEGER PRIMARY KEY NOT NULL,
    manufacturer TEXT NOT NULL,
    part_number TEXT NOT NULL,
    package TEXT NOT NULL,
    joints INTEGER NOT NULL,
    category TEXT NOT NULL,
    subcategory TEXT NOT NULL,
    family TEXT NOT NULL,
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
FILL_PARTS = f"""INSERT INTO out.components_full SELECT {", ".join(COLUMNS.values())},
    {PRICE}, {ATTRIBUTES}, {REST}, {integer("p.last_update")}, s.reason IS NULL, s.reason
FROM {PARTS} ORDER BY p.lcsc"""
SCHEMA = f"{PARTS_SCHEMA};\n{assets.SCHEMA}"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", type=Path, required=True, help="a jlcparts-style database")
    parser.add_argument("--max-components", type=int, default=0, help="0: all")
    parser.add_argument("--pick", type=Path, nargs="+", required=True, help="build-pick's outputs")
    parser.add_argument(
        "--manifest", type=Path, help="a manifest, or the list of the shards'; default: no assets"
    )
    parser.add_argument(
        "--unserved", nargs="*", default=[], help="artifact types that are kept, and not shown"
    )
    parser.add_argument("--output", type=Path, required=True, help="detail.sqlite")


def run(args: argparse.Namespace) -> int:
    parts, count = build_detail(
        *(args.source, args.pick, args.output, args.manifest),
        unserved=args.unserved,
        max_components=args.max_components,
    )
    print(f"build-detail: {parts:,} parts, {count:,} assets", file=sys.stderr)
    return 0


def build_detail(
    source: Path,
    picks: Iterable[Path],
    output: Path,
    manifest: Path | None = None,
    families: Sequence[Family] = FAMILIES,
    unserved: Sequence[str] = (),
    max_components: int = 0,
) -> tuple[int, int]:
    """Write ``output``; the number of parts and of assets in it, without the ``unserved`` types.

    Raises :class:`SourceError` for a source that is missing or damaged, and
    :class:`SnapshotError` for such other inputs, and for pick files made from another source;
    nothing is left then.
    """
    with (
        opened_parts(source, picks, families, max_components) as connection,
        attached_output(connection, output),
    ):
        connection.execute(PARTS_SCHEMA)
        count = connection.execute(FILL_PARTS).rowcount
        check_same_source(connection, count)
        for name, columns in INDEXES.items():
            connection.execute(f"CREATE INDEX out.{name} ON components_full ({columns})")
        connection.execute(assets.SCHEMA)
        return count, fill_assets(connection, manifest, unserved) if manifest else 0


def test_every_part_is_there_with_its_reason(tmp_path: Path) -> None:
    from components.testing.server import first_part
    from components.testing.transform import write_picks, write_source

    table = write_source(tmp_path / "source.sqlite3", rows=2)
    picks = write_picks(tmp_path / "pick", rows=2)
    output = tmp_path / "detail.sqlite"
    first = first_part("bjt", 2)
    parts = 3 * len(FAMILIES)
    assert build_detail(table, picks, output) == (parts, 0)
    with closing(sqlite3.connect(output)) as db:
        rows = db.execute(
            "SELECT lcsc_id, family, pickable, reason FROM components_full WHERE family = 'bjt'"
        ).fetchall()
        assert rows == [
            (first, "bjt", 1, None),
            (first + 1, "bjt", 1, None),
            (first + 2, "bjt", 0, "no package"),
        ]
        texts = "SELECT attributes_json, extra_json, price_json FROM components_full"
        assert db.execute(f"{texts} WHERE lcsc_id = {first}").fetchone() == (
            '{"Tolerance":"±1%"}',
            '{"number":"C1","url":"/x"}',
            "[]",
        )
        query = (
            "SELECT lcsc_id FROM components_full WHERE manufacturer = 'MAKER' COLLATE NOCASE"
            " AND part_number = 'BJT-1' COLLATE NOCASE"
        )
        assert db.execute(query).fetchall() == [(first + 1,)]
        assert "components_full_part" in db.execute(f"EXPLAIN QUERY PLAN {query}").fetchone()[3]
    content = output.read_bytes()
    build_detail(table, picks[::-1], output)
    assert output.read_bytes() == content


def test_a_part_has_the_artifact_fetched_last(tmp_path: Path) -> None:
    from components.fetch.manifest import Entry, connect, write
    from components.testing.transform import FIRST_PART, write_picks, write_source

    def entry(lcsc_id: int, sha: str, fetched: str, compare_ok: int = 1) -> Entry:
        key = f"objects/datasheet_pdf/{sha}.zst"
        return Entry(
            *(lcsc_id, "datasheet_pdf", "http://d/1", sha, 9, "application/pdf", "zstd", key),
            *(fetched, "{}", compare_ok),
        )

    table = write_source(tmp_path / "source.sqlite3", rows=1)
    picks = write_picks(tmp_path / "pick", rows=1)
    manifest = tmp_path / "manifest.sqlite3"
    with closing(connect(manifest)) as db:
        old, new = entry(FIRST_PART, "aa", "2026-01-01"), entry(FIRST_PART, "bb", "2026-01-02")
        broken = entry(FIRST_PART, "cc", "2026-01-03", compare_ok=0)
        write(db, [new, old, broken, entry(77, "dd", "2026-01-01")], [])
    output = tmp_path / "detail.sqlite"
    assert build_detail(table, picks, output, manifest)[1] == 1
    with closing(sqlite3.connect(output)) as db:
        row = db.execute(
            "SELECT lcsc_id, stored_key, datasheet_url, data_manual_url, footprint_name,"
            " model_3d_path, easyeda_model_uuid FROM component_assets"
        ).fetchall()
    key = "objects/datasheet_pdf/bb.zst"
    assert row == [(FIRST_PART, key, "http://d/1", "http://d/1", None, None, None)]
    assert build_detail(table, picks, output, manifest, unserved=["datasheet_pdf"])[1] == 0


def test_inputs_that_do_not_belong_together_leave_no_output(tmp_path: Path) -> None:
    import pytest

    from components.core.errors import SnapshotError
    from components.testing.transform import write_picks, write_source

    table = write_source(tmp_path / "source.sqlite3", rows=2)
    output = tmp_path / "detail.sqlite"
    picks = write_picks(tmp_path / "one", rows=1)
    with pytest.raises(SnapshotError, match="of another source"):
        build_detail(table, picks, output)
    picks = write_picks(tmp_path / "two", rows=2)
    with pytest.raises(SnapshotError, match="is of another source"):
        build_detail(table, picks, output, max_components=3)
    whole = picks[0].read_bytes()
    picks[0].write_bytes(whole[:4096] + b"\xff" * 8192 + whole[12288:])
    with pytest.raises(SnapshotError, match=rf"{picks[0].name}: cannot be used"):
        build_detail(table, picks, output)
    assert not list(tmp_path.glob("*detail*")) + list(tmp_path.glob(".tmp*"))


def test_records_are_split_and_types_are_ours(tmp_path: Path) -> None:
    from components.families import rooms
    from components.testing.library import write_catalogue
    from components.transform.pick import build_picks

    extra = {"number": "C1", "attributes": {"Tolerance": "±1%"}, "url": "/x"}
    source = write_catalogue(
        tmp_path / "source.sqlite3",
        [{"lcsc": 9, "extra": extra, "basic": "1", "stock": "7"}, {"lcsc": 8, "mfr": b"R"}],
    )
    build_picks(rooms(), source, tmp_path / "pick")
    picks = sorted((tmp_path / "pick").glob("*.sqlite"))
    output = tmp_path / "detail.sqlite"
    assert build_detail(source, picks, output) == (2, 0)
    with closing(sqlite3.connect(output)) as db:
        rows = db.execute(
            "SELECT lcsc_id, part_number, is_basic, stock, attributes_json, extra_json, category,"
            " subcategory FROM components_full ORDER BY lcsc_id"
        ).fetchall()
    assert [row[:4] for row in rows] == [(8, "R", 0, 100), (9, "MPN", 1, 7)]
    assert rows[1][4:6] == ('{"Tolerance":"±1%"}', '{"number":"C1","url":"/x"}')
    assert [row[6:] for row in rows] == [("Other", "Other")] * 2


def test_a_damaged_source_leaves_no_output(tmp_path: Path) -> None:
    import pytest

    from components.core.errors import SourceError
    from components.testing.transform import write_picks, write_source

    source = write_source(tmp_path / "source.sqlite3", rows=2)
    picks = write_picks(tmp_path / "pick", rows=2)
    whole = source.read_bytes()
    for reason, content in (
        ("truncated", whole[:5000]),
        ("damaged", whole[:4096] + b"\xff" * 4096 + whole[8192:]),
    ):
        source.write_bytes(content)
        with pytest.raises(SourceError, match=reason):
            build_detail(source, picks, tmp_path / "out" / "detail.sqlite")
    assert not list((tmp_path / "out").glob("*"))
