"""A part's value as people write it in a schematic: ``10k``, ``100nF``, ``16MHz``, ``Red``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from components.families import family_named
from components.families.model import Column
from components.kicad_names.headers import header

_PREFIXES = {-12: "p", -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}
VALUES = {
    "resistor": ("resistance_ohm", ""),
    "resistor_network": ("resistance_ohm", ""),
    "thermistor": ("resistance_25c_ohm", ""),
    "ferrite_bead": ("impedance_ohm", ""),
    "capacitor": ("capacitance_f", "F"),
    "capacitor_polarized": ("capacitance_f", "F"),
    "inductor": ("inductance_h", "H"),
    "crystal": ("frequency_hz", "Hz"),
    "fuse": ("rated_current_a", "A"),
    "resettable_fuse": ("hold_current_a", "A"),
    "varistor": ("varistor_voltage_v", "V"),
}
"""By family the column that is its value; the value of the others is the part number."""
SHOWN_MAX = 6


def engineering(number: float, unit: str) -> str:
    """``number`` with the prefix that leaves 1 to 999 before it.

    >>> engineering(4700.0, ""), engineering(1e-7, "F"), engineering(0.02, ""), engineering(0.0, "")
    ('4.7k', '100nF', '20mR', '0R')
    """
    exponent = 0
    if number:
        exponent = 3 * math.floor(math.log10(abs(float(f"{number:.6g}"))) / 3)
        exponent = min(max(exponent, -12), 12)
    digits = f"{number / 10.0**exponent:.6g}"
    prefix = _PREFIXES[exponent]
    # Ohms are written without their sign, below a thousand with an R.
    return f"{digits}{prefix}{unit or ('R' if exponent <= 0 else '')}"


def value_text(family: str, values: Mapping[str, Any], part_number: str) -> str:
    """The value of a part, given its row of the pick table."""
    if family in VALUES:
        column, unit = VALUES[family]
        number = values.get(column)
        return part_number if number is None else engineering(number, unit)
    if family == "led" and values.get("color_code"):
        return str(values["color_code"]).replace("_", " ").capitalize()
    if family == "pin_header" and (found := header(values)):
        return found.size
    return part_number


def parameters_text(family: str, values: Mapping[str, Any]) -> str:
    """The first known parameters of a part in short: ``10k ±1% 62.5mW 50V``."""
    shown = []
    columns = family_named(family).columns
    hidden = {bound for c in columns for bound in (c.minimum_column, c.maximum_column)}
    for column in columns:
        value = values.get(column.name)
        if value is None or column.name in hidden or column.name.endswith("_source"):
            continue
        if text := _shown(column, value):
            shown.append(text)
    return " ".join(shown[:SHOWN_MAX])


def _shown(column: Column, value: Any) -> str:
    if isinstance(value, str):
        return value.replace("_", " ").lower() if not value.isupper() or "_" in value else value
    if column.unit == "%":
        return f"±{value:g}%"
    if column.unit in ("ppm", "°", "℃", "mm"):
        return f"{value:g}{column.unit}"
    if column.unit in ("Ω", "F", "H", "Hz", "V", "A", "W", "s"):
        return engineering(value, "" if column.unit == "Ω" else column.unit)
    return ""


def test_values_are_written_as_people_do() -> None:
    for number, unit, wanted in (
        (10e3, "", "10k"), (999.9999999, "", "1k"), (1e6, "", "1M"), (100.0, "", "100R"),
        (4.99e3, "", "4.99k"), (4.7e-6, "F", "4.7uF"), (2.2e-11, "F", "22pF"),
        (32768.0, "Hz", "32.768kHz"), (16e6, "Hz", "16MHz"), (1e-3, "", "1mR"),
        (5e-14, "F", "0.05pF"),
    ):  # fmt: skip
        assert engineering(number, unit) == wanted


def test_a_part_without_a_value_is_called_by_its_number() -> None:
    assert value_text("resistor", {"resistance_ohm": None}, "X1") == "X1"
    assert value_text("opamp", {}, "LM358") == "LM358"
    assert value_text("led", {"color_code": "YELLOW_GREEN"}, "X") == "Yellow green"


def test_parameters_leave_out_bounds() -> None:
    row = {
        "resistance_ohm": 1e4, "resistance_min_ohm": 9.9e3, "tolerance_pct": 1.0,
        "max_power_w": 0.0625, "max_voltage_v": None, "tempco_ppm": 100.0,
    }  # fmt: skip
    assert parameters_text("resistor", row) == "10k ±1% 62.5mW 100ppm"


def test_every_value_is_a_column() -> None:
    for family, (column, _) in VALUES.items():
        assert family_named(family).column(column).name == column
