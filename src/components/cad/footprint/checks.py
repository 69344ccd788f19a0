"""What is checked of a footprint as a whole, and what its pads tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.cad.footprint.items import SMD, THROUGH, Item, PadItem, PolygonItem
from components.cad.footprint.solids import holds, solid_of
from components.cad.geometry import signed_area


def attribute(pads: Sequence[PadItem]) -> str:
    """``smd`` or ``through_hole``, as most of the pads that are soldered.

    Vias, and drilled pads within a surface pad of the same number, join no leads.
    """
    surface = [pad for pad in pads if pad.kind == SMD and not pad.drawn]
    drilled = [
        pad
        for pad in pads
        if pad.kind == THROUGH
        and not pad.via
        and not any(
            other.number == pad.number and holds(solid_of(other), pad.at) for other in surface
        )
    ]
    return "smd" if surface and len(surface) >= len(drilled) else "through_hole"


def pad_facts(
    pads: Sequence[PadItem], drawn: Sequence[Item], pins: tuple[str, ...] | None
) -> dict[str, Any]:
    """Counts of pads, pads against the symbol's pins, and whether paste is as it was drawn."""
    numbers = {pad.number for pad in pads if pad.number}
    missing = sorted(set(pins) - numbers) if pins is not None else []
    extra = sorted(numbers - set(pins)) if pins is not None else []
    kinds = [pad.kind for pad in pads]
    return {
        "pads": len(pads),
        "pads_by_kind": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
        "symbol_pins": len(set(pins)) if pins is not None else None,
        "pins_without_pad": missing,
        "pads_without_pin": extra,
        "paste": paste(pads, drawn),
    }


def paste(pads: Sequence[PadItem], drawn: Sequence[Item]) -> str:
    """How the paste stencil was given.

    ``none``: no surface pads; ``pads``: each pad's own opening; ``windows``: pads without paste
    of their own whose openings are drawn; ``missing``: pads without paste and no opening.
    """
    surface = [pad for pad in pads if pad.kind == SMD and not pad.drawn]
    if not surface:
        return "none"
    dry = [pad for pad in surface if not any(x.endswith(".Paste") for x in pad.layers)]
    if not dry:
        return "pads"
    windows = [
        item
        for item in drawn
        if isinstance(item, PolygonItem) and item.layer.endswith(".Paste")
        if abs(signed_area(item.points)) > 0
    ]
    return "windows" if windows else "missing"


def test_the_attribute_follows_what_is_soldered() -> None:
    surface = PadItem("1", SMD, "rect", (0.0, 0.0), (2.0, 2.0), 0, ("F.Cu", "F.Paste"))
    leads = [
        PadItem(str(n), THROUGH, "circle", (9.0 * n, 0.0), (2.0, 2.0), 0, ("*.Cu",), (1.0, 1.0))
        for n in (1, 2)
    ]
    thermal = [leads[0]._replace(at=(0.1 * n, 0.0)) for n in range(4)]
    assert attribute([surface, *thermal]) == "smd"
    assert attribute([surface, *leads]) == "through_hole"
    assert attribute([surface, surface, *leads]) == "smd"
    assert attribute([leads[0]._replace(kind="np_thru_hole")]) == "through_hole"


def test_pads_are_held_against_pins_and_paste() -> None:
    wet = PadItem("1", SMD, "rect", (0.0, 0.0), (2.0, 2.0), 0, ("F.Cu", "F.Paste"))
    dry = wet._replace(number="3", layers=("F.Cu",))
    window = PolygonItem(((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)), "F.Paste", 0.0)
    facts = pad_facts([wet, dry], [], ("1", "2", "2"))
    assert (facts["pins_without_pad"], facts["pads_without_pin"]) == (["2"], ["3"])
    assert (facts["pads"], facts["symbol_pins"]) == (2, 2)
    assert pad_facts([wet], [], None)["symbol_pins"] is None
    found = [paste([wet], []), paste([dry], []), paste([wet, dry], [window]), paste([], [])]
    assert found == ["pads", "missing", "windows", "none"]
