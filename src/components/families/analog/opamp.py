"""Operational and instrumentation amplifiers."""

from __future__ import annotations

from components.families.columns import cost, nominal, span, whole, word
from components.families.model import Family

FAMILY = Family(
    name="opamp",
    title="Operational and instrumentation amplifiers",
    categories=(
        "Differential Amplifiers",
        "FET Input Amplifiers",
        "Instrumentation Amplifiers",
        "Isolation Amplifiers",
        "Operational Amplifier",
        "Precision Op Amps",
        "Programmable / Variable Gain Amplifiers (PGA/VGA)",
        "Special Purpose Amplifiers",
        "Video Amplifiers",
    ),
    former=(
        "Differential OpAmps",
        "General Purpose Amplifiers",
        "Instrumentation OpAmps",
        "Low Noise OpAmps",
        "Low Power OpAmps",
        "Operational Amplifiers",
        "Programmable/Variable Gain Amplifiers (PGAs/VGAs)",
    ),
    columns=(
        whole("channel_count", "Channels", "Number of channels", "Number of circuits"),
        *span(
            "supply_voltage_v",
            "Supply voltage",
            "Single supply",
            most=("Maximum power supply range (vdd-vss)",),
        ),
        nominal(
            "gain_bandwidth_hz",
            "Gain bandwidth",
            "Gain bandwidth product",
            "Gain bandwidth product(gbp)",
            otherwise=("-3db bandwidth",),
            side="least",
            identifies=True,
            band=(1.0, 1000000000000.0),
        ),
        nominal(
            "slew_rate_v_per_s",
            "Slew rate",
            "Slew rate",
            "Slew rate(sr)",
            band=(1.0, 1000000000000.0),
        ),
        cost(
            "input_offset_voltage_v",
            "Input offset voltage",
            "Vos - input offset voltage",
            "Voltage - input offset(vos)",
            "Input offset voltage (vos)",
            band=(1e-08, 1.0),
        ),
        cost(
            "input_bias_current_a",
            "Input bias current",
            "Ib - input bias current",
            "Current - input bias(ib)",
            "Input bias current (ib)",
            band=(1e-17, 1.0),
        ),
        word("rail_to_rail", "Rail to rail", "Rail to rail"),
    ),
)
