"""Transceivers, controllers and expanders of buses."""

from __future__ import annotations

from components.families.columns import classified, rating, span, whole, word
from components.families.model import Family
from components.families.parse.words import category_code
from components.families.shared_columns import interface

FAMILY = Family(
    name="interface",
    title="Transceivers, controllers and expanders of buses",
    categories=(
        "CAN Bus Modules",
        "CAN Controllers",
        "CAN Transceivers",
        "Ethernet Controllers",
        "Ethernet Switches",
        "Ethernet Transceivers",
        "I/O Expanders",
        "I2C Isolators",
        "Interface - PCIs / PCIEs",
        "Interface - Specialized",
        "Isolated CAN Transceivers",
        "Isolated RS-485/422 Transceivers",
        "LIN Transceivers",
        "LVDS ICs",
        "RS-485 / RS-422 ICs",
        "RS232 ICs",
        "RS485 Bus Modules",
        "Serializers, Deserializers",
        "Telecom Interface ICs",
        "Touch Screen Controllers",
        "UART",
        "USB Converters",
        "USB HUB Controllers",
        "USB PD",
        "Video Interface ICs",
    ),
    former=(
        "CAN ICs",
        "Ethernet ICs",
        "I/O Expansion",
        "Interface -LIN Transceiver",
        "Interface ICs",
        "Multi-protocol Transceivers",
        "Telecommunication Interface ICs",
        "USB ICs",
    ),
    columns=(
        classified("protocol", "Kind, by the part's category", category_code),
        word(
            "type",
            "Type",
            "Type",
            "Types",
            otherwise=("Usb protocol", "Applications function"),
            words={"RECEIVERS": "RECEIVER", "DRIVERS": "DRIVER"},
        ),
        whole(
            "driver_count",
            "Number of drivers",
            "Number of drivers",
            otherwise=("Number of channels", "Number of i/o"),
        ),
        whole("receiver_count", "Number of receivers", "Number of receivers"),
        rating(
            "data_rate_bps", "Data rate", "Data rate", "Data rate(max)", band=(1.0, 1000000000000.0)
        ),
        *span(
            "supply_voltage_v",
            "Supply voltage",
            "Voltage - supply",
            "Supply voltage",
            "Voltage - supply(vcca)",
        ),
        interface("Interface", "Mac interface"),
    ),
)
