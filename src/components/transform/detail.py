"""``build-detail``: every part of the source, pickable or not, and what was fetched for it.

Output: ``detail.sqlite`` with ``components_full`` and ``component_assets``, both keyed by
``lcsc_id``. The rows never pass through Python, so that time and memory suit the whole catalogue.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from components.families import FAMILIES, Family
from components.shared.catalogue import reading
from components.shared.database import attached_input, attached_output
from components.transform.parts import OUTSIDE, fill_parts, open_source
from components.transform.parts import SCHEMA as PARTS_SCHEMA

ASSETS_SCHEMA = """CREATE TABLE out.component_assets (
    lcsc_id INTEGER NOT NULL,
    artifact_type TEXT NOT NULL,
    stored_key TEXT NOT NULL,
    raw_sha256 TEXT NOT NULL,
    raw_size_bytes INTEGER NOT NULL,
    mime TEXT NOT NULL,
    encoding TEXT NOT NULL,
    source_url TEXT NOT NULL,
    source_meta_json TEXT NOT NULL,
    PRIMARY KEY (lcsc_id, artifact_type)
) WITHOUT ROWID"""
SCHEMA = f"{PARTS_SCHEMA};\n{ASSETS_SCHEMA}"
# A part has one artifact of a type: the one fetched last.
FILL_ASSETS = """INSERT INTO out.component_assets
SELECT lcsc_id, artifact_type, stored_key, raw_sha256, raw_size_bytes, mime, encoding, source_url,
    source_meta_json
FROM (
    SELECT *, row_number() OVER (
        PARTITION BY lcsc_id, artifact_type
        ORDER BY fetched_at_utc DESC, raw_sha256, source_url, stored_key
    ) AS place
    FROM manifest.fetch_manifest
    WHERE compare_ok AND lcsc_id IN (SELECT lcsc FROM part_rows)
) WHERE place = 1 ORDER BY lcsc_id, artifact_type"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", type=Path, required=True, help="a jlcparts-style database")
    parser.add_argument("--pick", type=Path, nargs="+", required=True, help="build-pick's outputs")
    parser.add_argument("--manifest", type=Path, help="the fetch manifest; default: no assets")
    parser.add_argument("--max-components", type=int, default=0, help="0: all")
    parser.add_argument("--output", type=Path, required=True, help="detail.sqlite")


def run(args: argparse.Namespace) -> int:
    parts, assets = build_detail(
        args.source, args.pick, args.output, args.manifest, args.max_components
    )
    print(f"build-detail: {parts:,} parts, {assets:,} assets", file=sys.stderr)
    return 0


def build_detail(
    source: Path,
    picks: Iterable[Path],
    output: Path,
    manifest: Path | None = None,
    max_components: int = 0,
    families: Sequence[Family] = FAMILIES,
) -> tuple[int, int]:
    """Write ``output``; the number of parts and of assets in it.

    Raises :class:`SourceError` for the source, :class:`SnapshotError` for pick files that are
    missing, damaged or made from another source, and for a damaged manifest; nothing is left then.
    """
    with (
        closing(open_source(source, max_components, picks, families)) as connection,
        reading(source),
        attached_output(connection, output),
    ):
        count = fill_parts(connection)
        connection.execute(ASSETS_SCHEMA)
        return count, _fill_assets(connection, manifest)


def _fill_assets(connection: sqlite3.Connection, manifest: Path | None) -> int:
    if manifest is None:
        return 0
    with attached_input(connection, manifest, "manifest", immutable=False):
        return connection.execute(FILL_ASSETS).rowcount


def test_every_part_is_there_with_its_reason(tmp_path: Path) -> None:
    from components.transform.testing import FIRST_PART, write_picks, write_source

    source = write_source(tmp_path / "source.sqlite3", rows=2)
    picks = write_picks(tmp_path / "pick", rows=2)
    output = tmp_path / "detail.sqlite"
    parts = 3 * len(FAMILIES) + 1
    assert build_detail(source, picks, output) == (parts, 0)
    with closing(sqlite3.connect(output)) as db:
        rows = db.execute(
            "SELECT lcsc_id, family, pickable, reason FROM components_full"
            " WHERE family = 'bjt' OR family IS NULL"
        ).fetchall()
        assert rows == [
            (5, None, 0, OUTSIDE),
            (FIRST_PART, "bjt", 1, None),
            (FIRST_PART + 1, "bjt", 1, None),
            (FIRST_PART + 2, "bjt", 0, "no package"),
        ]
        texts = "SELECT attributes_json, extra_json, price_json FROM components_full"
        assert db.execute(texts + " WHERE lcsc_id = 1000").fetchone() == (
            '{"Tolerance":"±1%"}',
            '{"number":"C1","url":"/x"}',
            "[]",
        )
        query = (
            "SELECT lcsc_id FROM components_full WHERE manufacturer = 'MAKER' COLLATE NOCASE"
            " AND part_number = 'BJT-1' COLLATE NOCASE"
        )
        assert db.execute(query).fetchall() == [(FIRST_PART + 1,)]
        assert "components_full_part" in db.execute(f"EXPLAIN QUERY PLAN {query}").fetchone()[3]
    first = output.read_bytes()
    build_detail(source, picks[::-1], output)
    assert output.read_bytes() == first


def test_a_part_has_the_artifact_fetched_last(tmp_path: Path) -> None:
    from components.fetch.manifest import Entry, connect, write
    from components.transform.testing import FIRST_PART, write_picks, write_source

    def entry(lcsc_id: int, sha: str, fetched: str, compare_ok: int = 1) -> Entry:
        key = f"objects/datasheet_pdf/{sha}.zst"
        return Entry(
            *(lcsc_id, "datasheet_pdf", "http://d/1", sha, 9, "application/pdf", "zstd", key),
            *(fetched, "{}", compare_ok),
        )

    source = write_source(tmp_path / "source.sqlite3", rows=1)
    picks = write_picks(tmp_path / "pick", rows=1)
    manifest = tmp_path / "manifest.sqlite3"
    with closing(connect(manifest)) as db:
        old, new = entry(FIRST_PART, "aa", "2026-01-01"), entry(FIRST_PART, "bb", "2026-01-02")
        broken = entry(FIRST_PART, "cc", "2026-01-03", compare_ok=0)
        write(db, [new, old, broken, entry(77, "dd", "2026-01-01")], [])
    output = tmp_path / "detail.sqlite"
    assert build_detail(source, picks, output, manifest)[1] == 1
    with closing(sqlite3.connect(output)) as db:
        row = db.execute("SELECT lcsc_id, stored_key FROM component_assets").fetchall()
    assert row == [(FIRST_PART, "objects/datasheet_pdf/bb.zst")]


def test_inputs_that_do_not_belong_together_leave_no_output(tmp_path: Path) -> None:
    import pytest

    from components.shared.errors import SnapshotError, SourceError
    from components.transform.testing import write_picks, write_source

    source = write_source(tmp_path / "source.sqlite3", rows=2)
    output = tmp_path / "detail.sqlite"
    picks = write_picks(tmp_path / "one", rows=1)
    with pytest.raises(SnapshotError, match="is of another source"):
        build_detail(source, picks, output)
    picks = write_picks(tmp_path / "two", rows=2)
    with pytest.raises(SnapshotError, match="is of another source"):
        build_detail(source, picks, output, max_components=3)
    truncated = tmp_path / "truncated.sqlite3"
    truncated.write_bytes(source.read_bytes()[:5000])
    with pytest.raises(SourceError, match="truncated"):
        build_detail(truncated, picks, output)
    hurt = tmp_path / "hurt.sqlite3"
    whole = source.read_bytes()
    hurt.write_bytes(whole[:4096] + b"\xff" * 4096 + whole[8192:])
    with pytest.raises(SourceError, match="damaged"):
        build_detail(hurt, picks, output)
    assert not list(tmp_path.glob("*detail*")) + list(tmp_path.glob(".tmp*"))
