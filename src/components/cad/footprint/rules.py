"""A footprint's pads against the rules that KiCad's design rule check has by default.

What the source draws closer than a rule allows stays as it is and is named, so that whoever places
the part knows before the check says so. Limits: KiCad 9, Board Setup, Design Rules, Constraints and
the net class "Default".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from components.cad.footprint.cuts import CUT
from components.cad.footprint.items import THROUGH, UNPLATED, Graphic, PadItem, ZoneItem, along
from components.cad.footprint.solids import Solid, gap, hole_of, near_pairs, solid_of
from components.cad.geometry import box_of
from components.cad.report import Report

CLEARANCE_MM = 0.2
HOLE_CLEARANCE_MM = 0.25
HOLE_TO_HOLE_MM = 0.25
HOLE_MM = 0.3
ANNULAR_MM = 0.1
EDGE_CLEARANCE_MM = 0.5
REACH_MM = 0.25
# What KiCad forgives (ADVANCED_CFG, DRCEpsilon).
ROUNDING_MM = 0.0005
# Pairs named in a warning; all are counted.
NAMED = 4


class Breach(NamedTuple):
    """One place where a rule is not kept."""

    rule: str  # KiCad's name of the check
    mm: float
    limit_mm: float
    between: tuple[str, ...]  # pad numbers


def check(
    pads: Sequence[PadItem], drawn: Sequence[Graphic | ZoneItem], report: Report
) -> list[dict[str, Any]]:
    """Breaches by rule, for the report; pads that touch another number's are also warned of.

    ``drawn`` tells where the board ends.
    """
    breaches = [*_alone(pads), *_pairs(pads), *_edges(pads, drawn)]
    shorts = [breach for breach in breaches if breach.rule == "shorting_items"]
    if shorts:
        named = sorted({" and ".join(breach.between) for breach in shorts})
        more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
        report.doubt(f"pads of different numbers touch: {'; '.join(named[:NAMED])}{more}")
    return summary(breaches)


def summary(breaches: Sequence[Breach]) -> list[dict[str, Any]]:
    """For each rule how often, how far, and where first it is not kept."""
    counts = Counter(breach.rule for breach in breaches)
    found = []
    for rule in sorted(counts):
        worst = min((breach for breach in breaches if breach.rule == rule), key=lambda b: b[1:])
        found.append(
            {
                "rule": rule,
                "count": counts[rule],
                "least_mm": round(max(worst.mm, 0.0), 4),
                "limit_mm": worst.limit_mm,
                "at": list(worst.between),
            }
        )
    return found


def _alone(pads: Sequence[PadItem]) -> Iterator[Breach]:
    for pad in pads:
        if pad.drill is None:
            continue
        name = (pad.number,)
        if min(pad.drill) < HOLE_MM - ROUNDING_MM:
            yield Breach("drill_out_of_range", min(pad.drill), HOLE_MM, name)
        if pad.kind == THROUGH and pad.form != "custom":
            ring = min(pad.size[0] - pad.drill[0], pad.size[1] - pad.drill[1]) / 2
            # KiCad has no check for a ring that is not there; the pad is warned of by itself.
            if 0 < ring < ANNULAR_MM - ROUNDING_MM:
                yield Breach("annular_width", ring, ANNULAR_MM, name)


def _pairs(pads: Sequence[PadItem]) -> Iterator[Breach]:
    solids = [hole_of(pad) if pad.kind == UNPLATED else solid_of(pad) for pad in pads]
    for i, j in near_pairs([solid.box for solid in solids], REACH_MM):
        a, b = pads[i], pads[j]
        if a.drill and b.drill:
            apart = gap(hole_of(a), hole_of(b))
            if -ROUNDING_MM < apart < HOLE_TO_HOLE_MM - ROUNDING_MM:
                yield Breach("hole_to_hole", apart, HOLE_TO_HOLE_MM, (a.number, b.number))
        if (a.number == b.number and a.number) or not _share_a_layer(a, b):
            continue
        yield from _strangers(a, solids[i], b, solids[j])


def _strangers(a: PadItem, solid_a: Solid, b: PadItem, solid_b: Solid) -> Iterator[Breach]:
    """Two pads of different nets."""
    names = (a.number, b.number)
    for pad, other, copper in ((a, b, solid_b), (b, a, solid_a)):
        if pad.drill and other.kind != UNPLATED:
            apart = gap(hole_of(pad), copper)
            if apart < HOLE_CLEARANCE_MM - ROUNDING_MM:
                yield Breach("hole_clearance", apart, HOLE_CLEARANCE_MM, names)
    if UNPLATED in (a.kind, b.kind):
        return
    apart = gap(solid_a, solid_b)
    openings = a.mask_margin + b.mask_margin
    if apart - openings < -ROUNDING_MM and _masked(a, b):
        yield Breach("solder_mask_bridge", apart - openings, 0.0, names)
    if apart <= 0 and a.number and b.number:
        yield Breach("shorting_items", apart, CLEARANCE_MM, names)
    elif apart < CLEARANCE_MM - ROUNDING_MM:
        yield Breach("clearance", apart, CLEARANCE_MM, names)


def _masked(a: PadItem, b: PadItem) -> bool:
    """Whether both are open in one mask."""

    def open_in(pad: PadItem) -> set[str]:
        masks = {name for name in pad.layers if name.endswith(".Mask")}
        return {"F.Mask", "B.Mask"} if "*.Mask" in masks else masks

    return bool(open_in(a) & open_in(b))


def _edges(pads: Sequence[PadItem], drawn: Sequence[Graphic | ZoneItem]) -> Iterator[Breach]:
    """Copper against the cutouts that the footprint makes."""
    cuts = [
        Solid((a, b), 0.0, box_of((a, b)))
        for item in drawn
        if not isinstance(item, ZoneItem) and item.layer == CUT
        for a, b in pairwise(along(item))
    ]
    if not cuts:
        return
    for pad in pads:
        if pad.kind == UNPLATED:
            continue
        solid = solid_of(pad)
        apart = min(gap(solid, cut) for cut in cuts)
        if apart < EDGE_CLEARANCE_MM - ROUNDING_MM:
            yield Breach("copper_edge_clearance", apart, EDGE_CLEARANCE_MM, (pad.number,))


def _share_a_layer(a: PadItem, b: PadItem) -> bool:
    return bool(a.drill or b.drill or set(a.layers) & set(b.layers) & {"F.Cu", "B.Cu"})


def _pad(number: str, x: float, **changes: Any) -> PadItem:
    layers = ("F.Cu", "F.Mask")
    return PadItem(number, "smd", "rect", (x, 0.0), (1.0, 1.0), 0, layers)._replace(**changes)


def test_close_pads_are_named_and_touching_ones_warned_of() -> None:
    report = Report()
    pads = [_pad("1", 0.0), _pad("2", 1.15), _pad("2", 2.2), _pad("3", 3.0), _pad("", 4.5)]
    found = {each["rule"]: each for each in check(pads, [], report)}
    assert found["clearance"] == {
        "rule": "clearance",
        "count": 1,
        "least_mm": 0.15,
        "limit_mm": 0.2,
        "at": ["1", "2"],
    }
    assert found["shorting_items"]["at"] == ["2", "3"]
    assert report.warnings == ["pads of different numbers touch: 2 and 3"]
    assert check([_pad("1", 0.0), _pad("2", 0.0, layers=("B.Cu",))], [], report) == []


def test_holes_are_held_against_copper_and_each_other() -> None:
    hole = _pad("", 0.0, kind=UNPLATED, form="circle", drill=(1.0, 1.0))
    lead = _pad("1", 1.2, kind=THROUGH, form="circle", drill=(0.9, 0.9))
    rules = {each["rule"]: each["least_mm"] for each in check([hole, lead], [], Report())}
    assert rules == {"annular_width": 0.05, "hole_clearance": 0.2}
    lead = lead._replace(at=(1.0, 0.0), drill=(0.6, 0.6))
    rules = {each["rule"]: each["least_mm"] for each in check([hole, lead], [], Report())}
    assert rules == {"hole_clearance": 0.0, "hole_to_hole": 0.2}
    assert [each["rule"] for each in check([lead._replace(drill=(0.2, 0.2))], [], Report())] == [
        "drill_out_of_range"
    ]


def test_cutouts_keep_away_from_copper() -> None:
    from components.cad.footprint.items import CircleItem

    hole = CircleItem((2.0, 0.0), 1.2, CUT, 0.05)
    (found,) = check([_pad("1", 0.0), _pad("2", 9.0)], [hole], Report())
    assert (found["rule"], found["at"]) == ("copper_edge_clearance", ["1"])
    assert abs(found["least_mm"] - 0.3) < 0.002
