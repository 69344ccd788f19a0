"""Capacitors without polarity: ceramic, film, paper, silicon and safety capacitors."""

from __future__ import annotations

from functools import partial

from components.families.model import Family, Upstream, bounded, real, text
from components.families.parse.describe import single, single_rating, single_tolerance
from components.families.parse.dielectric import dielectric, dielectric_word
from components.families.parse.ratings import at_least, only
from components.families.parse.tolerance import tolerance

FAMILY = Family(
    name="capacitor",
    title="Capacitors",
    upstream=Upstream(
        ("capacitor",),
        (
            "Multilayer Ceramic Capacitors MLCC - SMD/SMT",
            "Multilayer Ceramic Capacitors MLCC - Leaded",
            "Ceramic Disc Capacitors",
            "Through Hole Ceramic Capacitors",
            "Film Capacitors",
            "Polypropylene Film Capacitors (CBB)",
            "Paper Dielectric Capacitors",
            "Safety Capacitors",
            "Silicon Capacitors",
            "Suppression Capacitors",
        ),
    ),
    package_prefixes=("C",),
    misfiled=(
        "Capacitor Networks, Arrays",
        "Feed Through Capacitors",
        "Polymer Aluminum Capacitors",
        "Power Inductors",
    ),
    columns=(
        *bounded(
            real(
                "capacitance_f",
                "Nominal capacitance",
                "Capacitance",
                parse=only("F"),
                describe=single_rating(only("F"), "F"),
                required=True,
            ),
            "tolerance_pct",
        ),
        real(
            "tolerance_pct",
            "Largest deviation from nominal",
            "Tolerance",
            parse=partial(tolerance, unit="F"),
            describe=single_tolerance("F"),
        ),
        real(
            "max_voltage_v",
            "Rated voltage",
            "Voltage Rated",
            "Voltage(ac)",
            parse=at_least("V"),
            describe=single_rating(at_least("V"), "V"),
        ),
        text(
            "tempco_code",
            "Dielectric's temperature characteristic, such as X7R; C0G stands for NP0 too",
            "Temperature coefficient",
            parse=dielectric,
            describe=single(dielectric_word),
            aliases=("temperature_coefficient", "tempco"),
        ),
    ),
)
