"""Comparators."""

from __future__ import annotations

from components.families.columns import cost, span, whole, word
from components.families.model import Family

FAMILY = Family(
    name="comparator",
    title="Comparators",
    categories=(
        "Comparators",
        "Digital Comparators",
    ),
    former=("Analog Comparators",),
    columns=(
        whole(
            "channel_count",
            "Channels",
            "Number of channels",
            "Number of circuits",
            "Number of elements",
        ),
        *span(
            "supply_voltage_v",
            "Supply voltage",
            "Single supply",
            "Supply voltage",
            "Voltage - supply",
            most=("Maximum power supply range (vdd-vss)",),
        ),
        cost(
            "propagation_delay_s",
            "Propagation delay",
            "Propagation delay time",
            "Response time (tr)",
            band=(1e-12, 1.0),
        ),
        word("output_type", "Output type", "Output type", identifies=True),
        cost(
            "input_offset_voltage_v",
            "Input offset voltage",
            "Vos - input offset voltage",
            "Input offset voltage (vos)",
            band=(1e-08, 1.0),
        ),
    ),
)
