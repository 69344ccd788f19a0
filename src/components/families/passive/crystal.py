"""Quartz crystals: two-terminal resonators without an oscillator circuit.

A circuit is designed for a frequency and a load capacitance; these identify a crystal. Its
tolerance is a rating like its stability: where it is unknown, so are the bounds.
"""

from __future__ import annotations

from components.families.model import Family, Upstream, bounded, real
from components.families.parse.describe import single_rating
from components.families.parse.ratings import only
from components.families.parse.tolerance import ppm, ppm_tolerance

FAMILY = Family(
    name="crystal",
    title="Crystals",
    upstream=Upstream(("crystal", "resonator"), ("Crystals",)),
    misfiled=(
        "Ceramic Resonators",
        "Crystal Oscillators",
    ),
    columns=(
        *bounded(
            real(
                "frequency_hz",
                "Nominal frequency",
                "Frequency",
                parse=only("Hz"),
                describe=single_rating(only("Hz"), "Hz"),
                required=True,
            ),
            "frequency_tolerance_ppm",
            required=False,
        ),
        real(
            "load_capacitance_f",
            "Load capacitance that the frequency is specified for",
            "Load capacitance",
            "Load capacitor",
            "External load capacitor",
            parse=only("F"),
            describe=single_rating(only("F"), "F"),
            required=True,
        ),
        real(
            "frequency_tolerance_ppm",
            "Deviation at room temperature, to either side",
            "Normal temperature frequency tolerance",
            "Frequency tolerance",
            parse=ppm_tolerance,
        ),
        real(
            "frequency_stability_ppm",
            "Deviation over the temperature range, to either side",
            "Frequency stability",
            "Frequency stability(full temperature range)",
            parse=ppm,
        ),
    ),
)
