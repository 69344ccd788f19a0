"""Coaxial connectors."""

from __future__ import annotations

from components.families.columns import nominal, rating, word
from components.families.model import Family

FAMILY = Family(
    name="rf_connector",
    title="Coaxial connectors",
    categories=("Coaxial Connectors (RF)",),
    former=("RF Connectors / Coaxial Connectors",),
    columns=(
        word("series", "Series", "Rf series", identifies=True),
        word("gender", "Gender", "Interface"),
        nominal("impedance_ohm", "Impedance", "Impedance", band=(0.1, 1000000.0)),
        rating(
            "max_frequency_hz",
            "Highest frequency",
            "Frequency",
            "Frequency-max",
            band=(1000.0, 1000000000000.0),
        ),
    ),
)
