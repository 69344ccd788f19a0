"""Resistors of one fixed value: chip, through hole and current sense."""

from __future__ import annotations

from functools import partial

from components.families.model import Family, Upstream, bounded, real
from components.families.parse.describe import single, single_rating, single_tolerance
from components.families.parse.ratings import at_least, only
from components.families.parse.tolerance import ppm, tolerance

# Zero is a value: jumpers are resistors of 0 Ω.
resistance = only("Ω", zero=True)

FAMILY = Family(
    name="resistor",
    title="Resistors",
    upstream=Upstream(
        ("resistor",),
        (
            "Chip Resistor - Surface Mount",
            "Current Sense Resistors / Shunt Resistors",
            "Low Resistors & Current Sense Resistors - Surface Mount",
            "Through Hole Resistors",
        ),
    ),
    package_prefixes=("R",),
    misfiled=(
        "Multilayer Ceramic Capacitors MLCC - SMD/SMT",
        "Resistor Networks & Arrays",
        "Resistor Networks, Arrays",
    ),
    columns=(
        *bounded(
            real(
                "resistance_ohm",
                "Nominal resistance",
                "Resistance",
                parse=resistance,
                describe=single_rating(resistance, "Ω"),
                required=True,
            ),
            "tolerance_pct",
        ),
        real(
            "tolerance_pct",
            "Largest deviation from nominal",
            "Tolerance",
            parse=partial(tolerance, unit="Ω"),
            describe=single_tolerance("Ω"),
        ),
        real(
            "max_power_w",
            "Rated power",
            "Power(Watts)",
            parse=at_least("W"),
            describe=single_rating(at_least("W"), "W"),
        ),
        real(
            "max_voltage_v",
            "Rated voltage",
            "Voltage-supply(max)",
            "Voltage Rated",
            parse=at_least("V"),
            describe=single_rating(at_least("V"), "V"),
        ),
        real(
            "tempco_ppm",
            "Largest temperature coefficient, per kelvin",
            "Temperature coefficient",
            parse=ppm,
            describe=single(ppm),
            aliases=("temperature_coefficient",),
        ),
    ),
)
