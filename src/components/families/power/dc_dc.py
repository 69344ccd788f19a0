"""Switching regulators and controllers."""

from __future__ import annotations

from components.families.columns import rating, span, word
from components.families.model import Family, Part, Value
from components.families.power.settable import settable_ranges
from components.families.shared_columns import TOPOLOGIES


def settle(values: dict[str, Value], part: Part) -> str | None:
    """Give an output that can be set its range, where the description has it, or else none.

    Listings give one the highest voltage that it can be set to.
    """
    low, high = values["output_voltage_min_v"], values["output_voltage_max_v"]
    if values["output_type"] == "ADJUSTABLE" and isinstance(high, float) and low == high:
        lows = {one for one, most in settable_ranges(part.description) if most == abs(high)}
        is_set = len(lows) == 1 and high > 0
        values["output_voltage_min_v"] = lows.pop() if is_set else None
        values["output_voltage_max_v"] = high if is_set else None
    return None


FAMILY = Family(
    name="dc_dc",
    title="Switching regulators and controllers",
    categories=(
        "Charge Pumps",
        "DC-DC Converters",
        "Isolated DC/DC Converters",
    ),
    former=(
        "DC-DC Controllers",
        "Voltage Regulators - DC DC Switching Regulators",
    ),
    columns=(
        word(
            "topology",
            "Topology",
            "Topology",
            otherwise=("Function",),
            words=TOPOLOGIES,
            identifies=True,
        ),
        *span(
            "input_voltage_v",
            "Input voltage",
            "Voltage - supply",
            "Operating voltage",
            "Supply voltage",
            "Input voltage",
            identifies=True,
        ),
        rating(
            "output_current_a",
            "Highest output current",
            "Output current",
            "Output current(max)",
            band=(1e-06, 5000.0),
        ),
        *span("output_voltage_v", "Output voltage", "Output voltage", signed=True),
        *span(
            "switching_frequency_hz",
            "Switching frequency",
            "Frequency - switching",
            "Switching frequency",
        ),
        word("output_type", "Output type", "Output type"),
        word("switch", "Switch", "Switch tube (built-in/external)"),
        word(
            "synchronous",
            "Synchronous",
            "Synchronous rectifier",
            "Synchronous rectification",
            words={"YES": "YES", "NO": "NO"},
        ),
    ),
    settle=settle,
)
