"""STEP models: solids of ISO 10303-214 (AP214), written out edge by edge.

Boxes are six planes; cylinders are one cylindrical face with a seam, and two planes. Every solid is
closed and its faces look outward, so that any kernel reads it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

from components.bundled.geometry import Solid
from components.bundled.outlines import outline

Vector = tuple[float, float, float]
_COLORS = {"body": (0.15, 0.15, 0.16), "metal": (0.8, 0.8, 0.78), "shell": (0.6, 0.62, 0.65)}


@lru_cache(maxsize=256)
def step_model(outline_name: str) -> bytes:
    """The model of an outline as a STEP file; y is turned upward, lengths are in millimetres."""
    return step_file(outline_name.upper(), outline(outline_name).solids)


def step_file(name: str, solids: Iterable[Solid]) -> bytes:
    """A STEP file that holds ``solids`` as one product."""
    writer = _Writer()
    context = writer.context()
    breps = []
    for solid in solids:
        shell = writer.cylinder(solid) if solid.round else writer.box(solid)
        brep = writer.add(f"MANIFOLD_SOLID_BREP('{solid.material}',#{shell})")
        breps.append(brep)
        writer.paint(brep, _COLORS[solid.material], context)
    writer.product(name, breps, context)
    header = (
        "ISO-10303-21;\nHEADER;\n"
        "FILE_DESCRIPTION(('generated model'),'2;1');\n"
        f"FILE_NAME('{name}.step','2026-11-20T00:00:00',(''),(''),'','','');\n"
        "FILE_SCHEMA(('AUTOMOTIVE_DESIGN { 1 0 10303 214 1 1 1 1 }'));\nENDSEC;\nDATA;\n"
    )
    return (header + "\n".join(writer.lines) + "\nENDSEC;\nEND-ISO-10303-21;\n").encode("ascii")


class _Writer:
    """Numbered entities; each method returns the number of what it wrote."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, entity: str) -> int:
        self.lines.append(f"#{len(self.lines) + 1}={entity};")
        return len(self.lines)

    def context(self) -> int:
        length = self.add("(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(.MILLI.,.METRE.))")
        angle = self.add("(NAMED_UNIT(*)PLANE_ANGLE_UNIT()SI_UNIT($,.RADIAN.))")
        solid = self.add("(NAMED_UNIT(*)SI_UNIT($,.STERADIAN.)SOLID_ANGLE_UNIT())")
        limit = self.add(
            f"UNCERTAINTY_MEASURE_WITH_UNIT(LENGTH_MEASURE(1.E-5),#{length},"
            "'distance_accuracy_value','')"
        )
        return self.add(
            "(GEOMETRIC_REPRESENTATION_CONTEXT(3)"
            f"GLOBAL_UNCERTAINTY_ASSIGNED_CONTEXT((#{limit}))"
            f"GLOBAL_UNIT_ASSIGNED_CONTEXT((#{length},#{angle},#{solid}))"
            "REPRESENTATION_CONTEXT('',''))"
        )

    def product(self, name: str, breps: Sequence[int], context: int) -> None:
        application = self.add(
            "APPLICATION_CONTEXT('core data for automotive mechanical design processes')"
        )
        self.add(
            "APPLICATION_PROTOCOL_DEFINITION('international standard','automotive_design',2000,"
            f"#{application})"
        )
        product_context = self.add(f"PRODUCT_CONTEXT('',#{application},'mechanical')")
        product = self.add(f"PRODUCT('{name}','{name}','',(#{product_context}))")
        self.add(f"PRODUCT_RELATED_PRODUCT_CATEGORY('part','',(#{product}))")
        formation = self.add(f"PRODUCT_DEFINITION_FORMATION('','',#{product})")
        design = self.add(f"PRODUCT_DEFINITION_CONTEXT('part definition',#{application},'design')")
        definition = self.add(f"PRODUCT_DEFINITION('design','',#{formation},#{design})")
        shape = self.add(f"PRODUCT_DEFINITION_SHAPE('','',#{definition})")
        origin = self.axes((0, 0, 0), (0, 0, 1), (1, 0, 0))
        items = ",".join(f"#{brep}" for brep in breps)
        representation = self.add(
            f"ADVANCED_BREP_SHAPE_REPRESENTATION('',(#{origin},{items}),#{context})"
        )
        self.add(f"SHAPE_DEFINITION_REPRESENTATION(#{shape},#{representation})")

    def paint(self, brep: int, color: Vector, context: int) -> None:
        red, green, blue = map(_real, color)
        rgb = self.add(f"COLOUR_RGB('',{red},{green},{blue})")
        fill = self.add(f"FILL_AREA_STYLE_COLOUR('',#{rgb})")
        area = self.add(f"FILL_AREA_STYLE('',(#{fill}))")
        surface = self.add(f"SURFACE_STYLE_FILL_AREA(#{area})")
        side = self.add(f"SURFACE_SIDE_STYLE('',(#{surface}))")
        usage = self.add(f"SURFACE_STYLE_USAGE(.BOTH.,#{side})")
        style = self.add(f"PRESENTATION_STYLE_ASSIGNMENT((#{usage}))")
        item = self.add(f"STYLED_ITEM('color',(#{style}),#{brep})")
        self.add(
            f"MECHANICAL_DESIGN_GEOMETRIC_PRESENTATION_REPRESENTATION('',(#{item}),#{context})"
        )

    def point(self, at: Vector) -> int:
        return self.add(f"CARTESIAN_POINT('',({','.join(map(_real, at))}))")

    def direction(self, vector: Vector) -> int:
        return self.add(f"DIRECTION('',({','.join(map(_real, vector))}))")

    def axes(self, origin: Vector, normal: Vector, reference: Vector) -> int:
        return self.add(
            f"AXIS2_PLACEMENT_3D('',#{self.point(origin)},#{self.direction(normal)},"
            f"#{self.direction(reference)})"
        )

    def vertex(self, at: Vector) -> int:
        return self.add(f"VERTEX_POINT('',#{self.point(at)})")

    def line(self, start: int, end: int, origin: Vector, towards: Vector) -> int:
        step = tuple(b - a for a, b in zip(origin, towards, strict=True))
        length = math.hypot(*step)
        unit = (step[0] / length, step[1] / length, step[2] / length)
        vector = self.add(f"VECTOR('',#{self.direction(unit)},{_real(length)})")
        line = self.add(f"LINE('',#{self.point(origin)},#{vector})")
        return self.add(f"EDGE_CURVE('',#{start},#{end},#{line},.T.)")

    def face(self, edges: Sequence[tuple[int, bool]], surface: int) -> int:
        oriented = [
            self.add(f"ORIENTED_EDGE('',*,*,#{edge},{'.T.' if forward else '.F.'})")
            for edge, forward in edges
        ]
        loop = self.add(f"EDGE_LOOP('',({','.join(f'#{edge}' for edge in oriented)}))")
        bound = self.add(f"FACE_OUTER_BOUND('',#{loop},.T.)")
        return self.add(f"ADVANCED_FACE('',(#{bound}),#{surface},.T.)")

    def plane(self, origin: Vector, normal: Vector, reference: Vector) -> int:
        return self.add(f"PLANE('',#{self.axes(origin, normal, reference)})")

    def shell(self, faces: Sequence[int]) -> int:
        return self.add(f"CLOSED_SHELL('',({','.join(f'#{face}' for face in faces)}))")

    def box(self, solid: Solid) -> int:
        """The corners run counter-clockwise as seen from above."""
        x, y, half_x, half_y = solid.x, -solid.y, solid.width / 2, solid.depth / 2
        corners = [
            (x - half_x, y - half_y),
            (x + half_x, y - half_y),
            (x + half_x, y + half_y),
            (x - half_x, y + half_y),
        ]
        low = [(*corner, solid.bottom) for corner in corners]
        high = [(*corner, solid.top) for corner in corners]
        low_vertices = [self.vertex(at) for at in low]
        high_vertices = [self.vertex(at) for at in high]
        bottom, top, upright = [], [], []
        for side in range(4):
            following = (side + 1) % 4
            ends = (low_vertices[side], low_vertices[following])
            bottom.append(self.line(*ends, low[side], low[following]))
            ends = (high_vertices[side], high_vertices[following])
            top.append(self.line(*ends, high[side], high[following]))
            ends = (low_vertices[side], high_vertices[side])
            upright.append(self.line(*ends, low[side], high[side]))
        faces = []
        along = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0))
        for side, (dx, dy, _) in enumerate(along):
            plane = self.plane(low[side], (dy, -dx, 0), (dx, dy, 0))
            loop = [(bottom[side], True), (upright[(side + 1) % 4], True)]
            faces.append(self.face([*loop, (top[side], False), (upright[side], False)], plane))
        upper = self.plane(high[0], (0, 0, 1), (1, 0, 0))
        faces.append(self.face([(edge, True) for edge in top], upper))
        lower = self.plane(low[0], (0, 0, -1), (1, 0, 0))
        faces.append(self.face([(edge, False) for edge in reversed(bottom)], lower))
        return self.shell(faces)

    def cylinder(self, solid: Solid) -> int:
        x, y, radius = solid.x, -solid.y, solid.width / 2
        low, high = (x + radius, y, solid.bottom), (x + radius, y, solid.top)
        low_vertex, high_vertex = self.vertex(low), self.vertex(high)
        circles = []
        for z, vertex in ((solid.bottom, low_vertex), (solid.top, high_vertex)):
            axes = self.axes((x, y, z), (0, 0, 1), (1, 0, 0))
            circle = self.add(f"CIRCLE('',#{axes},{_real(radius)})")
            circles.append(self.add(f"EDGE_CURVE('',#{vertex},#{vertex},#{circle},.T.)"))
        seam = self.line(low_vertex, high_vertex, low, high)
        axes = self.axes((x, y, solid.bottom), (0, 0, 1), (1, 0, 0))
        wall = self.add(f"CYLINDRICAL_SURFACE('',#{axes},{_real(radius)})")
        around = [(circles[0], True), (seam, True), (circles[1], False), (seam, False)]
        upper = self.plane((x, y, solid.top), (0, 0, 1), (1, 0, 0))
        lower = self.plane((x, y, solid.bottom), (0, 0, -1), (1, 0, 0))
        faces = [
            self.face(around, wall),
            self.face([(circles[1], True)], upper),
            self.face([(circles[0], False)], lower),
        ]
        return self.shell(faces)


def _real(value: float) -> str:
    text = f"{value:.6f}".rstrip("0")
    return "0." if text in ("-0.", "0.") else text


def test_every_solid_is_closed_looks_outward_and_has_its_volume() -> None:
    """Volumes by the divergence theorem over what OpenCASCADE makes of the file."""
    import cascadio

    for name in ("chip-0402", "sot-23", "radial-5", "bga-12", "usb-c-6", "header-4"):
        glb = cascadio.load(step_model(name), file_type="step")
        expected = sum(map(_volume_mm3, outline(name).solids))
        assert abs(_mesh_volume_mm3(glb) / expected - 1) < 0.03, name


def test_every_outline_converts() -> None:
    import cascadio

    from components.bundled.catalogue import parts

    for name in sorted({part.outline for part in parts()} - {"none"}):
        glb = cascadio.load(step_model(name), file_type="step")
        assert glb[:4] == b"glTF" and len(glb) > 1000, name


def _volume_mm3(solid: Solid) -> float:
    area = math.pi / 4 * solid.width**2 if solid.round else solid.width * solid.depth
    return area * (solid.top - solid.bottom)


def _mesh_volume_mm3(glb: bytes) -> float:
    import json

    import numpy as np

    length = int.from_bytes(glb[12:16], "little")
    scene = json.loads(glb[20 : 20 + length])
    binary = glb[28 + length :]

    def array(index: int) -> np.ndarray:
        accessor = scene["accessors"][index]
        view = scene["bufferViews"][accessor["bufferView"]]
        kinds = {5126: np.float32, 5125: np.uint32, 5123: np.uint16}
        width = {"SCALAR": 1, "VEC3": 3}[accessor["type"]]
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        values = np.frombuffer(
            binary, kinds[accessor["componentType"]], accessor["count"] * width, start
        )
        return values.reshape(-1, width).astype(float)

    total = 0.0
    for mesh in scene["meshes"]:
        for primitive in mesh["primitives"]:
            points = array(primitive["attributes"]["POSITION"]) * 1000
            corners = points[array(primitive["indices"]).astype(int).reshape(-1, 3)]
            total += np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
    return total / 6


def test_every_model_has_the_size_and_place_that_its_answer_says() -> None:
    import orjson

    from components.bundled.cad import cad_answer, model_uuid
    from components.bundled.catalogue import parts
    from components.cad.footprint.convert import convert
    from components.cad.glb.bounds import bounds_mm
    from components.cad.glb.pool import GlbPool
    from components.cad.model_box import box_of

    seen = {part.outline: part for part in parts() if part.models == "both"}
    assert len(seen) > 20
    with GlbPool(1) as pool:
        for name, part in seen.items():
            box = box_of([*bounds_mm(pool.convert(step_model(name)))])
            converted = convert(orjson.loads(cad_answer(part)), boxes={model_uuid(name): box})
            assert converted.model is not None
            assert converted.model.confidence == "checked", (name, converted.report["warnings"])
            # The drawing's origin is the model's, but for how a cylinder is meshed.
            assert max(map(abs, converted.model.offset)) < 0.01, (name, converted.model)
