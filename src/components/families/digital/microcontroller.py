"""Microcontrollers, DSP."""

from __future__ import annotations

from components.families.columns import nominal, rating, span, whole, word
from components.families.model import Family

FAMILY = Family(
    name="microcontroller",
    title="Microcontrollers, DSP",
    categories=(
        "Digital Signal Processors (DSP/DSC)",
        "Microcontrollers (MCU/MPU/SOC)",
    ),
    former=(
        "ARTERY Mcu",
        "ATMEL & AVR",
        "Cmsemicon",
        "CYPRESS",
        "Digital Signal Processors / Controllers (DSPs/DSCs)",
        "Fortior Technol",
        "HDSC",
        "Infineon",
        "MICROCHIP",
        "Microcontroller Units (MCUs/MPUs/SOCs)",
        "Microprocessor & Microcontroller",
        "NUVOTON",
        "NXP MCU",
        "Other Processors and Microcontrollers (MCUs)",
        "RENESAS",
        "SILICON LABS",
        "STC",
        "TI MCU",
    ),
    columns=(
        word("cpu_core", "Cpu core", "Cpu core", identifies=True),
        nominal("flash_byte", "Flash", "Program storage size", "Flash size"),
        nominal("ram_byte", "Ram", "Ram size"),
        rating(
            "max_clock_hz",
            "Highest clock",
            "Cpu maximum speed",
            "Maximum speed",
            band=(1000.0, 10000000000.0),
        ),
        whole("io_count", "Number of ios", "Number of i/o", "Gpio ports number"),
        *span(
            "supply_voltage_v",
            "Supply voltage",
            "Voltage - supply",
            "Operating voltage range",
            "Input voltage",
            "Supply voltage range",
        ),
        whole("adc_bit", "Adc", "Adc (bit)"),
    ),
)
