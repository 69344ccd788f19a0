"""STEP models as OBJ text in EasyEDA's form, for measuring: there is no real sample to train on.

The solids are real, tessellated by OpenCASCADE; the text has EasyEDA's layout: materials in the
file, vertices in millimetres with four decimals, triangles as ``f 1// 2// 3//``.
"""

from __future__ import annotations

import json
import struct
import tempfile
from pathlib import Path
from typing import Any

_FLOATS, _SHORTS, _INTEGERS = 5126, 5123, 5125
_FORMATS = {_FLOATS: "f", _SHORTS: "H", _INTEGERS: "I"}
_WIDTHS = {"SCALAR": 1, "VEC3": 3}


def obj_of_step(step: bytes, tolerance: float = 0.1) -> bytes | None:
    """The model as OBJ text; None where OpenCASCADE makes no mesh of it."""
    import cascadio

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "model.step"), Path(folder, "model.glb")
        source.write_bytes(step)
        cascadio.step_to_glb(str(source), str(target), tolerance, 0.5)
        if not target.is_file():
            return None
        content, binary = _read_glb(target.read_bytes())
    lines: list[str] = []
    for number, material in enumerate(content.get("materials", [{}])):
        color = material.get("pbrMetallicRoughness", {}).get("baseColorFactor", [0.8, 0.8, 0.8])
        text = " ".join(f"{value:.4g}" for value in color[:3])
        lines += [f"newmtl mat_{number}", f"Ka {text}", f"Kd {text}", "Ks 0.2 0.2 0.2"]
        lines += ["d 0", "endmtl"]
    first = 1
    for mesh in content.get("meshes", []):
        for part in mesh["primitives"]:
            points = _read_accessor(content, binary, part["attributes"]["POSITION"])
            corners = [row[0] for row in _read_accessor(content, binary, part["indices"])]
            first = _write(lines, points, corners, part.get("material", 0), first)
    return ("\n".join(lines) + "\n").encode()


def _write(
    lines: list[str], points: list[Any], corners: list[int], material: int, first: int
) -> int:
    """One group of triangles; vertices that print the same are one."""
    known: dict[str, int] = {}
    places = []
    for x, y, z in points:
        # OpenCASCADE writes metres with y upward.
        text = f"v {x * 1000:.4f} {-z * 1000:.4f} {y * 1000:.4f}"
        if text not in known:
            known[text] = first + len(known)
            lines.append(text)
        places.append(known[text])
    lines.append(f"usemtl mat_{material}")
    for at in range(0, len(corners) - 2, 3):
        a, b, c = (places[corner] for corner in corners[at : at + 3])
        lines.append(f"f {a}// {b}// {c}//")
    return first + len(known)


def _read_glb(data: bytes) -> tuple[dict[str, Any], bytes]:
    size = struct.unpack_from("<I", data, 12)[0]
    return json.loads(data[20 : 20 + size]), data[28 + size :]


def _read_accessor(content: dict[str, Any], binary: bytes, number: int) -> list[Any]:
    accessor = content["accessors"][number]
    view = content["bufferViews"][accessor["bufferView"]]
    start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    width = _WIDTHS[accessor["type"]]
    row = struct.Struct(f"<{width}{_FORMATS[accessor['componentType']]}")
    step = view.get("byteStride", row.size)
    return [row.unpack_from(binary, start + at * step) for at in range(accessor["count"])]


def test_a_model_becomes_triangles() -> None:
    from components.bundled.step import step_model

    text = obj_of_step(step_model("chip-0603"))
    assert text is not None
    words = [line.split() for line in text.decode().splitlines()]
    vertices = [word for word in words if word[0] == "v"]
    faces = [word for word in words if word[0] == "f"]
    assert len(vertices) >= 24 and len(faces) >= 36
    assert {word[0] for word in words} >= {"newmtl", "Ka", "Kd", "Ks", "d", "endmtl", "usemtl"}
    used = {int(corner.rstrip("/")) for face in faces for corner in face[1:]}
    assert used == set(range(1, len(vertices) + 1))
    widths = [max(float(v[axis]) for v in vertices) for axis in (1, 2, 3)]
    assert abs(widths[0] - 0.8) < 1e-3
