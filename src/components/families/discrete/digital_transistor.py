"""Transistors with bias resistors."""

from __future__ import annotations

from components.families.columns import nominal, rating, word
from components.families.discrete.pairs import settle_pair
from components.families.model import Family
from components.families.parse.devices import doping, doping_count
from components.families.shared_columns import configuration, element_count

FAMILY = Family(
    name="digital_transistor",
    title="Transistors with bias resistors",
    categories=("Digital Transistors",),
    columns=(
        word(
            "doping_type",
            "NPN or PNP; NPN+PNP where a package holds both",
            "Number",
            "Type",
            "Transistor type",
            parse=doping,
            identifies=True,
        ),
        rating(
            "max_collector_emitter_voltage_v",
            "Highest collector emitter voltage",
            "Collector - emitter voltage vceo",
            "Collector-Emitter Breakdown Voltage (Vceo)",
            band=(0.5, 10000.0),
        ),
        rating(
            "max_collector_current_a",
            "Highest collector current",
            "Current - Collector(Ic)",
            "Collector Current (Ic)",
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
        element_count("Number", "Type", "Transistor type", parse=doping_count),
        configuration("COMPLEMENTARY, INDEPENDENT …"),
    ),
    settle=settle_pair("doping_type"),
)
