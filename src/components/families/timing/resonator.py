"""Ceramic resonators and filters."""

from __future__ import annotations

from components.families.columns import nominal
from components.families.model import Family

FAMILY = Family(
    name="resonator",
    title="Ceramic resonators and filters",
    categories=(
        "Ceramic Filters",
        "Ceramic Resonators",
        "SAW Resonators",
    ),
    columns=(
        nominal(
            "frequency_hz",
            "Frequency",
            "Frequency",
            "Center frequency",
            "Frequency - center",
            identifies=True,
            band=(0.1, 1000000000000.0),
        ),
    ),
)
