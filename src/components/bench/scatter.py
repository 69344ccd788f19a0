"""A plot of size against speed as SVG, without a plotting library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

_WIDTH, _HEIGHT = 900, 560
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 250, 50, 60
_COLORS = (
    *("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#a463f2", "#97bbf5", "#9c6b4e"),
    "#1f2933",
)
_SHAPES = ("circle", "square", "diamond", "triangle", "cross", "wedge")


class Point(NamedTuple):
    kind: str
    method: str
    speed_mb_s: float
    size_ratio: float


def scatter(points: Sequence[Point], title: str) -> str:
    """Decompression speed to the right on a logarithmic scale, size against the raw size upward.

    Colours tell kinds of files, shapes tell methods.
    """
    kinds = list(dict.fromkeys(point.kind for point in points))
    methods = list(dict.fromkeys(point.method for point in points))
    speeds = [max(point.speed_mb_s, 0.01) for point in points] or [1.0]
    low = math.floor(math.log10(min(speeds)))
    high = max(math.ceil(math.log10(max(speeds))), low + 1)
    top = max((point.size_ratio for point in points), default=1.0) * 1.05

    def place(speed: float, ratio: float) -> tuple[float, float]:
        across = (math.log10(max(speed, 0.01)) - low) / (high - low)
        x = _LEFT + across * (_WIDTH - _LEFT - _RIGHT)
        return x, _HEIGHT - _BOTTOM - ratio / top * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="28" font-size="15">{escape(title)}</text>',
    ]
    for power in range(low, high + 1):
        x, _ = place(10.0**power, 0)
        parts.append(_line(x, _TOP, x, _HEIGHT - _BOTTOM))
        parts.append(
            f'<text x="{x:.1f}" y="{_HEIGHT - 40}" text-anchor="middle">{10.0**power:g}</text>'
        )
    for step in range(6):
        _, y = place(1, top * step / 5)
        parts.append(_line(_LEFT, y, _WIDTH - _RIGHT, y))
        parts.append(
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{top * step / 5:.2f}</text>'
        )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(
        f'<text x="{middle}" y="{_HEIGHT - 16}" text-anchor="middle">decompression, MB/s</text>'
    )
    parts.append(
        f'<text transform="translate(18 {_HEIGHT / 2}) rotate(-90)" text-anchor="middle">'
        "stored / raw</text>"
    )
    for point in points:
        x, y = place(point.speed_mb_s, point.size_ratio)
        shape = _SHAPES[methods.index(point.method) % len(_SHAPES)]
        parts.append(_mark(shape, x, y, _COLORS[kinds.index(point.kind) % len(_COLORS)]))
    legend = [(_SHAPES[i % len(_SHAPES)], "#555", name) for i, name in enumerate(methods)]
    legend += [("square", _COLORS[i % len(_COLORS)], name) for i, name in enumerate(kinds)]
    for row, (shape, color, name) in enumerate(legend):
        y = _TOP + 8 + row * 20
        parts.append(_mark(shape, _WIDTH - _RIGHT + 24, y, color))
        parts.append(f'<text x="{_WIDTH - _RIGHT + 38}" y="{y + 4}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#ddd"/>'


def _mark(shape: str, x: float, y: float, color: str) -> str:
    path = {
        "circle": "M-5 0A5 5 0 1 1 5 0A5 5 0 1 1 -5 0",
        "square": "M-4 -4H4V4H-4Z",
        "diamond": "M0 -6L6 0L0 6L-6 0Z",
        "triangle": "M0 -6L6 5L-6 5Z",
        "wedge": "M0 6L6 -5L-6 -5Z",
        "cross": "M-5 -2H-2V-5H2V-2H5V2H2V5H-2V2H-5Z",
    }[shape]
    return f'<path transform="translate({x:.1f} {y:.1f})" d="{path}" fill="{color}"/>'


def test_the_plot_has_a_mark_for_every_point_and_every_name() -> None:
    from xml.etree import ElementTree

    points = [Point("a <b>", "zstd", 500.0, 0.3), Point("a <b>", "xz", 20.0, 0.2)]
    root = ElementTree.fromstring(scatter(points, "T & U"))
    marks = [e for e in root.iter() if "translate" in e.get("transform", "") and e.get("fill")]
    assert len(marks) == 2 + 3
    texts = {element.text for element in root.iter() if element.text}
    assert {"T & U", "zstd", "xz", "a <b>", "10", "1000"} <= texts
    assert scatter([], "empty").startswith("<svg")
