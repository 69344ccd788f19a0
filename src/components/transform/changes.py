"""What changed between two snapshots: parts, stock, prices, library types, and what our code reads.

Both are attached to one connection and joined by part number, which both are sorted by, so that
memory stays small however many parts there are. A *reading* changed where a part's value differs
while its texts do not: that is our code's doing, not the catalogue's.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.core.database import attached_input, tables
from components.core.errors import ConfigError
from components.families.schema import lookup_schema
from components.source.prices import tiers, unit_price

PRICE_SHARE = 0.1
KINDS = ("new", "gone", "out_of_stock", "back", "dearer", "cheaper", "library", "reading")
_SAME_TEXTS = (
    "o.attributes_json = n.attributes_json AND o.description = n.description"
    " AND o.package = n.package AND o.subcategory = n.subcategory AND o.category = n.category"
)
_ONLY = """SELECT a.lcsc_id, a.manufacturer, a.part_number FROM {a}.components_full a
WHERE a.lcsc_id > ? AND NOT EXISTS (
    SELECT 1 FROM {b}.components_full b WHERE b.lcsc_id = a.lcsc_id)
ORDER BY a.lcsc_id"""
_BOTH = """SELECT n.lcsc_id, n.manufacturer, n.part_number, o.stock, n.stock, o.is_basic,
    n.is_basic, o.is_preferred, n.is_preferred, o.price_json, n.price_json
FROM old_detail.components_full o CROSS JOIN new_detail.components_full n ON n.lcsc_id = o.lcsc_id
WHERE o.lcsc_id > ? AND ((o.stock > 0) <> (n.stock > 0) OR o.is_basic <> n.is_basic
    OR o.is_preferred <> n.is_preferred OR o.price_json <> n.price_json)
ORDER BY o.lcsc_id"""


@dataclass(frozen=True)
class Change:
    """One thing that changed of one part."""

    kind: str
    lcsc_id: int
    manufacturer: str
    part_number: str
    before: Any = None
    after: Any = None
    """Stock, price of one piece, library type, or for a reading the values by column."""
    section: str = field(default="", compare=False)

    @property
    def cursor(self) -> str:
        """Where the list goes on behind this part."""
        return f"{self.section}:{self.lcsc_id}"

    def told(self) -> dict[str, Any]:
        names = ("kind", "lcsc_id", "manufacturer", "part_number", "before", "after")
        return {name: getattr(self, name) for name in names}


class Comparison:
    """Two snapshots side by side; closed by the ``with`` statement."""

    def __init__(self, old: Path, new: Path, price_share: float = PRICE_SHARE) -> None:
        """``old`` and ``new`` are folders with ``detail.sqlite`` and ``fast.sqlite``."""
        self.price_share = price_share
        self._stack = ExitStack()
        try:
            self._db = sqlite3.connect(":memory:", uri=True, check_same_thread=False)
            self._stack.enter_context(closing(self._db))
            for name, folder in (("old", old), ("new", new)):
                for kind in ("detail", "fast"):
                    path = folder / f"{kind}.sqlite"
                    attached = attached_input(self._db, path, f"{name}_{kind}")
                    self._stack.enter_context(attached)
            self._columns = self._comparable()
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self) -> Comparison:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def changes(self, cursor: str | None = None) -> Iterator[Change]:
        """All changes, or those behind a part's :attr:`Change.cursor`, by section and part.

        Raises :class:`ConfigError` for a cursor that is none.
        """
        sections = ["new", "gone", "both", *(f"reading-{name}" for name in self._columns)]
        first, behind = _position(cursor, sections)
        for place, section in enumerate(sections[first:]):
            yield from self._section(section, behind if place == 0 else -1)

    def readings(self) -> tuple[int, int]:
        """How many parts are read differently, and how many were compared."""
        changed = compared = 0
        for family in self._columns:
            changed += sum(1 for _ in self._readings(family, -1))
            sql = (
                f"SELECT count(*) FROM old_fast.{family}_pick o"
                f" JOIN new_fast.{family}_pick n USING (lcsc_id)"
            )
            compared += self._db.execute(sql).fetchone()[0]
        return changed, compared

    def _section(self, section: str, behind: int) -> Iterator[Change]:
        if section == "both":
            yield from self._both(behind)
        elif section.startswith("reading-"):
            yield from self._readings(section.removeprefix("reading-"), behind)
        else:
            a, b = ("new", "old") if section == "new" else ("old", "new")
            sql = _ONLY.format(a=f"{a}_detail", b=f"{b}_detail")
            for row in self._db.execute(sql, (behind,)):
                number, maker, part_number = row
                yield Change(section, number, maker, part_number, section=section)

    def _both(self, behind: int) -> Iterator[Change]:
        for row in self._db.execute(_BOTH, (behind,)):
            number, maker, part_number, old_stock, stock, *flags, old_price, price = row
            identity = number, maker, part_number
            for kind, before, after in (
                *_stock(old_stock, stock),
                *self._price(old_price, price),
                *_library(*flags),
            ):
                yield Change(kind, *identity, before=before, after=after, section="both")

    def _price(self, old: str, new: str) -> Iterator[tuple[str, float, float]]:
        if old == new:
            return
        before, after = unit_price(tiers(old)), unit_price(tiers(new))
        if before is None or after is None:
            return
        if after >= before * (1 + self.price_share) and after > before:
            yield "dearer", before, after
        elif after <= before * (1 - self.price_share) and after < before:
            yield "cheaper", before, after

    def _readings(self, family: str, behind: int) -> Iterator[Change]:
        columns = self._columns[family]
        differs = " OR ".join(f"p.{name} IS NOT q.{name}" for name in columns)
        both = ", ".join(f"p.{name}, q.{name}" for name in columns)
        # The pick tables are joined first: few of their rows differ.
        sql = f"""SELECT n.lcsc_id, n.manufacturer, n.part_number, {both}
            FROM old_fast.{family}_pick p
            CROSS JOIN new_fast.{family}_pick q ON q.lcsc_id = p.lcsc_id
            CROSS JOIN old_detail.components_full o ON o.lcsc_id = p.lcsc_id
            CROSS JOIN new_detail.components_full n ON n.lcsc_id = p.lcsc_id
            WHERE p.lcsc_id > ? AND ({differs}) AND {_SAME_TEXTS} ORDER BY p.lcsc_id"""
        for row in self._db.execute(sql, (behind,)):
            before, after = {}, {}
            for place, name in enumerate(columns):
                if (pair := row[3 + 2 * place : 5 + 2 * place])[0] != pair[1]:
                    before[name], after[name] = pair
            number, maker, part_number = row[:3]
            section = f"reading-{family}"
            yield Change("reading", number, maker, part_number, before, after, section)

    def _comparable(self) -> dict[str, list[str]]:
        """Columns that both snapshots have, by family; a new column is no changed reading."""
        old, new = tables(self._db, "old_fast"), tables(self._db, "new_fast")
        found: dict[str, list[str]] = {}
        for family in lookup_schema()["families"]:
            table = family["table"]
            names = ["package", *(column["name"] for column in family["columns"])]
            common = [n for n in names if n in old.get(table, ()) and n in new.get(table, ())]
            if common:
                found[family["name"]] = common
        return found


def counts(comparison: Comparison) -> dict[str, int]:
    """How many changes there are of each kind."""
    found = Counter(change.kind for change in comparison.changes())
    return {kind: found[kind] for kind in KINDS}


def sentence(name: str, found: Mapping[str, int]) -> str:
    """The line of a summary.

    >>> sentence("a", {"new": 2, "reading": 0})
    'since a: 2 new, 0 gone, 0 out of stock, 0 back, 0 dearer, 0 cheaper, 0 library, 0 reading'
    """
    told = ", ".join(f"{found.get(kind, 0):,} {kind.replace('_', ' ')}" for kind in KINDS)
    return f"since {name}: {told}"


def _position(cursor: str | None, sections: list[str]) -> tuple[int, int]:
    if not cursor:
        return 0, -1
    section, _, number = cursor.rpartition(":")
    if section not in sections or not number.isdecimal() or len(number) > 16:
        raise ConfigError(f"after: {cursor[:80]!r} is no `next` of an answer")
    return sections.index(section), int(number)


def _stock(before: int, after: int) -> Iterator[tuple[str, int, int]]:
    if before > 0 >= after:
        yield "out_of_stock", before, after
    elif after > 0 >= before:
        yield "back", before, after


def _library(old_basic: int, basic: int, old_preferred: int, preferred: int) -> Iterator[Any]:
    before, after = _type(old_basic, old_preferred), _type(basic, preferred)
    if before != after:
        yield "library", before, after


def _type(is_basic: int, is_preferred: int) -> str:
    return "basic" if is_basic else "preferred" if is_preferred else "extended"


def test_each_kind_of_change_is_told(tmp_path: Path) -> None:
    from components.testing.server import first_part
    from components.testing.transform import FIRST_PART, build_snapshot

    old = build_snapshot(tmp_path / "old", rows=3).fast.parent
    new = build_snapshot(tmp_path / "new", rows=3).fast.parent
    a = first_part("bjt", 3)
    b, c = a + 1, a + 2
    price = 'UPDATE components_full SET price_json = \'[{"qFrom":1,"price":%s}]\''
    with closing(sqlite3.connect(old / "detail.sqlite")) as db:
        db.executescript(
            f"{price % 1}; UPDATE components_full SET stock = 5;"
            f"DELETE FROM components_full WHERE lcsc_id = {a}"
        )
    with closing(sqlite3.connect(new / "detail.sqlite")) as db:
        db.executescript(
            f"{price % 1.05}; {price % 2} WHERE lcsc_id = {b}; {price % 0.5} WHERE lcsc_id = {c};"
            f"UPDATE components_full SET stock = 0, is_basic = 1 WHERE lcsc_id = {b};"
            "UPDATE components_full SET is_preferred = 0, description = 'x'"
            f" WHERE lcsc_id = {FIRST_PART};"
        )
    with closing(sqlite3.connect(new / "fast.sqlite")) as db:
        db.executescript(
            f"UPDATE bjt_pick SET max_power_w = NULL, stock = 9 WHERE lcsc_id IN ({a}, {c});"
        )
    with Comparison(old, new) as comparison:
        found = list(comparison.changes())
        told = [(one.kind, one.lcsc_id, one.before, one.after) for one in found]
        assert told == [
            ("new", a, None, None),
            ("library", FIRST_PART, "preferred", "extended"),
            ("out_of_stock", b, 5, 0),
            ("dearer", b, 1.0, 2.0),
            ("library", b, "preferred", "basic"),
            ("cheaper", c, 1.0, 0.5),
            ("reading", c, {"max_power_w": 1.0}, {"max_power_w": None}),
        ]
        assert comparison.readings()[0] == 1
        for one in found:
            behind = list(comparison.changes(one.cursor))
            assert behind == [
                change
                for change in found[found.index(one) :]
                if (change.section, change.lcsc_id) != (one.section, one.lcsc_id)
            ]
    with Comparison(new, old) as comparison:
        assert counts(comparison)["gone"] == 1 and counts(comparison)["back"] == 1
