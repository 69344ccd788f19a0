"""``export-kicad-jlcpcb-tools``: the parts database of the KiCad plugin kicad-jlcpcb-tools.

Output: ``current-parts-fts5.db`` with every part of the snapshot, laid out as the plugin's own
download is: ``parts`` (FTS5, trigrams), ``categories``, ``mapping`` and ``meta``. The plugin reads
it where its setting ``library.data_path`` names the folder.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from components.core.database import attached_input, attached_output, writer
from components.export.readme import write_readme
from components.source.prices import Tier, tiers

FILE = "current-parts-fts5.db"
TABLES = """CREATE VIRTUAL TABLE out.parts USING fts5(
    'LCSC Part', 'First Category', 'Second Category', 'MFR.Part', 'Package',
    'Solder Joint' UNINDEXED, 'Manufacturer', 'Library Type', 'Description',
    'Datasheet' UNINDEXED, 'Price' UNINDEXED, 'Stock' UNINDEXED, tokenize="trigram");
CREATE TABLE out.mapping ('footprint', 'value', 'LCSC');
CREATE TABLE out.meta ('filename', 'size', 'partcount', 'date', 'last_update');
CREATE TABLE out.categories ('First Category', 'Second Category')"""
# A preferred part is an extended one without the loading fee; the plugin shows it as a kind of
# its own.
PARTS = """INSERT INTO out.parts SELECT 'C' || lcsc_id, category, subcategory, part_number,
    package, CAST(joints AS TEXT), manufacturer,
    CASE WHEN is_basic THEN 'Basic' WHEN is_preferred THEN 'Preferred' ELSE 'Extended' END,
    description, datasheet_url, tiers_text(price_json), CAST(stock AS TEXT)
FROM detail.components_full ORDER BY lcsc_id"""
CATEGORIES = """INSERT INTO out.categories SELECT DISTINCT category, subcategory
FROM detail.components_full ORDER BY category, subcategory"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--detail", type=Path, required=True, help="detail.sqlite of a snapshot")
    parser.add_argument("--snapshot", required=True, help="the snapshot's name")
    parser.add_argument("--output", type=Path, required=True, help=FILE)


def run(args: argparse.Namespace) -> int:
    parts = export_parts(args.detail, args.output, args.snapshot)
    print(f"export-kicad-jlcpcb-tools: {parts:,} parts in {args.output}", file=sys.stderr)
    return 0


def export_parts(detail: Path, output: Path, snapshot: str) -> int:
    """Write the plugin's database; the number of parts in it.

    Its date is the snapshot's, and the same snapshot gives the same bytes.
    Raises :class:`SnapshotError` where ``detail`` is missing or damaged.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    with (
        closing(writer()) as connection,
        attached_input(connection, detail, "detail"),
        attached_output(connection, output),
    ):
        connection.create_function("tiers_text", 1, _tiers_text, deterministic=True)
        for statement in TABLES.split(";"):
            connection.execute(statement)
        parts = int(connection.execute(PARTS).rowcount)
        connection.execute("INSERT INTO out.parts(parts) VALUES ('optimize')")
        connection.execute(CATEGORIES)
        date = snapshot[:10]
        connection.execute(
            "INSERT INTO out.meta VALUES (?, 0, ?, ?, ?)", (FILE, parts, date, f"{date}T00:00:00")
        )
    write_readme(
        output.parent,
        "Parts for the KiCad plugin kicad-jlcpcb-tools",
        snapshot,
        f"1. Keep the plugin's library *Current Parts*, its default: that is `{FILE}`.",
        "2. Put the file into a folder of your own, where the plugin keeps your corrections too,"
        " and set `library.data_path` in its `settings.json` to that folder. A plugin that does not"
        " know this setting reads it from its own folder `jlcpcb`.",
        "3. Do not press *Download*: it would put the plugin's own file in place of this one.",
    )
    return parts


def _tiers_text(price_json: str) -> str:
    return _written(tiers(price_json))


def _written(known: Sequence[Tier]) -> str:
    """``1-9:0.5,10-:0.3``: each tier with its last quantity, none for the last."""
    ends = [str(tier.quantity - 1) for tier in known[1:]] + [""] * bool(known)
    return ",".join(
        f"{tier.quantity}-{end}:{tier.unit_price:.10f}".rstrip("0").rstrip(".")
        for tier, end in zip(known, ends, strict=True)
    )


def test_prices_are_written_as_the_plugin_reads_them() -> None:
    assert _written((Tier(1, 0.8), Tier(10, 0.58), Tier(1000, 0.4))) == (
        "1-9:0.8,10-999:0.58,1000-:0.4"
    )
    assert (_written(()), _written((Tier(1, 20.0),))) == ("", "1-:20")


def test_the_plugin_s_questions_are_answered(tmp_path: Path) -> None:
    import sqlite3

    from components.testing.transform import build_snapshot

    detail = build_snapshot(tmp_path / "snapshot", 3).detail
    output = tmp_path / "out" / FILE
    parts = export_parts(detail, output, "2026-05-21-0123456789ab")
    again = tmp_path / "again" / FILE
    export_parts(detail, again, "2026-05-21-0123456789ab")
    assert output.read_bytes() == again.read_bytes()
    with closing(sqlite3.connect(output)) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(parts)")]
        assert columns[:5] == [
            *("LCSC Part", "First Category", "Second Category", "MFR.Part", "Package")
        ]
        assert db.execute("SELECT count(*) FROM parts").fetchone() == (parts,)
        assert db.execute("SELECT partcount, date FROM meta").fetchone() == (parts, "2026-05-21")
