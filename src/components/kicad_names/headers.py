"""Pin headers and sockets: KiCad has a symbol and a footprint for each count and pitch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

ROW_MAX = 40
PITCHES = ("1.00", "1.27", "2.00", "2.54")
_PACKAGE = re.compile(r"(?P<mount>插件|弯插),P=(?P<pitch>[0-9.]+)mm")


class Header(NamedTuple):
    """``row_count`` rows of ``length`` contacts."""

    row_count: int
    length: int
    footprint: str

    @property
    def size(self) -> str:
        return f"{self.row_count}x{self.length:02}"

    @property
    def symbol(self) -> str:
        order = "_Odd_Even" if self.row_count == 2 else ""
        return f"Connector_Generic:Conn_{self.row_count:02}x{self.length:02}{order}"


def header(values: Mapping[str, Any]) -> Header | None:
    """The header of a row of the pick table; None where a pin's place is not certain.

    Headers have one or two rows of pins, sockets one row; the package tells how they stand.
    """
    shape = _PACKAGE.fullmatch(values["package"])
    rows, length = values["row_count"], _length(values)
    is_pin = values["gender"] == "PIN_HEADER"
    if shape is None or length is None or not (is_pin or values["gender"] == "SQUARE_HOLE"):
        return None
    pitch = f"{float(shape['pitch']):.2f}"
    upright = shape["mount"] == "插件"
    if pitch not in PITCHES or values["pitch_mm"] != float(pitch):
        return None
    if not (is_pin or (rows == 1 and upright)) or values["mounting"] not in (
        None,
        "THROUGH_HOLE" if upright else "RIGHT_ANGLE",
    ):
        return None
    kind = "PinHeader" if is_pin else "PinSocket"
    name = f"{kind}_{rows}x{length:02}_P{pitch}mm_{'Vertical' if upright else 'Horizontal'}"
    return Header(rows, length, f"Connector_{kind}_{pitch}mm:{name}")


def _length(values: Mapping[str, Any]) -> int | None:
    rows, told, count = (
        values[name] for name in ("row_count", "positions_per_row", "position_count")
    )
    if rows not in (1, 2):
        return None
    found = {int(told)} if told is not None else set()
    if count is not None:
        if count % rows:
            return None
        found.add(int(count / rows))
    # Of length 1 KiCad lacks some symbols and footprints.
    usable = len(found) == 1 and 2 <= min(found) <= ROW_MAX
    return found.pop() if usable else None


def _values(**changes: Any) -> dict[str, Any]:
    return {
        "package": "插件,P=2.54mm", "pitch_mm": 2.54, "row_count": 1, "position_count": None,
        "positions_per_row": 4, "mounting": "THROUGH_HOLE", "gender": "PIN_HEADER",
    } | changes  # fmt: skip


def test_counts_and_pitch_name_a_header() -> None:
    found = header(_values())
    assert found is not None and found.symbol == "Connector_Generic:Conn_01x04"
    assert found.footprint == "Connector_PinHeader_2.54mm:PinHeader_1x04_P2.54mm_Vertical"
    found = header(_values(row_count=2, position_count=6, positions_per_row=None))
    assert found is not None and found.symbol == "Connector_Generic:Conn_02x03_Odd_Even"
    assert found.size == "2x03"


def test_what_is_not_certain_is_no_header() -> None:
    for changes in (
        {"position_count": 5},
        {"row_count": 3},
        {"positions_per_row": 41},
        {"positions_per_row": None},
        {"pitch_mm": 2.0},
        {"mounting": "RIGHT_ANGLE"},
        {"gender": "IDC_HEADER"},
        {"gender": "SQUARE_HOLE", "row_count": 2},
        {"package": "SMD,P=2.54mm"},
        {"row_count": None},
    ):
        assert header(_values(**changes)) is None, changes
