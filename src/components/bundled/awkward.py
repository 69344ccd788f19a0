"""Hand-written parts whose texts are awkward: each oddity that UPSTREAMS lists occurs here.

They open the catalogue, so that any cut of it holds them all.
"""

from __future__ import annotations

from collections.abc import Iterator

from components.bundled.part import Attribute, Datasheet, Draft, Models

_CHIP_R = ("Resistors", "Chip Resistor - Surface Mount")
_CHIP_C = ("Capacitors", "Multilayer Ceramic Capacitors MLCC - SMD/SMT")
_MOSFET = ("Transistors/Thyristors", "MOSFETs")
_BJT = ("Transistors", "Bipolar Transistors - BJT")
_LED = ("Optoelectronics", "Light Emitting Diodes (LED)")
_LDO = ("Power Management ICs", "Linear Voltage Regulators (LDO)")


def drafts() -> Iterator[Draft]:
    """Every awkward part, in a fixed order."""
    yield from _resistors()
    yield from _capacitors()
    yield from _transistors()
    yield from _others()
    yield from _addresses()


def _resistor(
    resistance: str | None, tolerance: str | None, *more: Attribute, package: str = "0603"
) -> Draft:
    attributes = (("Resistance", resistance), ("Tolerance", tolerance), *more)
    title = f"{resistance or ''} {tolerance or ''} Thick Film Resistor"
    return Draft(*_CHIP_R, package, attributes, title, "chip-0603", stem="AR", stock=4000)


def _resistors() -> Iterator[Draft]:
    rated = ("Power(Watts)", "1/10W")
    for text in ("4.7kΩ", "4.7KΩ", "10K", "4k7", "R001", "0.5Ωmax", "4.7k?", "0Ω", "-", "", None):
        yield _resistor(text, "±1%", rated)
    for tolerance in ("±0.01Ω", "±10%,±20%", "-", "", "null", None, "（±1%）", "±１%"):
        yield _resistor("100Ω", tolerance, rated)
    yield _resistor("10kΩ;22kΩ", "±1%", rated)
    yield _resistor("1kΩ", "±1%", rated, ("Temperature coefficient", "±10ppm"))
    yield _resistor("2.2kΩ", "±1%", rated, ("Resistance", "2.2kΩ"), ("Power(Watts)", "100mW"))
    yield _resistor("3.3kΩ", "±1%", rated, ("Voltage-supply(max)", "7..5V"))
    # The attributes are empty; the description tells all.
    yield Draft(
        *_CHIP_R,
        "0805",
        (("Resistance", "-"), ("Tolerance", "-")),
        "",
        "chip-0805",
        description="-55℃~+155℃ 125mW 150V 511kΩ Thick Film Resistor ±1% ±100ppm/℃ 0805 "
        "Chip Resistor - Surface Mount ROHS",
        stem="AR",
        stock=900,
    )
    for package in ("", "-", "R0402"):
        yield _resistor("47kΩ", "±5%", rated, package=package)
    yield Draft(*_CHIP_R, "0402", (), "10kΩ ±1%", "chip-0402", manufacturer=None, stem="AR")
    yield Draft(
        *_CHIP_R,
        "0402",
        (("Resistance", "22kΩ"), ("Tolerance", "±1%")),
        "22kΩ ±1%",
        "chip-0402",
        stem="AR",
        stock=0,
    )


def _capacitors() -> Iterator[Draft]:
    def capacitor(value: str, tolerance: str, voltage: str = "50V") -> Draft:
        attributes = (
            ("Capacitance", value),
            ("Tolerance", tolerance),
            ("Voltage Rated", voltage),
            ("Temperature coefficient", "X7R"),
        )
        title = f"{voltage} {value} {tolerance} X7R"
        return Draft(*_CHIP_C, "0603", attributes, title, "chip-0603", stem="AC", stock=12_000)

    for value in ("100nF", "0.1uF", "0.1\u00b5F", "0.1\u03bcF", "0.1?F"):
        yield capacitor(value, "±10%")
    for tolerance in ("+80%/-20%", "-20%~+80%", "±0.25pF", "±10%,±20%"):
        yield capacitor("10pF", tolerance)
    yield capacitor("1uF", "±10%", "7..5V")
    yield capacitor("2.2uF", "±10%", "25V，50V")


def _transistors() -> Iterator[Draft]:
    channels = ("1 N-channel", "N-Channel", "1 Piece P-Channel", "1 N-Channel + 1 P-Channel")
    for channel in channels:
        ratings: tuple[Attribute, ...] = (
            ("Type", channel),
            ("Drain Source Voltage (Vdss)", "30V"),
            ("Continuous Drain Current (Id)", "5A"),
            ("Drain Source On Resistance (RDS(on)@Vgs,Id)", "12mΩ@10V,50A"),
            ("Gate Threshold Voltage (Vgs(th)@Id)", "1V@250uA"),
        )
        yield Draft(*_MOSFET, "SOT-23", ratings, f"{channel} 30V 5A", "sot-23", 3, stem="AM")
    for kind in ("NPN", "1 PNP", "NPN+PNP"):
        ratings = (
            ("Type", kind),
            ("Collector-Emitter Breakdown Voltage (Vceo)", "45V"),
            ("Collector Current (Ic)", "100mA"),
            ("Power Dissipation (Pd)", "62.5mW"),
            ("DC Current Gain (hFE@Ic,Vce)", "100@10mA,1V"),
        )
        yield Draft(*_BJT, "SOT-23", ratings, f"{kind} 45V 100mA", "sot-23", 3, stem="AT")


def _others() -> Iterator[Draft]:
    for color in ("White", "Emerald", "Ice Blue", "Green-yellow", "RGB", "蓝色", "红绿双色"):
        attributes: tuple[Attribute, ...] = (
            ("Illumination color", color),
            ("Voltage - forward(vf)", "1.8V~2.4V"),
            ("Forward current", "20mA"),
            ("Luminous intensity", "150mcd"),
        )
        yield Draft(*_LED, "0603", attributes, color, "chip-0603", stem="AN", stock=7000)
    attributes = (
        ("Inductance", "1.2nH"),
        ("Tolerance", "±0.1nH"),
        ("Rated Current", "1.5A;2A"),
        ("DC Resistance (DCR)", "-"),
    )
    inductor = ("Inductors, Coils, Chokes", "Inductors (SMD)")
    yield Draft(*inductor, "L0402", attributes, "1.2nH ±0.1nH", "chip-0402", stem="AL")
    attributes = (
        ("output TYPE", "Fixed"),
        ("Output Voltage", "1.25V~5.5V"),
        ("Maximum Input Voltage", "7..5V"),
        ("Output current", "300mA"),
        ("Dropout voltage", "450mV@300mA"),
    )
    yield Draft(*_LDO, "SOT-23-5", attributes, "", "sot-23-5", 5, stem="AV", stock=50)


def _addresses() -> Iterator[Draft]:
    """Parts whose datasheet or models are missing, hostile, or lead elsewhere."""
    lost: tuple[Datasheet, ...] = ("expired", "gone", "bare", "none", "hostile", "hostile")
    for index, kind in enumerate(lost):
        value = f"{index + 1}0Ω"
        attributes = (("Resistance", value), ("Tolerance", "±5%"))
        yield Draft(
            *_CHIP_R,
            "0603",
            attributes,
            f"{value} ±5%",
            "chip-0603",
            stem="AD",
            stock=100,
            datasheet=kind,
        )
    missing: tuple[Models, ...] = ("obj-only", "step-only", "none", "no-cad")
    for models in missing:
        attributes = (("Resistance", "820Ω"), ("Tolerance", "±5%"))
        yield Draft(
            *_CHIP_R,
            "0603",
            attributes,
            "820Ω ±5%",
            "chip-0603",
            stem="AD",
            stock=100,
            models=models,
        )


def test_every_text_of_the_table_occurs() -> None:
    texts = {value for draft in drafts() for _, value in draft.attributes}
    wanted = {"4.7kΩ", "4.7KΩ", "10K", "4k7", "R001", "0.5Ωmax", "1/10W", "0.1\u00b5F"}
    wanted |= {"0.1\u03bcF", "±0.25pF", "±0.1nH", "±0.01Ω", "+80%/-20%", "-20%~+80%"}
    wanted |= {"±10%,±20%", "1.25V~5.5V", "12mΩ@10V,50A", "450mV@300mA", "100@10mA,1V"}
    wanted |= {"1.5A;2A", "10kΩ;22kΩ", "1 Piece P-Channel", "1 N-Channel + 1 P-Channel"}
    wanted |= {"NPN+PNP", "±10ppm", "-", "", "null", "7..5V", "（±1%）", "RGB", "62.5mW"}
    assert wanted <= texts
    assert None in texts
