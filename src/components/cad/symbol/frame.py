"""From EasyEDA's canvas to a symbol's own plane, whose grid the pins stand on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from components.cad.geometry import Point
from components.cad.numbers import MM_PER_UNIT

GRID = 5.0  # 50 mil: KiCad's grid for wires, in EasyEDA's units
GRID_MM = GRID * MM_PER_UNIT
# What rounding of the drawing leaves (2.5 micrometres), in EasyEDA's units.
SLACK = 0.01


class Frame(NamedTuple):
    """The canvas point, in EasyEDA's units, that becomes (0, 0); y turns upward."""

    origin: Point

    def point(self, point: Point) -> Point:
        return (
            (point[0] - self.origin[0]) * MM_PER_UNIT,
            (self.origin[1] - point[1]) * MM_PER_UNIT,
        )


def frame_of(origin: Point, connections: Sequence[Point]) -> Frame:
    """The frame nearest to ``origin`` with the most pins on 50 mil, and of these on 100 mil.

    A symbol's origin has no meaning to a schematic; that wires reach its pins has.
    """
    x, y = (
        zero + _shift([point[axis] - zero for point in connections])
        for axis, zero in enumerate(origin)
    )
    return Frame((x, y))


def _shift(offsets: Iterable[float]) -> float:
    wide = Counter(round(offset % (2 * GRID), 2) % (2 * GRID) for offset in offsets)
    fine: Counter[float] = Counter()
    for rest, count in wide.items():
        fine[round(rest % GRID, 2)] += count
    if not fine:
        return 0.0
    rest = min(fine, key=lambda value: (-fine[value], _nearest(value, GRID)))
    both = {value: wide[value] for value in (rest, rest + GRID)}
    best = min(both, key=lambda value: (-both[value], _nearest(value, 2 * GRID)))
    return best - 2 * GRID if best > GRID else best


def _nearest(rest: float, grid: float) -> float:
    return min(rest, grid - rest)


def snapped(value_mm: float) -> float:
    """On the grid exactly, where only rounding keeps it off."""
    near = round(value_mm / GRID_MM) * GRID_MM
    return near if abs(value_mm - near) <= SLACK * MM_PER_UNIT else value_mm


def on_grid(value_mm: float) -> bool:
    return math.isclose(snapped(value_mm) / GRID_MM, round(value_mm / GRID_MM), abs_tol=1e-9)


def test_the_origin_moves_to_where_most_pins_are_on_the_grid() -> None:
    assert frame_of((400.0, 300.0), []) == Frame((400.0, 300.0))
    assert frame_of((400.0, 300.0), [(380.0, 290.0), (420.0, 310.0)]) == Frame((400.0, 300.0))
    assert frame_of((400.0, 300.0), [(385.0, 290.0), (425.0, 311.0)]).origin[0] == 405.0
    assert frame_of((2.0, 3.0), [(0.0, 0.0), (0.0, 10.0), (1.0, 5.0)]) == Frame((0.0, 0.0))
    assert frame_of((0.0, 0.0), [(3.99, 7.5)] * 2) == Frame((3.99, -2.5))
    assert Frame((4.0, 3.0)).point((14.0, 13.0)) == (2.54, -2.54)
    assert snapped(1.2719) == 1.27 and not on_grid(1.28) and on_grid(-2.5399)
