"""Slide, DIP, push, limit, rotary, rocker, toggle switches."""

from __future__ import annotations

from components.families.columns import whole, word
from components.families.model import Family
from components.families.shared_columns import (
    CIRCUITS,
    mounting,
    pitch,
    rated_current,
    rated_voltage,
)

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
            words=CIRCUITS,
            identifies=True,
        ),
        whole(
            "position_count",
            "Contacts in all",
            "Number of positions",
            "Number of positions (absolute)",
        ),
        rated_current(
            "Rated Current",
            "Current rating (dc)",
            "Contact current",
            "Contact current (dc)",
            "Current rating (ac)",
        ),
        rated_voltage(
            "Voltage Rated",
            "Voltage rating (dc)",
            "Rated voltage (max)",
        ),
        mounting(),
        pitch("Lead pitch"),
    ),
)
