"""Other engines that answer the lookup's questions, to measure it against.

Each gives the best rows, in order, ``lcsc_id`` first. None of them reads JSON or writes a reply,
which the library does, so that the comparison is in their favour.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from components.serve import reference
from components.testing.lookup import SCHEMA

Request = Mapping[str, Any]
Call = Callable[[], Any]
"""One question, ready to be asked: nothing is left to do but to answer it."""
CHUNK_ROWS = 100_000

FAMILIES = {family["name"]: family for family in SCHEMA["families"]}
RANK = "is_preferred DESC, is_basic DESC, stock DESC, lcsc_id"


class Conditions(NamedTuple):
    """What a question of ranges and a package asks: ``(column, operator, value)``, all of them."""

    found: list[tuple[str, str, Any]]
    qty: int
    limit: int


def conditions(request: Request) -> Conditions:
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
    limit = request.get("limit", reference.LIMIT_DEFAULT)
    return Conditions(found, request.get("qty", 0), limit)


def statement(
    request: Request, asked: Conditions, index: str = "", columns: str = "*"
) -> tuple[str, list[Any]]:
    """SQL that gives ``columns`` of the best rows, and its parameters."""
    wanted = ["stock >= ?", *(f"{column} {sign} ?" for column, sign, _ in asked.found)]
    table = FAMILIES[request["component_type"]]["table"]
    sql = f"SELECT {columns} FROM {table} {index} WHERE {' AND '.join(wanted)}"
    values = [value for _, _, value in asked.found]
    return f"{sql} ORDER BY {RANK} LIMIT ?", [asked.qty, *values, asked.limit]


def rows_of(fast: Path) -> int:
    """The rows of all families."""
    with closing(sqlite3.connect(f"file:{fast}?mode=ro", uri=True)) as db:
        counts = [db.execute(f"SELECT count(*) FROM {f['table']}") for f in FAMILIES.values()]
        return sum(count.fetchone()[0] for count in counts)


def _chunks(db: sqlite3.Connection, sql: str) -> Iterator[dict[str, Sequence[Any]]]:
    """Columns by name, of so many rows at a time that their objects fit into memory."""
    cursor = db.execute(sql)
    names = [column[0] for column in cursor.description]
    while rows := cursor.fetchmany(CHUNK_ROWS):
        yield dict(zip(names, zip(*rows, strict=True), strict=True))


class Duckdb:
    """DuckDB in memory, its own choice of everything, all cores."""

    def __init__(self, fast: Path, requests: Sequence[Request]) -> None:
        import duckdb

        self.db = duckdb.connect()
        with closing(sqlite3.connect(f"file:{fast}?mode=ro", uri=True)) as source:
            for name in sorted({request["component_type"] for request in requests}):
                table, columns = FAMILIES[name]["table"], FAMILIES[name]["columns"]
                types = {"real": "DOUBLE", "text": "VARCHAR"}
                own = [f"{column['name']} {types[column['kind']]}" for column in columns]
                common = ["lcsc_id BIGINT", "package VARCHAR", "stock BIGINT"]
                flags = ["is_basic BIGINT", "is_preferred BIGINT", "unit_price DOUBLE"]
                self.db.execute(f"CREATE TABLE {table} ({', '.join([*common, *flags, *own])})")
                real = {column["name"] for column in columns if column["kind"] == "real"}
                real.add("unit_price")
                # NaN stands for NULL, which DuckDB takes for the largest number.
                taken = [f"nullif({n}, 'NaN') AS {n}" for n in sorted(real)]
                for chunk in _chunks(source, f"SELECT * FROM {table}"):
                    self.db.register("given", {n: _array(v) for n, v in chunk.items()})
                    replaced = f"SELECT * REPLACE ({', '.join(taken)}) FROM given"
                    self.db.execute(f"INSERT INTO {table} BY NAME {replaced}")
                    self.db.unregister("given")

    def call(self, request: Request) -> Call:
        sql, parameters = statement(request, conditions(request))
        return lambda: self.db.execute(sql, parameters).fetchall()


class Numpy:
    """Arrays in rank order, every filter over all rows, then the first matches."""

    def __init__(self, fast: Path, requests: Sequence[Request]) -> None:
        self.columns: dict[str, dict[str, Any]] = {}
        self.packages: dict[str, int] = {}
        asked: dict[str, set[str]] = {}
        for request in requests:
            found = asked.setdefault(request["component_type"], {"package"})
            found.update(column for column, _, _ in conditions(request).found)
        with closing(sqlite3.connect(f"file:{fast}?mode=ro", uri=True)) as source:
            for name, columns in asked.items():
                names = ", ".join(["lcsc_id", "stock", *sorted(columns)])
                sql = f"SELECT {names} FROM {FAMILIES[name]['table']} ORDER BY {RANK}"
                chunks = [self._arrays(chunk) for chunk in _chunks(source, sql)]
                self.columns[name] = {n: np.concatenate([c[n] for c in chunks]) for n in chunks[0]}

    def _arrays(self, chunk: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        known = self.packages
        codes = [known.setdefault(text, len(known)) for text in chunk["package"]]
        arrays = {name: _array(values) for name, values in chunk.items() if name != "package"}
        return arrays | {"package": np.array(codes, dtype=np.uint16)}

    def call(self, request: Request) -> Call:
        columns = self.columns[request["component_type"]]
        found, qty, limit = conditions(request)
        found = [
            (column, sign, self.packages.get(value, -1) if column == "package" else value)
            for column, sign, value in found
        ]

        def answer() -> list[Any]:
            mask = columns["stock"] >= qty
            for column, sign, value in found:
                if sign == "=":
                    mask &= columns[column] == value
                elif sign == ">=":
                    mask &= columns[column] >= value
                else:
                    mask &= columns[column] <= value
            rows = np.flatnonzero(mask)[:limit]
            return [(lcsc_id,) for lcsc_id in columns["lcsc_id"][rows].tolist()]

        return answer


def _array(values: Sequence[Any]) -> Any:
    """NULL becomes NaN, which no comparison of NumPy matches; among texts it stays."""
    if any(isinstance(value, str) for value in values):
        return np.array(values, dtype=object)
    if all(isinstance(value, int) for value in values):
        return np.array(values, dtype=np.int64)
    return np.array([np.nan if value is None else value for value in values])


def test_all_engines_find_the_same_rows(tmp_path: Path) -> None:
    from components.testing.lookup import write_fast

    fast = write_fast(tmp_path / "fast.sqlite", 300)
    requests: list[Request] = [
        {
            "component_type": "resistor",
            "ranges": {"resistance": {"minimum": 0.01, "maximum": 99.0}},
        },
        {"component_type": "resistor", "package": "R0402", "qty": 5, "limit": 7},
        {"component_type": "capacitor", "ranges": {"max_voltage": {"minimum": 1.0}}, "limit": 400},
    ]
    for engine in (Duckdb(fast, requests), Numpy(fast, requests)):
        for request in requests:
            wanted, parameters = statement(request, conditions(request))
            with closing(sqlite3.connect(fast)) as db:
                rows = [row[0] for row in db.execute(wanted, parameters)]
            assert rows
            assert [row[0] for row in engine.call(request)()] == rows, type(engine)
