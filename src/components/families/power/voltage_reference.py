"""Voltage references."""

from __future__ import annotations

from components.families.columns import deviation, nominal, ppm_cost, rating, word
from components.families.model import Family, Part, Value
from components.families.parse.ratings import only_or_range


def settle(values: dict[str, Value], part: Part) -> str | None:
    """Keep the output voltage of fixed references: others list the highest that can be set."""
    if values["output_type"] != "FIXED":
        values["output_voltage_v"] = None
    return None


FAMILY = Family(
    name="voltage_reference",
    title="Voltage references",
    categories=("Voltage Reference",),
    former=("Voltage References",),
    columns=(
        nominal(
            "output_voltage_v",
            "Output voltage",
            "Output voltage",
            band=(0.05, 10000.0),
            parse=only_or_range("V"),
        ),
        deviation("Tolerance", of="V"),
        ppm_cost(
            "tempco_ppm", "Largest temperature coefficient, per kelvin", "Temperature coefficient"
        ),
        word("output_type", "Output type", "Output type", identifies=True),
        word("reference_type", "Reference type", "Reference type"),
        rating(
            "output_current_a", "Highest output current", "Output current", band=(1e-06, 5000.0)
        ),
    ),
    settle=settle,
)


def test_an_adjustable_reference_has_no_voltage_of_its_own() -> None:
    for kind, kept in (("FIXED", 2.5), ("ADJUSTABLE", None), (None, None)):
        values: dict[str, Value] = {"output_type": kind, "output_voltage_v": 2.5}
        assert settle(values, Part({}, "", "", "")) is None
        assert values["output_voltage_v"] == kept
