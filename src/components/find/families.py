"""What each family of a snapshot holds: counts, ranges, vocabularies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

WORDS_MAX = 200


def describe_families(
    fast: sqlite3.Connection, families: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """A summary of every family that has a table, of the lookup schema's ``families``."""
    present = {row[0] for row in fast.execute("SELECT name FROM sqlite_schema")}
    return [_family(fast, family) for family in families if family["table"] in present]


def _family(fast: sqlite3.Connection, family: Mapping[str, Any]) -> dict[str, Any]:
    columns = family["columns"]
    wanted = ["count(*)"]
    for column in columns:
        name = column["name"]
        wanted += [f"count({name})", f"min({name})", f"max({name})"]
    row = tuple(fast.execute(f"SELECT {', '.join(wanted)} FROM {family['table']}").fetchone())
    return {
        "name": family["name"],
        "title": family["title"],
        "parts": row[0],
        "package_prefixes": family["package_prefixes"],
        "packages": _words(fast, family["table"], "package"),
        "columns": [
            _column(fast, family["table"], column, row[1 + 3 * place : 4 + 3 * place])
            for place, column in enumerate(columns)
        ],
    }


def _column(
    fast: sqlite3.Connection, table: str, column: Mapping[str, Any], figures: tuple[Any, ...]
) -> dict[str, Any]:
    told = {name: column[name] for name in ("name", "kind", "unit", "description", "aliases")}
    told["known"] = figures[0]
    if column["kind"] == "text":
        return told | {"vocabulary": _words(fast, table, column["name"])}
    return told | {"minimum": figures[1], "maximum": figures[2]}


def _words(fast: sqlite3.Connection, table: str, column: str) -> list[dict[str, Any]]:
    rows = fast.execute(
        f"SELECT {column}, count(*) FROM {table} WHERE {column} IS NOT NULL"
        f" GROUP BY {column} ORDER BY 2 DESC, 1 LIMIT {WORDS_MAX}"
    )
    return [{"value": value, "parts": parts} for value, parts in rows]


def test_counts_ranges_and_words() -> None:
    fast = sqlite3.connect(":memory:")
    fast.execute("CREATE TABLE a_pick (lcsc_id INTEGER PRIMARY KEY, package TEXT, x REAL, t TEXT)")
    rows = [(1, "0402", 1.0, "B"), (2, "0402", None, "A"), (3, "0603", 3.0, "A")]
    fast.executemany("INSERT INTO a_pick VALUES (?, ?, ?, ?)", rows)
    common = {"unit": "", "description": "", "aliases": []}
    columns = [{"name": "x", "kind": "real", **common}, {"name": "t", "kind": "text", **common}]
    family = {"name": "a", "title": "A", "table": "a_pick", "package_prefixes": []}
    absent = {**family, "table": "b_pick", "columns": columns}
    (found,) = describe_families(fast, [{**family, "columns": columns}, absent])
    assert found["parts"] == 3 and found["packages"][0] == {"value": "0402", "parts": 2}
    x, t = found["columns"]
    assert (x["known"], x["minimum"], x["maximum"]) == (2, 1.0, 3.0)
    assert t["vocabulary"] == [{"value": "A", "parts": 2}, {"value": "B", "parts": 1}]
