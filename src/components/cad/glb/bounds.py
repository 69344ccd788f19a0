"""The box that a model fills.

Where a part's model stands on its footprint depends on it: EasyEDA puts the middle of the model's
box on the outline, and its lowest point on the height, wherever the model's own origin lies.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable
from typing import Any

from components.cad.glb.file import read_glb
from components.core.errors import CadError

# Rows of a 3 by 4 matrix.
Matrix = tuple[tuple[float, float, float, float], ...]
Vector = tuple[float, float, float]

IDENTITY: Matrix = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0))
DEPTH_MAX = 64
FLOAT = 5126  # glTF 2.0, 3.6.2.2
# Entries of a turn that are smaller are zero, and the box of its corners is the model's own.
SKEW = 1e-9


def bounds_mm(data: bytes) -> tuple[list[float], list[float]]:
    """The lowest and highest corner of an upright GLB: x to the right, y to the back, z up.

    These are the axes of the STEP file and of KiCad. Rounded to tenths of a micrometre.
    """
    document, binary = read_glb(data)
    corners: list[Vector] = []
    for node in document["scenes"][document.get("scene", 0)]["nodes"]:
        corners += _corners(document, binary, node, IDENTITY, 0)
    # Back from glTF, whose y points up and whose z points to the viewer.
    turned = [(x, -z, y) for x, y, z in corners]
    low, high = (
        [round(edge(axis) * 1000, 4) + 0.0 for axis in zip(*turned, strict=True)]
        for edge in (min, max)
    )
    return low, high


def _corners(
    document: dict[str, Any], binary: bytes, index: int, above: Matrix, depth: int
) -> list[Vector]:
    node = document["nodes"][index]
    here = _times(above, _local(node))
    found: list[Vector] = []
    if "mesh" in node:
        for primitive in document["meshes"][node["mesh"]]["primitives"]:
            points = document["accessors"][primitive["attributes"]["POSITION"]]
            box = list(zip(points["min"], points["max"], strict=True))
            corners = (
                itertools.product(*box) if _is_square(here) else _vertices(points, document, binary)
            )
            found += _extremes(_moved(here, corner) for corner in corners)
    if depth < DEPTH_MAX:
        for child in node.get("children", ()):
            found += _corners(document, binary, child, here, depth + 1)
    return found


def _is_square(matrix: Matrix) -> bool:
    """Whether it turns axes into axes, so that corners of a box tell all."""
    return all(sum(abs(value) > SKEW for value in row[:3]) == 1 for row in matrix)


def _vertices(
    points: dict[str, Any], document: dict[str, Any], binary: bytes
) -> Iterable[tuple[float, ...]]:
    """An accessor's points one by one (glTF 2.0, 3.6)."""
    view = document["bufferViews"][points["bufferView"]]
    start = view.get("byteOffset", 0) + points.get("byteOffset", 0)
    stride, count = view.get("byteStride", 12), points["count"]
    if points["componentType"] != FLOAT:
        raise CadError("the GLB has points that are no floats")
    if start + stride * (count - 1) + 12 > len(binary):
        raise CadError("the GLB's points reach beyond its end")
    return (struct.unpack_from("<3f", binary, start + stride * n) for n in range(count))


def _extremes(points: Iterable[Vector]) -> list[Vector]:
    """The two outer corners of the box of ``points``."""
    axes = list(zip(*points, strict=True))
    (x, y, z), (right, back, top) = ([edge(axis) for axis in axes] for edge in (min, max))
    return [(x, y, z), (right, back, top)]


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
    from components.cad.glb.pool import GlbPool
    from components.testing.step import example_step

    with GlbPool(1) as pool:
        assert bounds_mm(pool.convert(example_step())) == ([-1, -0.5, 0], [1, 0.5, 0.5])


def test_transforms_of_nodes_count() -> None:
    from components.cad.glb.file import upright, write_glb

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


def test_a_part_that_leans_fills_its_own_box() -> None:
    from components.cad.glb.file import upright, write_glb

    # A diamond of four points leans by an eighth of a turn: as a square it fills less.
    points = [(0.002, 0, 0), (-0.002, 0, 0), (0, 0.002, 0), (0, -0.002, 0)]
    document: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "bufferViews": [{"buffer": 0, "byteLength": 48}],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": FLOAT,
                "count": 4,
                "type": "VEC3",
                "min": [-0.002, -0.002, 0],
                "max": [0.002, 0.002, 0],
            }
        ],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "nodes": [{"mesh": 0, "rotation": [0, 0, 0.3826834323650898, 0.9238795325112867]}],
        "scenes": [{"nodes": [0]}],
    }
    binary = b"".join(struct.pack("<3f", *point) for point in points)
    half = 1.4142
    assert bounds_mm(upright(write_glb(document, binary))) == ([-half, -half, 0], [half, half, 0])
