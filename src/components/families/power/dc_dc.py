"""Switching regulators and controllers."""

from __future__ import annotations

from components.families.columns import rating, span, word
from components.families.model import Family
from components.families.shared_columns import TOPOLOGIES

FAMILY = Family(
    name="dc_dc",
    title="Switching regulators and controllers",
    categories=(
        "Charge Pumps",
        "DC-DC Converters",
        "Isolated DC/DC Converters",
    ),
    former=(
        "DC-DC Controllers",
        "Voltage Regulators - DC DC Switching Regulators",
    ),
    columns=(
        word(
            "topology",
            "Topology",
            "Topology",
            otherwise=("Function",),
            words=TOPOLOGIES,
            identifies=True,
        ),
        *span(
            "input_voltage_v",
            "Input voltage",
            "Voltage - supply",
            otherwise=("Operating voltage", "Supply voltage"),
            identifies=True,
        ),
        rating(
            "output_current_a",
            "Highest output current",
            "Output current",
            "Output current(max)",
            band=(1e-06, 5000.0),
        ),
        *span("output_voltage_v", "Output voltage", "Output voltage"),
        *span(
            "switching_frequency_hz",
            "Switching frequency",
            "Frequency - switching",
            "Switching frequency",
        ),
        word("output_type", "Output type", "Output type"),
        word("switch", "Switch", "Switch tube (built-in/external)"),
        word(
            "synchronous",
            "Synchronous",
            "Synchronous rectifier",
            otherwise=("Synchronous rectification",),
            words={"YES": "YES", "NO": "NO"},
        ),
    ),
)
