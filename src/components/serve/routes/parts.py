"""Whole parts out of a snapshot's databases: what is known of them and what was fetched."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from components.artifacts import ARTIFACT_TYPES

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
# NaN and infinities, which are no JSON, are null.
_READER = json.JSONDecoder(parse_constant=lambda name: None)
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


def to_json(content: Any) -> bytes:
    """JSON of what :func:`read_parts` gives: sorted, and ASCII whatever strangers wrote.

    The faster writers refuse half surrogates and integers beyond 64 bits, which both occur in
    texts that others have made.
    """
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")


def _parsed(text: str) -> Any:
    """A column's value; null where it is no JSON, and for what JSON has no name for."""
    try:
        return _READER.decode(text)
    except (ValueError, RecursionError):
        return None


def _detail(*rows: tuple[int, str]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.execute(
        "CREATE TABLE components_full (lcsc_id INTEGER PRIMARY KEY, family TEXT, is_basic INTEGER,"
        " pickable INTEGER, extra_json TEXT)"
    )
    connection.executemany("INSERT INTO components_full VALUES (?, 'led', 1, 1, ?)", rows)
    return connection


def test_parts_come_by_number_with_their_json_read() -> None:
    detail = _detail((5, '{"a": [1, null]}'), (2, "no json"), (9, "{}"))
    parts = read_parts(detail, {5, 2, 77})
    common = {"family": "led", "is_basic": True, "pickable": True}
    assert parts == [
        {"lcsc_id": 2, "extra": None, **common},
        {"lcsc_id": 5, "extra": {"a": [1, None]}, **common},
    ]


def test_what_strangers_wrote_always_becomes_json() -> None:
    texts = ['{"a": "\\ud800"}', f'{{"a": 1{"0" * 40}}}', '{"a": NaN}', "[" * 100_000, '{"a": "Ω"}']
    parts = read_parts(_detail(*enumerate(texts)), range(9))
    again = json.loads(to_json(parts))
    assert [part["extra"] for part in again] == [
        {"a": "\ud800"},
        {"a": 10**40},
        {"a": None},
        None,
        {"a": "Ω"},
    ]


def test_parameters_are_read_from_the_family_s_table_alone() -> None:
    fast = sqlite3.connect(":memory:")
    fast.row_factory = sqlite3.Row
    fast.execute("CREATE TABLE led_pick (lcsc_id, stock, is_basic, is_preferred, package, v REAL)")
    fast.execute("INSERT INTO led_pick VALUES (5, 1, 0, 0, '0603', 2.1)")
    parts: list[dict[str, Any]] = [
        {"lcsc_id": 5, "family": "led", "pickable": True},
        {"lcsc_id": 6, "family": "led; DROP TABLE led_pick", "pickable": True},
        {"lcsc_id": 7, "family": None, "pickable": False},
    ]
    found = read_parameters(fast, {"led": "led_pick"}, parts)
    assert found == {5: {"package": "0603", "v": 2.1}}
