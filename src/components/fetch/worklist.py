"""The plan of stage 1, made before the graph is drawn: which part belongs to which shard.

A shard is a range of part numbers. The ranges are laid out once, to hold about
:data:`PARTS_PER_SHARD` parts each, and kept in ``plan/shards.json``: a part stays in its shard for
good. Only beyond the highest number so far is a new shard begun, once the last one is full.

A work list holds what fetching one artifact group depends on and nothing else, so that a change
of stock or price makes no shard stale, nor a datasheet's address another group; it is written
only where it differs.
"""

from __future__ import annotations

import json
import re
import sqlite3
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import orjson

from components.artifacts import GROUPS
from components.core.errors import ConfigError, SourceError, StoreError
from components.core.files import write_if_changed

PARTS_PER_SHARD = 5000
COLUMNS = ("lcsc_id", "datasheet_url", "image_url")
RANGES = "shards.json"
_CONTROL = re.compile(r"[\x00-\x20\x7f\x85\u2028\u2029]+")


class WorkItem(NamedTuple):
    """A line of a work list; an address is empty where the catalogue names none."""

    lcsc_id: int
    datasheet_url: str = ""
    image_url: str = ""


def write_worklists(
    catalogue: sqlite3.Connection,
    folder: Path,
    where: str,
    shards: Literal["auto"] | int = "auto",
    groups: Collection[str] = ("cad", "datasheet"),
) -> list[str]:
    """Write ``<folder>/<shard>.<group>.tsv``; the shards' names in order of their parts.

    ``catalogue`` is what :func:`components.source.catalogue.open_catalogue` gives, ``where`` the
    operator's SQL over its ``components``, ``groups`` some of those that are fetched. Lists of
    shards that are no more are removed.

    Raises :class:`ConfigError` where ``where`` is not a condition SQLite can evaluate.
    """
    items = list(select_parts(catalogue, where, groups))
    starts = _ranges(folder / RANGES, [item.lcsc_id for item in items], shards)
    names = [f"{index:04d}" for index in range(len(starts))]
    lists: list[list[WorkItem]] = [[] for _ in starts]
    for item in items:
        lists[bisect_right(starts, item.lcsc_id) - 1].append(item)
    for name, shard in zip(names, lists, strict=True):
        for group in groups:
            needed = (_only(item, GROUPS[group].address) for item in shard)
            write_if_changed(folder / f"{name}.{group}.tsv", format_worklist(needed))
    for path in sorted(folder.glob("*.tsv")):
        if path.name.partition(".")[0] not in names:
            path.unlink()
    return names


def _only(item: WorkItem, address: str) -> WorkItem:
    return WorkItem(item.lcsc_id, *(getattr(item, n) if n == address else "" for n in COLUMNS[1:]))


def select_parts(
    catalogue: sqlite3.Connection, where: str, groups: Collection[str] = ("datasheet", "image")
) -> Iterator[WorkItem]:
    """The parts that ``where`` selects, by number, with the addresses that ``groups`` need.

    Raises :class:`ConfigError` as :func:`write_worklists` does.
    """
    datasheet = "datasheet" if "datasheet" in groups else "NULL"
    extra = "extra" if "image" in groups else "NULL"
    # The newline ends a comment that `where` may close with.
    query = (
        f"SELECT lcsc, {datasheet}, {extra} FROM part_rows AS components"
        f" WHERE ({where}\n) ORDER BY lcsc"
    )
    try:
        for lcsc, datasheet, extra in catalogue.execute(query):
            yield WorkItem(lcsc, clean_address(datasheet), image_address(extra))
    except (sqlite3.OperationalError, sqlite3.ProgrammingError, sqlite3.Warning) as error:
        raise ConfigError(f"stage1.where: {where!r} is no usable condition: {error}") from None
    except sqlite3.DatabaseError as error:
        raise SourceError(f"the catalogue cannot be read: {error}; fetch it again") from None


def image_address(extra: str | None) -> str:
    """The largest picture's address in a part's ``extra``: ``images[0]`` maps sizes to addresses.

    >>> image_address('{"images": [{"96x96": "//a/s.jpg", "900x900": "//a/l.jpg"}]}')
    '//a/l.jpg'
    >>> image_address("null"), image_address('{"images": []}'), image_address("{")
    ('', '', '')
    """
    if not extra:
        return ""
    try:
        content: Any = orjson.loads(extra)
    except orjson.JSONDecodeError:
        return ""
    images = content.get("images") if isinstance(content, dict) else None
    first = images[0] if isinstance(images, list) and images else images
    if isinstance(first, dict):
        sizes = {size: url for size, url in first.items() if isinstance(url, str) and url}
        first = sizes[max(sizes, key=_area)] if sizes else ""
    return clean_address(first)


def _area(size: str) -> tuple[int, str]:
    match = re.fullmatch(r"(\d{1,6})[xX](\d{1,6})", size)
    return (int(match[1]) * int(match[2]) if match else 0, size)


def clean_address(text: object) -> str:
    """An address on one line, without blanks; empty for the words that stand for none."""
    if not isinstance(text, str) or not text:
        return ""
    address = _CONTROL.sub("", text)
    return "" if address.lower() in ("-", "null", "none", "n/a") else address


def format_worklist(items: Iterable[WorkItem]) -> bytes:
    """Tab-separated, with a heading."""
    lines = ["\t".join(COLUMNS), *("\t".join(map(str, item)) for item in items)]
    return ("\n".join(lines) + "\n").encode()


def read_worklist(path: Path) -> list[WorkItem]:
    """A work list's parts. Raises :class:`StoreError` where the file is missing or damaged."""
    try:
        heading, *lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
        rows = [line.split("\t") for line in lines]
        if heading.split("\t") != list(COLUMNS) or any(len(row) != len(COLUMNS) for row in rows):
            raise ValueError("wrong columns")
        return [WorkItem(int(row[0]), row[1], row[2]) for row in rows]
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: not a work list ({error}); plan again") from None


def _ranges(path: Path, numbers: list[int], shards: Literal["auto"] | int) -> list[int]:
    """The lowest part number of each shard, kept from the last plan where it asked for the same."""
    starts, highest = _kept(path, shards)
    if not starts:
        count = shards if shards != "auto" else max(1, round(len(numbers) / PARTS_PER_SHARD))
        cuts = {numbers[len(numbers) * index // count] for index in range(1, count) if numbers}
        starts = sorted({0} | cuts - set(numbers[:1]))
    elif shards == "auto":
        in_last = sum(number >= starts[-1] for number in numbers if number <= highest)
        beyond = [number for number in numbers if number > highest]
        if in_last >= PARTS_PER_SHARD and beyond:
            starts += [highest + 1, *beyond[PARTS_PER_SHARD::PARTS_PER_SHARD]]
    highest = max([highest, *numbers[-1:]])
    content = {"asked": shards, "starts": starts, "highest": highest}
    write_if_changed(path, json.dumps(content).encode() + b"\n")
    return starts


def _kept(path: Path, shards: Literal["auto"] | int) -> tuple[list[int], int]:
    try:
        content = json.loads(path.read_bytes())
        starts, highest = content["starts"], content["highest"]
    except FileNotFoundError:
        return [], -1
    except (ValueError, KeyError, TypeError):
        raise StoreError(f"{path}: damaged; remove it to lay the shards out anew") from None
    return (starts, highest) if content.get("asked") == shards else ([], -1)


def _catalogue(parts: Iterable[tuple[int, int, str, str | None]]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE part_rows (lcsc INTEGER PRIMARY KEY, stock, datasheet, extra)")
    connection.executemany("INSERT INTO part_rows VALUES (?, ?, ?, ?)", parts)
    return connection


def test_a_part_stays_in_its_shard(tmp_path: Path) -> None:
    def plan(numbers: Iterable[int]) -> dict[int, str]:
        parts = ((number, 1, f"http://d/{number}.pdf", None) for number in numbers)
        names = write_worklists(_catalogue(parts), tmp_path, "stock > 0", groups=["datasheet"])
        return {
            item.lcsc_id: name
            for name in names
            for item in read_worklist(tmp_path / f"{name}.datasheet.tsv")
        }

    first = plan(range(1, 40_001, 2))
    assert Counter(first.values()) == dict.fromkeys(("0000", "0001", "0002", "0003"), 5000)
    times = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.tsv")}
    # 30 parts between the old ones, and enough beyond to fill a shard and begin another.
    second = plan(sorted({*range(1, 40_001, 2), *range(10_002, 10_062, 2), *range(40_001, 46_001)}))
    assert {number: second[number] for number in first} == first
    assert set(second.values()) == {"0000", "0001", "0002", "0003", "0004", "0005"}
    changed = {name for name, time in times.items() if (tmp_path / name).stat().st_mtime_ns != time}
    assert changed == {"0001.datasheet.tsv"}
    assert plan(range(1, 40_001, 2)) == first


def test_a_change_of_stock_leaves_the_list_alone(tmp_path: Path) -> None:
    for stock in (5, 500):
        catalogue = _catalogue([(7, stock, "http://d/ 7.pdf\t\n", None), (8, 9, "-", None)])
        assert write_worklists(catalogue, tmp_path, "stock > 0 -- in stock", 1) == ["0000"]
    heading = "lcsc_id\tdatasheet_url\timage_url\n"
    lists = {path.name: path.read_text().removeprefix(heading) for path in tmp_path.glob("*.tsv")}
    assert lists == {
        "0000.cad.tsv": "7\t\t\n8\t\t\n",
        "0000.datasheet.tsv": "7\thttp://d/7.pdf\t\n8\t\t\n",
    }


def test_another_number_of_shards_lays_them_out_anew(tmp_path: Path) -> None:
    catalogue = _catalogue((number, 1, "", None) for number in range(100))
    assert len(write_worklists(catalogue, tmp_path, "1", 5)) == 5
    assert len(write_worklists(catalogue, tmp_path, "1", 2)) == 2
    shards = {path.name.partition(".")[0] for path in tmp_path.glob("*.tsv")}
    assert shards == {"0000", "0001"}
    # Shards stay where they are though every part has gone.
    assert write_worklists(_catalogue([]), tmp_path, "1", 2) == ["0000", "0001"]


def test_a_wrong_condition_names_its_key(tmp_path: Path) -> None:
    import pytest

    for where in ("stok > 0", "stock >", "1); DROP TABLE part_rows; --", "'"):
        with pytest.raises(ConfigError, match=r"stage1\.where"):
            write_worklists(_catalogue([(1, 1, "", None)]), tmp_path, where)
