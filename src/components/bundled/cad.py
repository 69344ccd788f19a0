"""EasyEDA's CAD answers: a symbol and a footprint as lists of strings (UPSTREAMS: EasyEDA)."""

from __future__ import annotations

import hashlib
import json
import math
from functools import cache, lru_cache
from typing import Any

from components.bundled.geometry import Outline, Pad, Point
from components.bundled.outlines import outline
from components.bundled.part import Models, Part
from components.bundled.symbols import draw_symbol

UNIT_MM = 0.254
NO_PASTE = "-393.7008"
_ORIGINS = ((4000.0, 3000.0), (4000.0, 3000.0), (3984.25, 3012.99), (400.0, 300.0))
_LAYERS = (
    "1~TopLayer~#FF0000~true~true~true~",
    "2~BottomLayer~#0000FF~true~false~true~",
    "3~TopSilkLayer~#FFCC00~true~false~true~",
    "5~TopPasteMaskLayer~#808080~true~false~true~",
    "7~TopSolderMaskLayer~#800080~true~false~true~0.3",
    "10~BoardOutLine~#FF00FF~true~false~true~",
    "11~Multi-Layer~#C0C0C0~true~false~true~",
    "12~Document~#FFFFFF~true~false~true~",
    "13~TopAssembly~#33CC99~false~false~false~",
    "19~3DModel~#66CCFF~false~false~false~",
    "99~ComponentShapeLayer~#00CCCC~false~false~false~0.4",
    "100~LeadShapeLayer~#CC9999~false~false~false~",
    "101~ComponentMarkingLayer~#66FFCC~false~false~false~",
)


def hexadecimal(*words: object) -> str:
    """32 hexadecimal digits, as the services name their things."""
    text = "\x00".join(map(str, words)).encode()
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def model_uuid(outline_name: str, models: Models = "both") -> str:
    """The 3D model of an outline; parts of one package share it, as they do in reality."""
    return hexadecimal("model", outline_name, models)


def cad_answer(part: Part) -> bytes:
    """The answer for a part that has CAD, as JSON."""
    head, tail = _template(part.outline, part.models)
    identity = {
        "uuid": hexadecimal("symbol", part.lcsc),
        "title": part.mfr,
        "description": part.description,
        "lcsc": {"number": part.code, "stock": part.stock, "url": f"/product-detail/{part.code}"},
        "szlcsc": {"number": part.code, "stock": part.stock},
    }
    return head + json.dumps(identity, ensure_ascii=False)[1:-1].encode() + tail


NO_CAD = b'{"success":false,"code":404,"message":"The component is not found","result":null}'


@lru_cache(maxsize=256)
def _template(outline_name: str, models: Models) -> tuple[bytes, bytes]:
    shape = outline(outline_name)
    units = draw_symbol(shape)

    def level(shapes: list[str]) -> dict[str, Any]:
        return {
            "head": {"docType": "2", "editorVersion": "6.4.19.5", "x": 400, "y": 300}
            | {"c_para": {"pre": shape.prefix, "package": outline_name.upper()}},
            "canvas": "CA~1000~1000~#FFFFFF~yes~#CCCCCC~5~1000~1000~line~5~pixel~5~400~300",
            "shape": shapes,
        }

    rest: dict[str, Any] = {
        "docType": 2,
        "owner": {"uuid": hexadecimal("owner"), "username": "upstream", "nickname": "Upstream"},
        "tags": ["Bundled"],
        "dataStr": level(units[0] if len(units) == 1 else []),
        "subparts": [{"dataStr": level(unit)} for unit in units] if len(units) > 1 else [],
        "SMT": not any(pad.drill for pad in shape.pads),
        "packageDetail": _package(shape, models),
    }
    text = json.dumps(rest, ensure_ascii=False).encode()
    return b'{"success":true,"code":0,"result":{', b"," + text[1:] + b"}"


def _package(shape: Outline, models: Models) -> dict[str, Any]:
    origin = _ORIGINS[len(shape.name) % len(_ORIGINS)]
    title = shape.name.upper()
    head: dict[str, Any] = {
        "docType": "4",
        "editorVersion": "6.4.19.5",
        "c_para": {
            "package": title,
            "pre": shape.prefix,
            "3DModel": "" if models == "none" else title,
        },
        "x": origin[0],
        "y": origin[1],
        "uuid": hexadecimal("package", shape.name),
    }
    return {
        "uuid": hexadecimal("package", shape.name),
        "title": title,
        "docType": 4,
        "dataStr": {
            "head": head,
            "canvas": "CA~1000~1000~#000000~yes~#FFFFFF~10~1000~1000~line~0.5~mm~1~45~visible"
            f"~0.5~{origin[0]}~{origin[1]}~0~yes",
            "shape": _Drawing(shape, origin).shapes(models),
            "layers": list(_LAYERS),
            "BBox": {
                "x": origin[0] - shape.width / 2 / UNIT_MM,
                "y": origin[1] - shape.depth / 2 / UNIT_MM,
                "width": round(shape.width / UNIT_MM, 4),
                "height": round(shape.depth / UNIT_MM, 4),
            },
        },
    }


class _Drawing:
    """Shapes of one footprint, millimetres turned into EasyEDA's units round its origin."""

    def __init__(self, shape: Outline, origin: Point) -> None:
        self._shape = shape
        self._origin = origin
        self._count = 0

    def shapes(self, models: Models) -> list[str]:
        shape = self._shape
        lines = [self._pad(pad) for pad in shape.pads]
        lines += [
            f"HOLE~{self._at(x, y)}~{_u(diameter / 2)}~{self._id()}~0"
            for x, y, diameter in shape.holes
        ]
        lines += [
            f"VIA~{self._at(x, y)}~{_u(diameter)}~~{_u(drill / 2)}~{self._id()}~0"
            for x, y, diameter, drill in shape.vias
        ]
        lines += self._silk()
        lines += self._body()
        if models != "none":
            lines.append(self._model(models))
        return lines

    def _id(self) -> str:
        self._count += 1
        return f"gge{self._count}"

    def _at(self, x: float, y: float, separator: str = "~") -> str:
        return f"{_n(self._origin[0] + x / UNIT_MM)}{separator}{_n(self._origin[1] + y / UNIT_MM)}"

    def _path(self, points: tuple[Point, ...], separator: str = " ") -> str:
        return separator.join(self._at(x, y, " ") for x, y in points)

    def _pad(self, pad: Pad) -> str:
        through = bool(pad.drill)
        slot_length, slot_points = "0", ""
        if pad.slot:
            reach = (pad.slot - pad.drill) / 2
            slot_length = _u(pad.slot)
            slot_points = self._path(((pad.x, pad.y - reach), (pad.x, pad.y + reach)))
        fields = (
            f"PAD~{pad.shape}~{self._at(pad.x, pad.y)}~{_u(pad.width)}~{_u(pad.height)}",
            "11" if through else "1",
            "",
            pad.number,
            _u(pad.drill / 2),
            self._pad_points(pad),
            _n(pad.rotation_deg),
            self._id(),
            slot_length,
            slot_points,
            "Y" if pad.plated else "N",
            "0",
            "0" if through or pad.pasted else NO_PASTE,
            "0.2",
            self._at(pad.x, pad.y, ","),
        )
        return "~".join(fields)

    def _pad_points(self, pad: Pad) -> str:
        if pad.shape == "POLYGON":
            return self._path(tuple((pad.x + x, pad.y + y) for x, y in pad.points))
        if pad.shape != "RECT":
            return ""
        angle = math.radians(pad.rotation_deg)
        corners = []
        for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
            wide, high = x * pad.width, y * pad.height
            corners.append(
                (
                    pad.x + wide * math.cos(angle) + high * math.sin(angle),
                    pad.y - wide * math.sin(angle) + high * math.cos(angle),
                )
            )
        return self._path(tuple(corners))

    def _silk(self) -> list[str]:
        shape = self._shape
        x, y = shape.width / 2 + 0.15, shape.depth / 2 + 0.15
        lines = []
        if shape.round:
            radius = _u(x)
            left, right = self._at(-x, 0, " "), self._at(x, 0, ",")
            # A full circle as two arcs, in the two spellings that occur.
            lines.append(
                f"ARC~1~3~~M {left} A {radius} {radius} 0 0 1 {self._at(x, 0, ' ')}~~{self._id()}~0"
            )
            lines.append(
                f"ARC~1~3~~M{right} A{radius},{radius} 0 0 1 {self._at(-x, 0, ',')}~~{self._id()}~0"
            )
        else:
            for side in (-y, y):
                lines.append(f"TRACK~0.6~3~~{self._path(((-x, side), (x, side)))}~{self._id()}~0")
        if shape.polarised:
            lines.append(f"CIRCLE~{self._at(-x - 0.3, -y)}~0.59~1.1811~3~{self._id()}~0~~")
        lines.append(
            f"TEXT~P~{self._at(-x, y + 1)}~0.6~0~0~3~~4.5~{shape.prefix}~~none~{self._id()}~~0~"
        )
        return lines

    def _body(self) -> list[str]:
        shape = self._shape
        x, y = shape.width / 2, shape.depth / 2
        corners = ((-x, -y), (x, -y), (x, y), (-x, y))
        lines = [self._region(99, corners)]
        for pad in shape.pads[:2]:
            half = pad.width / 4
            lines.append(
                self._region(
                    100,
                    (
                        (pad.x - half, pad.y - half),
                        (pad.x + half, pad.y - half),
                        (pad.x + half, pad.y + half),
                        (pad.x - half, pad.y + half),
                    ),
                )
            )
        lines.append(f"CIRCLE~{self._at(-x, y)}~0.118~0.2362~101~{self._id()}~0~~")
        lines.append(
            f"RECT~{self._at(-x, -y)}~{_u(2 * x)}~{_u(2 * y)}~12~{self._id()}~0~0.2~none~~~"
        )
        return lines

    def _region(self, layer: int, corners: tuple[Point, ...]) -> str:
        first, *rest = (self._at(x, y, " ") for x, y in corners)
        path = f"M {first} " + " ".join(f"L {point}" for point in rest) + " Z"
        return f"SOLIDREGION~{layer}~~{path}~solid~{self._id()}~~~~0"

    def _model(self, models: Models) -> str:
        shape = self._shape
        bottom = min(solid.bottom for solid in shape.solids)
        # Leads too, which may reach out of the body that layer 99 has.
        left, top, right, low = shape.seen_mm
        corners = self._path(((left, top), (right, top), (right, low), (left, low), (left, top)))
        attributes = {
            "c_width": _u(right - left),
            "c_height": _u(low - top),
            "c_rotation": "0,0,0",
            "z": _u(bottom),
            "c_origin": self._at((left + right) / 2, (top + low) / 2, ","),
            "uuid": model_uuid(shape.name, models),
            "c_etype": "outline3D",
            "id": "g1_outline",
            "title": shape.name.upper(),
            "layerid": "19",
            "transform": "scale(1) translate(0, 0)",
        }
        line = {
            "gId": "g1_outline_line0",
            "nodeName": "polyline",
            "nodeType": 1,
            "attrs": {"fill": "none", "id": "g1_outline_line0", "points": corners},
        }
        node = {"gId": "g1_outline", "nodeName": "g", "nodeType": 1, "layerid": "19"}
        return "SVGNODE~" + json.dumps(node | {"attrs": attributes, "childNodes": [line]})


@cache
def _u(length_mm: float) -> str:
    return _n(length_mm / UNIT_MM)


def _n(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".") if value else "0"


def test_an_answer_names_its_part_and_holds_every_pad() -> None:
    from components.bundled.catalogue import parts

    for part in parts():
        if part.models == "no-cad":
            continue
        answer = json.loads(cad_answer(part))
        result = answer["result"]
        assert answer["success"] and result["lcsc"]["number"] == part.code
        shapes = result["packageDetail"]["dataStr"]["shape"]
        pads = [line.split("~") for line in shapes if line.startswith("PAD~")]
        assert len(pads) == len(outline(part.outline).pads)
        models = [line for line in shapes if line.startswith("SVGNODE~")]
        assert len(models) == (part.models != "none")


def test_a_slot_runs_between_the_centres_of_its_ends() -> None:
    pads = [pad for pad in outline("usb-c-6").pads if pad.slot]
    fields = _Drawing(outline("usb-c-6"), (4000, 3000))._pad(pads[0]).split("~")
    assert fields[1] == "OVAL" and fields[6] == "11" and fields[8] == "13"
    assert fields[9] == "1.1811" and fields[13] == "5.9055"
    x1, y1, x2, y2 = map(float, fields[14].split())
    assert x1 == x2 and abs(y2 - y1 - (5.9055 - 2 * 1.1811)) < 1e-3


def test_a_rotated_rectangle_has_turned_corners() -> None:
    drawing = _Drawing(outline("chip-0402"), (0, 0))
    fields = drawing._pad(Pad("1", 0, 0, 2.54, 5.08, rotation_deg=90)).split("~")
    numbers = [float(number) for number in fields[10].split()]
    assert (max(numbers[0::2]), max(numbers[1::2])) == (10, 5)


def test_every_outline_has_a_symbol_whose_pins_are_its_pads() -> None:
    from components.bundled.catalogue import parts
    from components.cad.symbol.convert import convert

    seen: dict[str, dict[str, Any]] = {}
    for part in parts():
        if part.models != "no-cad" and part.outline not in seen:
            seen[part.outline] = convert(cad_answer(part), part.lcsc).report
    for name, report in seen.items():
        assert report["warnings"] == [] and report["confidence"] == "sound", name
        assert report["pins_without_pad"] == report["pads_without_pin"] == [], name
    assert seen["tssop-14"]["units"] == 4
    assert seen["tssop-14"]["shared_by_units"] == ["7", "14"] * 3
