"""Potentiometers and trimmers."""

from __future__ import annotations

from components.families.columns import bounded, deviation, nominal, ppm_cost, rating, whole
from components.families.model import Family

FAMILY = Family(
    name="potentiometer",
    title="Potentiometers and trimmers",
    categories=("Potentiometers, Variable Resistors",),
    former=("Variable Resistors/Potentiometers",),
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
        deviation("Tolerance", of="Ω"),
        rating("max_power_w", "Power dissipation", "Power(Watts)", band=(0.0001, 100000.0)),
        whole("turn_count", "Number of turns", "Number of turns", "Turns"),
        ppm_cost(
            "tempco_ppm", "Largest temperature coefficient, per kelvin", "Temperature coefficient"
        ),
    ),
)
