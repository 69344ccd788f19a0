"""A part's symbol and footprint in KiCad's own libraries."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

from components.kicad_names.headers import header
from components.kicad_names.packages import names
from components.kicad_names.tables import ROWS, Row

HEADERS = "pin_header"


class Drawing(NamedTuple):
    """Names as ``Library:Name``; no footprint is the empty text."""

    symbol: str
    footprint: str


@functools.cache
def families_drawn() -> tuple[str, ...]:
    """The families that KiCad has symbols for, sorted."""
    return tuple(sorted({row.family for row in ROWS} | {HEADERS}))


@functools.cache
def _rows(family: str) -> tuple[Row, ...]:
    return tuple(row for row in ROWS if row.family == family)


def drawing(family: str, values: Mapping[str, Any]) -> Drawing | None:
    """How KiCad draws a part, given its row of the pick table; None where that is not certain."""
    if family == HEADERS:
        found = header(values)
        return Drawing(found.symbol, found.footprint) if found else None
    package = values["package"]
    for row in _rows(family):
        if any(values[column] not in wanted for column, wanted in row.where.items()):
            continue
        # All names that are known must mean the same land pattern.
        footprints = {row.footprints[name] for name in names(package) if name in row.footprints}
        if len(footprints) == 1:
            return Drawing(row.symbol, footprints.pop())
        if not footprints and row.else_where(package):
            return Drawing(row.symbol, "")
    return None


def test_a_part_is_drawn_by_its_family_and_package() -> None:
    mosfet = {"channel_type": "N_CHANNEL", "element_count": 1, "configuration": None}
    pair = {"diode_type": "SWITCHING", "element_count": 2, "configuration": "COMMON_CATHODE"}
    tvs = {"polarity": "BIDIRECTIONAL", "line_count": None}
    for family, values, wanted in (
        ("resistor", {"package": "0402"}, ("Device:R", "Resistor_SMD:R_0402_1005Metric")),
        ("resistor", {"package": "插件,D9xL12mm"}, ("Device:R", "")),
        ("resistor", {"package": "TO-263-2"}, None),
        ("mosfet", {"package": "SOT-23(TO-236)", **mosfet},
         ("Transistor_FET:Q_NMOS_GSD", "Package_TO_SOT_SMD:SOT-23")),
        ("mosfet", {"package": "TO-252(DPAK)", **mosfet},
         ("Transistor_FET:Q_NMOS_GDS", "Package_TO_SOT_SMD:TO-252-2")),
        ("mosfet", {"package": "TO-92", **mosfet}, None),
        ("mosfet", {"package": "SOT-23", **mosfet, "element_count": None}, None),
        ("diode", {"package": "SOT-23", **pair},
         ("Device:D_Dual_CommonCathode_AAK_Parallel", "Package_TO_SOT_SMD:SOT-23")),
        ("diode", {"package": "SOT-23", **pair, "configuration": "SERIES"}, None),
        ("tvs", {"package": "SMB(DO-214AA)", **tvs}, ("Device:D_TVS", "Diode_SMD:D_SMB")),
        ("tvs", {"package": "SMB(DO-214AC)", **tvs}, None),
        ("tvs", {"package": "SMB", "polarity": None, "line_count": 1}, None),
        ("crystal", {"package": "SMD3225-4P"},
         ("Device:Crystal_GND24", "Crystal:Crystal_SMD_3225-4Pin_3.2x2.5mm")),
        ("crystal", {"package": "MC-306"}, None),
        ("opamp", {"package": "SOIC-8"}, None),
    ):  # fmt: skip
        found = drawing(family, values)
        assert found == (wanted and Drawing(*wanted)), (family, values)
