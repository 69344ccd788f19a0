"""Which parts KiCad is offered: it holds all of them in memory, 40 to 60 KB each."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from components.families import family_named
from components.kicad_names.drawing import Drawing
from components.kicad_names.library import Drawings

T = TypeVar("T")
TURN = 10
# Basic and preferred parts first, since JLCPCB's assembly charges nothing for loading them.
RANKED = """SELECT * FROM {table}
ORDER BY is_basic OR is_preferred DESC, stock DESC, lcsc_id"""
IDENTITY = ("manufacturer", "part_number", "datasheet_url")
_IDENTITIES = f"""SELECT lcsc_id, {", ".join(IDENTITY)} FROM components_full
WHERE lcsc_id IN (SELECT value FROM json_each(?))"""


class Chosen(NamedTuple):
    """A part that KiCad can draw."""

    row: sqlite3.Row
    drawn: Drawing


def choose(fast: sqlite3.Connection, drawings: Drawings, parts_max: int) -> dict[str, list[Chosen]]:
    """The best parts of each family, at most ``parts_max`` in all, best first.

    Families take turns, so that all have the same share and what small ones leave goes to others.
    """
    offers = {family: _drawable(fast, drawings, family) for family in drawings.families}
    return take_turns(offers, parts_max)


def take_turns(offers: Mapping[str, Iterator[T]], most: int) -> dict[str, list[T]]:
    """By key the first of its offers, :data:`TURN` a turn, until ``most`` are taken in all."""
    taken: dict[str, list[T]] = {key: [] for key in offers}
    waiting = list(offers)
    while waiting and most > 0:
        still = []
        for key in waiting:
            turn = list(islice(offers[key], min(TURN, most)))
            taken[key] += turn
            most -= len(turn)
            if len(turn) == TURN:
                still.append(key)
        waiting = still
    return {key: found for key, found in taken.items() if found}


def identities(detail: sqlite3.Connection, numbers: Sequence[int]) -> Mapping[int, sqlite3.Row]:
    """Manufacturer, part number and datasheet of parts, by their number."""
    rows = detail.execute(_IDENTITIES, (json.dumps(list(numbers)),))
    return {row["lcsc_id"]: row for row in rows}


def _drawable(fast: sqlite3.Connection, drawings: Drawings, family: str) -> Iterator[Chosen]:
    for row in fast.execute(RANKED.format(table=family_named(family).table)):
        if drawn := drawings.of(family, row):
            yield Chosen(row, drawn)


def test_families_take_turns_until_all_is_taken() -> None:
    offers = {"a": iter(range(10)), "b": iter(range(500)), "c": iter(range(500))}
    assert {key: len(found) for key, found in take_turns(offers, 610).items()} == {
        "a": 10, "b": 300, "c": 300
    }  # fmt: skip
    assert take_turns({"a": iter([1]), "b": iter([])}, 9) == {"a": [1]}
