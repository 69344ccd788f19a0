"""Ratings with ranges, several values and test conditions: ``12mΩ@10V,50A``, ``1.5A;2A``.

Ranges keep both ends until a column says which of them it holds.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import NamedTuple

from components.families.parse.quantity import clean, quantity

_SEPARATORS = re.compile(r"[;,]")


class Span(NamedTuple):
    """A value's lowest and highest; the same number where the text gives one."""

    low: float
    high: float


def spans(text: str, unit: str) -> tuple[Span, ...] | None:
    """All values of a text in order, or None where a part of it is not certain.

    >>> spans("12mΩ@10V,50A", "Ω")
    (Span(low=0.012, high=0.012),)
    >>> spans("55mΩ@10V,65mΩ@4.5V", "Ω")
    (Span(low=0.055, high=0.055), Span(low=0.065, high=0.065))
    """
    found: list[Span] = []
    conditional = False
    for item in _SEPARATORS.split(clean(text)):
        value, at, _ = item.partition("@")
        read = span(value.strip(), unit)
        if read is not None:
            found.append(read)
            conditional = bool(at)
        elif at or not conditional:
            return None
    return tuple(found) or None


def span(text: str, unit: str) -> Span | None:
    """One value or range of non-negative values; the unit may stand at the range's end alone."""
    low_text, tilde, high_text = text.partition("~")
    if not tilde:
        value = quantity(text, unit)
        return Span(value, value) if value is not None and value >= 0 else None
    high = quantity(high_text.strip(), unit)
    low = quantity(low_text.strip(), unit)
    if low is None and (shared := re.search(r"[^\d.\s]+\s*$", high_text)):
        low = quantity(low_text.strip() + shared[0].strip(), unit)
    if low is None or high is None or not 0 <= low <= high:
        return None
    return Span(low, high)


def only(unit: str) -> Callable[[str], float | None]:
    """A parser of texts with one value; ranges and several different values are not certain."""
    return functools.partial(_only, unit=unit)


def at_least(unit: str) -> Callable[[str], float | None]:
    """A parser of upper ratings: of a range its end, of several values the smallest.

    That is the rating that holds under all the conditions that the text names.
    """
    return functools.partial(_at_least, unit=unit)


def at_most(unit: str) -> Callable[[str], float | None]:
    """A parser of losses and thresholds: the largest of all values that a text gives."""
    return functools.partial(_at_most, unit=unit)


def _only(text: str, unit: str) -> float | None:
    found = spans(text, unit)
    values = {end for one in found or () for end in one}
    return _positive(values.pop()) if len(values) == 1 else None


def _at_least(text: str, unit: str) -> float | None:
    found = spans(text, unit)
    return _positive(min(one.high for one in found)) if found else None


def _at_most(text: str, unit: str) -> float | None:
    found = spans(text, unit)
    return _positive(max(one.high for one in found)) if found else None


def _positive(value: float) -> float | None:
    # A rating of zero is a placeholder; nobody sells a capacitor for 0 V.
    return value if value > 0 else None
