"""Quartz crystals: two-terminal resonators without an oscillator circuit.

A circuit is designed for a frequency and a load capacitance; these identify a crystal. Its
tolerance is a rating like its stability: where it is unknown, so are the bounds.
"""

from __future__ import annotations

from components.families.columns import bounded, cost, nominal, ppm_cost
from components.families.model import Family
from components.families.parse.tolerance import ppm_tolerance

FAMILY = Family(
    name="crystal",
    title="Crystals",
    categories=("Crystals",),
    former=(
        "DIP Crystal Resonators",
        "SMD Crystal Resonators",
        "Spacers",
    ),
    columns=(
        *bounded(
            nominal(
                "frequency_hz",
                "Nominal frequency",
                "Frequency",
                owns="Hz",
                required=True,
                band=(1e3, 1e10),
            ),
            "frequency_tolerance_ppm",
            required=False,
        ),
        nominal(
            "load_capacitance_f",
            "Load capacitance that the frequency is specified for",
            "Load capacitance",
            "Load capacitor",
            "External load capacitor",
            owns="F",
            required=True,
            band=(1e-12, 1e-9),
        ),
        ppm_cost(
            "frequency_tolerance_ppm",
            "Deviation at room temperature, to either side",
            "Normal temperature frequency tolerance",
            "Frequency tolerance",
            parse=ppm_tolerance,
        ),
        ppm_cost(
            "frequency_stability_ppm",
            "Deviation over the temperature range, to either side",
            "Frequency stability",
            "Frequency stability(full temperature range)",
        ),
        cost(
            "esr_ohm",
            "Equivalent series resistance",
            "ESR (Equivalent Series Resistance)",
            band=(0.1, 1e6),
            owns="Ω",
        ),
    ),
)
