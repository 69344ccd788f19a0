"""Where a part's 3D model stands on its footprint.

EasyEDA gives the place of the middle of the model's box, and the height of its lowest point; KiCad
wants the place of the model's own origin. They are the same for a model that is drawn about its
origin and stands on it, which an answer does not tell. The manifest of a converted model holds its
box (``bounds_mm``), by which the offset of any other can be set right.
"""

from __future__ import annotations

from typing import NamedTuple

from components.cad.footprint.frame import Frame
from components.cad.geometry import Box, Point, box_of, near
from components.cad.models import uuid_of
from components.cad.numbers import MM_PER_UNIT, number, number_or
from components.cad.shapes import Node
from components.core.errors import CadError

# How far `c_origin` may lie from the outline's centre, both in millimetres.
TOLERANCE_MM = 0.1

# No part stands higher above the board, or reaches further below it.
HEIGHT_MAX_MM = 200.0

# No part stands higher above the board, or reaches further below it.
HEIGHT_MAX_MM = 200.0

CHECKED = "checked"  # c_origin is the outline's centre
OUTLINE = "outline"  # c_origin is not: the outline's centre serves
UNCHECKED = "unchecked"  # there is no outline to check c_origin by
GUESSED = "guessed"  # neither lies on the footprint: its pads' centre serves


class ModelReference(NamedTuple):
    """Offset in millimetres, x right, y up, z off the board; rotation in degrees as KiCad's."""

    uuid: str
    title: str
    offset: tuple[float, float, float]
    rotation: tuple[float, float, float]
    confidence: str  # checked, outline, unchecked or guessed


def convert_model(node: Node, frame: Frame, pads: Box) -> tuple[ModelReference, Box | None] | None:
    """The reference and the outline's box, or None for a node that names no model.

    ``pads`` is the box of all pads, in millimetres.
    """
    attributes = node.attributes
    uuid = uuid_of(node)
    if not uuid:
        return None
    centre, confidence, outline = _centre(node, frame, pads)
    z = number_or(attributes.get("z", ""), 0.0) * MM_PER_UNIT
    if abs(z) > HEIGHT_MAX_MM:
        raise CadError(f"it stands {z:g} mm off the board")
    turns = [number_or(text, 0.0) for text in attributes.get("c_rotation", "").split(",")]
    turns += [0.0] * (3 - len(turns))
    reference = ModelReference(
        uuid=uuid,
        title=attributes.get("title", ""),
        offset=_rounded(centre[0], -centre[1], z),
        rotation=_rounded(-turns[0] % 360, -turns[1] % 360, -turns[2] % 360),
        confidence=confidence,
    )
    return reference, outline


def _rounded(x: float, y: float, z: float) -> tuple[float, float, float]:
    """To what a file holds, without negative zeros."""
    return round(x, 6) + 0.0, round(y, 6) + 0.0, round(z, 6) + 0.0


def _centre(node: Node, frame: Frame, pads: Box) -> tuple[Point, str, Box | None]:
    """The model's middle on the footprint, and how far it is to be trusted.

    ``c_origin`` can be hundreds of millimetres off; the outline beside it is then right.
    """
    outline = _placed(box_of(node.outline), frame) if len(node.outline) > 1 else None
    if outline and not near(outline.centre, pads):
        outline = None
    origin = _origin(node.attributes.get("c_origin", ""), frame)
    if outline:
        drawn = outline.centre
        if origin and max(abs(origin[0] - drawn[0]), abs(origin[1] - drawn[1])) <= TOLERANCE_MM:
            return origin, CHECKED, outline
        return drawn, OUTLINE, outline
    if origin and near(origin, pads):
        return origin, UNCHECKED, None
    return pads.centre, GUESSED, None


def _placed(box: Box, frame: Frame) -> Box | None:
    try:
        return Box(*frame.point(box[:2]), *frame.point(box[2:]))
    except CadError:
        return None


def _origin(text: str, frame: Frame) -> Point | None:
    x, _, y = text.partition(",")
    try:
        return frame.point((number(x), number(y)))
    except CadError:
        return None


def _node(**attributes: str) -> Node:
    return Node(
        {"uuid": "0123456789abcdef" * 2, "title": "R0402", "layerid": "19", **attributes},
        ((10.0, 20.0), (14.0, 20.0), (14.0, 22.0)),
    )


PADS = Box(-1.0, -1.0, 1.0, 1.0)


def test_the_offset_has_y_upward_and_rotations_turn_round() -> None:
    node = _node(c_origin="12,21", c_rotation="0,0,90", z="-10")
    converted = convert_model(node, Frame((11.0, 20.0)), PADS)
    assert converted is not None
    model, outline = converted
    assert model.offset == (0.254, -0.254, -2.54)
    assert model.rotation == (0, 0, 270)
    assert model.confidence == CHECKED
    assert outline is not None
    assert outline.centre == (0.254, 0.254)


def test_a_c_origin_that_is_off_gives_way() -> None:
    frame = Frame((11.0, 20.0))
    for c_origin in ("4000,3000", "nonsense", ""):
        converted = convert_model(_node(c_origin=c_origin), frame, PADS)
        assert converted is not None
        assert converted[0].offset == (0.254, -0.254, 0)
        assert converted[0].confidence == OUTLINE
    bare = _node(c_origin="12,21")._replace(outline=())
    assert [convert_model(node, frame, PADS)[0].confidence for node in (  # type: ignore[index]
        bare, bare._replace(attributes={**bare.attributes, "c_origin": "4000,3000"})
    )] == [UNCHECKED, GUESSED]  # fmt: skip


def test_a_node_without_a_model_is_none() -> None:
    assert convert_model(_node(uuid="../../etc"), Frame((0.0, 0.0)), PADS) is None
