"""Memories."""

from __future__ import annotations

from components.families.columns import classified, nominal, rating, span
from components.families.model import Family
from components.families.parse.words import category_code
from components.families.shared_columns import interface

FAMILY = Family(
    name="memory",
    title="Memories",
    categories=(
        "DDR SDRAM",
        "DRAM",
        "EEPROM",
        "eMMC",
        "Font chips",
        "FRAM",
        "NAND FLASH",
        "Non-Volatile Memory (ROM)",
        "NOR FLASH",
        "PSRAM",
        "SDRAM",
        "SRAM",
    ),
    former=(
        "FLASH",
        "Memory - Serial MCP (Multi Chip Package)",
    ),
    columns=(
        nominal("memory_bit", "Memory", "Memory size", identifies=True),
        interface("Interface", "Interface type"),
        *span(
            "supply_voltage_v",
            "Supply voltage",
            "Voltage - supply",
            "Supply voltage",
            "Upply voltage (vcc)",
        ),
        rating(
            "clock_frequency_hz",
            "Clock frequency",
            "Clock frequency",
            "Clock frequency (fc)",
            band=(1000.0, 100000000000.0),
        ),
        classified("kind", "Kind, by the part's category", category_code),
    ),
)
