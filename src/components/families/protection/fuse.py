"""One-time fuses."""

from __future__ import annotations

from components.families.columns import nominal, rating, word
from components.families.model import Family

FAMILY = Family(
    name="fuse",
    title="One-time fuses",
    categories=(
        "Automotive Fuses",
        "Disposable fuses",
        "Thermal Fuses (TCO)",
    ),
    former=(
        "Cartridge Fuses",
        "Fuses",
        "Fuses with Leads (Through Hole)",
        "Surface Mount Fuses",
        "Thermal Cutoffs (TCO)",
    ),
    columns=(
        nominal(
            "rated_current_a",
            "Rated current",
            "Rated Current",
            identifies=True,
            band=(0.0001, 5000.0),
        ),
        rating(
            "max_dc_voltage_v", "Highest dc voltage", "Voltage rating (dc)", band=(0.1, 1000000.0)
        ),
        rating(
            "max_ac_voltage_v", "Highest ac voltage", "Voltage rating (ac)", band=(0.1, 1000000.0)
        ),
        rating(
            "breaking_capacity_a",
            "Breaking capacity",
            "Interrupt rating",
            "Breaking capacity",
            band=(0.1, 1000000.0),
        ),
        word("fuse_type", "Fuse type", "Type"),
    ),
)
