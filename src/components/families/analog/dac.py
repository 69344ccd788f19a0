"""Digital-analog converters, digital potentiometers."""

from __future__ import annotations

from components.families.columns import cost, nominal, span, whole
from components.families.model import Family
from components.families.shared_columns import interface

FAMILY = Family(
    name="dac",
    title="Digital-analog converters, digital potentiometers",
    categories=(
        "Digital Potentiometers",
        "Digital to Analog Converters (DAC)",
    ),
    former=(
        "Digital Potentiometer ICs",
        "Digital To Analog Converters (DACs)",
    ),
    columns=(
        whole("resolution_bit", "Resolution", "Resolution (bits)", "Resolution"),
        whole("tap_count", "Number of taps", "Number of taps"),
        nominal("resistance_ohm", "Resistance", "Resistance value", band=(0.0001, 1000000000000.0)),
        whole("channel_count", "Channels", "Number of channels"),
        interface("Interface"),
        *span("supply_voltage_v", "Supply voltage", "Voltage - supply"),
        cost("settling_time_s", "Settling time", "Settling time", band=(1e-12, 100.0)),
    ),
)
