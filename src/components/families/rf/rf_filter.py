"""RF filters, baluns, couplers."""

from __future__ import annotations

from components.families.columns import cost, nominal, span
from components.families.model import Family, Part, Value
from components.families.parse.special import matched_impedance


def settle(values: dict[str, Value], part: Part) -> str | None:
    """Of an absolute bandwidth a range is the band; a single number is its width."""
    low, high = values["frequency_min_hz"], values["frequency_max_hz"]
    if low == high and "Frequency range" not in part.attributes:
        values["frequency_min_hz"] = values["frequency_max_hz"] = None
    return None


FAMILY = Family(
    name="rf_filter",
    title="RF filters, baluns, couplers",
    categories=(
        "Balun",
        "Duplexers",
        "EMI/RFI Filters (LC, RC Networks)",
        "RF Attenuators",
        "RF Directional Coupler",
        "RF Filters",
        "RF Power Splitters / Combiners",
        "SAW Filters",
    ),
    former=(
        "Diplexers",
        "EMI Filters (LC, RC Networks)",
        "RF attenuator",
        "RF Coupler",
    ),
    columns=(
        *span(
            "frequency_hz",
            "Frequency",
            "Frequency range",
            otherwise=("Absolute bandwidth",),
        ),
        nominal("center_frequency_hz", "Frequency", "Frequency - center", "Center frequency"),
        nominal("bandwidth_hz", "Width of the pass band", "Bandwidth", "Passband bandwidth"),
        cost(
            "insertion_loss_db",
            "Insertion loss",
            "Insertion loss",
            "Insertion loss (db max)",
            band=(0.001, 100.0),
        ),
        nominal(
            "impedance_ohm",
            "Impedance",
            "Impedance",
            "Impedance - unbalanced/balanced",
            parse=matched_impedance,
            band=(0.1, 1000000.0),
        ),
    ),
    settle=settle,
)


def test_a_width_is_no_frequency() -> None:
    for name, low, expected in (
        ("Absolute bandwidth", 2.4e9, 2.4e9),
        ("Absolute bandwidth", 2.5e9, None),
        ("Frequency range", 2.5e9, 2.5e9),
    ):
        values: dict[str, Value] = {"frequency_min_hz": low, "frequency_max_hz": 2.5e9}
        assert settle(values, Part({name: ""}, "", "", "")) is None
        assert values["frequency_min_hz"] == expected
