"""A shard's work list: its parts, and the addresses that one artifact group fetches from.

It holds what fetching depends on and nothing else, so that a change of stock or price makes no
shard stale, nor a datasheet's address another group.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from components.core.errors import ConfigError, SourceError, StoreError

COLUMNS = ("lcsc_id", "datasheet_url", "image_url")
HEADING = ("\t".join(COLUMNS) + "\n").encode()
_CONTROL = re.compile(r"[\x00-\x20\x7f\x85\u2028\u2029]+")


class WorkItem(NamedTuple):
    """A line of a work list; an address is empty where the catalogue names none."""

    lcsc_id: int
    datasheet_url: str = ""
    image_url: str = ""


def select_parts(
    catalogue: sqlite3.Connection, where: str, groups: Collection[str] = ("datasheet", "image")
) -> Iterator[WorkItem]:
    """The parts that ``where`` selects, by number, with the addresses that ``groups`` need.

    Raises :class:`ConfigError` where ``where`` is not a condition SQLite can evaluate.
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
    except UNUSABLE as error:
        raise unusable(where, error) from None
    except sqlite3.DatabaseError as error:
        raise SourceError(f"the catalogue cannot be read: {error}; fetch it again") from None


UNUSABLE = (sqlite3.OperationalError, sqlite3.ProgrammingError, sqlite3.Warning)
"""What SQLite raises for a condition that it cannot evaluate."""


def unusable(where: str, error: Exception) -> ConfigError:
    """What is said of such a condition."""
    return ConfigError(f"stage1.where: {where!r} is no usable condition: {error}")


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
    return HEADING + "".join(f"{n}\t{sheet}\t{image}\n" for n, sheet, image in items).encode()


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
