"""The work lists of all shards, written while the source is read for its digest.

A shard at a time, so that memory does not grow with the catalogue. Which part is in which shard,
and which stay listed, is told by :mod:`components.fetch.shard_layout`.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from components.artifacts import GROUPS
from components.core.errors import StoreError
from components.fetch.shard_layout import LATE, RANGES, SHARDS, Lines, ShardLayout, write_list
from components.fetch.worklist import HEADING, clean_address, image_address


class Written(NamedTuple):
    """What a :class:`Lister` has done."""

    starts: list[int]
    highest: int
    first: Lines | None
    """The first shard's lines where others were before them, and those of the last shard."""
    last: Lines | None


class Lister:
    """Takes parts in order of their numbers; see :meth:`ShardLists.lister`."""

    def __init__(self, lists: ShardLayout, first: int | None, end: int | None) -> None:
        self._lists = lists
        self._late = lists.is_fresh and first is not None
        self._prefix = LATE if self._late else ""
        self._starts = [first or 0] if self._late else list(lists.starts)
        self._index = 0 if first is None or self._late else lists.index_of(first)
        self._until = None if end is None else lists.index_of(end - 1)
        self._grows = lists.grows and (lists.is_fresh or end is None)
        self._highest = lists.highest
        self._first: Lines | None = None
        self._last: Lines | None = None
        self._addresses = [GROUPS[group].address for group in lists.groups]
        self._open()

    def _open(self) -> None:
        self._lines: list[list[bytes]] = [[] for _ in self._lists.groups]
        self._add = list(zip(self._addresses, (lines.append for lines in self._lines), strict=True))
        self._count = 0
        self._listed: set[bytes] | None = None
        following = self._index + 1
        self._end = self._starts[following] if following < len(self._starts) else math.inf

    def _close(self) -> None:
        lines = dict(zip(self._lists.groups, self._lines, strict=True))
        if self._lists.is_shared(self._index):
            if self._until is None:
                self._first = lines
            else:
                self._last = lines
        else:
            self._lists.write(self._index, lines, self._prefix)

    def _next(self) -> None:
        self._close()
        self._index += 1
        self._open()

    def take(self, number: int, chosen: Any, datasheet: Any, extra: Any) -> None:
        """A part, whether the condition holds for it, and its columns of those names, as bytes."""
        while number >= self._end:
            self._next()
        if not chosen:
            if self._listed is None:
                self._listed = self._lists.listed(self._index)
            if b"%d" % number not in self._listed:
                return
        if number > self._highest:
            if self._grows and self._count >= self._lists.size and self._end is math.inf:
                self._starts.append(self._highest + 1)
                self._next()
            self._highest = number
        self._count += 1
        plain = b"%d\t\t\n" % number
        for address, add in self._add:
            if not address:
                add(plain)
            elif address == "datasheet_url":
                add(b"%d\t%b\t\n" % (number, clean_address(_text(datasheet)).encode()))
            else:
                add(b"%d\t\t%b\n" % (number, image_address(_text(extra)).encode()))

    def end(self) -> Written:
        """Write what is left."""
        last = len(self._starts) - 1
        if self._until is not None and not self._lists.is_fresh:
            last = self._until
        while self._index < last:
            self._next()
        self._close()
        return Written(self._starts, self._highest, self._first, self._last)


class ShardLists(ShardLayout):
    """Lays the lists out, and writes them."""

    def lister(self, first: int | None, end: int | None) -> Lister:
        """What takes the parts from ``first`` to before ``end``."""
        return Lister(self, first, end)

    def finish(self, stretches: Sequence[Written]) -> list[str]:
        """Write what stretches share, and the ranges; the shards' names in order of their parts."""
        starts: list[int] = []
        held: Lines | None = None
        for stretch in stretches:
            if self.is_fresh:
                self._rename_late(len(starts), len(stretch.starts) if starts else 0)
                starts += stretch.starts
                continue
            starts = stretch.starts
            if held is not None and stretch.first is not None:
                index = self.index_of(self._seam)
                self.write(index, {g: held[g] + stretch.first[g] for g in self.groups})
            held = stretch.last
        names = [f"{index:04d}" for index in range(len(starts))]
        for path in sorted(self.folder.glob("*.tsv")):
            name, group, _ = path.name.split(".")
            # What another condition has listed for a group that is off is not carried on.
            if name not in names or not (self.carries or group in self.groups):
                path.unlink()
        highest = max(stretch.highest for stretch in stretches)
        content = {**self._asked, "starts": starts, "highest": highest, "size": self.size}
        write_list(self.folder / RANGES, json.dumps(content).encode() + b"\n")
        return names

    def _rename_late(self, offset: int, count: int) -> None:
        for index in range(count):
            for group in self.groups:
                late = self.folder / f"{LATE}{index:04d}.{group}.tsv"
                path = self.folder / f"{offset + index:04d}.{group}.tsv"
                if path.is_file() and path.read_bytes() == late.read_bytes():
                    late.unlink()
                else:
                    late.replace(path)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _written(
    parts: Sequence[tuple[int, int, str]],
    folder: Path,
    where: str = "stock > 0",
    shards: Literal["auto"] | int = "auto",
    groups: Sequence[str] = ("cad", "datasheet"),
    split: int | None = None,
) -> list[str]:
    """The lists of (number, stock, datasheet), read in two stretches where ``split`` is given."""
    catalogue = sqlite3.connect(":memory:")
    catalogue.execute("CREATE TABLE part_rows (lcsc INTEGER PRIMARY KEY, stock, datasheet)")
    catalogue.executemany("INSERT INTO part_rows VALUES (?, ?, ?)", parts)
    lists = ShardLists(catalogue, folder, where, shards, groups, len(parts))
    bounds = [(None, split), (split, None)] if split and lists.split(split) else [(None, None)]
    stretches = []
    for first, end in bounds:
        taker = lists.lister(first, end)
        query = f"SELECT lcsc, {lists.condition}, datasheet FROM part_rows AS components"
        for number, chosen, datasheet in catalogue.execute(f"{query} ORDER BY lcsc"):
            if (first is None or number >= first) and (end is None or number < end):
                taker.take(number, chosen, datasheet.encode(), None)
        stretches.append(taker.end())
    return lists.finish(stretches)


def _lists(folder: Path) -> dict[str, str]:
    heading = HEADING.decode()
    return {p.name: p.read_text().removeprefix(heading) for p in sorted(folder.glob("*.tsv"))}


def _shards(folder: Path, names: Sequence[str], group: str = "cad") -> dict[int, str]:
    from components.fetch.worklist import read_worklist

    return {i.lcsc_id: n for n in names for i in read_worklist(folder / f"{n}.{group}.tsv")}


def test_a_part_stays_in_its_shard(tmp_path: Path) -> None:
    def plan(numbers: Sequence[int], split: int | None = None) -> dict[int, str]:
        names = _written([(n, 1, f"http://d/{n}.pdf") for n in numbers], tmp_path, split=split)
        return _shards(tmp_path, names, "datasheet")

    first = plan(range(1, 40_001, 2))
    assert [[*first.values()].count(f"{n:04d}") for n in range(5)] == [5000, 5000, 5000, 5000, 0]
    times = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.tsv")}
    # 30 parts between the old ones, and enough beyond to fill a shard and begin another.
    more = sorted({*range(1, 40_001, 2), *range(10_002, 10_062, 2), *range(40_001, 46_001)})
    second = plan(more, 12_345)
    assert {number: second[number] for number in first} == first
    assert set(second.values()) == {"0000", "0001", "0002", "0003", "0004", "0005"}
    changed = {name for name, time in times.items() if (tmp_path / name).stat().st_mtime_ns != time}
    assert changed == {"0001.cad.tsv", "0001.datasheet.tsv"}
    assert _shards(tmp_path, [f"{n:04d}" for n in range(6)]) == second


def test_two_stretches_give_what_one_gives(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("components.fetch.shard_layout.PARTS_PER_SHARD", 4)
    parts = [(n, n % 5, f"http://d/{n}") for n in range(1, 60)]
    _written(parts, tmp_path / "one")
    ranges = (tmp_path / "one" / RANGES).read_bytes()
    for shards in ("auto", 7):
        for split in (1, 2, 20, 21, 40, 59):
            one, two = tmp_path / f"one-{shards}", tmp_path / f"two-{shards}-{split}"
            two.mkdir()
            if shards == "auto":
                # A new layout may be cut elsewhere; one that is kept may not.
                fresh = tmp_path / f"fresh-{split}"
                listed = _shards(fresh, _written(parts, fresh, split=split))
                assert sorted(listed) == [n for n, stock, _ in parts if stock]
                one.mkdir(exist_ok=True)
                for folder in (one, two):
                    (folder / RANGES).write_bytes(ranges)
            assert _written(parts, one, shards=shards) == _written(
                parts,
                two,
                shards=shards,
                split=split,
            )
            assert _lists(one) == _lists(two)
            assert (one / RANGES).read_bytes() == (two / RANGES).read_bytes()
            assert not [path for path in two.iterdir() if path.name.startswith(".")]


def test_what_was_listed_stays_while_the_source_has_it(tmp_path: Path) -> None:
    def plan(*parts: tuple[int, int, str], where: str = "stock > 0", **more: Any) -> dict[str, str]:
        _written(parts, tmp_path, where, **more)
        return _lists(tmp_path)

    cad, sheet = "0000.cad.tsv", "0000.datasheet.tsv"
    first = plan((7, 5, "http://d/ 7.pdf\t\n"), (8, 0, ""), (9, 1, "-"))
    assert first == {cad: "7\t\t\n9\t\t\n", sheet: "7\thttp://d/7.pdf\t\n9\t\t\n"}
    # Sold out, never in stock, gone.
    assert plan((7, 0, "http://d/7.pdf"), (8, 0, "")) == first
    # What is new makes work, and what has gone goes with it.
    assert plan((7, 0, "http://d/7.pdf"), (8, 3, ""))[cad] == "7\t\t\n8\t\t\n"
    # An address is of one group alone.
    again = plan((7, 0, "http://d/x.pdf"), (8, 0, ""))
    assert again[sheet] == "7\thttp://d/x.pdf\t\n8\t\t\n"
    # A group that is switched on later has what is listed for the others.
    (tmp_path / sheet).unlink()
    assert plan((7, 0, "http://d/x.pdf"), (8, 0, "")) == again
    # Another condition drops what it does not select, for a group that is off too.
    assert plan((7, 0, ""), (8, 0, ""), where="lcsc = 8", groups=["cad"]) == {cad: "8\t\t\n"}
    assert plan((7, 0, ""), (8, 0, ""), where="lcsc = 8")[sheet] == "8\t\t\n"


def test_a_plan_cut_short_is_carried_on_by_no_other(tmp_path: Path) -> None:
    parts = [(7, 1, ""), (8, 0, "")]
    _written(parts, tmp_path)
    kept = (tmp_path / RANGES).read_bytes()
    _written(parts, tmp_path, "1")
    # Killed before it noted its condition, but not before it said that the lists are of no other.
    (tmp_path / RANGES).write_text(json.dumps({**json.loads(kept), "where": None}))
    _written(parts, tmp_path)
    assert _lists(tmp_path)["0000.cad.tsv"] == "7\t\t\n"


def test_another_number_of_shards_lays_them_out_anew(tmp_path: Path) -> None:
    parts = [(number, 1, "") for number in range(100)]
    assert len(_written(parts, tmp_path, "1", 5)) == 5
    assert len(_written(parts, tmp_path, "1", 2)) == 2
    assert {name.partition(".")[0] for name in _lists(tmp_path)} == {"0000", "0001"}
    assert len(_shards(tmp_path, ["0000"])) == 50
    # Shards stay where they are though every part has gone.
    assert _written([(0, 1, "")], tmp_path, "0", 2) == ["0000", "0001"]


def test_a_larger_catalogue_has_larger_shards(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("components.fetch.shard_layout.PARTS_PER_SHARD", 2)
    parts = [(number, 1, "") for number in range(1, 6 * SHARDS + 1)]
    assert len(_written(parts, tmp_path)) == SHARDS
    # What was laid out so stays so.
    assert len(_written([*parts, (99_999, 1, "")], tmp_path)) == SHARDS + 1


def test_a_wrong_condition_names_its_key(tmp_path: Path) -> None:
    import pytest

    from components.core.errors import ConfigError

    for where in ("stok > 0", "stock >", "1); DROP TABLE part_rows; --", "'", "count(*) > 0"):
        with pytest.raises(ConfigError, match=r"stage1\.where"):
            _written([(1, 1, "")], tmp_path, where)
    for damaged in ("[1]", "{", '{"starts": 1, "highest": 1}', '{"starts": [0]}'):
        (tmp_path / RANGES).write_text(damaged)
        with pytest.raises(StoreError, match="damaged"):
            _written([(1, 1, "")], tmp_path)
