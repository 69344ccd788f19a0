"""Zener diodes."""

from __future__ import annotations

from components.families.columns import banded, cost, nominal, rating, word
from components.families.model import Family

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
        word("configuration", "Configuration", "Diode configuration"),
    ),
)
