"""Numbers as EasyEDA writes them, and as KiCad reads them.

EasyEDA counts in units of 10 mil; y grows downward, as in KiCad's footprints.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from components.core.errors import CadError

MM_PER_UNIT = 0.254
# Beyond this (2.5 m) a coordinate is damage: KiCad's own plane ends at 2.1 m.
LIMIT_UNITS = 10_000.0


def number(text: str) -> float:
    """A finite number of units or degrees; raises :class:`CadError` for anything else.

    >>> number(" 4000.0000"), number("-.5"), number("1e-3")
    (4000.0, -0.5, 0.001)
    """
    try:
        value = float(text)
    except (ValueError, TypeError):
        raise CadError(f"{str(text)[:40]!r} is not a number") from None
    # The comparison is false for NaN; `float` reads `1_0` and digits of other scripts as well.
    if not -LIMIT_UNITS <= value <= LIMIT_UNITS or not text.isascii() or "_" in text:
        raise CadError(f"{text[:40]!r} is not a number within ±{LIMIT_UNITS:.0f}")
    return value


def numbers(texts: Sequence[str]) -> list[float]:
    """As :func:`number`, for many at once."""
    try:
        values = list(map(float, texts))
    except ValueError:
        return list(map(number, texts))
    if not values:
        return values
    joined = "".join(texts)
    # A sum is NaN where a number is.
    fine = -LIMIT_UNITS <= min(values) <= max(values) <= LIMIT_UNITS and math.isfinite(sum(values))
    return values if fine and joined.isascii() and "_" not in joined else list(map(number, texts))


def number_or(text: str, default: float) -> float:
    """As :func:`number`, for pens and the like: empty is ``default``; `px` and `pt` are units.

    >>> number_or("2px", 1.0), number_or("", 1.0)
    (2.0, 1.0)
    """
    text = text.strip()
    return number(text.removesuffix("px").removesuffix("pt")) if text else default


def mm(value: float) -> str:
    """Millimetres or degrees with at most six decimals, no exponent, no negative zero.

    >>> mm(-0.0), mm(1.5), mm(0.1 + 0.2), mm(1e-7), mm(-3), mm(100.0)
    ('0', '1.5', '0.3', '0', '-3', '100')
    """
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def test_what_is_no_number_is_refused() -> None:
    import pytest

    for text in ("", "nan", "inf", "-inf", "1e999", "1_0", "١٢", "12 13", "0x10", "1e9"):
        with pytest.raises(CadError, match="not a number"):
            number(text)
        with pytest.raises(CadError, match="not a number"):
            numbers(["1", text])
    assert numbers(["1", "-2.5"]) == [1.0, -2.5]
    assert number_or(" ", 2.0) == 2.0
    assert number_or("0.0000", 2.0) == 0.0
