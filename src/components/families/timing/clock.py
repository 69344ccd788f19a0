"""Clock ICs."""

from __future__ import annotations

from components.families.columns import rating, span, whole, word
from components.families.model import Family
from components.families.shared_columns import interface

FAMILY = Family(
    name="clock",
    title="Clock ICs",
    categories=(
        "Application Specific Clock/Timing",
        "Clock Buffers, Drivers, Distributors",
        "Clock Generators, PLLs, Frequency Synthesizers",
        "Direct Digital Synthesis (DDS)",
        "Real Time Clocks",
    ),
    former=(
        "Clock / Timing - Application Specific",
        "Clock Buffers, Drivers",
        "Clock Buffers/Drivers/Distributions",
        "Clock Generators / Frequency Synthesizers / PLL",
        "Interface - Direct Digital Synthesis (DDS)",
        "Real-time Clocks (RTC)",
    ),
    columns=(
        rating(
            "max_output_frequency_hz",
            "Highest output frequency",
            "Output frequency(max)",
            band=(0.001, 1000000000000.0),
        ),
        whole("output_count", "Number of outputs", "Number of outputs"),
        *span(
            "supply_voltage_v",
            "Supply voltage",
            "Voltage - supply",
            "Supply voltage",
            "Operating voltage",
        ),
        interface("Interface"),
        word("output_type", "Output type", "Output"),
    ),
)
