"""Where a part's 3D model stands on its footprint.

EasyEDA gives the place of the middle of the turned model's box, and the height of its lowest point;
KiCad wants the place of the model's own origin. So the offset is what EasyEDA gives less the box's
middle and lowest point, once the box of the STEP file is known. Without it the model's origin is
taken for the middle of its underside, which holds for half of real models, and the confidence says
that nothing was measured.

The offset and the rotation hold for the model's GLB as well: it has the axes of the STEP file under
the node that turns it upright.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from components.cad.footprint.frame import Frame
from components.cad.geometry import Box, Point, box_of, near
from components.cad.model_box import ModelBox
from components.cad.models import uuid_of
from components.cad.numbers import MM_PER_UNIT, number, number_or
from components.cad.shapes import Node
from components.core.errors import CadError

NO_BOXES: Mapping[str, ModelBox] = MappingProxyType({})

# How far `c_origin` may lie from the outline's centre, both in millimetres.
TOLERANCE_MM = 0.1

# How far the sides of the outline may differ from the model's.
SIZE_TOLERANCE_MM = 0.1

# No part stands higher above the board, or reaches further below it.
HEIGHT_MAX_MM = 200.0

CHECKED = "checked"  # c_origin is the outline's centre
OUTLINE = "outline"  # c_origin is not: the outline's centre serves
UNCHECKED = "unchecked"  # there is no outline to check c_origin by
GUESSED = "guessed"  # neither lies on the footprint: its pads' centre serves
DIFFERS = "differs"  # the outline has not the size of the STEP file's model
UNMEASURED = "unmeasured"  # the STEP file is not known


class ModelReference(NamedTuple):
    """Offset in millimetres, x right, y up, z off the board; rotation in degrees as KiCad's."""

    uuid: str
    title: str
    offset: tuple[float, float, float]
    rotation: tuple[float, float, float]
    confidence: str
    """``checked``, ``outline``, ``unchecked``, ``guessed``, ``differs`` or ``unmeasured``."""


class Placed(NamedTuple):
    """A model on its footprint."""

    model: ModelReference
    outline: Box | None
    """What the source draws of it from above."""
    warning: str = ""


def convert_model(
    node: Node, frame: Frame, pads: Box, boxes: Mapping[str, ModelBox] = NO_BOXES
) -> Placed | None:
    """The placed model, or None for a node that names none.

    ``pads`` is the box of all pads, in millimetres; ``boxes`` are those of STEP files, by the UUID
    of the model. Raises :class:`CadError` for a model that stands nowhere near the board.
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
    offset, warning = (centre[0], -centre[1], z), ""
    if (box := boxes.get(uuid)) is None:
        confidence = UNMEASURED
    else:
        turned = box.turned((turns[0], turns[1], turns[2]))
        middle = turned.centre
        offset = (offset[0] - middle[0], offset[1] - middle[1], z - turned.low[2])
        if outline and (warning := _difference(turned, outline)):
            confidence = DIFFERS
    reference = ModelReference(
        uuid=uuid,
        title=attributes.get("title", ""),
        offset=_rounded(*offset),
        rotation=_rounded(-turns[0] % 360, -turns[1] % 360, -turns[2] % 360),
        confidence=confidence,
    )
    return Placed(reference, outline, warning)


def _difference(turned: ModelBox, outline: Box) -> str:
    """What to warn of, where the model seen from above is not as large as the outline."""
    seen = turned.size[:2]
    drawn = (abs(outline.right - outline.left), abs(outline.bottom - outline.top))
    if max(abs(a - b) for a, b in zip(seen, drawn, strict=True)) <= SIZE_TOLERANCE_MM:
        return ""
    sizes = (f"{wide:.2f} by {high:.2f} mm" for wide, high in (seen, drawn))
    return "the 3D model measures {}, its outline {}".format(*sizes)


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


# As large as the outline; its origin is a corner, 0.3 mm above its lowest point.
BOXES = {"0123456789abcdef" * 2: ModelBox((0.0, 0.0, -0.3), (1.016, 0.508, 1.0))}


def test_the_offset_has_y_upward_and_rotations_turn_round() -> None:
    node = _node(c_origin="12,21", c_rotation="0,0,90", z="-10")
    placed = convert_model(node, Frame((11.0, 20.0)), PADS)
    assert placed is not None
    model, outline, _ = placed
    assert model.offset == (0.254, -0.254, -2.54)
    assert model.rotation == (0, 0, 270)
    assert model.confidence == UNMEASURED
    assert outline is not None
    assert outline.centre == (0.254, 0.254)


def test_the_middle_of_the_turned_box_stands_on_the_outline_s() -> None:
    frame = Frame((11.0, 20.0))
    for rotation, offset in (
        ("0,0,0", (0.254 - 0.508, -0.254 - 0.254, -2.24)),
        ("0,0,180", (0.254 + 0.508, -0.254 + 0.254, -2.24)),
    ):
        placed = convert_model(_node(c_rotation=rotation, z="-10"), frame, PADS, BOXES)
        assert placed is not None
        assert placed.model.offset == tuple(round(value, 6) for value in offset)
        assert (placed.model.confidence, placed.warning) == (OUTLINE, "")
    quarter = convert_model(_node(c_rotation="0,0,90"), frame, PADS, BOXES)
    assert quarter is not None
    assert quarter.model.offset == (0.508, -0.762, 0.3)
    assert quarter.model.confidence == DIFFERS
    assert quarter.warning == "the 3D model measures 0.51 by 1.02 mm, its outline 1.02 by 0.51 mm"


def test_a_c_origin_that_is_off_gives_way() -> None:
    frame = Frame((11.0, 20.0))
    for c_origin in ("4000,3000", "nonsense", ""):
        placed = convert_model(_node(c_origin=c_origin), frame, PADS)
        assert placed is not None
        assert placed.model.offset == (0.254, -0.254, 0)
        measured = convert_model(_node(c_origin=c_origin), frame, PADS, BOXES)
        assert measured is not None
        assert measured.model.confidence == OUTLINE
    bare = _node(c_origin="12,21")._replace(outline=())
    nodes = (bare, bare._replace(attributes={**bare.attributes, "c_origin": "4000,3000"}))
    placements = [convert_model(node, frame, PADS, BOXES) for node in nodes]
    assert [each.model.confidence for each in placements if each] == [UNCHECKED, GUESSED]


def test_a_node_without_a_model_is_none() -> None:
    assert convert_model(_node(uuid="../../etc"), Frame((0.0, 0.0)), PADS) is None
