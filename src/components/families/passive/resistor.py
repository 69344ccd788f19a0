"""Resistors of one fixed value: chip, through hole and current sense."""

from __future__ import annotations

from functools import cache

from components.families.columns import bounded, deviation, nominal, ppm_cost, rating
from components.families.model import Family, Part, Value
from components.families.parse.ratings import at_least
from components.families.parse.tolerance import ppm


def settle(values: dict[str, Value], part: Part) -> str | None:
    """A jumper of 0 Ω needs no tolerance: its lowest and highest value are 0 where none is told.

    A rated voltage above the most that a resistor bears for a moment is not its own.
    """
    if values["resistance_ohm"] == 0.0 and values["resistance_min_ohm"] is None:
        values["resistance_min_ohm"] = values["resistance_max_ohm"] = 0.0
    rated = values["max_voltage_v"]
    if isinstance(rated, float) and (text := part.attributes.get("Overload Voltage (Max)")):
        most = _overload(text)
        values["max_voltage_v"] = rated if most is None else min(rated, most)
    return None


_overload = cache(at_least("V"))


FAMILY = Family(
    name="resistor",
    title="Resistors",
    categories=(
        "Aluminum Case/Porcelain Tube Resistance",
        "Chip Resistor - Surface Mount",
        "Current Sense Resistors / Shunt Resistors",
        "Through Hole Resistors",
    ),
    former=(
        "Fusible Chip Resistor",
        "High Precision & Low TCR SMD Resistors",
        "Low Resistors & Current Sense Resistors - Surface Mount",
    ),
    package_prefixes=("R",),
    columns=(
        *bounded(
            # Zero is a value: jumpers are resistors of 0 Ω.
            nominal(
                "resistance_ohm",
                "Nominal resistance",
                "Resistance",
                zero=True,
                owns="Ω",
                required=True,
                band=(0.0, 1e14),
            ),
            "tolerance_pct",
        ),
        deviation(of="Ω"),
        rating("max_power_w", "Rated power", "Power(Watts)", "Power", owns="W", band=(1e-3, 1e5)),
        rating(
            "max_voltage_v",
            "Rated voltage",
            "Voltage-supply(max)",
            "Voltage Rated",
            owns="V",
            # A shunt's output voltage is no rating.
            band=(2.0, 1e6),
        ),
        ppm_cost(
            "tempco_ppm",
            "Largest temperature coefficient, per kelvin",
            "Temperature coefficient",
            word=ppm,
            aliases=("temperature_coefficient",),
        ),
    ),
    settle=settle,
)


def test_a_jumper_needs_no_tolerance() -> None:
    for size, known, settled in ((0.0, None, 0.0), (10.0, None, None), (0.0, 0.05, 0.05)):
        values: dict[str, Value] = {
            "resistance_ohm": size,
            "resistance_min_ohm": known,
            "resistance_max_ohm": known,
            "max_voltage_v": None,
        }
        assert settle(values, Part({}, "", "", "")) is None
        assert values["resistance_max_ohm"] == settled


def test_a_resistor_bears_no_more_than_its_overload_voltage() -> None:
    for rated, overload, kept in (
        (150.0, "100V", 100.0),
        (150.0, "300V", 150.0),
        (150.0, "-", 150.0),
    ):
        values: dict[str, Value] = {
            "resistance_ohm": 10.0, "resistance_min_ohm": None, "max_voltage_v": rated
        }  # fmt: skip
        assert settle(values, Part({"Overload Voltage (Max)": overload}, "", "", "")) is None
        assert values["max_voltage_v"] == kept
