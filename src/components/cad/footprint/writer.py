"""Writes KiCad footprint files that KiCad 6, 7, 8 and 9 read.

The format is that of KiCad 6 (version 20211014): later versions read it as it is. Source:
KiCad's file format reference, "S-Expression Format" and "Footprint Library File Format".
"""

from __future__ import annotations

from collections.abc import Iterable

from components.cad.footprint.items import (
    ArcItem,
    CircleItem,
    Item,
    LineItem,
    PadItem,
    PolygonItem,
    TextItem,
    ZoneItem,
)
from components.cad.footprint.model import ModelReference
from components.cad.geometry import Box, Point
from components.cad.numbers import mm
from components.cad.sexpr import quoted
from components.cad.uuids import Stamps

VERSION = 20211014
GENERATOR = "components"
MODEL_FOLDER = "${COMPONENTS_3DMODEL_DIR}"
COURTYARD_PEN_MM = 0.05
ILLEGAL_IN_NAMES = str.maketrans(dict.fromkeys(':/\\<>"%$\t\n\r', "_"))


def footprint_name(title: str) -> str:
    """A title without what KiCad allows in no footprint's name."""
    return title.translate(ILLEGAL_IN_NAMES).strip() or "footprint"


def write(
    name: str,
    items: Iterable[Item],
    *,
    attribute: str,
    description: str,
    properties: dict[str, str],
    courtyards: dict[str, Box],
    model: ModelReference | None,
    tags: str = "",
) -> bytes:
    """One footprint; the same arguments give the same bytes.

    ``name`` is :func:`footprint_name`'s; ``attribute`` is ``smd`` or ``through_hole``;
    ``courtyards`` maps layers to boxes, of which the first tells where the texts stand;
    ``tags`` that begin with ``net tie`` let copper join all of the pads.
    """
    title = quoted(name)
    stamps = Stamps(title[1:-1])
    lines = [
        f'(footprint {title} (version {VERSION}) (generator "{GENERATOR}")',
        '  (layer "F.Cu")',
    ]
    if description:
        lines.append(f"  (descr {quoted(description)})")
    if tags:
        lines.append(f"  (tags {quoted(tags)})")
    lines += [
        f"  (property {quoted(key)} {quoted(text)})" for key, text in properties.items() if text
    ]
    lines.append(f"  (attr {attribute})")
    elements = _names(name, next(iter(courtyards.values())))
    elements += [_element(item) for item in items]
    elements += [
        f"  (fp_rect (start {_point((box.left, box.top))}) (end {_point((box.right, box.bottom))})"
        f' (layer "{layer}") (width {mm(COURTYARD_PEN_MM)}) (fill none))'
        for layer, box in courtyards.items()
    ]
    lines += map(stamps.stamped, elements)
    if model is not None:
        lines.append(_model(model))
    lines.append(")\n")
    return "\n".join(lines).encode()


def _point(point: Point) -> str:
    return f"{mm(point[0])} {mm(point[1])}"


def _xy(points: Iterable[Point]) -> str:
    return " ".join(f"(xy {mm(x)} {mm(y)})" for x, y in points)


def _at(point: Point, rotation_deg: float) -> str:
    turn = f" {mm(rotation_deg)}" if rotation_deg else ""
    return f"(at {mm(point[0])} {mm(point[1])}{turn})"


def _names(name: str, box: Box) -> list[str]:
    x, y = box.centre
    places = (
        ("reference", "REF**", (x, box.top - 1), "F.SilkS"),
        ("value", name, (x, box.bottom + 1), "F.Fab"),
        ("user", "${REFERENCE}", (x, y), "F.Fab"),
    )
    return [
        f'  (fp_text {kind} {quoted(text)} {_at(at, 0)} (layer "{layer}")'
        " (effects (font (size 1 1) (thickness 0.15))))"
        for kind, text, at, layer in places
    ]


def _element(item: Item) -> str:
    if isinstance(item, PadItem):
        return _pad(item)
    if isinstance(item, LineItem):
        return (
            f"  (fp_line (start {_point(item.start)}) (end {_point(item.end)})"
            f' (layer "{item.layer}") (width {mm(item.width)}))'
        )
    if isinstance(item, ArcItem):
        return (
            f"  (fp_arc (start {_point(item.start)}) (mid {_point(item.middle)})"
            f' (end {_point(item.end)}) (layer "{item.layer}") (width {mm(item.width)}))'
        )
    if isinstance(item, CircleItem):
        end = (item.centre[0] + item.radius, item.centre[1])
        return (
            f"  (fp_circle (center {_point(item.centre)}) (end {_point(end)})"
            f' (layer "{item.layer}") (width {mm(item.width)}) (fill {_fill(item.filled)}))'
        )
    if isinstance(item, PolygonItem):
        return (
            f'  (fp_poly (pts {_xy(item.points)}) (layer "{item.layer}")'
            f" (width {mm(item.width)}) (fill {_fill(item.filled)}))"
        )
    return _text(item) if isinstance(item, TextItem) else _zone(item)


def _fill(filled: bool) -> str:
    return "solid" if filled else "none"


def _pad(pad: PadItem) -> str:
    parts = [
        f"  (pad {quoted(pad.number)} {pad.kind} {pad.form}",
        _at(pad.at, pad.rotation_deg),
        f"(size {_point(pad.size)})",
    ]
    if pad.drill:
        width, height = pad.drill
        slot = width != height
        parts.append(f"(drill oval {_point(pad.drill)})" if slot else f"(drill {mm(width)})")
    parts.append("(layers " + " ".join(f'"{layer}"' for layer in pad.layers) + ")")
    for name, margin in (("mask", pad.mask_margin), ("paste", pad.paste_margin)):
        if (text := mm(margin)) != "0" and any(x.lower().endswith(name) for x in pad.layers):
            parts.append(f"(solder_{name}_margin {text})")
    if pad.form == "custom":
        anchor = "circle" if pad.size[0] == pad.size[1] else "rect"
        parts.append(
            f"(options (clearance outline) (anchor {anchor})) (primitives"
            f" (gr_poly (pts {_xy(pad.outline)}) (width 0) (fill yes)))"
        )
    return " ".join(parts) + ")"


def _text(item: TextItem) -> str:
    justify = "left mirror" if item.layer.startswith("B.") else "left"
    size = mm(item.height)
    # KiCad hangs a text by its middle or its edges, EasyEDA by its baseline.
    return (
        f"  (fp_text user {quoted(item.text)} {_at(item.at, item.rotation_deg)}"
        f' (layer "{item.layer}")'
        f" (effects (font (size {size} {size}) (thickness {mm(item.pen)}))"
        f" (justify {justify} bottom)))"
    )


def _zone(zone: ZoneItem) -> str:
    layers = " ".join(f'"{layer}"' for layer in zone.layers)
    head = f'  (zone (net 0) (net_name "") (layers {layers}) (hatch edge 0.508)'
    clearance = mm(max(zone.clearance, 0.0))
    body = (
        " (connect_pads (clearance 0)) (min_thickness 0.254) (keepout (tracks allowed)"
        " (vias allowed) (pads allowed) (copperpour not_allowed) (footprints allowed))"
        " (fill (thermal_gap 0.508) (thermal_bridge_width 0.508))"
        if zone.keepout
        else f" (connect_pads (clearance {clearance})) (min_thickness 0.254)"
        " (fill (thermal_gap 0.508) (thermal_bridge_width 0.508))"
    )
    return f"{head}{body} (polygon (pts {_xy(zone.points)})))"


def model_path(uuid: str) -> str:
    """Where a footprint looks for the model, as KiCad resolves it."""
    return f"{MODEL_FOLDER}/{uuid}.step"


def _model(model: ModelReference) -> str:
    path = quoted(model_path(model.uuid))
    offset, rotation = (" ".join(map(mm, values)) for values in (model.offset, model.rotation))
    return f"  (model {path} (offset (xyz {offset})) (scale (xyz 1 1 1)) (rotate (xyz {rotation})))"


def test_every_string_is_quoted_and_every_element_has_its_uuid() -> None:
    import re

    from components.cad.footprint.reader import read

    pad = PadItem('A"\\', "smd", "rect", (-0.0, 1.0), (1.0, 2.0), 0, ("F.Cu",), mask_margin=0.1)
    arguments = {
        "attribute": "smd",
        "description": "line\nbreak",
        "properties": {"LCSC": "C1", "Datasheet": ""},
        "courtyards": {"F.CrtYd": Box(-1.0, -1.0, 1.0, 3.0)},
        "model": None,
    }
    data = write("R(1)", [pad, pad], **arguments)  # type: ignore[arg-type]
    assert data == write("R(1)", [pad, pad], **arguments)  # type: ignore[arg-type]
    back = read(data)
    assert (back.name, back.version, back.properties) == ("R(1)", VERSION, {"LCSC": "C1"})
    assert [pad.number for pad in back.pads] == ['A"\\', 'A"\\']
    lines = data.decode().splitlines()
    stamped = [line for line in lines if "(tstamp " in line]
    assert len(stamped) == 6
    assert all(re.search(r' \(tstamp "[0-9a-f-]{36}"\)\)$', line) for line in stamped)
    assert len({line[-40:] for line in stamped}) == 6
    assert "(at 0 1)" in data.decode()
    assert "mask_margin" not in data.decode()


def test_names_lose_what_kicad_refuses() -> None:
    assert footprint_name('a:b/c\\d "e"') == "a_b_c_d _e_"
    assert footprint_name(" ") == "footprint"
