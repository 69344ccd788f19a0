"""LED drivers."""

from __future__ import annotations

from components.families.columns import rating, span, whole, word
from components.families.model import Family
from components.families.shared_columns import TOPOLOGIES

FAMILY = Family(
    name="led_driver",
    title="LED drivers",
    categories=(
        "Digital Tube Drivers",
        "LCD Drivers",
        "LED Drivers",
        "Lighting Drivers & Controllers",
    ),
    former=(
        "LED Display Drivers",
        "Other Lighting Drivers",
        "VFD Drivers",
    ),
    columns=(
        whole("channel_count", "Channels", "Number of channels", "Channels"),
        *span(
            "input_voltage_v",
            "Input voltage",
            "Voltage - input(dc)",
            "Voltage - supply",
            "Input voltage",
            "Operating voltage",
            "Supply voltage",
        ),
        rating(
            "output_current_a", "Highest output current", "Output current", band=(1e-06, 5000.0)
        ),
        word("topology", "Topology", "Topology", otherwise=("Type",), words=TOPOLOGIES),
        word("dimming", "Dimming", "Dimming"),
    ),
)
