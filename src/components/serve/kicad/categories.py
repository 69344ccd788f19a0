"""Families split into categories that people can look through: by package, then by value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from components.families import family_named
from components.kicad_names.packages import readable
from components.kicad_names.record import Record

PARTS_MAX = 2000
# A family of fewer parts is one category, and so is a package of at least so many.
FAMILY_MIN, PACKAGE_MIN = 200, 40
_NOT_IN_IDS = re.compile(r"[^a-z0-9.=]+")


class Entry(NamedTuple):
    """A part, and what it is sorted by."""

    package: str
    """One text for all spellings of a land pattern."""
    label: str
    """The package as this part spells it."""
    number: float | None
    """The column that is its value; None where its family has none."""
    record: Record


class Category(NamedTuple):
    id: str
    """Letters, digits, ``-``, ``=`` and ``.``: it stands in a path."""
    name: str
    records: list[Record]


def split(family: str, entries: Sequence[Entry], parts_max: int = PARTS_MAX) -> Iterator[Category]:
    """The categories of a family's parts, each of at most ``parts_max`` parts, none empty.

    Packages with few parts share one. A package with too many is cut between values.
    """
    title = family_named(family).title.split(",")[0]
    for label, members in _by_package(entries):
        name = f"{title} {label}".strip()
        id_ = _NOT_IN_IDS.sub("-", f"{family} {label}".lower()).strip("-")
        pieces = list(_by_value(members, parts_max))
        for index, piece in enumerate(pieces):
            records = [entry.record for entry in piece]
            if len(pieces) == 1:
                yield Category(id_, name, records)
            else:
                span = f"{records[0].value} to {records[-1].value}"
                yield Category(f"{id_}-{index + 1}", f"{name}, {span}", records)


def _by_package(entries: Sequence[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    if len(entries) < FAMILY_MIN:
        yield "", list(entries)
        return
    counts = Counter(entry.package for entry in entries)
    labels = {
        package: readable(min({e.label for e in entries if e.package == package}, key=_plainness))
        for package, count in counts.items()
        if count >= PACKAGE_MIN
    }
    for package, label in sorted(labels.items(), key=lambda item: item[1]):
        yield label, [entry for entry in entries if entry.package == package]
    if rest := [entry for entry in entries if entry.package not in labels]:
        yield "other packages" if labels else "", rest


def _plainness(label: str) -> tuple[int, str]:
    return len(label), label


def _by_value(entries: list[Entry], parts_max: int) -> Iterator[list[Entry]]:
    """Pieces of about the same size, in the order of values; equal values stay together where
    they fit."""
    if len(entries) <= parts_max:
        yield entries
        return
    ordered = sorted(
        entries, key=lambda e: (e.number is None, e.number or 0.0, e.record.value, e.record.number)
    )
    aim = -(-len(ordered) // -(-len(ordered) // parts_max))
    piece: list[Entry] = []
    for _, group in groupby(ordered, key=lambda entry: entry.record.value):
        same = list(group)
        if piece and len(piece) + len(same) > aim:
            yield piece
            piece = []
        while len(piece) + len(same) > parts_max:
            room = parts_max - len(piece)
            yield piece + same[:room]
            piece, same = [], same[room:]
        piece += same
    if piece:
        yield piece


def _entries(package: str, *values: float) -> list[Entry]:
    from components.kicad_names.value import engineering

    return [
        Entry(
            package,
            package,
            value,
            Record(f"C{n}", f"n{n}", engineering(value, ""), "", "", "", "", "", "", 1, "", ""),
        )
        for n, value in enumerate(values)
    ]


def test_a_small_family_is_one_category() -> None:
    (found,) = split("resistor", _entries("0402", 10.0, 20.0))
    assert (found.id, found.name, len(found.records)) == ("resistor", "Resistors", 2)


def test_packages_with_many_parts_stand_alone() -> None:
    entries = _entries("0402", *range(1, 500)) + _entries("SMD,P=1mm,卧贴", 1.0)
    names = [(category.id, category.name) for category in split("resistor", entries)]
    assert names == [
        ("resistor-0402", "Resistors 0402"),
        ("resistor-other-packages", "Resistors other packages"),
    ]


def test_a_package_with_too_many_parts_is_cut_between_values() -> None:
    entries = _entries("0402", *(value for value in (10.0, 100.0, 1e3, 1e4) for _ in range(150)))
    found = list(split("resistor", entries, 300))
    assert [(c.id, c.name, len(c.records)) for c in found] == [
        ("resistor-0402-1", "Resistors 0402, 10R to 100R", 300),
        ("resistor-0402-2", "Resistors 0402, 1k to 10k", 300),
    ]
    # One value alone may be more than a category holds; nothing is lost.
    sizes = [len(c.records) for c in split("resistor", _entries("0402", *[5.0] * 700), 300)]
    assert sum(sizes) == 700 and max(sizes) <= 300
