"""Varistors."""

from __future__ import annotations

from components.families.columns import cost, nominal, rating
from components.families.model import Family
from components.families.parse.special import middle_voltage

FAMILY = Family(
    name="varistor",
    title="Varistors",
    categories=("Varistors",),
    columns=(
        nominal(
            "varistor_voltage_v",
            "Varistor voltage",
            "Varistor voltage",
            identifies=True,
            band=(1.0, 100000.0),
            parse=middle_voltage,
        ),
        rating(
            "max_dc_voltage_v",
            "Highest dc voltage",
            "Maximum dc volts",
            "Allowable voltage (dc)",
            band=(0.1, 1000000.0),
        ),
        rating(
            "max_ac_voltage_v",
            "Highest ac voltage",
            "Maximum ac volts",
            "Allowable voltage (ac)",
            band=(0.1, 1000000.0),
        ),
        cost("clamping_voltage_v", "Clamping voltage", "Clamping voltage", band=(0.5, 100000.0)),
        rating("surge_current_a", "Surge current", "Peak current", band=(0.01, 1000000.0)),
        rating("energy_j", "Energy", "Energy", "Maximum energy", band=(1e-05, 1000000.0)),
    ),
)
