"""Transistors with bias resistors."""

from __future__ import annotations

from components.families.columns import nominal, rating, word
from components.families.model import Family

FAMILY = Family(
    name="digital_transistor",
    title="Transistors with bias resistors",
    categories=("Digital Transistors",),
    columns=(
        word(
            "doping_type",
            "Doping type",
            "Number",
            otherwise=("Type", "Transistor type"),
            identifies=True,
        ),
        rating(
            "max_collector_emitter_voltage_v",
            "Highest collector emitter voltage",
            "Collector - emitter voltage vceo",
            band=(0.5, 10000.0),
        ),
        rating(
            "max_collector_current_a",
            "Highest collector current",
            "Current - Collector(Ic)",
            band=(0.001, 10000.0),
        ),
        nominal(
            "input_resistor_ohm",
            "Input resistor",
            "Input resistor",
            identifies=True,
            band=(1.0, 10000000.0),
        ),
        nominal("resistor_ratio", "Resistor ratio", "Resistor ratio"),
        rating(
            "max_power_w", "Power dissipation", "Power Dissipation (Pd)", band=(0.0001, 100000.0)
        ),
    ),
)
