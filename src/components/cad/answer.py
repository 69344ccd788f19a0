"""What a converter needs of an answer of EasyEDA's component endpoint.

The answer is ``{"success", "code", "result"}``; ``result`` alone is taken as well, since that is
what some clients keep. Nothing in it is trusted to be there, or to be of the right type.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import orjson

from components.cad import effort
from components.cad.numbers import number
from components.cad.shapes import Point
from components.cad.text import printable
from components.core.errors import CadError

# More than the largest of real packages needs (a few thousand), less than an attack wants.
SHAPES_MAX = 50_000


class Identity(NamedTuple):
    """Which part an answer is of."""

    lcsc: str  # `C2040`, or empty
    manufacturer: str
    manufacturer_part: str
    datasheet: str  # an http(s) address
    description: str
    prefix: str  # of the designator, as `R?`


class Answer(NamedTuple):
    name: str  # of the footprint
    origin: Point  # EasyEDA units
    shapes: list[Any]  # strings, unless the answer is damaged
    lcsc: str  # `C2040`, or empty
    manufacturer: str
    manufacturer_part: str
    datasheet: str  # an http(s) address
    description: str
    pins: tuple[str, ...] | None  # numbers of the symbol's pins; None: there is no symbol
    prefix: str  # of the designator, as `R?`


def read_answer(answer: object, lcsc_id: int | None = None) -> Answer:
    """Read a decoded answer or its JSON text.

    Raises :class:`CadError` for JSON that is none, a part without CAD data, or another part
    than ``lcsc_id``: EasyEDA's search answers with similar ones.
    """
    effort.begin()
    result = result_of(answer)
    package = mapping(result.get("packageDetail"))
    data = mapping(package.get("dataStr"))
    shapes = data.get("shape")
    if not isinstance(shapes, list) or not shapes:
        raise CadError("the answer holds no footprint (packageDetail.dataStr.shape)")
    if len(shapes) > SHAPES_MAX:
        raise CadError(f"the footprint has {len(shapes)} shapes, {SHAPES_MAX} at most")
    head = mapping(data.get("head"))
    part = identity(result, lcsc_id)
    parameters = mapping(head.get("c_para"))
    title = line(package.get("title")) or line(parameters.get("package")) or part.lcsc
    return Answer(
        name=title or "footprint",
        origin=origin_of(head, data.get("canvas"), "footprint"),
        shapes=shapes,
        lcsc=part.lcsc,
        manufacturer=part.manufacturer,
        manufacturer_part=part.manufacturer_part,
        datasheet=part.datasheet,
        description=part.description,
        pins=_pins(result),
        prefix=part.prefix,
    )


def identity(result: dict[str, Any], lcsc_id: int | None) -> Identity:
    """Which part a result is of. Raises :class:`CadError` where it is another than ``lcsc_id``."""
    symbol = mapping(mapping(mapping(result.get("dataStr")).get("head")).get("c_para"))
    package = mapping(mapping(result.get("packageDetail")).get("dataStr"))
    parameters = mapping(mapping(package.get("head")).get("c_para"))
    lcsc = lcsc_of(result, symbol)
    if lcsc_id is not None and lcsc != f"C{lcsc_id}":
        raise CadError(f"the answer is of {lcsc or 'an unnamed part'}, not of C{lcsc_id}")
    return Identity(
        lcsc=lcsc,
        manufacturer=line(symbol.get("Manufacturer") or symbol.get("BOM_Manufacturer")),
        manufacturer_part=line(
            symbol.get("Manufacturer Part")
            or symbol.get("BOM_Manufacturer Part")
            or result.get("title")
        ),
        datasheet=datasheet_of(lcsc, result, symbol, parameters.get("link")),
        description=line(result.get("description")),
        prefix=line(symbol.get("pre") or parameters.get("pre")),
    )


def result_of(answer: object) -> dict[str, Any]:
    """What an answer says of its part. Raises :class:`CadError` where it says nothing."""
    if isinstance(answer, bytes | bytearray | str):
        try:
            answer = orjson.loads(answer)
        except orjson.JSONDecodeError as error:
            raise CadError(f"the answer is not JSON: {error}") from None
    if not isinstance(answer, dict):
        raise CadError("the answer is not a JSON object")
    if "packageDetail" in answer:
        return answer
    if answer.get("success") is False:
        raise CadError(f"EasyEDA has no CAD data of this part (code {answer.get('code')!r})")
    result = answer.get("result")
    if not isinstance(result, dict):
        raise CadError("the answer holds no result")
    return result


def mapping(value: object) -> dict[str, Any]:
    """An object of the answer; empty where there is none."""
    return value if isinstance(value, dict) else {}


def line(value: object) -> str:
    """A field as one line of text without control characters and half surrogate pairs."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    return " ".join(printable(str(value)).split())


def lcsc_of(result: dict[str, Any], symbol: dict[str, Any]) -> str:
    for value in (
        mapping(result.get("lcsc")).get("number"),
        mapping(result.get("szlcsc")).get("number"),
        symbol.get("Supplier Part"),
    ):
        if isinstance(value, str) and re.fullmatch(r"C[0-9]{1,12}", value.strip()):
            return value.strip()
    return ""


def origin_of(head: dict[str, Any], canvas: object, what: str) -> Point:
    """``head.x, head.y``, or the same numbers from the canvas, where the head has none."""
    x, y = head.get("x"), head.get("y")
    if x in (None, "") or y in (None, ""):
        fields = canvas.split("~") if isinstance(canvas, str) else []
        x, y = fields[16:18] if len(fields) >= 18 else (None, None)
    if not isinstance(x, str | int | float) or not isinstance(y, str | int | float):
        raise CadError(f"the {what} has no origin (head.x, head.y)")
    return number(str(x)), number(str(y))


def datasheet_of(lcsc: str, result: dict[str, Any], symbol: dict[str, Any], link: object) -> str:
    """The part's own datasheet.

    The footprint's ``link`` is that of the part whose drawing the footprint was made from: it
    serves where it names this part, or where nothing else is known.
    """
    own = [mapping(result.get("lcsc")).get("pdf"), symbol.get("link"), symbol.get("Datasheet")]
    drawing = line(link)
    if re.search(rf"[/_]{lcsc}[_.]", drawing) or not lcsc:
        own.append(drawing)
    for value in own:
        text = line(value)
        if re.match(r"https?://[^\s/]", text):
            return text
    return f"https://www.lcsc.com/datasheet/{lcsc}.pdf" if lcsc else ""


def _pins(result: dict[str, Any]) -> tuple[str, ...] | None:
    """Numbers of the symbol's pins, those of its further units included."""
    units = [result, *(unit for unit in result.get("subparts") or () if isinstance(unit, dict))]
    pins: list[str] = []
    for unit in units:
        shapes = mapping(unit.get("dataStr")).get("shape")
        for shape in shapes if isinstance(shapes, list) else ():
            if isinstance(shape, str) and shape.startswith("P~"):
                pins.append(_pin(shape))
    return tuple(pins) if pins else None


def _pin(shape: str) -> str:
    # The number that is shown is the one that EasyEDA matches with the pads; the other field
    # holds the position in the simulation model.
    parts = shape.split("^^", 5)
    shown = parts[4].split("~", 5) if len(parts) > 4 else []
    fields = parts[0].split("~", 4)
    return (shown[4] if len(shown) > 4 else fields[3] if len(fields) > 3 else "").strip()


def _example(**result: object) -> dict[str, Any]:
    package = {"title": "R0402", "dataStr": {"head": {"x": 4000, "y": "3000.5"}, "shape": ["HOLE"]}}
    return {"success": True, "result": {"packageDetail": package, **result}}


def test_another_part_is_refused() -> None:
    import pytest

    answer = _example(lcsc={"number": "C25744"})
    assert read_answer(answer, 25744).lcsc == "C25744"
    assert read_answer(answer).origin == (4000.0, 3000.5)
    for other in (answer, _example()):
        with pytest.raises(CadError, match="not of C257"):
            read_answer(other, 257)


def test_what_holds_no_footprint_is_refused() -> None:
    import pytest

    for text, message in (
        (b"<html>", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"success": false, "code": 404}', "no CAD data"),
        (b'{"success": true, "result": null}', "holds no result"),
        (b'{"result": {"packageDetail": {"dataStr": {"shape": "PAD"}}}}', "holds no footprint"),
        (b'{"result": {"packageDetail": {"dataStr": {"shape": [1]}}}}', "no origin"),
    ):
        with pytest.raises(CadError, match=message):
            read_answer(text)


def test_the_number_shown_is_the_pin() -> None:
    pin = "P~show~0~3~1~2~0~g^^1~2^^M 1 2^^1~1~2~0~VCC~end^^1~1~2~0~A7~end~^^0~1~2"
    assert _pin(pin) == "A7"
    assert _pin("P~show~0~3~1") == "3"
    unit = {"dataStr": {"shape": [pin, "R~1"]}}
    assert read_answer(_example(subparts=[unit, 5], dataStr=unit["dataStr"])).pins == ("A7", "A7")


def test_fields_become_one_clean_line() -> None:
    answer = _example(title="a\tb\ud800", lcsc={"pdf": "javascript:x", "number": 5})
    read = read_answer(answer)
    assert (read.manufacturer_part, read.datasheet, read.lcsc) == ("a b?", "", "")


def test_a_datasheet_of_another_part_is_not_this_parts() -> None:
    def datasheet(link: str, lcsc: str = "C2040") -> str:
        return datasheet_of(lcsc, {}, {}, link)

    assert datasheet("https://x/20210621/C2040_96F4.pdf") == "https://x/20210621/C2040_96F4.pdf"
    other = "https://x/20210621/C391443_7283.pdf"
    assert datasheet(other) == "https://www.lcsc.com/datasheet/C2040.pdf"
    assert datasheet(other, "") == other
    assert datasheet("item 5", "") == ""
