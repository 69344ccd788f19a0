"""Where a unit's origin has to lie for its pins to be wired: KiCad wires on a 50 mil grid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from components.cad.geometry import Point

GRID_UNITS = 5.0  # 50 mil
# The grid of KiCad's own symbols: taken where all pins fit.
WIDE_UNITS = 10.0
# What drawings are off by for rounding alone.
NEAR_UNITS = 0.05


def origin_on_grid(origin: Point, ends: Sequence[Point]) -> Point:
    """``origin``, moved by half a grid at most, so that the most pins lie on the grid from it."""
    if not ends:
        return origin
    return (
        _moved(origin[0], [end[0] for end in ends]),
        _moved(origin[1], [end[1] for end in ends]),
    )


def snapped(value: float) -> float:
    """A distance from the origin, on the grid exactly where it lies there but for rounding."""
    near = round(value / GRID_UNITS) * GRID_UNITS
    return near if abs(value - near) <= NEAR_UNITS else value


def is_on_grid(value: float) -> bool:
    return abs(value - round(value / GRID_UNITS) * GRID_UNITS) < 1e-9


def _moved(origin: float, values: Sequence[float]) -> float:
    for grid in (WIDE_UNITS, GRID_UNITS):
        rests = Counter(_rest(value - origin, grid) for value in values)
        rest, count = min(rests.items(), key=lambda found: (-found[1], found[0]))
        if count == len(values) or grid == GRID_UNITS:
            return origin + (rest if rest <= grid / 2 else rest - grid)
    raise AssertionError("unreachable")


def _rest(value: float, grid: float) -> float:
    rest = round(value % grid, 1)
    return 0.0 if rest >= grid - NEAR_UNITS else rest


def test_the_origin_moves_to_where_pins_can_be_wired() -> None:
    assert origin_on_grid((400.0, 300.0), [(380.0, 290.0), (420.0, 310.0)]) == (400.0, 300.0)
    # All lie 3 units off.
    assert origin_on_grid((400.0, 300.0), [(383.0, 290.0), (423.0, 310.0)]) == (403.0, 300.0)
    # One of three cannot be helped.
    moved = origin_on_grid((0.0, 0.0), [(12.0, 0.0), (22.0, 5.0), (33.0, 10.0)])
    assert moved == (2.0, 0.0)
    assert snapped(14.96) == 15.0 and snapped(14.9) == 14.9
    assert is_on_grid(15.0) and not is_on_grid(14.9)
