"""Linear voltage regulators, fixed and adjustable."""

from __future__ import annotations

from collections.abc import Mapping

from components.families.model import Family, Refused, Upstream, Value, fold, real, text
from components.families.parse.ratings import at_least, at_most, only


def output_type(word: str) -> str | Refused | None:
    """``FIXED`` or ``ADJUSTABLE``; a part sold as both is adjustable."""
    folded = fold(word)
    if "adjustable" in folded:
        return "ADJUSTABLE"
    return "FIXED" if folded == "fixed" else None


def output_polarity(word: str) -> str | Refused | None:
    """``POSITIVE`` or ``NEGATIVE``; regulators with both are refused."""
    folded = fold(word)
    positive, negative = "positive" in folded, "negative" in folded
    if positive and negative:
        return Refused("mixed output polarity")
    return "POSITIVE" if positive else "NEGATIVE" if negative else None


def _refuse(values: Mapping[str, Value]) -> str | None:
    if values["output_type"] != "ADJUSTABLE" and values["output_voltage_v"] is None:
        return "output voltage unknown"
    return None


FAMILY = Family(
    name="ldo",
    title="Linear regulators",
    upstream=Upstream(
        ("power",),
        (
            "Dropout Regulators(LDO)",
            "Linear Voltage Regulators (LDO)",
            "Low Dropout Regulators(LDO)",
            "Voltage Regulators - Linear, Low Drop Out (LDO) Regulators",
        ),
    ),
    columns=(
        real(
            "output_voltage_v",
            "Output voltage of a fixed regulator",
            "Output voltage",
            parse=only("V"),
        ),
        real(
            "max_input_voltage_v",
            "Highest input voltage",
            "Maximum input voltage",
            "Voltage - supply",
            "Operating voltage",
            parse=at_least("V"),
        ),
        real(
            "output_current_a",
            "Highest output current",
            "Output current",
            "Max output current",
            parse=at_least("A"),
            required=True,
        ),
        real(
            "dropout_voltage_v",
            "Dropout voltage at the stated current",
            "Dropout voltage",
            "Voltage dropout",
            parse=at_most("V"),
        ),
        text(
            "output_type",
            "FIXED or ADJUSTABLE",
            "Output type",
            parse=output_type,
            required=True,
        ),
        text(
            "output_polarity",
            "POSITIVE or NEGATIVE",
            "Output polarity",
            "Output configuration",
            parse=output_polarity,
        ),
    ),
    refuse=_refuse,
)
