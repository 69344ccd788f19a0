"""Recipes of parts outside the solver's families: connectors, chips, switches, hardware."""

from __future__ import annotations

from components.bundled.draw import Draw
from components.bundled.part import Draft


def connector(draw: Draw) -> Draft:
    pins = draw.pick((2, 3, 4, 6, 8))
    kind = draw.pick(("header", "wire", "usb"))
    if kind == "usb":
        return Draft(
            "Connectors",
            "USB Connectors",
            "SMD",
            (("Connector type", "Type-C"), ("Number of contacts", "6P"), ("Gender", "Female")),
            "Type-C 6P Female",
            "usb-c-6",
            6,
            stem="FU",
            base_usd=0.09,
        )
    if kind == "wire":
        return Draft(
            "Connectors",
            "Wire To Board Connector",
            "SMD,P=1mm",
            (("Pitch", "1mm"), ("Number of positions", f"{pins}P"), ("Rated Current", "1A")),
            f"1mm 1x{pins}P",
            f"wire-{pins}",
            pins + 2,
            stem="FJ",
            base_usd=0.05,
        )
    return Draft(
        "Connectors",
        "Pin Headers",
        "插件,P=2.54mm",
        (("Pitch", "2.54mm"), ("Holes structure", f"1x{pins}P"), ("Rated Current", "3A")),
        f"2.54mm 1x{pins}P",
        f"header-{pins}",
        pins,
        stem="FP",
        base_usd=0.03,
    )


def chip(draw: Draw) -> Draft:
    category, subcategory, package, outline, joints = draw.pick(
        (
            ("Operational Amplifier/Comparator", "Operational Amplifier", "SOIC-8", "soic-8", 8),
            (
                "Single Chip Microcomputer/Microcontroller",
                "Microcontroller Units (MCUs/MPUs/SOCs)",
                "QFN-32(5x5)",
                "qfn-32",
                33,
            ),
            ("Logic ICs", "Gates", "TSSOP-14", "tssop-14", 14),
            ("Logic ICs", "Buffer/Driver/Transceiver", "TSSOP-20", "tssop-20", 20),
            ("Memory", "NOR FLASH", "WLCSP-12", "bga-12", 12),
            ("Power Management ICs", "DC-DC Converters", "QFN-16(3x3)", "qfn-16", 17),
        )
    )
    supply = draw.pick(("1.8V~5.5V", "2.7V~5.5V", "3V~3.6V"))
    return Draft(
        category,
        subcategory,
        package,
        (
            ("Voltage - supply", supply),
            ("Operating temperature", "-40℃~+85℃"),
            ("Mounting type", "SMD"),
            ("Mounting type", "Surface Mount"),
        ),
        f"{supply} {package}",
        outline,
        joints,
        stem="FK",
        base_usd=0.4,
    )


def zener(draw: Draw) -> Draft:
    voltage = draw.pick(("3.6V", "5.1V", "12V"))
    return Draft(
        "Diodes",
        "Zener Diodes",
        "SOD-123",
        (("Zener voltage (nom)", voltage), ("Power Dissipation (Pd)", "500mW")),
        f"{voltage} 500mW",
        "sod-123",
        stem="FZ",
        base_usd=0.014,
    )


def switch(draw: Draw) -> Draft:
    return Draft(
        "Switches",
        "Tactile Switches",
        "SMD,6x6mm",
        (("Operating force", draw.pick(("160gf", "250gf"))), ("Height", "5mm")),
        "6x6x5mm 50mA 12V",
        "button-6x6",
        4,
        stem="FS",
        base_usd=0.02,
    )


def screw(draw: Draw) -> Draft:
    size = draw.pick(("M2x6", "M2.5x8", "M3x10"))
    return Draft(
        "Hardware/Fasteners",
        "Screws",
        draw.pick(("-", "")),
        (("Thread", size), ("Head", "Pan head, cross recess")),
        f"{size} Pan head screw",
        "none",
        0,
        stem="FH",
        models="no-cad",
        base_usd=0.01,
    )


RECIPES = (connector, connector, chip, chip, zener, switch, screw)
