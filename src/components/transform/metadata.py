"""``build-metadata``: what a snapshot holds, what it could not read, and what made it.

Output: ``metadata.json``. It depends on the inputs alone: no clock, no host, no path.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from components.core.database import VERSION, attached_input
from components.core.files import write_text
from components.families import FAMILIES, Family
from components.source.catalogue import open_catalogue, reading
from components.source.digest import digest_source
from components.source.origin import FILE, read_meta
from components.transform.fast import pick_files
from components.transform.pick_read import room_of_part

LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z; a later "date" is a broken one
SCHEMA_VERSION = 2
# Whose version can change a product's bytes.
TOOLS = ("apsw", "cascadio", "orjson", "ziglang", "zstandard")
QUARANTINE_TEXTS_MAX = 200
TEXT_LENGTH_MAX = 200
# A part without these is out of scope: nobody could place it, whatever its values.
OUT_OF_SCOPE = ("out of stock", "no package")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", type=Path, required=True, help="what detail.sqlite is made of")
    parser.add_argument("--source-digest", help="of the plan; default: read the source for it")
    parser.add_argument("--max-components", type=int, default=0, help="0: all")
    parser.add_argument("--pick", type=Path, nargs="+", required=True, help="build-pick's outputs")
    parser.add_argument("--detail", type=Path, required=True, help="detail.sqlite")
    parser.add_argument("--output", type=Path, required=True, help="metadata.json")


def run(args: argparse.Namespace) -> int:
    metadata = build_metadata(
        args.source, args.pick, args.detail, args.max_components, args.source_digest
    )
    text = json.dumps(metadata, indent=1, ensure_ascii=False, sort_keys=True)
    write_text(args.output, text + "\n", durable=False)
    return 0


def build_metadata(
    source: Path,
    picks: Iterable[Path],
    detail: Path,
    max_components: int = 0,
    source_digest: str | None = None,
    families: Sequence[Family] = FAMILIES,
) -> dict[str, Any]:
    """The content of ``metadata.json``.

    Raises :class:`SourceError` or :class:`SnapshotError` where an input is missing or damaged.
    """
    with closing(sqlite3.connect(":memory:", uri=True)) as connection:
        files = pick_files(connection, picks, families)
        picked = {
            family.name: _family(connection, family, files[family.name]) for family in families
        }
        unknown = _unknown_categories(connection, sorted(set(files.values())))
        whole = _detail(connection, detail)
    all_parts, digest, meta = _source(source, max_components, source_digest)
    return {
        "schema_version": SCHEMA_VERSION,
        "is_partial": whole["parts"] < all_parts,
        "source": {
            "sha256": digest,
            "data_date": whole["data_date"],
            "parts": all_parts,
            "origin": meta.get("origin", FILE),
            **_attributes_told(meta),
        },
        "parts": whole["parts"],
        "families": {name: entry["counts"] for name, entry in picked.items()},
        "quarantine": {name: entry["quarantine"] for name, entry in picked.items()},
        "disagreements": {name: entry["disagreements"] for name, entry in picked.items()},
        "unknown_categories": unknown,
        "assets": whole["assets"],
        "tools": _tools(),
    }


def _family(connection: sqlite3.Connection, family: Family, path: Path) -> dict[str, Any]:
    with attached_input(connection, path, "pick"):
        (pickable,) = connection.execute(f"SELECT count(*) FROM pick.{family.table}").fetchone()
        reasons = dict(
            connection.execute(
                "SELECT reason, count(*) FROM pick.rejected WHERE family = ? GROUP BY 1 ORDER BY 1",
                (family.name,),
            )
        )
        texts = connection.execute(
            "SELECT column_name, text, count FROM pick.quarantine WHERE family = ?"
            " ORDER BY column_name, count DESC, text",
            (family.name,),
        ).fetchall()
        outcomes = connection.execute(
            "SELECT column_name, outcome, count FROM pick.disagreement WHERE family = ?",
            (family.name,),
        ).fetchall()
    parts = pickable + sum(reasons.values())
    counts = {
        "parts": parts,
        "in_scope": parts - sum(reasons.get(reason, 0) for reason in OUT_OF_SCOPE),
        "pickable": pickable,
        "not_pickable": reasons,
    }
    disagreements: dict[str, dict[str, int]] = {}
    for column, outcome, count in outcomes:
        disagreements.setdefault(column, {})[outcome] = count
    return {
        "parts": parts,
        "counts": counts,
        "quarantine": _quarantine(texts),
        "disagreements": disagreements,
    }


def _unknown_categories(connection: sqlite3.Connection, files: list[Path]) -> dict[str, int]:
    """Names of categories that no family declares, with their parts: tomorrow's renames."""
    found: dict[str, int] = {}
    for path in files:
        with attached_input(connection, path, "pick"):
            for name, count in connection.execute("SELECT name, count FROM pick.unknown_category"):
                found[name] = found.get(name, 0) + count
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _quarantine(rows: list[tuple[str, str, int]]) -> dict[str, dict[str, Any]]:
    """By column: the commonest texts with their counts, and the totals of all."""
    columns: dict[str, dict[str, Any]] = {}
    for column, text, count in rows:
        entry = columns.setdefault(column, {"parts": 0, "texts": 0, "not_listed": 0, "counts": {}})
        entry["parts"] += count
        entry["texts"] += 1
        shown = text if len(text) <= TEXT_LENGTH_MAX else text[:TEXT_LENGTH_MAX] + "…"
        if shown in entry["counts"] or len(entry["counts"]) < QUARANTINE_TEXTS_MAX:
            entry["counts"][shown] = entry["counts"].get(shown, 0) + count
        else:
            entry["not_listed"] += 1
    return columns


def _detail(connection: sqlite3.Connection, detail: Path) -> dict[str, Any]:
    with attached_input(connection, detail, "detail"):
        (parts,) = connection.execute("SELECT count(*) FROM detail.components_full").fetchone()
        (newest,) = connection.execute(
            "SELECT coalesce(max(last_update), 0) FROM detail.components_full"
            " WHERE last_update BETWEEN 0 AND ?",
            (LAST_SECOND,),
        ).fetchone()
        # One sort: counting what is distinct would keep a tree of them.
        assets = connection.execute(
            "SELECT t.text, sum(n), count(*), sum(bytes) FROM (SELECT type, sha256, count(*) AS n,"
            " sum(raw_size_bytes) AS bytes FROM detail.assets GROUP BY type, sha256) a"
            " JOIN detail.asset_types t ON t.id = a.type GROUP BY 1 ORDER BY 1"
        ).fetchall()
    return {
        "parts": parts,
        "data_date": datetime.fromtimestamp(newest, UTC).date().isoformat(),
        "assets": {
            kind: {"references": count, "objects": objects, "raw_size_bytes": size}
            for kind, count, objects, size in assets
        },
    }


def _attributes_told(meta: dict[str, str]) -> dict[str, Any]:
    """How many of the parts that the crawl selects have no attributes yet, or old ones; why."""
    if "details_selected" not in meta:
        return {}
    counts = {name: int(meta[f"details_{name}"]) for name in ("selected", "lacking", "stale")}
    return {"details": {**counts, "note": meta["details_note"]}}


def _source(
    source: Path, max_components: int, digest: str | None
) -> tuple[int, str, dict[str, str]]:
    with closing(open_catalogue(source, max_components)) as connection, reading(source):
        meta = read_meta(connection)
        (parts,) = connection.execute("SELECT count(*) FROM main.components").fetchone()
    if digest is None:
        digest = digest_source(source, max_components, room_of_part)[0].whole
    return parts, digest, meta


def _tools() -> dict[str, str]:
    versions = {name: importlib.metadata.version(name) for name in TOOLS}
    return versions | {"sqlite": VERSION}


def test_counts_quarantine_and_source_are_told(tmp_path: Path) -> None:
    from components.testing.transform import write_picks, write_source
    from components.transform.detail import build_detail

    source = write_source(tmp_path / "source.sqlite3", rows=2)
    picks = write_picks(tmp_path / "pick", rows=2)
    detail = tmp_path / "detail.sqlite"
    build_detail(source, picks, detail)
    metadata = build_metadata(source, picks, detail)
    assert metadata["families"]["bjt"] == {
        "parts": 3,
        "in_scope": 2,
        "pickable": 2,
        "not_pickable": {"no package": 1},
    }
    assert metadata["quarantine"]["bjt"] == {
        "doping_type": {"parts": 2, "texts": 1, "not_listed": 0, "counts": {"1k?": 2}}
    }
    assert metadata["disagreements"]["bjt"] == {"doping_type": {"unknown": 2}}
    assert metadata["unknown_categories"]["New name"] == 1
    assert metadata["parts"] == metadata["source"]["parts"] == 3 * len(FAMILIES)
    assert metadata["source"]["data_date"] == "2023-11-14"
    assert metadata["is_partial"] is False
    assert set(metadata["tools"]) == {*TOOLS, "sqlite"}
    assert build_metadata(source, picks[::-1], detail) == metadata
    given = build_metadata(source, picks, detail, source_digest="ab")
    assert given["source"]["sha256"] == "ab"


def test_fewer_parts_than_the_source_has_are_partial(tmp_path: Path) -> None:
    from components.families import rooms
    from components.testing.library import write_catalogue
    from components.transform.detail import build_detail
    from components.transform.pick import build_picks

    source = write_catalogue(tmp_path / "source.sqlite3", [{"lcsc": 1}, {"lcsc": 2}])
    for most, partial in ((1, True), (2, False), (9, False)):
        detail = tmp_path / f"{most}.sqlite"
        build_picks(rooms(), source, tmp_path / "pick", most)
        picks = sorted((tmp_path / "pick").glob("*.sqlite"))
        build_detail(source, picks, detail, max_components=most)
        assert build_metadata(source, picks, detail, most)["is_partial"] is partial


def test_a_long_quarantine_is_cut_with_its_total() -> None:
    rows = [("c", f"{n:04}", 1) for n in range(QUARANTINE_TEXTS_MAX + 5)] + [("d", "x" * 999, 3)]
    found = _quarantine(rows)
    assert found["c"]["texts"] == found["c"]["parts"] == QUARANTINE_TEXTS_MAX + 5
    assert (len(found["c"]["counts"]), found["c"]["not_listed"]) == (QUARANTINE_TEXTS_MAX, 5)
    assert found["d"]["counts"] == {"x" * TEXT_LENGTH_MAX + "…": 3}
