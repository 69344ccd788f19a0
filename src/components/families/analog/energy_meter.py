"""Energy meters."""

from __future__ import annotations

from components.families.columns import cost, nominal
from components.families.model import Family
from components.families.shared_columns import channels, interface, supply

FAMILY = Family(
    name="energy_meter",
    title="Energy meters",
    categories=("Energy Metering",),
    columns=(
        channels(),
        *supply(),
        cost(
            "supply_current_a",
            "Current that the part itself takes",
            "Current - supply",
            band=(1e-9, 1.0),
        ),
        nominal("clock_frequency_hz", "Clock frequency", "Clock frequency", band=(1e3, 1e9)),
        interface(),
    ),
)
