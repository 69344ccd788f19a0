"""A built snapshot beside the published one: whether too many rows or values went missing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from components.core.database import tables
from components.families import FAMILIES, Family

# Of eleven parts three are gone one night in so many: that says nothing of the source.
FEW_ROWS = 10
# A column without any value is told where that is less likely than this among as many parts taken
# from those before: of two parts, the only one with a value may be the one that left.
CHANCE = 0.01


class Fill(NamedTuple):
    """Rows of one pick table, and by column how many of them have a value."""

    rows: int
    filled: dict[str, int]

    def share(self, column: str) -> float:
        return self.filled[column] / self.rows if self.rows else 0.0


def fills(fast: sqlite3.Connection, families: Sequence[Family] = FAMILIES) -> dict[str, Fill]:
    """The fill of every family that ``fast.sqlite`` has a table of, in whatever version."""
    present = tables(fast)
    found = {}
    for family in families:
        if family.table in present:
            names = present[family.table]
            counts = ", ".join(f'count("{name}")' for name in names)
            row = fast.execute(f"SELECT count(*), {counts} FROM {family.table}").fetchone()
            found[family.name] = Fill(row[0], dict(zip(names, row[1:], strict=True)))
    return found


def losses(
    new: dict[str, Fill],
    old: dict[str, Fill],
    max_row_loss_share: float,
    max_fill_loss_share: float,
) -> Iterator[str]:
    """Each fall beyond its threshold, one line each, naming the family and the column.

    A family may lose ``max_row_loss_share`` of its rows, as a share of what it had; the filled
    share of a column may fall by ``max_fill_loss_share``, as a difference. New families and
    columns, and those without values before, cannot lose anything. What fewer than
    :data:`FEW_ROWS` rows lose is no matter, unless a column has lost every value and that is no
    chance (:data:`CHANCE`).
    """
    for name, before in old.items():
        after = new.get(name)
        if after is None or not before.rows:
            continue
        lost = 1 - after.rows / before.rows
        is_few = before.rows - after.rows < FEW_ROWS
        if lost > max_row_loss_share and not is_few:
            yield (
                f"{name}: {after.rows} rows, {lost:.0%} fewer than the published {before.rows}"
                f" (stage2.max_row_loss_share allows {max_row_loss_share:.0%})"
            )
        if not after.rows:
            continue
        for column in before.filled.keys() & after.filled.keys():
            fall = before.share(column) - after.share(column)
            if fall > max_fill_loss_share and (
                _has_emptied(before, after, column) or fall * after.rows >= FEW_ROWS
            ):
                yield (
                    f"{name}.{column}: filled in {after.share(column):.0%} of rows, published"
                    f" {before.share(column):.0%}"
                    f" (stage2.max_fill_loss_share allows a fall of {max_fill_loss_share:.0%})"
                )


def _has_emptied(before: Fill, after: Fill, column: str) -> bool:
    # Even where all parts had a value, the next may be the first without.
    likely = before.filled[column] / (before.rows + 1)
    return not after.filled[column] and (1 - likely) ** after.rows < CHANCE


def row_loss(new: int, old: int, max_row_loss_share: float) -> str | None:
    """What is wrong with the number of all parts, if anything."""
    if old and 1 - new / old > max_row_loss_share:
        return (
            f"detail.sqlite: {new} parts, {1 - new / old:.0%} fewer than the published {old}"
            f" (stage2.max_row_loss_share allows {max_row_loss_share:.0%})"
        )
    return None


def test_only_falls_beyond_the_threshold_are_told() -> None:
    old = {
        "resistor": Fill(100, {"a": 100, "b": 50, "gone": 9}),
        "led": Fill(10, {"a": 10}),
        "empty": Fill(0, {"a": 0}),
    }
    same = {"resistor": Fill(80, {"a": 72, "b": 36}), "led": Fill(8, {"a": 8}), "new": Fill(0, {})}
    assert list(losses(same, old, 0.2, 0.1)) == []
    few = {"resistor": Fill(100, {"a": 91, "b": 50}), "led": Fill(1, {"a": 1})}
    assert not list(losses({"led": Fill(0, {"a": 0})}, {"led": Fill(9, {"a": 9})}, 0.2, 0.1))
    assert list(losses(few, old, 0.2, 0.08)) == []
    emptied = {"led": Fill(7, {"a": 0})}
    assert len(list(losses(emptied, old, 0.2, 0.1))) == 1
    # One of two parts left, and the other never had a value.
    for rows, filled, left, told in ((2, 1, 1, 0), (1, 1, 1, 0), (4, 4, 4, 1), (12, 6, 9, 1)):
        before = {"led": Fill(rows, {"a": filled})}
        assert len(list(losses({"led": Fill(left, {"a": 0})}, before, 1, 0.1))) == told
    worse = {"resistor": Fill(79, {"a": 65, "b": 40}), "led": Fill(0, {"a": 0})}
    assert sorted(losses(worse, old, 0.2, 0.1)) == [
        "led: 0 rows, 100% fewer than the published 10 (stage2.max_row_loss_share allows 20%)",
        "resistor.a: filled in 82% of rows, published 100%"
        " (stage2.max_fill_loss_share allows a fall of 10%)",
        "resistor: 79 rows, 21% fewer than the published 100"
        " (stage2.max_row_loss_share allows 20%)",
    ]


def test_a_loss_of_parts_is_told() -> None:
    assert row_loss(80, 100, 0.2) is None
    assert row_loss(5, 0, 0.2) is None
    assert "79 parts, 21% fewer than the published 100" in str(row_loss(79, 100, 0.2))
