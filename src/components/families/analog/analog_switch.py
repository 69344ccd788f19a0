"""Analog switches and multiplexers."""

from __future__ import annotations

from components.families.columns import cost, rating, span, whole, word
from components.families.model import Family
from components.families.shared_columns import CIRCUITS

FAMILY = Family(
    name="analog_switch",
    title="Analog switches and multiplexers",
    categories=(
        "Analog Switches - Special Purpose",
        "Analog Switches, Multiplexers",
        "RF Switches",
        "Signal Switches, Multiplexers, Decoders",
    ),
    former=(
        "Analog Switches",
        "Signal Switches / Encoders & Decoders / Multiplexers",
    ),
    columns=(
        word(
            "switch_circuit",
            "Switch circuit",
            "Switch circuit",
            otherwise=("Number of lines", "Circuit"),
            words=CIRCUITS,
            identifies=True,
        ),
        whole("channel_count", "Channels", "Number of channels"),
        cost("on_resistance_ohm", "On resistance", "Ron", band=(0.0001, 1000000.0)),
        *span("supply_voltage_v", "Supply voltage", "Voltage - supply", "Supply voltage"),
        rating("bandwidth_hz", "Bandwidth", "Bandwidth", band=(0.1, 1000000000000.0)),
    ),
)
