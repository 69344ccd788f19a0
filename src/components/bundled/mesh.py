"""OBJ models as EasyEDA writes them: materials in the file, then triangles, in millimetres."""

from __future__ import annotations

import math
from functools import lru_cache

from components.bundled.geometry import Solid
from components.bundled.outlines import outline

_FACETS = 16
_MATERIALS = {"body": "0.15 0.15 0.16", "metal": "0.8 0.8 0.78", "shell": "0.6 0.62 0.65"}


@lru_cache(maxsize=256)
def obj_model(outline_name: str) -> bytes:
    """The model of an outline as an OBJ file; y is turned upward."""
    lines = []
    for name, color in _MATERIALS.items():
        lines += [f"newmtl {name}", f"Ka {color}", f"Kd {color}", "Ks 0 0 0", "d 1", "endmtl"]
    first = 1
    for solid in outline(outline_name).solids:
        ring = _ring(solid)
        for z in (solid.bottom, solid.top):
            lines += [f"v {x:.4f} {y:.4f} {z:.4f}" for x, y in ring]
        lines.append(f"usemtl {solid.material}")
        lines += [f"f {a}// {b}// {c}//" for a, b, c in _triangles(len(ring), first)]
        first += 2 * len(ring)
    return ("\n".join(lines) + "\n").encode()


def _ring(solid: Solid) -> list[tuple[float, float]]:
    x, y, wide, high = solid.x, -solid.y, solid.width / 2, solid.depth / 2
    if not solid.round:
        signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        return [(x + wide * right, y + high * up) for right, up in signs]
    angles = [2 * math.pi * step / _FACETS for step in range(_FACETS)]
    return [(x + wide * math.cos(angle), y + wide * math.sin(angle)) for angle in angles]


def _triangles(count: int, first: int) -> list[tuple[int, int, int]]:
    """A prism's sides and caps, seen from outside counter-clockwise."""
    low, high = first, first + count
    faces = []
    for side in range(count):
        following = (side + 1) % count
        faces.append((low + side, low + following, high + following))
        faces.append((low + side, high + following, high + side))
    for corner in range(1, count - 1):
        faces.append((high, high + corner, high + corner + 1))
        faces.append((low, low + corner + 1, low + corner))
    return faces


def test_every_edge_of_a_mesh_is_shared_by_two_triangles_once_each_way() -> None:
    from collections import Counter

    for name in ("chip-0402", "radial-5", "usb-c-6"):
        text = obj_model(name).decode()
        edges: Counter[tuple[str, str]] = Counter()
        for line in text.splitlines():
            if line.startswith("f "):
                corners = [corner.removesuffix("//") for corner in line.split()[1:]]
                for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
                    edges[start, end] += 1
        assert edges and all(count == 1 for count in edges.values())
        assert all((end, start) in edges for start, end in edges)
        vertices = sum(line.startswith("v ") for line in text.splitlines())
        assert max(int(corner) for edge in edges for corner in edge) == vertices
