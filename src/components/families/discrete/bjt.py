"""Bipolar transistors of one type: NPN or PNP."""

from __future__ import annotations

from components.families.model import Family, Upstream, real, text
from components.families.parse.describe import single, single_rating
from components.families.parse.polarity import doping
from components.families.parse.ratings import at_least, lowest, within

dissipation = within(at_least("W"), 5e-3, 10e3)  # outside, the prefix is wrong

FAMILY = Family(
    name="bjt",
    title="Bipolar transistors",
    upstream=Upstream(
        ("transistor",),
        ("Bipolar (BJT)", "Bipolar Transistors - BJT", "Transistors (NPN/PNP)"),
    ),
    misfiled=(
        "Darlington Transistor Arrays",
        "Diodes - General Purpose",
        "Logic Gates",
        "MOSFETs",
        "Power Distribution Switches",
        "Schottky Diodes",
        "Transistor, Photovoltaic Output Optoisolators",
        "Zener Diodes",
    ),
    columns=(
        text(
            "doping_type",
            "NPN or PNP",
            "Number",
            "Type",
            "Transistor type",
            parse=doping,
            describe=single(doping),
            required=True,
        ),
        real(
            "max_collector_emitter_voltage_v",
            "Collector-emitter breakdown voltage",
            "Collector - emitter voltage vceo",
            "Collector-Emitter Breakdown Voltage (Vceo)",
            parse=at_least("V"),
            required=True,
        ),
        real(
            "max_collector_current_a",
            "Continuous collector current",
            "Current - Collector(Ic)",
            "Collector Current (Ic)",
            parse=within(at_least("A"), 1e-3, 10e3),
            required=True,
        ),
        real(
            "max_power_w",
            "Power dissipation",
            "Power Dissipation (Pd)",
            parse=dissipation,
            describe=single_rating(dissipation, "W"),
        ),
        real(
            "dc_current_gain_hfe",
            "DC current gain",
            "DC Current Gain",
            "DC Current Gain (hFE@Ic,Vce)",
            parse=lowest(""),
            aliases=("dc_current_gain", "hfe"),
        ),
    ),
)
