"""Tolerances: how far a part may be off its nominal value, to either side."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from components.families.parse.quantity import clean, quantity

_NUMBER = r"(\d+(?:\.\d+)?|\.\d+)"
_SYMMETRIC = re.compile(rf"±?\s*{_NUMBER}\s*%")
_SIDES = re.compile(rf"([+-]?)\s*{_NUMBER}\s*%\s*[~/,]?\s*([+-]?)\s*{_NUMBER}\s*%")
_ABSOLUTE = re.compile(r"±\s*(\S.*)")
_PPM = re.compile(rf"±?\s*{_NUMBER}\s*ppm(?:/[℃K]|/°C)?", re.IGNORECASE)


class Tolerance(NamedTuple):
    """Deviations below and above nominal: shares of it, or in its unit where ``is_absolute``.

    ``low`` is never above 0, ``high`` never below.
    """

    low: float
    high: float
    is_absolute: bool = False

    def bounds(self, nominal: float) -> tuple[float, float]:
        """The lowest and highest value of a part; no quantity here falls below zero."""
        if self.is_absolute:
            return max(0.0, nominal + self.low), nominal + self.high
        return max(0.0, nominal * (1 + self.low)), nominal * (1 + self.high)

    def share(self, nominal: float) -> float | None:
        """The larger deviation as a share of ``nominal``; None where that is zero."""
        widest = max(-self.low, self.high)
        if not self.is_absolute:
            return widest
        return widest / nominal if nominal > 0 else None


def tolerance(text: str, unit: str) -> Tolerance | None:
    """Read ``±1%``, ``-20%~+80%`` or ``±0.25pF`` (with ``unit`` F); None where not certain.

    >>> tolerance("+80%/-20%", "F")
    Tolerance(low=-0.2, high=0.8, is_absolute=False)
    >>> tolerance("±10%,±20%", "F") is None
    True
    """
    text = clean(text)
    if found := _SYMMETRIC.fullmatch(text):
        share = _percent(found[1])
        return Tolerance(-share, share)
    if found := _SIDES.fullmatch(text):
        return _sides(found)
    if found := _ABSOLUTE.fullmatch(text):
        size = quantity(found[1], unit)
        return Tolerance(-size, size, is_absolute=True) if size is not None else None
    return None


def ppm_tolerance(text: str) -> Tolerance | None:
    """Read ``±10ppm`` as shares."""
    value = ppm(text)
    return Tolerance(-value / 1e6, value / 1e6) if value is not None else None


def ppm(text: str) -> float | None:
    """Read ``±100ppm/℃`` as 100."""
    found = _PPM.fullmatch(clean(text))
    value = float(found[1]) if found else math.inf
    return value if value < 1e6 else None


def _sides(found: re.Match[str]) -> Tolerance | None:
    ends = sorted(
        -_percent(size) if sign == "-" else _percent(size)
        for sign, size in ((found[1], found[2]), (found[3], found[4]))
    )
    signs = {found[1], found[3]}
    certain = ends[0] <= 0 <= ends[1] and ("-" in signs or ends[0] == 0)
    return Tolerance(ends[0], ends[1]) if certain else None


def _percent(text: str) -> float:
    # Scaled in decimal, so that 5 % is the float 0.05 and not a neighbour of it.
    return float(f"{text}e-2")
