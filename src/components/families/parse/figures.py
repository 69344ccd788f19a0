"""All numbers of a word with their units, scaled: what two texts are compared by."""

from __future__ import annotations

import re

from components.families.parse.quantity import PREFIX_EXPONENTS

Figures = tuple[tuple[str, float], ...]
"""Units and values."""
_ITEMS = re.compile(r"[、,;]")
# Behind an "@" a comma parts conditions.
_CONDITIONS = re.compile(r"(?<=@)[^、;,]*(?:,[^、;,@]*(?=[、;,]|$))*")
_NUMBER = re.compile(r"[±+-]?([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:/([0-9]{1,6}))?(\D*)")
_PREFIXED = ("Ω", "F", "H", "V", "A", "W", "Hz", "cd", "s", "J", "T", "N", "C")
_ENDINGS: dict[str, tuple[str, int]] = {
    **{
        f"{prefix}{unit}": (unit, exponent)
        for unit in _PREFIXED
        for prefix, exponent in PREFIX_EXPONENTS.items()
    },
    "mm": ("mm", 0), "um": ("m", -6), "nm": ("m", -9),
    "%": ("%", 0), "ppm": ("ppm", 0), "PPM": ("ppm", 0), "ppm/℃": ("ppm", 0),
    "dB": ("dB", 0), "dBm": ("dBm", 0), "": ("", 0), "Gs": ("T", -4),
    "V/us": ("V/s", 6), "V/ms": ("V/s", 3), "V/ns": ("V/s", 9),
}  # fmt: skip


def figures(word: str) -> Figures:
    """The numbers of a cleaned word; conditions after ``@`` and signs are left out.

    >>> figures("12mΩ@10V,5A;15mΩ@4.5V"), figures("1.8~5.5V"), figures("TO-252")
    ((('Ω', 0.012), ('Ω', 0.015)), (('V', 1.8), ('V', 5.5)), ())
    """
    # Most words are words.
    if word.isalpha():
        return ()
    found: list[tuple[str, float]] = []
    if "@" in word:
        word = _CONDITIONS.sub("", word)
    for item in _ITEMS.split(word):
        ends = item.partition("@")[0].split("~")
        read = [_NUMBER.fullmatch(end) for end in ends]
        if len(ends) > 2 or not all(read):
            continue
        last = read[-1]
        for one in read:
            assert one is not None and last is not None
            ending = _ENDINGS.get(one[3] or last[3])
            if ending is not None and ending[0]:
                size = float(f"{one[1]}e{ending[1]}")
                found.append((ending[0], nine_digits(size / int(one[2] or 1) if one[2] != "0"
                                                     else size)))  # fmt: skip
    return tuple(found)


def nine_digits(value: float) -> float:
    """The value rounded, so that two ways to compute it give one."""
    return float(f"{value:.9g}")


def test_numbers_of_words() -> None:
    for word, expected in (
        ("4.7kΩ", (("Ω", 4700.0),)),
        ("1/16W", (("W", 0.0625),)),
        ("±10%", (("%", 10.0),)),
        ("±100ppm/℃", (("ppm", 100.0),)),
        ("-55℃~+155℃", ()),
        ("0402", ()),
        ("SOT-23", ()),
        ("5/0V", (("V", 5.0),)),
        ("2.54mm", (("mm", 2.54),)),
    ):
        assert figures(word) == expected, word
