"""Load switches, eFuses, ideal diodes."""

from __future__ import annotations

from components.families.columns import cost, rating, span, whole, word
from components.families.model import Family

FAMILY = Family(
    name="power_switch",
    title="Load switches, eFuses, ideal diodes",
    categories=(
        "ORing Controllers",
        "Power Distribution Switches",
        "Surge Protection Devices (SPDs)",
    ),
    former=(
        "PMIC - Power Distribution Switches",
        "Surge Suppressors",
    ),
    columns=(
        *span(
            "supply_voltage_v",
            "Supply voltage",
            "Voltage - supply",
            "Input voltage",
            "Supply voltage",
            "Input voltage (vin)",
        ),
        rating(
            "output_current_a",
            "Highest output current",
            "Maximum continuous current",
            "Output current",
            band=(1e-06, 5000.0),
        ),
        cost(
            "on_resistance_ohm",
            "On resistance",
            "RDS(on)",
            "Resistor on-state",
            band=(0.0001, 1000000.0),
        ),
        whole("channel_count", "Channels", "Number of channels", "Number of outputs"),
        word("switch_type", "Switch type", "Type", otherwise=("Fet type",)),
        word("enable_polarity", "Enable polarity", "Control input logic"),
    ),
)
