"""Relays."""

from __future__ import annotations

from components.families.columns import nominal, rating, word
from components.families.model import Family
from components.families.parse.special import contact_form

FAMILY = Family(
    name="relay",
    title="Relays",
    categories=(
        "Automotive Relays",
        "Magnetic Latching Relays",
        "Power Relays",
        "Reed Relays",
        "Signal Relays",
    ),
    former=("Relays",),
    columns=(
        nominal(
            "coil_voltage_v", "Coil voltage", "Coil voltage", identifies=True, band=(0.5, 1000.0)
        ),
        word("contact_form", "Contact form", "Contact form", identifies=True, parse=contact_form),
        rating(
            "switching_current_a",
            "Switching current",
            "Switching current(max)",
            "Maximum switching current",
            band=(0.001, 1000.0),
        ),
        nominal("coil_resistance_ohm", "Coil resistance", "Coil resistance", band=(0.1, 1000000.0)),
        nominal("coil_power_w", "Coil power", "Coil rated power", band=(0.0001, 100.0)),
    ),
)
