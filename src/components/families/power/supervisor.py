"""Voltage supervisors."""

from __future__ import annotations

from components.families.columns import cost, nominal, span, word
from components.families.model import Family

FAMILY = Family(
    name="supervisor",
    title="Voltage supervisors",
    categories=("Supervisor and Reset ICs",),
    former=(
        "Microprocessor & Microcontroller Supervisors",
        "Monitors & Reset Circuits",
    ),
    columns=(
        nominal(
            "threshold_voltage_v",
            "Threshold voltage",
            "Threshold voltage",
            identifies=True,
            band=(0.05, 1000.0),
        ),
        word("output_type", "Output type", "Output type"),
        word("reset_polarity", "Reset polarity", "Reset active level"),
        *span("supply_voltage_v", "Supply voltage", "Voltage - supply"),
        *span("reset_delay_s", "Reset delay", "Reset timeout"),
        cost(
            "quiescent_current_a",
            "Current that the part itself takes at rest",
            "Quiescent current",
            band=(1e-10, 10.0),
        ),
    ),
)
