"""Answers a list: the best-stocked parts of its families that are what is asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Hashable, Iterable, Iterator, Sequence
from heapq import merge
from itertools import islice, repeat

import orjson

from components.core.errors import SnapshotError
from components.families import categories
from components.families.model import fold
from components.serve.jlcsearch.packages import Packages
from components.serve.jlcsearch.question import Asked, Condition, conditions, read
from components.serve.jlcsearch.rows import Part, Rows, table_of
from components.serve.jlcsearch.table import Source, Table
from components.serve.jlcsearch.tables import TABLES
from components.serve.searching import no_search
from components.serve.snapshot import Snapshot

ROWS_MAX = 100
# Questions whose answers, some ten kilobytes each, are kept.
REMEMBERED_MAX = 512
# Where packages hold more parts of a family, the best are soon found in the order of rank.
COMMON_MIN = 500
# Parts whose categories are looked up at a time; most lists are full after the first.
FILED_AT_ONCE = 2 * ROWS_MAX
# Within each of these the ranking index of a pick table has its parts by stock.
_RANKS = tuple(
    f"p.is_preferred = {preferred} AND p.is_basic = {basic}"
    for preferred in (0, 1)
    for basic in (0, 1)
)
_PACKAGES = "SELECT value, parts FROM vocabulary WHERE family = ? AND column_name = 'package'"
_TEXTS = (
    "SELECT lcsc_id, subcategory, package, description FROM detail.components_full"
    " WHERE lcsc_id IN (SELECT value FROM json_each(?))"
)

Found = tuple[int, int]
"""Stock, and the part's number."""


class Known:
    """What was found out about one snapshot, which never changes; any thread may add to it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._filing = categories()
        self._packages: dict[str, tuple[Packages, dict[str, int]]] = {}
        self._rows: dict[tuple[str, str], Rows] = {}
        self._filed: dict[str, dict[int, str]] = {}
        self._best: dict[Hashable, list[tuple[int, Source]]] = {}

    def packages(self, family: str, text: str) -> tuple[list[str], int]:
        """Those of a family that ``text`` names, and how many of its parts are in them.

        Raises :class:`Refusal` (503) in an old snapshot.
        """
        if family not in self._packages:
            try:
                with self.snapshot.database("search.sqlite") as search:
                    counts = {row[0]: row[1] for row in search.execute(_PACKAGES, (family,))}
            except SnapshotError:
                raise no_search() from None
            self._packages[family] = Packages(counts), counts
        packages, counts = self._packages[family]
        found = packages.matching(text)
        return found, sum(counts[package] for package in found)

    def rows(self, table: Table, source: Source) -> Rows:
        """What reads the rows of a source as the table's parts."""
        key = table.route, source.family
        if key not in self._rows:
            self._rows[key] = Rows(table, source)
        return self._rows[key]

    def of_categories(
        self, db: sqlite3.Connection, source: Source, parts: Iterator[Found]
    ) -> Iterator[Found]:
        """Those of ``parts`` that are of the source's categories, by their present name."""
        wanted = {fold(name) for name in source.categories}
        filed = self._filed.setdefault(source.family, {})
        while some := list(islice(parts, FILED_AT_ONCE)):
            if unfiled := [number for _, number in some if number not in filed]:
                for row in db.execute(_TEXTS, (orjson.dumps(unfiled).decode(),)):
                    filed[row[0]] = fold(self._filing.file(*row[1:]).category)
            yield from (part for part in some if filed[part[1]] in wanted)

    def stocked(
        self,
        db: sqlite3.Connection,
        source: Source,
        wanted: Sequence[Condition],
        *,
        is_selective: bool,
    ) -> Iterator[Found]:
        """What is wanted of a source, by stock downward, read as far as it is taken.

        ``is_selective``: few parts are what is wanted, and an index finds them; else the best are
        sought in the order of the index that ranks them.
        """
        where = " AND ".join([sql for sql, _ in wanted] or ["1"])
        values = [value for _, each in wanted for value in each]
        one = f"SELECT p.stock, p.lcsc_id FROM {table_of(source)} p WHERE {where}"
        order = " ORDER BY p.stock DESC, p.lcsc_id"
        if not source.categories:
            order += f" LIMIT {ROWS_MAX}"
        if is_selective:
            found = _pairs(db, one + order, values)
        else:
            ranks = [_pairs(db, f"{one} AND {rank}{order}", values) for rank in _RANKS]
            found = merge(*ranks, key=_rank)
        return self.of_categories(db, source, found) if source.categories else found

    def best(self, db: sqlite3.Connection, table: Table, asked: Asked) -> list[tuple[int, Source]]:
        """The parts of a list with their sources, stock downward, at most :data:`ROWS_MAX`."""
        key = (table.route, asked.package, repr(asked.common), tuple(sorted(asked.named.items())))
        if (known := self._best.get(key)) is not None:
            return known
        found: list[Iterator[tuple[Found, Source]]] = []
        for source in table.sources:
            wanted = conditions(table, source, asked)
            if wanted is None:
                continue
            is_selective = asked.has_indexed_value(table, source)
            if asked.package is not None:
                packages, parts = self.packages(source.family, asked.package)
                if not packages:
                    continue
                is_common = is_selective or parts >= COMMON_MIN
                is_selective = is_selective or not is_common
                # The plus keeps SQLite from choosing the package's index.
                wanted = [*wanted, _in_packages("+" if is_common else "", packages)]
            parts_found = self.stocked(db, source, wanted, is_selective=is_selective)
            found.append(zip(parts_found, repeat(source)))
        ranked = merge(*found, key=lambda one: _rank(one[0]))
        best = [(part[1], source) for part, source in islice(ranked, ROWS_MAX)]
        if len(self._best) >= REMEMBERED_MAX:
            self._best.clear()
        self._best[key] = best
        return best


def _rank(part: Found) -> Found:
    return -part[0], part[1]


def _pairs(db: sqlite3.Connection, sql: str, values: Sequence[object]) -> Iterator[Found]:
    cursor = db.cursor()
    cursor.row_factory = None
    return cursor.execute(sql, values)


def known_of(snapshot: Snapshot) -> Known:
    """Read when it is first asked for, and let go with the snapshot."""
    return snapshot.kept(Known, lambda: Known(snapshot))


def warm(snapshot: Snapshot) -> None:
    """Read what the first request for each list would read."""
    known = known_of(snapshot)
    for table in TABLES.values():
        answer(snapshot, table, ())
        for source in table.sources:
            known.packages(source.family, "")


def answer(
    snapshot: Snapshot, table: Table, parameters: Iterable[tuple[str, str]]
) -> dict[str, list[Part]]:
    """``{key: parts}``: at most :data:`ROWS_MAX`, stock downward.

    Raises :class:`Refusal` (422) for parameters that are not understood.
    """
    asked = read(table, parameters)
    known = known_of(snapshot)
    shown: dict[int, Part] = {}
    with snapshot.database("fast.sqlite") as db:
        best = known.best(db, table, asked)
        for source in table.sources:
            if ids := [number for number, its in best if its is source]:
                shown |= known.rows(table, source).read(db, ids)
    return {table.key or table.route: [shown[number] for number, _ in best]}


def _in_packages(sign: str, packages: Sequence[str]) -> Condition:
    # The text is the same for any number of them, so that SQLite prepares it once.
    names = "SELECT value FROM json_each(?)"
    return f"{sign}p.package IN ({names})", [orjson.dumps(packages).decode()]
