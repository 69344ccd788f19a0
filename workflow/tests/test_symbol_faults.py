"""What other converters of EasyEDA's symbols are known to get wrong, each as it should be."""

from __future__ import annotations

import math
from typing import Any

import pytest

from components.cad.symbol.convert import Parts, assemble, convert
from components.cad.symbol.items import ArcItem, CircleItem, LineItem, RectItem
from components.testing.cad import BODY, pin, symbol_answer
from components.testing.kicad import run_kicad


def made(*shapes: str, **answer: Any) -> Parts:
    return assemble(symbol_answer(*shapes, **answer))


def drawn(*shapes: str) -> list[Any]:
    return made(pin("1", 360, 280), *shapes).symbol.units[0].drawn


def test_units_are_whole_and_share_their_supply_once() -> None:
    """C398355, C569043, C3216634 came out empty; C5423 has a whole and two units."""
    supply = [pin("4", 400, 330, 270, "V-"), pin("8", 400, 250, 90, "V+")]
    first = [pin("1", 440, 280, 0), pin("2", 360, 270), pin("3", 360, 290), *supply]
    second = [pin("7", 440, 280, 0), pin("6", 360, 270), pin("5", 360, 290), *supply]
    parts = made(BODY, *first, *second[:3], units=[[BODY, *first], [BODY, *second]])
    assert [[p.number for p in unit.pins] for unit in parts.symbol.units] == [
        ["1", "2", "3", "4", "8"],
        ["7", "6", "5"],
    ]
    assert parts.report.facts["shared_by_units"] == ["4", "8"]
    empty = symbol_answer(units=[[BODY, *first], [BODY, *second]])
    empty["result"]["dataStr"]["shape"] = []
    assert convert(empty).kicad_sym.count(b"(pin ") == 8
    lone = made(BODY, *first, units=[[BODY, *first[:3]], [BODY, *second[:3]]])
    assert [p.number for p in lone.symbol.units[2].pins] == ["4", "8"]


def test_the_number_is_the_one_shown_and_not_the_simulation_s() -> None:
    """C5446, C2874885: numbers swapped."""
    found = list(made(pin("A7", 360, 280), pin("B", 360, 290)).symbol.pins)
    assert [p.number for p in found] == ["A7", "B"]


def test_arcs_keep_their_side_and_full_circles_stay() -> None:
    """C318884, C93830: missing or reversed; C221907: circles collapse; C90272: a crash."""
    (arc,) = drawn("A~M 390 300 A 10 10 0 0 1 410 300~~#880000~1~0~none~g")
    assert isinstance(arc, ArcItem) and arc.middle[1] > arc.start[1]
    (below,) = drawn("A~M 390 300 A 10 10 0 0 0 410 300~~#880000~1~0~none~g")
    assert isinstance(below, ArcItem) and below.middle[1] < below.start[1]
    (circle,) = drawn("A~M 390 300 A 10 10 0 1 1 410 300 A 10 10 0 1 1 390 300~~#800~1~0~none~g")
    assert isinstance(circle, CircleItem) and math.isclose(circle.radius, 2.54)
    (ellipse,) = drawn("A~M 396 300 A 4 3.9 0 1 1 404 300~~#880000~1~0~none~g")
    assert isinstance(ellipse, LineItem)
    for odd in (
        "M 390 300 A 0 0 0 0 1 410 300",
        "M390,300A10 10 0 01410 300",
        "M 1 1 A 5 5 0 1 1 1 1",
    ):
        made(pin("1", 360, 280), f"A~{odd}~~#880000~1~0~none~g")


def test_filled_triangles_are_filled() -> None:
    """C82544."""
    for shape in ("PG~390 300 396 302 396 298~", "PT~M 390 300 L 396 302 L 396 298 Z~"):
        (triangle,) = drawn(f"{shape}#880000~1~0~#880000~g")
        assert isinstance(triangle, LineItem)
        assert triangle.fill == "outline" and triangle.points[0] == triangle.points[-1]


def test_pins_stand_on_the_grid_or_are_named() -> None:
    """C7420365, C264536."""
    parts = made(pin("1", 363, 282), pin("2", 363, 292), pin("3", 453, 287, 0))
    for p in parts.symbol.pins:
        assert all(math.isclose(v / 1.27, round(v / 1.27), abs_tol=1e-9) for v in p.at)
    assert not parts.report.warnings
    # Two units short of the others: its line grows outward, and its body's end stays.
    parts = made(pin("1", 360, 280), pin("2", 360, 290), pin("3", 362, 300))
    found = list(parts.symbol.pins)
    assert found[2].at[0] == found[0].at[0] and math.isclose(found[2].length, 12 * 0.254)
    assert parts.report.lengthened == ["3"]
    parts = made(pin("1", 360, 280), pin("2", 360, 290), pin("3", 360, 302))
    assert parts.report.document()["confidence"] == "doubtful"
    assert "pin 3 lies off the 50 mil grid" in parts.report.warnings[0]


def test_types_and_styles_are_kept() -> None:
    """All pins unspecified; inverted and clock lost."""
    parts = made(
        pin("1", 360, 280, name="VCC"),
        pin("2", 360, 290, name="CLK", kind=1, clock=1),
        pin("3", 360, 300, name="Q", kind=2, dot=1),
        pin("4", 360, 310, name="IO", kind=3, dot=1, clock=1),
        pin("5", 360, 320, name="D"),
    )
    assert [(p.electrical, p.style) for p in parts.symbol.pins] == [
        ("power_in", "line"),
        ("input", "clock"),
        ("output", "inverted"),
        ("bidirectional", "inverted_clock"),
        ("unspecified", "line"),
    ]
    facts = parts.report.facts
    assert facts["types_told_by_name"] == {"power_in": ["1"]} and facts["types_unknown"] == 1
    passive = made(pin("1", 360, 280), pin("2", 440, 280, 0), prefix="R?")
    assert {p.electrical for p in passive.symbol.pins} == {"passive"}


def test_the_scale_is_ten_mil_a_unit() -> None:
    """C2879827."""
    (body,) = [item for item in drawn(BODY) if isinstance(item, RectItem)]
    assert abs(body.end[0] - body.start[0]) == pytest.approx(60 * 0.254)


def test_pins_that_hide_or_share_a_place_are_named() -> None:
    hidden = pin("1", 360, 280, name="GND").replace("P~show", "P~none", 1)
    parts = made(hidden, pin("2", 360, 290), pin("3", 360, 290))
    assert [warning.partition(":")[0] for warning in parts.report.warnings] == [
        "pin 1 is hidden in the source and shown here",
        "pins 2 and 3 have one place",
    ]
    # KiCad joins hidden supply pins to a net of their name.
    assert b"hide" not in convert(symbol_answer(hidden)).kicad_sym.split(b"(pin ", 1)[1]


def test_any_name_makes_a_library_that_kicad_reads(tmp_path: Any) -> None:
    """C399482: a `/`, or text that is not ASCII, breaks the library."""
    answer = symbol_answer(pin("1/2", 360, 280, name='电源/"A" \\ {x}'), BODY)
    parameters = answer["result"]["dataStr"]["head"]["c_para"]
    parameters["Manufacturer Part"] = 'AB/C:1 {slash} "电"'
    converted = convert(answer)
    assert converted.name == "AB_C_1 _slash_ _电_"
    path = tmp_path / "odd.kicad_sym"
    path.write_bytes(converted.kicad_sym)
    ran = run_kicad(tmp_path, "sym", "export", "svg", "-o", tmp_path / "svg", path)
    assert ran.returncode == 0 and len(list((tmp_path / "svg").iterdir())) == 1
    ran = run_kicad(tmp_path, "sym", "upgrade", "--force", "-o", tmp_path / "new.kicad_sym", path)
    text = (tmp_path / "new.kicad_sym").read_text()
    assert "电源/" in text and "AB/C:1" in text, ran.stdout
