"""Hall and magnetic sensors."""

from __future__ import annotations

from components.families.columns import cost, nominal, span, word
from components.families.model import Family
from components.families.parse.special import flux_density
from components.families.parse.words import code
from components.families.shared_columns import interface

_TYPES = {
    "3D_MAGNETIC_SENSORS": "THREE_AXES",
    "LINEAR_HALL_SENSORS": "LINEAR",
    "MAGNETIC_ANGLE_SENSORS": "ANGLE",
}


def _by_category(category: str) -> str | None:
    """What all parts of a category measure; hall switches are of several types."""
    return _TYPES.get(code(category))


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
            words={"全极型": "OMNIPOLAR", "锁存开关": "LATCH"},
            classify=_by_category,
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
            "Supply current",
            "Current - supply",
            band=(1e-10, 100.0),
        ),
        nominal(
            "field_range_t",
            "Flux density that it measures, to either side",
            "Magnetic field range",
            band=(1e-06, 10.0),
            parse=flux_density,
        ),
        word("output_type", "Output type", "Output type"),
        interface("Interface", "Out type"),
    ),
)
