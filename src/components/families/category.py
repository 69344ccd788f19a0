"""The family of a part, by the present name of its category.

A description ends with the package, then the name that LCSC gives the category today:
``… 10kΩ ±1% 0402 Chip Resistor - Surface Mount ROHS``. That name decides. The catalogue's own
subcategory is of the day when the part was listed, or a bucket such as "New Arrivals", and serves
only where no name is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from components.families.model import Family, fold
from components.families.parse.packages import UNKNOWN

WORDS_MAX = 12
"""Words of the longest name, and a few more."""
NAME_MAX = 60


class Filed(NamedTuple):
    """Where a part belongs."""

    family: str
    category: str
    """The present name, or the catalogue's subcategory where there is none."""
    end: int
    """Where the package and the name begin in the description; its length where neither is."""
    unknown: str = ""
    """What stands where the name does, and is one of no family."""


class Categories:
    """Files parts by the names that ``families`` declare; the rest goes to ``remainder``."""

    def __init__(self, families: Iterable[Family], remainder: str) -> None:
        self._remainder = remainder
        present: dict[str, str] = {}
        former: dict[str, str] = {}
        # What the remainder names is another's as soon as a family takes it.
        for family in sorted(families, key=lambda one: one.name != remainder):
            for name in family.categories:
                present[fold(name)] = family.name
            for name in family.former:
                former[fold(name)] = family.name
        self._present = present
        # What a folded name can end with: most descriptions are told by their last word.
        self._ends = {name[start:] for name in present for start in range(len(name) + 1)}
        self._by_subcategory = present | former
        self._names: dict[str, str] = {}
        self._subcategories: dict[str, str] = {}

    def file(self, subcategory: str, package: str, description: str) -> Filed:
        """The family and category of one part."""
        unknown = ""
        text = description.removesuffix(" ROHS")
        if text:
            start = text.rfind(f" {package} ") if package not in UNKNOWN else -1
            if start >= 0:
                name = text[start + len(package) + 2 :]
                family = self._names.get(name) or self._family(name)
                if family is not None:
                    return Filed(family, name, start)
                unknown = name if len(name) <= NAME_MAX else ""
            if (found := self._longest(text)) is not None:
                return Filed(found[0], found[1], len(text) - len(found[1]))
        return Filed(self._of_subcategory(subcategory), subcategory, len(text), unknown)

    def _longest(self, text: str) -> tuple[str, str] | None:
        """The longest known name that ends ``text`` and begins at one of its last words.

        With its family, which comes first.
        """
        longest = None
        folded = ""
        start = len(text)
        for _ in range(WORDS_MAX):
            end = start
            start = text.rfind(" ", 0, end)
            folded = fold(text[start + 1 : end]) + folded
            if folded not in self._ends:
                break
            if (family := self._present.get(folded)) is not None:
                longest = family, text[start + 1 :]
            if start < 0:
                break
        return longest

    def _family(self, name: str) -> str | None:
        family = self._present.get(fold(name))
        if family is not None:
            self._names[name] = family
        return family

    def _of_subcategory(self, subcategory: str) -> str:
        family = self._subcategories.get(subcategory)
        if family is None:
            family = self._by_subcategory.get(fold(subcategory), self._remainder)
            self._subcategories[subcategory] = family
        return family


def _example() -> Categories:
    resistor = Family("resistor", "", ("Chip Resistor - Surface Mount",), (), former=("Chip R",))
    led = Family("led", "", ("LED Indication - Discrete", "RGB LEDs(Built-in IC)"), ())
    return Categories([resistor, led], "other")


def test_the_name_at_the_end_decides() -> None:
    file = _example().file
    description = "10kΩ ±1% 0402 Chip Resistor - Surface Mount ROHS"
    assert file("LED Indication - Discrete", "0402", description) == (
        "resistor", "Chip Resistor - Surface Mount", 8, "",
    )  # fmt: skip
    # Of a package that is a dash, the first words are no name.
    assert file("x", "-", description).family == "resistor"
    assert file("x", "other package", description).family == "resistor"
    assert file("x", "SMD-4P", "RED SMD-4P RGB LEDs(Built-In IC) ROHS").family == "led"


def test_without_a_name_the_subcategory_decides() -> None:
    file = _example().file
    assert file("chip r", "0402", "10kΩ").family == "resistor"
    assert file("LED Indication - Discrete", "", "") == ("led", "LED Indication - Discrete", 0, "")
    assert file("New Arrivals", "0402", "").family == "other"


def test_the_longest_name_that_begins_at_a_word_decides() -> None:
    led = Family("led", "", ("LED Strips", "White LED Strips(New)"), ())
    strip = Family("strip", "", ("Strips", "Strips New"), ())
    file = Categories([led, strip], "other").file
    assert file("x", "-", "5V White LED  Strips (New)")[:3] == ("led", "White LED  Strips (New)", 3)
    assert file("x", "-", "Red LED Strips") == ("led", "LED Strips", 4, "")
    assert file("x", "-", "RedLED Strips") == ("strip", "Strips", 7, "")
    assert file("x", "-", "LED Strips - ") == ("led", "LED Strips - ", 0, "")
    assert file("x", "-", " ").family == file("x", "-", "LED Strips blue").family == "other"


def test_a_name_of_no_family_is_told() -> None:
    filed = _example().file("Chip R", "0402", "10kΩ 0402 Renamed Resistors ROHS")
    assert filed == ("resistor", "Chip R", 27, "Renamed Resistors")
