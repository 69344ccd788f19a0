"""Other engines that answer the lookup's questions, to measure it against.

Each gives the best rows, in order, ``lcsc_id`` first. None of them reads JSON or writes a reply,
which the library does, so that the comparison is in their favour.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from components.serve import reference
from components.transform.lookup_testing import SCHEMA

Request = Mapping[str, Any]

FAMILIES = {family["name"]: family for family in SCHEMA["families"]}
RANK = "is_preferred DESC, is_basic DESC, stock DESC, lcsc_id"


def conditions(request: Request) -> tuple[list[tuple[str, str, Any]], int, int]:
    """``(column, operator, value)`` of a request of ranges and a package; quantity and limit."""
    family = FAMILIES[request["component_type"]]
    found: list[tuple[str, str, Any]] = []
    if request.get("package"):
        found.append(("package", "=", reference.bare_package(family, request["package"])))
    for name, bounds in request.get("ranges", {}).items():
        column = reference.column_called(family, name)
        minimum, maximum = bounds.get("minimum"), bounds.get("maximum")
        if minimum is not None:
            place = column["minimum_column"] or column["name"]
            found.append((place, ">=", minimum - abs(minimum) * reference.TOLERANCE))
        if maximum is not None:
            place = column["maximum_column"] or column["name"]
            found.append((place, "<=", maximum + abs(maximum) * reference.TOLERANCE))
    return found, request.get("qty", 0), request.get("limit", reference.LIMIT_DEFAULT)


def _sql(request: Request, index: str = "", columns: str = "*") -> tuple[str, list[Any]]:
    found, qty, limit = conditions(request)
    where = " AND ".join(["stock >= ?", *(f"{column} {sign} ?" for column, sign, _ in found)])
    table = FAMILIES[request["component_type"]]["table"]
    sql = f"SELECT {columns} FROM {table} {index} WHERE {where} ORDER BY {RANK} LIMIT ?"
    return sql, [qty, *(value for _, _, value in found), limit]


class Sqlite:
    """SQLite in memory, with every index that could help; each question takes its best one.

    Per family: the order of answers; the package and the bounds that are asked of; the bounds
    alone. With ``covering``, the order with all columns that are asked of, the same by package,
    and each bound with all others: no table row is read then, and numbers alone are given.
    """

    def __init__(self, fast: Path, requests: Sequence[Request], *, covering: bool = False) -> None:
        self.columns = "lcsc_id" if covering else "*"
        self.db = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(f"file:{fast}?mode=ro", uri=True)) as source:
            source.backup(self.db)
        asked: dict[str, set[str]] = {}
        for request in requests:
            columns = asked.setdefault(request["component_type"], set())
            columns.update(column for column, _, _ in conditions(request)[0])
        self.indexes: dict[str, list[str]] = {}
        for family, columns in asked.items():
            bounds = sorted(columns - {"package"})
            wanted = _covering(bounds) if covering else _plain(bounds)
            self.indexes[family] = [self._index(family, *one) for one in enumerate(wanted)]
        self.db.execute("ANALYZE")
        self.choice: dict[int, str] = {}

    def _index(self, family: str, number: int, keys: str) -> str:
        name = f"best_{family}_{number}"
        self.db.execute(f"CREATE INDEX {name} ON {FAMILIES[family]['table']} ({keys})")
        return name

    def prepare(self, request: Request) -> None:
        """Find out which index answers this question fastest."""
        took: dict[str, float] = {}
        forced = [f"INDEXED BY {name}" for name in self.indexes[request["component_type"]]]
        for index in ("", *forced):
            sql, parameters = _sql(request, index, self.columns)
            try:
                self.db.execute(sql, parameters).fetchall()
            except sqlite3.OperationalError:
                continue  # "no query solution": the index does not fit the question
            started = time.perf_counter()
            self.db.execute(sql, parameters).fetchall()
            took[index] = time.perf_counter() - started
        self.choice[id(request)] = min(took, key=took.__getitem__)

    def planned(self, request: Request) -> list[Any]:
        """The answer by the index that SQLite itself chooses."""
        sql, parameters = _sql(request, "", self.columns)
        return self.db.execute(sql, parameters).fetchall()

    def __call__(self, request: Request) -> list[Any]:
        sql, parameters = _sql(request, self.choice.get(id(request), ""), self.columns)
        return self.db.execute(sql, parameters).fetchall()


def _plain(bounds: list[str]) -> list[str]:
    asked = ", ".join(bounds)
    return [RANK, f"package, {asked}" if asked else "package", *([asked] if asked else [])]


def _covering(bounds: list[str]) -> list[str]:
    asked = ", ".join(["package", *bounds])
    leads = [f"{lead}{column}, " for column in bounds for lead in ("", "package, ")]
    return [f"{lead}{RANK}, {asked}" for lead in ("", "package, ", *leads)]


class Duckdb:
    """DuckDB in memory, its own choice of everything, all cores."""

    def __init__(self, fast: Path, requests: Sequence[Request]) -> None:
        import duckdb

        self.db = duckdb.connect()
        with closing(sqlite3.connect(f"file:{fast}?mode=ro", uri=True)) as source:
            for name in sorted({request["component_type"] for request in requests}):
                table = FAMILIES[name]["table"]
                cursor = source.execute(f"SELECT * FROM {table}")
                names = [column[0] for column in cursor.description]
                columns = dict(zip(names, zip(*cursor.fetchall(), strict=True), strict=True))
                arrays = {name: _array(values) for name, values in columns.items()}
                self.db.register("given", arrays)
                self.db.execute(f"CREATE TABLE {table} AS SELECT * FROM given")
                self.db.unregister("given")

    def __call__(self, request: Request) -> list[Any]:
        sql, parameters = _sql(request)
        return self.db.execute(sql, parameters).fetchall()


class Numpy:
    """Arrays in rank order, every filter over all rows, then the first matches."""

    def __init__(self, fast: Path, requests: Sequence[Request]) -> None:
        self.columns: dict[str, dict[str, Any]] = {}
        with closing(sqlite3.connect(f"file:{fast}?mode=ro", uri=True)) as source:
            for name in {request["component_type"] for request in requests}:
                cursor = source.execute(f"SELECT * FROM {FAMILIES[name]['table']} ORDER BY {RANK}")
                names = [column[0] for column in cursor.description]
                values = zip(*cursor.fetchall(), strict=True)
                self.columns[name] = {n: _array(v) for n, v in zip(names, values, strict=True)}
                texts = self.columns[name]["package"]
                self.columns[name]["package"], codes = np.unique(texts, return_inverse=True)
                self.columns[name]["package codes"] = codes.astype(np.uint16)

    def __call__(self, request: Request) -> list[Any]:
        columns = self.columns[request["component_type"]]
        found, qty, limit = conditions(request)
        mask = columns["stock"] >= qty
        for column, sign, value in found:
            if column == "package":
                mask &= columns["package codes"] == np.searchsorted(columns["package"], value)
            elif sign == ">=":
                mask &= columns[column] >= value
            else:
                mask &= columns[column] <= value
        rows = np.flatnonzero(mask)[:limit]
        return [(lcsc_id,) for lcsc_id in columns["lcsc_id"][rows].tolist()]


def _array(values: Sequence[Any]) -> Any:
    """NULL becomes NaN, which no comparison matches."""
    if any(isinstance(value, str) for value in values):
        return np.array([value or "" for value in values])
    if all(isinstance(value, int) for value in values):
        return np.array(values, dtype=np.int64)
    return np.array([np.nan if value is None else value for value in values])


def test_all_engines_find_the_same_rows(tmp_path: Path) -> None:
    from components.transform.lookup_testing import write_fast

    fast = write_fast(tmp_path / "fast.sqlite", 300)
    requests: list[Request] = [
        {
            "component_type": "resistor",
            "ranges": {"resistance": {"minimum": 0.01, "maximum": 99.0}},
        },
        {"component_type": "resistor", "package": "R0402", "qty": 5, "limit": 7},
        {"component_type": "capacitor", "ranges": {"max_voltage": {"minimum": 1.0}}, "limit": 400},
    ]
    engines: list[Any] = [engine(fast, requests) for engine in (Sqlite, Duckdb, Numpy)]
    engines.append(Sqlite(fast, requests, covering=True))
    for request in requests:
        engines[0].prepare(request)
        engines[3].prepare(request)
        wanted, parameters = _sql(request)
        rows = [row[0] for row in engines[0].db.execute(wanted, parameters)]
        assert rows
        for engine in engines:
            assert [row[0] for row in engine(request)] == rows, type(engine)
