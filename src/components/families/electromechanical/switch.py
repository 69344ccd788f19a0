"""Slide, DIP, push, limit, rotary, rocker, toggle switches."""

from __future__ import annotations

from components.families.columns import mounting, pitch, rating, whole, word
from components.families.model import Family

FAMILY = Family(
    name="switch",
    title="Slide, DIP, push, limit, rotary, rocker, toggle switches",
    categories=(
        "DIP Switches",
        "Keylock Switches",
        "Limit Switches",
        "Multi-Directional Switches",
        "Pushbutton Switches",
        "Reed Switches",
        "Rocker Switches",
        "Rotary Coding Switch",
        "Rotary Encoders",
        "Rotary Switches",
        "Slide Switches",
        "Thermostat Switches",
        "Toggle Switches",
    ),
    former=(
        "Microswitches",
        "Push Switches",
        "Push Switches - Horizontal Type",
    ),
    columns=(
        word(
            "circuit",
            "Circuit",
            "Circuit",
            otherwise=("Encoder type", "Contact form"),
            identifies=True,
        ),
        whole(
            "position_count",
            "Contacts in all",
            "Number of positions",
            otherwise=("Number of positions (absolute)",),
        ),
        rating(
            "rated_current_a",
            "Rated current",
            "Rated Current",
            otherwise=("Current rating (dc)", "Contact current"),
            band=(0.0001, 5000.0),
        ),
        rating(
            "rated_voltage_v",
            "Rated voltage",
            "Voltage Rated",
            otherwise=("Voltage rating (dc)", "Rated voltage (max)"),
            band=(0.1, 1000000.0),
        ),
        mounting(),
        pitch("Lead pitch"),
    ),
)
