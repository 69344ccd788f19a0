"""Ferrite beads, by their impedance at the stated frequency."""

from __future__ import annotations

from components.families.model import Family, Upstream, real
from components.families.parse.describe import single_rating
from components.families.parse.ratings import at_least, at_most, only, within

# Zero is a value: jumpers are sold in the shape of beads.
impedance = only("Ω", zero=True)

dc_resistance = within(at_most("Ω"), 0, 50)  # above it, the prefix is wrong

FAMILY = Family(
    name="ferrite_bead",
    title="Ferrite beads",
    upstream=Upstream(("filter",), ("Ferrite Beads",)),
    package_prefixes=("FB", "L"),
    misfiled=("Common Mode Filters",),
    columns=(
        real(
            "impedance_ohm",
            "Impedance at the stated frequency, mostly 100 MHz",
            "Impedance @ Frequency",
            parse=impedance,
            describe=single_rating(impedance, "Ω", "Hz"),
            required=True,
        ),
        real(
            "current_rating_a",
            "Rated current",
            "Rated Current",
            "Current Rating",
            parse=at_least("A"),
            describe=single_rating(at_least("A"), "A"),
        ),
        real(
            "dc_resistance_ohm",
            "DC resistance",
            "DC Resistance (DCR)",
            parse=dc_resistance,
            describe=single_rating(dc_resistance, "Ω"),
        ),
    ),
)
