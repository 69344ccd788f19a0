"""Clock oscillators (XO, TCXO, VCXO, MEMS)."""

from __future__ import annotations

from components.families.columns import cost, nominal, ppm_cost, span, word
from components.families.model import Family

FAMILY = Family(
    name="oscillator",
    title="Clock oscillators (XO, TCXO, VCXO, MEMS)",
    categories=(
        "Crystal Oscillators",
        "Oven Controlled Crystal Oscillators (OCXOs)",
        "Programmable Oscillators",
        "Spread Spectrum Oscillators(SSOs)",
        "Temperature Compensated Crystal Oscillators (TCXO)",
        "Voltage-Controlled Crystal Oscillators (VCXOs)",
    ),
    former=(
        "Oscillators",
        "Pre-programmed Oscillators",
        "Temperature Compensated Crystal Oscillators (TCXOs)",
    ),
    columns=(
        nominal(
            "frequency_hz", "Frequency", "Frequency", identifies=True, band=(0.1, 1000000000000.0)
        ),
        *span("supply_voltage_v", "Supply voltage", "Voltage - supply", "Supply voltage"),
        word("output_type", "Output type", "Output type"),
        ppm_cost(
            "frequency_stability_ppm",
            "Frequency stability",
            "Frequency stability",
            "Frequency stability(full temperature range)",
        ),
        cost(
            "supply_current_a",
            "Current that the part itself takes",
            "Current - supply",
            "Supply current (max)",
            "Supply current",
            band=(1e-10, 100.0),
        ),
    ),
)
