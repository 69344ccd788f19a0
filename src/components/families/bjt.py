"""Bipolar transistors of one type: NPN or PNP."""

from __future__ import annotations

from components.families.model import Family, Upstream, real, text
from components.families.parse.polarity import doping
from components.families.parse.ratings import at_least, at_most

FAMILY = Family(
    name="bjt",
    title="Bipolar transistors",
    upstream=Upstream(
        ("transistor",),
        ("Bipolar (BJT)", "Bipolar Transistors - BJT", "Transistors (NPN/PNP)"),
    ),
    columns=(
        text(
            "doping_type",
            "NPN or PNP",
            "Number",
            "Transistor type",
            "Type",
            parse=doping,
            required=True,
        ),
        real(
            "max_collector_emitter_voltage_v",
            "Collector-emitter breakdown voltage",
            "Collector-Emitter Breakdown Voltage (Vceo)",
            "Collector - emitter voltage vceo",
            parse=at_least("V"),
            required=True,
        ),
        real(
            "max_collector_current_a",
            "Continuous collector current",
            "Collector Current (Ic)",
            "Current - Collector(Ic)",
            parse=at_least("A"),
            required=True,
        ),
        real(
            "max_power_w",
            "Power dissipation",
            "Power Dissipation (Pd)",
            parse=at_least("W"),
        ),
        real(
            "dc_current_gain_hfe",
            "DC current gain",
            "DC Current Gain (hFE@Ic,Vce)",
            "DC Current Gain",
            parse=at_most(""),
            aliases=("dc_current_gain", "hfe"),
        ),
    ),
)
