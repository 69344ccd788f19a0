"""Field effect transistors with an insulated gate, of one channel type."""

from __future__ import annotations

from components.families.model import Family, Upstream, real, text
from components.families.parse.describe import single_rating
from components.families.parse.polarity import channel
from components.families.parse.ratings import at_least, at_most, within

FAMILY = Family(
    name="mosfet",
    title="MOSFETs",
    upstream=Upstream(("transistor",), ("MOSFET", "MOSFETs")),
    misfiled=(
        "Bipolar (BJT)",
        "ESD and Surge Protection (TVS/ESD)",
        "IGBT Transistors / Modules",
        "JFETs",
        "Power Distribution Switches",
        "Schottky Diodes",
        "Thyristors (SCR)/Modules",
    ),
    columns=(
        text(
            "channel_type",
            "N_CHANNEL or P_CHANNEL",
            "Number",
            "Type",
            "FET type",
            parse=channel,
            describe=channel,
            required=True,
        ),
        real(
            "max_drain_source_voltage_v",
            "Drain-source breakdown voltage",
            "Drain to source voltage",
            "Drain Source Voltage (Vdss)",
            parse=at_least("V"),
            required=True,
        ),
        real(
            "max_continuous_drain_current_a",
            "Continuous drain current",
            "Continuous Drain Current (Id)",
            parse=within(at_least("A"), 1e-3, 10e3),
            required=True,
        ),
        real(
            "on_resistance_ohm",
            "Drain-source resistance when on, at the stated gate voltage",
            "RDS(on)",
            "Drain Source On Resistance (RDS(on)@Vgs,Id)",
            parse=at_most("Ω"),
            describe=single_rating(at_most("Ω"), "Ω", "V"),
        ),
        real(
            "gate_source_threshold_voltage_v",
            "Gate threshold voltage",
            "Gate Threshold Voltage (Vgs(th)@Id)",
            parse=within(at_most("V"), 0, 15),
        ),
    ),
)
