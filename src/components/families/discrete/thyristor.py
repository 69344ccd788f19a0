"""Thyristors and triacs."""

from __future__ import annotations

from components.families.columns import cost, rating, word
from components.families.model import Family

FAMILY = Family(
    name="thyristor",
    title="Thyristors and triacs",
    categories=(
        "Thyristors (SCR)/Modules",
        "Trigger Diodes",
    ),
    former=(
        "Diacs Trigger Diode",
        "TRIACs",
    ),
    columns=(
        rating(
            "off_state_voltage_v",
            "Off state voltage",
            "Peak off - state voltage(vdrm)",
            "Peak repetitive off?state voltage (vdrm)",
            identifies=True,
            band=(5.0, 100000.0),
        ),
        rating(
            "on_state_current_a",
            "On state current",
            "Current - on state(it(rms))",
            "Rms on-state current(it (rms))",
            identifies=True,
            band=(0.01, 100000.0),
        ),
        cost(
            "gate_trigger_current_a",
            "Gate trigger current",
            "Current - gate trigger(igt)",
            "Gate trigger current(igt)",
            band=(1e-07, 10.0),
        ),
        cost("holding_current_a", "Holding current", "Holding current (ih)", band=(1e-07, 10.0)),
        word(
            "scr_type",
            "Scr type",
            "Scr type",
            words={
                "ONE_UNIDIRECTIONAL_THYRISTOR": "1_SCR",
                "ONE_WAY_THYRISTOR": "1_SCR",
                "TWO_WAY_THYRISTOR": "1_TRIAC",
            },
        ),
    ),
)
