"""The box that a model fills.

Where a part's model stands on its footprint depends on it: EasyEDA puts the middle of the model's
box on the outline, and its lowest point on the height, wherever the model's own origin lies.
"""

from __future__ import annotations

import itertools
from typing import Any

from components.transform.glb.file import read_glb

# Rows of a 3 by 4 matrix.
Matrix = tuple[tuple[float, float, float, float], ...]
Vector = tuple[float, float, float]

IDENTITY: Matrix = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0))
DEPTH_MAX = 64


def bounds_mm(data: bytes) -> tuple[list[float], list[float]]:
    """The lowest and highest corner of an upright GLB: x to the right, y to the back, z up.

    These are the axes of the STEP file and of KiCad. Rounded to tenths of a micrometre.
    """
    document, _ = read_glb(data)
    corners: list[Vector] = []
    for node in document["scenes"][document.get("scene", 0)]["nodes"]:
        corners += _corners(document, node, IDENTITY, 0)
    # Back from glTF, whose y points up and whose z points to the viewer.
    turned = [(x, -z, y) for x, y, z in corners]
    low, high = (
        [round(edge(axis) * 1000, 4) + 0.0 for axis in zip(*turned, strict=True)]
        for edge in (min, max)
    )
    return low, high


def _corners(document: dict[str, Any], index: int, above: Matrix, depth: int) -> list[Vector]:
    node = document["nodes"][index]
    here = _times(above, _local(node))
    found: list[Vector] = []
    if "mesh" in node:
        for primitive in document["meshes"][node["mesh"]]["primitives"]:
            points = document["accessors"][primitive["attributes"]["POSITION"]]
            box = zip(points["min"], points["max"], strict=True)
            found += [_moved(here, corner) for corner in itertools.product(*box)]
    if depth < DEPTH_MAX:
        for child in node.get("children", ()):
            found += _corners(document, child, here, depth + 1)
    return found


def _local(node: dict[str, Any]) -> Matrix:
    """A node's own transform (glTF 2.0, 3.5): a matrix, or scale, then rotation, then move."""
    if "matrix" in node:
        m = [float(value) for value in node["matrix"]]
        return tuple((m[row], m[row + 4], m[row + 8], m[row + 12]) for row in range(3))
    x, y, z, w = node.get("rotation", (0.0, 0.0, 0.0, 1.0))
    scale = node.get("scale", (1.0, 1.0, 1.0))
    move = node.get("translation", (0.0, 0.0, 0.0))
    turn = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
        (2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
        (2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)),
    )
    return tuple(
        (row[0] * scale[0], row[1] * scale[1], row[2] * scale[2], move[index])
        for index, row in enumerate(turn)
    )


def _times(a: Matrix, b: Matrix) -> Matrix:
    rows = []
    for row in a:
        product = [sum(row[k] * b[k][column] for k in range(3)) for column in range(4)]
        rows.append((product[0], product[1], product[2], product[3] + row[3]))
    return tuple(rows)


def _moved(matrix: Matrix, point: tuple[float, ...]) -> Vector:
    x, y, z = (sum(row[k] * point[k] for k in range(3)) + row[3] for row in matrix)
    return x, y, z


def test_the_box_is_that_of_the_step_file() -> None:
    from components.testing.step import example_step
    from components.transform.glb.pool import GlbPool

    with GlbPool(1) as pool:
        assert bounds_mm(pool.convert(example_step())) == ([-1, -0.5, 0], [1, 0.5, 0.5])


def test_transforms_of_nodes_count() -> None:
    from components.transform.glb.file import upright, write_glb

    document: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "accessors": [{"min": [0, 0, 0], "max": [0.001, 0.002, 0.003]}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "nodes": [
            {"children": [1], "translation": [0.01, 0, 0]},
            {"mesh": 0, "scale": [2, 1, 1], "rotation": [0, 0, 0.5**0.5, 0.5**0.5]},
        ],
        "scenes": [{"nodes": [0]}],
    }
    assert bounds_mm(upright(write_glb(document, b""))) == ([8, 0, 0], [10, 2, 3])
    matrix = [0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    document["nodes"] = [{"mesh": 0, "matrix": matrix}]
    document["scenes"] = [{"nodes": [0]}]
    assert bounds_mm(upright(write_glb(document, b""))) == ([-2, 0, 0], [0, 1, 3])
