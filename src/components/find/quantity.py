"""Quantities as people write them: ``10k``, ``4k7``, ``0R``, ``100n``, ``4u7``, ``1/4W``, ``5%``.

The texts of the catalogue are another language, which :mod:`components.families.parse` reads.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

_FACTORS = {
    "f": 1e-15,
    "p": 1e-12,
    "n": 1e-9,
    "u": 1e-6,
    "µ": 1e-6,
    "μ": 1e-6,
    "m": 1e-3,
    "": 1.0,
    "k": 1e3,
    "K": 1e3,
    "M": 1e6,
    "meg": 1e6,
    "Meg": 1e6,
    "MEG": 1e6,
    "G": 1e9,
}
# The decimal point's place, as in 4k7 or 4R7, tells the factor.
_INFIX = {"R": 1.0, "r": 1.0, **{key: value for key, value in _FACTORS.items() if len(key) == 1}}
_UNITS = {
    "R": "Ω",
    "r": "Ω",
    "Ω": "Ω",
    "\u2126": "Ω",
    "ohm": "Ω",
    "ohms": "Ω",
    "Ohm": "Ω",
    "Ohms": "Ω",
    "OHM": "Ω",
    "F": "F",
    "f": "F",
    "H": "H",
    "h": "H",
    "Hz": "Hz",
    "hz": "Hz",
    "HZ": "Hz",
    "V": "V",
    "v": "V",
    "VDC": "V",
    "Vdc": "V",
    "A": "A",
    "W": "W",
    "w": "W",
    "%": "%",
    "ppm": "ppm",
    "": "",
}
_NUMBER = r"(\d{1,12}(?:[.,]\d{1,12})?|[.,]\d{1,12})"
_PLAIN = re.compile(rf"[±+]?(?:{_NUMBER}|(\d{{1,3}})/(\d{{1,3}}))\s?([^\W\d]*|%|Ω|[munpkMGKµμ]?Ω)")
_INSIDE = re.compile(r"(\d{1,6})([RrfpnuµμmkKMG])(\d{1,6})([^\W\d]*|Ω)")
_BEFORE = re.compile(r"([Rr])(\d{1,6})")


class Quantity(NamedTuple):
    """A value in base units; ``unit`` is Ω F H Hz V A W % ppm, or empty where none was written."""

    value: float
    unit: str
    prefix: str
    """The written prefix, lower case but for mega: ``n`` without a unit hints at a capacitor."""


def read_quantity(text: str) -> Quantity | None:
    """The quantity that a whole text is, or None where it is none or could be two.

    >>> read_quantity("4k7"), read_quantity("0.1uF")
    (Quantity(value=4700.0, unit='', prefix='k'), Quantity(value=1e-07, unit='F', prefix='u'))
    """
    text = text.strip()
    if len(text) > 40:
        return None
    if match := _BEFORE.fullmatch(text):
        return Quantity(_exact(f"0.{match[2]}", 1.0), "Ω", "")
    if match := _INSIDE.fullmatch(text):
        unit = _UNITS.get(match[4])
        if unit is None:
            return None
        is_ohm = match[2] in "Rr"
        if is_ohm and unit not in ("", "Ω"):
            return None
        value = _exact(f"{match[1]}.{match[3]}", _INFIX[match[2]])
        return Quantity(value, "Ω" if is_ohm else unit, "" if is_ohm else match[2])
    match = _PLAIN.fullmatch(text)
    if match is None:
        return None
    found = _suffix(match[4])
    if found is None:
        return None
    prefix, unit = found
    if match[1] is None:
        if match[3] == "0" * len(match[3]):
            return None
        value = int(match[2]) / int(match[3]) * _FACTORS[prefix]
    else:
        value = _exact(match[1].replace(",", "."), _FACTORS[prefix])
    return Quantity(value, unit, prefix)


def _suffix(text: str) -> tuple[str, str] | None:
    """Prefix and unit: ``uF``, ``k``, ``kΩ``, ``mohm``; a unit alone wins over a prefix alone."""
    if text in _UNITS and text not in ("f", "F", "m"):
        return "", _UNITS[text]
    if text == "F":
        return "", "F"
    for length in (3, 1):
        prefix, unit = text[:length], text[length:]
        if prefix in _FACTORS and len(prefix) == length and unit in _UNITS:
            return prefix, _UNITS[unit]
    return None


def _exact(digits: str, factor: float) -> float:
    """Decimal digits times a power of ten, read as one number: a product would be a bit off."""
    return float(f"{digits}e{round(math.log10(factor))}")


def test_what_people_write() -> None:
    for text, value, unit in (
        *(("10k", 1e4, ""), ("4k7", 4700.0, ""), ("4K7", 4700.0, ""), ("0R", 0.0, "Ω")),
        *(("R47", 0.47, "Ω"), ("4R7", 4.7, "Ω"), ("10R", 10.0, "Ω"), ("1M", 1e6, "")),
        *(("1m", 1e-3, ""), ("10mΩ", 0.01, "Ω"), ("2.2kΩ", 2200.0, "Ω"), ("10kohm", 1e4, "Ω")),
        *(("100n", 1e-7, ""), ("100nF", 1e-7, "F"), ("0.1uF", 1e-7, "F"), ("4u7", 4.7e-6, "")),
        *(("4,7uF", 4.7e-6, "F"), (".1µF", 1e-7, "F"), ("2n2", 2.2e-9, ""), ("22p", 2.2e-11, "")),
        *(("10uH", 1e-5, "H"), ("8MHz", 8e6, "Hz"), ("32.768kHz", 32768.0, "Hz"), ("1%", 1, "%")),
        *(("±5%", 5, "%"), ("1/4W", 0.25, "W"), ("50V", 50.0, "V"), ("3.3V", 3.3, "V")),
        *(("500mA", 0.5, "A"), ("2A", 2.0, "A"), ("100ppm", 100.0, "ppm"), ("10 k", 1e4, "")),
        *(("1F", 1.0, "F"), ("3V3", None, ""), ("0402", 402.0, "")),
    ):
        found = read_quantity(text)
        assert (found and found.value, found.unit if found else "") == (value, unit), text


def test_what_is_no_quantity() -> None:
    for text in (
        "",
        "k",
        "LM358",
        "X7R",
        "1/0W",
        "10kV7x",
        "4k7k",
        "--1",
        "1e5",
        "9" * 50,
        "SOT-23",
    ):
        assert read_quantity(text) is None, text
