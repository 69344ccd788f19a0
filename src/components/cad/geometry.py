"""Plane geometry of footprints, in millimetres, y downward, angles counter-clockwise as seen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from components.cad.effort import spend

Point = tuple[float, float]
CROSSINGS_MAX = 400


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    @property
    def centre(self) -> Point:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def grown(self, margin: float) -> Box:
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def snapped(self, grid: float) -> Box:
        """Outward to a grid; what lies on it already, but for rounding, stays."""
        return Box(
            math.floor(self.left / grid + 1e-6) * grid,
            math.floor(self.top / grid + 1e-6) * grid,
            math.ceil(self.right / grid - 1e-6) * grid,
            math.ceil(self.bottom / grid - 1e-6) * grid,
        )


def box_of(points: Iterable[Point]) -> Box:
    """The smallest box around at least one point."""
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


def union(boxes: Sequence[Box]) -> Box:
    """The smallest box around at least one box."""
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def near(point: Point, pads: Box) -> bool:
    """Whether a part whose pads fill ``pads`` can reach there: connectors reach far out."""
    reach = pads.grown(3 * max(pads.right - pads.left, pads.bottom - pads.top) + 20.0)
    return reach.left <= point[0] <= reach.right and reach.top <= point[1] <= reach.bottom


def rotated(point: Point, angle_deg: float) -> Point:
    """``point`` turned about (0, 0), counter-clockwise as seen on a screen."""
    angle = math.radians(angle_deg)
    cos, sin = math.cos(angle), math.sin(angle)
    return point[0] * cos + point[1] * sin, -point[0] * sin + point[1] * cos


def signed_area(points: Sequence[Point]) -> float:
    """The area of a closed outline; its sign tells the direction."""
    total = 0.0
    x1, y1 = points[-1]
    for x2, y2 in points:
        total += x1 * y2 - x2 * y1
        x1, y1 = x2, y2
    return total / 2


def inside(point: Point, outline: Sequence[Point]) -> bool:
    """Whether a closed outline holds a point (even-odd rule)."""
    x, y = point
    found = False
    x1, y1 = outline[-1]
    for x2, y2 in outline:
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            found = not found
        x1, y1 = x2, y2
    return found


def edge_distance(point: Point, outline: Sequence[Point]) -> float:
    """How far a point lies from the nearest edge of a closed outline."""
    x, y = point
    best = math.inf
    x1, y1 = outline[-1]
    for x2, y2 in outline:
        dx, dy = x2 - x1, y2 - y1
        square = dx * dx + dy * dy
        t = ((x - x1) * dx + (y - y1) * dy) / square if square else 0.0
        t = 0.0 if t < 0 else 1.0 if t > 1 else t
        best = min(best, math.hypot(x1 + t * dx - x, y1 + t * dy - y))
        x1, y1 = x2, y2
    return best


def innermost(outline: Sequence[Point]) -> tuple[Point, float]:
    """A point well inside an outline, and its distance to the nearest edge.

    A grid over the outline's box, made finer four times about its best point. Deterministic; the
    distance is 0 for an outline without an inside.
    """
    # Each corner is measured from many places.
    spend(20 * len(outline))
    box = box_of(outline)
    centre, reach_x, reach_y = box.centre, box.right - box.left, box.bottom - box.top
    best, best_distance = centre, 0.0
    for _ in range(5):
        for row in range(13):
            for column in range(13):
                point = (
                    centre[0] + (column / 12 - 0.5) * reach_x,
                    centre[1] + (row / 12 - 0.5) * reach_y,
                )
                if inside(point, outline):
                    distance = edge_distance(point, outline)
                    if distance > best_distance:
                        best, best_distance = point, distance
        centre, reach_x, reach_y = best, reach_x / 4, reach_y / 4
    return best, best_distance


def without_repeats(points: Sequence[Point], tolerance: float = 1e-6) -> list[Point]:
    """A closed outline without vertices that repeat their neighbour."""
    kept: list[Point] = []
    for point in points:
        if not kept or math.dist(kept[-1], point) > tolerance:
            kept.append(point)
    while len(kept) > 1 and math.dist(kept[0], kept[-1]) <= tolerance:
        kept.pop()
    return kept


def crosses_itself(points: Sequence[Point]) -> bool:
    """Whether two edges of a closed outline that are no neighbours cross properly.

    Every edge is held against every other: larger outlines are not looked at.
    """
    count = len(points)
    if count > CROSSINGS_MAX:
        return False
    edges = [(points[i], points[(i + 1) % count]) for i in range(count)]
    for i, (a, b) in enumerate(edges):
        for c, d in edges[i + 2 : count if i else count - 1]:
            if side_of(a, b, c) * side_of(a, b, d) < 0 and side_of(c, d, a) * side_of(c, d, b) < 0:
                return True
    return False


def side_of(a: Point, b: Point, c: Point) -> float:
    """Twice the area of the triangle ``a b c``: its sign tells on which side of ``ab`` ``c`` is."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


SQUARE = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)]
# A channel section: the middle of its box is not in it.
CHANNEL = [
    (0.0, 0.0),
    (9.0, 0.0),
    (9.0, 1.0),
    (1.0, 1.0),
    (1.0, 8.0),
    (9.0, 8.0),
    (9.0, 9.0),
    (0.0, 9.0),
]


def test_turning_is_counter_clockwise_on_the_screen() -> None:
    x, y = rotated((1.0, 0.0), 90)
    assert (round(x, 12), round(y, 12)) == (0.0, -1.0)


def test_the_innermost_point_lies_in_the_copper() -> None:
    assert innermost(SQUARE) == ((2.0, 2.0), 2.0)
    point, distance = innermost(CHANNEL)
    assert inside(point, CHANNEL)
    assert 0.45 < distance <= 0.7072
    assert innermost([(0.0, 0.0), (1.0, 0.0)])[1] == 0.0


def test_areas_edges_and_repeats() -> None:
    assert signed_area(SQUARE) == 16
    assert signed_area(SQUARE[::-1]) == -16
    assert edge_distance((1.0, 2.0), SQUARE) == 1
    assert without_repeats([SQUARE[0], *SQUARE, SQUARE[3], SQUARE[0]]) == SQUARE


def test_a_bow_tie_crosses_itself() -> None:
    assert crosses_itself([(0.0, 0.0), (4.0, 4.0), (4.0, 0.0), (0.0, 4.0)])
    assert not crosses_itself(SQUARE)
    assert not crosses_itself(CHANNEL)


def test_boxes_snap_outward() -> None:
    box = Box(-1.001, -1.0, 0.3, 0.2999999).snapped(0.01)
    assert [round(value, 6) for value in box] == [-1.01, -1.0, 0.3, 0.3]


def test_parts_reach_out_but_not_for_ever() -> None:
    pads = Box(-1.0, -1.0, 1.0, 1.0)
    assert near((26.0, 0.0), pads)
    assert not near((0.0, 861.0), pads)
