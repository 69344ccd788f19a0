"""Component families: one declarative module each, in rooms of their like, found by themselves.

Every module of a room (a folder of this package) that has a ``FAMILY`` declares one; nothing else
names a family. ``FAMILIES`` holds all, sorted by name. A room is the workflow's unit: its
families' tables are built together. Every part is of one family; those that no other takes are of
``REMAINDER``.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from pathlib import Path

from components.families.category import Categories
from components.families.model import Column, Family

__all__ = [
    "FAMILIES",
    "REMAINDER",
    "Categories",
    "Column",
    "Family",
    "categories",
    "families_of",
    "family_modules",
    "family_named",
    "room_of",
    "rooms",
]

FAMILIES: tuple[Family, ...]
NOT_A_ROOM = "parse"
REMAINDER = "other"


def __getattr__(name: str) -> tuple[Family, ...]:
    if name != "FAMILIES":
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return _all()


@functools.cache
def _modules() -> Mapping[str, str]:
    """The dotted name of each room's modules, by their last part, sorted."""
    files = sorted(Path(__path__[0]).glob("*/[a-z]*.py"), key=lambda path: path.stem)
    return {
        path.stem: f"{__name__}.{path.parent.name}.{path.stem}"
        for path in files
        if path.parent.name != NOT_A_ROOM
    }


@functools.cache
def _all() -> tuple[Family, ...]:
    return tuple(family for family in map(_declared, _modules()) if family)


def _declared(name: str) -> Family | None:
    family = getattr(importlib.import_module(_modules()[name]), "FAMILY", None)
    return family if isinstance(family, Family) else None


@functools.cache
def rooms() -> tuple[str, ...]:
    """The rooms that hold a family, sorted."""
    return tuple(sorted({room_of(family.name) for family in _all()}))


def room_of(name: str) -> str:
    """The room of a family; ``KeyError`` where there is none of this name."""
    return _modules()[name].split(".")[-2]


@functools.cache
def families_of(room: str) -> tuple[Family, ...]:
    """A room's families, sorted by name; ``KeyError`` where there is no such room."""
    found = tuple(family for family in _all() if room_of(family.name) == room)
    if not found:
        raise KeyError(room)
    return found


def family_modules(room: str) -> tuple[str, ...]:
    """The dotted names of all modules of a room, sorted."""
    prefix = f"{__name__}.{room}."
    return tuple(sorted(name for name in _modules().values() if name.startswith(prefix)))


def family_named(name: str) -> Family:
    """The family of this name; ``KeyError`` where there is none."""
    if (family := _declared(name)) is None:
        raise KeyError(name)
    return family


def categories() -> Categories:
    """What tells the family of each part; it counts names that no family declares."""
    return Categories(_all(), REMAINDER)


def test_all_families_are_found_in_order() -> None:
    import pytest

    from components.families import FAMILIES

    names = [family.name for family in FAMILIES]
    for wrong in ("model", "pairs", "frobnicator", "../families", ""):
        with pytest.raises(KeyError):
            family_named(wrong)
    assert names == sorted(names)
    assert family_named("crystal").table == "crystal_pick"
    assert REMAINDER in names
    assert sorted(f.name for room in rooms() for f in families_of(room)) == names
    assert all(family_modules(room) for room in rooms())
    with pytest.raises(KeyError):
        families_of("nowhere")


def test_a_category_name_belongs_to_one_family() -> None:
    from components.families import FAMILIES
    from components.families.model import fold

    own = [family for family in FAMILIES if family.name != REMAINDER]
    names = [fold(n) for family in own for n in (*family.categories, *family.former)]
    assert len(set(names)) == len(names), sorted(n for n in names if names.count(n) > 1)


def test_parts_are_filed_by_their_present_name() -> None:
    file = categories().file
    for subcategory, description, name in (
        ("MOSFETs", "", "mosfet"),
        ("mosfet", "", "mosfet"),
        ("Bipolar (BJT)", "", "bjt"),
        ("Current Sense Resistors/Shunt Resistors", "", "resistor"),
        ("Pre-ordered RLCs", "10kΩ 0402 Chip Resistor - Surface Mount ROHS", "resistor"),
        ("Bipolar (BJT)", "30V 0402 MOSFETs ROHS", "mosfet"),
        ("Varnish", "", REMAINDER),
        ("Energy Metering", "", "energy_meter"),
        ("New Arrivals", "", REMAINDER),
    ):
        assert file(subcategory, "0402", description).family == name, subcategory
