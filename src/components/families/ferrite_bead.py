"""Ferrite beads, by their impedance at the stated frequency."""

from __future__ import annotations

from components.families.model import Family, Upstream, real
from components.families.parse.ratings import at_least, at_most, only

FAMILY = Family(
    name="ferrite_bead",
    title="Ferrite beads",
    upstream=Upstream(("filter",), ("Ferrite Beads",)),
    package_prefixes=("FB", "L"),
    columns=(
        real(
            "impedance_ohm",
            "Impedance at the stated frequency, mostly 100 MHz",
            "Impedance @ Frequency",
            parse=only("Ω"),
            required=True,
        ),
        real(
            "current_rating_a",
            "Rated current",
            "Rated Current",
            "Current Rating",
            parse=at_least("A"),
        ),
        real(
            "dc_resistance_ohm",
            "DC resistance",
            "DC Resistance (DCR)",
            parse=at_most("Ω"),
        ),
    ),
)
