"""Words with values, read as a query of one family: ``10k 0402 1%``, ``SOT-23 LDO 3.3V``.

Only what is certain is read: the family must be told by a word, by a value's unit or by a word
that only one family has; what is not understood stays a word. An answer says how it was read.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from components.find.quantity import Quantity, read_quantity
from components.find.vocabulary import GENERIC, KINDS, Vocabulary
from components.transform.search import fold_part_number

# What beads' impedance is stated at.
BEAD_AT = "@100MHz"
WORDS_MAX = 16
# Above this, a chip capacitor's value may as well be an electrolytic's.
CERAMIC_MAX_F = 1e-6


@dataclass
class Reading:
    """A query, and the words that are no part of it."""

    family: str
    package: str | None = None
    exact: dict[str, float | str] = field(default_factory=dict)
    ranges: dict[str, dict[str, float]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def query(self, limit: int, quantity: int = 0, order: str | None = None) -> dict[str, Any]:
        """The body of ``POST /v1/components/parameters/query``."""
        query: dict[str, Any] = {"component_type": self.family, "limit": limit, "qty": quantity}
        query |= {"exact": self.exact, "ranges": self.ranges}
        if self.package is not None:
            query["package"] = self.package
        return query if order is None else query | {"order": order}

    def told(self) -> dict[str, Any]:
        """How the text was read, for its writer."""
        told: dict[str, Any] = {"component_type": self.family, "package": self.package}
        return told | {"exact": self.exact, "ranges": self.ranges, "words": self.words}


def read_words(text: str, vocabulary: Vocabulary) -> Reading | None:
    """How a text is read as a query, or None where nothing in it certainly is one.

    A family alone, or a package alone, is no query: words find those.
    """
    words = _split(text)
    if not words or len(words) > WORDS_MAX:
        return None
    family = _family(words, vocabulary)
    if family is None:
        return None
    reading = Reading(family)
    for word in words:
        if not _take(reading, word, vocabulary):
            reading.words.append(word)
    return reading if reading.exact or reading.ranges else None


def read_line(
    text: str, family: str | None, vocabulary: Vocabulary
) -> tuple[Reading | None, list[str]]:
    """A value of a bill of materials, whose family may be known: the query, and what was not read.

    ``10uF 10%``, ``100n/50V``, ``0R``; a value such as ``4k7`` alone is enough.
    """
    words = [piece for word in _split(text) for piece in _halved(word, vocabulary)]
    family = family if family in vocabulary.families else None
    if family == "capacitor" and {fold_part_number(word) for word in words} & set(KINDS):
        family = "capacitor_polarized"
    family = family or _family(words, vocabulary)
    if family is None or len(words) > WORDS_MAX:
        return None, words
    reading = Reading(family)
    unread = [word for word in words if not _take(reading, word, vocabulary)]
    return reading, unread


def _halved(word: str, vocabulary: Vocabulary) -> list[str]:
    """``10uF/X7R`` and ``100n_50V`` are two words each, where both are understood."""
    for mark in "/_|":
        pieces = [piece for piece in word.split(mark) if piece]
        if (
            len(pieces) > 1
            and read_quantity(word) is None
            and all(
                read_quantity(piece) or fold_part_number(piece) in vocabulary.words
                for piece in pieces
            )
        ):
            return pieces
    return [word]


def _split(text: str) -> list[str]:
    words: list[str] = []
    for word in _UNIT_APART.sub(_joined, _COMMA.sub(" ", text)).split():
        # A bead's impedance at its frequency: 600R@100MHz.
        left, at, right = word.partition("@")
        if at and read_quantity(left) and read_quantity(right):
            words += [left, at + right]
            continue
        # 100n/50V are two values; 1/4W is one.
        pieces = word.split("/")
        if (
            len(pieces) > 1
            and all(read_quantity(piece) for piece in pieces)
            and (read_quantity(word) is None)
        ):
            words += pieces
        else:
            words.append(word)
    return words


# A unit that stands apart from its number: 10 ohm, 100 nF, 3.3 V. Not the first word after a
# chip's size, which begins with a zero or is no number of a unit.
# One between digits is a decimal point in half of the world.
_COMMA = re.compile(r",(?!\d)|(?<!\d),|;")
_UNIT_APART = re.compile(r"(?<!\S)([1-9]\d{0,5}(?:[.,]\d+)?|0[.,]\d+)\s+([^\W\d]{1,5}|%)(?!\S)")


def _joined(match: re.Match[str]) -> str:
    value = read_quantity(match[1] + match[2])
    return match[1] + match[2] if value and value.unit else match[0]


def _family(words: Iterable[str], vocabulary: Vocabulary) -> str | None:
    """The one family that the words are about."""
    words = list(words)
    called = vocabulary.called | vocabulary.kinds
    named = {called[folded] for word in words if (folded := fold_part_number(word)) in called}
    if len(named) > 1:
        named -= GENERIC
    if not named and any(word.startswith("@") for word in words):
        named = {"ferrite_bead"} & vocabulary.families.keys()
    if named:
        return named.pop() if len(named) == 1 else None
    told: set[str] = set()
    is_chip = False
    for word in words:
        if vocabulary.package_of(word, None) is not None:
            is_chip = is_chip or (word.isdigit() and len(word) == 4)
            continue
        families = {family for family, _ in vocabulary.words.get(fold_part_number(word), {})}
        if len(families) == 1:
            told |= families
    for word in words:
        if vocabulary.package_of(word, None) is None and (value := read_quantity(word)):
            told |= _families_of(value, is_chip, told)
    return told.pop() if len(told) == 1 and told <= set(vocabulary.families) else None


def _families_of(value: Quantity, is_chip: bool, told: set[str]) -> set[str]:
    """The family that a value alone tells, if any."""
    if value.unit == "Ω" or (value.unit == "" and value.prefix in ("k", "K", "M")):
        return {"resistor"}
    if value.unit == "H":
        return {"inductor"}
    is_farad = value.unit == "F" or (value.unit == "" and value.prefix in ("n", "p"))
    if is_farad and ("capacitor" in told or is_chip or value.value <= CERAMIC_MAX_F):
        return {"capacitor"}
    return set()


def _take(reading: Reading, word: str, vocabulary: Vocabulary) -> bool:
    """Make a word a part of the query; whether that was possible."""
    family = reading.family
    called = vocabulary.called.get(fold_part_number(word))
    if called == family or called in GENERIC or (family == "ferrite_bead" and word == BEAD_AT):
        return True
    if reading.package is None and (package := vocabulary.package_of(word, family)):
        reading.package = package
        return True
    for (owner, column), value in vocabulary.words.get(fold_part_number(word), {}).items():
        if owner == family and column not in reading.exact:
            reading.exact[column] = value
            return True
    quantity = read_quantity(word)
    return quantity is not None and take_value(reading, quantity, vocabulary)


def take_value(reading: Reading, value: Quantity, vocabulary: Vocabulary) -> bool:
    """Ask for a value in the column that it is about; False where that is not certain."""
    unit = value.unit or _UNIT_OF.get(reading.family, "")
    found = vocabulary.column_of(reading.family, unit) if unit else None
    if found is None:
        return False
    column, how = found
    if column in reading.exact or column in reading.ranges:
        return False
    if how == "exact":
        reading.exact[column] = value.value
    elif how == "within":
        reading.ranges[column] = {"minimum": value.value, "maximum": value.value}
    else:
        reading.ranges[column] = {how: value.value}
    return True


# What a value without a unit is of.
_UNIT_OF = {
    "resistor": "Ω",
    "capacitor": "F",
    "capacitor_polarized": "F",
    "inductor": "H",
    "ferrite_bead": "Ω",
    "crystal": "Hz",
}


def _vocabulary(*rows: tuple[str, str, str]) -> Vocabulary:
    from components.families.schema import lookup_schema

    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE vocabulary (family, column_name, value, parts DEFAULT 1)")
    sql = "INSERT INTO vocabulary (family, column_name, value) VALUES (?, ?, ?)"
    db.executemany(sql, rows)
    return Vocabulary(lookup_schema()["families"], db)


def test_values_are_read_where_they_are_certain() -> None:
    words = _vocabulary(
        *((family, "package", "0402") for family in ("resistor", "capacitor", "inductor")),
        *(("capacitor", "package", "0603"), ("ldo", "package", "SOT-23")),
        *(("capacitor", "tempco_code", "X7R"), ("bjt", "doping_type", "NPN")),
        ("bjt", "package", "SOT-23"),
    )
    reading = read_words("10k 0402 1%", words)
    assert reading and reading.query(5) == {
        "component_type": "resistor",
        "limit": 5,
        "qty": 0,
        "package": "0402",
        "exact": {"resistance_ohm": 1e4},
        "ranges": {"tolerance_pct": {"maximum": 1.0}},
    }
    reading = read_words("100n/50V X7R 0603 Samsung", words)
    assert reading and (reading.family, reading.package) == ("capacitor", "0603")
    assert reading.exact == {"capacitance_f": 1e-7, "tempco_code": "X7R"}
    assert reading.ranges == {"max_voltage_v": {"minimum": 50.0}}
    assert reading.words == ["Samsung"]
    reading = read_words("SOT-23 LDO 3.3V", words)
    assert reading and (reading.family, reading.exact) == ("ldo", {"output_voltage_v": 3.3})
    reading = read_words("fuse 500mA", words)
    assert reading and reading.exact == {"rated_current_a": 0.5}
    reading = read_words("opamp 5 V", words)
    assert reading and reading.ranges == {"supply_voltage_v": {"minimum": 5.0, "maximum": 5.0}}
    reading = read_words("120R@100MHz 0402", words)
    assert reading and reading.exact == {"impedance_ohm": 120.0} and reading.words == ["0402"]
    reading = read_words("10 kOhm 0402", words)
    assert reading and reading.exact == {"resistance_ohm": 1e4}
    reading = read_words("TVS diode 24V", words)
    assert reading and (reading.family, reading.exact) == ("tvs", {"standoff_voltage_v": 24.0})
    reading = read_words("npn SOT-23", words)
    assert reading and reading.exact == {"doping_type": "NPN"}
    for text in ("", "LM358", "0402", "10", "4u7", "50V 0603", "10k 100nF", "resistor", "x " * 20):
        assert read_words(text, words) is None, text
