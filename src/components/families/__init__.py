"""Component families: one declarative module each, in rooms of their like, found by themselves.

Every module of a room (a folder of this package) that has a ``FAMILY`` declares one; nothing else
names a family. ``FAMILIES`` holds all, sorted by name. A family's module is imported when it is
first asked for, since each job of the workflow is a process of its own and most need few.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from pathlib import Path

from components.families.model import Column, Family

__all__ = ["FAMILIES", "Column", "Family", "family_module", "family_named", "family_of"]

FAMILIES: tuple[Family, ...]
NOT_A_ROOM = "parse"


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


def family_module(name: str) -> str:
    """The dotted name of the module that declares a family; ``KeyError`` where there is none."""
    return _modules()[name]


def family_named(name: str) -> Family:
    """The family of this name; ``KeyError`` where there is none."""
    if (family := _declared(name)) is None:
        raise KeyError(name)
    return family


def family_of(category: str, subcategory: str) -> Family | None:
    """The family that takes parts of an upstream category, or None where none does."""
    for family in _all():
        if family.takes(category, subcategory):
            return family
    return None


def test_all_families_are_found_in_order() -> None:
    import pytest

    from components.families import FAMILIES

    names = [family.name for family in FAMILIES]
    for wrong in ("model", "frobnicator", "../families", ""):
        with pytest.raises(KeyError):
            family_named(wrong)
    assert names == sorted(names)
    assert len(names) == 11
    assert family_named("crystal").table == "crystal_pick"


def test_a_category_belongs_to_one_family_at_most() -> None:
    from components.families import FAMILIES

    for family in FAMILIES:
        for subcategory in family.upstream.subcategories:
            for word in family.upstream.category_words:
                takers = [other.name for other in FAMILIES if other.takes(word, subcategory)]
                assert takers == [family.name]


def test_drifting_category_names_are_recognized() -> None:
    for category, subcategory, name in (
        ("Transistors/Thyristors", "MOSFETs", "mosfet"),
        ("Triode/MOS Tube/Transistor", "mosfet", "mosfet"),
        ("Transistors", "Bipolar (BJT)", "bjt"),
        ("crystals/oscillators/resonators", "Crystals", "crystal"),
        ("Resistors", "Current Sense Resistors/Shunt Resistors", "resistor"),
        ("Resistors", "Current Sense Resistors / Shunt Resistors", "resistor"),
    ):
        family = family_of(category, subcategory)
        assert family is not None
        assert family.name == name
    assert family_of("Resistors", "Varistors") is None
    assert family_of("Embedded Processors & Controllers", "Light Emitting Diodes (LED)") is None
