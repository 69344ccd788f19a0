"""A picture of a footprint as SVG: pads, drills, silk, fabrication lines, courtyard, pin 1.

Seen from above, a millimetre a unit, in the colours of KiCad's editor. The same items give the
same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from components.cad.footprint.items import (
    SMD,
    ArcItem,
    CircleItem,
    Graphic,
    Item,
    LineItem,
    PadItem,
    TextItem,
    ZoneItem,
    graphic_points,
)
from components.cad.geometry import Box, Point, union
from components.cad.svg import arc, group, opening, outline
from components.cad.svg import number as _n

MARGIN_MM = 0.5
PIXELS_PER_MM = 40
PIXELS_MAX = 1200
BACKGROUND = "#001023"
PIN_1 = "#ffb000"
# Bottom to top; what is not listed is not drawn.
LAYERS = {
    "B.Cu": "#4d7fc4",
    "B.Mask": "#02ffee",
    "B.SilkS": "#e8b2a7",
    "F.Fab": "#afafaf",
    "B.Fab": "#585d84",
    "Dwgs.User": "#c2c2c2",
    "F.Cu": "#c83434",
    "F.Mask": "#d864ff",
    "F.SilkS": "#f2eda1",
    "Edge.Cuts": "#d0d2cd",
}
DRILLED_COPPER = "#c2a130"
UNPLATED_HOLE = "#1ac4d2"
COURTYARD = "#ff26e2"
FIRST = ("1", "A1", "1A1", "A", "+", "K", "P1")


def preview(items: Sequence[Item], courtyard: Box) -> bytes:
    """The picture of a footprint; ``courtyard`` is drawn, and lies within the picture."""
    pads = [item for item in items if isinstance(item, PadItem)]
    drawn = [item for item in items if not isinstance(item, PadItem | ZoneItem)]
    frame = _frame(pads, drawn, courtyard)
    first = pin_1(pads)
    parts = opening(frame, PIXELS_PER_MM, PIXELS_MAX, BACKGROUND)
    for layer, colour in LAYERS.items():
        if layer in ("B.Cu", "F.Cu"):
            parts += group(f'fill="{colour}"', _surface(pads, layer, first))
        parts += group(
            f'fill="none" stroke="{colour}" stroke-linecap="round" stroke-linejoin="round"',
            [_graphic(item, colour) for item in drawn if item.layer == layer],
        )
    parts += _drills(pads, first)
    parts += group('fill="#fff" font-family="sans-serif" text-anchor="middle"', map(_number, pads))
    parts.append(
        f'<rect x="{_n(courtyard.left)}" y="{_n(courtyard.top)}"'
        f' width="{_n(courtyard.right - courtyard.left)}"'
        f' height="{_n(courtyard.bottom - courtyard.top)}"'
        f' fill="none" stroke="{COURTYARD}" stroke-width="0.05"/>'
    )
    parts.append("</svg>\n")
    return "\n".join(part for part in parts if part).encode()


def pin_1(pads: Sequence[PadItem]) -> PadItem | None:
    """The pad that a person calls pin 1, if there is one."""
    for number in FIRST:
        for pad in pads:
            if pad.number == number:
                return pad
    return None


def _frame(pads: Sequence[PadItem], drawn: Sequence[Graphic], courtyard: Box) -> Box:
    boxes = [courtyard, *(pad.box for pad in pads)]
    for item in drawn:
        if item.layer in LAYERS and not isinstance(item, TextItem):
            half = item.width / 2
            boxes += [Box(x - half, y - half, x + half, y + half) for x, y in graphic_points(item)]
    return union(boxes).grown(MARGIN_MM)


def _surface(pads: Sequence[PadItem], layer: str, first: PadItem | None) -> list[str]:
    return [_copper(pad, pad is first) for pad in pads if pad.kind == SMD and layer in pad.layers]


def _drills(pads: Sequence[PadItem], first: PadItem | None) -> list[str]:
    drilled = [pad for pad in pads if pad.drill]
    copper = [_copper(pad, pad is first) for pad in drilled if _rings(pad)]
    holes = [_hole(pad) for pad in drilled]
    return group(f'fill="{DRILLED_COPPER}"', copper) + group(f'fill="{BACKGROUND}"', holes)


def _rings(pad: PadItem) -> bool:
    """Whether there is copper around the hole."""
    assert pad.drill is not None
    return pad.form == "custom" or pad.size[0] > pad.drill[0] or pad.size[1] > pad.drill[1]


def _turned(pad: PadItem) -> str:
    """Moves to the pad and turns with it; SVG's angles run clockwise."""
    turn = f" rotate({_n(-pad.rotation_deg)})" if pad.rotation_deg else ""
    return f'transform="translate({_n(pad.at[0])} {_n(pad.at[1])}){turn}"'


def _copper(pad: PadItem, first: bool) -> str:
    fill = f' fill="{PIN_1}"' if first else ""
    if pad.number:
        # By which whoever shows the picture tells a pad that is pointed at.
        fill += f' data-pad="{escape(pad.number)}"'
    if pad.form == "custom":
        return f'<path {_turned(pad)} d="{outline(pad.outline)}"{fill}/>'
    return _rounded(pad, pad.size, pad.form != "rect", fill)


def _hole(pad: PadItem) -> str:
    assert pad.drill is not None
    edge = "" if _rings(pad) else f' stroke="{UNPLATED_HOLE}" stroke-width="0.05"'
    return _rounded(pad, pad.drill, True, edge)


def _rounded(pad: PadItem, size: Point, rounded: bool, attributes: str) -> str:
    width, height = size
    if rounded and width == height:
        centre = f'cx="{_n(pad.at[0])}" cy="{_n(pad.at[1])}"'
        return f'<circle {centre} r="{_n(width / 2)}"{attributes}/>'
    radius = f' rx="{_n(min(size) / 2)}"' if rounded else ""
    if pad.rotation_deg:
        place = f'{_turned(pad)} x="{_n(-width / 2)}" y="{_n(-height / 2)}"'
    else:
        place = f'x="{_n(pad.at[0] - width / 2)}" y="{_n(pad.at[1] - height / 2)}"'
    return f'<rect {place} width="{_n(width)}" height="{_n(height)}"{radius}{attributes}/>'


def _number(pad: PadItem) -> str:
    if not pad.number or pad.via:
        return ""
    box = pad.box
    wide, high = box.right - box.left, box.bottom - box.top
    size = min(high * 0.6, wide * 1.3 / len(pad.number), 1.2)
    x, y = pad.at if pad.form != "custom" else box.centre
    place = f'x="{_n(x)}" y="{_n(y + size * 0.35)}" font-size="{_n(size)}"'
    return f"<text {place}>{escape(pad.number)}</text>"


def _graphic(item: Graphic, colour: str) -> str:
    if isinstance(item, TextItem):
        return _text(item, colour)
    pen = f'stroke-width="{_n(item.width)}"'
    if isinstance(item, LineItem):
        (x1, y1), (x2, y2) = item.start, item.end
        return f'<path d="M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}" {pen}/>'
    if isinstance(item, ArcItem):
        return f'<path d="{arc(item.start, item.middle, item.end)}" {pen}/>'
    fill = f' fill="{colour}"' if item.filled else ""
    if isinstance(item, CircleItem):
        x, y = item.centre
        return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(item.radius)}" {pen}{fill}/>'
    return f'<path d="{outline(item.points)}" {pen}{fill}/>'


def _text(item: TextItem, colour: str) -> str:
    place = f'x="{_n(item.at[0])}" y="{_n(item.at[1])}"'
    if item.rotation_deg:
        centre = f"{_n(item.at[0])} {_n(item.at[1])}"
        place += f' transform="rotate({_n(-item.rotation_deg)} {centre})"'
    style = f'font-size="{_n(item.height * 1.35)}" fill="{colour}" stroke="none"'
    return f'<text {place} {style} font-family="monospace">{escape(item.text)}</text>'


def test_the_picture_shows_pads_holes_and_pin_1() -> None:
    from xml.etree import ElementTree

    pads = [
        PadItem("2", SMD, "rect", (2.0, 0.0), (1.0, 2.0), 30, ("F.Cu",)),
        PadItem("1", "thru_hole", "circle", (0.0, 0.0), (1.0, 1.0), 0, ("*.Cu",), (0.6, 0.6)),
        PadItem(
            "<", SMD, "custom", (4.0, 0.0), (0.1, 0.1), 0, ("F.Cu",), None, ((0, 0), (1, 0), (0, 1))
        ),
    ]
    text = TextItem("a & b", (0.0, 2.0), 0.0, "F.SilkS", 1.0, 0.1)
    data = preview([*pads, text], Box(-1.0, -2.0, 5.0, 2.0))
    root = ElementTree.fromstring(data)
    assert root.get("viewBox") == "-1.5 -2.5 7 5"
    assert data.count(PIN_1.encode()) == 1
    assert b'rotate(-30)" x="-0.5" y="-1" width="1" height="2"' in data
    assert b'r="0.3"' in data
    assert data.count(b'data-pad="1"') == data.count(b'data-pad="&lt;"') == 1
    assert data == preview([*pads, text], Box(-1.0, -2.0, 5.0, 2.0))
