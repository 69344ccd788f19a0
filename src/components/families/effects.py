"""What the attributes of a part say of its family's columns; each text is read once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from components.families.memo import Memo
from components.families.merging import CONTRADICTED
from components.families.model import Column, Parsed, fold
from components.families.parse.quantity import is_unknown
from components.families.parse.ratings import IMPLAUSIBLE

NAMES_MAX = 1 << 10
TEXTS_MAX = 1 << 15
"""Names of attributes that are remembered, and texts of each that feeds a column."""
Effect = tuple[int, int, Parsed]
"""What one text says of a column: its place, a rank, and the value.

The rank is 0 for an attribute of the column itself, and from 1 for one that serves otherwise.
"""
UNREAD = -1
"""The rank of a text that could not be read."""
WRONG = -2
"""The rank of a text that cannot be true: which of the column's texts is wrong is not certain."""
_Sources = list[tuple[int, int]]
"""Places and ranks of the columns that an attribute feeds."""
Effects = Memo[str, Memo[str, tuple[Effect, ...]] | None]


def effects_by_name(columns: Sequence[Column]) -> Effects:
    """By an attribute's name, what each of its texts says; None where it feeds no column."""
    sources: dict[str, _Sources] = {}
    for place, column in enumerate(columns):
        for name in column.attributes:
            sources.setdefault(fold(name), []).append((place, 0))
        for rank, name in enumerate(column.otherwise, 1):
            sources.setdefault(fold(name), []).append((place, rank))

    def by_text(name: str) -> Memo[str, tuple[Effect, ...]] | None:
        fed = sources.get(fold(name))
        return None if fed is None else Memo(partial(_effects, columns, fed), TEXTS_MAX)

    return Memo(by_text, NAMES_MAX)


def _effects(columns: Sequence[Column], fed: _Sources, text: str) -> tuple[Effect, ...]:
    if is_unknown(text):
        return ()
    found: list[Effect] = []
    for place, rank in fed:
        column = columns[place]
        value = None if column.parse is None else column.parse(text)
        if value is not None and value is not IMPLAUSIBLE:
            found.append((place, rank, value))
            continue
        if not column.quiet:
            found.append((place, UNREAD, None))
        if value is not None and not rank:
            found.append((place, WRONG, CONTRADICTED))
    return tuple(found)


def test_a_text_says_what_each_column_reads_in_it() -> None:
    from components.families.columns import nominal, rating

    effects = effects_by_name((
        rating("max_voltage_v", "", "Vdss", band=(1.0, 100.0)),
        nominal("voltage_v", "", "V", otherwise=("vdss",)),
    ))  # fmt: skip
    assert effects["Colour"] is None
    vdss = effects["V dss"]
    assert vdss is not None
    assert vdss["30V"] == ((0, 0, 30.0), (1, 1, 30.0))
    assert vdss["200V"] == ((0, UNREAD, None), (0, WRONG, CONTRADICTED), (1, 1, 200.0))
    assert vdss["?"] == ((0, UNREAD, None), (1, UNREAD, None))
    assert vdss["-"] == ()
