"""Rectifying diodes: general purpose, switching, fast recovery, Schottky, and bridges of them."""

from __future__ import annotations

from components.families.model import Family, Upstream, real
from components.families.parse.describe import single_rating
from components.families.parse.ratings import at_least, at_most, within

leakage_current = within(at_most("A"), 0, 1)  # above it, the prefix is wrong

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
    misfiled=(
        "Bipolar (BJT)",
        "Current Source / Constant Current Source",
        "Diodes - Variable Capacitance",
        "ESD and Surge Protection (TVS/ESD)",
        "MOSFETs",
        "PIN Diodes",
        "Transformer Drivers",
        "Zener Diodes",
    ),
    columns=(
        real(
            "forward_voltage_v",
            "Highest forward voltage at the stated current",
            "Voltage - Forward(Vf@If)",
            "Forward Voltage (Vf@If)",
            parse=at_most("V"),
            describe=single_rating(at_most("V"), "V", "A"),
        ),
        real(
            "reverse_working_voltage_v",
            "Repetitive peak reverse voltage",
            "Voltage - DC Reverse(Vr)",
            "Reverse Voltage (Vr)",
            "DC reverse voltage(Vr)",
            parse=at_least("V"),
            describe=single_rating(at_least("V"), "V"),
            required=True,
        ),
        real(
            "max_current_a",
            "Average rectified current",
            "Rectified current",
            "Average rectified current (Io)",
            parse=within(at_least("A"), 1e-3, 10e3),
            required=True,
        ),
        real(
            "reverse_leakage_current_a",
            "Reverse current at the stated voltage",
            "Reverse Leakage Current (Ir)",
            "Reverse leakage current",
            parse=leakage_current,
            describe=single_rating(leakage_current, "A", "V"),
        ),
    ),
)
