"""Photodiodes, phototransistors, interrupters, IR receivers, displays."""

from __future__ import annotations

from components.families.columns import cost, nominal, whole, word
from components.families.model import Family

FAMILY = Family(
    name="photo",
    title="Photodiodes, phototransistors, interrupters, IR receivers, displays",
    categories=(
        "Chip On Board (COB) Light Sources",
        "Infrared Remote Receiver (IRM)",
        "Laser Diodes",
        "LED Segment Displays",
        "Photodiodes",
        "Photointerrupters - Slot Type - Transistor Output",
        "Photoresistors",
        "Phototransistors",
        "Reflective Optical Interrupters",
    ),
    former=(
        "Infrared remote receiver",
        "Infrared Remote Receivers",
        "Led Segment Display",
    ),
    columns=(
        nominal(
            "peak_wavelength_m",
            "Peak wavelength",
            "Peak wavelength",
            otherwise=("Wavelength",),
            band=(1e-07, 2e-05),
        ),
        word("color_code", "Color code", "Illumination color", "Luminous color"),
        cost(
            "forward_voltage_v",
            "Highest forward voltage",
            "Forward voltage drop",
            "Voltage - forward(vf)",
            band=(0.3, 500.0),
        ),
        whole("character_count", "Number of characters", "Number of characters"),
        word("polarity", "Polarity", "Led polarity", words={"BI_DIRECTIONAL": "BIDIRECTIONAL"}),
    ),
)
