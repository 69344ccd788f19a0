"""Copper and holes as solids: a core of points and a radius around it, for exact distances."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from components.cad.footprint.items import PadItem
from components.cad.geometry import Box, Point, box_of, inside, rotated, side_of

TURN_TOLERANCE_DEG = 1e-6
# More pairs of edges than that are not all held against each other.
PAIRS_MAX = 400
REACHES_MM = (0.0, 0.05, 0.25, 1.0)

Edge = tuple[Point, Point]


class Solid(NamedTuple):
    """All points within ``radius`` of ``core``: a point, a line of two, or a closed outline."""

    core: tuple[Point, ...]
    radius: float
    box: Box
    square: bool = False  # the box, exactly

    def grown(self, margin: float) -> Solid:
        """Wider by ``margin`` all around; corners become round."""
        square = self.square and not margin
        return Solid(self.core, self.radius + margin, self.box.grown(margin), square)

    def edges(self) -> Iterator[tuple[Point, Point]]:
        """The core's edges; a point is an edge without length."""
        core = self.core
        if len(core) < 3:
            yield core[0], core[-1]
            return
        yield from pairwise(core)
        yield core[-1], core[0]


def solid_of(pad: PadItem) -> Solid:
    """A pad's copper."""
    if pad.form == "custom":
        x, y = pad.at
        turned = (rotated(point, pad.rotation_deg) for point in pad.outline)
        core = tuple((x + px, y + py) for px, py in turned)
        return Solid(core, 0.0, box_of(core))
    if pad.form == "rect":
        box = pad.box
        if abs((pad.rotation_deg + 45) % 90 - 45) < TURN_TOLERANCE_DEG:
            left, top, right, bottom = box
            corners = ((left, top), (right, top), (right, bottom), (left, bottom))
            return Solid(corners, 0.0, box, square=True)
        a, b = pad.size[0] / 2, pad.size[1] / 2
        return Solid(_placed(pad, ((-a, -b), (a, -b), (a, b), (-a, b))), 0.0, box)
    return _rounded(pad, pad.size)


def hole_of(pad: PadItem) -> Solid:
    """A drilled pad's hole."""
    assert pad.drill is not None
    return _rounded(pad, pad.drill)


def _rounded(pad: PadItem, size: Point) -> Solid:
    radius = min(size) / 2
    a, b = size[0] / 2 - radius, size[1] / 2 - radius
    core = _placed(pad, ((-a, -b), (a, b))) if a or b else (pad.at,)
    return Solid(core, radius, box_of(core).grown(radius))


def _placed(pad: PadItem, points: Sequence[Point]) -> tuple[Point, ...]:
    (x, y), turn = pad.at, pad.rotation_deg
    return tuple((x + px, y + py) for px, py in (rotated(point, turn) for point in points))


def gap(a: Solid, b: Solid) -> float:
    """The distance between two solids; negative or 0 where they touch."""
    if a.square and b.square:
        dx = max(a.box.left - b.box.right, b.box.left - a.box.right)
        dy = max(a.box.top - b.box.bottom, b.box.top - a.box.bottom)
        return math.hypot(dx, dy) if dx > 0 and dy > 0 else max(dx, dy)
    if len(a.core) == 1 and len(b.core) == 1:
        return math.dist(a.core[0], b.core[0]) - a.radius - b.radius
    if (len(a.core) > 2 and inside(b.core[0], a.core)) or (
        len(b.core) > 2 and inside(a.core[0], b.core)
    ):
        return -a.radius - b.radius
    return _nearest(list(a.edges()), list(b.edges())) - a.radius - b.radius


def _nearest(first: Sequence[Edge], second: Sequence[Edge]) -> float:
    """The least distance between edges; infinite where it is more than any rule asks for."""
    if len(first) * len(second) <= PAIRS_MAX:
        return min(segment_gap(*a, *b) for a in first for b in second)
    # Outlines of many chords: only edges whose boxes come near are held against each other.
    count = len(first)
    boxes = [box_of(edge) for edge in (*first, *second)]
    for reach in REACHES_MM:
        nearest = min(
            (
                segment_gap(*first[i], *second[j - count])
                for i, j in near_pairs(boxes, reach)
                if i < count <= j
            ),
            default=math.inf,
        )
        if nearest <= reach:
            return nearest
    return math.inf


def holds(solid: Solid, point: Point) -> bool:
    """Whether a point lies in a solid."""
    return gap(solid, Solid((point,), 0.0, Box(*point, *point))) <= 0


def point_gap(p: Point, a: Point, b: Point) -> float:
    """How far a point lies from a line."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    t = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square if square else 0.0
    t = 0.0 if t < 0 else 1.0 if t > 1 else t
    return math.hypot(a[0] + t * dx - p[0], a[1] + t * dy - p[1])


def segment_gap(a: Point, b: Point, c: Point, d: Point) -> float:
    """How far two lines lie apart; 0 where they cross."""
    side_c, side_d = side_of(a, b, c), side_of(a, b, d)
    if side_c * side_d < 0 and side_of(c, d, a) * side_of(c, d, b) < 0:
        return 0.0
    return min(point_gap(a, c, d), point_gap(b, c, d), point_gap(c, a, b), point_gap(d, a, b))


def near_pairs(boxes: Sequence[Box], reach: float) -> Iterator[tuple[int, int]]:
    """Pairs of places in ``boxes`` whose boxes come within ``reach`` of each other."""
    order = sorted(range(len(boxes)), key=lambda index: boxes[index].left)
    for place, i in enumerate(order):
        limit, top, bottom = boxes[i].right + reach, boxes[i].top - reach, boxes[i].bottom + reach
        for j in order[place + 1 :]:
            other = boxes[j]
            if other.left > limit:
                break
            if other.top <= bottom and other.bottom >= top:
                yield (i, j) if i < j else (j, i)


def test_distances_between_forms() -> None:
    rect = PadItem("1", "smd", "rect", (0.0, 0.0), (2.0, 1.0), 0, ("F.Cu",))
    turned = rect._replace(at=(4.0, 0.0), rotation_deg=45, size=(2.0, 2.0))
    oval = rect._replace(form="oval", at=(0.0, 3.0), size=(1.0, 3.0))
    circle = rect._replace(form="circle", at=(4.0, 3.0), size=(1.0, 1.0))
    custom = rect._replace(form="custom", at=(0.0, -2.0), outline=((0, 0), (1, 0), (0, -1)))
    a, b, c, d, e = map(solid_of, (rect, turned, oval, circle, custom))
    assert math.isclose(gap(a, b), 3 - math.sqrt(2))
    assert math.isclose(gap(a, c), 1.0)
    assert math.isclose(gap(c, d), 3.0)
    assert math.isclose(gap(a, e), 1.5)
    assert gap(a, solid_of(rect._replace(at=(1.9, 0.9)))) < 0
    assert gap(b, solid_of(circle._replace(at=(4.0, 0.0)))) < 0
    assert math.isclose(gap(a, solid_of(rect._replace(at=(5.0, 5.0)))), 5.0)
    assert holds(a, (1.0, 0.5))
    assert not holds(a, (1.1, 0.5))


def test_outlines_of_many_chords_are_measured_as_any_other() -> None:
    def ring(x: float) -> Solid:
        turns = [math.tau * step / 400 for step in range(400)]
        core = tuple((x + math.cos(turn), math.sin(turn)) for turn in turns)
        return Solid(core, 0.0, box_of(core))

    for x, apart in ((2.2, 0.2), (2.01, 0.01), (2.9, 0.9), (1.5, 0.0), (9.0, math.inf)):
        assert gap(ring(0.0), ring(x)) == apart or abs(gap(ring(0.0), ring(x)) - apart) < 1e-9


def test_pairs_are_found_by_their_boxes() -> None:
    boxes = [Box(2, 0, 3, 1), Box(0, 0, 1, 1), Box(0, 5, 9, 6)]
    assert sorted(near_pairs(boxes, 1.0)) == [(0, 1)]
    assert sorted(near_pairs(boxes, 4.0)) == [(0, 1), (0, 2), (1, 2)]
    assert sorted(near_pairs(boxes, 0.9)) == []
