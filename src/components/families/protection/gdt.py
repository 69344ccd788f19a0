"""Gas discharge tubes."""

from __future__ import annotations

from components.families.columns import cost, nominal, rating, whole
from components.families.model import Family
from components.families.parse.special import middle_voltage

FAMILY = Family(
    name="gdt",
    title="Gas discharge tubes",
    categories=(
        "Gas Discharge Tube Arresters (GDT)",
        "Glass Discharge Tubes",
    ),
    former=(
        "Discharge Tubes (GDT/TSS)",
        "Gas Discharge Tube (GDT)",
        "Glass Discharge Tube",
    ),
    columns=(
        nominal(
            "spark_over_voltage_v",
            "Spark over voltage",
            "Voltage - dc spark over (nom)",
            "Dc spark-over voltage",
            identifies=True,
            band=(10.0, 100000.0),
            parse=middle_voltage,
        ),
        rating(
            "impulse_current_a",
            "Impulse current",
            "Impulse discharge current",
            "Nominal impulse discharge current",
            band=(1.0, 1000000.0),
        ),
        whole("pole_count", "Number of poles", "Number of poles"),
        cost(
            "capacitance_f",
            "Capacitance",
            "Inter-electrode capacitance",
            "Maximum capacitance @ 1MHz",
            band=(1e-15, 1e-05),
        ),
    ),
)
