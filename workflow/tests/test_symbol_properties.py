"""Any mixture of valid shapes becomes a symbol that reads back; any damage is a named error."""

from __future__ import annotations

import math
import os
import re
from typing import Any
from xml.etree import ElementTree

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.cad.sexpr import Node, children, parse
from components.cad.symbol.convert import Converted, assemble, convert
from components.core.errors import CadError
from components.testing.cad import BODY, any_json, pin, symbol_answer

EXAMPLES = int(os.environ.get("COMPONENTS_EXAMPLES", "150"))
relaxed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
coordinates = st.floats(0, 1000, allow_nan=False).map("{:.4f}".format)
lengths = st.floats(0.01, 200, allow_nan=False).map("{:.4f}".format)
labels = st.one_of(
    st.sampled_from(["", "1", "A1B12", "VCC", "A/B", '"', "\\", "é µ", "()", "~{A}", "电源"]),
    st.text(st.characters(exclude_characters="~^", exclude_categories=["C", "Z"]), max_size=6),
)
fills = st.sampled_from(["none", "#880000", "#EFEFEF", "", "red"])
pins = st.builds(
    pin,
    labels,
    st.floats(0, 1000).map(lambda value: round(value, 2)),
    st.floats(0, 1000).map(lambda value: round(value, 2)),
    st.sampled_from([0, 90, 180, 270]),
    labels,
    kind=st.sampled_from(["", 0, 1, 2, 3, 4, 9]),
    dot=st.sampled_from([0, 1]),
    clock=st.sampled_from([0, 1]),
    shows=st.sampled_from([0, 1]),
)
point_lists = st.lists(st.tuples(coordinates, coordinates).map(" ".join), max_size=6).map(" ".join)
paths = st.builds(
    "M {} {} A {} {} 0 {} {} {} {}".format,
    *[coordinates] * 2,
    *[lengths] * 2,
    *[st.sampled_from("01")] * 2,
    *[coordinates] * 2,
)
drawings = st.one_of(
    st.builds(
        "R~{}~{}~{}~~{}~{}~#880000~1~0~{}~g".format, *[coordinates] * 2, *[lengths] * 3, fills
    ),
    st.builds("E~{}~{}~{}~{}~#880000~1~0~{}~g".format, *[coordinates] * 2, *[lengths] * 2, fills),
    st.builds("{}~{}~#880000~1~0~{}~g".format, st.sampled_from(["PL", "PG"]), point_lists, fills),
    st.builds("A~{}~~#880000~1~0~{}~g".format, paths, fills),
    st.builds("PT~{}~#880000~1~0~{}~g".format, paths, fills),
    st.builds(
        "T~L~{}~{}~90~#00F~~{}pt~~~middle~comment~{}~1~end~g".format,
        *[coordinates] * 2,
        lengths,
        labels,
    ),
)
# A pin may be called `nan`: names and numbers are texts, quoted in a symbol.
QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
WORDS = re.compile(r' data-(?:name|pin)="[^"]*"|>[^<]*<')
ODD = re.compile(r"[ (\"=](nan|inf|-inf)[ )\"]")


def is_finite(converted: Converted) -> bool:
    """Whether no number of the symbol, nor of its picture, is none."""
    symbol = QUOTED.sub("", converted.kicad_sym.decode())
    return not ODD.search(symbol) and not ODD.search(WORDS.sub("", converted.svg.decode()))


def pins_of(data: bytes) -> list[Node]:
    (symbol,) = children(parse(data.decode()), "symbol")
    return [pin for unit in children(symbol, "symbol") for pin in children(unit, "pin")]


@relaxed
@given(st.lists(pins, min_size=1, max_size=6), st.lists(drawings, max_size=6))
def test_any_mixture_reads_back_with_the_same_pins(own: list[str], drawn: list[str]) -> None:
    answer = symbol_answer(*own, *drawn)
    converted = convert(answer)
    assert converted == convert(answer)
    assert is_finite(converted)
    ElementTree.fromstring(converted.svg)
    meant = list(assemble(answer).symbol.pins)
    found = pins_of(converted.kicad_sym)
    assert len(found) == len(meant) == len(own)
    for node, item in zip(found, meant, strict=True):
        assert node[1:3] == [item.electrical, item.style]
        x, y, angle = map(float, children(node, "at")[0][1:])
        assert math.dist((x, y), item.at) < 2e-6 and angle == item.angle_deg
        assert children(node, "number")[0][1] == item.number
        assert children(node, "name")[0][1] == (item.name or "~")
        on_grid = all(abs(v / 1.27 - round(v / 1.27)) < 1e-5 for v in (x, y))
        named = item.number or item.name or "?"
        assert on_grid or named in converted.report["pins_off_grid"]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    shape = draw(st.one_of(pins, drawings))
    junk = draw(
        st.one_of(
            st.sampled_from(["nan", "inf", "1e999", "", "~", "^^", "1_0", "--1", "\0", "M"]),
            st.text(max_size=5),
        )
    )
    place = draw(st.integers(0, len(shape)))
    fields = shape.split("~")
    index = place % len(fields)
    how = draw(st.sampled_from(["field", "cut", "insert", "drop"]))
    if how == "field":
        return "~".join([*fields[:index], junk, *fields[index + 1 :]])
    if how == "cut":
        return shape[:place]
    if how == "insert":
        return shape[:place] + junk + shape[place:]
    return "~".join([*fields[:index], *fields[index + 1 :]])


@settings(relaxed, max_examples=4 * EXAMPLES)
@given(st.lists(damaged(), min_size=1, max_size=3))
def test_damage_is_a_named_error_or_harmless(shapes: list[str]) -> None:
    try:
        converted = convert(symbol_answer(BODY, pin("1", 360, 280), *shapes))
    except CadError as error:
        assert str(error) and "\n" not in str(error)
        return
    assert is_finite(converted)
    for node in pins_of(converted.kicad_sym):
        assert all(map(math.isfinite, map(float, children(node, "at")[0][1:])))


@relaxed
@given(any_json("result", "dataStr", "shape", "head", "x", "y", "subparts", "packageDetail"))
def test_any_answer_is_converted_or_refused(answer: Any) -> None:
    import pytest

    with pytest.raises(CadError) as caught:
        convert(answer)
    assert "\n" not in str(caught.value)
