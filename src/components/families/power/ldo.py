"""Linear voltage regulators, fixed and adjustable."""

from __future__ import annotations

from components.families.model import Family, Refused, Upstream, Value, fold, real, text
from components.families.parse.describe import single, single_rating, words
from components.families.parse.ratings import at_least, at_most, only_or_range, span, within


def output_type(text: str) -> str | Refused | None:
    """``FIXED`` or ``ADJUSTABLE``; a part that is both can be adjusted."""
    folded = fold(text)
    return "ADJUSTABLE" if "adjustable" in folded else "FIXED" if "fixed" in folded else None


def output_polarity(text: str) -> str | Refused | None:
    """``POSITIVE`` or ``NEGATIVE``; regulators with both are refused."""
    folded = fold(text)
    if "positive" in folded and "negative" in folded:
        return Refused("mixed output polarity")
    return "POSITIVE" if "positive" in folded else "NEGATIVE" if "negative" in folded else None


def settle(values: dict[str, Value], description: str) -> str | None:
    """Keep an output voltage only where it is the part's own, and not the end of a range.

    Listings give an adjustable regulator the highest voltage that it can be set to, and a few
    fixed ones the upper limit of their tolerance; the description then shows the whole range.
    """
    adjustable = values["output_type"] == "ADJUSTABLE"
    also_fixed = adjustable and "Fixed" in description
    if (adjustable and not also_fixed) or values["output_voltage_v"] in _range_ends(description):
        values["output_voltage_v"] = None
    if values["output_type"] == "FIXED" and values["output_voltage_v"] is None:
        return "output voltage unknown"
    return None


def _range_ends(description: str) -> set[float]:
    items = (item for word in words(description) for item in word.split(","))
    ranges = (span(item, "V") for item in items if "~" in item and item.endswith("V"))
    return {max(map(abs, read)) for read in ranges if read is not None}


dropout_voltage = within(at_most("V"), 0, 10)  # above it, it is an input voltage

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
    misfiled=(
        "AC-DC Controllers and Regulators",
        "Analog Switches, Multiplexers",
        "Battery Management",
        "DC-DC Converters",
        "MEMS Microphones",
        "Power Management - Specialized",
        "Voltage Reference",
    ),
    columns=(
        real(
            "output_voltage_v",
            "Output voltage of a fixed regulator",
            "Output voltage",
            parse=only_or_range("V"),
        ),
        real(
            "max_input_voltage_v",
            "Highest input voltage",
            "Voltage - supply",
            "Maximum input voltage",
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
            "Voltage dropout",
            "Dropout voltage",
            parse=dropout_voltage,
            describe=single_rating(dropout_voltage, "V", "A"),
        ),
        text(
            "output_type",
            "FIXED or ADJUSTABLE",
            "Output type",
            parse=output_type,
            describe=single(output_type),
            required=True,
        ),
        text(
            "output_polarity",
            "POSITIVE or NEGATIVE",
            "Output configuration",
            "Output polarity",
            parse=output_polarity,
            describe=single(output_polarity),
        ),
    ),
    settle=settle,
)


def test_an_output_voltage_is_no_end_of_a_range() -> None:
    for kind, description, kept, reason in (
        ("FIXED", "-40℃~+125℃ 1 5V 300mA Fixed Positive", 5.0, None),
        ("FIXED", "20V 4.75V~5V Fixed Positive", None, "output voltage unknown"),
        ("FIXED", "", 5.0, None),
        ("ADJUSTABLE", "1.2V~5V 7V Adjustable Positive", None, None),
        ("ADJUSTABLE", "", None, None),
        ("ADJUSTABLE", "1.235V~30V、5V 30V Fixed、Adjustable Positive", 5.0, None),
        ("ADJUSTABLE", "3.3V、3.3V~5V Fixed、Adjustable Positive", None, None),
    ):
        values: dict[str, Value] = {"output_voltage_v": 5.0, "output_type": kind}
        assert settle(values, description) == reason, description
        assert values["output_voltage_v"] == kept, description


def test_words_for_types_and_polarities() -> None:
    assert output_type("Fixed, Adjustable") == "ADJUSTABLE"
    assert output_type("-") is None
    assert output_polarity("Negative electrode") == "NEGATIVE"
    assert isinstance(output_polarity("positive;Negative"), Refused)
