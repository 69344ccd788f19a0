"""Readings from descriptions: a description lists ratings without saying which is which.

``-55℃~+155℃ 125mW 150V 511kΩ Thick Film Resistor ±1% ±100ppm/℃ 0805 …``. A reading is certain
only where its kind occurs once among the words, so that it serves columns that own their unit in
a family: the ohms of a resistor, the farads of a capacitor. Words that say the same count once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from components.families.memo import Memo
from components.families.parse.quantity import clean
from components.families.parse.tolerance import Tolerance, tolerance

T = TypeVar("T")
WORDS_MAX = 1 << 14
"""Words whose readings a reader remembers."""
# Farads and henries always have a prefix, and "R" is a letter of packages too.
_ENDINGS = {
    "Ω": "[mkKMG]?(?:Ω|[oO]hms?|OHMS?)",
    "F": "[pnum]F",
    "H": "[pnum]H",
    "V": "[mk]?V",
    "A": "[pnum]?A",
    "W": "[mk]?W",
    "Hz": "[kKMG]?Hz",
    "cd": "m?cd",
    "m": "[munp]?m",
    "mm": "mm",
    "s": "[munp]?s",
    "%": "%",
    "C": "[pnu]C",
    "dB": "dB",
}
_SIGNED = re.compile(r"[±+-].*|0%.*")


def words(description: str) -> list[str]:
    """A description's words, cleaned."""
    return clean(description).split()


def single(parse: Callable[[str], T | None]) -> Callable[[str], T | None]:
    """A reader of the one value among a description's words that ``parse`` understands."""

    known = Memo(parse, WORDS_MAX)

    def read(description: str) -> T | None:
        found = {*map(known.__getitem__, words(description))}
        found.discard(None)
        return found.pop() if len(found) == 1 else None

    return read


def rating_word(
    parse: Callable[[str], T | None], unit: str, condition: str = ""
) -> Callable[[str], T | None]:
    """A reader of one word that ends in ``unit``, so that ``R0402`` is no resistance.

    With a ``condition`` unit only words tested at such a value count: ``V`` at ``A`` is the
    forward voltage of a diode, whatever other voltages the description holds.
    """
    after = rf"@\(?[0-9.]+{_ENDINGS[condition]}\)?" if condition else ""
    shape = re.compile(rf"(?:[0-9.]+[a-zA-ZΩ]*~)?[0-9.]+{_ENDINGS[unit]}{after}")

    def read(word: str) -> T | None:
        return parse(word) if shape.fullmatch(word) else None

    return read


def tolerance_word(unit: str) -> Callable[[str], Tolerance | None]:
    """A reader of one word with a sign and ``%``, or ± with ``unit``."""

    def read(word: str) -> Tolerance | None:
        return tolerance(word, unit) if _SIGNED.fullmatch(word) else None

    return read


_DESCRIPTION = (
    "-55℃~+155℃ 125mW 150V 511kΩ Thick Film Resistor ±1% ±100ppm/℃ 0805 "
    "Chip Resistor - Surface Mount ROHS"
)


def test_a_unit_that_occurs_once_is_certain() -> None:
    from components.families.parse.ratings import at_least, at_most, only
    from components.families.parse.tolerance import ppm

    assert single(rating_word(only("Ω"), "Ω"))(_DESCRIPTION) == 511e3
    assert single(rating_word(at_least("W"), "W"))(_DESCRIPTION) == 0.125
    assert single(rating_word(at_least("V"), "V"))(_DESCRIPTION) == 150
    assert single(tolerance_word("Ω"))(_DESCRIPTION) == (-0.01, 0.01, False)
    assert single(ppm)(_DESCRIPTION) == 100
    diode = "-55℃~+150℃ 1 Independent 1.7V@1A 100ns 1A 1uA@600V 600V SMA(DO-214AC)"
    assert single(rating_word(at_most("V"), "V", "A"))(diode) == 1.7
    assert single(rating_word(at_most("A"), "A", "V"))(diode) == 1e-6
    assert single(rating_word(at_least("V"), "V"))(diode) == 600


def test_several_values_and_codes_are_not_certain() -> None:
    from components.families.parse.ratings import only

    ohms = single(rating_word(only("Ω"), "Ω"))
    assert ohms("10kΩ 22kΩ ±1%") is None
    assert ohms("R0402 100K 4k7 ROHS") is None
    assert ohms("10kΩ 0.01MΩ R0402") == 10e3
    assert single(tolerance_word("F"))("-55℃~+155℃ 插件,P=5mm 1%") is None
    assert single(tolerance_word("F"))("±10% ±20%") is None
    assert ohms("") is None
