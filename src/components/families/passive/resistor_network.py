"""Resistor arrays."""

from __future__ import annotations

from components.families.columns import bounded, deviation, nominal, ppm_cost, rating, whole
from components.families.model import Family

FAMILY = Family(
    name="resistor_network",
    title="Resistor arrays",
    categories=("Resistor Networks, Arrays",),
    columns=(
        *bounded(
            nominal(
                "resistance_ohm",
                "Resistance",
                "Resistance",
                identifies=True,
                band=(0.0001, 1000000000000.0),
            ),
            "tolerance_pct",
            required=False,
        ),
        whole("element_count", "Number of elements", "Number of resistors", identifies=True),
        whole("pin_count", "Number of pins", "Number of pins"),
        deviation("Tolerance", of="Ω"),
        rating("max_power_w", "Power dissipation", "Power(Watts)", band=(0.0001, 100000.0)),
        ppm_cost(
            "tempco_ppm", "Largest temperature coefficient, per kelvin", "Temperature coefficient"
        ),
    ),
)
