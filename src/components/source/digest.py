"""What the source holds, as digests: of the whole, and of what each room's tables depend on.

They let a plan tell which products a new source makes stale without building anything: a change
of one part's stock changes the digest of its room and of the whole, and no other.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import multiprocessing
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from components.source.catalogue import categories, count_by_block, open_catalogue, reading
from components.source.origin import read_meta

# A room's tables may depend on these columns of `part_rows` only, and on the names of categories;
# not on a part's datasheet, its manufacturer's name or its time of update.
ROOM_COLUMNS = (
    *("lcsc", "category_id", "package", "description", "mfr", "joints", "basic", "preferred"),
    *("stock", "price", "manufacturer_id", "extra", "jlc_extra"),
)
OTHER_COLUMNS = ("datasheet", "last_update")
_EXTRA = ROOM_COLUMNS.index("extra")
BLOCK = 1 << 20
"""Part numbers that are digested together; a digest is of its blocks' digests."""
SHARED_FROM = 20_000
"""Parts from which a second process is worth its start."""
RoomOf = Callable[[str, str, str], str]
"""The room of a part's subcategory, package and description."""


@dataclass(frozen=True)
class SourceDigest:
    """``whole`` and each of ``rooms`` are SHA-256 in hexadecimal.

    ``rooms`` holds the rooms that the source has parts of.
    """

    whole: str
    rooms: dict[str, str]
    parts: int


class Taker(Protocol):
    """Takes the parts of one stretch of numbers, in order."""

    def take(self, number: int, chosen: Any, datasheet: Any, extra: Any) -> None:
        """A part, what the condition gave for it, and its columns of those names, as bytes."""

    def end(self) -> Any:
        """What came of it; it goes from one process to another."""


class Lists(Protocol):
    """What is made of the parts in the same pass."""

    condition: str
    """SQL over a part's columns."""

    def unusable(self, error: Exception) -> Exception:
        """What is raised where the condition fails on some part."""

    def split(self, start: int) -> bool:
        """Whether another process may take the parts from ``start``."""

    def lister(self, first: int | None, end: int | None) -> Taker:
        """What takes the parts from ``first`` to before ``end``."""

    def finish(self, stretches: Sequence[Any]) -> list[str]:
        """Put together what came of all stretches."""


ListsOf = Callable[[sqlite3.Connection, int], Lists]


class _Block(NamedTuple):
    number: int
    parts: int
    rooms: dict[str, str]
    """Digests of :data:`ROOM_COLUMNS`."""
    rest: str
    """Digest of :data:`OTHER_COLUMNS`."""


def digest_source(
    path: Path, max_components: int, room_of: RoomOf, lists: ListsOf | None = None
) -> tuple[SourceDigest, list[str]]:
    """Digests of the catalogue at ``path`` (see ``open_catalogue``), in constant memory.

    ``lists`` is asked, with the opened catalogue and its number of parts, for what takes each part
    on the way; the second value is what came of that. Two processes share a large catalogue; the
    digests do not depend on that. Raises :class:`SourceError`, and what ``lists`` raises.
    """
    with closing(open_catalogue(path, max_components)) as connection, reading(path):
        counts = count_by_block(connection, BLOCK)
        parts = sum(count for _, count in counts)
        takers = lists(connection, parts) if lists else None
        named = categories(connection)
        meta = read_meta(connection)
        connection.text_factory = bytes
        makers = connection.execute("SELECT id, name FROM manufacturers ORDER BY id").fetchall()
    start = _middle(counts, parts) * BLOCK
    passes = _Passes(path, max_components, room_of, takers)
    if parts < SHARED_FROM or len(counts) < 2 or (takers and not takers.split(start)):
        stretches = [passes.read(None, None)]
    else:
        with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
            _inherited.append(passes)
            later = pool.submit(_read_inherited, start, None)
            stretches = [passes.read(None, start), later.result()]
            _inherited.clear()
    blocks = [block for stretch in stretches for block in stretch[0]]
    names = _sha256([list(category) for category in named])
    # What belongs to no part: the makers' names, and what the source says of itself.
    beside = hashlib.sha256(_dump((makers, sorted(meta.items())))).hexdigest()
    rest = _sha256([[block.rest for block in blocks], beside])
    rooms = {
        room: _sha256([names, [(b.number, b.rooms[room]) for b in blocks if room in b.rooms]])
        for room in sorted({room for block in blocks for room in block.rooms})
    }
    digest = SourceDigest(
        whole=_sha256([names, rooms, rest]),
        rooms=rooms,
        parts=sum(block.parts for block in blocks),
    )
    return digest, takers.finish([taken for _, taken in stretches]) if takers else []


def _middle(counts: Sequence[tuple[int, int]], parts: int) -> int:
    """The block that begins the second half, at least the second block."""
    before = 0
    for block, count in counts:
        if before and before + count > parts // 2:
            return block
        before += count
    return counts[-1][0]


# What a forked process finds in its memory, and need not be pickled.
_inherited: list[_Passes] = []


def _read_inherited(first: int | None, end: int | None) -> tuple[list[_Block], Any]:
    return _inherited[0].read(first, end)


@dataclass(frozen=True)
class _Passes:
    """Reads stretches of the catalogue."""

    path: Path
    max_components: int
    room_of: RoomOf
    lists: Lists | None

    def read(self, first: int | None, end: int | None) -> tuple[list[_Block], Any]:
        """The blocks of part numbers from ``first`` to before ``end``, and what came of them."""
        bounds = f"lcsc >= {-(1 << 63) if first is None else first}"
        bounds += "" if end is None else f" AND lcsc < {end}"
        chosen = self.lists.condition if self.lists else "0"
        columns = ", ".join(ROOM_COLUMNS + OTHER_COLUMNS)
        taker = self.lists.lister(first, end) if self.lists else None
        with closing(open_catalogue(self.path, self.max_components)) as db, reading(self.path):
            subcategories = {one.id: one.subcategory for one in categories(db)}
            # Text as bytes saves decoding it all, and no ill-formed text can stop the pass.
            db.text_factory = bytes
            try:
                rows = db.execute(
                    f"SELECT {columns}, {chosen} FROM part_rows AS components"
                    f" WHERE {bounds} ORDER BY lcsc"
                )
                blocks = [
                    _block(number, group, subcategories, self.room_of, taker)
                    for number, group in groupby(rows, lambda row: row[0] // BLOCK)
                ]
            except sqlite3.OperationalError as error:
                if self.lists:
                    raise self.lists.unusable(error) from None
                raise
        return blocks, taker.end() if taker else None


def _block(
    number: int,
    rows: Any,
    subcategories: dict[Any, str],
    room_of: RoomOf,
    taker: Taker | None,
) -> _Block:
    hashers: dict[str, Any] = {}
    rest = hashlib.sha256()
    parts = 0
    cut = len(ROOM_COLUMNS)
    take = taker.take if taker else None
    for row in rows:
        room = room_of(subcategories.get(row[1], ""), text_of(row[2]), text_of(row[3]))
        hasher = hashers.get(room)
        if hasher is None:
            hasher = hashers[room] = hashlib.sha256()
        hasher.update(_dump(row[:cut]))
        rest.update(_dump((row[0], *row[cut:-1])))
        parts += 1
        if take:
            take(row[0], row[-1], row[cut], row[_EXTRA])
    digests = {key: hasher.hexdigest() for key, hasher in hashers.items()}
    return _Block(number, parts, digests, rest.hexdigest())


def text_of(value: Any) -> str:
    """A column's text, whatever type of value stands there; what is no UTF-8 is replaced."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)


def _dump(value: Any) -> bytes:
    # Version 2 of the format depends on values alone; later ones on reference counts too.
    return marshal.dumps(value, 2)


def _sha256(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def test_a_change_reaches_its_own_room_and_the_whole_only(tmp_path: Any) -> None:
    from components.testing.library import write_catalogue

    parts: list[dict[str, Any]] = [
        {"lcsc": 1, "subcategory": "R", "extra": {"a": "1kΩ"}},
        {"lcsc": 2, "subcategory": "C"},
        {"lcsc": 3, "subcategory": "X", "manufacturer": "Other"},
    ]

    def room_of(subcategory: str, package: str, description: str) -> str:
        return {"R": "passive", "C": "discrete"}.get(subcategory, "other")

    def digest(**change: Any) -> SourceDigest:
        path = write_catalogue(tmp_path / "s.sqlite3", [parts[0] | change, *parts[1:]])
        return digest_source(path, 0, room_of)[0]

    before = digest()
    assert before.parts == 3 and sorted(before.rooms) == ["discrete", "other", "passive"]
    assert digest() == before
    for change in (
        {"stock": 99}, {"extra": {"a": "2kΩ"}}, {"description": "x"}, {"preferred": 1},
        {"price": "[1]"},
    ):  # fmt: skip
        after = digest(**change)
        assert after.whole != before.whole, change
        assert after.rooms["passive"] != before.rooms["passive"], change
        assert after.rooms["discrete"] == before.rooms["discrete"], change
    after = digest(datasheet="d")
    assert after.whole != before.whole
    assert after.rooms == before.rooms


def test_dangling_categories_and_broken_texts_are_survived(tmp_path: Any) -> None:
    from components.testing.library import write_catalogue

    path = write_catalogue(tmp_path / "s.sqlite3", [{"lcsc": 1}, {"lcsc": 2}])
    with sqlite3.connect(path) as writer:
        writer.execute("UPDATE components SET category_id = 99 WHERE lcsc = 1")
        writer.execute("UPDATE components SET mfr = CAST(x'ff' AS TEXT), package = x'ff'")
    writer.close()
    digest, _ = digest_source(path, 0, lambda *texts: "other")
    assert (digest.parts, list(digest.rooms)) == (2, ["other"])


def test_a_second_process_changes_nothing(tmp_path: Any, monkeypatch: Any) -> None:
    import pytest

    from components.core.errors import SourceError
    from components.testing.library import write_catalogue

    numbers = [-5, 1, 2, BLOCK - 1, BLOCK, 3 * BLOCK + 7, 9 * BLOCK]
    path = write_catalogue(tmp_path / "s.sqlite3", [{"lcsc": number} for number in numbers])
    alone = [digest_source(path, most, lambda *texts: "any") for most in (0, 1, 4)]
    monkeypatch.setattr("components.source.digest.SHARED_FROM", 1)
    assert [digest_source(path, most, lambda *texts: "any") for most in (0, 1, 4)] == alone
    assert [digest.parts for digest, _ in alone] == [7, 1, 4]
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 4096] + b"\xff" * 4096)
    with pytest.raises(SourceError, match="damaged"):
        digest_source(path, 0, lambda *texts: "any")
