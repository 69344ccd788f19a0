"""Tolerances by the letter that follows the value in a part number: ``CL10B104KB8NNNC``.

Letters are those of IEC 60062 (for capacitors below 10 pF in picofarads). Whether a maker's part
numbers are made so is told by the parts that state their tolerance too.
"""

from __future__ import annotations

import functools
import re

from components.families.parse.tolerance import Tolerance

_SHARES = {
    "D": 0.005, "F": 0.01, "G": 0.02, "H": 0.03, "J": 0.05, "K": 0.1, "L": 0.15, "M": 0.2,
    "N": 0.3, "S": 0.3, "P": 0.25, "W": 0.0005, "B": 0.001, "C": 0.0025,
}  # fmt: skip
_PICOFARADS = {"A": 0.05e-12, "B": 0.1e-12, "C": 0.25e-12, "D": 0.5e-12, "F": 1e-12, "G": 2e-12}
_NANOHENRIES = {"B": 0.1e-9, "C": 0.2e-9, "S": 0.3e-9, "D": 0.5e-9, "A": 0.05e-9, "W": 0.05e-9}
CODES_MAX = 1 << 12
"""Values whose codes are remembered."""
SMALL_F, SMALL_H = 10e-12, 10e-9


def capacitor_letter(part_number: str, capacitance_f: float) -> Tolerance | None:
    """The tolerance by the letter after the code of a capacitance, where there is one.

    >>> capacitor_letter("CL10B104KB8NNNC", 1e-7)
    Tolerance(low=-0.1, high=0.1, is_absolute=False)
    """
    letter = _after(part_number, _codes(capacitance_f * 1e12, "R"))
    if letter == "Z":
        return Tolerance(-0.2, 0.8)
    if capacitance_f < SMALL_F and letter in _PICOFARADS:
        size = _PICOFARADS[letter]
        return Tolerance(-size, size, True)
    return _share(letter) if capacitance_f >= SMALL_F or letter in "JKM" else None


def inductor_letter(part_number: str, inductance_h: float) -> Tolerance | None:
    """The tolerance by the letter after the code of an inductance, in µH, or nH with an ``N``."""
    codes = _codes(inductance_h * 1e6, "R")
    if inductance_h < 1e-6:
        codes += _nano(inductance_h * 1e9)
    letter = _after(part_number, codes)
    if inductance_h < SMALL_H and letter in _NANOHENRIES:
        size = _NANOHENRIES[letter]
        return Tolerance(-size, size, True)
    return _share(letter)


def _share(letter: str) -> Tolerance | None:
    share = _SHARES.get(letter)
    return None if share is None else Tolerance(-share, share)


def _after(part_number: str, codes: tuple[str, ...]) -> str:
    """The one letter that follows a code; empty where none or several do."""
    text = part_number.upper()
    patterns = [_patterns(code) for code in codes if code in text]
    found = {letter for alone, _ in patterns for letter in alone.findall(text)} or {
        letter for _, anywhere in patterns for letter in anywhere.findall(text)
    }
    return found.pop() if len(found) == 1 else ""


@functools.cache
def _patterns(code: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The letter behind a code that stands alone, and behind one anywhere."""
    escaped = re.escape(code)
    return (
        re.compile(rf"(?<![0-9]){escaped}([A-Z])(?![A-Z]?[0-9]{{4}})"),
        re.compile(rf"{escaped}([A-Z])"),
    )


@functools.lru_cache(CODES_MAX)
def _codes(value: float, point: str) -> tuple[str, ...]:
    """Two digits and a power of ten, or the letter in the point's place."""
    if value <= 0:
        return ()
    text = f"{value:.6g}"
    if value < 10:
        whole, _, fraction = f"{value:.3f}".rstrip("0").partition(".")
        head = "" if whole == "0" else whole
        return (f"{head}{point}{(fraction or '0')}",)
    digits = f"{float(text):.0f}"
    if float(digits) != float(text):
        whole, _, fraction = text.partition(".")
        return (f"{whole}{point}{fraction}",)
    if digits[2:].strip("0"):
        return ()
    return (f"{digits[:2]}{len(digits) - 2}",)


@functools.lru_cache(CODES_MAX)
def _nano(value: float) -> tuple[str, ...]:
    whole, _, fraction = f"{value:.3f}".rstrip("0").partition(".")
    return (f"{whole}N{fraction}", *(() if fraction else (f"{whole}NH",)))


def test_letters_after_a_value() -> None:
    for number, value, expected in (
        ("CL10B104KB8NNNC", 1e-7, (-0.1, 0.1, False)),
        ("GRM1555C1H4R7CA01D", 4.7e-12, (-0.25e-12, 0.25e-12, True)),
        ("CC0603KRX7R9BB104", 1e-7, None),
        ("0402CG100J500NT", 1e-11, (-0.05, 0.05, False)),
        ("CL21F106ZPFNNNE", 1e-5, (-0.2, 0.8, False)),
    ):
        assert capacitor_letter(number, value) == expected, number
    for number, value, expected in (
        ("SWPA4030S100MT", 1e-5, (-0.2, 0.2, False)),
        ("SDCL1005C2N2STDF", 2.2e-9, (-0.3e-9, 0.3e-9, True)),
        ("FXL0630-R47-M", 4.7e-7, None),
        ("SDFL2012S100KTF", 1e-5, (-0.1, 0.1, False)),
        ("MLP2520S1R0MT", 1e-6, (-0.2, 0.2, False)),
    ):
        assert inductor_letter(number, value) == expected, number
