"""Tactile switches."""

from __future__ import annotations

from components.families.columns import nominal, word
from components.families.model import Family
from components.families.shared_columns import CIRCUITS, mounting, rated_current

FAMILY = Family(
    name="tactile_switch",
    title="Tactile switches",
    categories=("Tactile Switches",),
    former=("Electromechanical Switches",),
    columns=(
        nominal("length_mm", "Length", "Length", "Switch length", band=(0.1, 500.0)),
        nominal("width_mm", "Width", "Width", "Switch width", band=(0.1, 500.0)),
        nominal(
            "height_mm", "Height", "Switch height", "Height", identifies=True, band=(0.05, 500.0)
        ),
        nominal(
            "operating_force_n",
            "Operating force",
            "Operating force",
            "Pressforce",
            band=(0.05, 500.0),
        ),
        word("circuit", "Circuit", "Circuit", words=CIRCUITS),
        mounting(),
        rated_current("Contact current"),
    ),
)
