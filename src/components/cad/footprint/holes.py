"""Outlines within outlines: KiCad's polygons have one contour, so holes hang on it by a slit."""

from __future__ import annotations

import math

from components.cad.geometry import Point, inside, signed_area

Outline = list[Point]


def joined(outlines: list[Outline]) -> list[Outline]:
    """Outlines at even depth as areas, each with the outlines right within it as its holes."""
    if len(outlines) < 2:
        return outlines
    outlines = sorted(outlines, key=lambda points: -abs(signed_area(points)))
    depths: list[int] = []
    parents: list[int] = []
    for index, points in enumerate(outlines):
        around = [i for i in range(index) if inside(points[0], outlines[i])]
        depths.append(len(around))
        # Sorted by size: the last of those around is the nearest.
        parents.append(around[-1] if around else -1)
    areas = []
    for index, points in enumerate(outlines):
        if depths[index] % 2 == 0:
            holes = [outlines[i] for i in range(len(outlines)) if parents[i] == index]
            areas.append(_with_holes(points, holes))
    return areas


def _with_holes(outline: Outline, holes: list[Outline]) -> Outline:
    clockwise = signed_area(outline) > 0
    # From right to left, so that no slit crosses a hole that is joined later.
    for hole in sorted(holes, key=lambda points: -max(x for x, _ in points)):
        if (signed_area(hole) > 0) == clockwise:
            hole = hole[::-1]
        start = max(range(len(hole)), key=lambda index: hole[index])
        outline = _slit(outline, [*hole[start:], *hole[:start]])
    return outline


def _slit(outline: Outline, hole: Outline) -> Outline:
    """Join a hole at its rightmost vertex to the nearest edge on its right."""
    x, y = hole[0]
    best, place = math.inf, -1
    for index, (x1, y1) in enumerate(outline):
        x2, y2 = outline[(index + 1) % len(outline)]
        if (y1 <= y <= y2 or y2 <= y <= y1) and y1 != y2:
            reach = x1 + (x2 - x1) * (y - y1) / (y2 - y1)
            if x <= reach < best:
                best, place = reach, index
    if place < 0:
        return outline
    bridge = (best, y)
    return [*outline[: place + 1], bridge, *hole, hole[0], bridge, *outline[place + 1 :]]


def _square(left: float, top: float, side: float) -> Outline:
    right, bottom = left + side, top + side
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def test_a_hole_takes_its_area_away() -> None:
    (ring,) = joined([_square(0, 0, 10), _square(2, 2, 3), _square(6, 6, 2)[::-1]])
    assert math.isclose(abs(signed_area(ring)), 100 - 9 - 4)
    assert inside((1, 1), ring)
    assert not inside((3, 3), ring)
    assert not inside((7, 7), ring)


def test_an_island_in_a_hole_is_an_area_of_its_own() -> None:
    ring, island = joined([_square(4, 4, 1), _square(0, 0, 10), _square(2, 2, 6)])
    assert math.isclose(abs(signed_area(ring)), 100 - 36)
    assert island == _square(4, 4, 1)
    apart = [_square(0, 0, 1), _square(5, 0, 1)]
    assert joined(apart) == apart
