"""Solid state relays and photo relays."""

from __future__ import annotations

from components.families.columns import cost, rating, word
from components.families.model import Family
from components.families.parse.special import contact_form

FAMILY = Family(
    name="solid_state_relay",
    title="Solid state relays and photo relays",
    categories=(
        "Solid State Relays (MOS Output)",
        "Solid State Relays (Triac Output)",
    ),
    former=(
        "Photoelectric Thyristor (Solid State Relays)",
        "Solid State Relay (MOS Output)",
        "Solid State Relay (Thyristor Output)",
        "Solid State Relays",
        "Solid State Relays - MOS Output (PhotoMOS)",
    ),
    columns=(
        rating(
            "load_voltage_v",
            "Load voltage",
            "Load voltage",
            "Voltage - load",
            identifies=True,
            band=(0.1, 100000.0),
        ),
        rating(
            "load_current_a",
            "Load current",
            "Load current",
            "Continuous load current",
            identifies=True,
            band=(0.0001, 1000.0),
        ),
        cost(
            "on_resistance_ohm",
            "On resistance",
            "RDS(on)",
            "On resistance",
            band=(0.0001, 1000000.0),
        ),
        rating(
            "isolation_voltage_v",
            "Isolation voltage, RMS",
            "Isolation voltage(vrms)",
            "Isolation voltage(rms)",
            band=(10.0, 1000000.0),
        ),
        word("contact_form", "Contact form", "Contact form", parse=contact_form),
    ),
)
