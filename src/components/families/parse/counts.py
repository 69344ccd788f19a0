"""Whole numbers in words and figures: ``2x5P``, ``12 Bits``, ``Four channels``, ``Dual``."""

from __future__ import annotations

import re

from components.families.parse.quantity import clean

_WORDS = {
    "single": 1, "one": 1, "dual": 2, "two": 2, "double": 2, "three": 3, "triple": 3, "four": 4,
    "quad": 4, "quadruple": 4, "five": 5, "six": 6, "hex": 6, "seven": 7, "eight": 8, "octal": 8,
    "nine": 9, "ten": 10, "twelve": 12, "sixteen": 16,
    "单": 1, "双": 2, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
    "八": 8,
}  # fmt: skip
_NOUN = (
    r"(?:p|pins?|positions?|contacts?|bits?|channels?|ch|ports?|circuits?|elements?|ways?|lines?"
)
_NOUN += r"|drivers?|位|路|通道|声道|pos|rows?|turns?|poles?|cells?|outputs?|inputs?|lines?|圈|极)"
_PLAIN = re.compile(rf"([0-9]{{1,7}})(?:\.0+)?(?:\s*-?\s*{_NOUN})?\.?", re.IGNORECASE)
_PRODUCT = re.compile(
    rf"([0-9]{{1,4}})\s*{_NOUN}?\s*[xX×*]\s*([0-9]{{1,4}})\s*{_NOUN}?", re.IGNORECASE
)
_SUM = re.compile(r"[0-9]{1,4}[pP]?(?:\+[0-9]{1,4}[pP]?)+")
_NAMED = re.compile(rf"([a-z]+|[\u4e00-\u9fff])(?:[\s-]*{_NOUN})?", re.IGNORECASE)
_SEVERAL = re.compile(r"[;,]\s*")


def count(text: str) -> float | None:
    """The number that a text gives; of several different ones none is certain.

    >>> count("2x5P"), count("16-Bit"), count("Four channels"), count("1, 2")
    (10.0, 16.0, 4.0, None)
    """
    found = {_one(item) for item in _SEVERAL.split(clean(text)) if item}
    return found.pop() if len(found) == 1 else None


def fewest(text: str) -> float | None:
    """The smallest of all numbers that a text gives: what holds for every variant it names."""
    found = [_one(item) for item in _SEVERAL.split(clean(text)) if item]
    known = [value for value in found if value is not None]
    return min(known) if known and len(known) == len(found) else None


LENGTH_MAX = 12
"""Characters of a word that counts: ``16-positions``."""
_COUNTED = re.compile(rf"[1-9][0-9]{{0,3}}(?:-?{_NOUN})?|0", re.IGNORECASE)


def mentioned(word: str) -> tuple[float, ...]:
    """What a word of a text may count: in all first, then the factors; no code such as ``0402``.

    >>> mentioned("2x5P"), mentioned("8"), mentioned("Seven"), mentioned("0402"), mentioned("8.0")
    ((10.0, 2.0, 5.0), (8.0,), (7.0,), (), ())
    """
    word = word.strip(",;()")
    if len(word) > LENGTH_MAX:
        return ()
    if found := _PRODUCT.fullmatch(word):
        factors = float(found[1]), float(found[2])
        return factors[0] * factors[1], *factors
    if _COUNTED.fullmatch(word) or word.casefold() in _WORDS:
        value = _one(word)
        return () if value is None else (value,)
    return ()


def _one(text: str) -> float | None:
    text = text.strip()
    if found := _PLAIN.fullmatch(text):
        return float(found[1])
    if found := _PRODUCT.fullmatch(text):
        return float(int(found[1]) * int(found[2]))
    if _SUM.fullmatch(text):
        return float(sum(map(int, re.findall("[0-9]+", text))))
    if found := _NAMED.fullmatch(text):
        value = _WORDS.get(found[1].casefold())
        return None if value is None else float(value)
    return None


def test_numbers_that_occur() -> None:
    for text, expected in (
        ("2", 2), ("10P", 10), ("2x5P", 10), ("1x4P", 4), ("4Px2", 8), ("4P+14P", 18),
        ("12 Bits", 12), ("12Bit", 12), ("16-Bit", 16), ("Dual", 2), ("Four channels", 4),
        ("1-Channel", 1), ("Single port", 1), ("双声道", 2), ("0", 0), ("1280", 1280),
        ("2, 2", 2),
    ):  # fmt: skip
        assert count(text) == expected, text
    for text in ("", "-", "3.5", "1, 2", "many", "2~4", "x"):
        assert count(text) is None, text
    assert (fewest("4, 2"), fewest("4, ?")) == (2, None)
