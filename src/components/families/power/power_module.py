"""Power modules."""

from __future__ import annotations

from components.families.columns import rating, span, whole
from components.families.model import Family

FAMILY = Family(
    name="power_module",
    title="Power modules",
    categories=(
        "AC-DC Power Modules",
        "DC-DC Power Modules",
        "Isolated Power Modules",
    ),
    former=(
        "Power Module AC-DC",
        "Power Modules",
    ),
    columns=(
        *span("output_voltage_v", "Output voltage", "Output voltage", signed=True, identifies=True),
        *span(
            "input_voltage_v",
            "Input voltage",
            "Voltage - input(dc)",
            "Voltage - supply",
            "Voltage - input(ac)",
            "Input voltage(dc)",
            identifies=True,
        ),
        rating("output_power_w", "Output power", "Output power", band=(0.0001, 100000.0)),
        rating(
            "output_current_a",
            "Highest output current",
            "Output current(max)",
            "Output current",
            band=(1e-06, 5000.0),
        ),
        rating(
            "isolation_voltage_v",
            "Isolation voltage, RMS",
            "Isolation voltage(vrms)",
            "Insulated voltage",
            band=(10.0, 1000000.0),
        ),
        whole("output_count", "Number of outputs", "Number of outputs", "Output channel"),
    ),
)
