"""Linear voltage regulators, fixed and adjustable."""

from __future__ import annotations

from components.families.columns import cost, guaranteed, nominal, rating, whole, word
from components.families.model import Family, Part, Value, fold
from components.families.parse.counts import count
from components.families.parse.describe import single
from components.families.parse.ratings import at_most, only_or_range
from components.families.power.settable import settable_ranges
from components.families.shared_columns import element_count


def output_type(text: str) -> str | None:
    """``FIXED`` or ``ADJUSTABLE``; a part that is both can be adjusted."""
    folded = fold(text)
    return "ADJUSTABLE" if "adjustable" in folded else "FIXED" if "fixed" in folded else None


def output_polarity(text: str) -> str | None:
    """``POSITIVE``, ``NEGATIVE`` or, of regulators with both, ``NEGATIVE+POSITIVE``."""
    folded = fold(text)
    found = [word for word in ("negative", "positive") if word in folded]
    return "+".join(found).upper() or None


def settle(values: dict[str, Value], part: Part) -> str | None:
    """Keep an output voltage only where it is the part's own, and not the end of a range.

    Listings give an adjustable regulator the highest voltage that it can be set to, and a few
    fixed ones the upper limit of their tolerance; the description then shows the whole range.
    """
    description = part.description
    adjustable = values["output_type"] == "ADJUSTABLE"
    also_fixed = adjustable and "Fixed" in description
    ends = {high for _, high in settable_ranges(description)}
    if (adjustable and not also_fixed) or values["output_voltage_v"] in ends:
        values["output_voltage_v"] = None
    if values["output_polarity"] == "NEGATIVE+POSITIVE" and values["element_count"] == 1.0:
        values["element_count"] = None
    elif "element_count" in part.contradicted:
        pass
    elif values["element_count"] is None and values["output_polarity"] != "NEGATIVE+POSITIVE":
        values["element_count"] = 1.0
    if values["output_type"] == "FIXED" and values["output_voltage_v"] is None:
        return "output voltage unknown"
    return None


def noise(text: str) -> float | None:
    """Volts RMS; noise as a share of the output says nothing of volts."""
    return at_most("V")(text.replace("rms", "").replace("RMS", ""))


FAMILY = Family(
    name="ldo",
    title="Linear regulators",
    categories=("Voltage Regulators - Linear, Low Drop Out (LDO) Regulators",),
    former=(
        "Dropout Regulators(LDO)",
        "Linear Voltage Regulators (LDO)",
        "Low Dropout Regulators(LDO)",
    ),
    columns=(
        nominal(
            "output_voltage_v",
            "Output voltage of a fixed regulator",
            "Output voltage",
            parse=only_or_range("V"),
        ),
        rating(
            "max_input_voltage_v",
            "Highest input voltage",
            "Voltage - supply",
            "Maximum input voltage",
            "Operating voltage",
            band=(0.5, 2e3),
        ),
        rating(
            "output_current_a",
            "Highest output current",
            "Output current",
            "Max output current",
            required=True,
            band=(1e-4, 100.0),
        ),
        cost(
            "dropout_voltage_v",
            "Dropout voltage at the stated current",
            "Voltage dropout",
            "Dropout voltage",
            # Above it, it is an input voltage.
            band=(0.0, 10.0),
            owns="V@A",
        ),
        word(
            "output_type",
            "FIXED or ADJUSTABLE",
            "Output type",
            parse=output_type,
            describe=single(output_type),
            required=True,
        ),
        word(
            "output_polarity",
            "POSITIVE or NEGATIVE",
            "Output configuration",
            "Output polarity",
            parse=output_polarity,
            describe=single(output_polarity),
        ),
        cost(
            "quiescent_current_a",
            "Current that the regulator itself takes",
            "Standby current",
            "Quiescent current (ground current)",
            "Supply current (iq)",
            band=(1e-10, 1.0),
        ),
        guaranteed(
            "psrr_db",
            "Power supply rejection at the stated frequency",
            "Power supply rejection ratio (psrr)",
            band=(5.0, 150.0),
            owns="dB@Hz",
        ),
        cost("noise_v", "Output noise, RMS", "Noise", parse=noise, band=(1e-8, 1.0)),
        whole("output_count", "Outputs", "Number of outputs"),
        element_count("Number of outputs", parse=count),
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
        values: dict[str, Value] = {
            "output_voltage_v": 5.0,
            "output_type": kind,
            "output_polarity": "POSITIVE",
            "element_count": None,
        }
        assert settle(values, Part({}, description, "", "")) == reason, description
        assert values["output_voltage_v"] == kept, description
        assert values["element_count"] == 1.0


def test_words_for_types_and_polarities() -> None:
    assert output_type("Fixed, Adjustable") == "ADJUSTABLE"
    assert output_type("-") is None
    assert output_polarity("Negative electrode") == "NEGATIVE"
    assert output_polarity("positive;Negative") == "NEGATIVE+POSITIVE"
    assert (noise("30uVrms"), noise("0.003%Vout"), noise("40uV")) == (3e-5, None, 4e-5)
