"""Current sense amplifiers and sensors."""

from __future__ import annotations

from components.families.columns import nominal, span, whole
from components.families.model import Family

FAMILY = Family(
    name="current_sense_amp",
    title="Current sense amplifiers and sensors",
    categories=(
        "Current Sense Amplifiers",
        "Current Sensors",
    ),
    former=("Current-Sensing Amplifiers",),
    columns=(
        nominal("gain", "Gain", "Gain"),
        *span("common_mode_v", "Common mode", "Vcm - common mode voltage", signed=True),
        nominal("bandwidth_hz", "Bandwidth", "Bandwidth", band=(0.1, 1000000000000.0)),
        *span(
            "supply_voltage_v",
            "Supply voltage",
            "Single supply",
            "Voltage - supply",
            "Supply voltage",
        ),
        *span("current_range_a", "Current range", "Current range", signed=True),
        whole("channel_count", "Channels", "Number of channels"),
    ),
)
