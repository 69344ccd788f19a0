"""The kind ``source-db-v2`` of jlcparts' catalogue (MIT), published since 2026-05 (UPSTREAMS).

One row a part in ``jlc_components`` with names in place of ids, a second record in
``lcsc_components``; what JLC delisted stays with ``present`` 0.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from components.core.errors import SourceError
from components.source.part import Row, integer, prices

FORMAT = "source-db-v2"
REQUIRED = {
    "jlc_components": (
        *("lcsc", "category", "subcategory", "mfr", "package", "joints", "manufacturer"),
        *("library_type", "description", "datasheet", "stock", "price", "attributes"),
    ),
    "lcsc_components": ("lcsc", "manufacturer", "attributes"),
}
OPTIONAL = ("fetched_at", "present", "preferred")
# Kept beside the attributes, under their own names.
KEPT = (
    *("last_on_stock", "rohs", "eccn", "assembly", "assembly_process", "assembly_mode"),
    *("website_component_id", "attrition"),
)
KEPT_LCSC = ("image", "url_slug")
MILLISECONDS_FROM = 100_000_000_000


def rows(connection: sqlite3.Connection, path: Path) -> Iterator[tuple[Row, int]]:
    """Every part that is listed, by number, with the time at which it was fetched (Unix seconds).

    Raises :class:`SourceError` where a table or a column is missing; ``path`` is for its message.
    """
    columns = {table: _columns(connection, table, path) for table in REQUIRED}
    jlc = [*REQUIRED["jlc_components"], *OPTIONAL, *KEPT]
    lcsc = [*REQUIRED["lcsc_components"][1:], *KEPT_LCSC]
    chosen = [_or_null("j", name, columns["jlc_components"]) for name in jlc]
    chosen += [_or_null("l", name, columns["lcsc_components"]) for name in lcsc]
    present = "coalesce(j.present, 1) <> 0" if "present" in columns["jlc_components"] else "1"
    found = connection.execute(
        f"SELECT {', '.join(chosen)} FROM jlc_components j LEFT JOIN lcsc_components l"
        f" ON l.lcsc = j.lcsc WHERE {present} ORDER BY j.lcsc"
    )
    for values in found:
        record = dict(zip(jlc, values, strict=False))
        other = dict(zip(lcsc, values[len(jlc) :], strict=True))
        if (row := _row(record, other)) is not None:
            yield row, _seconds(record["fetched_at"])


def _columns(connection: sqlite3.Connection, table: str, path: Path) -> set[str]:
    there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    if not there:
        raise SourceError(f"{path}: no table {table}; not a {FORMAT} catalogue")
    if missing := [name for name in REQUIRED[table] if name not in there]:
        raise SourceError(f"{path}: table {table} lacks {', '.join(missing)}")
    return there


def _or_null(alias: str, name: str, there: set[str]) -> str:
    return f"{alias}.{name}" if name in there else "NULL"


def _row(record: dict[str, Any], other: dict[str, Any]) -> Row | None:
    number = re.fullmatch(r"C?([1-9]\d{0,11})", str(record["lcsc"]))
    if number is None:
        return None
    return Row(
        lcsc=int(number[1]),
        category=_text(record["category"]),
        subcategory=_text(record["subcategory"]),
        mfr=_text(record["mfr"]),
        package=_text(record["package"]),
        joints=integer(record["joints"]),
        manufacturer=_text(record["manufacturer"]) or _text(other["manufacturer"]),
        basic=int(_text(record["library_type"]).lower() in ("base", "basic")),
        preferred=_flag(record["preferred"]),
        description=_text(record["description"]),
        datasheet=_text(record["datasheet"]),
        stock=integer(record["stock"]),
        price=json.dumps(prices(record["price"]), sort_keys=True, separators=(",", ":")),
        extra=_record(other, KEPT_LCSC),
        jlc_extra=_record(record, KEPT),
    )


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else "" if value is None else str(value)


def _flag(value: Any) -> int | None:
    return None if value is None else int(value in (1, "1", True))


def _record(values: dict[str, Any], kept: tuple[str, ...]) -> str:
    """The attributes and what else is kept, as JSON; what is no JSON stays a text."""
    content = {name: _decoded(values[name]) for name in kept if values[name] is not None}
    attributes = _decoded(values["attributes"])
    content["attributes"] = attributes if isinstance(attributes, dict | list) else {}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _decoded(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value if isinstance(value, str | int | float) else None
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value


def _seconds(value: Any) -> int:
    """A time as Unix seconds, from seconds, milliseconds or ISO 8601; 0 where it is none.

    >>> [_seconds(value) for value in (1780000000, 1780000000123, "2026-05-31T00:00:00Z", "x")]
    [1780000000, 1780000000, 1780185600, 0]
    """
    if isinstance(value, str) and not value.isdecimal():
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return 0
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    number = int(value) if isinstance(value, int | float | str) and value == value else 0
    return number // 1000 if number >= MILLISECONDS_FROM else max(number, 0)


def test_strange_values_stop_nothing() -> None:
    from contextlib import closing

    from components.testing.source_db_v2 import DDL

    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(DDL.replace("lcsc INTEGER PRIMARY KEY", "lcsc"))
        db.execute(
            "INSERT INTO jlc_components (lcsc, mfr, stock, price, attributes, preferred, joints)"
            " VALUES ('C7', 402, 'many', 'free', '{', NULL, 'x'), ('none', 0, 0, 0, 0, 0, 0)"
        )
        ((row, time_s),) = rows(db, Path("x"))
    assert (row.lcsc, row.mfr, row.stock, row.price, row.preferred) == (7, "402", 0, "[]", None)
    assert (row.extra, row.jlc_extra, time_s) == ('{"attributes":{}}', '{"attributes":{}}', 0)
