"""A typed reading of EasyEDA's shape strings.

A shape is one string split at ``~``; its first field names its kind. Coordinates and lengths are
in EasyEDA units (10 mil), absolute, y downward; angles in degrees, counter-clockwise on the
screen. Every reader raises :class:`CadError` for fields that are missing or unreadable.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from components.cad.effort import spend
from components.cad.numbers import number, number_or, numbers
from components.cad.text import printable
from components.core.errors import CadError

Point = tuple[float, float]


class Pad(NamedTuple):
    form: str  # ELLIPSE, RECT, OVAL or POLYGON
    x: float
    y: float
    width: float
    height: float
    layer: str
    number: str
    hole_radius: float
    points: tuple[Point, ...]
    rotation_deg: float
    slot_length: float  # from end to end; 0: a round hole
    slot_points: tuple[Point, ...]
    plated: bool
    paste_expansion: float
    mask_expansion: float


class Hole(NamedTuple):
    x: float
    y: float
    radius: float


class Via(NamedTuple):
    x: float
    y: float
    diameter: float
    hole_radius: float


class Track(NamedTuple):
    width: float
    layer: str
    points: tuple[Point, ...]


class Circle(NamedTuple):
    x: float
    y: float
    radius: float
    width: float
    layer: str


class Arc(NamedTuple):
    width: float
    layer: str
    path: str


class Rect(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    layer: str
    pen: float
    filled: bool


class Region(NamedTuple):
    layer: str
    path: str
    kind: str  # solid, cutout, npth


class CopperArea(NamedTuple):
    layer: str
    path: str
    clearance: float


class Text(NamedTuple):
    kind: str  # P: the reference, N: the name, L: any other
    x: float
    y: float
    pen: float
    rotation_deg: float
    layer: str
    size: float
    text: str
    shown: bool


class Node(NamedTuple):
    """An embedded drawing: the 3D model's reference and outline, or a picture."""

    attributes: dict[str, str]
    outline: tuple[Point, ...]


class Unknown(NamedTuple):
    """A kind of shape that has no reader here; it is named in the report."""

    kind: str


Shape = Pad | Hole | Via | Track | Circle | Arc | Rect | Region | CopperArea | Text | Node | Unknown

PAD_FORMS = frozenset(("ELLIPSE", "RECT", "OVAL", "POLYGON"))
REGION_KINDS = frozenset(("solid", "cutout", "npth"))


def points(text: str) -> tuple[Point, ...]:
    """``x y x y …``, separated by blanks or commas."""
    values = numbers(text.replace(",", " ").split())
    spend(len(values))
    if len(values) % 2:
        raise CadError(f"{len(values)} coordinates do not make points")
    return tuple(zip(values[::2], values[1::2], strict=True))


def read_shape(text: str) -> Shape:
    """One shape; raises :class:`CadError` naming the kind and the damage."""
    if not isinstance(text, str):
        raise CadError(f"a shape is text, not {type(text).__name__}")
    kind, _, rest = printable(text).partition("~")
    entry = READERS.get(kind)
    if entry is None:
        return Unknown(kind[:40])
    least, reader = entry
    # Only the node's field is JSON, in which a `~` may stand.
    fields = [rest] if kind == "SVGNODE" else rest.split("~")
    if len(fields) < least:
        raise CadError(f"{kind} has {len(fields)} fields, {least} are needed: {text[:60]!r}")
    try:
        return reader(fields)
    except CadError as error:
        raise CadError(f"{kind} {_identity(kind, fields)}: {error}") from None


def _identity(kind: str, fields: Sequence[str]) -> str:
    """What a person can find the shape by."""
    if kind == "PAD":
        return f"{fields[7]!r} ({fields[11]})" if len(fields) > 11 else f"{fields[7]!r}"
    return next((field for field in fields if "gge" in field or "rep" in field), "shape")[:40]


def _field(fields: Sequence[str], index: int) -> str:
    return fields[index] if index < len(fields) else ""


def _pad(f: Sequence[str]) -> Pad:
    if f[0] not in PAD_FORMS:
        raise CadError(f"form {f[0][:20]!r} is none of {', '.join(sorted(PAD_FORMS))}")
    slot = number_or(_field(f, 12), 0.0)
    return Pad(
        form=f[0],
        x=number(f[1]),
        y=number(f[2]),
        width=number(f[3]),
        height=number(f[4]),
        layer=f[5].strip(),
        number=f[7].strip(),
        hole_radius=number_or(f[8], 0.0),
        # A rectangle's points only repeat what its size and rotation say.
        points=points(f[9]) if f[0] == "POLYGON" else (),
        rotation_deg=number_or(f[10], 0.0),
        slot_length=slot,
        slot_points=points(_field(f, 13)) if slot > 0 else (),
        plated=_field(f, 14).strip().upper() != "N",
        paste_expansion=number_or(_field(f, 16), 0.0),
        mask_expansion=number_or(_field(f, 17), 0.0),
    )


def _hole(f: Sequence[str]) -> Hole:
    return Hole(number(f[0]), number(f[1]), number(f[2]))


def _via(f: Sequence[str]) -> Via:
    return Via(number(f[0]), number(f[1]), number(f[2]), number(f[4]))


def _track(f: Sequence[str]) -> Track:
    return Track(number_or(f[0], 0.0), f[1].strip(), points(f[3]))


def _circle(f: Sequence[str]) -> Circle:
    return Circle(number(f[0]), number(f[1]), number(f[2]), number_or(f[3], 0.0), f[4].strip())


def _arc(f: Sequence[str]) -> Arc:
    return Arc(number_or(f[0], 0.0), f[1].strip(), f[3])


def _rect(f: Sequence[str]) -> Rect:
    fill = _field(f, 8).strip().lower()
    return Rect(
        x=number(f[0]),
        y=number(f[1]),
        width=number(f[2]),
        height=number(f[3]),
        layer=f[4].strip(),
        pen=number_or(_field(f, 7), 0.0),
        filled=fill not in ("", "none"),
    )


def _region(f: Sequence[str]) -> Region:
    kind = f[3].strip().lower() or "solid"
    if kind not in REGION_KINDS:
        raise CadError(f"kind {kind[:20]!r} is none of {', '.join(sorted(REGION_KINDS))}")
    return Region(f[0].strip(), f[2], kind)


def _copper_area(f: Sequence[str]) -> CopperArea:
    return CopperArea(f[1].strip(), f[3], number_or(f[4], 0.0))


def _text(f: Sequence[str]) -> Text:
    return Text(
        kind=f[0],
        x=number(f[1]),
        y=number(f[2]),
        pen=number_or(f[3], 0.0),
        rotation_deg=number_or(f[4], 0.0),
        layer=f[6].strip(),
        size=number_or(f[8], 0.0),
        text=f[9],
        shown=_field(f, 11).strip() != "none",
    )


def _node(f: Sequence[str]) -> Node:
    try:
        node: Any = json.loads(f[0])
        attributes = {
            str(key): str(value)
            for key, value in node["attrs"].items()
            if isinstance(value, str | int | float)
        }
        children = node.get("childNodes") or []
        outline = [child["attrs"].get("points") or "" for child in children]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CadError(f"is no drawing node: {f[0][:60]!r}") from None
    layer = attributes.setdefault("layerid", str(node.get("layerid", "")))
    flat = [point for text in outline for point in points(str(text))] if layer == "19" else []
    return Node(attributes, tuple(flat))


# Kind: the fewest fields after it, and the reader of these.
READERS: dict[str, tuple[int, Callable[[Sequence[str]], Shape]]] = {
    "PAD": (11, _pad),
    "HOLE": (3, _hole),
    "VIA": (5, _via),
    "TRACK": (4, _track),
    "CIRCLE": (5, _circle),
    "ARC": (4, _arc),
    "RECT": (5, _rect),
    "SOLIDREGION": (4, _region),
    "COPPERAREA": (5, _copper_area),
    "TEXT": (10, _text),
    "SVGNODE": (1, _node),
}


def test_fields_are_read_by_their_place() -> None:
    pad = read_shape(
        "PAD~OVAL~4~3~4.7~7.9~11~~A(1)~1.5~4 2 4 4~270~gge1~6.3~4 4 4 2~N~0~-393.7~0.2~4,3"
    )
    assert pad == Pad(
        form="OVAL",
        x=4,
        y=3,
        width=4.7,
        height=7.9,
        layer="11",
        number="A(1)",
        hole_radius=1.5,
        points=(),
        rotation_deg=270,
        slot_length=6.3,
        slot_points=((4, 4), (4, 2)),
        plated=False,
        paste_expansion=-393.7,
        mask_expansion=0.2,
    )
    assert read_shape("TEXT~L~1~2~0.8~90~0~3~~5~a b~M 0 0~none~g") == Text(
        "L", 1, 2, 0.8, 90, "3", 5, "a b", False
    )
    assert read_shape("RECT~1~2~3~4~3~g~0~1~none") == Rect(1, 2, 3, 4, "3", 1, False)
    assert read_shape("PROTRACTOR~1") == Unknown("PROTRACTOR")


def test_a_node_is_json_with_any_character() -> None:
    node = read_shape(
        'SVGNODE~{"layerid": "19", "attrs": {"title": "a~b", "z": 1}, "childNodes": '
        '[{"attrs": {"points": "1 2 3,4"}}, {"attrs": {}}]}'
    )
    assert node == Node({"title": "a~b", "z": "1", "layerid": "19"}, ((1, 2), (3, 4)))


def test_damage_is_named() -> None:
    import pytest

    for text, message in (
        ("PAD~RECT~1~2", "PAD has 3 fields"),
        ("PAD~STAR~1~2~3~4~1~~7~0~~0~gge9", r"PAD '7' \(gge9\): form 'STAR'"),
        ("PAD~RECT~1~nan~3~4~1~~7~0~~0~gge9", r"PAD '7' \(gge9\): 'nan' is not a number"),
        ("PAD~POLYGON~1~2~3~4~1~~7~0~1 2 3~0~gge9", "3 coordinates do not make points"),
        ("TRACK~1~3~~1 2 x 4~gge5~0", "TRACK gge5: 'x' is not a number"),
        ("SOLIDREGION~1~~M 0 0~blob~gge5", "kind 'blob'"),
        ("SVGNODE~{", "no drawing node"),
        ("SVGNODE~" + "[" * 100_000, "no drawing node"),
    ):
        with pytest.raises(CadError, match=message):
            read_shape(text)
    with pytest.raises(CadError, match="a shape is text, not dict"):
        read_shape({})  # type: ignore[arg-type]
