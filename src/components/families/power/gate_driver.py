"""Gate drivers."""

from __future__ import annotations

from components.families.columns import cost, rating, span, whole, word
from components.families.model import Family

FAMILY = Family(
    name="gate_driver",
    title="Gate drivers",
    categories=(
        "Gate Drive Optocoupler",
        "Gate Drivers",
        "Isolators - Gate Drivers",
    ),
    former=(
        "Gate Drive ICs",
        "Isolated Gate Drivers",
        "MOS Drivers",
        "Optocoupler Emulator (Optocoupler Replacement)",
    ),
    columns=(
        whole(
            "driver_count",
            "Number of drivers",
            "Number of drivers",
            "Number of channels",
        ),
        rating(
            "source_current_a",
            "Source current",
            "Current - output high(ioh)",
            "Peak output current(source)",
            band=(0.0001, 500.0),
        ),
        rating(
            "sink_current_a",
            "Sink current",
            "Current - output low(iol)",
            "Output current",
            "Peak output current(sink)",
            identifies=True,
            band=(0.0001, 500.0),
        ),
        *span("supply_voltage_v", "Supply voltage", "Voltage - supply", "Supply voltage"),
        word("configuration", "Configuration", "Driven configuration"),
        cost("rise_time_s", "Rise time", "Rise time", band=(1e-12, 1.0)),
    ),
)
