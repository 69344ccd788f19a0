"""ESD and surge suppressor diodes."""

from __future__ import annotations

from components.families.columns import cost, guaranteed, nominal, rating, whole, word
from components.families.model import Family
from components.families.parse.special import waveform
from components.families.parse.words import exactly

FAMILY = Family(
    name="tvs",
    title="ESD and surge suppressor diodes",
    categories=(
        "ESD and Surge Protection (TVS/ESD)",
        "Semiconductor Discharge Tubes (TSS)",
    ),
    former=(
        "Diodes - ESD",
        "Electrostatic And Surge Protection (TVS/ESD)",
        "ESD Protection Devices",
        "Thyristor Surge Suppressors (TSS)",
        "TVS",
    ),
    columns=(
        nominal(
            "standoff_voltage_v",
            "Standoff voltage",
            "Reverse stand-off voltage (vrwm)",
            "Peak off-state voltage",
            "Peak off - state voltage(vdrm)",
            "Peak repetitive off?state voltage (vdrm)",
            identifies=True,
            band=(0.5, 10000.0),
        ),
        guaranteed(
            "breakdown_voltage_v",
            "Breakdown voltage",
            "Voltage - breakdown",
            "Breakdown voltage",
            "Breakdown voltage (vbr)",
            band=(0.5, 100000.0),
        ),
        cost(
            "clamping_voltage_v",
            "Clamping voltage",
            "Clamping voltage",
            "Maximum clamping voltage",
            "Clamping voltage@ipp",
            band=(0.5, 100000.0),
        ),
        rating(
            "peak_pulse_current_a",
            "Peak pulse current",
            "Peak pulse current (ipp)",
            "Peak pulse current (ipp)@10/1000us",
            "Peak pulse current(ipp)@8/20us",
            band=(0.01, 1000000.0),
        ),
        rating(
            "peak_pulse_power_w",
            "Peak pulse power",
            "Peak pulse power dissipation (ppp)",
            "Peak pulse power dissipation (ppp)@10/1000us",
            "Peak pulse power(ppp)@8/20us",
            band=(0.1, 1000000.0),
        ),
        word(
            "polarity",
            "Polarity",
            "Polarity",
            identifies=True,
            words={"BI_DIRECTIONAL": "BIDIRECTIONAL"},
            word=exactly("Unidirectional", "Bidirectional"),
        ),
        cost(
            "capacitance_f",
            "Capacitance",
            "Junction capacitance",
            "Junction capacitance(cj)@1MHz",
            band=(1e-15, 1e-05),
        ),
        whole("line_count", "Protected or filtered lines", "Number of channels", "Number of lines"),
        word(
            "pulse_waveform",
            "Rise and fall, in µs, of the pulse that current and power are given for",
            "Peak pulse current (ipp)",
            otherwise=("Peak pulse power dissipation (ppp)",),
            parse=waveform,
            quiet=True,
        ),
    ),
)
