"""A typed reading of the strings that EasyEDA draws a symbol with.

A shape is one string split at ``~``; its first field names its kind. Coordinates and lengths are
in EasyEDA units (10 mil), absolute, y downward; angles in degrees, counter-clockwise on the
screen. Every reader raises :class:`CadError` for fields that are missing or unreadable.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from components.cad.numbers import number, number_or
from components.cad.path import parse_path
from components.cad.shapes import Point, Unknown, points
from components.cad.text import printable
from components.core.errors import CadError


class Pin(NamedTuple):
    at: Point  # where a wire joins it
    inner: Point  # the other end of its line
    rotation_deg: float  # from the body to the connection
    kind: str  # 0: undefined, 1: input, 2: output, 3: bidirectional, 4: power
    name: str
    number: str
    shown: bool
    name_shown: bool
    number_shown: bool
    dot: Point | None  # the centre of the circle that inverts it
    clock: bool


class Rect(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    radius: float  # of its corners
    pen: float
    fill: str


class Ellipse(NamedTuple):
    x: float
    y: float
    radius_x: float
    radius_y: float
    pen: float
    fill: str


class Outline(NamedTuple):
    """A line of straight pieces; ``closed``: it comes back to its start."""

    points: tuple[Point, ...]
    closed: bool
    pen: float
    fill: str


class Path(NamedTuple):
    """An arc, or any other path of SVG."""

    path: str
    pen: float
    fill: str


class Text(NamedTuple):
    at: Point
    rotation_deg: float
    size: float  # of its font
    text: str
    shown: bool
    anchor: str  # start, middle or end
    centred: bool  # up and down


SymbolShape = Pin | Rect | Ellipse | Outline | Path | Text | Unknown
DOT_RADIUS = 3.0
FONT = 7.0 * 4 / 3
_STRAIGHT = re.compile(r"\s*M\s*(-?[\d.]+)[\s,]+(-?[\d.]+)\s*([hHvV])\s*(-?[\d.]+)\s*", re.ASCII)


def read_shape(text: object) -> SymbolShape:
    """One shape; raises :class:`CadError` naming the kind and the damage."""
    if not isinstance(text, str):
        raise CadError(f"a shape is text, not {type(text).__name__}")
    text = printable(text)
    kind, _, rest = text.partition("~")
    entry = READERS.get(kind)
    if entry is None:
        return Unknown(kind[:40])
    least, reader = entry
    fields = rest.split("~") if kind != "P" else rest.split("^^")
    if len(fields) < least:
        raise CadError(f"{kind} has {len(fields)} fields, {least} are needed: {text[:60]!r}")
    try:
        return reader(fields)
    except CadError as error:
        raise CadError(f"{kind} {text[:40]!r}: {error}") from None


def pin_number(segments: Sequence[str]) -> str:
    """A pin's number, of its string split at ``^^``.

    The number that is shown is the one that EasyEDA matches with the pads; the other field holds
    the position in the simulation model.
    """
    shown = segments[4].split("~", 5) if len(segments) > 4 else []
    if len(shown) > 4:
        return shown[4].strip()
    fields = segments[0].split("~", 4)
    return fields[3].strip() if len(fields) > 3 else ""


def _pin(segments: Sequence[str]) -> Pin:
    f = segments[0].split("~")
    name = segments[3].split("~", 5)
    shown = segments[4].split("~", 5)
    # A field less than in the whole string: the kind of the shape has been taken off.
    if len(f) < 6 or len(name) < 5 or len(shown) < 5:
        raise CadError("it has no position, no name or no number")
    at = (number(f[3]), number(f[4]))
    dot = segments[5].split("~") if len(segments) > 5 else []
    return Pin(
        at=at,
        inner=_inner(segments[2].partition("~")[0], at),
        rotation_deg=number_or(f[5], 0.0),
        kind=f[1].strip(),
        name=" ".join(name[4].split()),
        number=pin_number(segments),
        shown=f[0].strip() != "none",
        name_shown=name[0].strip() != "0",
        number_shown=shown[0].strip() != "0",
        dot=_point(dot[1:3]) if dot and dot[0].strip() == "1" else None,
        clock=len(segments) > 6 and segments[6].partition("~")[0].strip() == "1",
    )


def _point(fields: Sequence[str]) -> Point:
    if len(fields) < 2:
        raise CadError("the circle that inverts it has no place")
    return number(fields[0]), number(fields[1])


def _inner(path: str, at: Point) -> Point:
    """The end of a pin's line that is not its connection; the path may begin at either."""
    if found := _STRAIGHT.fullmatch(path):
        start = (number(found[1]), number(found[2]))
        way = number(found[4])
        if found[3] in "hH":
            end = (way + start[0] if found[3] == "h" else way, start[1])
        else:
            end = (start[0], way + start[1] if found[3] == "v" else way)
        ends = [start, end]
    else:
        ends = [point for contour in parse_path(path) for point in (contour.start, contour.end)]
    return max(ends, key=lambda end: math.dist(end, at), default=at)


def _field(fields: Sequence[str], index: int) -> str:
    return fields[index] if index < len(fields) else ""


def _fill(fields: Sequence[str], stroke: int) -> str:
    """``none``; ``background``, where it is pale; else ``outline``, the pen's colour."""
    fill = _field(fields, stroke + 3).strip().lower()
    if fill in ("", "none", "transparent"):
        return "none"
    if fill == fields[stroke].strip().lower():
        return "outline"
    # `#800` and `#880000`; pale ones have high digits throughout, and lie behind the lines.
    digits = fill.removeprefix("#")
    step = max(len(digits) // 3, 1)
    return "background" if digits and all(d in "cdef" for d in digits[::step]) else "outline"


def _rect(f: Sequence[str]) -> Rect:
    radius = max(number_or(f[2], 0.0), number_or(f[3], 0.0))
    x, y, width, height = number(f[0]), number(f[1]), number(f[4]), number(f[5])
    return Rect(x, y, width, height, radius, number_or(f[7], 1.0), _fill(f, 6))


def _ellipse(f: Sequence[str]) -> Ellipse:
    x, y, rx, ry = number(f[0]), number(f[1]), number(f[2]), number(f[3])
    return Ellipse(x, y, abs(rx), abs(ry), number_or(f[5], 1.0), _fill(f, 4))


def _circle(f: Sequence[str]) -> Ellipse:
    return _ellipse([*f[:3], *f[2:]])


def _polyline(f: Sequence[str]) -> Outline:
    return Outline(points(f[0]), False, number_or(f[2], 1.0), _fill(f, 1))


def _polygon(f: Sequence[str]) -> Outline:
    return _polyline(f)._replace(closed=True)


def _line(f: Sequence[str]) -> Outline:
    return _polyline([" ".join(f[:4]), *f[4:]])


def _arc(f: Sequence[str]) -> Path:
    return Path(f[0], number_or(f[3], 1.0), _fill(f, 2))


def _path(f: Sequence[str]) -> Path:
    return Path(f[0], number_or(f[2], 1.0), _fill(f, 1))


def _font(text: str) -> float:
    """A font's size, a dot of a screen a unit: a point is 4/3 of them; most texts name none."""
    text = text.strip()
    size = 0.0 if text in ("undefined", "null") else number_or(text, 0.0)
    size *= 4 / 3 if text.endswith("pt") else 1
    return min(max(abs(size), 1.0), 100.0) if size else FONT


def _text(f: Sequence[str]) -> Text:
    return Text(
        at=(number(f[1]), number(f[2])),
        rotation_deg=number_or(f[3], 0.0),
        size=_font(f[6]),
        text=" ".join(f[11].replace("\\n", " ").split()),
        # `P` and `N` stand for the designator and the value, which have texts of their own.
        shown=_field(f, 12).strip() != "0" and f[0].strip() not in ("P", "N"),
        anchor=_field(f, 13).strip() or "start",
        centred=_field(f, 9).strip() in ("middle", "central"),
    )


# Kind: the fewest fields after it (of a pin: segments), and the reader of these.
READERS: dict[str, tuple[int, Callable[[Sequence[str]], SymbolShape]]] = {
    "P": (5, _pin),
    "R": (8, _rect),
    "E": (6, _ellipse),
    "C": (5, _circle),
    "PL": (3, _polyline),
    "PG": (3, _polygon),
    "L": (6, _line),
    "A": (4, _arc),
    "PT": (3, _path),
    "T": (12, _text),
}


def test_a_pin_is_read_by_its_segments() -> None:
    text = (
        "P~show~1~9~375~295~180~gge9~0^^375~295^^M 375 295 h 19~#880000^^1~402~298~0~IN A~start"
        "~~5.5pt~#000000^^0~387~294~0~2~end~~5.5pt~#000000^^1~397~295^^1~M 400 298 L 403 295"
    )
    pin = read_shape(text)
    assert pin == Pin(
        at=(375, 295),
        inner=(394, 295),
        rotation_deg=180,
        kind="1",
        name="IN A",
        number="2",
        shown=True,
        name_shown=True,
        number_shown=False,
        dot=(397, 295),
        clock=True,
    )
    for path in ("M394,295 h-19~#800", "M 394 295 L 375 295", " M375,295H394 "):
        again = read_shape(text.replace("M 375 295 h 19~#880000", path))
        assert again == pin, path
    plain = read_shape(text.replace("~180~gge9", "~~gge9").replace("^^1~397", "^^0~397"))
    assert isinstance(plain, Pin) and (plain.rotation_deg, plain.dot) == (0, None)


def test_shapes_are_read_by_their_place() -> None:
    assert read_shape("R~10~-4~~~20~8~#880000~1~0~none~rep4~0") == Rect(10, -4, 20, 8, 0, 1, "none")
    assert read_shape("E~1~2~3~4~#880000~2~0~#880000~g") == Ellipse(1, 2, 3, 4, 2, "outline")
    assert read_shape("C~1~2~3~#880000~2~0~#fff~g") == Ellipse(1, 2, 3, 3, 2, "background")
    line = Outline(((1, 2), (3, 4)), False, 1, "none")
    assert read_shape("PL~1 2 3,4~#880000~~0~none~g") == line
    assert read_shape("L~1~2~3~4~#880000~1~0~none~g") == line
    assert read_shape("PG~1 2 3,4~#800~1~0~none~g") == line._replace(closed=True)
    assert read_shape("A~M 1 2~~#880000~1~0~none~g") == Path("M 1 2", 1, "none")
    assert read_shape("PT~M 1 2 Z~#880000~1~0~#880000~g") == Path("M 1 2 Z", 1, "outline")
    text = (
        "T~L~1~2~90~#0000FF~Tahoma~undefined~0.1~~middle~comment~RP\\n2040~1~end~gge860~0~pinpart"
    )
    assert read_shape(text) == Text((1, 2), 90, 28 / 3, "RP 2040", True, "end", True)
    assert read_shape("PIE~1") == Unknown("PIE")


def test_damage_is_named() -> None:
    import pytest

    for text, message in (
        ("P~show~0^^1~2", "P has 2 fields"),
        ("P~show~0~1~x~2~0~g^^^^^^1~2~3~0~A^^1~2~3~0~1", "'x' is not a number"),
        ("P~show~0~1~1~2~0~g^^^^M 1 Z 2^^1~2~3~0~A^^1~2~3~0~1", "the path has"),
        ("P~show~0~1~1~2~0~g^^^^^^1~2^^1~2~3~0~1", "no name or no number"),
        ("P~show~0~1~1~2~0~g^^^^^^1~2~3~0~A^^1~2~3~0~1^^1~5", "inverts it has no place"),
        ("R~1~2", "R has 2 fields"),
        ("PL~1 2 3~#800~1", "3 coordinates do not make points"),
    ):
        with pytest.raises(CadError, match=message):
            read_shape(text)
    with pytest.raises(CadError, match="a shape is text, not dict"):
        read_shape({})
