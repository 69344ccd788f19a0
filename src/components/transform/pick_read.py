"""One pass over the source: each part filed, read and staged by its family.

Rows are staged in databases of their own, in the order of part numbers, so that memory does not
grow with the catalogue. Two processes share a large one, by part number.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.core.garbage import uncollected
from components.families import categories, family_named, room_of
from components.families.category import Filed
from components.families.model import COMMON_COLUMNS
from components.families.reading import Counts
from components.source import catalogue
from components.source.catalogue import count_by_block, open_catalogue, reading
from components.source.digest import text_of
from components.source.prices import price_of_one
from components.transform.pick_letters import Makers
from components.transform.pick_readings import COLUMNS, Kept, Reading, digest_of, packed
from components.transform.pick_shelf import Room, Shelf

SHARED_FROM = 20_000
"""Parts from which a second process is worth its start."""
BATCH = 2_000
BLOCK = 1 << 16
"""Part numbers that are counted together."""
LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1
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


Earlier = Mapping[str, Path | None]
"""Rooms whose readings are kept, and the file that has those of the same code, if any."""


def read_source(
    source: Path,
    rooms: Sequence[str],
    max_components: int,
    folder: Path,
    earlier: Earlier | None = None,
) -> Findings:
    """Stage the parts of ``rooms`` below ``folder``. Raises :class:`SourceError`."""
    earlier = earlier or {}
    with closing(open_catalogue(source, max_components)) as connection, reading(source):
        parts, middle = _parts_and_middle(connection)
    given = source, rooms, max_components, earlier
    if parts < SHARED_FROM:
        return _read(*given, folder / "0.sqlite", LOWEST, HIGHEST)
    with (
        uncollected(),
        ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool,
    ):
        later = pool.submit(_read, *given, folder / "1.sqlite", middle, HIGHEST)
        findings = _read(*given, folder / "0.sqlite", LOWEST, middle - 1)
        findings.add(later.result())
    return findings


def _parts_and_middle(connection: sqlite3.Connection) -> tuple[int, int]:
    """How many parts there are, and a number that as many of them lie below as not, nearly."""
    counts = count_by_block(connection, BLOCK)
    parts = sum(count for _, count in counts)
    below, place = 0, 0
    while 2 * (below + counts[place][1]) <= parts:
        below += counts[place][1]
        place += 1
    block, count = counts[place]
    return parts, int(block * BLOCK + BLOCK * (parts - 2 * below) // (2 * count))


def _read(
    source: Path,
    rooms: Sequence[str],
    max_components: int,
    earlier: Earlier,
    staged: Path,
    first: int,
    last: int,
) -> Findings:
    """Read the parts of numbers from ``first`` to ``last`` into ``staged``."""
    kept = {room: Kept(path, first) for room, path in earlier.items()}
    pass_ = _Pass(rooms, staged, kept)
    with closing(open_catalogue(source, max_components)) as connection, reading(source):
        subcategories = {one.id: one.subcategory for one in catalogue.categories(connection)}
        parts = connection.execute(
            "SELECT category_id, package, description, lcsc, stock, basic, preferred, price,"
            # Of the longest text only the attributes are read: it stays as its bytes.
            " manufacturer_id, mfr, CAST(extra AS BLOB), jlc_extra FROM part_rows"
            " WHERE lcsc BETWEEN ? AND ? ORDER BY lcsc",
            (first, last),
        )
        for part in parts:
            pass_.take(subcategories.get(part[0], ""), part)
    return pass_.finish()


class _Pass:
    def __init__(self, rooms: Sequence[str], staged: Path, kept: Mapping[str, Kept]) -> None:
        self._findings = Findings(staged=[staged])
        self._categories = categories()
        self._rooms = [Room(room, kept.get(room)) for room in rooms]
        self._shelves = {shelf.family.name: shelf for room in self._rooms for shelf in room.shelves}
        for name in self._shelves:
            self._findings.quarantine[name] = Counter()
            self._findings.disagreed[name] = Counter()
        self._rejected: list[tuple[int, str, str]] = []
        self._db = sqlite3.connect(staged, isolation_level=None)
        for setting in ("journal_mode = OFF", "synchronous = OFF", "page_size = 16384"):
            self._db.execute(f"PRAGMA {setting}")
        for shelf in self._shelves.values():
            names = ", ".join(shelf.family.column_names)
            self._db.execute(f"CREATE TABLE {shelf.family.table} ({names})")
            if shelf.letters:
                self._db.execute(f"CREATE TABLE {shelf.family.table}_derived (maker, {names})")
        for room in self._rooms:
            self._db.execute(f"CREATE TABLE {room.table} {COLUMNS}")
        self._db.execute("CREATE TABLE rejected (lcsc_id, family, reason)")
        self._db.execute("BEGIN")

    def take(self, subcategory: str, part: tuple[Any, ...]) -> None:
        """File, read and stage one part."""
        _, package_text, description, lcsc_id, stock, basic, preferred, price, maker = part[:9]
        # Any type can stand in any SQLite column.
        if type(package_text) is not str or type(description) is not str:
            package_text, description = text_of(package_text), text_of(description)
        filed = self._categories.file(subcategory, package_text, description)
        shelf = self._shelves.get(filed.family)
        if shelf is None:
            return
        if filed.unknown:
            self._findings.unknown[room_of(filed.family), filed.unknown] += 1
        reading = self._reading(shelf, filed, lcsc_id, package_text, description, part[9:])
        place, reason, derived, agrees, counted, values = reading
        shelf = shelf.room.shelves[place]
        if agrees is not None:
            self._findings.makers[shelf.family.name, maker, agrees] += 1
        if counted:
            self._count(shelf.family.name, counted)
        package = shelf.packages[package_text]
        # What is no number of pieces is none.
        if not isinstance(stock, int) or stock <= 0:
            reason = "out of stock"
        elif package is None:
            reason = "no package"
        elif derived or reason is None:
            flags = int(basic in FLAGGED), int(preferred in FLAGGED)
            row = (lcsc_id, package, stock, *flags, price_of_one(price), *values)
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

    def _reading(
        self,
        shelf: Shelf,
        filed: Filed,
        lcsc_id: int,
        package: str,
        description: str,
        texts: tuple[Any, ...],
    ) -> Reading:
        """The part's reading: the kept one, or a new one."""
        room = shelf.room
        if room.kept is None:
            return shelf.read(filed, package, description, texts)
        digest = digest_of((filed[:3], package, description, texts))
        if (found := room.kept.find(lcsc_id, digest)) is not None:
            content, reading = found
        else:
            reading = shelf.read(filed, package, description, texts)
            content = packed(digest, reading)
        room.readings.append((lcsc_id, content))
        if len(room.readings) >= BATCH:
            self._stage_readings(room)
        return reading

    def _count(self, family: str, counted: tuple[Counts, Counts]) -> None:
        for counts, items in (
            (self._findings.quarantine[family], counted[0]),
            (self._findings.disagreed[family], counted[1]),
        ):
            for column, text, count in items:
                counts[column, text] += count

    def _stage(self, shelf: Shelf) -> None:
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

    def _stage_readings(self, room: Room) -> None:
        self._db.executemany(f"INSERT INTO {room.table} VALUES (?, ?)", room.readings)
        room.readings.clear()

    def finish(self) -> Findings:
        """Stage what waits; what was found."""
        for shelf in self._shelves.values():
            self._stage(shelf)
        for room in self._rooms:
            self._stage_readings(room)
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


def test_the_middle_halves_the_parts_nearly() -> None:
    highest = (1 << 63) - 1
    for numbers in ([5], [-highest, highest], [1, 1 << 40, 1 << 41], [*range(0, 9_000_000, 7000)]):
        with closing(sqlite3.connect(":memory:")) as db:
            db.execute("CREATE TABLE part_rows (lcsc INTEGER PRIMARY KEY)")
            db.executemany("INSERT INTO part_rows VALUES (?)", [(number,) for number in numbers])
            parts, middle = _parts_and_middle(db)
        assert parts == len(numbers) and LOWEST < middle <= HIGHEST
        below = sum(number < middle for number in numbers)
        assert abs(2 * below - parts) <= max(1, parts // 50), middle
