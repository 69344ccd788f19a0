"""What pictures of footprints and symbols have in common. Their y grows downward."""

from __future__ import annotations

import math
from collections.abc import Iterable

from components.cad.geometry import Box, Point


def number(value: float) -> str:
    """Tenths of a micrometre are more than a picture shows.

    >>> number(-0.00001), number(1.25), number(3.0)
    ('0', '1.25', '3')
    """
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def opening(frame: Box, pixels_per_mm: float, pixels_max: int, background: str) -> list[str]:
    """The picture's first lines: a millimetre a unit, ``frame`` in view, filled."""
    width, height = frame.right - frame.left, frame.bottom - frame.top
    scale = min(pixels_per_mm, pixels_max / max(width, height))
    x, y, wide, high = map(number, (frame.left, frame.top, width, height))
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x} {y} {wide} {high}"'
        f' width="{math.ceil(width * scale)}" height="{math.ceil(height * scale)}">',
        f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" fill="{background}"/>',
    ]


def group(attributes: str, parts: Iterable[str]) -> list[str]:
    """Elements with attributes in common; empty ones are left out."""
    drawn = [part for part in parts if part]
    return [f"<g {attributes}>", *drawn, "</g>"] if drawn else []


def outline(points: Iterable[Point], closed: bool = True) -> str:
    """Straight pieces, as a path's data."""
    pieces = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return f"M{pieces}{'Z' if closed else ''}"


def arc(start: Point, middle: Point, end: Point) -> str:
    """The arc through three points, as a path's data."""
    (x1, y1), (x2, y2), (x3, y3) = start, middle, end
    turn = (x2 - x1) * (y3 - y1) - (y2 - y1) * (x3 - x1)
    if abs(turn) < 1e-12:
        return outline((start, end), closed=False)
    chord = math.dist(start, end)
    radius = (chord * math.dist(start, middle) * math.dist(middle, end)) / (2 * abs(turn))
    # The middle lies further from the chord than the radius, when the arc is the larger one.
    large = int(abs(turn) / max(chord, 1e-12) > radius)
    r = number(radius)
    place = f"{number(x3)} {number(y3)}"
    return f"M{number(x1)} {number(y1)}A{r} {r} 0 {large} {int(turn > 0)} {place}"


def test_arcs_take_the_side_of_their_middle() -> None:
    assert arc((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)) == "M1 0A1 1 0 0 1 -1 0"
    assert arc((1.0, 0.0), (-0.6, -0.8), (0.0, 1.0)) == "M1 0A1 1 0 1 0 0 1"
    assert arc((1.0, 0.0), (2.0, 0.0), (3.0, 0.0)) == "M1 0L3 0"


def test_the_picture_s_size_is_bounded() -> None:
    head = opening(Box(-1.0, 0.0, 99.0, 50.0), 40, 1200, "#fff")[0]
    assert 'viewBox="-1 0 100 50" width="1200" height="600"' in head
