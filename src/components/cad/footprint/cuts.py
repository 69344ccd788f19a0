"""The board's edge as a footprint draws it: KiCad takes closed contours only."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from components.cad.footprint.items import ArcItem, Graphic, LineItem, ZoneItem
from components.cad.geometry import Point
from components.cad.report import Report

CUT, DRAWING = "Edge.Cuts", "Dwgs.User"
# Ends that lie closer are meant to be one: it is less than EasyEDA's rounding of an inch.
GAP_MM = 0.001

Stroke = LineItem | ArcItem


def close_outlines(drawn: Iterable[Graphic | ZoneItem], report: Report) -> list[Graphic | ZoneItem]:
    """Contours whose ends meet within a micrometre are closed; what stays open is no cut.

    An open contour goes to the drawing layer: whether the board ends there, and how it goes on, is
    for the designer to say.
    """
    others: list[Graphic | ZoneItem] = []
    strokes: list[Stroke] = []
    for item in drawn:
        if isinstance(item, LineItem | ArcItem) and item.layer == CUT:
            if item not in strokes:
                strokes.append(item)
        else:
            others.append(item)
    if not strokes:
        return others
    joints = _Joints()
    ends = [(joints.at(stroke.start), joints.at(stroke.end)) for stroke in strokes]
    # A speck between two points that are now one is gone.
    alive = [index for index, (a, b) in enumerate(ends) if a != b]
    degree: dict[int, int] = {}
    for index in alive:
        for joint in ends[index]:
            degree[joint] = degree.get(joint, 0) + 1
    opened: set[int] = set()
    for chain in _chains([ends[index] for index in alive]):
        loose = sorted({j for k in chain for j in ends[alive[k]] if degree[j] != 2})
        if loose:
            x, y = joints.points[loose[0]]
            report.warn(
                f"a line of the board's edge does not close at {x:.4g}, {y:.4g} mm: it is drawn on"
                f" {DRAWING} and cuts nothing"
            )
            opened |= {alive[k] for k in chain}
    for index in alive:
        a, b = ends[index]
        layer = DRAWING if index in opened else CUT
        others.append(
            strokes[index]._replace(start=joints.points[a], end=joints.points[b], layer=layer)
        )
    return others


class _Joints:
    """Points that lie within :data:`GAP_MM` of each other, as one."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self._cells: dict[tuple[int, int], list[int]] = {}

    def at(self, point: Point) -> int:
        column, row = round(point[0] / GAP_MM), round(point[1] / GAP_MM)
        for x in (column - 1, column, column + 1):
            for y in (row - 1, row, row + 1):
                for index in self._cells.get((x, y), ()):
                    if math.dist(self.points[index], point) <= GAP_MM:
                        return index
        self.points.append(point)
        self._cells.setdefault((column, row), []).append(len(self.points) - 1)
        return len(self.points) - 1


def _chains(edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Places in ``edges`` that hang together, in order."""
    parent: dict[int, int] = {}

    def root(joint: int) -> int:
        while parent.setdefault(joint, joint) != joint:
            joint = parent[joint]
        return joint

    for a, b in edges:
        parent[root(a)] = root(b)
    chains: dict[int, list[int]] = {}
    for index, (a, _) in enumerate(edges):
        chains.setdefault(root(a), []).append(index)
    return list(chains.values())


def _line(x1: float, y1: float, x2: float, y2: float) -> LineItem:
    return LineItem((x1, y1), (x2, y2), CUT, 0.05)


def test_gaps_close_and_open_lines_are_drawings() -> None:
    report = Report()
    square = [
        _line(0, 0, 4, 0),
        _line(4, 0.0002, 4, 4),
        _line(4, 4, 4.0003, 4.0002),
        _line(0, 4, 4, 4),
        _line(0, 4, 0, 0),
        _line(0, 4, 0, 0),
    ]
    closed = close_outlines(square, report)
    assert [type(item) for item in closed] == [LineItem] * 4
    ends = [point for item in closed if isinstance(item, LineItem) for point in item[:2]]
    assert {ends.count(point) for point in ends} == {2}
    assert {item[2] for item in closed} == {CUT}
    assert not report.warnings
    opened = close_outlines([*square, _line(9, 0, 12, 0), _line(12, 0, 12, 5)], report)
    assert [item[2] for item in opened] == [CUT] * 4 + [DRAWING] * 2
    assert report.warnings == [
        "a line of the board's edge does not close at 9, 0 mm: it is drawn on Dwgs.User and cuts"
        " nothing"
    ]
