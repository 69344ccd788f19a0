"""SVG paths as EasyEDA spells them, as lines and circular arcs.

All of these occur: ``M3985.8,2985.7 A37.565,37.565 0 0 1 …``, ``M 3998 3004 A 4 4 …``,
``3019.5L3993…A3.5``. Grammar and arc geometry: SVG 1.1, chapter 8 and appendix F.6.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from components.cad.effort import spend
from components.cad.geometry import Point
from components.cad.numbers import LIMIT_UNITS, numbers
from components.core.errors import CadError


class Segment(NamedTuple):
    """A straight line to ``end``, or a circular arc where ``centre`` is set."""

    end: Point
    centre: Point | None = None
    # Positive: with growing angle, which is clockwise as seen, since y grows downward.
    sweep_rad: float = 0.0


@dataclass(slots=True)
class Contour:
    start: Point
    segments: list[Segment] = field(default_factory=list)
    closed: bool = False

    @property
    def end(self) -> Point:
        return self.segments[-1].end if self.segments else self.start

    def flattened(self, sagitta: float) -> list[Point]:
        """The vertices; arcs as chords that leave them by ``sagitta`` at most."""
        points = [self.start]
        for segment in self.segments:
            if segment.centre is not None:
                points += flattened_arc(points[-1], segment, sagitta)
            points.append(segment.end)
        return points


def midpoint(start: Point, segment: Segment) -> Point:
    """The middle of an arc that begins at ``start``."""
    assert segment.centre is not None
    return _turned(start, segment.centre, segment.sweep_rad / 2)


def flattened_arc(start: Point, arc: Segment, sagitta: float) -> Iterator[Point]:
    """Points between an arc's ends, whose chords leave it by ``sagitta`` at most."""
    assert arc.centre is not None
    radius = math.dist(start, arc.centre)
    if radius <= sagitta:
        return
    step = 2 * math.acos(1 - sagitta / radius)
    count = min(max(math.ceil(abs(arc.sweep_rad) / step), 1), 720)
    spend(count)
    for index in range(1, count):
        yield _turned(start, arc.centre, arc.sweep_rad * index / count)


def arc_through(start: Point, middle: Point, end: Point) -> tuple[Point | None, float]:
    """Centre and sweep of the arc through three points; no centre where they lie on a line."""
    (x1, y1), (x2, y2), (x3, y3) = start, middle, end
    ax, ay, bx, by = x2 - x1, y2 - y1, x3 - x1, y3 - y1
    twice = 2 * (ax * by - ay * bx)
    if abs(twice) < 1e-12:
        return None, 0.0
    a, b = ax * ax + ay * ay, bx * bx + by * by
    centre = (x1 + (by * a - ay * b) / twice, y1 + (ax * b - bx * a) / twice)
    begin = math.atan2(y1 - centre[1], x1 - centre[0])
    sweep = (math.atan2(y3 - centre[1], x3 - centre[0]) - begin) % math.tau
    return centre, sweep if twice > 0 else sweep - math.tau


def parse_path(text: str) -> list[Contour]:
    """The contours of a path; raises :class:`CadError` for one that is damaged."""
    if not text.isascii():
        raise CadError(f"the path {text[:20]!r} has characters of no path")
    first = _COMMAND.search(text)
    lead = (text[: first.start()] if first else text).strip(" ,")
    pen = _Pen()
    if lead:
        # Old drawings have bare points.
        pen.run("M", _values("M", lead))
    for command, body in _COMMAND.findall(text):
        pen.run(command, _values(command.upper(), body))
    return pen.contours


def straight(text: str) -> list[Point] | None:
    """The points of a path that is one outline of lines, as most are; None for any other."""
    body = text.strip()
    if body[:1] != "M" or not body.isascii() or "_" in body:
        return None
    chunks = body[1:].removesuffix("Z").split("L")
    try:
        points = [(float(x), float(y)) for x, y in (c.replace(",", " ").split() for c in chunks)]
    except ValueError:
        return None
    # The full reader names what is wrong with a number.
    spend(len(points))
    return points if all(abs(x) + abs(y) <= LIMIT_UNITS for x, y in points) else None


def _turned(point: Point, centre: Point, angle: float) -> Point:
    dx, dy = point[0] - centre[0], point[1] - centre[1]
    cos, sin = math.cos(angle), math.sin(angle)
    return centre[0] + dx * cos - dy * sin, centre[1] + dx * sin + dy * cos


_COMMAND = re.compile(r"([MLHVAQCZmlhvaqcz])([^MLHVAQCZmlhvaqcz]*)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[^\s,]")
_ARITY = {"M": 2, "L": 2, "H": 1, "V": 1, "A": 7, "Q": 4, "C": 6, "Z": 0}


def _values(kind: str, body: str) -> list[float]:
    """A command's numbers: as many as it takes, or a multiple of that."""
    if kind == "A":
        values = numbers(_with_flags_apart(_NUMBER.findall(body)))
    else:
        try:
            values = numbers(body.replace(",", " ").split())
        except CadError:
            # A sign, or a second decimal point, begins a number as well as a blank does.
            values = numbers(_NUMBER.findall(body))
    arity = _ARITY[kind]
    spend(len(values))
    if len(values) % arity if arity and values else arity or values:
        raise CadError(f"the path has {len(values)} numbers for {kind}: {body[:40]!r}")
    return values


def _with_flags_apart(tokens: list[str]) -> list[str]:
    """An arc's two flags are one digit each, and what follows may stand right behind them."""
    index = 0
    while index < len(tokens):
        if index % 7 in (3, 4):
            token = tokens[index]
            if token[0] not in "01":
                raise CadError(f"the path has {token[:20]!r} for an arc's flag")
            rest = token[1:]
            if rest and not (rest[0] == "." and not rest.strip(".0")):
                tokens[index : index + 1] = [token[0], rest]
        index += 1
    return tokens


class _Pen:
    """Where the path has got to, and what it has drawn."""

    def __init__(self) -> None:
        self.contours: list[Contour] = []
        self._at: Point = (0.0, 0.0)

    def run(self, command: str, values: list[float]) -> None:
        kind, relative = command.upper(), command.islower()
        if kind == "Z":
            if self.contours:
                self.contours[-1].closed = True
                self._at = self.contours[-1].start
            return
        arity = _ARITY[kind]
        for index in range(0, len(values), arity):
            base = self._at if relative else (0.0, 0.0)
            self._step(kind, values[index : index + arity], base)
            # Further points of a move are lines.
            kind = "L" if kind == "M" else kind

    def _step(self, kind: str, values: list[float], base: Point) -> None:
        if kind == "H":
            end = (values[0] + base[0], self._at[1])
        elif kind == "V":
            end = (self._at[0], values[0] + base[1])
        else:
            end = (values[-2] + base[0], values[-1] + base[1])
        if kind == "M":
            self.contours.append(Contour(end))
        else:
            segments = self._segments()
            if kind == "A":
                segments += _arc(self._at, values, end)
            elif kind in "QC":
                controls = [
                    (values[i] + base[0], values[i + 1] + base[1])
                    for i in range(0, len(values) - 2, 2)
                ]
                curve = _curve([self._at, *controls, end])
                spend(len(curve))
                segments += curve
            else:
                segments.append(Segment(end))
        self._at = end

    def _segments(self) -> list[Segment]:
        if not self.contours:
            raise CadError("the path draws before it moves")
        if self.contours[-1].closed:
            self.contours.append(Contour(self._at))
        return self.contours[-1].segments


def _arc(start: Point, values: list[float], end: Point) -> list[Segment]:
    """Endpoint to centre form, F.6.5; radii that are too small grow, F.6.6."""
    rx, ry = abs(values[0]), abs(values[1])
    if start == end:
        return []
    if rx == 0 or ry == 0:
        return [Segment(end)]
    phi = math.radians(values[2])
    cos, sin = math.cos(phi), math.sin(phi)
    hx, hy = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    x, y = (cos * hx + sin * hy) / rx, (-sin * hx + cos * hy) / ry
    size = math.hypot(x, y)
    if size > 1:
        rx, ry, x, y = rx * size, ry * size, x / size, y / size
    offset = math.sqrt(max(0.0, 1 / (x * x + y * y) - 1))
    if bool(values[3]) == bool(values[4]):
        offset = -offset
    cx, cy = offset * y, -offset * x
    begin = math.atan2(y - cy, x - cx)
    sweep = math.atan2(-y - cy, -x - cx) - begin
    if values[4] and sweep < 0:
        sweep += 2 * math.pi
    elif not values[4] and sweep > 0:
        sweep -= 2 * math.pi
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)

    def place(px: float, py: float) -> Point:
        return middle[0] + cos * rx * px - sin * ry * py, middle[1] + sin * rx * px + cos * ry * py

    if math.isclose(rx, ry, rel_tol=1e-6):
        return [Segment(end, place(cx, cy), sweep)]
    count = max(8, math.ceil(abs(sweep) * 32))
    angles = [begin + sweep * index / count for index in range(1, count)]
    return [Segment(place(cx + math.cos(a), cy + math.sin(a))) for a in angles] + [Segment(end)]


def _curve(controls: list[Point], count: int = 32) -> list[Segment]:
    """A Bézier curve of any degree as chords (de Casteljau)."""
    segments = []
    for index in range(1, count):
        t = index / count
        points = controls
        while len(points) > 1:
            points = [
                (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(points)
            ]
        segments.append(Segment(points[0]))
    return [*segments, Segment(controls[-1])]


def test_every_spelling_of_a_path() -> None:
    for text in (
        "M3,0 A3,3 0 0 1 0,3",
        "M 3 0 A 3 3 0 0 1 0 3",
        "M3 0A3 3 0 010 3",
        "M3-0a3 3 0 0 1-3 3",
        "3 0 A 3,3,0,0,1,0,3",
    ):
        (contour,) = parse_path(text)
        (segment,) = contour.segments
        assert contour.start == (3, 0)
        assert segment.end == (0, 3)
        assert segment.centre is not None
        assert math.dist(segment.centre, (0, 0)) < 1e-9
        assert math.isclose(segment.sweep_rad, math.pi / 2)
        assert math.dist(midpoint((3, 0), segment), (4.5**0.5, 4.5**0.5)) < 1e-9


def test_an_arc_is_known_by_three_points() -> None:
    centre, sweep = arc_through((2.0, 1.0), (1.0, 2.0), (0.0, 1.0))
    assert centre is not None
    assert math.dist(centre, (1.0, 1.0)) < 1e-9
    assert math.isclose(sweep, math.pi)
    assert math.isclose(arc_through((2.0, 1.0), (1.0, 0.0), (0.0, 1.0))[1], -math.pi)
    large = arc_through((1.0, 0.0), (-1.0, 0.0), (0.0, -1.0))[1]
    assert math.isclose(large, 1.5 * math.pi)
    assert arc_through((0.0, 0.0), (1.0, 0.0), (2.0, 0.0)) == (None, 0.0)


def test_straight_outlines_are_read_as_the_full_reader_does() -> None:
    for text in ("M 1 2 L 3 4 L 5,6 Z ", "M1 2L3 4", "M 1 2"):
        (contour,) = parse_path(text)
        assert straight(text) == contour.flattened(0.1)
    for text in (
        "",
        "1 2 L 3 4",
        "M 1 2 L 3",
        "M 1 2 L 3 4 Z M 5 6",
        "M 1 2 H 3",
        "M nan 1",
        "M 1_0 1",
    ):
        assert straight(text) is None


def test_large_and_swept_arcs_take_the_right_way_round() -> None:
    for large, sweep, degrees in ((0, 0, -90), (0, 1, 90), (1, 0, -270), (1, 1, 270)):
        ((segment,),) = [c.segments for c in parse_path(f"M1 0 A1 1 0 {large} {sweep} 0 1")]
        assert math.isclose(math.degrees(segment.sweep_rad), degrees)


def test_lines_curves_and_several_contours() -> None:
    first, second = parse_path("M 1 2 3 4 h2 V 7 Z l 1 1")
    assert first.flattened(0.1) == [(1, 2), (3, 4), (5, 4), (5, 7)]
    assert first.closed
    assert second.flattened(0.1) == [(1, 2), (2, 3)]
    (curve,) = parse_path("M0 0 Q 1 1 2 0")
    assert (1.0, 0.5) in curve.flattened(0.1)
    (small,) = parse_path("M0 0 A 1 1 0 0 1 4 0")
    assert small.segments[0].centre == (2, 0)


def test_chords_stay_close_to_their_arc() -> None:
    (contour,) = parse_path("M10 0 A10 10 0 0 1 -10 0")
    points = contour.flattened(0.001)
    for a, b in pairwise(points):
        middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        assert 10 - math.hypot(*middle) <= 0.001


def test_a_damaged_path_is_named() -> None:
    import pytest

    for text in (
        "M 1",
        "L 1 2",
        "M 1 2 A 3 3 0 2 0 1 1",
        "M 1 2 X",
        "M nan 1",
        "M 1 2 Z 3 4",
        "M ٣ 1",
        "M 1 2 L",
    ):
        with pytest.raises(CadError):
            parse_path(text)
    assert parse_path(" ") == []
    (bare,) = parse_path("350 146 483 146 447 228")
    assert bare.flattened(0.1) == [(350, 146), (483, 146), (447, 228)]
