"""Whether a maker's part numbers tell the tolerance: by the parts that state it too."""

from __future__ import annotations

from collections import Counter

from components.families.model import Family, Value
from components.families.parse.tolerance import Tolerance

PARTS_MIN = 200
"""Parts of a maker that must state a tolerance beside a letter."""
SHARE_MIN = 0.999
"""Of these, those whose letter says the same."""
UNKNOWN = "tolerance unknown"
SOURCE_COLUMN = "tolerance_source"
SLACK = 1e-9

Makers = Counter[tuple[str, object, bool]]
"""Parts by family, maker and whether the letter agrees with the stated tolerance."""


def trusted(makers: Makers, family: str, maker: object) -> bool:
    """Whether the letters of ``maker`` may stand for tolerances."""
    agree, differ = makers[family, maker, True], makers[family, maker, False]
    return agree + differ >= PARTS_MIN and agree >= SHARE_MIN * (agree + differ)


class Letters:
    """The letter rule of one family."""

    def __init__(self, family: Family) -> None:
        self._letter = family.letter
        names = [column.name for column in family.columns]
        nominal = next(c for c in family.columns if c.minimum_column and c.tolerance_column)
        self._places = tuple(
            names.index(name or "")
            for name in (
                *(nominal.name, nominal.minimum_column, nominal.maximum_column),
                *(nominal.tolerance_column, SOURCE_COLUMN),
            )
        )

    def read(
        self, values: tuple[Value, ...], reason: str | None, part_number: str
    ) -> tuple[tuple[Value, ...], bool, bool | None]:
        """The values with the source of the tolerance, whether the letter gave it, and agrees.

        It agrees, or not, with what the texts state; None: one of the two says nothing.
        """
        nominal, low, high, deviation, source = self._places
        size = values[nominal]
        assert self._letter is not None
        told = self._letter(part_number, size) if isinstance(size, float) and size else None
        if values[low] is not None:
            agrees = None if told is None else _close(told, size, values[low], values[high])
            return _with(values, {source: "STATED"}), False, agrees
        if told is None or reason != UNKNOWN or not isinstance(size, float):
            return values, False, None
        ends = told.bounds(size)
        share = told.share(size)
        given: dict[int, Value] = {low: ends[0], high: ends[1], source: "PART_NUMBER"}
        given[deviation] = None if share is None else float(f"{share * 100:.12g}")
        return _with(values, given), True, None


def _with(values: tuple[Value, ...], changes: dict[int, Value]) -> tuple[Value, ...]:
    changed = list(values)
    for place, value in changes.items():
        changed[place] = value
    return tuple(changed)


def _close(told: Tolerance, size: Value, low: Value, high: Value) -> bool:
    assert isinstance(size, float) and isinstance(low, float) and isinstance(high, float)
    return all(
        abs(one - other) <= SLACK * size
        for one, other in zip(told.bounds(size), (low, high), strict=True)
    )
