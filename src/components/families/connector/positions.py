"""Contacts in all, from the rows and the contacts in each."""

from __future__ import annotations

import re

from components.families.model import Part, Value
from components.families.parse.counts import count

NAMES = ("row_count", "positions_per_row", "position_count")
_POSITIONS = re.compile(r"[0-9]{1,3}(?:x[0-9]{1,3})?P")


def position_word(word: str) -> float | None:
    """The contacts that a word of a description counts: ``2x17P``, ``34P``."""
    return count(word) if _POSITIONS.fullmatch(word) else None


def settle(values: dict[str, Value], part: Part) -> str | None:
    """Multiply rows and contacts in a row, where the contacts in all are not told."""
    rows, in_row, told = (values[name] for name in NAMES)
    certain = not part.contradicted.intersection(NAMES)
    if certain and told is None and isinstance(rows, float) and isinstance(in_row, float):
        values["position_count"] = rows * in_row
    return None


def test_contacts_are_multiplied_where_they_are_not_told() -> None:
    for told, rows, in_row, expected in (
        (None, 2.0, 5.0, 10.0),
        (8.0, 2.0, 5.0, 8.0),
        (None, None, 5.0, None),
    ):
        values: dict[str, Value] = {
            "position_count": told,
            "row_count": rows,
            "positions_per_row": in_row,
        }
        assert settle(values, Part({}, "", "", "")) is None
        assert values["position_count"] == expected


def test_words_of_a_description_count_contacts() -> None:
    assert (position_word("2x17P"), position_word("34P"), position_word("1x4P")) == (34, 34, 4)
    assert all(position_word(word) is None for word in ("34", "P=2.54mm", "SMD-32P", "2x17"))
