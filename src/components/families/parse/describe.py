"""Readings from descriptions: a description lists the ratings without saying which is which.

A reading is certain only where its unit occurs once among the description's words, so that it
serves columns that own their unit in a family (ohms of a resistor, farads of a capacitor).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from components.families.parse.quantity import clean
from components.families.parse.tolerance import Tolerance, ppm, tolerance

Reading = Callable[[str], float | str | None]


def single(parse: Callable[[str], float | str | None]) -> Reading:
    """A reader of the one value among a description's words that ``parse`` understands.

    Words that say the same count once; different values mean that nothing is certain.
    """
    return functools.partial(_single, parse=parse)


def single_tolerance(unit: str) -> Callable[[str], Tolerance | None]:
    """As :func:`single`, for tolerances: words with a sign and ``%``, or ± with ``unit``."""
    return functools.partial(_single_tolerance, unit=unit)


def single_ppm(description: str) -> float | None:
    """The one value in ppm that a description holds."""
    values = {value for word in words(description) if (value := ppm(word)) is not None}
    return values.pop() if len(values) == 1 else None


def words(description: str) -> list[str]:
    """A description's words, cleaned."""
    return clean(description).split()


def _single(description: str, parse: Callable[[str], float | str | None]) -> float | str | None:
    values = {value for word in words(description) if (value := parse(word)) is not None}
    return values.pop() if len(values) == 1 else None


_SIGNED = re.compile(r"[±+-].*|0%.*")


def _single_tolerance(description: str, unit: str) -> Tolerance | None:
    found = {
        value
        for word in words(description)
        if _SIGNED.match(word) and (value := tolerance(word, unit)) is not None
    }
    return found.pop() if len(found) == 1 else None
