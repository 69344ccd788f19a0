"""Offline controllers, PFC, synchronous rectifiers."""

from __future__ import annotations

from components.families.columns import rating, span, word
from components.families.model import Family
from components.families.parse.words import exactly
from components.families.shared_columns import TOPOLOGIES

FAMILY = Family(
    name="ac_dc",
    title="Offline controllers, PFC, synchronous rectifiers",
    categories=(
        "AC-DC Controllers and Regulators",
        "PFC Controllers",
        "Synchronous Rectifier Controllers",
    ),
    former=(
        "AC-DC Controllers & Regulators",
        "Switching Controllers",
    ),
    columns=(
        word("topology", "Topology", "Topology", words=TOPOLOGIES),
        *span(
            "supply_voltage_v",
            "Supply voltage",
            "Voltage - supply",
            "Supply voltage",
            "Operating voltage",
        ),
        *span(
            "switching_frequency_hz",
            "Switching frequency",
            "Frequency - switching",
            "Switching frequency",
        ),
        rating(
            "breakdown_voltage_v",
            "Breakdown voltage",
            "Voltage - breakdown",
            "Breakdown voltage",
            band=(0.5, 100000.0),
        ),
        word(
            "isolation",
            "Isolation",
            "Isolation",
            "Output isolation",
            words={"NON_INSULATED": "NON_ISOLATED"},
            word=exactly("Isolation", "Non-Isolated"),
        ),
    ),
)
