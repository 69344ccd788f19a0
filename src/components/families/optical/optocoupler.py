"""Optocouplers."""

from __future__ import annotations

from components.families.columns import cost, nominal, rating, whole, word
from components.families.model import Family

FAMILY = Family(
    name="optocoupler",
    title="Optocouplers",
    categories=(
        "Logic Output Optoisolators",
        "Transistor, Photovoltaic Output Optoisolators",
        "Triac, SCR Output Optoisolators",
    ),
    former=(
        "Logic Output Optocoupler",
        "Optocouplers",
        "Optocouplers - Logic Output",
        "Optocouplers - Phototransistor Output",
        "Optocouplers - Thyristor Signal Output",
        "Thyristor Output Optocoupler",
        "Transistor Output Optocoupler",
    ),
    columns=(
        word("output_type", "Output type", "Output type", identifies=True),
        rating(
            "isolation_voltage_v",
            "Isolation voltage, RMS",
            "Isolation voltage(vrms)",
            "Isolation voltage(rms)",
            identifies=True,
            band=(10.0, 1000000.0),
        ),
        rating(
            "load_voltage_v",
            "Load voltage",
            "Load voltage",
            "Receiving end voltage",
            band=(0.1, 100000.0),
        ),
        whole("channel_count", "Channels", "Number of outputs", "Number of channels"),
        nominal(
            "ctr_min_pct",
            "Lowest current transfer ratio",
            "Current transfer ratio (ctr) minimum",
            band=(0.01, 100000.0),
        ),
        nominal(
            "ctr_max_pct",
            "Highest current transfer ratio",
            "Current transfer ratio (ctr) maximum/saturation value",
            band=(0.01, 1000000.0),
        ),
        cost(
            "forward_voltage_v",
            "Highest forward voltage",
            "Voltage - forward(vf)",
            "Forward voltage",
            band=(0.3, 500.0),
        ),
    ),
)
