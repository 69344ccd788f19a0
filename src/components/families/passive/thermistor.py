"""NTC and PTC thermistors."""

from __future__ import annotations

from components.families.columns import bounded, deviation, nominal, rating
from components.families.model import Family

FAMILY = Family(
    name="thermistor",
    title="NTC and PTC thermistors",
    categories=(
        "NTC Thermistors",
        "PTC Thermistors",
    ),
    columns=(
        *bounded(
            nominal(
                "resistance_25c_ohm",
                "Resistance 25c",
                "Resistance @ 25℃",
                identifies=True,
                band=(0.001, 1000000000.0),
            ),
            "tolerance_pct",
            required=False,
        ),
        deviation("Resistance tolerance", of="Ω"),
        nominal("b_constant_k", "B constant", "B constant (25℃/50℃)", band=(500.0, 10000.0)),
        rating("max_power_w", "Power dissipation", "Power(Watts)", band=(0.0001, 100000.0)),
        rating(
            "max_current_a", "Highest current", "Steady state current (max)", band=(1e-06, 1000.0)
        ),
        nominal(
            "b_25_85_k", "B constant from 25 to 85 ℃", "B constant (25℃/85℃)", band=(500.0, 10000.0)
        ),
    ),
)
