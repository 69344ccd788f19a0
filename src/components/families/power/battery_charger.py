"""Battery management."""

from __future__ import annotations

from components.families.columns import nominal, rating, span, word
from components.families.model import Family
from components.families.parse.ratings import covered

FAMILY = Family(
    name="battery_charger",
    title="Battery management",
    categories=("Battery Management",),
    former=(
        "Battery Management ICs",
        "PMIC - Battery Management",
    ),
    columns=(
        word("chip_type", "Chip type", "The chip type", identifies=True),
        *span(
            "cell_count",
            "Number of cells",
            "Number of cells",
            whole_numbers=True,
            parse=covered(""),
        ),
        *span("supply_voltage_v", "Supply voltage", "Voltage - supply", "Supply voltage"),
        rating(
            "charge_current_a",
            "Charge current",
            "Charge current - max",
            "Maximum charge current",
            band=(0.0001, 500.0),
        ),
        nominal(
            "charge_voltage_v", "Charge voltage", "Charging saturation voltage", band=(0.5, 500.0)
        ),
    ),
)
