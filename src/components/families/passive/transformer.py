"""Signal, pulse and power transformers."""

from __future__ import annotations

from components.families.columns import nominal, rating, word
from components.families.model import Family

FAMILY = Family(
    name="transformer",
    title="Signal, pulse and power transformers",
    categories=(
        "Current Sense Transformers",
        "Power Transformers",
        "Pulse Transformers",
        "Pulse Transformers(LAN)",
    ),
    former=(
        "Current Transformers",
        "Power Transformer",
        "RJ45 Transformer",
    ),
    columns=(
        word("turns_ratio", "Turns ratio", "Turns ratio"),
        nominal("inductance_h", "Inductance", "Inductance", "Inductor", band=(1e-12, 1000.0)),
        rating(
            "isolation_voltage_v",
            "Isolation voltage, RMS",
            "Isolation voltage(vrms)",
            "Hi-pot",
            "High potential",
            band=(10.0, 1000000.0),
        ),
    ),
)
