"""Bipolar transistors: NPN, PNP, and several of them in one package."""

from __future__ import annotations

from collections.abc import Mapping

from components.families.columns import cost, guaranteed, rating, word
from components.families.discrete.pairs import settle_pair
from components.families.model import Family
from components.families.parse.devices import doping, doping_count
from components.families.parse.packages import dissipation_limit_w
from components.families.shared_columns import configuration, element_count


def elsewhere(attributes: Mapping[str, str]) -> str | None:
    """Transistors with bias resistors are listed among the others by mistake."""
    number = attributes.get("Number", "")
    return "digital_transistor" if "pre-biased" in number.casefold() else None


FAMILY = Family(
    name="bjt",
    title="Bipolar transistors",
    categories=("Bipolar (BJT)",),
    former=(
        "Bipolar Transistors - BJT",
        "Transistors (NPN/PNP)",
    ),
    columns=(
        word(
            "doping_type",
            "NPN or PNP; NPN+PNP where a package holds both",
            "Number",
            "Type",
            "Transistor type",
            parse=doping,
            describe=doping,
            required=True,
        ),
        rating(
            "max_collector_emitter_voltage_v",
            "Collector-emitter breakdown voltage",
            "Collector - emitter voltage vceo",
            "Collector-Emitter Breakdown Voltage (Vceo)",
            required=True,
            band=(0.5, 5e3),
        ),
        rating(
            "max_collector_current_a",
            "Continuous collector current",
            "Current - Collector(Ic)",
            "Collector Current (Ic)",
            required=True,
            band=(1e-3, 500.0),
        ),
        rating(
            "max_power_w",
            "Power dissipation",
            "Power Dissipation (Pd)",
            "Pd - power dissipation(pd)",
            band=(5e-3, 1e3),
            owns="W",
        ),
        guaranteed(
            "dc_current_gain_hfe",
            "DC current gain",
            "DC Current Gain",
            "DC Current Gain (hFE@Ic,Vce)",
            aliases=("dc_current_gain", "hfe"),
            band=(1.0, 1e6),
        ),
        rating(
            "transition_frequency_hz",
            "Transition frequency",
            "Transition frequency(ft)",
            "Transition frequency (ft)",
            band=(1e4, 1e12),
            owns="Hz",
        ),
        cost(
            "saturation_voltage_v",
            "Collector-emitter saturation voltage at the stated current",
            "Vce saturation(vce(sat))",
            "Collector-emitter saturation voltage (vce(sat)@ic,ib)",
            band=(5e-3, 20.0),
        ),
        # In a description a gain may stand before the type: "60 PNP".
        element_count("Number", "Type", "Transistor type", parse=doping_count),
        configuration("COMPLEMENTARY, COMMON_EMITTER …"),
    ),
    limits={"max_power_w": dissipation_limit_w},
    settle=settle_pair("doping_type"),
    elsewhere=elsewhere,
)
