"""Answers a list: the best-stocked parts of its families that are what is asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from components.core.errors import SnapshotError
from components.families import categories
from components.families.model import fold
from components.serve.jlcsearch.packages import Packages
from components.serve.jlcsearch.question import Condition, conditions, read
from components.serve.jlcsearch.rows import Part, Rows, table_of
from components.serve.jlcsearch.table import Source, Table
from components.serve.searching import no_search
from components.serve.services import Services
from components.serve.snapshot import Snapshot

ROWS_MAX = 100
# Questions whose answers, some ten kilobytes each, are kept.
REMEMBERED_MAX = 512
# Where packages hold more parts of a family, the best are soon found in the order of rank.
COMMON_MIN = 500
# Within each of these the ranking index of a pick table has its parts by stock.
_RANKS = tuple(
    f"p.is_preferred = {preferred} AND p.is_basic = {basic}"
    for preferred in (0, 1)
    for basic in (0, 1)
)
_PACKAGES = "SELECT value, parts FROM vocabulary WHERE family = ? AND column_name = 'package'"

Found = tuple[int, int]
"""Stock, and the part's number."""


class Known:
    """What was found out about one snapshot, which never changes; any thread may add to it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._filing = categories()
        self._packages: dict[str, tuple[Packages, dict[str, int]]] = {}
        self._rows: dict[tuple[str, str], Rows] = {}
        self._members: dict[tuple[str, tuple[str, ...]], frozenset[int]] = {}
        self._found: dict[Hashable, list[Found]] = {}

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

    def members(self, db: sqlite3.Connection, source: Source) -> frozenset[int]:
        """The parts of a family that are of the source's categories, by their present name."""
        key = source.family, source.categories
        if key not in self._members:
            rows = db.execute(
                "SELECT p.lcsc_id, c.subcategory, c.package, c.description"
                f" FROM {table_of(source)} p JOIN detail.components_full c USING (lcsc_id)"
            )
            wanted = {fold(name) for name in source.categories}
            self._members[key] = frozenset(
                row[0] for row in rows if fold(self._filing.file(*row[1:]).category) in wanted
            )
        return self._members[key]

    def best(
        self,
        db: sqlite3.Connection,
        source: Source,
        wanted: Sequence[Condition],
        *,
        is_selective: bool,
    ) -> list[Found]:
        """Stock downward, at most :data:`ROWS_MAX`.

        ``is_selective``: few parts are what is wanted, and an index finds them; else the best are
        sought in the order of the index that ranks them.
        """
        where = " AND ".join([sql for sql, _ in wanted] or ["1"])
        values = [value for _, each in wanted for value in each]
        key = (source.family, source.categories, where, tuple(values))
        if (found := self._found.get(key)) is not None:
            return found
        limit = "" if source.categories else f" LIMIT {ROWS_MAX}"
        one = f"SELECT p.stock, p.lcsc_id FROM {table_of(source)} p WHERE {where}"
        order = f" ORDER BY p.stock DESC, p.lcsc_id{limit}"
        rows: Iterator[Any]
        if is_selective or source.categories:
            rows = db.execute(one + order, values)
        else:
            each = (f"SELECT * FROM ({one} AND {rank}{order})" for rank in _RANKS)
            sql = f"{' UNION ALL '.join(each)} ORDER BY 1 DESC, 2{limit}"
            rows = db.execute(sql, values * len(_RANKS))
        if source.categories:
            members = self.members(db, source)
            rows = (row for row in rows if row[1] in members)
        found = [(row[0], row[1]) for row in islice(rows, ROWS_MAX)]
        if len(self._found) >= REMEMBERED_MAX:
            self._found.clear()
        self._found[key] = found
        return found


class Lists:
    """Of one worker."""

    def __init__(self, services: Services) -> None:
        self._known: Known | None = None

    def answer(
        self, snapshot: Snapshot, table: Table, parameters: Iterable[tuple[str, str]]
    ) -> dict[str, list[Part]]:
        """``{key: parts}``: at most :data:`ROWS_MAX`, stock downward.

        Raises :class:`Refusal` (422) for parameters that are not understood.
        """
        asked = read(table, parameters)
        known = self._known
        if known is None or known.snapshot is not snapshot:
            known = self._known = Known(snapshot)
        found: list[tuple[int, int, Source]] = []
        with snapshot.database("fast.sqlite") as db:
            for source in table.sources:
                wanted = conditions(table, source, asked)
                if wanted is None:
                    continue
                is_selective = asked.has_indexed_value(table, source)
                if asked.package is not None:
                    packages, parts = known.packages(source.family, asked.package)
                    if not packages:
                        continue
                    is_common = is_selective or parts >= COMMON_MIN
                    is_selective = is_selective or not is_common
                    # The plus keeps SQLite from choosing the package's index.
                    wanted = [*wanted, _in_packages("+" if is_common else "", packages)]
                best = known.best(db, source, wanted, is_selective=is_selective)
                found += [(-stock, number, source) for stock, number in best]
            found = sorted(found, key=lambda one: one[:2])[:ROWS_MAX]
            shown: dict[int, Part] = {}
            for source in table.sources:
                if ids := [number for _, number, its in found if its is source]:
                    shown |= known.rows(table, source).read(db, ids)
        return {table.key or table.route: [shown[number] for _, number, _ in found]}


def _in_packages(sign: str, packages: Sequence[str]) -> Condition:
    return f"{sign}p.package IN ({', '.join('?' * len(packages))})", list(packages)
