"""Component families: one declarative module each, found by themselves.

Every module of this package that has a ``FAMILY`` declares one; nothing else names a family.
``FAMILIES`` holds all, sorted by name. A family's module is imported when it is first asked for,
since each job of the workflow is a process of its own and most need one family alone.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil

from components.families.model import Column, Family

__all__ = ["FAMILIES", "Column", "Family", "family_named", "family_of"]

FAMILIES: tuple[Family, ...]


def __getattr__(name: str) -> tuple[Family, ...]:
    if name != "FAMILIES":
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return _all()


@functools.cache
def _all() -> tuple[Family, ...]:
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)
    return tuple(family for family in map(_declared, modules) if family)


def _declared(module: str) -> Family | None:
    family = getattr(importlib.import_module(f"{__name__}.{module}"), "FAMILY", None)
    return family if isinstance(family, Family) else None


def family_named(name: str) -> Family:
    """The family of this name; ``KeyError`` where there is none."""
    known = any(module.name == name for module in pkgutil.iter_modules(__path__))
    if not known or (family := _declared(name)) is None:
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
