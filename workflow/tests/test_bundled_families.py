"""The bundled catalogue has parts of every family, in the spellings that real ones have."""

from __future__ import annotations

import math

import pytest

from components.bundled.catalogue import DEFAULT_PARTS, SPELLED_FROM, parts
from components.bundled.specimens import Spelling, spelled, spellings
from components.families import FAMILIES, categories, family_named
from components.families.reading import Reader

Read = dict[str, list[tuple[dict[str, str], dict[str, object]]]]

OLDER = frozenset(
    ("resistor", "capacitor", "capacitor_polarized", "inductor", "diode", "led", "bjt", "mosfet",
     "crystal", "ferrite_bead", "ldo", "energy_meter", "other")
)  # fmt: skip
"""Families whose spellings recipes draw."""
UNKNOWN_MIN = 30
"""Texts that say nothing certain, such as two values where one is asked for."""


@pytest.fixture(scope="module")
def read() -> Read:
    """Attributes and values of the pickable parts in stock, by family."""
    filing, readers, found = categories(), {f.name: Reader(f) for f in FAMILIES}, Read()
    for part in parts():
        filed = filing.file(part.subcategory, part.package, part.description)
        family = family_named(filed.family)
        attributes = {name: text or "" for name, text in part.attributes}
        row = readers[family.name].read(
            attributes, part.description, filed.category, part.package, filed.end
        )
        if row.reason is None and part.stock > 0 and family.canonical_package(part.package):
            values = dict(zip((c.name for c in family.columns), row.values, strict=True))
            found.setdefault(family.name, []).append((attributes, values))
    return found


def test_every_family_has_a_pickable_part(read: Read) -> None:
    assert {family.name for family in FAMILIES} - set(read) == set()


def test_every_spelling_is_there_and_read(read: Read) -> None:
    wrong = []
    for one in spellings():
        stored = _stored(read, one)
        if not stored or not all(_is(value, one.expected) for value in stored):
            wrong.append((one, stored))
    assert not wrong
    assert sum(not one.expected for one in spellings()) >= UNKNOWN_MIN


def _stored(read: Read, one: Spelling) -> list[object]:
    """What parts have that say this and whose table row says no other text of the column."""
    same = {(each.attribute, each.text) for each in spellings()
            if (each.category, each.part) == (one.category, one.part)}  # fmt: skip
    family = categories().file(one.category, "", "").family
    return [values[one.column] for said, values in read[family] if same <= set(said.items())]


def _is(value: object, expected: str) -> bool:
    if not expected:
        return value is None
    if isinstance(value, float):
        return math.isclose(value, float(expected), rel_tol=1e-9)
    return value == expected


def test_every_column_that_texts_feed_has_a_spelling() -> None:
    by_family: dict[str, set[str]] = {}
    for one in spellings():
        family = categories().file(one.category, "", "").family
        by_family.setdefault(family, set()).add(one.column)
    assert set(by_family) == {family.name for family in FAMILIES} - OLDER
    spelt = sum(len(columns) for columns in by_family.values())
    fed = sum(bool(column.attributes) for family in FAMILIES if family.name in by_family
              for column in family.columns)  # fmt: skip
    assert spelt > 0.9 * fed


def test_the_catalogue_holds_all_of_them() -> None:
    assert SPELLED_FROM + len(spelled()) <= DEFAULT_PARTS
