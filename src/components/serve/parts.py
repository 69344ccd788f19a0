"""Whole parts out of a snapshot's databases: what is known of them and what was fetched."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from components.shared.layout import ARTIFACT_TYPES

_PARTS_SQL = """
SELECT * FROM components_full WHERE lcsc_id IN (SELECT value FROM json_each(?)) ORDER BY lcsc_id
"""
_ASSETS_SQL = """
SELECT lcsc_id, artifact_type, stored_key, raw_sha256, raw_size_bytes, mime, source_url,
    source_meta_json
FROM component_assets
WHERE lcsc_id IN (SELECT value FROM json_each(?))
    AND artifact_type IN (SELECT value FROM json_each(?))
ORDER BY lcsc_id, artifact_type
"""
_FLAGS = ("is_basic", "is_preferred", "pickable")
_COMMON = ("lcsc_id", "stock", "is_basic", "is_preferred")


class Asset(NamedTuple):
    """One stored artifact of a part."""

    lcsc_id: int
    artifact_type: str
    stored_key: str
    sha256: str
    size_bytes: int
    mime: str
    source_url: str
    source_meta_json: str


def read_parts(detail: sqlite3.Connection, lcsc_ids: Collection[int]) -> list[dict[str, Any]]:
    """All that ``components_full`` knows of these parts, by number; unknown ones are left out.

    Its JSON columns come as values under their names without ``_json``, flags as booleans.
    """
    parts = []
    for row in detail.execute(_PARTS_SQL, (json.dumps(sorted(lcsc_ids)),)):
        part: dict[str, Any] = {}
        for name in row.keys():  # noqa: SIM118 - a Row iterates over its values
            value = row[name]
            if name.endswith("_json"):
                part[name.removesuffix("_json")] = _parsed(value)
            else:
                part[name] = bool(value) if name in _FLAGS else value
        parts.append(part)
    return parts


def read_assets(
    detail: sqlite3.Connection, lcsc_ids: Collection[int], artifact_types: Sequence[str] | None
) -> list[Asset]:
    """The assets of these parts, of these types (default: all), by part and type."""
    types = ARTIFACT_TYPES if artifact_types is None else artifact_types
    arguments = (json.dumps(sorted(lcsc_ids)), json.dumps(sorted(set(types))))
    return [Asset(*row) for row in detail.execute(_ASSETS_SQL, arguments)]


def read_parameters(
    fast: sqlite3.Connection, tables: dict[str, str], parts: list[dict[str, Any]]
) -> dict[int, dict[str, Any]]:
    """What the query routes call ``pick_parameters``, of those parts that are pickable.

    ``tables`` are the pick tables by family, so that no table's name comes from a row.
    """
    found: dict[int, dict[str, Any]] = {}
    for family, table in sorted(tables.items()):
        wanted = [p["lcsc_id"] for p in parts if p["family"] == family and p["pickable"]]
        if not wanted:
            continue
        sql = f"SELECT * FROM {table} WHERE lcsc_id IN (SELECT value FROM json_each(?))"
        for row in fast.execute(sql, (json.dumps(wanted),)):
            names = [name for name in row.keys() if name not in _COMMON]  # noqa: SIM118
            found[row["lcsc_id"]] = {name: row[name] for name in names}
    return found


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
