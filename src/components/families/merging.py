"""Two readings of one column: which of them is kept."""

from __future__ import annotations

from components.families.model import Parsed, Refused, Side
from components.families.parse.ratings import IMPLAUSIBLE, Hull, Span
from components.families.parse.tolerance import Tolerance

FACTOR_MAX = 5.0
"""Readings further apart are not of one thing, whatever side is safe."""
ROUNDING = 1e-6
"""Relative difference of one value written in two units."""
KEPT, UNKNOWN = "safe value kept", "unknown"

# What stands for a column whose texts contradict each other: later texts do not revive it.
CONTRADICTED = IMPLAUSIBLE


def merged(side: Side | None, one: Parsed, other: Parsed) -> tuple[Parsed, str]:
    """The value to keep, and what happened: empty where both say the same.

    >>> merged("least", 30.0, 20.0), merged("most", 30.0, 20.0)
    ((20.0, 'safe value kept'), (30.0, 'safe value kept'))
    """
    if one is CONTRADICTED:
        return one, ""
    if isinstance(one, Refused) or isinstance(other, Refused):
        return (one if isinstance(one, Refused) else other), ""
    if isinstance(one, Tolerance) and isinstance(other, Tolerance):
        return _tolerances(one, other)
    if isinstance(one, Span) or isinstance(other, Span):
        return _spans(one, other)
    if isinstance(one, float) and isinstance(other, float):
        return _numbers(side, one, other)
    return (one, "") if one == other else (CONTRADICTED, UNKNOWN)


def same(one: float, other: float) -> bool:
    """Whether two numbers are one value."""
    return abs(one - other) <= ROUNDING * max(abs(one), abs(other))


def _numbers(side: Side | None, one: float, other: float) -> tuple[Parsed, str]:
    if same(one, other):
        return one, ""
    low, high = sorted((one, other))
    # Levels in decibels may be negative: there a factor means nothing.
    if side is None or (low >= 0 and high > FACTOR_MAX * low):
        return CONTRADICTED, UNKNOWN
    return (low if side == "least" else high), KEPT


def _tolerances(one: Tolerance, other: Tolerance) -> tuple[Parsed, str]:
    if one == other:
        return one, ""
    if one.is_absolute != other.is_absolute:
        # Which is wider depends on the nominal value; the absolute one is the maker's own.
        return (one if one.is_absolute else other), ""
    wide = Tolerance(min(one.low, other.low), max(one.high, other.high), one.is_absolute)
    narrow = min(one.high - one.low, other.high - other.low)
    if wide.high - wide.low > FACTOR_MAX * narrow:
        return CONTRADICTED, UNKNOWN
    return wide, KEPT


def _spans(one: Parsed, other: Parsed) -> tuple[Parsed, str]:
    """What both cover; a single number is a range of no width."""
    first, second = _as_span(one), _as_span(other)
    if first is None or second is None:
        return CONTRADICTED, UNKNOWN
    if same(first.low, second.low) and same(first.high, second.high):
        return one, ""
    low, high = max(first.low, second.low), min(first.high, second.high)
    if low > high or _apart(first.low, second.low) or _apart(first.high, second.high):
        return CONTRADICTED, UNKNOWN
    both_part = isinstance(one, Hull) and isinstance(other, Hull)
    return (Hull if both_part else Span)(low, high), KEPT


def _apart(one: float, other: float) -> bool:
    low, high = sorted((abs(one), abs(other)))
    return low > 0 and high > FACTOR_MAX * low


def _as_span(value: Parsed) -> Span | None:
    if isinstance(value, Span):
        return value
    return Span(value, value) if isinstance(value, float) else None


def test_the_safe_side_is_kept_within_a_factor() -> None:
    assert merged("least", 5.0, 5.0000001) == (5.0, "")
    assert merged("least", 1.0, 6.0) == (CONTRADICTED, UNKNOWN)
    assert merged("most", 1.0, 5.0) == (5.0, KEPT)
    assert merged(None, 1.0, 2.0) == (CONTRADICTED, UNKNOWN)
    assert merged(None, "N", "P") == (CONTRADICTED, UNKNOWN)
    assert merged("least", CONTRADICTED, 2.0) == (CONTRADICTED, "")
    assert merged("least", 0.0, 2.0) == (CONTRADICTED, UNKNOWN)


def test_ranges_keep_what_both_cover() -> None:
    assert merged(None, Span(1.8, 5.5), Span(2.7, 3.6)) == (Span(2.7, 3.6), KEPT)
    assert merged(None, Span(1.8, 5.5), 3.3) == (Span(3.3, 3.3), KEPT)
    assert merged(None, Span(1.8, 5.5), Hull(3.3, 5.0)) == (Span(3.3, 5.0), KEPT)
    assert type(merged(None, Hull(1.8, 5.5), Hull(3.3, 5.0))[0]) is Hull
    assert merged(None, Span(1.0, 2.0), Span(3.0, 4.0)) == (CONTRADICTED, UNKNOWN)
    assert merged(None, Span(1.0, 2.0), Span(1.0, 40.0)) == (CONTRADICTED, UNKNOWN)


def test_the_wider_tolerance_is_kept() -> None:
    five, ten = Tolerance(-0.05, 0.05), Tolerance(-0.1, 0.1)
    assert merged("most", five, ten) == (ten, KEPT)
    assert merged("most", Tolerance(-0.01, 0.01), ten) == (CONTRADICTED, UNKNOWN)
    assert merged("most", five, Tolerance(-1e-12, 1e-12, True))[0] == Tolerance(-1e-12, 1e-12, True)
