"""Ratings with ranges, several values and test conditions: ``12mΩ@10V,50A``, ``1.5A;2A``.

Ranges keep both ends until a column says which of them it holds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from components.families.parse.quantity import clean, quantity

T = TypeVar("T")
Reading = Callable[[str], float | None]
# ", " and ";" part values; a comma without a space belongs to the conditions after an "@".
_VALUES = re.compile(r";\s*|,\s+")
_CONDITION = re.compile(r"[\d.(+-].*")
_LABEL = re.compile(r"[A-Z]{1,4}:(?=\S)")
_TAIL_UNIT = re.compile(r"[^\d.\s]+$")
# What parts values, ranges, labels and conditions: most texts are one value without any.
_PARTED = re.compile(r"[;,~±@:]|^-$")


class Span(NamedTuple):
    """A value's lowest and highest; the same number where the text gives one."""

    low: float
    high: float


class Hull(Span):
    """The ends of values or ranges that part, such as 3.3 V and 5 V: what is between is not told.

    It says what another text's range cannot exceed, and nothing by itself.
    """

    __slots__ = ()


def spans(text: str, unit: str) -> tuple[Span, ...] | None:
    """All values of a text in order; None where a part of it is not certain.

    >>> spans("12mΩ@10V,50A", "Ω")
    (Span(low=0.012, high=0.012),)
    >>> spans("55mΩ@10V、65mΩ@4.5V", "Ω")
    (Span(low=0.055, high=0.055), Span(low=0.065, high=0.065))
    >>> spans("1.5A;2A", "A")
    (Span(low=1.5, high=1.5), Span(low=2.0, high=2.0))
    """
    text = clean(text)
    if not _PARTED.search(text):
        value = quantity(text, unit)
        return None if value is None else (Span(value, value),)
    found: list[Span] = []
    for group in _VALUES.split(text.rstrip(",;")):
        if group == "-":
            continue
        read = _group(group, unit)
        if read is None:
            return None
        found += read
    return tuple(found) or None


def span(text: str, unit: str) -> Span | None:
    """One value or range; the unit may stand at the range's end alone.

    >>> span("1.25~5.5V", "V"), span("-55℃~+155℃", "℃"), span("±20A", "A")
    (Span(low=1.25, high=5.5), Span(low=-55.0, high=155.0), Span(low=-20.0, high=20.0))
    """
    if text.startswith("±"):
        size = quantity(text[1:], unit)
        return None if size is None else Span(-abs(size), abs(size))
    first, tilde, last = (part.strip() for part in text.partition("~"))
    if not tilde:
        value = quantity(first, unit)
        return None if value is None else Span(value, value)
    high = quantity(last, unit)
    low = quantity(first, unit)
    if low is None and (shared := _TAIL_UNIT.search(last)):
        low = quantity(first + shared[0], unit)
    if low is None or high is None:
        return None
    return Span(*sorted((low, high)))


def only(unit: str, *, zero: bool = False, signed: bool = False) -> Reading:
    """A reader of texts with one value; ranges and several different values are not certain.

    With ``signed`` a minus counts: of levels, and of temperatures.
    """

    def read(text: str) -> float | None:
        found = (spans(text, unit) or ()) if signed else _sizes(text, unit)
        ends = {end for one in found for end in one}
        return _rating(ends.pop(), zero or signed, signed) if len(ends) == 1 else None

    return read


def covered(unit: str, *, signed: bool = False) -> Callable[[str], Span | None]:
    """A reader of what a part covers: of several ranges what all of them hold.

    >>> covered("V")("1.65V~5.5V"), covered("V")("2V~36V;1V~18V"), covered("V")("3.3V, 5V")
    (Span(low=1.65, high=5.5), Span(low=2.0, high=18.0), Hull(low=3.3, high=5.0))
    """

    def read(text: str) -> Span | None:
        found = list(spans(text, unit) or ()) if signed else _sizes(text, unit)
        if not found:
            return None
        low, high = max(one.low for one in found), min(one.high for one in found)
        if low > high:
            return Hull(min(one.low for one in found), max(one.high for one in found))
        return Span(low, high) if signed or high > 0 else None

    return read


def only_or_range(unit: str) -> Callable[[str], float | Span | None]:
    """As :func:`only`, but a range is understood: what is adjustable has no value of its own."""
    single = only(unit)

    def read(text: str) -> float | Span | None:
        found, value = _sizes(text, unit), single(text)
        return found[0] if value is None and len(found) == 1 else value

    return read


def at_least(unit: str) -> Reading:
    """A reader of upper ratings: of a range its end, of several values the smallest.

    That is the rating that holds under all the conditions that the text names.
    """

    def read(text: str) -> float | None:
        found = _sizes(text, unit)
        return _rating(min(one.high for one in found)) if found else None

    return read


def at_most(unit: str) -> Reading:
    """A reader of losses and thresholds: the largest of all values that a text gives."""

    def read(text: str) -> float | None:
        found = _sizes(text, unit)
        return _rating(max(one.high for one in found)) if found else None

    return read


def lowest(unit: str) -> Reading:
    """A reader of guaranteed minima, such as a gain: the smallest of all values and ends."""

    def read(text: str) -> float | None:
        found = _sizes(text, unit)
        return _rating(min(one.low for one in found)) if found else None

    return read


IMPLAUSIBLE = Span(math.nan, math.nan)
"""Of a text that says what no part of the kind can have: there a digit or a prefix is wrong."""


def plausible(parse: Callable[[str], T], low: float, high: float) -> Callable[[str], T | Span]:
    """``parse``, with :data:`IMPLAUSIBLE` for numbers that no part of the kind can have."""

    def read(text: str) -> T | Span:
        value = parse(text)
        return IMPLAUSIBLE if isinstance(value, float) and not low <= value <= high else value

    return read


def within(parse: Callable[[str], T], low: float, high: float) -> Callable[[str], T | None]:
    """``parse``, without what no part of the kind can have: there a unit's prefix is wrong."""

    def read(text: str) -> T | None:
        value = parse(text)
        return value if isinstance(value, float) and low <= value <= high else None

    return read


def _sizes(text: str, unit: str) -> list[Span]:
    """The values of a text without their signs, none where one of them is not certain.

    Negative ratings are those of P-channel and PNP types and of negative regulators, which other
    listings write without the sign.
    """
    found = spans(text, unit) or ()
    if len(found) == 1 and found[0].low > 0:
        return [*found]
    if any(one.low < 0 < one.high for one in found):
        return []
    return [Span(*sorted((abs(one.low), abs(one.high)))) for one in found]


def _group(group: str, unit: str) -> list[Span] | None:
    found: list[Span] = []
    conditional = False
    for item in group.split(","):
        value, at, _ = item.partition("@")
        if conditional and not at:
            if not _CONDITION.fullmatch(item):
                return None
            continue
        read = span(_LABEL.sub("", value.strip(), count=1), unit)
        if read is None:
            return None
        found.append(read)
        conditional = bool(at)
    return found


def _rating(value: float, zero: bool = False, signed: bool = False) -> float | None:
    # A rating of zero is a placeholder: nobody sells a capacitor for 0 V.
    return value if value > 0 or signed or (zero and value == 0) else None


def test_rows_of_texts_that_occur() -> None:
    for read, text, expected in (
        (at_least("V"), "1.25V~5.5V", 5.5),
        (lowest("V"), "1.25V~5.5V", 1.25),
        (at_most("Ω"), "12mΩ@10V,50A", 0.012),
        (at_most("V"), "450mV@300mA", 0.45),
        (lowest(""), "100@10mA,1V", 100.0),
        (at_most("Ω"), "110mΩ@4.5V,3A", 0.11),
        (at_least("A"), "1.5A;2A", 1.5),
        (at_most("V"), "260mV@(200mA), 180mV@(100mA)", 0.26),
        (at_most("V"), "300mV@（300mA）", 0.3),
        (at_most("V"), "1.3V@5mA,0.3V", 1.3),
        (at_least("A"), "R:20mA, G:20mA, B:10mA", 0.01),
        (at_most("V"), "G:2.8V~3.2V、R:2.0V~2.4V", 3.2),
        (at_most("V"), "3.4V@UVA, 6.4V@UVC", 6.4),
        (at_least("V"), "-30V", 30.0),
        (only("Ω"), "600Ω@100MHz", 600.0),
        (only("Ω", zero=True), "0Ω@100MHz", 0.0),
        (at_most("V"), "250mV@(1A);-", 0.25),
        (at_most("Ω"), "5.1mΩ@10V,", 0.0051),
        (within(at_most("Ω"), 0, 1e4), "1mΩ", 0.001),
    ):
        assert read(text) == expected, text


def test_a_range_keeps_both_ends() -> None:
    assert only_or_range("V")("1.25V~5.5V") == Span(1.25, 5.5)
    assert only_or_range("V")("3.3V") == 3.3
    assert only_or_range("V")("1.8V;3.3V") is None


def test_what_is_not_certain_is_none() -> None:
    for read, text in (
        (only("Ω"), "10kΩ;22kΩ"),
        (only("V"), "1.25V~5.5V"),
        (only("F"), "0pF"),
        (at_least("V"), "5?V"),
        (at_most("V"), "450mV@300mA,?"),
        (at_least("V"), "-5V~5V"),
        (at_least("A"), "1.5A, about 2A"),
        (at_least("A"), ""),
        (at_least("A"), "-;-"),
        (within(at_most("Ω"), 0, 1e4), "20.1MΩ"),
    ):
        assert read(text) is None, text


def test_any_text_is_finite_spans_or_none() -> None:
    from hypothesis import given
    from hypothesis import strategies as st

    @given(st.text() | st.text("0123456789.~;, @VAmkR:-()"))
    def harmless(text: str) -> None:
        found = spans(text, "V")
        assert found is None or found
        for one in found or ():
            assert -math.inf < one.low <= one.high < math.inf
        for read in (only("V"), at_least("V"), at_most("V"), lowest("V")):
            assert (value := read(text)) is None or 0 < value < math.inf

    harmless()


def test_written_ranges_and_conditions_are_read_back() -> None:
    from hypothesis import given
    from hypothesis import strategies as st

    @given(st.lists(st.integers(1, 9999), min_size=2, max_size=2))
    def reads_back(ends: list[int]) -> None:
        low, high = sorted(ends)
        assert spans(f"{low}mV~{high}mV@10A,25℃", "V") == (
            Span(float(f"{low}e-3"), float(f"{high}e-3")),
        )
        assert spans(f"{low}V;{high}V", "V") == (Span(low, low), Span(high, high))

    reads_back()
