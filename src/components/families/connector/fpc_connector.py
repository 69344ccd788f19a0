"""FFC/FPC connectors and cables."""

from __future__ import annotations

from components.families.columns import nominal, whole, word
from components.families.model import Family
from components.families.shared_columns import mounting, pitch

FAMILY = Family(
    name="fpc_connector",
    title="FFC/FPC connectors and cables",
    categories=(
        "FFC Cable (Flexible Flat Cable)",
        "FFC, FPC (Flat Flexible) Connector Assemblies",
    ),
    former=(
        "FFC/FPC Connect Cables",
        "FFC/FPC Connectors",
    ),
    columns=(
        pitch(identifies=True),
        whole(
            "position_count",
            "Contacts in all",
            "Number of contacts",
            "Number of conductors",
            identifies=True,
        ),
        word("contact_side", "Contact side", "Contact type", otherwise=("Contact location",)),
        word("lock_type", "Lock type", "Locking feature"),
        mounting(),
        nominal("height_mm", "Height", "Height above board", band=(0.05, 500.0)),
        nominal(
            "cable_thickness_mm",
            "Cable thickness",
            "Ffc, fcb thickness",
            "Insert thickness",
            band=(0.01, 10.0),
        ),
    ),
)
