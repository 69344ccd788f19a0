"""Resettable fuses (PPTC)."""

from __future__ import annotations

from components.families.columns import cost, guaranteed, nominal, rating
from components.families.model import Family

FAMILY = Family(
    name="resettable_fuse",
    title="Resettable fuses (PPTC)",
    categories=("Resettable Fuses",),
    former=("PTC Resettable Fuses",),
    columns=(
        nominal(
            "hold_current_a", "Hold current", "Hold current", identifies=True, band=(0.001, 500.0)
        ),
        nominal("trip_current_a", "Trip current", "Trip current", band=(0.001, 1000.0)),
        rating(
            "max_voltage_v",
            "Highest voltage",
            "Voltage Rated",
            "Operating voltage (max)",
            band=(0.1, 1000000.0),
        ),
        rating(
            "max_fault_current_a",
            "Highest fault current",
            "Current - max",
            "Rated Current",
            band=(0.1, 100000.0),
        ),
        guaranteed(
            "initial_resistance_ohm",
            "Initial resistance",
            "Resistance - initial (ri) (min)",
            band=(1e-05, 1000000.0),
        ),
        cost(
            "time_to_trip_s",
            "Time to trip",
            "Time to trip(max)",
            "Maximum time to trip",
            band=(1e-06, 10000.0),
        ),
    ),
)
