"""A night reads what changed alone, and its files are those of a build from nothing, byte for byte.

The parts are the bundled ones, of every family; each night some of them come, go, move to another
room, say something else, or what they said before.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from components.bundled.catalogue import parts
from components.core.layout import Layout
from components.families import room_of, rooms
from components.families.reading import Reader
from components.graph.graph import RECEIPTS
from components.operate.compare import first_difference, products
from components.source.catalogue import open_catalogue
from components.testing.library import library, write_catalogue
from components.testing.operate import source_row
from components.testing.pipeline import Pipeline
from components.transform import pick_letters, pick_read
from components.transform.pick import build_picks
from components.transform.pick_readings import TABLE

CODE = dict.fromkeys(rooms(), "1")
Row = dict[str, Any]


def rows() -> dict[int, Row]:
    """The bundled parts by number, as a source has them."""
    return {part.lcsc: source_row(part) for part in parts()}


def restocked(row: Row, other: Row) -> Row:
    return row | {"stock": other["stock"], "price": other["price"], "basic": other["preferred"]}


def sold_out(row: Row, other: Row) -> Row:
    return row | {"stock": 0}


def moved(row: Row, other: Row) -> Row:
    """In the place of another part, which is mostly of another room."""
    return other | {"lcsc": row["lcsc"]}


def said_otherwise(row: Row, other: Row) -> Row:
    return row | {"extra": other["extra"], "jlc_extra": row["extra"]}


def described_otherwise(row: Row, other: Row) -> Row:
    return row | {"description": f"{other['description']} ±3%", "package": other["package"]}


def numbered_otherwise(row: Row, other: Row) -> Row:
    return row | {"mfr": other["mfr"], "manufacturer": other["manufacturer"]}


def unreadable(row: Row, other: Row) -> Row:
    said = {name: f"?{text}?" for name, text in row["extra"].get("attributes", {}).items()}
    return row | {"extra": {"attributes": said}}


CHANGES: tuple[Callable[[Row, Row], Row], ...] = (
    *(restocked, sold_out, moved, said_otherwise, described_otherwise, numbered_otherwise),
    unreadable,
)


class Nights:
    """A folder whose files were built night after night."""

    def __init__(self, folder: Path, only: str | None = None) -> None:
        self.folder = folder
        self.rooms = [only] if only else list(rooms())
        self.files = folder / "nights"
        self.builds = 0

    def build(self, given: Iterable[Row]) -> None:
        """A night, and a build from nothing beside it: the same bytes."""
        source = write_catalogue(self.folder / "source.sqlite3", given)
        build_picks(self.rooms, source, self.files, codes=CODE)
        self.builds += 1
        cold = self.folder / f"cold-{self.builds}"
        build_picks(self.rooms, source, cold, codes=CODE)
        for room in self.rooms:
            night, whole = (folder / f"{room}.sqlite" for folder in (self.files, cold))
            assert night.read_bytes() == whole.read_bytes(), first_difference(night, whole)


def counted_reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The description of every part that is read from now on."""
    read, found = Reader.read, list[str]()

    def reading(self: Reader, attributes: Any, description: str, *others: Any) -> Any:
        found.append(description)
        return read(self, attributes, description, *others)

    monkeypatch.setattr(Reader, "read", reading)
    return found


def test_nights_of_every_kind_of_change_leave_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whether a maker's letters are trusted changes from night to night.
    monkeypatch.setattr(pick_letters, "PARTS_MIN", 2)
    draw = random.Random(17)
    original = rows()
    given, nights = dict(original), Nights(tmp_path)
    for night in range(6):
        # Every second night is shared by two processes.
        monkeypatch.setattr(pick_read, "SHARED_FROM", 10 if night % 2 else 10**6)
        nights.build(draw.sample(list(given.values()), len(given)))
        for number in draw.sample(sorted(original), 200):
            fate = draw.randrange(10)
            if fate < len(CHANGES):
                row = given.get(number, original[number])
                given[number] = CHANGES[fate](row, original[draw.choice(sorted(original))])
            elif fate == len(CHANGES):
                given.pop(number, None)
            else:
                given[number] = original[number]
    nights.build(original.values())


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: str(change.__name__))
def test_only_a_part_whose_texts_changed_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Row, Row], Row]
) -> None:
    given = rows()
    first, *_, last = given.values()
    build = tmp_path / "pick"
    source = write_catalogue(tmp_path / "source.sqlite3", given.values())
    build_picks(rooms(), source, build, codes=CODE)
    write_catalogue(source, (given | {first["lcsc"]: change(first, last)}).values())
    read = counted_reads(monkeypatch)
    build_picks(rooms(), source, build, codes=CODE)
    assert len(read) == (0 if change in (restocked, sold_out) else 1)


def test_another_code_reads_its_room_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given, nights = rows().values(), Nights(tmp_path)
    nights.build(given)
    read = counted_reads(monkeypatch)
    source = tmp_path / "source.sqlite3"
    build_picks(rooms(), source, nights.files, codes=CODE | {"optical": "2"})
    with closing(open_catalogue(source)) as db:
        told = db.execute("SELECT subcategory, package, description FROM parts").fetchall()
    assert len(read) == sum(pick_read.room_of_part(*texts) == "optical" for texts in told) > 0
    # Nothing is known of what made a file of which no code was told.
    read.clear()
    build_picks(rooms(), source, nights.files)
    build_picks(rooms(), source, nights.files, codes=CODE)
    assert len(read) == 2 * len(given)


def test_a_damaged_or_earlier_file_is_read_anew(tmp_path: Path) -> None:
    room = room_of("resistor")
    given, nights = rows().values(), Nights(tmp_path, room)
    nights.build(given)
    path = nights.files / f"{room}.sqlite"
    whole = path.read_bytes()
    for wrong in (b"", b"x" * 9000, whole[: len(whole) // 2], whole[:4096] + b"\xff" * 4096):
        path.write_bytes(wrong)
        nights.build(given)
    for start in range(0, len(whole), len(whole) // 9):
        path.write_bytes(whole[:start] + b"\xa5" * 5000 + whole[start + 5000 :])
        nights.build(given)
    for statement in (
        "ALTER TABLE made_from DROP COLUMN code",
        f"DROP TABLE {TABLE}",
        f"UPDATE {TABLE} SET {TABLE} = zeroblob(40)",
        f"UPDATE {TABLE} SET {TABLE} = {TABLE} || x'00'",
        f"UPDATE {TABLE} SET {TABLE} = 'text'",
        f"DELETE FROM {TABLE} WHERE lcsc_id % 2",
    ):
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(statement)
        nights.build(given)


def test_a_nights_products_are_those_of_a_cold_run(tmp_path: Path) -> None:
    def run(name: str, source: Path) -> Layout:
        overlay = {"paths": {"source_sqlite": str(source)}, "stage1": {"enabled": False}}
        pipeline = Pipeline(tmp_path / name, overlay)
        if not pipeline.layout.library.exists():
            pipeline.layout.library.parent.mkdir(parents=True)
            pipeline.layout.library.symlink_to(library())
        pipeline.run().check()
        return pipeline.layout

    original = rows()
    source = write_catalogue(tmp_path / "source.sqlite3", original.values())
    run("nights", source)
    given, others = dict(original), list(original.values())
    for place, number in enumerate(sorted(original)[:300:6]):
        change = CHANGES[place % len(CHANGES)]
        given[number] = change(original[number], others[-1 - place])
    for number in sorted(original)[1:300:50]:
        given[number + 10**9] = given.pop(number) | {"lcsc": number + 10**9}
    write_catalogue(source, given.values())
    night, cold = run("nights", source), run("cold", source)
    made = products(night.root), products(cold.root)
    # A night leaves the snapshot before it too, and its receipts tell what it was compared with.
    compared = made[1].keys() - {f"build/{name}" for name in RECEIPTS}
    assert any(name.startswith("snapshots/") for name in compared)
    assert [name for name in sorted(compared) if made[0].get(name) != made[1][name]] == []
