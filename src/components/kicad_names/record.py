"""What KiCad is told of a part, by its HTTP library and its database library alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from components.kicad_names.drawing import Drawing
from components.kicad_names.packages import readable
from components.kicad_names.value import parameters_text, value_text

# Control characters, and the opening of KiCad's text variables: strangers wrote the texts.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_NOT_IN_NAMES = re.compile(r"[^\w.+±%-]+", re.ASCII)


class Record(NamedTuple):
    """A part as KiCad lists it; every text is clean, an unknown one empty."""

    number: str
    """LCSC part number, with its C."""
    name: str
    """What a schematic calls the symbol: begins with the value, ends with the number."""
    value: str
    symbol: str
    footprint: str
    description: str
    datasheet: str
    manufacturer: str
    part_number: str
    stock: int
    price: str
    """Of one piece, in the source's currency."""
    library_type: str
    """``Basic``, ``Preferred`` or ``Extended``, as JLCPCB's assembly has it."""


def record(
    family: str, values: Mapping[str, Any], identity: Mapping[str, Any], drawn: Drawing
) -> Record:
    """The record of a part: its row of the pick table, and manufacturer, part_number and
    datasheet_url of ``identity``.
    """
    number = f"C{values['lcsc_id']}"
    part_number = clean(identity["part_number"])
    value = clean(value_text(family, values, part_number)) or number
    package = readable(clean(values["package"]))
    price = values["unit_price"]
    kind = "Basic" if values["is_basic"] else "Preferred"
    return Record(
        number=number,
        name=_NOT_IN_NAMES.sub("-", f"{value}_{package}_{number}").strip("-"),
        value=value,
        symbol=drawn.symbol,
        footprint=drawn.footprint,
        description=f"{parameters_text(family, values)} {package}".strip(),
        datasheet=_address(identity["datasheet_url"]),
        manufacturer=clean(identity["manufacturer"]),
        part_number=part_number,
        stock=values["stock"],
        price="" if price is None else f"{price:.6g}",
        library_type=kind if values["is_basic"] or values["is_preferred"] else "Extended",
    )


def clean(text: str) -> str:
    """``text`` in one line, without what KiCad would expand."""
    return _CONTROL.sub(" ", text).replace("${", "$ {").replace("@{", "@ {").strip()


def _address(text: str) -> str:
    address = clean(text)
    return address if address.startswith(("https://", "http://")) else ""


def _resistor(**changes: Any) -> dict[str, Any]:
    return {
        "lcsc_id": 25744, "package": "0402", "stock": 5, "is_basic": 1, "is_preferred": 0,
        "unit_price": 0.0005, "resistance_ohm": 1e4, "tolerance_pct": 1.0,
    } | changes  # fmt: skip


def test_a_part_is_told_in_words() -> None:
    identity = {
        "manufacturer": "UNI-ROYAL", "part_number": "0402WGF1002TCE", "datasheet_url": "https://a/b"
    }  # fmt: skip
    drawn = Drawing("Device:R", "Resistor_SMD:R_0402_1005Metric")
    assert record("resistor", _resistor(), identity, drawn) == Record(
        *("C25744", "10k_0402_C25744", "10k", *drawn, "10k ±1% 0402", "https://a/b"),
        *("UNI-ROYAL", "0402WGF1002TCE", 5, "0.0005", "Basic"),
    )
    told = record(
        "resistor",
        _resistor(is_basic=0, unit_price=None, package="插件,D2xL6mm", resistance_ohm=None),
        {"manufacturer": "A\n\x00B", "part_number": "${X}/Y", "datasheet_url": "javascript:1"},
        drawn,
    )
    assert (told.name, told.value) == ("X-Y_THT-D2xL6mm_C25744", "$ {X}/Y")
    assert (told.manufacturer, told.datasheet, told.price) == ("A B", "", "")
    assert told.library_type == "Extended"
