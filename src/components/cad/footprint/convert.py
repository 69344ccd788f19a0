"""An EasyEDA answer as a KiCad footprint, its preview, a report and its model's reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from components.cad.answer import Answer, read_answer
from components.cad.footprint import graphics
from components.cad.footprint.checks import attribute, pad_facts
from components.cad.footprint.copper import settle_copper
from components.cad.footprint.courtyard import body_boxes, clearance_mm, courtyards, fabrication
from components.cad.footprint.cuts import close_outlines
from components.cad.footprint.frame import Frame
from components.cad.footprint.items import Graphic, Item, PadItem, ZoneItem, graphic_points
from components.cad.footprint.layers import BODY
from components.cad.footprint.model import NO_BOXES, ModelReference, convert_model
from components.cad.footprint.pads import convert_hole, convert_pad
from components.cad.footprint.preview import preview
from components.cad.footprint.rules import check
from components.cad.footprint.silk import clip_silk
from components.cad.footprint.vias import convert_vias
from components.cad.footprint.writer import footprint_name, write
from components.cad.geometry import Box, box_of, near, union
from components.cad.model_box import ModelBox
from components.cad.models import is_model
from components.cad.report import Report
from components.cad.shapes import (
    Arc,
    Circle,
    CopperArea,
    Hole,
    Node,
    Pad,
    Rect,
    Region,
    Shape,
    Text,
    Track,
    Unknown,
    Via,
    read_shape,
)
from components.core.errors import CadError


class Converted(NamedTuple):
    kicad_mod: bytes
    svg: bytes
    report: dict[str, Any]
    model: ModelReference | None
    name: str


class Parts(NamedTuple):
    """A footprint before it is written."""

    name: str
    items: list[Item]
    courtyards: dict[str, Box]
    model: ModelReference | None
    report: Report
    answer: Answer
    net_tie: bool = False  # its copper joins all of its pads

    @property
    def pads(self) -> list[PadItem]:
        return [item for item in self.items if isinstance(item, PadItem)]


@dataclass
class _Builder:
    frame: Frame
    report: Report
    pads: list[PadItem] = field(default_factory=list)
    vias: list[Via] = field(default_factory=list)
    drawn: list[Graphic | ZoneItem] = field(default_factory=list)
    body: list[Box] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)

    def add(self, shape: Shape) -> None:
        if isinstance(shape, Pad):
            self.pads += convert_pad(shape, self.frame, self.report)
        elif isinstance(shape, Hole):
            self.pads.append(convert_hole(shape, self.frame))
        elif isinstance(shape, Via):
            self.vias.append(shape)
        elif isinstance(shape, Region):
            self._draw(graphics.convert_region(shape, self.frame, self.report), shape.layer)
        elif isinstance(shape, CopperArea):
            self.drawn += graphics.convert_copper_area(shape, self.frame, self.report)
        elif isinstance(shape, Node):
            self._node(shape)
        elif isinstance(shape, Unknown):
            self.report.not_understood[shape.kind] += 1
        else:
            self._stroke(shape)

    def _stroke(self, shape: Track | Circle | Arc | Rect | Text) -> None:
        kind = type(shape).__name__.upper()
        layer = graphics.layer_of(shape.layer, kind, self.report)
        if layer is None:
            return
        if isinstance(shape, Track):
            drawn = graphics.convert_track(shape, layer, self.frame)
        elif isinstance(shape, Circle):
            drawn = graphics.convert_circle(shape, layer, self.frame)
        elif isinstance(shape, Arc):
            drawn = graphics.convert_arc(shape, layer, self.frame)
        elif isinstance(shape, Rect):
            drawn = graphics.convert_rect(shape, layer, self.frame)
        else:
            self.drawn += graphics.convert_text(shape, layer, self.frame, self.report)
            return
        if not drawn:
            self.report.decoration[f"{kind} without a size"] += 1
        self._draw(drawn, shape.layer)

    def _node(self, node: Node) -> None:
        if is_model(node):
            self.nodes.append(node)
        else:
            self.drawn += graphics.convert_picture(node, self.frame, self.report)

    def _draw(self, drawn: list[Graphic] | list[Graphic | ZoneItem], layer: str) -> None:
        self.drawn += drawn
        if layer == BODY:
            self.body += [
                box_of(graphic_points(item)) for item in drawn if not isinstance(item, ZoneItem)
            ]


def convert(
    answer: object, lcsc_id: int | None = None, boxes: Mapping[str, ModelBox] = NO_BOXES
) -> Converted:
    """Convert an answer, decoded or as JSON text, of the part ``lcsc_id``.

    ``boxes`` are those of STEP files, by the UUID of the model: they tell where it stands.

    Raises :class:`CadError`, one line, for an answer that is damaged, of another part, or
    whose footprint would be unsafe to use.
    """
    parts = assemble(answer, lcsc_id, boxes)
    answered = parts.answer
    kicad_mod = write(
        parts.name,
        parts.items,
        attribute=attribute(parts.pads),
        description=answered.description,
        properties={
            "LCSC": answered.lcsc,
            "Manufacturer": answered.manufacturer,
            "Manufacturer Part": answered.manufacturer_part,
            "Datasheet": answered.datasheet,
        },
        courtyards=parts.courtyards,
        model=parts.model,
        tags="net tie" if parts.net_tie else "",
    )
    svg = preview(parts.items, parts.courtyards["F.CrtYd"])
    return Converted(kicad_mod, svg, parts.report.document(), parts.model, parts.name)


def assemble(
    answer: object, lcsc_id: int | None = None, boxes: Mapping[str, ModelBox] = NO_BOXES
) -> Parts:
    """The footprint of an answer as items, before it is written; errors as of :func:`convert`."""
    answered = read_answer(answer, lcsc_id)
    builder = _Builder(Frame(answered.origin), Report())
    for index, text in enumerate(answered.shapes):
        try:
            builder.add(read_shape(text))
        except CadError as error:
            raise CadError(f"shape {index}: {error}") from None
    if not builder.pads and not builder.vias:
        raise CadError("the footprint has no pads")
    vias = convert_vias(builder.vias, builder.frame, builder.pads, builder.report)
    pads, drawn, net_tie = settle_copper([*builder.pads, *vias], builder.drawn, builder.report)
    copper = union([pad.box for pad in pads])
    model, outline = _model(builder, copper, boxes)
    drawn = _tidied(builder, drawn, pads, copper, outline)
    body = body_boxes(drawn, builder.body, outline, copper)
    if any(not near(box.centre, copper) for box in builder.body):
        builder.report.warn("a drawing of the body lies far from the pads")
    builder.report.facts = pad_facts(pads, drawn, answered.pins) | {
        "model_confidence": model.confidence if model else None,
        "design_rules": check(pads, drawn, builder.report),
    }
    return Parts(
        footprint_name(answered.name),
        [*pads, *drawn],
        courtyards(pads, body, clearance_mm(answered)),
        model,
        builder.report,
        answered,
        net_tie,
    )


def _tidied(
    builder: _Builder,
    drawn: list[Graphic | ZoneItem],
    pads: list[PadItem],
    copper: Box,
    outline: Box | None,
) -> list[Graphic | ZoneItem]:
    """What is drawn, with a board's edge that closes, a body, and no silk on bare copper."""
    drawn = close_outlines(drawn, builder.report)
    drawn += fabrication(drawn, body_boxes(drawn, builder.body, outline, copper))
    return clip_silk(pads, drawn, builder.report)


def _model(
    builder: _Builder, copper: Box, boxes: Mapping[str, ModelBox]
) -> tuple[ModelReference | None, Box | None]:
    for node in builder.nodes:
        try:
            converted = convert_model(node, builder.frame, copper, boxes)
        except CadError as error:
            # A picture of the part is no reason to go without its footprint.
            builder.report.warn(f"the 3D model is left out: {error}")
            continue
        if converted:
            if converted.warning:
                builder.report.warn(converted.warning)
            return converted.model, converted.outline
    return None, None


def test_a_part_becomes_a_footprint_a_picture_and_a_report() -> None:
    from components.cad.footprint.reader import read
    from components.testing.cad import NODE, answer_of

    body = "SOLIDREGION~99~~M 3990 2990 L 4010 2990 L 4010 3010 L 3990 3010 Z~solid~gge1"
    hole = "HOLE~4000~3000~5~gge1~0"
    converted = convert(answer_of(body, hole, NODE, "PROTRACTOR~1", "CIRCLE~1~1~1~1~100"), 1)
    footprint = read(converted.kicad_mod)
    assert (footprint.name, footprint.attributes) == ("CURIOUS_ a_b _c_", ("smd",))
    assert footprint.properties == {
        "LCSC": "C1",
        "Manufacturer": "M",
        "Manufacturer Part": 'MP-1 "µ"',
        "Datasheet": "https://www.lcsc.com/datasheet/C1.pdf",
    }
    assert [pad.number for pad in footprint.pads] == ["P", ""]
    assert [round(value, 6) for value in footprint.courtyard] == [-2.79, -2.79, 26.92, 26.92]
    assert converted.model is not None
    assert footprint.models[0][1:] == ((1.27, 0.0, -2.54), (0.0, 0.0, 270.0))
    report = converted.report
    assert report["model_confidence"] == converted.model.confidence == "unmeasured"
    assert report["not_understood"] == {"PROTRACTOR": 1}
    assert report["decoration"] == {"lead art": 1}
    assert report["pads_by_kind"] == {"np_thru_hole": 1, "smd": 1}
    assert converted.svg.startswith(b"<svg ")


def test_what_cannot_be_a_footprint_names_the_shape() -> None:
    import pytest

    from components.testing.cad import answer_of

    with pytest.raises(CadError, match=r"shape 1: HOLE gge7: 'x' is not a number"):
        convert(answer_of("HOLE~4000~x~5~gge7~0"))
    answer = answer_of()
    answer["result"]["packageDetail"]["dataStr"]["shape"] = ["TRACK~1~3~~4000 3000 1 1~gge1"]
    with pytest.raises(CadError, match="has no pads"):
        convert(answer)
    with pytest.raises(CadError, match="not of C2"):
        convert(answer_of(), 2)
