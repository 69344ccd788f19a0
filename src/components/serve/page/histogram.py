"""How a family's values are distributed, in equal steps; in equal factors where they span many."""

from __future__ import annotations

import math
import sqlite3
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from components.serve.page.fields import Field
from components.serve.page.figures import plain, typed

BINS = 32
# Values whose largest is so many times the least are drawn in equal factors.
WIDE = 50.0


@dataclass(frozen=True)
class Histogram:
    """Parts by value; of a span, the parts that cover each step."""

    edges: tuple[float, ...]
    """One more than there are bars."""
    bars: tuple[int, ...]

    @property
    def path(self) -> str:
        """The bars as an SVG path, a unit wide each and 24 high; a few parts can still be seen."""
        highest = max(self.bars)
        steps = []
        for place, parts in enumerate(self.bars):
            if parts:
                # The square root, or one common value would hide all others.
                height = max(1.0, 24 * math.sqrt(parts / highest))
                steps.append(f"M{place}.06 24v-{height:.1f}h.88v{height:.1f}z")
        return "".join(steps)

    def typed(self, unit: str) -> list[str]:
        """The edges as one would type them, to three figures."""
        return [typed(float(f"{edge:.3g}"), unit) for edge in self.edges]

    def covered(self, low: float | None, high: float | None) -> tuple[float, float]:
        """Where a range begins and how wide it is, in bars."""
        left = 0.0 if low is None else self._place(low)
        right = float(len(self.bars)) if high is None else self._place(high)
        return left, max(right - left, 0.25)

    def _place(self, value: float) -> float:
        place = bisect_right(self.edges, value) - 1
        if place < 0:
            return 0.0
        if place >= len(self.bars):
            return float(len(self.bars))
        low, high = self.edges[place : place + 2]
        return place + (value - low) / (high - low)


def histogram(fast: sqlite3.Connection, table: str, field: Field) -> Histogram | None:
    """Of all parts of a family; None where fewer than two values are known."""
    low, high = field.columns[0], field.columns[-1]
    rows = fast.execute(
        f"SELECT {low}, {high}, count(*) FROM {table}"
        f" WHERE {low} IS NOT NULL AND {high} IS NOT NULL GROUP BY {low}, {high}"
    ).fetchall()
    values = sorted({value for row in rows for value in (row[0], row[1])})
    if len(values) < 2:
        return None
    edges = _edges(values)
    bars = [0] * (len(edges) - 1)
    last = len(bars) - 1
    for first, end, parts in rows:
        begin = min(max(bisect_right(edges, first) - 1, 0), last)
        stop = min(max(bisect_right(edges, end) - 1, 0), last)
        for place in range(begin, stop + 1):
            bars[place] += parts
    return Histogram(tuple(edges), tuple(bars))


def _edges(values: Sequence[float]) -> list[float]:
    low, high = values[0], values[-1]
    positive = next((value for value in values if value > 0), 0.0)
    if low < 0 or high <= positive * WIDE or positive == 0:
        step = (high - low) / BINS
        return [*(low + step * place for place in range(BINS)), high]
    factor = math.log(high / positive) / BINS
    edges = [*(positive * math.exp(factor * place) for place in range(BINS)), high]
    # What is zero has a bar of its own at the left.
    return [0.0, *edges] if low == 0 else edges


def _table(*values: float | None) -> sqlite3.Connection:
    fast = sqlite3.connect(":memory:")
    fast.execute("CREATE TABLE t (x REAL)")
    fast.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
    return fast


def test_bars_hold_every_part_once() -> None:
    field = Field("x", "number", "Ω", "", ("x",))
    for values in ((1.0, 10.0, 1e6, 1e6, None), (0.0, 1.0, 1e6), (-5.0, 5.0, 2.0), (1.0, 2.0)):
        found = histogram(_table(*values), "t", field)
        known = [value for value in values if value is not None]
        assert found is not None and sum(found.bars) == len(known)
        assert found.edges[0] == min(known) and found.edges[-1] == max(known)
        assert list(found.edges) == sorted(set(found.edges))
        assert found.covered(None, None) == (0.0, len(found.bars))
        assert found.path.count("M") == sum(map(bool, found.bars))
    assert histogram(_table(3.0, 3.0), "t", field) is None


def test_a_span_counts_wherever_it_covers() -> None:
    fast = sqlite3.connect(":memory:")
    fast.execute("CREATE TABLE t (a REAL, b REAL)")
    fast.executemany("INSERT INTO t VALUES (?, ?)", [(1.0, 5.0), (3.0, 5.0), (None, 4.0)])
    found = histogram(fast, "t", Field("x", "span", "V", "", ("a", "b")))
    assert found is not None and (found.bars[0], found.bars[-1]) == (1, 2)
    assert found.typed("V")[0] == plain(1.0)
