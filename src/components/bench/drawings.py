"""EasyEDA answers for standard packages, with every field that the service's answers have.

The bundled upstream says only what the pipeline reads; a dictionary should also know what else
such an answer holds. Names and order of fields are those of EasyEDA's open file format ("EasyEDA
Document Format", "Schematic", "PCB Footprint"). Parts, texts and identifiers are made up, but for
the names of manufacturers, as LCSC spells them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from components.bench.packages import Land, Package, packages

UNIT_MM = 0.254


def _words(text: str) -> list[str]:
    return text.split()


_MAKERS = _words(
    "TI(德州仪器) ST(意法半导体) NXP(恩智浦) ADI(亚德诺) MICROCHIP(美国微芯) onsemi(安森美)"
    " Infineon(英飞凌) Nexperia(安世) DIODES(美台) ROHM(罗姆) RENESAS(瑞萨) YAGEO(国巨)"
    " UNI-ROYAL(厚声) FH(风华) muRata(村田) SAMSUNG(三星) TDK Sunlord(顺络) CJ(江苏长电/长晶)"
    " Espressif(乐鑫) WCH(南京沁恒) JST BOOMELE(博穆精密) XKB(星坤) HRO(韩荣) ALPSALPINE"
    " MOLEX TE(泰科) Hirose(广濑) KOREAN(韩国) MaxLinear SiliconLabs(芯科) Winbond(华邦)"
    " GigaDevice(兆易创新) HGSEMI(华冠) UMW(友台半导体) Vishay(威世) LITEON(光宝) EVERLIGHT(亿光)"
    " PANASONIC(松下) BOURNS(伯恩斯) Littelfuse(力特) ALLEGRO(美国埃戈罗) MPS(芯源) SHOU(首韩)"
    " TOSHIBA(东芝) Cypress(赛普拉斯) AOS(美国万代) XINLUDA(信路达) YXC(扬兴晶振) KYOCERA(京瓷)"
)
_LAYERS = [
    *_words(
        "1~TopLayer~#FF0000~true~true~true~ 2~BottomLayer~#0000FF~true~false~true~"
        " 3~TopSilkLayer~#FFCC00~true~false~true~ 4~BottomSilkLayer~#66CC33~true~false~true~"
        " 5~TopPasteMaskLayer~#808080~true~false~true~"
        " 6~BottomPasteMaskLayer~#800000~true~false~true~"
        " 7~TopSolderMaskLayer~#800080~true~false~true~0.3"
        " 8~BottomSolderMaskLayer~#AA00FF~true~false~true~0.3 9~Ratlines~#6464FF~false~false~true~"
        " 10~BoardOutLine~#FF00FF~true~false~true~ 11~Multi-Layer~#C0C0C0~true~false~true~"
        " 12~Document~#FFFFFF~true~false~true~ 13~TopAssembly~#33CC99~false~false~false~"
        " 14~BottomAssembly~#5555FF~false~false~false~ 15~Mechanical~#F022F0~false~false~false~"
        " 19~3DModel~#66CCFF~false~false~false~"
    ),
    *(f"{20 + n}~Inner{n}~#999966~false~false~false~~" for n in range(1, 33)),
    "99~ComponentShapeLayer~#00CCCC~false~false~false~0.4",
    "100~LeadShapeLayer~#CC9999~false~false~false~",
    "101~ComponentMarkingLayer~#66FFCC~false~false~false~",
    "Hole~Hole~#222222~false~false~true~",
    "DRCError~DRCError~#FAD609~false~false~true~",
]
_OBJECTS = [
    f"{name}~true~{'false' if name in ('All', 'Name') else 'true'}"
    for name in _words(
        "All Component Prefix Name Track Pad Via Hole Copper_Area Circle Arc Solid_Region Text"
        " Image Rect Dimension Protractor"
    )
]
_SIGNALS = _words(
    "VCC GND VDD EN SDA SCL TX RX MISO MOSI SCK CS PA PB PC IO NC RST IN OUT D+ D- ADC"
)


def answers() -> Iterator[dict[str, Any]]:
    """An answer for each package, in three drawings that differ in origin and hand."""
    dice = random.Random(11)
    for package in packages():
        for origin in ((4000.0, 3000.0), (4000.0, 3000.0), (3996.5, 3003.5)):
            yield _answer(package, origin, dice)


def _answer(package: Package, origin: tuple[float, float], dice: random.Random) -> dict[str, Any]:
    symbol, footprint, code = _hex(dice), _hex(dice), f"C{dice.randrange(1000, 5_900_000)}"
    mfr = f"{dice.choice(('STM', 'LM', 'TPS', 'RC', 'CL', 'XC', 'AT'))}{dice.randrange(99_999)}-T"
    owner = {"uuid": _hex(dice), "username": "lcsc", "nickname": "LCSC"}
    owner["avatar"] = f"//image.lceda.cn/avatars/2018/6/{_hex(dice)}.png"
    shop: dict[str, Any] = {"id": dice.randrange(9_000_000), "number": code}
    shop |= {
        "step": 1,
        "min": 1,
        "price": dice.randrange(9999) / 1e4,
        "stock": dice.randrange(9999),
    }
    pins = [land.number for land in package.lands]
    head = {
        "docType": "2",
        "editorVersion": f"6.{dice.randrange(3, 6)}.{dice.randrange(50)}",
        "c_para": {
            "pre": f"{package.prefix}?",
            "name": mfr,
            "package": package.title,
            "Contributor": "lcsc",
            "Supplier": "LCSC",
            "Manufacturer": dice.choice(_MAKERS),
            "Manufacturer Part": mfr,
            "Supplier Part": code,
            "JLCPCB Part Class": dice.choice(("Extended Part", "Basic Part")),
        },
        "x": 400,
        "y": 300,
        "puuid": footprint,
        "uuid": symbol,
        "utime": dice.randrange(1_540_000_000, 1_730_000_000),
        "importFlag": 0,
        "c_spiceCmd": None,
        "hasIdFlag": True,
    }
    link = f"https://www.szlcsc.com/product/details_{shop['id']}.html"
    result = {
        "uuid": symbol,
        "title": mfr,
        "description": "",
        "docType": 2,
        "type": 3,
        "thumb": f"//image.easyeda.com/components/{symbol}.png",
        "szlcsc": shop | {"url": link, "image": f"//image.lceda.cn/szlcsc/{code}.jpg"},
        "lcsc": shop | {"url": f"https://lcsc.com/product-detail/{mfr}_{code}.html"},
        "owner": owner,
        "tags": [dice.choice(("Microcontrollers", "Chip Resistor", "Connectors", "MOSFETs"))],
        "updateTime": dice.randrange(1_650_000_000, 1_770_000_000),
        "updated_at": f"2026-0{dice.randrange(1, 6)}-{dice.randrange(10, 29)} 12:34:56",
        "dataStr": {
            "head": head,
            "canvas": "CA~1000~1000~#FFFFFF~yes~#CCCCCC~5~1000~1000~line~5~pixel~5~400~300",
            "shape": _symbol(pins, dice),
            "BBox": {"x": 359.5, "y": 264.7, "width": 81.5, "height": 70.3},
            "colors": [],
        },
        "verify": True,
        "SMT": True,
        "datastrid": _hex(dice),
        "jlcOnSale": 1,
        "writable": False,
        "isFavorite": False,
        "packageDetail": _package(package, origin, footprint, owner, dice),
    }
    corner = {"x": package.length / 2, "y": package.width / 2, "z": 0.8}
    bounds = {"min": {"x": -corner["x"], "y": -corner["y"], "z": 0}, "max": corner}
    return {"success": True, "code": 0, "result": result | {"_objMetadata": {"bounds": bounds}}}


def _symbol(pins: list[int], dice: random.Random) -> list[str]:
    half = (len(pins) + 1) // 2
    top = 300 - 5 * half
    shapes = [f"R~350~{top - 10}~2~2~100~{10 * half + 10}~#880000~1~0~none~gge1~0~"]
    shapes.append(f"E~355~{top - 5}~1.5~1.5~#880000~1~0~#880000~gge2~0")
    for pin in pins:
        left, y = pin <= half, top + 10 * ((pin - 1) % half)
        x, turn, step, name = (340, 180, "10", 353.7) if left else (460, 0, "-10", 446.3)
        signal = f"{dice.choice(_SIGNALS)}{dice.choice(('', '', pin))}"
        colour = {"VCC": "#FF0000", "VDD": "#FF0000", "GND": "#000000"}.get(signal, "#880000")
        text = "#0000FF" if colour == "#880000" else colour
        ends = ("start", "end") if left else ("end", "start")
        tip = 350 if left else 450
        arrow = tip + 3 if left else tip - 3
        shapes.append(
            f"P~show~0~{pin}~{x}~{y}~{turn}~gge{pin + 4}~0^^{x}~{y}^^M{x},{y}h{step}~{colour}"
            f"^^1~{name}~{y + 4}~0~{signal}~{ends[0]}~~~{text}"
            f"^^1~{tip - 0.5 if left else tip + 0.5}~{y - 1}~0~{pin}~{ends[1]}~~~{text}"
            f"^^0~{tip - 3 if left else tip + 3}~{y}^^0~M {tip} {y + 3 if left else y - 3}"
            f" L {arrow} {y} L {tip} {y - 3 if left else y + 3}"
        )
    return shapes


def _package(
    package: Package,
    origin: tuple[float, float],
    identifier: str,
    owner: dict[str, Any],
    dice: random.Random,
) -> dict[str, Any]:
    x, y = (_number(value) for value in origin)
    height = f"H{dice.randrange(5, 30) / 10}"
    model, link = _hex(dice), f"https://item.szlcsc.com/{dice.randrange(400_000)}.html"
    # The drawings of one package differ in where its markings and outlines are.
    slack = dice.randrange(5, 30) / 100
    drawing = _Drawing(package, origin, slack, f"{package.title}-{height}", model)
    head = {
        "docType": "4",
        "editorVersion": f"6.5.{dice.randrange(52)}",
        "c_para": {
            "package": package.title,
            "pre": f"{package.prefix}?",
            "Contributor": "lcsc",
            "link": link,
            "3DModel": f"{package.title}-{height}",
        },
        "hasIdFlag": True,
        "x": origin[0] if origin[0] % 1 else int(origin[0]),
        "y": origin[1] if origin[1] % 1 else int(origin[1]),
        "utime": dice.randrange(1_650_000_000, 1_770_000_000),
        "uuid": identifier,
        "importFlag": 0,
        "transformList": "",
        "newgId": True,
        "uuid_3d": model,
    }
    return {
        "uuid": identifier,
        "title": package.title,
        "docType": 4,
        "updateTime": dice.randrange(1_650_000_000, 1_770_000_000),
        "owner": owner,
        "datastrid": _hex(dice),
        "writable": False,
        "dataStr": {
            "head": head,
            "canvas": "CA~1000~1000~#000000~yes~#FFFFFF~10~1000~1000~line~0.5~mm~1~45~visible"
            f"~0.5~{x}~{y}~0~yes",
            "shape": drawing.shapes(),
            "layers": _LAYERS,
            "objects": _OBJECTS,
            "BBox": {"x": 3993.7, "y": 2990.1, "width": 15, "height": 21.2},
            "netColors": [],
        },
    }


class _Drawing:
    """A footprint's shapes, millimetres turned into EasyEDA's units round its origin."""

    def __init__(
        self, package: Package, origin: tuple[float, float], slack: float, title: str, model: str
    ) -> None:
        self._package, self._origin, self._slack = package, origin, slack
        self._title, self._model = title, model
        self._count = 0

    def shapes(self) -> list[str]:
        x, y = self._package.length / 2, self._package.width / 2
        silk = (x + self._slack, y + self._slack)
        box = [(-silk[0], -silk[1]), (silk[0], -silk[1]), silk, (-silk[0], silk[1])]
        lines = [self._pad(land) for land in self._package.lands]
        for first, second in zip(box, [*box[1:], box[0]], strict=True):
            lines.append(f"TRACK~1~3~~{self._coarse(first)} {self._coarse(second)}~{self._id()}~0")
        lines.append(f"CIRCLE~{self._at(-silk[0] - 0.4, silk[1])}~0.591~1.1811~3~{self._id()}~0~~")
        lines.append(f"CIRCLE~{self._at(-x, y)}~0.118~0.2362~101~{self._id()}~0~~")
        lines.append(self._region(99, -x, -y, x, y))
        for land in self._package.lands:
            half = min(land.width, land.height) / 2
            bounds = (land.x - half, land.y - half, land.x + half, land.y + half)
            lines.append(self._region(100, *bounds))
            if self._slack > 0.25:
                lines.append(self._region(5, *bounds))
        return [*lines, self._outline(x, y)]

    def _id(self) -> str:
        self._count += 1
        return f"gge{self._count}"

    def _at(self, x: float, y: float, separator: str = "~") -> str:
        return separator.join(
            _number(start + value / UNIT_MM)
            for start, value in zip(self._origin, (x, y), strict=True)
        )

    def _coarse(self, point: tuple[float, float]) -> str:
        x, y = (start + value / UNIT_MM for start, value in zip(self._origin, point, strict=True))
        return f"{_number(x, 3)} {_number(y, 3)}"

    def _pad(self, land: Land) -> str:
        shape, through = self._package.shape, land.drill > 0
        x, y, corners = land.width / 2, land.height / 2, ""
        if shape == "RECT":
            points = ((-x, -y), (x, -y), (x, y), (-x, y))
            corners = " ".join(self._at(land.x + dx, land.y + dy, " ") for dx, dy in points)
        size = f"{_number(land.width / UNIT_MM)}~{_number(land.height / UNIT_MM)}"
        return (
            f"PAD~{shape}~{self._at(land.x, land.y)}~{size}~{11 if through else 1}~~{land.number}"
            f"~{_number(land.drill / 2 / UNIT_MM)}~{corners}~0~{self._id()}~0~~Y~0~0~0.2"
            f"~{self._at(land.x, land.y, ',')}"
        )

    def _region(self, layer: int, left: float, top: float, right: float, bottom: float) -> str:
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        path = " L ".join(self._at(x, y, " ") for x, y in corners)
        return f"SOLIDREGION~{layer}~~M {path} Z~solid~{self._id()}~~~~0"

    def _outline(self, x: float, y: float) -> str:
        corners = ((-x, -y), (x, -y), (x, y), (-x, y), (-x, -y))
        attributes = {
            "c_width": _number(2 * x / UNIT_MM),
            "c_height": _number(2 * y / UNIT_MM),
            "c_rotation": "0,0,0",
            "z": "0",
            "c_origin": self._at(0, 0, ","),
            "uuid": self._model,
            "c_etype": "outline3D",
            "id": "g1_outline",
            "title": self._title,
            "layerid": "19",
            "transform": "scale(1) translate(0, 0)",
        }
        line = {
            "fill": "none",
            "id": "g1_outline_line0",
            "c_shapetype": "line",
            "points": " ".join(self._at(*corner, " ") for corner in corners),
        }
        child = {"gId": "g1_outline_line0", "nodeName": "polyline", "nodeType": 1, "attrs": line}
        node = {"gId": "g1_outline", "nodeName": "g", "nodeType": 1, "layerid": "19"}
        node |= {"attrs": attributes, "childNodes": [child]}
        return "SVGNODE~" + json.dumps(node, separators=(",", ":"))


def _number(value: float, places: int = 4) -> str:
    return f"{value:.{places}f}".rstrip("0").rstrip(".") if value else "0"


def _hex(dice: random.Random) -> str:
    return f"{dice.getrandbits(128):032x}"


def test_an_answer_is_converted_with_all_its_pads() -> None:
    from components.cad.footprint.convert import convert
    from components.cad.footprint.reader import read

    for package, answer in zip(packages(), list(answers())[::3], strict=True):
        back = read(convert(answer).kicad_mod)
        assert back.name == package.title
        assert len(back.pads) == len(package.lands)
        assert back.properties["Manufacturer"] in _MAKERS


def test_answers_are_the_same_every_time() -> None:
    assert list(answers()) == list(answers())
