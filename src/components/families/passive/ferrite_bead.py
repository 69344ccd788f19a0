"""Ferrite beads, by their impedance at the stated frequency."""

from __future__ import annotations

from components.families.columns import cost, nominal, rating, whole
from components.families.model import Family

FAMILY = Family(
    name="ferrite_bead",
    title="Ferrite beads",
    categories=("Ferrite Beads",),
    package_prefixes=("FB", "L"),
    columns=(
        # Zero is a value: jumpers are sold in the shape of beads.
        nominal(
            "impedance_ohm",
            "Impedance at the stated frequency, mostly 100 MHz",
            "Impedance @ Frequency",
            zero=True,
            owns="Ω@Hz",
            required=True,
            band=(0.0, 1e5),
        ),
        rating(
            "current_rating_a",
            "Rated current",
            "Rated Current",
            "Current Rating",
            owns="A",
            band=(1e-3, 200.0),
        ),
        # A description's bare ohms may be the impedance: no word of it is certain.
        cost("dc_resistance_ohm", "DC resistance", "DC Resistance (DCR)", band=(0.0, 50.0)),
        whole("circuit_count", "Beads in the package", "Number of circuits", "Circuits"),
    ),
)
