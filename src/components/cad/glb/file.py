"""GLB files: checked, and turned upright.

Format: glTF 2.0, chapter 4.4 (binary glTF). glTF's Y axis points up and its unit is the metre;
STEP models of parts have Z up, and OpenCASCADE writes them as they lie.
"""

from __future__ import annotations

import json
import math
import struct
from typing import Any

from components.core.errors import CadError

MAGIC, VERSION = b"glTF", 2
JSON_CHUNK, BINARY_CHUNK = b"JSON", b"BIN\0"
# A quarter turn about X brings Z up to where glTF has Y.
UPRIGHT = [-math.sqrt(0.5), 0, 0, math.sqrt(0.5)]
# Ten metres: no part is that large.
REACH_M = 10.0


def read_glb(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The JSON document and the binary chunk. Raises :class:`CadError` for damage."""
    if len(data) < 20 or data[:4] != MAGIC:
        raise CadError("the GLB has no glTF header")
    version, length = struct.unpack_from("<II", data, 4)
    if version != VERSION or length != len(data):
        raise CadError("the GLB is cut short, or of another version")
    chunks: dict[bytes, bytes] = {}
    position = 12
    while position + 8 <= length:
        (size,) = struct.unpack_from("<I", data, position)
        kind = data[position + 4 : position + 8]
        chunks.setdefault(kind, data[position + 8 : position + 8 + size])
        position += 8 + size
    try:
        document = json.loads(chunks[JSON_CHUNK])
    except (KeyError, ValueError):
        raise CadError("the GLB has no readable JSON chunk") from None
    if position != length or not isinstance(document, dict):
        raise CadError("the GLB's chunks do not fill it")
    return document, chunks.get(BINARY_CHUNK, b"")


def write_glb(document: dict[str, Any], binary: bytes) -> bytes:
    """The same document and binary chunk give the same bytes."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    body = b"".join(
        struct.pack("<I4s", len(chunk), kind) + chunk
        for kind, chunk in (
            (JSON_CHUNK, text + b" " * (-len(text) % 4)),
            (BINARY_CHUNK, binary + b"\0" * (-len(binary) % 4)),
        )
        if chunk
    )
    return MAGIC + struct.pack("<II", VERSION, 12 + len(body)) + body


def upright(data: bytes) -> bytes:
    """A converted model under one more node, which turns Z up to Y up.

    Raises :class:`CadError` where the file is damaged, or shows nothing that could be a
    part: no mesh, or points that are not finite or metres away.
    """
    document, binary = read_glb(data)
    _check(document)
    nodes, scene = document["nodes"], document["scenes"][document.get("scene", 0)]
    nodes.append({"name": "upright", "rotation": UPRIGHT, "children": scene["nodes"]})
    scene["nodes"] = [len(nodes) - 1]
    return write_glb(document, binary)


def _check(document: dict[str, Any]) -> None:
    try:
        points = [
            document["accessors"][primitive["attributes"]["POSITION"]]
            for mesh in document["meshes"]
            for primitive in mesh["primitives"]
        ]
        edges = [float(edge) for point in points for edge in (*point["min"], *point["max"])]
        whole = bool(document["nodes"] and document["scenes"][document.get("scene", 0)]["nodes"])
    except (KeyError, IndexError, TypeError, ValueError):
        whole, edges = False, []
    if not whole or not edges:
        raise CadError("the model shows nothing: it has no mesh")
    if not all(abs(edge) <= REACH_M for edge in edges):
        raise CadError("the model reaches metres away, or has points that are no numbers")


def _example(edge: float = 0.001) -> dict[str, Any]:
    return {
        "asset": {"version": "2.0"},
        "accessors": [{"min": [-edge, 0, 0], "max": [edge, 0, 0]}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "nodes": [{"mesh": 0}],
        "scenes": [{"nodes": [0]}],
    }


def test_the_model_stands_upright_under_one_root() -> None:
    data = upright(write_glb(_example(), b"12345"))
    document, binary = read_glb(data)
    assert binary == b"12345\0\0\0"
    assert document["scenes"] == [{"nodes": [1]}]
    assert document["nodes"][1]["children"] == [0]
    assert len(data) % 4 == 0


def test_files_that_show_nothing_are_refused() -> None:
    import pytest

    for document, message in (
        ({"asset": {}}, "no mesh"),
        (_example() | {"meshes": []}, "no mesh"),
        (_example() | {"scenes": [{"nodes": []}]}, "no mesh"),
        (_example(1e9), "metres away"),
        (_example(math.nan), "metres away"),
    ):
        with pytest.raises(CadError, match=message):
            upright(write_glb(document, b""))


def test_damaged_files_are_refused() -> None:
    import pytest

    whole = write_glb(_example(), b"1234")
    for data in (
        b"",
        whole[:-1],
        whole + b"\0\0\0\0",
        b"glTX" + whole[4:],
        whole[:16] + b"XXXX" + whole[20:],
    ):
        with pytest.raises(CadError, match="GLB"):
            read_glb(data)
