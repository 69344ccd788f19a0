"""What a symbol is made of: the part, and the shapes of each of its units."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from components.cad import effort
from components.cad.answer import (
    SHAPES_MAX,
    Identity,
    identity,
    line,
    mapping,
    origin_of,
    result_of,
)
from components.cad.shapes import Point
from components.cad.symbol.shapes import pin_number
from components.core.errors import CadError

# KiCad counts units by letters; the largest real part has 12.
UNITS_MAX = 400


class Drawing(NamedTuple):
    """The shapes of one unit."""

    origin: Point
    shapes: list[Any]  # strings, unless the answer is damaged


class Source(NamedTuple):
    part: Identity
    value: str  # what people write beside it: `10uH` of a passive part, else the part number
    package: str  # the footprint's title
    tags: str
    units: list[Drawing]
    pads: frozenset[str] | None  # numbers of the footprint's pads; None: there is no footprint
    unplaced: tuple[str, ...]  # numbers of pins that the whole has and no unit


def read_source(answer: object, lcsc_id: int | None = None) -> Source:
    """Read a decoded answer or its JSON text.

    Raises :class:`CadError` for JSON that is none, a part without a symbol, or another part than
    ``lcsc_id``.
    """
    effort.begin()
    result = result_of(answer)
    part = identity(result, lcsc_id)
    units, unplaced = _units(result)
    package = mapping(result.get("packageDetail"))
    tags = result.get("tags")
    own = mapping(mapping(mapping(result.get("dataStr")).get("head")).get("c_para"))
    return Source(
        part=part,
        value=_value(own, part),
        package=line(package.get("title")) or line(own.get("package")),
        tags=", ".join(filter(None, map(line, tags if isinstance(tags, list) else []))),
        units=units,
        pads=_pads(mapping(package.get("dataStr")).get("shape")),
        unplaced=unplaced,
    )


def _value(own: dict[str, Any], part: Identity) -> str:
    has_value = part.prefix.rstrip("?") in ("R", "C", "L", "FB", "Y", "X")
    value = line(own.get("Value")) if has_value else ""
    return value or part.manufacturer_part or line(own.get("name")) or part.lcsc or "symbol"


def _units(result: dict[str, Any]) -> tuple[list[Drawing], tuple[str, ...]]:
    """Of several units the whole repeats shapes, all or some: only they are drawn.

    A pin that the whole alone has would be lost, so that such pins make a unit of their own.
    """
    whole = _drawing(result)
    parts = result.get("subparts")
    units = [
        unit
        for part in (parts if isinstance(parts, list) else ())
        if isinstance(part, dict) and (unit := _drawing(part))
    ]
    if len(units) > UNITS_MAX:
        raise CadError(f"the symbol has {len(units)} units, {UNITS_MAX} at most")
    if not units and whole is None:
        raise CadError("the answer holds no symbol (dataStr.shape)")
    if sum(len(unit.shapes) for unit in [*units, *([whole] if whole else [])]) > SHAPES_MAX:
        raise CadError(f"the symbol has more than {SHAPES_MAX} shapes")
    if not units:
        assert whole is not None
        return [whole], ()
    placed = {number for unit in units for number, _ in _pins(unit.shapes)}
    left = [found for found in _pins(whole.shapes if whole else []) if found[0] not in placed]
    if whole and left:
        units.append(Drawing(whole.origin, [text for _, text in left]))
    return units, tuple(number for number, _ in left)


def _drawing(level: dict[str, Any]) -> Drawing | None:
    data = mapping(level.get("dataStr"))
    shapes = data.get("shape")
    if not isinstance(shapes, list) or not shapes:
        return None
    return Drawing(origin_of(mapping(data.get("head")), data.get("canvas"), "symbol"), shapes)


def _pins(shapes: Iterable[object]) -> list[tuple[str, str]]:
    """Numbers of pins, and the pins."""
    return [
        (pin_number(shape.partition("~")[2].split("^^")), shape)
        for shape in shapes
        if isinstance(shape, str) and shape.startswith("P~")
    ]


def _pads(shapes: object) -> frozenset[str] | None:
    if not isinstance(shapes, list) or not shapes:
        return None
    fields = (
        shape.split("~", 9)
        for shape in shapes
        if isinstance(shape, str) and shape.startswith("PAD~")
    )
    return frozenset(number for f in fields if len(f) > 8 and (number := f[8].strip()))


def _example(pins: str) -> dict[str, Any]:
    shapes = [f"P~show~0~9~1~2~0~g^^1~2^^M 1 2^^1~1~2~0~{n}~end^^1~1~2~0~{n}~end" for n in pins]
    return {"dataStr": {"head": {"x": "0", "y": 0}, "shape": shapes}}


def test_units_stand_for_the_whole_and_lose_no_pin() -> None:
    import pytest

    result = {
        "packageDetail": {},
        **_example("1238"),
        "subparts": [_example("1"), 5, _example("23")],
    }
    source = read_source(result)
    assert [[number for number, _ in _pins(unit.shapes)] for unit in source.units] == [
        *(["1"], ["2", "3"], ["8"])
    ]
    assert (source.unplaced, source.pads) == (("8",), None)
    whole = read_source({**result, "subparts": []})
    assert (len(whole.units), whole.unplaced) == (1, ())
    empty = {"packageDetail": {}, "dataStr": {"shape": []}, "subparts": [_example("1")]}
    assert len(read_source(empty).units) == 1
    with pytest.raises(CadError, match="holds no symbol"):
        read_source({**empty, "subparts": []})
    with pytest.raises(CadError, match="the symbol has no origin"):
        read_source({"packageDetail": {}, "dataStr": {"shape": ["R"]}})
    with pytest.raises(CadError, match="units, 400 at most"):
        read_source({**result, "subparts": [_example("1")] * 401})
