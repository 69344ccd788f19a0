"""Packages as geometry: pads, drawing and body of each outline, in millimetres, y downward.

The dimensions are those common for the package (IPC-7351 land patterns, JEDEC bodies), rounded;
they serve tests, not boards.
"""

from __future__ import annotations

from functools import cache

from components.bundled.geometry import Outline, Pad, Solid

_CHIP_MM = {
    "0201": (0.6, 0.3),
    "0402": (1.0, 0.5),
    "0603": (1.6, 0.8),
    "0805": (2.0, 1.25),
    "1206": (3.2, 1.6),
    "1210": (3.2, 2.5),
    "2512": (6.4, 3.2),
}


@cache
def outline(name: str) -> Outline:
    """The geometry of the outline ``name``, as the recipes name it; KeyError for an unknown one."""
    kind, _, size = name.partition("-")
    if kind == "chip":
        return _chip(name, *_CHIP_MM[size])
    if kind in ("header", "wire"):
        return (_header if kind == "header" else _wire)(name, int(size))
    return _NAMED[name](name)


def _chip(name: str, length: float, width: float) -> Outline:
    end = length * 0.22
    pads = tuple(
        Pad(number, side * length * 0.45, 0, length * 0.5, width * 1.05)
        for number, side in (("1", -1), ("2", 1))
    )
    height = min(width * 0.7, 1.4)
    solids = (
        Solid(0, 0, length - 2 * end, width, 0, height),
        Solid(-(length - end) / 2, 0, end, width, 0, height, "metal"),
        Solid((length - end) / 2, 0, end, width, 0, height, "metal"),
    )
    return Outline(name, pads, solids, length, width, prefix="R?")


def _two_lead(name: str) -> Outline:
    length, width, span = {
        "sod-123": (2.7, 1.6, 3.3),
        "sod-323": (1.7, 1.25, 2.2),
        "sma": (4.3, 2.6, 4.0),
    }[name]
    pads = (
        Pad("1", -span / 2, 0, 0.9, width * 0.6),
        Pad("2", span / 2, 0, 0.9, width * 0.6),
    )
    leads = tuple(
        Solid(side * (length / 2 + 0.2), 0, 0.5, width * 0.5, 0, 0.15, "metal") for side in (-1, 1)
    )
    body = Solid(0, 0, length, width, 0.05, 1.1)
    return Outline(name, pads, (body, *leads), length, width, polarised=True, prefix="D?")


def _gull_wing(name: str) -> Outline:
    """Leads on two sides: pins down the left, up the right."""
    pins, pitch, span, length, width, lead = {
        "sot-23-5": (5, 0.95, 2.6, 2.9, 1.6, 0.4),
        "soic-8": (8, 1.27, 5.4, 4.9, 3.9, 0.42),
        "tssop-14": (14, 0.65, 5.8, 5.0, 4.4, 0.25),
        "tssop-20": (20, 0.65, 5.8, 6.5, 4.4, 0.25),
    }[name]
    left = (pins + 1) // 2
    positions = [(-1, (row - (left - 1) / 2) * pitch) for row in range(left)]
    right = [((left - 1) / 2 - row) * pitch for row in range(left)]
    if pins == 5:
        right = [right[0], right[2]]
    positions += [(1, y) for y in right]
    pads = tuple(
        # Rotated by 90 degrees, as most of the real answers have them.
        Pad(str(index), side * span / 2, y, lead * 1.3, 1.2, "OVAL", 90)
        for index, (side, y) in enumerate(positions, 1)
    )
    leads = tuple(
        Solid(side * (width / 2 + 0.35), y, 0.7, lead, 0, 0.15, "metal") for side, y in positions
    )
    body = Solid(0, 0, width, length, 0.1, 1.2)
    return Outline(name, pads, (body, *leads), width, length, polarised=True)


def _three_lead(name: str) -> Outline:
    pads: tuple[Pad, ...]
    if name == "sot-23":
        pads = (
            Pad("1", -0.95, 1.1, 0.8, 0.9),
            Pad("2", 0.95, 1.1, 0.8, 0.9),
            Pad("3", 0, -1.1, 0.8, 0.9),
        )
        width, depth = 2.9, 1.3
    elif name == "sot-89":
        right = ((0.45, 2.0), (0.45, 0.2), (0.9, -0.3), (0.9, -2.0))
        tab = (*right, *((-x, y) for x, y in reversed(right)))
        pads = (
            Pad("1", -1.5, 1.5, 0.8, 1.4),
            Pad("2", 0, 0, 1.8, 4.0, "POLYGON", points=tab),
            Pad("3", 1.5, 1.5, 0.8, 1.4),
        )
        width, depth = 4.5, 2.5
    elif name == "sot-223":
        pads = tuple(Pad(str(index + 1), (index - 1) * 2.3, 3.1, 1.0, 1.6) for index in range(3))
        pads += (Pad("4", 0, -3.1, 3.3, 1.6),)
        width, depth = 6.5, 3.5
    else:
        pads = (Pad("1", -2.28, 4.2, 1.2, 2.2), Pad("3", 2.28, 4.2, 1.2, 2.2))
        pads += (Pad("2", 0, -2.0, 5.8, 6.2),)
        width, depth = 6.6, 6.1
    leads = tuple(
        Solid(pad.x, pad.y * 0.9, min(pad.width, 1) * 0.6, 0.8, 0, 0.12, "metal") for pad in pads
    )
    body = Solid(0, 0, width, depth, 0.15, 1.5)
    return Outline(name, pads, (body, *leads), width, depth, prefix="Q?")


def _quad(name: str) -> Outline:
    pins, body_mm = {"qfn-16": (16, 3.0), "qfn-32": (32, 5.0)}[name]
    side_pins, pitch = pins // 4, 0.5
    pads: list[Pad] = []
    for index in range(pins):
        side, row = divmod(index, side_pins)
        along = (row - (side_pins - 1) / 2) * pitch
        edge = body_mm / 2 - 0.05
        x, y = ((-edge, along), (along, edge), (edge, -along), (-along, -edge))[side]
        pads.append(Pad(str(index + 1), x, y, 0.3, 0.8, "OVAL", 90 if side % 2 == 0 else 0))
    inner = body_mm * 0.62
    pads.append(Pad("EP", 0, 0, inner, inner, pasted=False))
    step = inner / 3
    vias = tuple((x * step, y * step, 0.5, 0.25) for x in (-1, 1) for y in (-1, 1))
    solids = (
        Solid(0, 0, body_mm, body_mm, 0.02, 0.85),
        Solid(0, 0, inner, inner, 0, 0.02, "metal"),
    )
    return Outline(name, tuple(pads), solids, body_mm, body_mm, vias=vias, polarised=True)


def _ball_grid(name: str) -> Outline:
    pads = tuple(
        Pad(
            f"{'ABC'[row]}{column + 1}",
            (column - 1.5) * 0.4,
            (row - 1) * 0.4,
            0.22,
            0.22,
            "ELLIPSE",
        )
        for row in range(3)
        for column in range(4)
    )
    balls = tuple(Solid(pad.x, pad.y, 0.2, 0.2, 0, 0.15, "metal", round=True) for pad in pads)
    body = Solid(0, 0, 1.7, 1.3, 0.15, 0.5)
    return Outline(name, pads, (body, *balls), 1.7, 1.3, polarised=True)


def _radial(name: str) -> Outline:
    diameter, pitch, height = {
        "radial-5": (5.0, 2.0, 11.0),
        "radial-8": (8.0, 3.5, 12.0),
        "to-92": (4.8, 2.54, 4.8),
        "can-hc49": (10.5, 4.88, 3.5),
    }[name]
    count = 3 if name == "to-92" else 2
    xs = [(index - (count - 1) / 2) * pitch / (count - 1) for index in range(count)]
    if name == "to-92":
        xs = [x * 2 for x in xs]
    pads = tuple(
        Pad(str(index), x, 0, 1.5, 1.5, "RECT" if index == 1 else "ELLIPSE", drill=0.8)
        for index, x in enumerate(xs, 1)
    )
    leads = tuple(Solid(x, 0, 0.5, 0.5, -3, 0.6, "metal", round=True) for x in xs)
    body = Solid(0, 0, diameter, diameter, 0.5, height, round=True)
    return Outline(
        name, pads, (body, *leads), diameter, diameter, polarised=True, round=True, prefix="C?"
    )


def _can(name: str) -> Outline:
    pads = (Pad("1", -2.6, 0, 3.5, 1.6, "OVAL"), Pad("2", 2.6, 0, 3.5, 1.6, "OVAL"))
    solids = (
        Solid(0, 0, 6.6, 6.6, 0, 0.4),
        Solid(0, 0, 6.3, 6.3, 0.4, 7.7, "shell", round=True),
    )
    return Outline(name, pads, solids, 6.6, 6.6, polarised=True, round=True, prefix="C?")


def _crystal(name: str) -> Outline:
    length, width = (3.2, 2.5) if name.endswith("3225") else (2.0, 1.6)
    corners = ((-1, 1), (1, 1), (1, -1), (-1, -1))
    pads = tuple(
        Pad(str(index), x * length * 0.34, y * width * 0.34, length * 0.42, width * 0.46)
        for index, (x, y) in enumerate(corners, 1)
    )
    solids = (
        Solid(0, 0, length, width, 0, 0.5),
        Solid(0, 0, length * 0.9, width * 0.9, 0.5, 0.7, "shell"),
    )
    return Outline(name, pads, solids, length, width, polarised=True, prefix="X?")


def _brick(name: str) -> Outline:
    pads = (Pad("1", -1.6, 0, 1.3, 3.7), Pad("2", 1.6, 0, 1.3, 3.7))
    return Outline(name, pads, (Solid(0, 0, 4, 4, 0, 2),), 4, 4, prefix="L?")


def _button(name: str) -> Outline:
    corners = (("1", -4.2, -2.25), ("2", 4.2, -2.25), ("3", -4.2, 2.25), ("4", 4.2, 2.25))
    pads = tuple(Pad(number, x, y, 1.6, 1.2) for number, x, y in corners)
    solids = (Solid(0, 0, 6, 6, 0, 3.4), Solid(0, 0, 3.5, 3.5, 3.4, 5, "shell", round=True))
    return Outline(name, pads, solids, 6, 6, prefix="SW?")


def _header(name: str, pins: int) -> Outline:
    xs = [(index - (pins - 1) / 2) * 2.54 for index in range(pins)]
    pads = tuple(
        Pad(str(index), x, 0, 1.7, 1.7, "RECT" if index == 1 else "ELLIPSE", drill=1.0)
        for index, x in enumerate(xs, 1)
    )
    posts = tuple(Solid(x, 0, 0.64, 0.64, -3, 8.5, "metal") for x in xs)
    width = 2.54 * pins
    return Outline(name, pads, (Solid(0, 0, width, 2.5, 0, 2.5), *posts), width, 2.5, prefix="J?")


def _wire(name: str, pins: int) -> Outline:
    xs = [(index - (pins - 1) / 2) * 1.0 for index in range(pins)]
    pads = [Pad(str(index), x, -1.9, 0.6, 1.6) for index, x in enumerate(xs, 1)]
    edge = pins / 2 + 0.8
    # Both anchors carry one number, as real connectors have it.
    pads += [Pad(str(pins + 1), side * edge, 1.9, 1.2, 1.8, "OVAL") for side in (-1, 1)]
    width = pins + 2.0
    holes = ((-edge, 0.2, 0.7), (edge, 0.2, 0.7))
    body = Solid(0, 0, width, 4.2, 0, 2.9)
    return Outline(name, tuple(pads), (body,), width, 4.2, holes=holes, prefix="J?")


def _usb_c(name: str) -> Outline:
    contacts = (
        ("A5", -0.5),
        ("B5", 0.5),
        ("A9", 1.52),
        ("B9", -1.52),
        ("A12", 2.75),
        ("B12", -2.75),
    )
    pads = [Pad(number, x, -3.7, 0.7, 1.2) for number, x in contacts]
    for side, number in ((-1, "13"), (1, "14")):
        x = side * 4.32
        pads.append(Pad(number, x, -3.1, 1.1, 2.0, "OVAL", drill=0.6, slot=1.5))
        pads.append(Pad(number, x, 1.05, 1.2, 1.8, "OVAL", drill=0.6, slot=1.2))
    pads.append(Pad("", 0, 2.4, 0.9, 0.9, "ELLIPSE", drill=0.9, plated=False))
    holes = ((-2.89, -2.6, 0.7), (2.89, -2.6, 0.7))
    solids = (
        Solid(0, 0.6, 8.94, 7.3, 0, 3.2, "shell"),
        Solid(-4.32, -3.1, 0.3, 1.0, -1.2, 0.4, "metal"),
        Solid(4.32, -3.1, 0.3, 1.0, -1.2, 0.4, "metal"),
    )
    return Outline(name, tuple(pads), solids, 8.94, 7.3, holes=holes, prefix="USB?")


_NAMED = (
    dict.fromkeys(("sod-123", "sod-323", "sma"), _two_lead)
    | dict.fromkeys(("sot-23-5", "soic-8", "tssop-14", "tssop-20"), _gull_wing)
    | dict.fromkeys(("sot-23", "sot-89", "sot-223", "to-252"), _three_lead)
    | dict.fromkeys(("qfn-16", "qfn-32"), _quad)
    | dict.fromkeys(("radial-5", "radial-8", "to-92", "can-hc49"), _radial)
    | dict.fromkeys(("crystal-3225", "crystal-2016"), _crystal)
    | {
        "bga-12": _ball_grid,
        "can-6.3": _can,
        "brick-4x4": _brick,
        "button-6x6": _button,
        "usb-c-6": _usb_c,
    }
)


def test_every_part_has_an_outline_with_its_pads() -> None:
    from components.bundled.catalogue import parts

    for part in parts():
        if part.outline == "none":
            continue
        shape = outline(part.outline)
        assert shape.pads and shape.solids, part.outline
        numbers = {pad.number for pad in shape.pads if pad.number}
        assert len(numbers) >= min(part.joints, 2), part.outline
        for pad in shape.pads:
            assert pad.width > 0 and pad.height > 0 and abs(pad.x) < 30 and abs(pad.y) < 30
            assert not pad.slot or pad.slot > pad.drill


def test_the_outlines_hold_every_kind_of_pad() -> None:
    names = ("chip-0402", "sot-89", "usb-c-6", "bga-12", "soic-8", "wire-4", "qfn-32")
    pads = [pad for name in names for pad in outline(name).pads]
    assert {pad.shape for pad in pads} == {"RECT", "ELLIPSE", "OVAL", "POLYGON"}
    assert any(pad.slot for pad in pads) and any(pad.drill and not pad.slot for pad in pads)
    assert not all(pad.plated for pad in pads) and any(pad.rotation_deg for pad in pads)
    assert outline("usb-c-6").holes and outline("qfn-32").vias
