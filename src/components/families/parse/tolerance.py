"""Tolerances: how far a part may be off its nominal value, to either side."""

from __future__ import annotations

import re
from typing import NamedTuple

from components.families.parse.quantity import clean, quantity

_NUMBER = r"([0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})"
_PER_KELVIN = r"(?:/(?:℃|°C|K|C))?"
_SYMMETRIC = re.compile(rf"±?\s?{_NUMBER}\s?%")
_SIDES = re.compile(rf"([+-]?)\s?{_NUMBER}\s?%\s?[~/,]?\s?([+-]?)\s?{_NUMBER}\s?%")
_ABSOLUTE = re.compile(r"±\s?(\S.*)")
_PPM = re.compile(rf"±?\s?{_NUMBER}\s?ppm{_PER_KELVIN}", re.IGNORECASE)
_PPB = re.compile(rf"±?\s?{_NUMBER}\s?ppb{_PER_KELVIN}", re.IGNORECASE)
_PPM_SIDES = re.compile(
    rf"([+-]?)\s?{_NUMBER}\s?(?:ppm{_PER_KELVIN})?\s?~\s?([+-]?)\s?{_NUMBER}\s?ppm{_PER_KELVIN}",
    re.IGNORECASE,
)
_PPM_SIGNED = re.compile(rf"[+-]\s?{_NUMBER}\s?ppm{_PER_KELVIN}", re.IGNORECASE)


class Tolerance(NamedTuple):
    """Deviations below and above nominal: shares of it, or in its unit where ``is_absolute``.

    ``low`` is never above 0, ``high`` never below.
    """

    low: float
    high: float
    is_absolute: bool = False

    def bounds(self, nominal: float) -> tuple[float, float]:
        """The lowest and highest value of a part; no quantity here falls below zero."""
        low, high = self.low, self.high
        if not self.is_absolute:
            low, high = nominal * low, nominal * high
        # Rounding must not carry a bound across the nominal value.
        low, high = _rounded(nominal + low), _rounded(nominal + high)
        return max(0.0, min(low, nominal)), max(high, nominal)

    def share(self, nominal: float | None) -> float | None:
        """The larger deviation as a share of ``nominal``; None where there is none to share."""
        widest = max(-self.low, self.high)
        if not self.is_absolute:
            return widest
        return _rounded(widest / nominal) if nominal else None


def tolerance(text: str, unit: str) -> Tolerance | None:
    """Read ``±1%``, ``-20%~+80%`` or ``±0.25pF`` (with ``unit`` F); None where not certain.

    >>> tolerance("+80%/-20%", "F")
    Tolerance(low=-0.2, high=0.8, is_absolute=False)
    >>> tolerance("±10%,±20%", "F") is None
    True
    """
    text = clean(text)
    if found := _SYMMETRIC.fullmatch(text):
        share = _scaled(found[1], -2)
        return Tolerance(-share, share)
    if found := _SIDES.fullmatch(text):
        return _sides(found, -2)
    if found := _ABSOLUTE.fullmatch(text):
        size = quantity(found[1], unit)
        return Tolerance(-size, size, True) if size is not None and size >= 0 else None
    return None


def ppm_tolerance(text: str) -> Tolerance | None:
    """Read ``±10ppm`` or ``-5ppm~+15ppm`` as shares; a band beside nominal is not certain."""
    text = clean(text)
    if found := _PPM.fullmatch(text):
        share = _scaled(found[1], -6)
        return Tolerance(-share, share) if share else None
    found = _PPM_SIDES.fullmatch(text)
    return _sides(found, -6) if found else None


def ppm(text: str) -> float | None:
    """The largest size of a coefficient: ``±100ppm/℃`` and ``0ppm/℃~+100ppm/℃`` are 100.

    A deviation of nothing is a placeholder.
    """
    text = clean(text)
    billionths = _PPB.fullmatch(text)
    if billionths:
        return _scaled(billionths[1], -3) or None
    return _largest_ppm(text) or None


def _largest_ppm(text: str) -> float | None:
    if found := _PPM.fullmatch(text) or _PPM_SIGNED.fullmatch(text):
        return float(found[1])
    found = _PPM_SIDES.fullmatch(text)
    return max(float(found[2]), float(found[4])) if found else None


def _sides(found: re.Match[str], exponent: int) -> Tolerance | None:
    ends = [
        -_scaled(size, exponent) if sign == "-" else _scaled(size, exponent)
        for sign, size in ((found[1], found[2]), (found[3], found[4]))
    ]
    # Without a sign only a zero is certain: "10%~20%" could mean either side, or both.
    if any(not sign and end for sign, end in ((found[1], ends[0]), (found[3], ends[1]))):
        return None
    low, high = min(ends), max(ends)
    return Tolerance(low + 0.0, high) if low <= 0 <= high else None


def _scaled(number: str, exponent: int) -> float:
    # The exponent joins the decimal text, so that 5 % is the float 0.05 and not a neighbour.
    return float(f"{number}e{exponent}")


def _rounded(value: float) -> float:
    # 10 kΩ less 1 % is 9900 Ω; the float product is a hair off, and differs between orders.
    return float(f"{value:.12g}")


def test_rows_of_texts_that_occur() -> None:
    for text, unit, expected in (
        ("±1%", "Ω", (-0.01, 0.01, False)),
        ("5%", "F", (-0.05, 0.05, False)),
        ("±0.25pF", "F", (-0.25e-12, 0.25e-12, True)),
        ("±0.1nH", "H", (-1e-10, 1e-10, True)),
        ("±0.01Ω", "Ω", (-0.01, 0.01, True)),
        ("+80%/-20%", "F", (-0.2, 0.8, False)),
        ("-20%~+80%", "F", (-0.2, 0.8, False)),
        ("-20%,+80%", "F", (-0.2, 0.8, False)),
        ("0%~+20%", "F", (0.0, 0.2, False)),
        ("-40%~0%", "F", (-0.4, 0.0, False)),
        ("+/-10%", "F", (-0.1, 0.1, False)),
    ):
        assert tolerance(text, unit) == expected, text


def test_what_is_not_certain_is_none() -> None:
    for text in ("±10%,±20%", "-", "", "10%~20%", "+5%~+20%", "±", "±1", "1%?", "±0.1nH"):
        assert tolerance(text, "F") is None, text
    for text in ("+5ppm~+20ppm", "10ppm~20ppm", "±10%"):
        assert ppm_tolerance(text) is None, text
    assert ppm("100") is None


def test_parts_per_million() -> None:
    for text, expected in (
        ("±100ppm/℃", 100),
        ("±10ppm", 10),
        ("50PPM/°C", 50),
        ("-200ppm/℃~+400ppm/℃", 400),
        ("+25ppm/℃", 25),
    ):
        assert ppm(text) == expected, text
    assert (ppm("±500ppb"), ppm("±0ppm"), ppm("0ppm/℃")) == (0.5, None, None)
    assert ppm_tolerance("±0ppm") is None
    assert ppm_tolerance("±10ppm") == (-1e-5, 1e-5, False)
    assert ppm_tolerance("-5ppm~+15ppm") == (-5e-6, 15e-6, False)
    assert ppm_tolerance("0ppm~+20ppm") == (0.0, 20e-6, False)


def test_bounds_and_shares() -> None:
    assert Tolerance(-0.01, 0.01).bounds(10e3) == (9900.0, 10100.0)
    assert Tolerance(-0.2, 0.8).bounds(1e-7) == (8e-8, 1.8e-7)
    assert Tolerance(-0.25e-12, 0.25e-12, True).bounds(1e-12) == (7.5e-13, 1.25e-12)
    assert Tolerance(-0.25e-12, 0.25e-12, True).share(1e-12) == 0.25
    assert Tolerance(-0.05, 0.05, True).bounds(0.0) == (0.0, 0.05)
    assert Tolerance(-0.05, 0.05, True).share(0.0) is None


def test_any_band_holds_its_nominal_value() -> None:
    import math

    from hypothesis import given
    from hypothesis import strategies as st

    @given(st.text("±+-~/,0123456789.% pnF"), st.floats(0, 1e30))
    def holds(text: str, nominal: float) -> None:
        read = tolerance(text, "F")
        if read is not None:
            low, high = read.bounds(nominal)
            assert 0 <= low <= nominal <= high < math.inf

    @given(st.text(), st.floats(0, 1e9))
    def never_raises(text: str, nominal: float) -> None:
        for read in (tolerance(text, "F"), ppm_tolerance(text)):
            assert read is None or read.low <= 0 <= read.high
        assert (found := ppm(text)) is None or 0 <= found < math.inf

    holds()
    never_raises()


def test_a_written_tolerance_is_read_back() -> None:
    from hypothesis import given
    from hypothesis import strategies as st

    @given(st.decimals(0, 100, places=3), st.decimals(0, 100, places=3))
    def reads_back(low: object, high: object) -> None:
        sides = (-float(f"{low}e-2") + 0.0, float(f"{high}e-2"), False)
        assert tolerance(f"-{low}%~+{high}%", "F") == sides
        assert tolerance(f"+{high}%/-{low}%", "F") == sides
        assert tolerance(f"±{low}%", "F") == (sides[0], -sides[0] + 0.0, False)

    reads_back()
