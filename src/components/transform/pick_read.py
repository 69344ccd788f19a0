"""One pass over the source: each part filed, read and staged by its family.

Rows are staged in databases of their own, in the order of part numbers, so that memory does not
grow with the catalogue. Two processes share a large one, by part number.
"""

from __future__ import annotations

import gc
import multiprocessing
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.families import Family, categories, families_of, family_named, room_of
from components.families.model import COMMON_COLUMNS
from components.families.reading import Reader
from components.source import catalogue
from components.source.catalogue import open_catalogue, reading
from components.source.digest import text_of
from components.source.prices import price_of_one
from components.transform.attributes import attributes_of
from components.transform.pick_letters import Letters, Makers

SHARED_FROM = 20_000
"""Parts from which a second process is worth its start."""
BATCH = 2_000
PRICES_MAX = 1 << 15
FLAGGED = (1, "1")


@dataclass
class Findings:
    """What a pass found: where the rows are staged, and what was counted, by family."""

    staged: list[Path] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    quarantine: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    disagreed: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Parts by room and the name at their description's end that no family declares."""
    makers: Makers = field(default_factory=Counter)

    def add(self, other: Findings) -> None:
        self.staged += other.staged
        self.rejected += other.rejected
        self.unknown += other.unknown
        self.makers += other.makers
        for mine, theirs in (
            (self.quarantine, other.quarantine),
            (self.disagreed, other.disagreed),
        ):
            for name, counts in theirs.items():
                mine.setdefault(name, Counter()).update(counts)


def read_source(source: Path, rooms: Sequence[str], max_components: int, folder: Path) -> Findings:
    """Stage the parts of ``rooms`` below ``folder``. Raises :class:`SourceError`."""
    with closing(open_catalogue(source, max_components)) as connection, reading(source):
        (parts,) = connection.execute("SELECT count(*) FROM part_rows").fetchone()
        (middle,) = connection.execute(
            "SELECT lcsc FROM part_rows ORDER BY lcsc LIMIT 1 OFFSET ?", (parts // 2,)
        ).fetchone()
    if parts < SHARED_FROM:
        return _read(source, rooms, max_components, folder / "0.sqlite", None, None)
    with (
        _uncollected(),
        ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool,
    ):
        later = pool.submit(_read, source, rooms, max_components, folder / "1.sqlite", middle, None)
        findings = _read(source, rooms, max_components, folder / "0.sqlite", None, middle)
        findings.add(later.result())
    return findings


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for cycles: a pass makes none, and millions of objects to search."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(
    source: Path,
    rooms: Sequence[str],
    max_components: int,
    staged: Path,
    first: int | None,
    end: int | None,
) -> Findings:
    """Read the parts from number ``first`` to before ``end`` into ``staged``."""
    pass_ = _Pass(rooms, staged)
    bounds = {"first": -(1 << 63) if first is None else first, "end": end}
    with closing(open_catalogue(source, max_components)) as connection, reading(source):
        subcategories = {one.id: one.subcategory for one in catalogue.categories(connection)}
        parts = connection.execute(
            "SELECT category_id, package, description, lcsc, stock, basic, preferred, price,"
            # Of the longest text only the attributes are read: it stays as its bytes.
            " manufacturer_id, mfr, CAST(extra AS BLOB), jlc_extra FROM part_rows"
            " WHERE lcsc >= :first AND (:end IS NULL OR lcsc < :end) ORDER BY lcsc",
            bounds,
        )
        for part in parts:
            pass_.take(subcategories.get(part[0], ""), part)
    return pass_.finish()


class _Shelf:
    """One family's reader and the rows that wait to be staged."""

    def __init__(self, family: Family, makers: Makers) -> None:
        self.family = family
        self.reader = Reader(family)
        self.letters = Letters(family, makers) if family.letter else None
        self.rows: list[tuple[Any, ...]] = []
        self.derived: list[tuple[Any, ...]] = []
        self.packages: dict[str, str | None] = {}

    def package(self, text: str) -> str | None:
        try:
            return self.packages[text]
        except KeyError:
            found = self.packages[text] = self.family.canonical_package(text)
            return found


class _Pass:
    def __init__(self, rooms: Sequence[str], staged: Path) -> None:
        self._findings = Findings(staged=[staged])
        self._categories = categories()
        self._shelves = {
            family.name: _Shelf(family, self._findings.makers)
            for room in rooms
            for family in families_of(room)
        }
        self._rejected: list[tuple[int, str, str]] = []
        self._prices: dict[Any, float | None] = {}
        self._db = sqlite3.connect(staged, isolation_level=None)
        for setting in ("journal_mode = OFF", "synchronous = OFF", "page_size = 16384"):
            self._db.execute(f"PRAGMA {setting}")
        for shelf in self._shelves.values():
            names = ", ".join(shelf.family.column_names)
            self._db.execute(f"CREATE TABLE {shelf.family.table} ({names})")
            if shelf.letters:
                self._db.execute(f"CREATE TABLE {shelf.family.table}_derived (maker, {names})")
        self._db.execute("CREATE TABLE rejected (lcsc_id, family, reason)")
        self._db.execute("BEGIN")

    def take(self, subcategory: str, part: tuple[Any, ...]) -> None:
        """File, read and stage one part."""
        package_text, description = text_of(part[1]), text_of(part[2])
        filed = self._categories.file(subcategory, package_text, description)
        shelf = self._shelves.get(filed.family)
        if shelf is None:
            return
        if filed.unknown:
            self._findings.unknown[room_of(filed.family), filed.unknown] += 1
        _, _, _, lcsc_id, stock, basic, preferred, price, maker, mfr, extra, jlc_extra = part
        attributes = attributes_of(extra, jlc_extra)
        if shelf.family.elsewhere and (other := shelf.family.elsewhere(attributes)):
            shelf = self._shelves.get(other, shelf)
        values, reason = shelf.reader.read(
            attributes, description, filed.category, package_text, filed.end
        )
        package = shelf.package(package_text)
        derived = False
        if shelf.letters is not None:
            values, derived = shelf.letters.read(values, reason, text_of(mfr), maker)
        # Any type can stand in any SQLite column; what is no number of pieces is none.
        if not isinstance(stock, int) or stock <= 0:
            reason = "out of stock"
        elif package is None:
            reason = "no package"
        elif derived or reason is None:
            flags = int(basic in FLAGGED), int(preferred in FLAGGED)
            row = (lcsc_id, package, stock, *flags, self._price(price), *values)
            if derived:
                shelf.derived.append((maker, *row))
            else:
                shelf.rows.append(row)
            if len(shelf.rows) + len(shelf.derived) >= BATCH:
                self._stage(shelf)
            return
        self._rejected.append((lcsc_id, shelf.family.name, reason or ""))
        self._findings.rejected[shelf.family.name] += 1
        if len(self._rejected) >= BATCH:
            self._stage_rejected()

    def _price(self, text: Any) -> float | None:
        try:
            return self._prices[text]
        except KeyError:
            if len(self._prices) >= PRICES_MAX:
                self._prices.clear()
            price = self._prices[text] = price_of_one(text)
            return price

    def _stage(self, shelf: _Shelf) -> None:
        width = len(COMMON_COLUMNS) + len(shelf.family.columns)
        marks = ", ".join("?" * width)
        self._db.executemany(f"INSERT INTO {shelf.family.table} VALUES ({marks})", shelf.rows)
        if shelf.derived:
            self._db.executemany(
                f"INSERT INTO {shelf.family.table}_derived VALUES (?, {marks})", shelf.derived
            )
        shelf.rows.clear()
        shelf.derived.clear()

    def _stage_rejected(self) -> None:
        self._db.executemany("INSERT INTO rejected VALUES (?, ?, ?)", self._rejected)
        self._rejected.clear()

    def finish(self) -> Findings:
        """Stage what waits; what was found."""
        for name, shelf in self._shelves.items():
            self._stage(shelf)
            unread = {(column, text): n for column, text, n in shelf.reader.quarantine()}
            self._findings.quarantine[name] = Counter(unread)
            self._findings.disagreed[name] = shelf.reader.disagreed
        self._stage_rejected()
        self._db.execute("COMMIT")
        self._db.close()
        return self._findings


def room_of_part(subcategory: str, package: str, description: str) -> str:
    """The room that a part's row stands in."""
    return room_of(_filing().file(subcategory, package, description).family)


_filings: list[Any] = []


def _filing() -> Any:
    if not _filings:
        _filings.append(categories())
    return _filings[0]


def test_a_part_is_in_the_room_of_its_family() -> None:
    assert room_of_part("Zener", "0402", "1Ω 0402 Chip Resistor - Surface Mount") == "passive"
    assert family_named("resistor").table == "resistor_pick"
