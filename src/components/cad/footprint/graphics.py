"""EasyEDA's drawn shapes as KiCad graphics, cutouts and copper areas."""

from __future__ import annotations

import math
from collections.abc import Iterator

from components.cad.footprint.cuts import CUT
from components.cad.footprint.frame import Frame
from components.cad.footprint.holes import joined
from components.cad.footprint.items import (
    ArcItem,
    CircleItem,
    Graphic,
    LineItem,
    PolygonItem,
    TextItem,
    ZoneItem,
)
from components.cad.footprint.layers import COPPER, DECORATION, DRAWN, MULTI
from components.cad.footprint.strokes import (
    CUT_PEN_MM,
    LEAST_PEN_MM,
    SPECK_MM,
    contours,
    cut_outlines,
    dot,
    lines,
    pen_of,
    stroked,
)
from components.cad.geometry import Point, signed_area, without_repeats
from components.cad.numbers import MM_PER_UNIT
from components.cad.path import straight
from components.cad.report import Report
from components.cad.shapes import (
    Arc,
    Circle,
    CopperArea,
    Node,
    Rect,
    Region,
    Text,
    Track,
)

# Chords of arcs in filled areas leave the arc by this at most.
SAGITTA_MM = 0.001
# KiCad counts the height of capitals, EasyEDA that of the line.
TEXT_HEIGHT = 0.8


def layer_of(shape_layer: str, kind: str, report: Report) -> str | None:
    """The KiCad layer to draw on, or None after naming the shape in the report."""
    layer = DRAWN.get(shape_layer)
    if layer is None:
        if shape_layer in DECORATION:
            report.decoration[DECORATION[shape_layer]] += 1
        else:
            report.not_understood[f"{kind} on layer {shape_layer[:10]}"] += 1
    return layer


def convert_track(track: Track, layer: str, frame: Frame) -> list[Graphic]:
    points = [frame.point(point) for point in track.points]
    pen = pen_of(track.width, layer)
    return lines(points, layer, pen) or [dot(point, layer, pen) for point in points[:1]]


def convert_circle(circle: Circle, layer: str, frame: Frame) -> list[Graphic]:
    radius = abs(circle.radius) * MM_PER_UNIT
    pen = pen_of(circle.width, layer)
    centre = frame.point((circle.x, circle.y))
    return [
        CircleItem(centre, radius, layer, pen) if radius >= SPECK_MM else dot(centre, layer, pen)
    ]


def convert_rect(rect: Rect, layer: str, frame: Frame) -> list[Graphic]:
    x1, y1 = frame.point((rect.x, rect.y))
    x2, y2 = x1 + rect.width * MM_PER_UNIT, y1 + rect.height * MM_PER_UNIT
    corners = [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
    if layer == CUT:
        return lines([*corners, corners[0]], layer, CUT_PEN_MM)
    if abs(signed_area(corners)) < SPECK_MM**2:
        return lines([corners[0], corners[2]], layer, pen_of(rect.pen, layer))
    pen = rect.pen * MM_PER_UNIT if rect.filled else pen_of(rect.pen, layer)
    return [PolygonItem(tuple(corners), layer, pen, rect.filled)]


def convert_arc(arc: Arc, layer: str, frame: Frame) -> list[Graphic]:
    pen = pen_of(arc.width, layer)
    return [item for contour in contours(arc.path, frame) for item in stroked(contour, layer, pen)]


def convert_text(text: Text, layer: str, frame: Frame, report: Report) -> list[Graphic]:
    if text.kind in ("P", "N"):
        # The footprint has a reference and a value of its own.
        report.decoration["text of the name"] += 1
        return []
    words = " ".join(text.text.replace("\\n", " ").split())
    if not text.shown or not words:
        report.decoration["hidden text"] += 1
        return []
    height = round(abs(text.size) * MM_PER_UNIT * TEXT_HEIGHT, 2) or 1.0
    at = frame.point((text.x, text.y))
    return [TextItem(words, at, text.rotation_deg % 360, layer, height, pen_of(text.pen, layer))]


def convert_region(region: Region, frame: Frame, report: Report) -> list[Graphic | ZoneItem]:
    """A filled area, a cutout of the board, or an area without copper."""
    if region.layer in DECORATION:
        report.decoration[DECORATION[region.layer]] += 1
        return []
    if region.kind == "npth" or region.layer == MULTI:
        if region.kind != "npth":
            report.warn(f"a {region.kind} region on all layers is taken for a board cutout")
        return list(cut_outlines(contours(region.path, frame)))
    if region.kind == "cutout":
        layer = DRAWN.get(region.layer)
        if layer not in COPPER:
            report.not_understood[f"SOLIDREGION cutout on layer {region.layer[:10]}"] += 1
            return []
        return [
            ZoneItem(tuple(points), (layer,), keepout=True)
            for points in _areas(region.path, frame, report)
        ]
    layer = layer_of(region.layer, "SOLIDREGION", report)
    if layer is None:
        return []
    if layer == CUT:
        return list(cut_outlines(contours(region.path, frame)))
    return list(_filled(region.path, layer, frame, report))


def convert_copper_area(area: CopperArea, frame: Frame, report: Report) -> list[ZoneItem]:
    """A zone that KiCad fills with the clearance to the pads that EasyEDA kept."""
    layer = DRAWN.get(area.layer)
    if layer not in COPPER:
        report.not_understood[f"COPPERAREA on layer {area.layer[:10]}"] += 1
        return []
    clearance = max(area.clearance, 0.0) * MM_PER_UNIT
    report.warn("a copper area joins no net until its zone is given one")
    return [
        ZoneItem(tuple(points), (layer,), keepout=False, clearance=clearance)
        for points in _areas(area.path, frame, report)
    ]


def convert_picture(node: Node, frame: Frame, report: Report) -> list[Graphic]:
    """A picture that was drawn into the footprint."""
    path = node.attributes.get("d")
    if not path:
        report.not_understood["SVGNODE"] += 1
        return []
    layer = layer_of(node.attributes["layerid"], "SVGNODE", report)
    return list(_filled(path, layer, frame, report)) if layer else []


def _areas(path: str, frame: Frame, report: Report) -> list[list[Point]]:
    """Closed outlines with an area; those within another are its holes, joined to it by a slit."""
    if (points := straight(path)) is not None:
        drawn = [[frame.point(point) for point in points]]
    else:
        drawn = [contour.flattened(SAGITTA_MM) for contour in contours(path, frame)]
    outlines = []
    for outline in map(without_repeats, drawn):
        if len(outline) >= 3 and abs(signed_area(outline)) >= SPECK_MM**2:
            outlines.append(outline)
        else:
            report.decoration["outline without an area"] += 1
    return joined(outlines)


def _filled(path: str, layer: str, frame: Frame, report: Report) -> Iterator[Graphic]:
    for points in _areas(path, frame, report):
        if layer.endswith((".Fab", ".User")):
            yield PolygonItem(tuple(points), layer, LEAST_PEN_MM, filled=False)
        else:
            yield PolygonItem(tuple(points), layer, 0.0)


FRAME = Frame((0.0, 0.0))


def test_arcs_run_clockwise_whatever_they_were() -> None:
    for path in ("M 10 0 A 10 10 0 0 1 0 10", "M 0 10 A 10 10 0 0 0 10 0"):
        (arc,) = convert_arc(Arc(1.0, "3", path), "F.SilkS", FRAME)
        assert isinstance(arc, ArcItem)
        assert [round(value, 6) for value in (*arc.start, *arc.end)] == [2.54, 0, 0, 2.54]
        assert math.isclose(math.hypot(*arc.middle), 2.54)
        assert arc.width == 0.254


def test_arcs_that_come_round_are_circles_and_still_pens_dots() -> None:
    for path in (
        "M -4 0 A 4 4 0 1 1 4 0 A 4 4 0 1 1 -4 0",
        "M -4 0 A 4 4 0 1 0 -4 0.01",
    ):
        (circle,) = convert_arc(Arc(1.0, "3", path), "F.SilkS", FRAME)
        assert isinstance(circle, CircleItem)
        assert math.isclose(circle.radius, 1.016, abs_tol=1e-4)
    dot = CircleItem((0.254, 0.0), 0.0635, "F.SilkS", 0.127)
    assert convert_arc(Arc(1.0, "3", "M 1 0 A 4 4 0 1 0 1 0"), "F.SilkS", FRAME) == [dot]
    assert convert_track(Track(1.0, "3", ((1.0, 0.0), (1.0, 0.0))), "F.SilkS", FRAME) == [dot]
    assert convert_circle(Circle(1.0, 0.0, 0.0, 1.0, "3"), "F.SilkS", FRAME) == [dot]


def test_regions_go_where_they_belong() -> None:
    report = Report()
    square = "M 0 0 H 10 V 10 H 0 Z"

    def regions(layer: str, kind: str) -> list[Graphic | ZoneItem]:
        return convert_region(Region(layer, square, kind), FRAME, report)

    (filled,) = regions("3", "solid")
    assert isinstance(filled, PolygonItem)
    assert (filled.layer, filled.filled, filled.width) == ("F.SilkS", True, 0)
    (body,) = regions("99", "solid")
    assert isinstance(body, PolygonItem)
    assert (body.layer, body.filled) == ("F.Fab", False)
    cut = regions("11", "npth")
    assert [type(item) for item in cut] == [LineItem] * 4
    assert {item.layer for item in cut if isinstance(item, LineItem)} == {CUT}
    (keepout,) = regions("2", "cutout")
    assert isinstance(keepout, ZoneItem)
    assert (keepout.layers, keepout.keepout) == (("B.Cu",), True)
    assert regions("100", "cutout") == regions("22", "solid") == regions("3", "cutout") == []
    assert report.decoration == {"lead art": 1}
    assert report.not_understood == {
        "SOLIDREGION on layer 22": 1,
        "SOLIDREGION cutout on layer 3": 1,
    }


def test_cut_outlines_close_and_shed_specks() -> None:
    path = "M 0 0 L 10 0 L 10.001 0 A 5 5 0 0 1 5 5 L 0 5"
    items = convert_region(Region("11", path, "npth"), FRAME, Report())
    assert [type(item).__name__ for item in items] == [
        "LineItem",
        "ArcItem",
        "LineItem",
        "LineItem",
    ]


def test_texts_stand_on_their_baseline() -> None:
    report = Report()
    text = Text("L", 10, 0, 0.5, 90, "3", 10, "a\\nb", True)
    (item,) = convert_text(text, "F.SilkS", FRAME, report)
    assert isinstance(item, TextItem)
    assert (item.text, item.at, item.rotation_deg) == ("a b", (2.54, 0.0), 90)
    assert item.height == 2.03
    assert convert_text(text._replace(kind="P"), "F.SilkS", FRAME, report) == []
    assert convert_text(text._replace(shown=False), "F.SilkS", FRAME, report) == []
    assert report.decoration == {"text of the name": 1, "hidden text": 1}
