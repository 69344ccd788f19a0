"""Recipes of passive parts: resistors, capacitors, inductors, ferrite beads, crystals."""

from __future__ import annotations

from components.bundled.draw import E12, E24, E96, Draw
from components.bundled.part import Draft
from components.bundled.spelling import capacitance, number, power, quantity, resistance

_POWER_W = {"0201": 0.05, "0402": 0.0625, "0603": 0.1, "0805": 0.125, "1206": 0.25, "2512": 1.0}
_VOLTAGE = {"0201": "25V", "0402": "50V", "0603": "75V", "0805": "150V", "1206": "200V"}


def resistor(draw: Draw) -> Draft:
    package = draw.pick(tuple(_POWER_W))
    shunt = package in ("1206", "2512") and draw.chance(0.3)
    series = E96 if draw.chance(0.4) else E24
    value = draw.value(E12, -3, 0) if shunt else draw.value(series, 0, 7)
    tolerance = draw.pick(("±1%", "±1%", "±5%", "±0.1%", "±0.5%"))
    tempco = draw.pick(("±100ppm/℃", "±200ppm/℃", "±25ppm/℃", "-", ""))
    attributes = (
        ("Resistance", resistance(draw, value)),
        ("Tolerance", tolerance),
        (draw.pick(("Power(Watts)", "Power")), power(draw, _POWER_W[package])),
        (
            draw.pick(("Voltage-supply(max)", "Overload Voltage (Max)", "Voltage Rated")),
            _VOLTAGE.get(package, "200V"),
        ),
        (draw.pick(("Temperature coefficient", "Temperature Coefficient")), tempco),
        ("Type", "Thick Film Resistor"),
        (draw.pick(("Operating temperature", "Operating temperature range")), "-55℃~+155℃"),
    )
    shunt_name = "Current Sense Resistors/Shunt Resistors"
    return Draft(
        "Resistors",
        shunt_name if shunt else "Chip Resistor - Surface Mount",
        draw.pick((package, f"R{package}")),
        attributes,
        f"{quantity(value, 'Ω')} {tolerance} Thick Film Resistor",
        f"chip-{package}",
        stem="FR",
        base_usd=0.0012,
    )


def capacitor(draw: Draw) -> Draft:
    package = draw.pick(("0201", "0402", "0402", "0603", "0805", "1206", "1210"))
    dielectric = draw.pick(("C0G", "NP0", "X7R", "X7R", "X5R", "Y5V"))
    value = draw.value(E12, -12, -8) if dielectric in ("C0G", "NP0") else draw.value(E12, -9, -4)
    tolerances = {"C0G": ("±5%", "±0.25pF"), "NP0": ("±5%", "±1%"), "Y5V": ("+80%/-20%",)}
    tolerance = draw.pick(tolerances.get(dielectric, ("±10%", "±10%", "±20%", "-20%~+80%")))
    if tolerance == "±0.25pF" and value > 1e-11:
        tolerance = "±5%"
    attributes = (
        ("Capacitance", capacitance(draw, value)),
        ("Tolerance", tolerance),
        (
            draw.pick(("Voltage Rated", "Voltage Rating")),
            draw.pick(("6.3V", "10V", "16V", "25V", "50V", "50V", "100V", "1kV")),
        ),
        (draw.pick(("Temperature coefficient", "Temperature Coefficient")), dielectric),
    )
    return Draft(
        "Capacitors",
        "Multilayer Ceramic Capacitors MLCC - SMD/SMT",
        draw.pick((package, f"C{package}")),
        attributes,
        f"{quantity(value, 'F')} {tolerance} {dielectric}",
        f"chip-{package}",
        stem="FC",
        base_usd=0.0021,
    )


def polarized(draw: Draw) -> Draft:
    kind = draw.pick(("leaded", "smd", "tantalum"))
    package, outline, subcategory = {
        "leaded": (
            draw.pick(("插件,D5xL11mm", "插件,D8xL12mm", "插件,D10xL16mm")),
            draw.pick(("radial-5", "radial-8")),
            "Aluminum Electrolytic Capacitors - Leaded",
        ),
        "smd": (
            draw.pick(("SMD,D6.3xL7.7mm", "SMD,D8xL10.2mm")),
            "can-6.3",
            "Aluminum Electrolytic Capacitors - SMD",
        ),
        "tantalum": (
            draw.pick(("CASE-A-3216-18(mm)", "CASE-B-3528-21(mm)")),
            "chip-1206",
            "Tantalum Capacitors",
        ),
    }[kind]
    value = draw.value((1.0, 2.2, 3.3, 4.7, 6.8), -6, -3)
    tolerance = draw.pick(("±20%", "±20%", "±10%", "-10%~+20%"))
    attributes = (
        ("Capacitance", capacitance(draw, value)),
        ("Tolerance", tolerance),
        ("Voltage Rated", draw.pick(("6.3V", "10V", "16V", "25V", "35V", "50V"))),
        ("Operating temperature", "-40℃~+105℃"),
        (draw.pick(("Lifetime", "Lifetime @ temperature")), "2000hrs@105℃"),
        ("ESR (Equivalent Series Resistance)", draw.pick(("-", "80mΩ@100kHz"))),
    )
    title = f"{quantity(value, 'F')} {tolerance}"
    return Draft(
        "Capacitors", subcategory, package, attributes, title, outline, stem="FE", base_usd=0.03
    )


def inductor(draw: Draw) -> Draft:
    power_type = draw.chance(0.5)
    package = draw.pick(("SMD,4x4mm", "SMD,6.6x7.1mm") if power_type else ("0402", "0603", "0805"))
    value = draw.value(E12, -6, -4) if power_type else draw.value(E12, -9, -6)
    tolerance = "±20%" if power_type else draw.pick(("±5%", "±10%", "±0.1nH"))
    if tolerance == "±0.1nH" and value > 1e-8:
        tolerance = "±5%"
    current = draw.pick(("500mA", "1.2A", "3A", "4.5A", "300mA"))
    attributes = (
        ("Inductance", quantity(value, "H")),
        ("Tolerance", tolerance),
        (draw.pick(("Rated Current", "Current Rating")), current),
        ("DC Resistance (DCR)", draw.pick(("35mΩ", "200mΩ", "1.35Ω", "0.5Ωmax"))),
        (
            draw.pick(("Current - Saturation(Isat)", "Saturation Current (Isat)")),
            draw.pick(("3A", "6A", "1.5A;2A")) if power_type else "-",
        ),
        ("Frequency - self resonant", draw.pick(("-", "45MHz", "1GHz", "6GHz"))),
    )
    if not power_type:
        package = draw.pick((package, f"L{package}"))
    return Draft(
        draw.pick(("Inductors/Coils/Transformers", "Inductors, Coils, Chokes")),
        "Power Inductors" if power_type else "Inductors (SMD)",
        package,
        attributes,
        f"{quantity(value, 'H')} {tolerance} {current}",
        "brick-4x4" if power_type else f"chip-{package[-4:]}",
        stem="FL",
        base_usd=0.04,
    )


def ferrite_bead(draw: Draw) -> Draft:
    package = draw.pick(("0402", "0603", "0805", "1206"))
    impedance = draw.pick((30, 120, 220, 600, 1000))
    current = draw.pick(("500mA", "200mA", "1A", "3A"))
    attributes = (
        ("Impedance @ Frequency", f"{quantity(impedance, 'Ω')}@100MHz"),
        (draw.pick(("Rated Current", "Current Rating")), current),
        ("DC Resistance (DCR)", draw.pick(("100mΩ", "300mΩ", "1.6mΩ"))),
        ("Tolerance", "±25%"),
        (draw.pick(("Number of circuits", "Circuits")), "1"),
    )
    return Draft(
        draw.pick(("Filters/EMI Optimization", "Bead/Filter/EMI Optimization", "Filters")),
        "Ferrite Beads",
        draw.pick((package, f"FB{package}", f"L{package}")),
        attributes,
        f"{impedance}Ω@100MHz {current}",
        f"chip-{package}",
        stem="FB",
        base_usd=0.006,
    )


def crystal(draw: Draw) -> Draft:
    package, outline, joints = draw.pick(
        (
            ("SMD3225-4P", "crystal-3225", 4),
            ("SMD2016-4P", "crystal-2016", 4),
            ("HC-49S", "can-hc49", 2),
        )
    )
    frequency = draw.pick((8e6, 12e6, 16e6, 24e6, 25e6, 26e6, 32768.0, 11.0592e6, 40e6))
    prefix, factor = ("k", 1e3) if frequency < 1e6 else ("M", 1e6)
    tolerance = draw.pick(("±10ppm", "±20ppm", "±30ppm"))
    attributes = (
        ("Frequency", f"{number(frequency / factor)}{prefix}Hz"),
        (
            draw.pick(("Load capacitance", "External load capacitor")),
            draw.pick(("20pF", "12pF", "10pF", "9pF", "12.5pF")),
        ),
        (draw.pick(("Normal temperature frequency tolerance", "Frequency tolerance")), tolerance),
        (
            draw.pick(("Frequency stability", "Frequency stability(full temperature range)")),
            draw.pick(("±30ppm", "±20ppm", "-")),
        ),
        ("Type", "Crystal Oscillator"),
    )
    return Draft(
        draw.pick(
            (
                "Crystals, Oscillators, Resonators",
                "Crystal Oscillator/Oscillator/Resonator",
                "Crystals/Oscillators/Resonators",
            )
        ),
        "Crystals",
        package,
        attributes,
        f"{number(frequency / factor)}{prefix}Hz {tolerance}",
        outline,
        joints,
        stem="FX",
        base_usd=0.09,
    )
