"""A picture of a symbol as SVG, in the colours of KiCad's editor, its units in rows.

A millimetre a unit. The same symbol gives the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from components.cad.geometry import Box, Point, union
from components.cad.svg import arc, group, number, opening, outline
from components.cad.symbol.items import (
    DIRECTIONS,
    ArcItem,
    CircleItem,
    Graphic,
    LineItem,
    PinItem,
    RectItem,
    Symbol,
    TextItem,
    Unit,
)

MARGIN_MM = 2.0
BETWEEN_MM = 5.08
PIXELS_PER_MM = 20
PIXELS_MAX = 1600
BACKGROUND = "#f5f4ef"
BODY = "#840000"
FILL = "#ffffc2"
NAME = "#006464"
NUMBER = "#a90000"
CONNECTION = "#840000"
TEXT_MM = 1.27
OFFSET_MM = 0.508
# KiCad's own sizes for a pin's circle and clock.
DOT_MM = 0.635
# How wide a letter is, of its height, to know how far names reach.
LETTER = 0.75
_FILLS = {"none": "", "outline": f' fill="{BODY}"', "background": f' fill="{FILL}"'}


def preview(symbol: Symbol) -> bytes:
    """The picture of a symbol, its units side by side."""
    boxes = [_turned(_reach(unit, symbol)) for unit in symbol.units]
    places = list(_placed(boxes))
    frame = union(
        [
            Box(box.left + dx, box.top + dy, box.right + dx, box.bottom + dy)
            for box, (dx, dy) in zip(boxes, places, strict=True)
        ]
    ).grown(MARGIN_MM)
    parts = opening(frame, PIXELS_PER_MM, PIXELS_MAX, BACKGROUND)
    for unit, (dx, dy) in zip(symbol.units, places, strict=True):
        moved = f'<g transform="translate({number(dx)} {number(dy)})">' if dx or dy else "<g>"
        parts += [moved, *_unit(unit, symbol), "</g>"]
    parts.append("</svg>\n")
    return "\n".join(parts).encode()


def _turned(box: Box) -> Box:
    """The symbol's y grows upward, the picture's downward."""
    return Box(box.left, -box.bottom, box.right, -box.top)


def _reach(unit: Unit, symbol: Symbol) -> Box:
    """A unit's box, texts that are no part of it included."""
    boxes = [unit.box]
    for item in unit.drawn:
        if isinstance(item, TextItem):
            wide = len(item.text) * item.height
            boxes.append(
                Box(*item.at, *item.at).grown(wide / 2 if item.anchor == "middle" else wide)
            )
    if not symbol.names_hidden and not any(isinstance(item, RectItem) for item in unit.drawn):
        # Names that no body holds.
        for pin in unit.pins:
            (x, y), (dx, dy) = pin.inner, DIRECTIONS[pin.angle_deg]
            wide = len(pin.name) * TEXT_MM * LETTER + OFFSET_MM
            end = (x + dx * wide, y + dy * wide)
            boxes.append(Box(min(x, end[0]), min(y, end[1]), max(x, end[0]), max(y, end[1])))
    return union(boxes)


def _placed(boxes: list[Box]) -> Iterator[Point]:
    """How far each unit moves: rows of about a square."""
    columns = math.ceil(math.sqrt(len(boxes)))
    top = 0.0
    for row in range(0, len(boxes), columns):
        left, high = 0.0, 0.0
        for box in boxes[row : row + columns]:
            if len(boxes) == 1:
                yield 0.0, 0.0
                return
            yield left - box.left, top - box.top
            left += box.right - box.left + BETWEEN_MM
            high = max(high, box.bottom - box.top)
        top += high + BETWEEN_MM


def _unit(unit: Unit, symbol: Symbol) -> list[str]:
    filled = [item for item in unit.drawn if not isinstance(item, TextItem)]
    # What is filled lies under what is not, as in KiCad.
    filled.sort(key=lambda item: item.fill != "background")
    stroke = f'stroke="{BODY}" stroke-linecap="round" stroke-linejoin="round"'
    texts = f'font-family="sans-serif" font-size="{number(TEXT_MM * 1.35)}"'
    parts = group(f'fill="none" {stroke}', map(_graphic, filled))
    # Each pin a group of its own, for pages that answer to the pointer.
    parts += group(
        f'{stroke} stroke-width="0.1524" {texts}', [_pin_group(pin, symbol) for pin in unit.pins]
    )
    drawn = [_text(item) for item in unit.drawn if isinstance(item, TextItem)]
    return parts + group(f'fill="{BODY}" font-family="sans-serif"', drawn)


def _down(point: Point) -> Point:
    return point[0], -point[1]


def _graphic(item: Graphic) -> str:
    assert not isinstance(item, TextItem)
    # KiCad draws what has no width with its default.
    style = f'stroke-width="{number(item.pen or 0.1524)}"{_FILLS[item.fill]}'
    if isinstance(item, RectItem):
        (x1, x2), (y1, y2) = (
            sorted(pair) for pair in zip(_down(item.start), _down(item.end), strict=True)
        )
        size = f'width="{number(x2 - x1)}" height="{number(y2 - y1)}"'
        return f'<rect x="{number(x1)}" y="{number(y1)}" {size} {style}/>'
    if isinstance(item, CircleItem):
        x, y = map(number, _down(item.centre))
        return f'<circle cx="{x}" cy="{y}" r="{number(item.radius)}" {style}/>'
    if isinstance(item, ArcItem):
        way = arc(_down(item.start), _down(item.middle), _down(item.end))
    else:
        assert isinstance(item, LineItem)
        way = outline(map(_down, item.points), closed=False)
    return f'<path d="{way}" {style}/>'


def _pin_group(pin: PinItem, symbol: Symbol) -> str:
    number_, name = escape(pin.number), escape(pin.name)
    said = f'<g data-pin="{number_}" data-name="{name}" data-type="{pin.electrical}">'
    title = f"<title>{number_} {name} ({pin.electrical})</title>"
    drawn = f'<g fill="none">{_pin(pin)}</g>'
    texts = ("" if symbol.names_hidden else _name(pin)) + (
        "" if symbol.numbers_hidden else _number(pin)
    )
    return f"{said}{title}{drawn}{texts}</g>"


def _pin(pin: PinItem) -> str:
    (x, y), (dx, dy) = _down(pin.at), DIRECTIONS[pin.angle_deg]
    dy = -dy
    ends = f'<circle cx="{number(x)}" cy="{number(y)}" r="0.25" stroke="{CONNECTION}"/>'
    length = pin.length
    inner = (x + dx * length, y + dy * length)
    drawn = ""
    if "inverted" in pin.style:
        length = max(length - 2 * DOT_MM, 0.0)
        cx, cy = inner[0] - dx * DOT_MM, inner[1] - dy * DOT_MM
        drawn = f'<circle cx="{number(cx)}" cy="{number(cy)}" r="{DOT_MM}"/>'
    if "clock" in pin.style:
        side = (-dy * DOT_MM, dx * DOT_MM)
        tip = (inner[0] + dx * 2 * DOT_MM, inner[1] + dy * 2 * DOT_MM)
        corners = (
            (inner[0] + side[0], inner[1] + side[1]),
            tip,
            (inner[0] - side[0], inner[1] - side[1]),
        )
        drawn += f'<path d="{outline(corners, closed=False)}"/>'
    line = outline(((x, y), (x + dx * length, y + dy * length)), closed=False)
    return f'{ends}<path d="{line}"/>{drawn}'


def _placed_text(x: float, y: float, upright: bool, text: str, attributes: str = "") -> str:
    turn = f' transform="rotate(-90 {number(x)} {number(y)})"' if upright else ""
    return f'<text x="{number(x)}" y="{number(y)}"{turn}{attributes}>{escape(text)}</text>'


def _name(pin: PinItem) -> str:
    """Inside the body, behind the pin's end."""
    if not pin.name:
        return ""
    (x, y), (dx, dy) = _down(pin.inner), DIRECTIONS[pin.angle_deg]
    half = TEXT_MM * 0.45
    anchor = f' fill="{NAME}" stroke="none"'
    if dx < 0 or dy < 0:
        anchor += ' text-anchor="end"'
    if dx:
        return _placed_text(x + dx * OFFSET_MM, y + half, False, pin.name, anchor)
    return _placed_text(x + half, y - dy * OFFSET_MM, True, pin.name, anchor)


def _number(pin: PinItem) -> str:
    """Over the middle of the pin's line."""
    if not pin.number:
        return ""
    (x1, y1), (x2, y2) = _down(pin.at), _down(pin.inner)
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    looks = f' fill="{NUMBER}" stroke="none" text-anchor="middle"'
    if DIRECTIONS[pin.angle_deg][0]:
        return _placed_text(x, y - 0.25, False, pin.number, looks)
    return _placed_text(x - 0.25, y, True, pin.number, looks)


def _text(item: TextItem) -> str:
    x, y = map(number, _down(item.at))
    turn = f' transform="rotate({number(-item.angle_deg)} {x} {y})"' if item.angle_deg else ""
    style = f' font-size="{number(item.height * 1.35)}" text-anchor="{item.anchor}"'
    middle = ' dominant-baseline="central"' if item.centred else ""
    return f'<text x="{x}" y="{y}"{turn}{style}{middle}>{escape(item.text)}</text>'


def test_a_picture_shows_units_side_by_side_and_pins_by_number() -> None:
    from xml.etree import ElementTree

    pin = PinItem("1", "<A>", "input", "inverted_clock", (-2.54, 0.0), 0, 2.54)
    body = RectItem((0.0, 2.54), (5.08, -2.54), 0.254, "background")
    arc_item = ArcItem((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), 0.0, "none")
    text = TextItem("a & b", (1.0, 2.0), 0, 1.27, "middle", True)
    upright = text._replace(angle_deg=90)
    symbol = Symbol([Unit([pin], [body, text, upright]), Unit([], [arc_item])])
    data = preview(symbol)
    root = ElementTree.fromstring(data)
    (found,) = root.findall(".//*[@data-pin='1']")
    assert (found.get("data-name"), found.get("data-type")) == ("<A>", "input")
    assert [text.text for text in found.iter() if text.tag.endswith("}text")] == ["<A>", "1"]
    # The arc goes over the top, which is where y is small; the unit stands right of the first.
    assert b'd="M1 0A1 1 0 0 0 -1 0"' in data
    assert b'transform="translate(' in data
    hidden = preview(Symbol([Unit([pin], [body])], names_hidden=True, numbers_hidden=True))
    assert b"<text" not in hidden and hidden == preview(
        Symbol([Unit([pin], [body])], names_hidden=True, numbers_hidden=True)
    )
