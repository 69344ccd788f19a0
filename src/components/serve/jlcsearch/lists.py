"""Answers a list: the best-stocked parts of its families that are what is asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import orjson

from components.core.errors import SnapshotError
from components.families import categories, family_named
from components.families.model import fold
from components.serve.jlcsearch.packages import Packages
from components.serve.jlcsearch.question import Condition, conditions, read
from components.serve.jlcsearch.table import Flag, Held, Number, Source, Table, Word
from components.serve.searching import no_search
from components.serve.services import Services
from components.serve.snapshot import Snapshot

ROWS_MAX = 100
# Questions whose answers, some ten kilobytes each, are kept.
REMEMBERED_MAX = 512
_BASE = (
    "p.lcsc_id, c.part_number, p.package, c.description, p.stock, p.is_basic, p.is_preferred,"
    " p.unit_price, c.attributes_json"
)
_BASE_COUNT = 9

_PACKAGES = "SELECT value FROM vocabulary WHERE family = ? AND column_name = 'package'"

Found = tuple[int, int]
"""Stock, and the part's number."""
Part = dict[str, Any]


class Known:
    """What was found out about one snapshot, which never changes; any thread may add to it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._filing = categories()
        self._packages: dict[str, Packages] = {}
        self._members: dict[tuple[str, tuple[str, ...]], frozenset[int]] = {}
        self._found: dict[Hashable, list[Found]] = {}

    def packages(self, family: str) -> Packages:
        """Those that the parts of a family have. Raises Refusal (503) in an old snapshot."""
        if family not in self._packages:
            try:
                with self.snapshot.database("search.sqlite") as search:
                    rows = search.execute(_PACKAGES, (family,)).fetchall()
            except SnapshotError:
                raise no_search() from None
            self._packages[family] = Packages(row[0] for row in rows)
        return self._packages[family]

    def members(self, db: sqlite3.Connection, source: Source) -> frozenset[int]:
        """The parts of a family that are of the source's categories, by their present name."""
        key = source.family, source.categories
        if key not in self._members:
            rows = db.execute(
                "SELECT p.lcsc_id, c.subcategory, c.package, c.description"
                f" FROM {_table(source)} p JOIN detail.components_full c USING (lcsc_id)"
            )
            wanted = {fold(name) for name in source.categories}
            self._members[key] = frozenset(
                row[0] for row in rows if fold(self._filing.file(*row[1:]).category) in wanted
            )
        return self._members[key]

    def best(
        self, db: sqlite3.Connection, source: Source, wanted: Sequence[Condition]
    ) -> list[Found]:
        """Stock downward, at most :data:`ROWS_MAX`."""
        where = " AND ".join([sql for sql, _ in wanted] or ["1"])
        values = [value for _, each in wanted for value in each]
        key = (source.family, source.categories, where, tuple(values))
        if (found := self._found.get(key)) is not None:
            return found
        limit = "" if source.categories else f" LIMIT {ROWS_MAX}"
        rows: Iterator[Any] = db.execute(
            f"SELECT p.stock, p.lcsc_id FROM {_table(source)} p WHERE {where}"
            f" ORDER BY p.stock DESC, p.lcsc_id{limit}",
            values,
        )
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
                if wanted is not None and asked.package is not None:
                    packages = known.packages(source.family).matching(asked.package)
                    # The plus keeps SQLite from choosing the package's index.
                    sign = "+" if asked.has_value(table) else ""
                    wanted = [*wanted, _in_packages(sign, packages)] if packages else None
                if wanted is not None:
                    best = known.best(db, source, wanted)
                    found += [(-stock, number, source) for stock, number in best]
            found = sorted(found, key=lambda one: one[:2])[:ROWS_MAX]
            return {table.key or table.route: _parts(db, table, found)}


def _table(source: Source) -> str:
    return family_named(source.family).table


def _in_packages(sign: str, packages: Sequence[str]) -> Condition:
    return f"{sign}p.package IN ({', '.join('?' * len(packages))})", list(packages)


def _parts(
    db: sqlite3.Connection, table: Table, found: Sequence[tuple[int, int, Source]]
) -> list[Part]:
    parts: dict[int, Part] = {}
    for source in table.sources:
        if ids := [number for _, number, its in found if its is source]:
            parts |= _read(db, table, source, ids)
    return [parts[number] for _, number, _ in found]


def _read(
    db: sqlite3.Connection, table: Table, source: Source, ids: Sequence[int]
) -> dict[int, Part]:
    held = [(name, source.columns.get(name)) for name in table.names]
    columns = [
        f"p.{one.column}" if isinstance(one, Number | Word | Flag) else "NULL" for _, one in held
    ]
    sql = (
        f"SELECT {', '.join([_BASE, *columns])} FROM {_table(source)} p"
        " JOIN detail.components_full c ON c.lcsc_id = p.lcsc_id"
        " WHERE p.lcsc_id IN (SELECT value FROM json_each(?))"
    )
    parts = {}
    for row in db.execute(sql, (orjson.dumps(list(ids)).decode(),)):
        part = _base(row)
        for (name, one), value in zip(held, row[_BASE_COUNT:], strict=True):
            part[name] = _shown(one, value)
        if table.attributes:
            part["attributes"] = _attributes(row["attributes_json"], table.attributes)
        parts[part["lcsc"]] = part
    return parts


def _base(row: sqlite3.Row) -> Part:
    number, name, package, description, stock, is_basic, is_preferred, price = row[:8]
    return {
        "lcsc": number,
        "mfr": name,
        "package": package,
        "description": description,
        "is_basic": bool(is_basic),
        "is_preferred": bool(is_preferred),
        "is_extended_promotional": bool(is_preferred and not is_basic),
        "stock": stock,
        "in_stock": stock > 0,
        "price1": price,
    }


def _shown(held: Held | None, value: Any) -> Any:
    """A value under jlcsearch's name, in its unit; null where it is not known."""
    if isinstance(held, bool | str):
        return held
    if value is None or held is None:
        return None
    if isinstance(held, Number):
        # Twelve digits hide what the scale makes of the last ones.
        return value if held.scale == 1 else float(f"{value * held.scale:.12g}")
    if isinstance(held, Flag):
        return bool(set(value.split("+")) & set(held.words))
    theirs = (word for word, ours in held.words.items() if value in ours)
    return next(theirs, None) or (value if held.is_code else value.lower())


def _attributes(text: str, names: Mapping[str, str]) -> dict[str, str]:
    try:
        given = orjson.loads(text)
    except ValueError:
        return {}
    if not isinstance(given, dict):
        return {}
    found = {theirs: given.get(ours) for theirs, ours in names.items()}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def test_values_are_shown_in_jlcsearch_s_units() -> None:
    assert _shown(Number("peak_wavelength_m", 1e9), 4.7e-7) == 470
    assert _shown(Number("tolerance_pct", 0.01), 1.0) == 0.01
    assert _shown(Number("position_count"), 4) == 4
    assert _shown(Flag("mounting", ("RIGHT_ANGLE",)), "PANEL+RIGHT_ANGLE") is True
    assert _shown(Flag("mounting", ("RIGHT_ANGLE",)), "PANEL") is False
    assert _shown(Flag("mounting", ("RIGHT_ANGLE",)), None) is None
    assert _shown(Word("color_code", {"green": ("GREEN", "EMERALD")}), "EMERALD") == "green"
    assert _shown(Word("series", is_code=True), "XH") == "XH" and _shown(Word("x"), "Y") == "y"
    assert _shown(False, None) is False
