"""Inductors: power inductors, chip inductors, and adjustable or wired ones."""

from __future__ import annotations

from components.families.columns import bounded, cost, deviation, nominal, rating
from components.families.model import Column, Family
from components.families.parse.letters import inductor_letter

FAMILY = Family(
    name="inductor",
    title="Inductors",
    categories=(
        "Color Ring Inductors / Through Hole Inductors",
        "Inductors (SMD)",
        "Power Inductors",
    ),
    former=(
        "Adjustable Inductors",
        "Through Hole Inductors",
    ),
    package_prefixes=("L",),
    columns=(
        *bounded(
            nominal(
                "inductance_h",
                "Nominal inductance",
                "Inductance",
                "Inductance @ frequency",
                owns="H",
                required=True,
                band=(1e-11, 100.0),
            ),
            "tolerance_pct",
        ),
        deviation(of="H"),
        rating(
            "max_current_a", "Rated current", "Rated Current", "Current Rating", band=(1e-4, 1e3)
        ),
        cost(
            "dc_resistance_ohm",
            "Winding resistance",
            "DC Resistance (DCR)",
            owns="Ω",
            # Outside, the prefix is wrong: 44 µΩ.
            band=(5e-5, 10e3),
        ),
        rating(
            "saturation_current_a",
            "Current at which the inductance has dropped",
            "Current - Saturation(Isat)",
            "Saturation Current (Isat)",
            band=(1e-4, 1e3),
        ),
        rating(
            "self_resonant_frequency_hz",
            "Self-resonant frequency",
            "Frequency - self resonant",
            "Self resonant frequency",
            owns="Hz",
            band=(1e3, 1e12),
        ),
        Column("tolerance_source", "text", "STATED, or PART_NUMBER where its letter tells"),
    ),
    letter=inductor_letter,
)
