"""IGBTs and power modules."""

from __future__ import annotations

from components.families.columns import cost, rating
from components.families.model import Family

FAMILY = Family(
    name="igbt",
    title="IGBTs and power modules",
    categories=(
        "IGBT Transistors / Modules",
        "Intelligent Power Modules (IPM)",
    ),
    former=(
        "IGBT",
        "IGBTs",
        "Intelligent Power Modules",
    ),
    columns=(
        rating(
            "max_collector_emitter_voltage_v",
            "Highest collector emitter voltage",
            "Collector-emitter breakdown voltage (vces)",
            identifies=True,
            band=(0.5, 10000.0),
        ),
        rating(
            "max_collector_current_a",
            "Highest collector current",
            "Current - Collector(Ic)",
            "Collector Current (Ic)",
            identifies=True,
            band=(0.001, 10000.0),
        ),
        cost(
            "saturation_voltage_v",
            "Saturation voltage",
            "Vce saturation(vce(sat))",
            band=(0.01, 50.0),
        ),
        rating(
            "max_power_w", "Power dissipation", "Power Dissipation (Pd)", band=(0.0001, 100000.0)
        ),
    ),
)
