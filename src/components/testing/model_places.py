"""Where KiCad stands 3D models on a board: answers that name a model, and the boxes it exports."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.cad.model_box import ModelBox
from components.testing.cad import answer_of
from components.testing.kicad import run_kicad

UNIT_MM = 0.254
# KiCad's board body ends below its copper, and its exporter lifts every model off that (version 9:
# default stackup, and BOARD_OFFSET of the STEP exporter).
COPPER_MM, LIFT_MM = 0.035, 0.05
Vector = tuple[float, float, float]


def answer_with_model(uuid: str, box: ModelBox, rotation: Vector, centre: Vector) -> Any:
    """An answer whose model has its turned box's outline about ``centre``, in mm, y downward.

    The third number of ``centre`` is the height of the model's lowest point.
    """
    low, high = box.turned(rotation)
    half = [(b - a) / 2 / UNIT_MM for a, b in zip(low, high, strict=True)]
    x, y = 4000 + centre[0] / UNIT_MM, 3000 + centre[1] / UNIT_MM
    corners = [(x + i * half[0], y + j * half[1]) for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    attributes = {
        "c_rotation": ",".join(f"{angle:g}" for angle in rotation),
        "c_origin": f"{x},{y}",
        "z": str(centre[2] / UNIT_MM),
        "uuid": uuid,
        "c_etype": "outline3D",
        "title": "MODEL",
    }
    points = " ".join(f"{a} {b}" for a, b in corners)
    node = {
        "gId": "g1",
        "nodeName": "g",
        "nodeType": 1,
        "layerid": "19",
        "attrs": attributes,
        "childNodes": [{"nodeName": "polyline", "attrs": {"points": points}}],
    }
    # Pads around it, so that it stands near copper wherever it is.
    pad = "PAD~RECT~{0}~{1}~10~10~1~~{2}~0~~0~gge{2}~0~~Y~0~0~0.2~{0},{1}"
    pads = [pad.format(x + 12 * n, y, n) for n in (1, 2)]
    return answer_of(*pads, "SVGNODE~" + json.dumps(node))


def exported_boxes(
    folder: Path, board: Path, variables: Mapping[str, str], flags: tuple[str, ...] = ()
) -> dict[str, ModelBox]:
    """By reference, the box of each model as KiCad exports the board: mm, y downward as there."""
    import pytest

    target = folder / f"{board.stem}.glb"
    command: tuple[str | Path, ...] = (
        "pcb",
        "export",
        "glb",
        "--force",
        *flags,
        "-o",
        target,
        board,
    )
    ran = run_kicad(folder, *command, **variables)
    if not target.exists():
        pytest.fail(ran.stdout + ran.stderr)
    return boxes_by_node(target.read_bytes())


def boxes_by_node(data: bytes) -> dict[str, ModelBox]:
    """Boxes of a GLB's nodes one below its root, from every vertex."""
    import numpy as np

    length = struct.unpack_from("<I", data, 12)[0]
    document, binary = json.loads(data[20 : 20 + length]), data[28 + length :]

    def matrix(node: dict[str, Any]) -> Any:
        if "matrix" in node:
            return np.array(node["matrix"]).reshape(4, 4).T
        x, y, z, w = node.get("rotation", (0, 0, 0, 1))
        turn = np.eye(4)
        turn[:3, :3] = [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
        turn[:3, :3] *= node.get("scale", (1, 1, 1))
        turn[:3, 3] = node.get("translation", (0, 0, 0))
        return turn

    def points(index: int, above: Any) -> list[Any]:
        node = document["nodes"][index]
        here = above @ matrix(node)
        found = []
        for primitive in document["meshes"][node["mesh"]]["primitives"] if "mesh" in node else ():
            accessor = document["accessors"][primitive["attributes"]["POSITION"]]
            view = document["bufferViews"][accessor["bufferView"]]
            start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
            vertices = np.frombuffer(binary, "<f4", accessor["count"] * 3, start).reshape(-1, 3)
            found.append(vertices @ here[:3, :3].T + here[:3, 3])
        for child in node.get("children", ()):
            found += points(child, here)
        return found

    boxes = {}
    for root in document["scenes"][document.get("scene", 0)]["nodes"]:
        top = document["nodes"][root]
        for child in top.get("children", ()):
            found = points(child, matrix(top))
            if found:
                everything = np.concatenate(found) * 1000
                # glTF: y up, z towards the front, which is KiCad's y.
                low, high = everything.min(axis=0), everything.max(axis=0)
                boxes[document["nodes"][child].get("name", "")] = ModelBox(
                    (float(low[0]), float(low[2]), float(low[1])),
                    (float(high[0]), float(high[2]), float(high[1])),
                )
    return boxes
