"""Common mode chokes."""

from __future__ import annotations

from components.families.columns import cost, nominal, whole
from components.families.model import Family
from components.families.shared_columns import rated_current, rated_voltage

FAMILY = Family(
    name="common_mode_choke",
    title="Common mode chokes",
    categories=("Common Mode Filters",),
    former=("Common Mode Chokes / Filters",),
    columns=(
        nominal("impedance_ohm", "Impedance", "Impedance @ Frequency", band=(0.1, 1000000.0)),
        nominal(
            "inductance_h",
            "Inductance",
            "Inductance @ frequency",
            "Inductance",
            band=(1e-12, 1000.0),
        ),
        rated_current("Rated Current", identifies=True),
        cost("dc_resistance_ohm", "Dc resistance", "DC Resistance (DCR)", band=(1e-05, 100000.0)),
        whole("line_count", "Protected or filtered lines", "Number of lines"),
        rated_voltage("Voltage rating (dc)", "Voltage Rated", "Voltage rating (ac)"),
    ),
)
