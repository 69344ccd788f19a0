"""Capacitors without polarity: ceramic, film, paper, silicon and safety capacitors."""

from __future__ import annotations

from components.families.columns import bounded, deviation, nominal, rating, word
from components.families.model import Column, Family
from components.families.parse.dielectric import dielectric, dielectric_word
from components.families.parse.letters import capacitor_letter

FAMILY = Family(
    name="capacitor",
    title="Capacitors",
    categories=(
        "Feed Through Capacitors",
        "Film Capacitors",
        "Multilayer Ceramic Capacitors MLCC - Leaded",
        "Multilayer Ceramic Capacitors MLCC - SMD/SMT",
        "Polypropylene Film Capacitors (CBB)",
        "Safety Capacitors",
        "Silicon Capacitors",
        "Through Hole Ceramic Capacitors",
    ),
    former=(
        "Ceramic Disc Capacitors",
        "Filters - Feed Through Capacitors",
        "Paper Dielectric Capacitors",
        "Suppression Capacitors",
    ),
    package_prefixes=("C",),
    columns=(
        *bounded(
            nominal(
                "capacitance_f",
                "Nominal capacitance",
                "Capacitance",
                "Nominal capacitance",
                owns="F",
                required=True,
                band=(1e-15, 10.0),
            ),
            "tolerance_pct",
        ),
        deviation("Tolerance", "Capacitancetolerance", of="F"),
        rating(
            "max_voltage_v",
            "Rated voltage",
            "Voltage Rated",
            "Dc rated voltage",
            "Voltage(ac)",
            owns="V",
            band=(0.5, 1e6),
        ),
        word(
            "tempco_code",
            "Dielectric's temperature characteristic, such as X7R; C0G stands for NP0 too",
            "Temperature coefficient",
            parse=dielectric,
            word=dielectric_word,
            aliases=("temperature_coefficient", "tempco"),
        ),
        Column("tolerance_source", "text", "STATED, or PART_NUMBER where its letter tells"),
    ),
    letter=capacitor_letter,
)
