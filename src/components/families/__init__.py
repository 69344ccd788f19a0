"""Component families: one declarative module each, found by themselves.

Every module of this package that has a ``FAMILY`` declares one; nothing else names a family.
"""

from __future__ import annotations

import importlib
import pkgutil

from components.families.model import Column, Family

__all__ = ["FAMILIES", "Column", "Family", "family_named", "family_of"]


def _discover() -> tuple[Family, ...]:
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)
    found = (importlib.import_module(f"{__name__}.{name}") for name in modules)
    declared = (getattr(module, "FAMILY", None) for module in found)
    return tuple(family for family in declared if isinstance(family, Family))


FAMILIES: tuple[Family, ...] = _discover()


def family_named(name: str) -> Family:
    """The family of this name; ``KeyError`` where there is none."""
    for family in FAMILIES:
        if family.name == name:
            return family
    raise KeyError(name)


def family_of(category: str, subcategory: str) -> Family | None:
    """The family that takes parts of an upstream category, or None where none does."""
    for family in FAMILIES:
        if family.takes(category, subcategory):
            return family
    return None


def test_all_families_are_found_in_order() -> None:
    names = [family.name for family in FAMILIES]
    assert names == sorted(names)
    assert len(names) == 11
    assert family_named("crystal").table == "crystal_pick"


def test_a_category_belongs_to_one_family_at_most() -> None:
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
