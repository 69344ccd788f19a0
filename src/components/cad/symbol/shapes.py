"""A typed reading of the strings that a symbol is drawn with.

A shape is one string split at ``~``, a pin seven such strings split at ``^^``. Coordinates and
lengths are in EasyEDA units (10 mil), absolute, y downward; angles in degrees, counter-clockwise on
the screen. Every reader raises :class:`CadError` for fields that are missing or unreadable.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from components.cad.effort import spend
from components.cad.numbers import number, number_or, numbers
from components.cad.path import Contour, parse_path
from components.cad.shapes import Point, points
from components.cad.text import printable
from components.core.errors import CadError


class PinShape(NamedTuple):
    number: str
    name: str
    kind: str  # 0 undefined, 1 input, 2 output, 3 bidirectional, 4 power
    at: Point
    inner: Point  # the line's other end
    rotation_deg: float  # from the body to the connection; only where the line has no length
    shows_name: bool
    shows_number: bool
    is_shown: bool
    dot: Point | None  # the middle of the circle of an inverted pin
    clock: bool


class RectShape(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    pen: float
    fill: str


class LineShape(NamedTuple):
    points: tuple[Point, ...]
    pen: float
    fill: str
    closed: bool


class EllipseShape(NamedTuple):
    x: float
    y: float
    radius_x: float
    radius_y: float
    pen: float
    fill: str


class PathShape(NamedTuple):
    contours: tuple[Contour, ...]
    pen: float
    fill: str


class TextShape(NamedTuple):
    kind: str  # L: a comment; P and N: where designator and name stand
    x: float
    y: float
    rotation_deg: float
    size: float  # of the font, EasyEDA units
    text: str
    anchor: str  # start, middle, end
    is_shown: bool


class UnknownShape(NamedTuple):
    kind: str


Shape = PinShape | RectShape | LineShape | EllipseShape | PathShape | TextShape | UnknownShape


def read_shape(text: object) -> Shape:
    """The shape of one string; a kind without a reader is :class:`UnknownShape`."""
    if not isinstance(text, str):
        raise CadError(f"a shape is text, not {type(text).__name__}")
    kind, _, rest = text.partition("~")
    found = READERS.get(kind)
    if found is None:
        return UnknownShape(printable(kind)[:20])
    spend(1)
    fewest, reader = found
    fields = rest.split("^^") if kind == "P" else rest.split("~")
    if len(fields) < fewest:
        raise CadError(f"{kind} has {len(fields)} fields, {fewest} at least")
    try:
        return reader(fields)
    except CadError as error:
        raise CadError(f"{kind}: {error}") from None


def _pin(segments: Sequence[str]) -> PinShape:
    head, _, path, name, shown_number, dot, clock = (one.split("~") for one in segments[:7])
    if len(head) < 6 or len(name) < 5 or len(shown_number) < 5:
        raise CadError(f"a pin's fields are missing: {segments[0][:60]!r}")
    at = number(head[3]), number(head[4])
    return PinShape(
        number=_line(shown_number[4]),
        name=_line(name[4]),
        kind=head[1].strip(),
        at=at,
        inner=_far_end(path[0], at),
        rotation_deg=number_or(head[5], 0.0),
        shows_name=name[0].strip() == "1",
        shows_number=shown_number[0].strip() == "1",
        is_shown=head[0].strip() == "show",
        dot=(number(dot[1]), number(dot[2])) if dot[0].strip() == "1" and len(dot) > 2 else None,
        clock=clock[0].strip() == "1",
    )


def _far_end(path: str, at: Point) -> Point:
    """Where a pin's line meets the body: some are drawn from there outward."""
    if not path.strip():
        return at
    ends = [end for contour in parse_path(path) for end in (contour.start, contour.end)]
    return max(ends, key=lambda end: (math.dist(end, at), end), default=at)


def _rect(f: Sequence[str]) -> RectShape:
    # The radii of rounded corners stand between, and may be empty.
    return RectShape(
        *(number(f[0]), number(f[1]), number(f[4]), number(f[5])), number_or(f[7], 1.0), f[9]
    )


def _polyline(f: Sequence[str]) -> LineShape:
    return LineShape(points(f[0]), number_or(f[2], 1.0), f[4], closed=False)


def _polygon(f: Sequence[str]) -> LineShape:
    return LineShape(points(f[0]), number_or(f[2], 1.0), f[4], closed=True)


def _ellipse(f: Sequence[str]) -> EllipseShape:
    x, y, radius_x, radius_y = numbers(f[:4])
    return EllipseShape(x, y, abs(radius_x), abs(radius_y), number_or(f[5], 1.0), f[7])


def _arc(f: Sequence[str]) -> PathShape:
    # The second field is a helper's line.
    return PathShape(tuple(parse_path(f[0])), number_or(f[3], 1.0), f[5])


def _path(f: Sequence[str]) -> PathShape:
    return PathShape(tuple(parse_path(f[0])), number_or(f[2], 1.0), f[4])


def _text(f: Sequence[str]) -> TextShape:
    return TextShape(
        kind=f[0].strip(),
        x=number(f[1]),
        y=number(f[2]),
        rotation_deg=number_or(f[3], 0.0),
        size=_font(f[6]),
        text=_line(f[11]),
        anchor=f[13].strip() if len(f) > 13 else "start",
        is_shown=f[12].strip() != "0" if len(f) > 12 else True,
    )


def _font(text: str) -> float:
    """A font's size in EasyEDA units: points are 4/3 of them; most texts name none."""
    text = text.strip()
    if text in ("", "undefined", "null"):
        return 7.0
    size = number_or(text, 7.0)
    return min(max(size * 4 / 3 if text.endswith("pt") else size, 1.0), 100.0)


def _line(text: str) -> str:
    return " ".join(printable(text).split())


# Kind: the fewest fields after it, and the reader of these.
READERS: dict[str, tuple[int, Callable[[Sequence[str]], Shape]]] = {
    "P": (7, _pin),
    "R": (10, _rect),
    "PL": (5, _polyline),
    "PG": (5, _polygon),
    "E": (8, _ellipse),
    "A": (6, _arc),
    "PT": (5, _path),
    "T": (12, _text),
}


PIN = (
    "P~show~0~9~360~280~180~gge3~0^^360~280^^{path}~#880000^^1~382~283~0~DAT 2~start~~~#00F"
    "^^1~378~279~0~A1~end~~~#00F^^{dot}~367~280^^{clock}~M 370 283 L 373 280"
)


def test_a_pin_is_read_by_its_segments() -> None:
    pin = read_shape(PIN.format(path="M 360 280 h 10", dot=0, clock=0))
    assert isinstance(pin, PinShape)
    # The number is the one that is shown, not the one of the simulation's model.
    assert (pin.number, pin.name, pin.kind, pin.at) == ("A1", "DAT 2", "0", (360.0, 280.0))
    assert pin.inner == (370.0, 280.0) and pin.dot is None and not pin.clock
    for path in ("M360,280h10", "M370,280 h-10", "M 360 280 H 370", "M 360 280 L 370 280"):
        found = read_shape(PIN.format(path=path, dot=1, clock=1))
        assert isinstance(found, PinShape)
        assert found.inner == (370.0, 280.0) and found.dot == (367.0, 280.0) and found.clock


def test_shapes_are_read_by_their_fields() -> None:
    assert read_shape("R~1~2~~~30~40~#800~1~0~NONE~g") == RectShape(1, 2, 30, 40, 1, "NONE")
    assert read_shape("PG~1 2 3 4 5 6~#800~1~0~#800~g") == LineShape(
        ((1, 2), (3, 4), (5, 6)), 1, "#800", True
    )
    assert read_shape("E~1~2~3~4~#800~1~0~none~g") == EllipseShape(1, 2, 3, 4, 1, "none")
    text = read_shape("T~L~4~5~90~#00F~undefined~undefined~0.1~~middle~comment~a  b~1~middle~g")
    assert text == TextShape("L", 4, 5, 90, 7.0, "a b", "middle", True)
    assert read_shape("BE~1") == UnknownShape("BE")


def test_damage_is_named() -> None:
    import pytest

    for text, message in (
        ("P~show~0", "P has 1 fields"),
        ("P~show^^^^^^^^^^^^", "a pin's fields are missing"),
        (PIN.format(path="M 1 x", dot=0, clock=0), "not a number"),
        ("R~1~2~~~nan~40~#800~1~0~none", "R: 'nan'"),
        ("PL~1 2 3~#800~1~0~none", "PL: 3 coordinates"),
        ("A~M 0 0 A 1~~#800~1~0~none", "A: the path"),
    ):
        with pytest.raises(CadError, match=message):
            read_shape(text)
    with pytest.raises(CadError, match="a shape is text"):
        read_shape(None)
