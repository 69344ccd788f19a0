"""Motor drivers."""

from __future__ import annotations

from components.families.columns import cost, rating, span, whole, word
from components.families.model import Family

FAMILY = Family(
    name="motor_driver",
    title="Motor drivers",
    categories=(
        "Brushed DC Motor Drivers",
        "Brushless DC (BLDC) Motor Driver",
        "Motor Driver ICs",
        "Stepper Motor Driver",
    ),
    former=("Motor Drivers",),
    columns=(
        *span(
            "motor_voltage_v",
            "Motor voltage",
            "Motor drive voltage(vm)",
            "Voltage - supply",
            "Supply voltage",
            identifies=True,
        ),
        rating(
            "output_current_a",
            "Highest output current",
            "Output current",
            "Peak current",
            band=(1e-06, 5000.0),
        ),
        cost("on_resistance_ohm", "On resistance", "RDS(on)", band=(0.0001, 1000000.0)),
        whole(
            "bridge_count",
            "Number of bridges",
            "Number of h-bridges",
            otherwise=("Number of half bridges",),
        ),
        word("drive_type", "Drive type", "Drive type", otherwise=("Interface",)),
    ),
)
