"""Answers for tests: every kind of shape that EasyEDA draws, and how it can be spelled."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

NODE = "SVGNODE~" + json.dumps(
    {
        "gId": "gge1",
        "nodeName": "g",
        "nodeType": 1,
        "layerid": "19",
        "attrs": {
            "c_width": "20",
            "c_height": "10",
            "c_rotation": "0,0,90",
            "z": "-10",
            "c_origin": "4005,3000",
            "uuid": "0123456789abcdef0123456789abcdef",
            "c_etype": "outline3D",
            "title": "MODEL~1",
        },
        "childNodes": [
            {"nodeName": "polyline", "attrs": {"points": "3995 2995 4015 2995 4015 3005 3995 3005"}}
        ],
    }
)

CURIOUS = (
    "PAD~RECT~4000~3000~10~20~1~~1~0~~0~gge1~0~~Y~0~0~0.2~4000,3000",
    "PAD~ELLIPSE~4000~3000~10~20~2~~A(1)~0~~33.5~gge1~0~~Y~0~-393.7~0.2~4000,3000",
    "PAD~ELLIPSE~3990~3000~10~10~11~~~2~~0~gge1~0~~N~0~0~0~4000,3000",
    'PAD~OVAL~4000~3000~10~20~11~~"x\\y"~2~4000 2995 4000 3005~270~gge1~14~4005 3000 3995 3000~Y',
    "PAD~OVAL~4000~3000~20~20~11~~GND~2~~0~gge1~14~4000 3000 4004 3004~Y~0~0~0.2",
    "PAD~RECT~4000~3000~30~30~11~~1E20~2~~15~gge1~14.0000~4000 3000 4004 3004~Y~0~0~0.2",
    "PAD~OVAL~4000~3000~40~30~11~~3~2~~0~gge1~14.0000~4000 3000 4004 3004~N~0~0~0.2",
    "PAD~RECT~4000~3000~10~20~11~~0~0~~0~gge1~0~~Y~0~0~0.2",
    "PAD~RECT~4000~3000~10~20~1~~4~0~~90~gge1~0.0000~~Y~0~-0.5~-1000~4000,3000",
    "PAD~POLYGON~4000~3000~20~20~1~~17~0~3990 2990 3990 2990 4010 2990 4010 2994 3994 2994 3994 "
    "3006 4010 3006 4010 3010 3990 3010 3990 2990~270~gge1~0~~Y~0~-393.7~0.2~4000,3000",
    "PAD~POLYGON~4000~3000~20~20~11~~18~3~3990,2990,4010,2990,4000,3020~0~gge1~0~~Y~0~0~0.2",
    "HOLE~4000~3000~5~gge1~0",
    "VIA~4000~3000~7~~2~gge1~0",
    "TRACK~1~3~~4000 3000 4010 3000 4010 3000 4010 3010~gge1~0",
    "TRACK~0.6~1~~3980 3000 3990 3000~gge1~0",
    "TRACK~1~10~~3980 2980 4020 2980 4020 3020~gge1~0",
    "TRACK~1~3~~4000 3000 4000 3000~gge1~0",
    "CIRCLE~4000~3000~5~1~3~gge1~0~~",
    "CIRCLE~4000~3000~0~1~3~gge1~0~~",
    "CIRCLE~4000~3000~5~1~7~gge1~0~~",
    "CIRCLE~4000~3000~5~1~22~gge1~0~~",
    "ARC~1~3~~M3985.8,2985.7 A37.565,37.565 0 0 1 3981.7,3022.2~~gge1~0",
    "ARC~1~4~~M 3998 3004 A 4 4 0 1 0 3998 2996~~gge1~0",
    "ARC~1~3~~M 3996 3000 A 4 4 0 1 1 4004 3000 A 4 4 0 1 1 3996 3000~~gge1~0",
    "ARC~1~3~~M 3996 3000 A 4 4 0 1 0 3996 3000~~gge1~0",
    "RECT~3990~2990~20~10~3~gge1~0~1~none~~~",
    "RECT~3990~2990~20~10~5~gge1~0~1~#f00~~~",
    "RECT~3990~2990~20~10~10~gge1~0~1~none~~~",
    "SOLIDREGION~100~~M 3990 2990 L 3991 2990 L 3991 2991 Z~solid~gge1~~~~0",
    "SOLIDREGION~99~~M 3990 2990 L 4010 2990 L 4010 3010 L 3990 3010 Z~solid~gge1~~~~0",
    "SOLIDREGION~5~~M3990 3019.5L3993 3010A3.5 3.5 0 0 1 4000 3010Z~solid~gge1~~~~0",
    "SOLIDREGION~3~~M 3990 2990 H 4010 V 3010 H 3990 Z M 3995 2995 H 4005 V 3005 H 3995 Z~solid~g",
    "SOLIDREGION~1~~M 4030 3000 L 4040 3000 L 4040 3010 Z~solid~gge1~~~~0",
    "SOLIDREGION~1~~M 4030 3000 L 4040 3000 L 4040 3010 Z~cutout~gge1~~~~0",
    "SOLIDREGION~11~~M 4000 2990 A 10 10 0 0 1 4010 3000 L 4000 3000 Z~npth~gge82~~~~0",
    "COPPERAREA~1~2~GND~M 3990 2990 L 4010 2990 L 4010 3010 Z~5~solid~gge1~spoke~none~[]~0",
    'TEXT~L~4000~3000~0.8~90~0~3~~8~A"\\(é) 1~M 0 0 L 1 1~~gge1~~0~pinpart',
    "TEXT~L~4000~3000~0.8~0~0~4~~8~back~M 0 0 L 1 1~~gge1~~0~pinpart",
    "TEXT~P~4000~3000~0.8~0~0~3~~8~U?~M 0 0 L 1 1~~gge1~~0~pinpart",
    "TEXT~L~4000~3000~0.8~0~0~3~~8~hidden~M 0 0 L 1 1~none~gge1~~0~pinpart",
    NODE,
    "SVGNODE~"
    + json.dumps({"nodeType": 1, "layerid": "3", "attrs": {"d": "M4000 3000h9v9z m1 1h2v2z"}}),
    "PROTRACTOR~1~2~3",
)


def answer_of(*shapes: str, **package: Any) -> dict[str, Any]:
    """An answer with these shapes, and a pad ``P`` far enough from them not to be touched."""
    anchor = "PAD~RECT~4100~3100~10~10~1~~P~0~~0~gge0~0~~Y~0~0~0.2~4100,3100"
    head = {"x": 4000, "y": 3000, "c_para": {"package": "CURIOUS"}}
    return {
        "success": True,
        "result": {
            "title": 'PART "1"',
            "lcsc": {"number": "C1"},
            "dataStr": {"head": {"c_para": {"Manufacturer Part": 'MP-1 "µ"', "Manufacturer": "M"}}},
            "packageDetail": {
                "title": 'CURIOUS: a/b "c"',
                "dataStr": {"head": head, "shape": [anchor, *shapes]},
                **package,
            },
        },
    }


def pin(
    number: str, x: float, y: float, rotation: int = 180, name: str = "", **fields: object
) -> str:
    """A symbol's pin whose line runs 10 units from its connection at ``x y`` to the body.

    ``fields``: ``kind`` (0 to 4), ``dot`` and ``clock`` (0 or 1), ``shows`` (of its name, 0 or 1).
    """
    dx, dy = {0: (-10, 0), 90: (0, 10), 180: (10, 0), 270: (0, -10)}[rotation]
    dot, clock = fields.get("dot", 0), fields.get("clock", 0)
    return (
        f"P~show~{fields.get('kind', 0)}~9~{x:g}~{y:g}~{rotation}~gge~0^^{x:g}~{y:g}"
        f"^^M {x:g} {y:g} L {x + dx:g} {y + dy:g}~#880000"
        f"^^{fields.get('shows', 1)}~{x:g}~{y:g}~0~{name}~start~~~#00F"
        f"^^1~{x:g}~{y:g}~0~{number}~end~~~#00F"
        f"^^{dot}~{x + 1.3 * dx:g}~{y + 1.3 * dy:g}^^{clock}~M 0 0"
    )


BODY = "R~370~270~2~2~60~60~#880000~1~0~none~gge2~0~"


def symbol_answer(
    *shapes: str,
    units: list[list[str]] | None = None,
    prefix: str = "U?",
    pads: tuple[str, ...] = (),
) -> dict[str, Any]:
    """An answer whose symbol has these shapes, by default a body with the pins ``1`` and ``P``.

    ``units`` are those of its subparts; ``pads`` are the numbers of further pads.
    """
    drawn = shapes or (BODY, pin("1", 360, 280, name="IN"), pin("P", 440, 280, 0, name="OUT"))
    extra = [
        f"PAD~RECT~{4200 + 20 * place}~3000~10~10~1~~{number}~0~~0~gge~0~~Y~0~0~0.2"
        for place, number in enumerate(pads or ("1",))
    ]
    answer = answer_of(*extra)
    data = answer["result"]["dataStr"]
    data["head"] |= {"x": 400, "y": 300}
    data["head"]["c_para"]["pre"] = prefix
    data["shape"] = list(drawn)
    if units is not None:
        answer["result"]["subparts"] = [
            {"dataStr": {"head": {"x": 400, "y": 300}, "shape": unit}} for unit in units
        ]
    return answer


def any_json(*keys: str) -> SearchStrategy[Any]:
    """For property tests: any nesting of JSON whose objects have some of ``keys``."""
    from hypothesis import strategies as st

    return st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(keys), inner, max_size=5)
        ),
        max_leaves=12,
    )
