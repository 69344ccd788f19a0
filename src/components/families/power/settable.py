"""Outputs that can be set: their ranges stand in descriptions alone."""

from __future__ import annotations

from components.families.parse.describe import words
from components.families.parse.ratings import span


def settable_ranges(description: str) -> set[tuple[float, float]]:
    """The ranges of volts in a description, without signs, lower ends first.

    >>> settable_ranges("-40℃~+125℃ 600mV~5.5V Adjustable"), settable_ranges("5V")
    ({(0.6, 5.5)}, set())
    """
    if "~" not in description:
        return set()
    items = (item for word in words(description) for item in word.split(","))
    read = (span(item, "V") for item in items if "~" in item and item.endswith("V"))
    return {(min(map(abs, one)), max(map(abs, one))) for one in read if one is not None}
