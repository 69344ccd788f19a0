"""Capacitors with polarity: aluminium, polymer, tantalum and niobium electrolytics."""

from __future__ import annotations

from components.families.columns import (
    bounded,
    classified,
    cost,
    deviation,
    guaranteed,
    nominal,
    rating,
)
from components.families.model import Family, fold

_TYPES = {
    "hybrid": "HYBRID",
    "polymer": "POLYMER",
    "solid": "POLYMER",
    "tantalum": "TANTALUM",
    "niobium": "NIOBIUM",
    "aluminum": "ALUMINUM",
    "horntype": "ALUMINUM",
}


def capacitor_type(category: str) -> str | None:
    """What a category's capacitors are made of."""
    folded = fold(category)
    return next((code for word, code in _TYPES.items() if word in folded), None)


FAMILY = Family(
    name="capacitor_polarized",
    title="Polarized capacitors",
    categories=(
        "Aluminum Electrolytic Capacitors (Can - Screw Terminals)",
        "Aluminum Electrolytic Capacitors - Leaded",
        "Aluminum Electrolytic Capacitors - SMD",
        "Horn-Type Electrolytic Capacitors",
        "Hybrid Aluminum Electrolytic Capacitors",
        "Niobium Oxide Capacitors",
        "Polymer Aluminum Capacitors",
        "Tantalum Capacitors",
    ),
    former=(
        "horn-type electrolytic capacitor",
        "Solid Capacitors",
        "Solid Polymer Electrolytic Capacitor",
    ),
    package_prefixes=("C",),
    columns=(
        *bounded(
            nominal(
                "capacitance_f",
                "Nominal capacitance",
                "Capacitance",
                owns="F",
                required=True,
                band=(1e-12, 1e4),
            ),
            "tolerance_pct",
        ),
        deviation(of="F"),
        rating("max_voltage_v", "Rated voltage", "Voltage Rated", owns="V", band=(0.5, 2e3)),
        cost(
            "esr_ohm",
            "Equivalent series resistance at the stated frequency",
            "ESR (Equivalent Series Resistance)",
            "Esr",
            band=(1e-4, 1e4),
            owns="Ω@Hz",
        ),
        rating(
            "ripple_current_a",
            "Ripple current at the stated frequency",
            "Ripple current",
            "Rated ripple curren",
            band=(1e-4, 1e3),
            owns="A@Hz",
        ),
        guaranteed(
            "lifetime_s",
            "Endurance at the stated temperature",
            "Lifetime",
            "Lifetime @ temperature",
            "Load life",
            band=(3.6e5, 3.6e9),
        ),
        classified(
            "capacitor_type", "ALUMINUM, POLYMER, HYBRID, TANTALUM or NIOBIUM", capacitor_type
        ),
    ),
)
