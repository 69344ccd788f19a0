"""Inductors of one winding: power, chip and through hole."""

from __future__ import annotations

from functools import partial

from components.families.model import Family, Upstream, bounded, real
from components.families.parse.describe import single_rating, single_tolerance
from components.families.parse.ratings import at_least, at_most, only, within
from components.families.parse.tolerance import tolerance

winding_resistance = within(at_most("Ω"), 0, 10e3)  # above it, the prefix is wrong

FAMILY = Family(
    name="inductor",
    title="Inductors",
    upstream=Upstream(
        ("inductor",),
        (
            "Adjustable Inductors",
            "Color Ring Inductors / Through Hole Inductors",
            "Inductors (SMD)",
            "Power Inductors",
            "Through Hole Inductors",
        ),
    ),
    package_prefixes=("L",),
    misfiled=(
        "Common Mode Filters",
        "Ferrite Beads",
    ),
    columns=(
        *bounded(
            real(
                "inductance_h",
                "Nominal inductance",
                "Inductance",
                "Inductance @ frequency",
                parse=only("H"),
                describe=single_rating(only("H"), "H"),
                required=True,
            ),
            "tolerance_pct",
        ),
        real(
            "tolerance_pct",
            "Largest deviation from nominal",
            "Tolerance",
            parse=partial(tolerance, unit="H"),
            describe=single_tolerance("H"),
        ),
        real(
            "max_current_a",
            "Rated current",
            "Rated Current",
            "Current Rating",
            parse=at_least("A"),
        ),
        real(
            "dc_resistance_ohm",
            "Winding resistance",
            "DC Resistance (DCR)",
            parse=winding_resistance,
            describe=single_rating(winding_resistance, "Ω"),
        ),
        real(
            "saturation_current_a",
            "Current at which the inductance has dropped",
            "Current - Saturation(Isat)",
            "Saturation Current (Isat)",
            parse=at_least("A"),
        ),
        real(
            "self_resonant_frequency_hz",
            "Self-resonant frequency",
            "Frequency - self resonant",
            "Self resonant frequency",
            parse=at_least("Hz"),
            describe=single_rating(at_least("Hz"), "Hz"),
        ),
    ),
)
