"""Analog-digital converters."""

from __future__ import annotations

from components.families.columns import rating, span, whole, word
from components.families.model import Family
from components.families.shared_columns import interface

FAMILY = Family(
    name="adc",
    title="Analog-digital converters",
    categories=(
        "ADCs/DACs - Special Purpose",
        "Analog Front End (AFE)",
        "Analog to Digital Converters (ADC)",
        "Isolated ADCs",
    ),
    former=(
        "ADC/DAC - Specialized",
        "Analog Front End (AFEs)",
        "Analog To Digital Converters (ADCs)",
    ),
    columns=(
        whole(
            "resolution_bit",
            "Resolution",
            "Resolution (bits)",
            "Resolution",
            identifies=True,
        ),
        whole("channel_count", "Channels", "Number of channels"),
        rating(
            "sample_rate_hz",
            "Sample rate",
            "Sampling rate",
            "Sampling frequency",
            band=(0.1, 1000000000000.0),
        ),
        interface("Interface", "Interface type"),
        *span("supply_voltage_v", "Supply voltage", "Voltage - supply", "Supply voltage"),
        word("architecture", "Architecture", "Adc architecture"),
        word("differential", "Differential", "Differential input"),
    ),
)
