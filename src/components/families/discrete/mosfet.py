"""Field effect transistors with an insulated gate: single ones, pairs and bridges."""

from __future__ import annotations

from components.families.columns import cost, rating, word
from components.families.discrete.pairs import settle_pair
from components.families.model import Family, Part, Value
from components.families.parse.devices import channel, channel_count
from components.families.parse.packages import dissipation_limit_w
from components.families.shared_columns import configuration, element_count

_settle_pair = settle_pair("channel_type")
# No switch for 200 V and more conducts below a milliohm: there a prefix is wrong.
HIGH_VOLTAGE_V, ON_RESISTANCE_MIN_OHM = 200.0, 1e-3


def settle(values: dict[str, Value], part: Part) -> str | None:
    """As :func:`settle_pair`, and an on-resistance that its voltage rules out is unknown."""
    voltage, resistance = values["max_drain_source_voltage_v"], values["on_resistance_ohm"]
    known = isinstance(voltage, float) and isinstance(resistance, float)
    if known and voltage >= HIGH_VOLTAGE_V and resistance < ON_RESISTANCE_MIN_OHM:  # type: ignore[operator]
        values["on_resistance_ohm"] = None
    return _settle_pair(values, part)


FAMILY = Family(
    name="mosfet",
    title="MOSFETs",
    categories=(
        "GaN Transistors(GaN HEMT)",
        "MOSFETs",
        "Silicon Carbide Field Effect Transistor (MOSFET)",
    ),
    former=(
        "MOSFET",
        "SiC MOSFETs",
    ),
    columns=(
        word(
            "channel_type",
            "N_CHANNEL or P_CHANNEL; N_CHANNEL+P_CHANNEL where a package holds both",
            "Number",
            "Type",
            "FET type",
            parse=channel,
            describe=channel,
            required=True,
        ),
        rating(
            "max_drain_source_voltage_v",
            "Drain-source breakdown voltage",
            "Drain to source voltage",
            "Drain Source Voltage (Vdss)",
            required=True,
            band=(1.0, 20e3),
        ),
        rating(
            "max_continuous_drain_current_a",
            "Continuous drain current",
            "Continuous Drain Current (Id)",
            required=True,
            band=(1e-3, 2e3),
        ),
        cost(
            "on_resistance_ohm",
            "Drain-source resistance when on, at the stated gate voltage",
            "RDS(on)",
            "Drain Source On Resistance (RDS(on)@Vgs,Id)",
            band=(5e-5, 1e5),
            owns="Ω@V",
        ),
        cost(
            "gate_source_threshold_voltage_v",
            "Gate threshold voltage",
            "Gate Threshold Voltage (Vgs(th)@Id)",
            band=(0.0, 15.0),
        ),
        rating(
            "max_power_w",
            "Power dissipation",
            "Power Dissipation (Pd)",
            "Pd - power dissipation(pd)",
            band=(5e-3, 10e3),
            owns="W",
        ),
        cost(
            "gate_charge_coulomb",
            "Total gate charge at the stated gate voltage",
            "Gate charge(qg)",
            "Total gate charge (qg@vgs)",
            "Total gate charge (qg)",
            "Total gate charge(qg)",
            owns="C",
        ),
        cost(
            "input_capacitance_f",
            "Input capacitance",
            "Input capacitance (ciss@vds)",
            "Input capacitance(ciss)",
            "Input capacitance (ciss)",
            "Ciss-input capacitance",
            "Input capacitance(ciss@vds)",
            band=(1e-13, 1e-6),
        ),
        element_count("Number", "Type", "FET type", parse=channel_count, describe=channel_count),
        configuration("COMPLEMENTARY, HALF_BRIDGE, COMMON_DRAIN …"),
    ),
    limits={"max_power_w": dissipation_limit_w},
    settle=settle,
)


def test_a_resistance_that_the_voltage_rules_out_is_unknown() -> None:
    for voltage, resistance, kept in ((500.0, 0.31e-3, None), (30.0, 0.31e-3, 0.31e-3)):
        values: dict[str, Value] = {
            "channel_type": "N_CHANNEL",
            "max_drain_source_voltage_v": voltage,
            "on_resistance_ohm": resistance,
            "element_count": 1.0,
            "configuration": None,
        }
        assert settle(values, Part({}, "", "", "")) is None
        assert values["on_resistance_ohm"] == kept
