"""Any mixture of valid shapes converts and reads back; any damage is a named error."""

from __future__ import annotations

import math
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.cad.footprint.convert import assemble, convert
from components.cad.footprint.items import PadItem
from components.cad.footprint.reader import read
from components.core.errors import CadError
from components.testing.cad import CURIOUS, answer_of, any_json
from components.testing.extent import sized

pytestmark = pytest.mark.long
EXAMPLES = sized(150, 2000)
relaxed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def spelled(value: float) -> str:
    return f"{value:.4f}"


coordinates = st.floats(3500, 4500, allow_nan=False).map(spelled)
lengths = st.floats(0.01, 200, allow_nan=False).map(spelled)
radii = st.floats(0.01, 50, allow_nan=False).map(spelled)
angles = st.one_of(st.sampled_from(["", "0", "90", "270.0"]), st.floats(-720, 720).map(spelled))
numbers = st.one_of(
    st.sampled_from(["", "1", "A1B12", "0", "1E20", "A(1)", "GND", '"', "\\", "é µ", "()"]),
    st.text(st.characters(exclude_characters="~", exclude_categories=["C", "Z"]), max_size=6),
)
layers = st.sampled_from(
    [
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "10",
        "12",
        "13",
        "14",
        "15",
        "21",
        "99",
        "100",
        "101",
        "x",
    ]
)
expansions = st.sampled_from(["", "0", "0.2000", "-393.7", "-393.7008", "-0.1", "1.5"])


@st.composite
def pads(draw: st.DrawFn) -> str:
    x, y = draw(coordinates), draw(coordinates)
    form = draw(st.sampled_from(["RECT", "ELLIPSE", "OVAL", "POLYGON"]))
    layer = draw(st.sampled_from(["1", "2", "11"]))
    hole = draw(radii) if layer == "11" else draw(st.sampled_from(["0", ""]))
    outline = ""
    if form == "POLYGON":
        # A star about the pad, some of its vertices twice, so that it never crosses itself.
        count = draw(st.integers(3, 9))
        reach = [draw(st.floats(1, 40)) for _ in range(count)]
        vertices = [
            f"{float(x) + r * math.cos(math.tau * i / count):.4f} "
            f"{float(y) + r * math.sin(math.tau * i / count):.4f}"
            for i, r in enumerate(reach)
        ]
        outline = " ".join(vertices + vertices[: draw(st.integers(0, 1))])
    slot = draw(st.one_of(st.sampled_from(["0", "0.0000", ""]), lengths))
    ends = draw(st.one_of(st.just(""), st.tuples(*[coordinates] * 4).map(" ".join)))
    fields = ["PAD", form, x, y, draw(lengths), draw(lengths), layer, "", draw(numbers), hole]
    fields += [outline, draw(angles), "gge1", slot, ends, draw(st.sampled_from(["Y", "N", ""]))]
    return "~".join([*fields, "0", draw(expansions), draw(expansions), f"{x},{y}"])


@st.composite
def paths(draw: st.DrawFn) -> str:
    def at() -> str:
        return draw(st.sampled_from([" ", ","])).join([draw(coordinates), draw(coordinates)])

    parts = [f"M {at()}"]
    for kind in draw(st.lists(st.sampled_from("LAHVQMZ"), max_size=8)):
        if kind in "LM":
            parts.append(f"{kind}{at()}")
        elif kind in "HV":
            parts.append(f"{kind} {draw(coordinates)}")
        elif kind == "Q":
            parts.append(f"Q {at()} {at()}")
        elif kind == "Z":
            parts.append(f"Z M {at()}")
        else:
            flags = f"{draw(st.integers(0, 1))} {draw(st.integers(0, 1))}"
            radius = float(draw(radii))
            other = spelled(radius * draw(st.sampled_from([1, 1, 1.5])))
            parts.append(f"A {spelled(radius)} {other} 0 {flags} {at()}")
    return " ".join(parts)


point_lists = st.lists(st.tuples(coordinates, coordinates).map(" ".join), max_size=6).map(" ".join)
drawings = st.one_of(
    st.builds("TRACK~{}~{}~~{}~gge~0".format, lengths, layers, point_lists),
    st.builds("CIRCLE~{}~{}~{}~{}~{}~g~0~~".format, *[coordinates] * 2, radii, lengths, layers),
    st.builds("ARC~{}~{}~~{}~~gge~0".format, lengths, layers, paths()),
    st.builds("RECT~{}~{}~{}~{}~{}~g~0~1~none".format, *[coordinates] * 2, *[lengths] * 2, layers),
    st.builds(
        "SOLIDREGION~{}~~{}~{}~g~~~~0".format,
        layers,
        paths(),
        st.sampled_from(["solid", "cutout", "npth"]),
    ),
    st.builds("COPPERAREA~1~{}~GND~{}~{}~solid~g".format, layers, paths(), lengths),
    st.builds(
        "TEXT~L~{}~{}~0.8~{}~0~{}~~{}~{}~M 0 0~~g".format,
        *[coordinates] * 2,
        angles,
        layers,
        lengths,
        numbers,
    ),
)
holes = st.builds("HOLE~{}~{}~{}~gge~0".format, coordinates, coordinates, radii)
vias = st.builds("VIA~{}~{}~{}~~{}~gge~0".format, coordinates, coordinates, lengths, radii)
shapes = st.lists(st.one_of(pads(), drawings, holes, vias), max_size=8)


def same(ours: PadItem, back: PadItem) -> bool:
    flat = (*ours.at, *ours.size, *(ours.drill or (0, 0)), ours.mask_margin, ours.paste_margin)
    flat_back = (*back.at, *back.size, *(back.drill or (0, 0)), back.mask_margin, back.paste_margin)
    return (
        (ours.number, ours.kind, ours.form, ours.layers)
        == (back.number, back.kind, back.form, back.layers)
        and all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(flat, flat_back, strict=True))
        and math.isclose(ours.rotation_deg, back.rotation_deg, abs_tol=1e-6)
        and len(ours.outline) == len(back.outline)
        and all(math.dist(a, b) < 2e-6 for a, b in zip(ours.outline, back.outline, strict=True))
    )


def written(pad: PadItem) -> PadItem:
    """What a file keeps: margins only where their layer is."""
    masked = any(layer.endswith(".Mask") for layer in pad.layers)
    pasted = any(layer.endswith(".Paste") for layer in pad.layers)
    return pad._replace(
        mask_margin=pad.mask_margin if masked else 0.0,
        paste_margin=pad.paste_margin if pasted else 0.0,
    )


def by_kiutils(data: bytes) -> Any:
    from kiutils.footprint import Footprint

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "part.kicad_mod"
        path.write_bytes(data)
        return Footprint().from_file(str(path), encoding="utf-8")


@relaxed
@given(shapes)
def test_any_mixture_reads_back_with_the_same_pads(mixture: list[str]) -> None:
    answer = answer_of(*mixture)
    meant = assemble(answer)
    data = convert(answer).kicad_mod
    assert data == convert(answer).kicad_mod
    assert not re.search(rb"[ (](nan|inf|-inf)[ )]", data)
    back = read(data)
    assert len(back.pads) == len(meant.pads)
    for ours, other in zip(meant.pads, back.pads, strict=True):
        assert same(written(ours), other), (ours, other)
    other_reader = by_kiutils(data)
    assert len(other_reader.pads) == len(meant.pads)
    for ours, pad in zip(meant.pads, other_reader.pads, strict=True):
        # kiutils leaves doubled backslashes as they stand in the file.
        number = pad.number.replace("\\\\", "\\")
        assert (number, pad.type, pad.shape) == (ours.number, ours.kind, ours.form)
        assert math.dist((pad.position.X, pad.position.Y), ours.at) < 2e-6
        assert math.dist((pad.size.X, pad.size.Y), ours.size) < 2e-6
        assert tuple(pad.layers) == ours.layers
        drill = pad.drill and (pad.drill.diameter, pad.drill.width or pad.drill.diameter)
        assert math.dist(drill or (0, 0), ours.drill or (0, 0)) < 2e-6


@st.composite
def damaged(draw: st.DrawFn) -> str:
    shape = draw(st.one_of(st.sampled_from(CURIOUS), pads(), drawings, holes, vias))
    junk = draw(
        st.one_of(
            st.sampled_from(
                [
                    "nan",
                    "inf",
                    "-inf",
                    "1e999",
                    "",
                    "~",
                    "~~~~",
                    "1_0",
                    "--1",
                    "0x1",
                    "\0",
                    "M",
                    "1e308",
                ]
            ),
            st.text(max_size=5),
        )
    )
    fields = shape.split("~")
    how = draw(st.sampled_from(["field", "cut", "insert", "drop", "join"]))
    place = draw(st.integers(0, len(shape)))
    if how == "field":
        index = place % len(fields)
        return "~".join([*fields[:index], junk, *fields[index + 1 :]])
    if how == "cut":
        return shape[:place]
    if how == "insert":
        return shape[:place] + junk + shape[place:]
    if how == "drop":
        index = place % len(fields)
        return "~".join([*fields[:index], *fields[index + 1 :]])
    return shape + draw(st.sampled_from(CURIOUS))


@settings(relaxed, max_examples=4 * EXAMPLES)
@given(st.lists(damaged(), min_size=1, max_size=3))
def test_damage_is_a_named_error_or_harmless(shapes: list[str]) -> None:
    try:
        converted = convert(answer_of(*shapes))
    except CadError as error:
        assert str(error)
        assert "\n" not in str(error)
        return
    assert not re.search(rb"[ (](nan|inf|-inf)[ )]", converted.kicad_mod)
    # A pad may be called `nan`: its number is a text.
    drawn = re.sub(rb' data-pad="[^"]*"', b"", converted.svg)
    assert not re.search(rb"[\"= ](nan|inf|-inf)[\" ]", drawn)
    for pad in read(converted.kicad_mod).pads:
        assert all(map(math.isfinite, (*pad.at, *pad.size, pad.rotation_deg)))
        assert min(pad.size) > 0


@relaxed
@given(any_json("result", "packageDetail", "dataStr", "shape", "head", "x", "y", "lcsc", "number"))
def test_any_answer_is_converted_or_refused(answer: Any) -> None:
    import pytest

    with pytest.raises(CadError) as caught:
        convert(answer)
    assert "\n" not in str(caught.value)
