"""Rectifying diodes: general purpose, switching, fast recovery, Schottky, and bridges of them."""

from __future__ import annotations

from components.families.model import Family, Upstream, real
from components.families.parse.ratings import at_least, at_most

FAMILY = Family(
    name="diode",
    title="Diodes",
    upstream=Upstream(
        ("diode",),
        (
            "Bridge Rectifiers",
            "Diodes - Fast Recovery Rectifiers",
            "Diodes - General Purpose",
            "Diodes - Rectifiers - Fast Recovery",
            "Diodes Rectifiers Fast Recovery",
            "Fast Recovery / High Efficiency Diodes",
            "Fast Recovery/High Efficiency Diode",
            "High Effic Rectifier",
            "Schottky Barrier Diodes (SBD)",
            "Schottky Diodes",
            "Super Barrier Rectifier (SBR)",
            "Super Barrier Rectifiers (SBR)",
            "Switching Diode",
            "Switching Diodes",
        ),
    ),
    package_prefixes=("D",),
    columns=(
        real(
            "forward_voltage_v",
            "Highest forward voltage at the stated current",
            "Forward Voltage (Vf@If)",
            "Voltage - Forward(Vf@If)",
            parse=at_most("V"),
        ),
        real(
            "reverse_working_voltage_v",
            "Repetitive peak reverse voltage",
            "Reverse Voltage (Vr)",
            "Voltage - DC Reverse(Vr)",
            "DC reverse voltage(Vr)",
            parse=at_least("V"),
            required=True,
        ),
        real(
            "max_current_a",
            "Average rectified current",
            "Average rectified current (Io)",
            "Rectified current",
            parse=at_least("A"),
            required=True,
        ),
        real(
            "reverse_leakage_current_a",
            "Reverse current at the stated voltage",
            "Reverse leakage current",
            "Reverse Leakage Current (Ir)",
            parse=at_most("A"),
        ),
    ),
)
