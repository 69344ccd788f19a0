"""Reads KiCad footprints back: pads, graphics and names, of KiCad 6 to 9.

What a converter wrote is checked with it, and footprints of others are drawn. It knows no nets,
groups and fonts.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from components.cad.footprint.items import (
    ArcItem,
    CircleItem,
    Graphic,
    LineItem,
    PadItem,
    PolygonItem,
    TextItem,
    ZoneItem,
    graphic_points,
)
from components.cad.geometry import Box, Point, box_of, union
from components.cad.sexpr import Node, children, parse
from components.core.errors import CadError


@dataclass
class Footprint:
    name: str
    version: int
    attributes: tuple[str, ...]
    properties: dict[str, str]
    pads: list[PadItem] = field(default_factory=list)
    graphics: list[Graphic] = field(default_factory=list)
    zones: list[ZoneItem] = field(default_factory=list)
    models: list[tuple[str, tuple[float, ...], tuple[float, ...]]] = field(default_factory=list)

    @property
    def courtyard(self) -> Box:
        """The box of what is drawn on the front courtyard; of the pads, where nothing is."""
        drawn = [box_of(graphic_points(item)) for item in self.graphics if item.layer == "F.CrtYd"]
        return union(drawn or [pad.box for pad in self.pads])


def read(data: bytes) -> Footprint:
    """A footprint file; raises :class:`CadError` where it cannot be one."""
    try:
        root = parse(data.decode())
        if root[0] != "footprint":
            raise CadError(f"a {root[0]!r} is no footprint")
        footprint = Footprint(
            name=root[1],
            version=int(_values(root, "version")[0]),
            attributes=tuple(_values(root, "attr")),
            properties={node[1]: node[2] for node in children(root, "property")},
        )
        for node in root:
            if isinstance(node, list):
                _add(footprint, node)
    except (ValueError, IndexError, TypeError) as error:
        raise CadError(f"the footprint file is damaged: {error}") from None
    return footprint


def _add(footprint: Footprint, node: Node) -> None:
    kind = node[0]
    if kind == "pad":
        footprint.pads.append(_pad(node))
    elif kind == "zone":
        polygon = tuple(_points(_one(_one(node, "polygon"), "pts")))
        layers = tuple(_values(node, "layers") or _values(node, "layer"))
        footprint.zones.append(ZoneItem(polygon, layers, bool(children(node, "keepout"))))
    elif kind == "model":
        offset, rotate = (_numbers(_one(node, part), "xyz") for part in ("offset", "rotate"))
        footprint.models.append((node[1], offset, rotate))
    elif isinstance(kind, str) and kind.startswith("fp_"):
        footprint.graphics += _graphic(node)


def _one(node: Node, name: str) -> Node:
    found = children(node, name)
    if not found:
        raise CadError(f"the footprint file has a {node[0]!r} without {name!r}")
    return found[0]


def _values(node: Node, name: str) -> list[str]:
    found = children(node, name)
    return [value for value in found[0][1:] if isinstance(value, str)] if found else []


def _numbers(node: Node, name: str) -> tuple[float, ...]:
    numbers = tuple(float(v) for v in _values(node, name) if re.match(r"[-+.\d]|nan|inf", v))
    if not all(map(math.isfinite, numbers)):
        raise CadError(f"the footprint file has a {name!r} that is no number")
    return numbers


def _point(node: Node, name: str) -> Point:
    x, y = _numbers(node, name)[:2]
    return x, y


def _points(node: Node) -> list[Point]:
    return [(float(child[1]), float(child[2])) for child in children(node, "xy")]


def _pad(node: Node) -> PadItem:
    at = _numbers(node, "at")
    drill = _numbers(node, "drill")
    outline: list[Point] = []
    for drawn in children(node, "primitives"):
        for primitive in children(drawn, "gr_poly"):
            outline += _points(_one(primitive, "pts"))
    mask, paste = (_numbers(node, f"solder_{name}_margin") for name in ("mask", "paste"))
    return PadItem(
        number=node[1],
        kind=node[2],
        form=node[3],
        at=(at[0], at[1]),
        size=_point(node, "size"),
        rotation_deg=at[2] if len(at) > 2 else 0.0,
        layers=tuple(_values(node, "layers")),
        drill=(drill[0], drill[-1]) if drill else None,
        outline=tuple(outline),
        mask_margin=mask[0] if mask else 0.0,
        paste_margin=paste[0] if paste else 0.0,
    )


def _graphic(node: Node) -> list[Graphic]:
    kind, layer = node[0], (_values(node, "layer") or [""])[0]
    if kind == "fp_text":
        at = _numbers(node, "at")
        size = _numbers(_one(_one(node, "effects"), "font"), "size")
        turn = at[2] if len(at) > 2 else 0.0
        return [TextItem(node[2], (at[0], at[1]), turn, layer, size[0], 0.0)]
    stroke = children(node, "stroke")
    width = (_numbers(stroke[0] if stroke else node, "width") or (0.0,))[0]
    filled = (_values(node, "fill") or ["none"])[0] in ("solid", "yes")
    if kind == "fp_line":
        return [LineItem(_point(node, "start"), _point(node, "end"), layer, width)]
    if kind == "fp_arc":
        start, middle, end = (_point(node, name) for name in ("start", "mid", "end"))
        return [ArcItem(start, middle, end, layer, width)]
    if kind == "fp_circle":
        centre, end = _point(node, "center"), _point(node, "end")
        return [CircleItem(centre, math.dist(centre, end), layer, width, filled)]
    if kind == "fp_rect":
        (x1, y1), (x2, y2) = _point(node, "start"), _point(node, "end")
        corners = ((x1, y1), (x2, y1), (x2, y2), (x1, y2))
        return [PolygonItem(corners, layer, width, filled)]
    if kind == "fp_poly":
        return [PolygonItem(tuple(_points(_one(node, "pts"))), layer, width, filled)]
    return []


def test_damaged_files_are_named() -> None:
    import pytest

    for text in (
        "",
        "(footprint",
        "(footprint x))",
        '(footprint "x',
        "(module x)",
        "(footprint x (version a))",
        "(footprint x (version 1) (pad 1 smd rect (at 0 nan) (size 1 1)))",
        "(footprint x (version 1) (fp_line (start 0 0)))",
        "(" * 1000,
    ):
        with pytest.raises(CadError, match=r"the (footprint )?file|no footprint"):
            read(text.encode())
