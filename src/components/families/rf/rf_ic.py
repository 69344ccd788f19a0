"""RF transceivers, modules, amplifiers, antennas."""

from __future__ import annotations

from components.families.columns import nominal, span
from components.families.model import Family
from components.families.parse.special import power_level
from components.families.shared_columns import interface

FAMILY = Family(
    name="rf_ic",
    title="RF transceivers, modules, amplifiers, antennas",
    categories=(
        "2G/3G/4G/5G Modules",
        "Antennas",
        "Bluetooth Modules",
        "GNSS Modules",
        "LoRa Modules",
        "Low Noise Amplifiers (LNA) - RF",
        "RF Amplifiers",
        "RF Detectors",
        "RF Front End Circuits",
        "RF Misc ICs and Modules",
        "RF Mixers",
        "RF Modules",
        "RF Power Amplifiers",
        "RF Transceiver ICs",
        "RFID ICs",
        "WiFi Modules",
        "ZigBee Modules",
    ),
    former=(
        "Antenna",
        "RF Chips",
        "Satellite Positioning Modules",
        "Wireless Modules",
    ),
    columns=(
        *span("frequency_hz", "Frequency", "Frequency range", "Frequency"),
        *span(
            "supply_voltage_v",
            "Supply voltage",
            "Voltage - supply",
            "Supply voltage",
            "Operating voltage",
            "Mains input",
        ),
        nominal(
            "output_power_dbm",
            "Output power",
            "Output power",
            "Output power(max)",
            parse=power_level,
        ),
        nominal("gain_db", "Gain", "Gain", signed=True),
        nominal("sensitivity_dbm", "Sensitivity", "Sensitivity", signed=True),
        interface("Interface", "Interface type", "Support interface"),
    ),
)
