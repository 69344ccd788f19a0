"""Price breaks as a small plot: the price of one piece by how many are bought, both in factors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

WIDTH, HEIGHT = 320.0, 110.0
MARGIN = 14.0


class Break(NamedTuple):
    quantity: int
    unit_price: float
    x: float
    y: float


class Plot(NamedTuple):
    breaks: list[Break]
    path: str


def plot(prices: Sequence[Mapping[str, Any]]) -> Plot | None:
    """Of a part's tiers, as the API gives them; None where there are none."""
    if not prices:
        return None
    least, most = prices[0]["quantity"], prices[-1]["quantity"] * 3
    costs = [tier["unit_price"] for tier in prices]
    low, high = min(costs), max(costs)
    breaks = []
    for tier in prices:
        x = MARGIN + (WIDTH - 2 * MARGIN) * math.log(tier["quantity"] / least) / math.log(
            most / least
        )
        share = math.log(tier["unit_price"] / low) / math.log(high / low) if high > low else 0.5
        y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * share
        breaks.append(Break(tier["quantity"], tier["unit_price"], round(x, 1), round(y, 1)))
    steps = [f"M{breaks[0].x} {breaks[0].y}"]
    for each in breaks[1:]:
        steps.append(f"H{each.x}V{each.y}")
    steps.append(f"H{WIDTH - MARGIN}")
    return Plot(breaks, "".join(steps))


def test_the_line_falls_with_the_price() -> None:
    tiers = [{"quantity": q, "unit_price": p} for q, p in ((1, 0.5), (10, 0.4), (1000, 0.1))]
    found = plot(tiers)
    assert found is not None and [each.quantity for each in found.breaks] == [1, 10, 1000]
    ys = [each.y for each in found.breaks]
    assert ys == sorted(ys) and (ys[0], ys[-1]) == (MARGIN, HEIGHT - MARGIN)
    assert found.path.startswith("M14.0 14.0H") and found.path.endswith("H306.0")
    single = plot(tiers[:1])
    assert single is not None and len(single.breaks) == 1 and plot([]) is None
