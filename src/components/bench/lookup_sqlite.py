"""SQLite as the lookup's rival: in memory, with every index that could help a question."""

from __future__ import annotations

import enum
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from components.bench.lookup_rivals import (
    FAMILIES,
    RANK,
    Call,
    Conditions,
    Request,
    conditions,
    statement,
)

# An index is given up for a question once it has taken so many times as long as another.
PATIENCE = 2
PATIENCE_MIN_S = 0.002
PATIENCE_FIRST_S = 5.0
STEPS_BETWEEN_LOOKS = 1000


class Kind(enum.Enum):
    """How the questions are put, and what is given."""

    PLANNED = "the index of its choice, whole rows"
    BEST = "each question's best index, whole rows"
    REWRITTEN = "questions rewritten by hand, best index, whole rows"
    COVERING = "covering indexes for these questions, numbers only"


class Sqlite:
    """Tables of the families that are asked of, with indexes for all orders of what is asked."""

    def __init__(self, fast: Path, requests: Sequence[Request], kind: Kind) -> None:
        self.kind = kind
        self.db = sqlite3.connect(":memory:", uri=True, check_same_thread=False)
        self.db.execute("ATTACH ? AS given", (f"file:{fast}?mode=ro&immutable=1",))
        asked: dict[str, set[str]] = {}
        for request in requests:
            columns = asked.setdefault(request["component_type"], set())
            columns.update(column for column, _, _ in self._conditions(request).found)
        self.indexes: dict[str, list[str]] = {}
        for family, columns in asked.items():
            table = FAMILIES[family]["table"]
            self._copy(table)
            bounds = sorted(columns - {"package"})
            wanted = covering(bounds) if kind is Kind.COVERING else plain(bounds)
            self.indexes[family] = [
                self._index(f"best_{family}_{number}", table, keys)
                for number, keys in enumerate(wanted)
            ]
        self.db.execute("ANALYZE main")

    def _copy(self, table: str) -> None:
        (create,) = self.db.execute(
            "SELECT sql FROM given.sqlite_schema WHERE name = ?", (table,)
        ).fetchone()
        self.db.execute(create)
        self.db.execute(f"INSERT INTO main.{table} SELECT * FROM given.{table}")

    def _index(self, name: str, table: str, keys: str) -> str:
        self.db.execute(f"CREATE INDEX {name} ON {table} ({keys})")
        return name

    def _conditions(self, request: Request) -> Conditions:
        asked = conditions(request)
        return _with_nominal(request, asked) if self.kind is Kind.REWRITTEN else asked

    def call(self, request: Request) -> Call:
        """What asks ``request``, by the index that answers it fastest."""
        asked = self._conditions(request)
        columns = "lcsc_id" if self.kind is Kind.COVERING else "*"
        names = [] if self.kind is Kind.PLANNED else self.indexes[request["component_type"]]
        took: dict[str, float] = {}
        for index in ("", *(f"INDEXED BY {name}" for name in names)):
            sql, parameters = statement(request, asked, index, columns)
            limit_s = PATIENCE * min(took.values()) if took else PATIENCE_FIRST_S
            elapsed_s = self._timed(sql, parameters, max(limit_s, PATIENCE_MIN_S))
            if elapsed_s is not None:
                took[sql] = elapsed_s
        best = min(took, key=took.__getitem__, default=statement(request, asked, "", columns)[0])
        execute = self.db.execute
        return lambda: execute(best, parameters).fetchall()

    def _timed(self, sql: str, parameters: list[Any], limit_s: float) -> float | None:
        """The second of two runs, or None where the index does not fit, or takes longer."""
        first_s = self._once(sql, parameters, limit_s)
        return None if first_s is None else self._once(sql, parameters, limit_s)

    def _once(self, sql: str, parameters: list[Any], limit_s: float) -> float | None:
        started_s = time.perf_counter()
        self.db.set_progress_handler(
            lambda: time.perf_counter() - started_s > limit_s, STEPS_BETWEEN_LOOKS
        )
        try:
            self.db.execute(sql, parameters).fetchall()
        except sqlite3.OperationalError:
            return None
        finally:
            self.db.set_progress_handler(None, 0)
        return time.perf_counter() - started_s


def _with_nominal(request: Request, asked: Conditions) -> Conditions:
    """The bounds of a part's band are bounds of its nominal value too, which has an index."""
    more = []
    for column in FAMILIES[request["component_type"]]["columns"]:
        bounds = {column["minimum_column"]: ">=", column["maximum_column"]: "<="}
        more += [
            (column["name"], sign, value)
            for place, sign, value in asked.found
            if bounds.get(place) == sign and place != column["name"]
        ]
    return asked._replace(found=[*asked.found, *more])


def plain(bounds: list[str]) -> list[str]:
    """The order of answers; what is asked of, in every order of two, with and without package."""
    keys = [", ".join(order) for order in _orders(bounds)]
    return [RANK, f"package, {RANK}", "package", *keys, *(f"package, {one}" for one in keys)]


def _orders(bounds: list[str]) -> list[list[str]]:
    """Each column first, the others after it."""
    return [[first, *(other for other in bounds if other != first)] for first in bounds]


def covering(bounds: list[str]) -> list[str]:
    """Each column first, then the order of answers, then all that is asked of."""
    asked = ", ".join(["package", *bounds])
    leads = [f"{lead}{column}, " for column in bounds for lead in ("", "package, ")]
    return [f"{lead}{RANK}, {asked}" for lead in ("", "package, ", *leads)]


def test_every_index_is_tried_and_the_nominal_value_is_bounded_too(tmp_path: Path) -> None:
    from components.testing.lookup import write_fast

    fast = write_fast(tmp_path / "fast.sqlite", 300)
    with closing(sqlite3.connect(fast)) as db, db:
        # Rows by chance alone may have their nominal value outside of its band; parts never do.
        db.execute(
            "DELETE FROM resistor_pick WHERE NOT ifnull("
            "resistance_ohm BETWEEN resistance_min_ohm AND resistance_max_ohm, 0)"
        )
    request: Request = {
        "component_type": "resistor",
        "package": "R0402",
        "ranges": {"resistance": {"minimum": 0.5, "maximum": 99.0}},
    }
    wanted = [row[0] for row in Sqlite(fast, [request], Kind.PLANNED).call(request)()]
    assert wanted
    for kind in Kind:
        rival = Sqlite(fast, [request], kind)
        assert [row[0] for row in rival.call(request)()] == wanted
    asked = _with_nominal(request, conditions(request))
    assert [found[:2] for found in asked.found] == [
        ("package", "="),
        ("resistance_min_ohm", ">="),
        ("resistance_max_ohm", "<="),
        ("resistance_ohm", ">="),
        ("resistance_ohm", "<="),
    ]
    assert plain(["a", "b"])[3:] == ["a, b", "b, a", "package, a, b", "package, b, a"]


def test_an_index_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    from components.testing.lookup import write_fast

    request: Request = {"component_type": "resistor"}
    rival = Sqlite(write_fast(tmp_path / "fast.sqlite", 300), [request], Kind.BEST)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT * FROM n"
    assert rival._timed(endless, [], 0.01) is None
    assert rival._timed("SELECT 1", [], 0.01) is not None
