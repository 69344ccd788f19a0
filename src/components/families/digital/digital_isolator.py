"""Digital isolators."""

from __future__ import annotations

from components.families.columns import nominal, rating, span, whole
from components.families.model import Family
from components.families.parse.special import volts

FAMILY = Family(
    name="digital_isolator",
    title="Digital isolators",
    categories=(
        "Digital Isolators",
        "Digital Isolators (with Power)",
        "SPI Isolators",
    ),
    former=("Digital Isolators With Iso-Power",),
    columns=(
        whole(
            "forward_count",
            "Number of forwards",
            "Number of forward channels",
            "Forward channel",
            identifies=True,
        ),
        whole(
            "reverse_count",
            "Number of reverses",
            "Number of reverse channels",
            "Reverse channel",
            identifies=True,
        ),
        nominal(
            "isolation_voltage_v",
            "Isolation voltage, RMS",
            "Isolation voltage(vrms)",
            band=(10.0, 1000000.0),
            parse=volts,
        ),
        rating(
            "data_rate_bps", "Data rate", "Data rate(max)", "Data rate", band=(1.0, 1000000000000.0)
        ),
        *span(
            "supply_voltage_v",
            "Supply voltage",
            "Voltage - supply(vcca)",
            "Supply voltage",
            "Voltage - supply",
        ),
    ),
)
