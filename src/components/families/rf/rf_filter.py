"""RF filters, baluns, couplers."""

from __future__ import annotations

from components.families.columns import cost, nominal, span
from components.families.model import Family

FAMILY = Family(
    name="rf_filter",
    title="RF filters, baluns, couplers",
    categories=(
        "Balun",
        "Duplexers",
        "EMI/RFI Filters (LC, RC Networks)",
        "RF Attenuators",
        "RF Directional Coupler",
        "RF Filters",
        "RF Power Splitters / Combiners",
        "SAW Filters",
    ),
    former=(
        "Diplexers",
        "EMI Filters (LC, RC Networks)",
        "RF attenuator",
        "RF Coupler",
    ),
    columns=(
        *span(
            "frequency_hz",
            "Frequency",
            "Frequency range",
            otherwise=("Absolute bandwidth", "Bandwidth"),
        ),
        cost(
            "insertion_loss_db",
            "Insertion loss",
            "Insertion loss",
            "Insertion loss (db max)",
            band=(0.001, 100.0),
        ),
        nominal(
            "impedance_ohm",
            "Impedance",
            "Impedance",
            "Impedance - unbalanced/balanced",
            band=(0.1, 1000000.0),
        ),
    ),
)
