"""Parts of strokes and areas that lie outside of solids, exactly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from components.cad.footprint.solids import Solid, point_gap
from components.cad.geometry import Point, inside, side_of, signed_area

# An area below this is rounding.
SPECK_MM2 = 1e-9


def on_circle(centre: Point, radius: float, angle: float) -> Point:
    """The point of a circle at an angle in radians, which grows clockwise as seen."""
    return centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)


def line_spans(start: Point, end: Point, over: Sequence[Solid]) -> list[tuple[float, float]]:
    """Parts of a line outside of all solids, as fractions of its length, which is not 0."""
    (x1, y1), (x2, y2) = start, end
    breaks = [t for solid in over for t in _crossings(start, end, solid) if 0 < t < 1]
    return _outside(breaks, lambda t: (x1 + (x2 - x1) * t, y1 + (y2 - y1) * t), over)


def arc_spans(
    centre: Point, radius: float, begin: float, sweep: float, over: Sequence[Solid]
) -> list[tuple[float, float]]:
    """Parts of an arc outside of all openings, as fractions of its sweep."""
    breaks = []
    for solid in over:
        for angle in _arc_crossings(centre, radius, solid):
            t = ((angle - begin) * (1 if sweep > 0 else -1)) % math.tau / abs(sweep)
            if 0 < t < 1:
                breaks.append(t)
    return _outside(breaks, lambda t: on_circle(centre, radius, begin + sweep * t), over)


def _outside(
    breaks: Iterable[float], at: Callable[[float], Point], over: Sequence[Solid]
) -> list[tuple[float, float]]:
    """Spans between breaks whose middle lies in no solid, neighbours as one."""
    marks = [0.0, *sorted(breaks), 1.0]
    spans: list[tuple[float, float]] = []
    for a, b in pairwise(marks):
        if b - a < 1e-9 or any(within(at((a + b) / 2), solid) for solid in over):
            continue
        if spans and a - spans[-1][1] < 1e-9:
            spans[-1] = (spans[-1][0], b)
        else:
            spans.append((a, b))
    return spans


def within(point: Point, solid: Solid) -> bool:
    """Whether a point lies in a solid, its rim not counted."""
    if len(solid.core) > 2 and inside(point, solid.core):
        return True
    return any(point_gap(point, *edge) < solid.radius for edge in solid.edges())


def _crossings(start: Point, end: Point, solid: Solid) -> Iterator[float]:
    """Where a line meets the rim of a solid, as fractions of the line."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    square = dx * dx + dy * dy
    r = solid.radius
    for a, b in solid.edges():
        fx, fy = start[0] - a[0], start[1] - a[1]
        half, rest = fx * dx + fy * dy, fx * fx + fy * fy - r * r
        root = half * half - square * rest
        if root >= 0:
            yield (-half - math.sqrt(root)) / square
            yield (-half + math.sqrt(root)) / square
        for (px, py), (qx, qy) in _rims(a, b, r):
            ex, ey = qx - px, qy - py
            cross = dx * ey - dy * ex
            if cross:
                yield ((px - start[0]) * ey - (py - start[1]) * ex) / cross
    if len(solid.core) == 2:
        yield from _crossings(start, end, Solid(solid.core[1:], r, solid.box))


def _arc_crossings(centre: Point, radius: float, solid: Solid) -> Iterator[float]:
    """Angles at which a circle meets the rim of a solid."""
    x, y = centre
    r = solid.radius
    for a, b in solid.edges():
        for corner in {a, b}:
            apart = math.dist(centre, corner)
            if apart and abs(radius - r) <= apart <= radius + r:
                towards = math.atan2(corner[1] - y, corner[0] - x)
                cos = (radius * radius + apart * apart - r * r) / (2 * radius * apart)
                turn = math.acos(min(max(cos, -1.0), 1.0))
                yield towards - turn
                yield towards + turn
        for (px, py), (qx, qy) in _rims(a, b, r):
            length = math.hypot(qx - px, qy - py)
            nx, ny = -(qy - py) / length, (qx - px) / length
            off = (px - x) * nx + (py - y) * ny
            if abs(off) <= radius:
                towards, turn = math.atan2(ny, nx), math.acos(off / radius)
                yield towards - turn
                yield towards + turn


def _rims(a: Point, b: Point, r: float) -> Iterator[tuple[Point, Point]]:
    """The lines at ``r`` on both sides of an edge."""
    length = math.dist(a, b)
    if length < 1e-12:
        return
    nx, ny = -(b[1] - a[1]) / length * r, (b[0] - a[0]) / length * r
    yield (a[0] + nx, a[1] + ny), (b[0] + nx, b[1] + ny)
    if r:
        yield (a[0] - nx, a[1] - ny), (b[0] - nx, b[1] - ny)


def hull(solid: Solid) -> list[Point]:
    """The convex outline around a solid."""
    points: list[Point] = []
    for x, y in solid.core:
        if not solid.radius:
            points.append((x, y))
            continue
        # Chords outside of the round, not within it.
        reach = solid.radius / math.cos(math.pi / 16)
        points += [on_circle((x, y), reach, math.tau * (step + 0.5) / 16) for step in range(16)]
    points.sort()
    hull: list[Point] = []
    for half in (points, points[::-1]):
        begin = len(hull)
        for point in half:
            while len(hull) - begin >= 2 and side_of(hull[-2], hull[-1], point) <= 0:
                hull.pop()
            hull.append(point)
        hull.pop()
    return hull


def minus(outline: list[Point], hole: Sequence[Point]) -> list[list[Point]]:
    """An outline without a convex hole: what lies beyond each edge, and within those before."""
    pieces: list[list[Point]] = []
    rest = outline
    for index, a in enumerate(hole):
        b = hole[(index + 1) % len(hole)]
        beyond = _half(rest, a, b, keep_left=False)
        if len(beyond) > 2 and abs(signed_area(beyond)) > SPECK_MM2:
            pieces.append(beyond)
        rest = _half(rest, a, b, keep_left=True)
        if len(rest) < 3 or abs(signed_area(rest)) < SPECK_MM2:
            return [outline]
    return pieces


def _half(outline: Sequence[Point], a: Point, b: Point, keep_left: bool) -> list[Point]:
    """The part of an outline on one side of a line (Sutherland and Hodgman)."""
    sign = 1 if keep_left else -1
    kept: list[Point] = []
    for index, q in enumerate(outline):
        p = outline[index - 1]
        side_p, side_q = side_of(a, b, p) * sign, side_of(a, b, q) * sign
        if (side_p > 0 > side_q) or (side_p < 0 < side_q):
            t = side_p / (side_p - side_q)
            kept.append((p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t))
        if side_q >= 0:
            kept.append(q)
    return kept


def _solid(*core: Point, radius: float = 0.0) -> Solid:
    from components.cad.geometry import box_of

    return Solid(core, radius, box_of(core).grown(radius))


SQUARE = _solid((1.0, -1.0), (3.0, -1.0), (3.0, 1.0), (1.0, 1.0))


def test_lines_stop_at_the_rim() -> None:
    start, end = (0.0, 0.0), (10.0, 0.0)
    rounded = _solid((6.0, 0.0), (7.0, 0.0), radius=0.5)
    spans = line_spans(start, end, [SQUARE, rounded])
    assert [(round(a, 9), round(b, 9)) for a, b in spans] == [(0, 0.1), (0.3, 0.55), (0.75, 1)]
    assert line_spans(start, end, [_solid((5.0, 1.0), radius=0.9)]) == [(0.0, 1.0)]
    assert line_spans((1.5, 0.0), (2.5, 0.0), [SQUARE]) == []
    grown = line_spans(start, end, [SQUARE.grown(0.25)])
    assert [(round(a, 9), round(b, 9)) for a, b in grown] == [(0, 0.075), (0.325, 1)]


def test_arcs_stop_at_the_rim() -> None:
    ((a, b),) = arc_spans((0.0, 0.0), 2.0, 0.0, math.pi, [SQUARE])
    assert math.isclose(a * math.pi, math.asin(0.5))
    assert b == 1
    back = arc_spans((0.0, 0.0), 2.0, 0.0, -math.pi, [_solid((0.0, -2.0), radius=1.0)])
    assert len(back) == 2
    assert math.isclose(back[0][1] + back[1][0], 1)


def test_areas_lose_what_lies_in_the_hole() -> None:
    outline = [(0.0, -2.0), (4.0, -2.0), (4.0, 2.0), (0.0, 2.0)]
    pieces = minus(outline, hull(SQUARE))
    assert math.isclose(sum(abs(signed_area(piece)) for piece in pieces), 12)
    assert not any(within((2.0, 0.0), _solid(*piece)) for piece in pieces)
    assert minus(outline, hull(_solid((9.0, 0.0), radius=1.0))) == [outline]
    assert minus(list(SQUARE.core), hull(SQUARE.grown(0.1))) == []
