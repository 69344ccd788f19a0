"""Zener diodes."""

from __future__ import annotations

from components.families.columns import banded, cost, nominal, rating
from components.families.model import Family, Part, Value
from components.families.parse.devices import diode_configuration, diode_count
from components.families.parse.packages import has_two_pins
from components.families.shared_columns import configuration, element_count


def _settle(values: dict[str, Value], part: Part) -> str | None:
    """A package of two leads holds one diode, where no text counts them."""
    untold = values["element_count"] is None and "element_count" not in part.contradicted
    if untold and has_two_pins(part.package):
        values["element_count"] = 1.0
    return None


FAMILY = Family(
    name="zener",
    title="Zener diodes",
    categories=("Zener Diodes",),
    columns=(
        *banded(
            nominal(
                "zener_voltage_v",
                "Zener voltage",
                "Zener voltage (nom)",
                identifies=True,
                band=(0.5, 1000.0),
            ),
            "Zener voltage (range)",
            identifies=True,
        ),
        rating(
            "max_power_w",
            "Power dissipation",
            "Power Dissipation (Pd)",
            "Power dissipation",
            band=(0.0001, 100000.0),
        ),
        cost(
            "zener_impedance_ohm",
            "Zener impedance",
            "Zener impedance (zzt)",
            band=(0.001, 1000000.0),
        ),
        cost(
            "reverse_leakage_current_a",
            "Reverse leakage current",
            "Reverse Leakage Current (Ir)",
            band=(1e-12, 1.0),
        ),
        element_count("Diode configuration", parse=diode_count),
        configuration(
            "INDEPENDENT, COMMON_ANODE …", "Diode configuration", parse=diode_configuration
        ),
    ),
    settle=_settle,
)
