"""Recipes of semiconductors: diodes, LEDs, transistors, regulators."""

from __future__ import annotations

from components.bundled.draw import Draw
from components.bundled.part import Draft
from components.bundled.spelling import quantity

_TRANSISTORS = ("Transistors/Thyristors", "Triode/MOS Tube/Transistor", "Transistors")


def diode(draw: Draw) -> Draft:
    package, outline = draw.pick(
        (
            ("SOD-123", "sod-123"),
            ("SOD-323", "sod-323"),
            ("SMA(DO-214AC)", "sma"),
            ("SMB", "sma"),
        )
    )
    current = draw.pick(("1A", "3A", "200mA", "500mA"))
    reverse = draw.pick(("30V", "40V", "60V", "100V"))
    forward = f"{draw.pick(('450mV', '550mV', '850mV', '1V'))}@{current}"
    attributes = (
        (
            draw.pick(
                (
                    "Forward Voltage (Vf@If)",
                    "Voltage - Forward(Vf@If)",
                    "Forward Voltage (Vf) @ If",
                )
            ),
            forward,
        ),
        (draw.pick(("Reverse Voltage (Vr)", "Voltage - DC Reverse(Vr)")), reverse),
        (draw.pick(("Rectified current", "Average rectified current (io)")), current),
        ("Reverse Leakage Current (Ir)", draw.pick((f"500uA@{reverse}", f"2uA@{reverse}", "-"))),
        ("Diode configuration", draw.pick(("1 Independent", "Standalone", "Independent"))),
    )
    return Draft(
        "Diodes",
        draw.pick(("Schottky Diodes", "Schottky Barrier Diodes (SBD)")),
        package,
        attributes,
        f"{current} {reverse} {forward}",
        outline,
        stem="FD",
        base_usd=0.012,
    )


def led(draw: Draw) -> Draft:
    package, outline = draw.pick(
        (("0603", "chip-0603"), ("0805", "chip-0805"), ("插件,D=5mm", "radial-5"))
    )
    color, forward = draw.pick(
        (
            ("Red", "2V"),
            ("White", "2.8V~3.4V"),
            ("Emerald", "3V"),
            ("Ice Blue", "2.8V~3.3V"),
            ("Green-yellow", "2.2V"),
            ("Blue", "3.4V@20mA"),
            ("红色", "1.8V~2.4V"),
            ("白色", "3.2V"),
            ("Orange", "1.7V~2.4V"),
        )
    )
    current = draw.pick(("20mA", "5mA", "30mA"))
    attributes = (
        (draw.pick(("Illumination color", "Emitted color")), color),
        (
            draw.pick(("Voltage - forward(vf)", "Forward voltage (vf)", "Forward voltage(vf)")),
            forward,
        ),
        ("Forward current", current),
        ("Luminous intensity", draw.pick(("150mcd", "15mcd~38mcd", "1.2cd", "800mcd"))),
        ("Viewing angle", "120°"),
        ("Lens color", "Water Clear"),
    )
    return Draft(
        draw.pick(("Optoelectronics", "Photoelectric Devices", "LED/Photoelectric Devices")),
        "Light Emitting Diodes (LED)",
        package,
        attributes,
        f"{color} {forward} {current}",
        outline,
        stem="FN",
        base_usd=0.008,
    )


def bjt(draw: Draw) -> Draft:
    package, outline = draw.pick((("SOT-23", "sot-23"), ("SOT-89", "sot-89"), ("TO-92", "to-92")))
    kind = draw.pick(("NPN", "PNP"))
    voltage = draw.pick(("45V", "40V", "60V", "25V"))
    current = draw.pick(("100mA", "500mA", "1A"))
    attributes = (
        (draw.pick(("Type", "Transistor type")), kind),
        ("Number", f"1 {kind}"),
        (
            draw.pick(
                ("Collector-Emitter Breakdown Voltage (Vceo)", "Collector - emitter voltage vceo")
            ),
            voltage,
        ),
        (draw.pick(("Collector Current (Ic)", "Current - Collector(Ic)")), current),
        ("Power Dissipation (Pd)", draw.pick(("200mW", "300mW", "500mW"))),
        draw.pick((("DC Current Gain", "100"), ("DC Current Gain (hFE@Ic,Vce)", "100@10mA,1V"))),
    )
    return Draft(
        draw.pick(_TRANSISTORS),
        draw.pick(("Bipolar Transistors - BJT", "Bipolar (BJT)")),
        package,
        attributes,
        f"{kind} {voltage} {current}",
        outline,
        3,
        stem="FT",
        base_usd=0.015,
    )


def mosfet(draw: Draw) -> Draft:
    package, outline, joints = draw.pick(
        (("SOT-23", "sot-23", 3), ("SOP-8", "soic-8", 8), ("TO-252", "to-252", 3))
    )
    channel = draw.pick(("N", "N", "P"))
    voltage = draw.pick(("20V", "30V", "60V", "100V"))
    current = draw.pick(("2.3A", "4A", "10A", "50A"))
    attributes = (
        ("Type", draw.pick((f"{channel}-Channel", f"1 {channel}-Channel"))),
        (
            "Number",
            draw.pick(
                (
                    f"1 {channel}-channel",
                    f"1 {channel}-Channel",
                    f"1 Piece {channel}-Channel",
                )
            ),
        ),
        (draw.pick(("Drain Source Voltage (Vdss)", "Drain to source voltage")), voltage),
        ("Continuous Drain Current (Id)", current),
        (
            draw.pick(("RDS(on)", "Drain Source On Resistance (RDS(on)@Vgs,Id)")),
            draw.pick(("12mΩ@10V,50A", "110mΩ@4.5V,3A", "35mΩ@4.5V", "2.5Ω@10V")),
        ),
        ("Gate Threshold Voltage (Vgs(th)@Id)", draw.pick(("1V@250uA", "2.5V", "4V"))),
    )
    return Draft(
        draw.pick(_TRANSISTORS),
        "MOSFETs",
        package,
        attributes,
        f"1 {channel}-Channel {voltage} {current}",
        outline,
        joints,
        stem="FM",
        base_usd=0.04,
    )


def ldo(draw: Draw) -> Draft:
    package, outline, joints = draw.pick(
        (("SOT-23-5", "sot-23-5", 5), ("SOT-223", "sot-223", 4), ("SOT-89-3", "sot-89", 3))
    )
    output_v = draw.pick((1.2, 1.8, 2.5, 3.3, 3.3, 5.0))
    adjustable = draw.chance(0.15)
    current = draw.pick(("150mA", "300mA", "500mA", "1A"))
    attributes = (
        ("Output type", "Adjustable" if adjustable else "Fixed"),
        ("Output voltage", "1.25V~5.5V" if adjustable else quantity(output_v, "V")),
        (
            draw.pick(("Maximum input voltage", "Voltage - supply")),
            draw.pick(("5.5V", "6V", "15V", "30V")),
        ),
        (draw.pick(("Output current", "Max output current")), current),
        (
            draw.pick(("Dropout voltage", "Voltage dropout")),
            draw.pick((f"300mV@({current})", "1.1V@(1A)", "-")),
        ),
        draw.pick(
            (
                ("Output polarity", "Positive electrode"),
                ("Output configuration", "Positive"),
                ("Output polarity", "positive"),
            )
        ),
    )
    return Draft(
        draw.pick(("Power Management ICs", "Power Supply Chip", "Power Management")),
        "Linear Voltage Regulators (LDO)",
        package,
        attributes,
        f"{quantity(output_v, 'V')} {current} Fixed",
        outline,
        joints,
        stem="FV",
        base_usd=0.07,
    )
