"""Darlington transistors and arrays."""

from __future__ import annotations

from components.families.columns import rating, whole, word
from components.families.model import Family
from components.families.parse.devices import doping

FAMILY = Family(
    name="darlington",
    title="Darlington transistors and arrays",
    categories=(
        "Darlington Transistor Arrays",
        "Darlington Transistors",
    ),
    former=("Darlington transistor array driver",),
    columns=(
        word(
            "doping_type",
            "NPN or PNP",
            "Type",
            "Transistor type",
            parse=doping,
            # BJT, array and MOS are types too.
            quiet=True,
        ),
        rating(
            "max_collector_emitter_voltage_v",
            "Highest collector emitter voltage",
            "Collector - emitter voltage vceo",
            "Maximum collector emitter voltage (vceo)",
            "Collector-emitter voltage (vceo)",
            band=(0.5, 10000.0),
        ),
        rating(
            "max_collector_current_a",
            "Highest collector current",
            "Current - Collector(Ic)",
            "Collector Current (Ic)",
            band=(0.001, 10000.0),
        ),
        whole("channel_count", "Channels", "Number of channels"),
    ),
)
