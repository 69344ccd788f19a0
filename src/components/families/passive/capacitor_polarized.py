"""Capacitors with polarity: aluminium, polymer, tantalum and niobium electrolytics."""

from __future__ import annotations

from functools import partial

from components.families.model import Family, Upstream, bounded, real
from components.families.parse.describe import single_rating, single_tolerance
from components.families.parse.ratings import at_least, only
from components.families.parse.tolerance import tolerance

FAMILY = Family(
    name="capacitor_polarized",
    title="Polarized capacitors",
    upstream=Upstream(
        ("capacitor",),
        (
            "Aluminum Electrolytic Capacitors (Can - Screw Terminals)",
            "Aluminum Electrolytic Capacitors - Leaded",
            "Aluminum Electrolytic Capacitors - SMD",
            "Horn-Type Electrolytic Capacitors",
            "Hybrid Aluminum Electrolytic Capacitors",
            "Niobium Oxide Capacitors",
            "Polymer Aluminum Capacitors",
            "Solid Capacitors",
            "Solid Polymer Electrolytic Capacitor",
            "Tantalum Capacitors",
        ),
    ),
    package_prefixes=("C",),
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
            parse=at_least("V"),
            describe=single_rating(at_least("V"), "V"),
        ),
    ),
)
