"""Hall and magnetic sensors."""

from __future__ import annotations

from components.families.columns import cost, nominal, span, word
from components.families.model import Family
from components.families.parse.special import flux_density

FAMILY = Family(
    name="magnetic_sensor",
    title="Hall and magnetic sensors",
    categories=(
        "3D Magnetic Sensors",
        "Hall Switches",
        "Linear Hall Sensors",
        "Magnetic Angle Sensors",
        "Position Sensors",
    ),
    former=(
        "Angle Sensors",
        "Angle, Linear Position Sensors",
        "Hall Sensor",
        "Magnetic Sensors",
        "Position Sensor",
    ),
    columns=(
        word(
            "sensor_type",
            "Sensor type",
            "Type",
            otherwise=("Output type", "Interface"),
            identifies=True,
        ),
        *span("supply_voltage_v", "Supply voltage", "Voltage - supply", "Supply voltage"),
        nominal(
            "operate_point_t",
            "Operate point",
            "Operation points",
            band=(1e-06, 10.0),
            parse=flux_density,
        ),
        nominal(
            "release_point_t",
            "Release point",
            "Release points",
            band=(1e-06, 10.0),
            parse=flux_density,
        ),
        cost(
            "supply_current_a",
            "Current that the part itself takes",
            "Operating current",
            band=(1e-10, 100.0),
        ),
    ),
)
