"""The courtyard around a part, and a body on the fabrication layer where none is drawn.

Clearances: KiCad Library Convention F5.3.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from components.cad.answer import Answer
from components.cad.footprint.items import (
    CircleItem,
    Graphic,
    PadItem,
    PolygonItem,
    TextItem,
    ZoneItem,
    graphic_points,
)
from components.cad.geometry import Box, box_of, near, union

CLEARANCE_MM = 0.25
CONNECTOR_CLEARANCE_MM = 0.5
BGA_CLEARANCE_MM = 1.0
GRID_MM = 0.01
FAB_PEN_MM = 0.1
# A filled spot of less is a mark for pin 1, not a part of the body.
MARK_MM = 1.0

_BGA = re.compile(r"(?:^|[^A-Z])(?:[A-Z]{0,4}BGA|[A-Z]{0,2}CSP|DSBGA)(?:[^A-Z]|$)")
_CONNECTOR = re.compile(
    r"^(?:CONN|USB|HDR|HDMI|RJ|FPC|FFC|IDC|SIM|TF|SD|MICRO-?SD|AUDIO|DC-|D-?SUB|SMA|IPEX|RF-CONN"
    r"|BAT|M2|PCIE|SOCKET|TERM|BARREL)",
)
_CONNECTOR_PREFIX = frozenset(("J", "CN", "CON", "USB", "HDR", "JP", "RJ", "SIM", "FPC", "P"))


def clearance_mm(answer: Answer) -> float:
    """1.0 for ball grids, 0.5 for connectors, else 0.25: by the names that EasyEDA gives."""
    name = answer.name.upper()
    if _BGA.search(name):
        return BGA_CLEARANCE_MM
    prefix = re.sub(r"[^A-Z].*", "", answer.prefix.upper())
    if prefix in _CONNECTOR_PREFIX or _CONNECTOR.match(name):
        return CONNECTOR_CLEARANCE_MM
    return CLEARANCE_MM


def body_boxes(
    drawn: Sequence[Graphic | ZoneItem], body: Sequence[Box], model: Box | None, copper: Box
) -> list[Box]:
    """What fills the part's place beside its pads, near enough to be its own.

    The body that was drawn (layer 99) and the model's outline; where there is neither, what is
    drawn on silk and fabrication, without marks and texts.
    """
    told = [*body, model] if model else list(body)
    if not told:
        told = [_extent(item) for item in drawn if not isinstance(item, ZoneItem) and _tells(item)]
    return [box for box in told if near(box.centre, copper)]


def _tells(item: Graphic) -> bool:
    if isinstance(item, TextItem) or item.layer not in ("F.SilkS", "F.Fab"):
        return False
    box = _extent(item)
    small = max(box.right - box.left, box.bottom - box.top) <= MARK_MM
    if isinstance(item, CircleItem):
        return not small
    return not (isinstance(item, PolygonItem) and item.filled and small)


def _extent(item: Graphic) -> Box:
    return box_of(graphic_points(item))


def courtyards(pads: Sequence[PadItem], boxes: Sequence[Box], clearance: float) -> dict[str, Box]:
    """Around pads and body; on the back as well, where pads are soldered there."""

    def around(parts: Sequence[Box]) -> Box:
        return union(parts).grown(clearance).snapped(GRID_MM)

    found = {"F.CrtYd": around([*(pad.box for pad in pads), *boxes])}
    back = [pad.box for pad in pads if "B.Cu" in pad.layers]
    if back:
        found["B.CrtYd"] = around(back)
    return found


def fabrication(drawn: Sequence[Graphic | ZoneItem], body: Sequence[Box]) -> list[Graphic]:
    """The body's box, where nothing but text is drawn on the fabrication layer."""
    shown = (
        item
        for item in drawn
        if not isinstance(item, ZoneItem | TextItem) and item.layer == "F.Fab"
    )
    if not body or any(shown):
        return []
    box = union(body)
    corners = (
        (box.left, box.top),
        (box.right, box.top),
        (box.right, box.bottom),
        (box.left, box.bottom),
    )
    return [PolygonItem(corners, "F.Fab", FAB_PEN_MM, filled=False)]


def _answer(name: str, prefix: str = "U?") -> Answer:
    from components.cad.answer import read_answer
    from components.testing.cad import answer_of

    return read_answer(answer_of())._replace(name=name, prefix=prefix)


def test_clearances_follow_the_kind_of_part() -> None:
    for name, prefix, expected in (
        ("R0402", "R?", 0.25),
        ("BGA-484_L19.0-W19.0", "U?", 1.0),
        ("LFBGA-289", "U?", 1.0),
        ("WLCSP-49_L3.1", "U?", 1.0),
        ("USB-C-SMD_TYPE-C", "", 0.5),
        ("SMD-4P_X", "CN?", 0.5),
        ("PQFN-8", "U?", 0.25),
        ("SOT-23-3_L2.9", "Q?", 0.25),
    ):
        assert clearance_mm(_answer(name, prefix)) == expected, name


def test_silk_tells_the_body_where_nothing_else_does() -> None:
    from components.cad.footprint.items import LineItem

    copper = Box(-1.0, -1.0, 1.0, 1.0)
    silk: list[Graphic | ZoneItem] = [
        LineItem((-3.0, -2.0), (3.0, -2.0), "F.SilkS", 0.1),
        CircleItem((-6.0, 0.0), 0.2, "F.SilkS", 0.2),
        PolygonItem(((8.0, 0.0), (8.5, 0.0), (8.0, 0.5)), "F.SilkS", 0.0),
        TextItem("+", (9.0, 0.0), 0.0, "F.SilkS", 1.0, 0.1),
    ]
    assert body_boxes(silk, [], None, copper) == [Box(-3.0, -2.0, 3.0, -2.0)]
    body = Box(-2.0, -1.0, 2.0, 1.0)
    assert body_boxes(silk, [body], None, copper) == [body]
    assert body_boxes(silk, [], Box(99.0, 0.0, 900.0, 1.0), copper) == []
    (drawn,) = fabrication(silk, [body])
    assert (drawn.layer, graphic_points(drawn)[2]) == ("F.Fab", (2.0, 1.0))
    assert fabrication([drawn], [body]) == fabrication(silk, []) == []
