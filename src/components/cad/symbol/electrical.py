"""What a pin does electrically: what the source says, and what names and kinds of parts tell.

EasyEDA leaves 94 of 100 pins undefined. A wrong type is a false alarm, or a missing one, of KiCad's
electrical rules check: only supply, ground and pins without a connection inside are told by name,
and the pins of parts that do nothing actively (resistors, connectors …) by the part's designator.
All others stay unspecified, and the report says which were told how.
"""

from __future__ import annotations

import re
from typing import Literal

Told = Literal["", "source", "name", "kind"]
STATED = {"1": "input", "2": "output", "3": "bidirectional", "4": "power_in"}
# Designators of parts without a supply: whatever their pins are called.
_PASSIVE_WORDS = (
    "R RN RP RV RT VR C CN CON CONN L FB F FU H HDR J P JP K SW KEY S USB USBC RJ DC "
    "CARD TF SIM FPC BT BAT ANT AE TP TH MH FID W"
)
PASSIVE = frozenset(_PASSIVE_WORDS.split())
# Designators of parts that may hold an active circuit, which their supply gives away.
PASSIVE_WITHOUT_SUPPLY = frozenset("D LED Q TR X Y OSC XTAL MIC MK LS BZ T DS TVS ZD".split())  # noqa: SIM905
_SUPPLY = re.compile(
    r"[ADPIOUV]{0,3}V(?:CC|DD|SS|EE)(?:IO|QL|Q|INT|AUX|PLL|CORE|PST|[ADHLPV])?\d*|P?VIN\d*"
    r"|[ACDEHPS]?GND[ACDEHPS]?\d*|V[+\-−–]|EP(?:AD)?\d*|GNDHSINK"
)
_NUMBERED = re.compile(r"\d+(?:V\d*)?")
# What makes a signal of a supply's name.
_SIGNAL_WORDS = (
    "EN ENABLE DET DETECT SENSE SNS OUT OK GOOD PG MON FB CTRL CTL SEL REF DIV CHG SW "
    "GATE DRV FLAG INT P N POS NEG"
)
_SIGNAL = frozenset(_SIGNAL_WORDS.split())
_OUT = re.compile(r"V?OUT\d*")
# Not connected inside, so that KiCad need not ask for a wire; and not to be connected at all.
_FREE = re.compile(r"NC\d*|N\.C\.?|N/C")
_FORBIDDEN = re.compile(r"DNC\d*|DNU")


def stated_or_told(stated: str, name: str, prefix: str, supplied: bool) -> tuple[str, Told]:
    """KiCad's type of a pin, and who says so; ``unspecified`` where nobody does.

    ``stated`` is EasyEDA's kind, ``prefix`` the part's designator without digits, ``supplied``
    whether a pin of the part is called a supply.
    """
    if stated == "4" and _OUT.fullmatch(name.upper()):
        # "Power" has one kind in EasyEDA and two in KiCad.
        return "power_out", "name"
    if stated in STATED:
        return STATED[stated], "source"
    kind = prefix.upper()
    if kind in PASSIVE or (kind in PASSIVE_WITHOUT_SUPPLY and not supplied):
        return "passive", "kind"
    folded = name.upper()
    for type_, found in (
        ("power_in", is_supply(folded)),
        ("free", _FREE.fullmatch(folded)),
        ("no_connect", _FORBIDDEN.fullmatch(folded)),
    ):
        if found:
            return type_, "name"
    return "unspecified", ""


def is_supply(name: str) -> bool:
    """Whether a pin of that name is a supply or ground, and no signal about one.

    >>> [is_supply(name) for name in ("VCC", "DDR_VDDQ_3", "PMUPLL_AVDD_0V9", "Vin", "AGND", "V–")]
    [True, True, True, True, True, True]
    >>> [is_supply(name) for name in ("VCC_EN", "VOUT", "VREG", "SARADC_VIN0", "VCCREG", "GND/NC")]
    [False, False, False, False, False, False]
    """
    words = [word for word in name.upper().split("_") if not _NUMBERED.fullmatch(word)]
    if not words or _SIGNAL.intersection(words):
        return False
    # `VIN` alone is a supply; after another word, mostly a converter's channel.
    last = words[-1]
    found = last if _SUPPLY.fullmatch(last) else words[0]
    return bool(_SUPPLY.fullmatch(found)) and not ("VIN" in found and len(words) > 1)


def test_the_source_comes_first_then_the_kind_then_the_name() -> None:
    assert stated_or_told("1", "VCC", "U", True) == ("input", "source")
    assert stated_or_told("4", "IN", "U", True) == ("power_in", "source")
    assert stated_or_told("4", "VOUT", "U", True) == ("power_out", "name")
    assert stated_or_told("0", "GND", "USB", True) == ("passive", "kind")
    assert stated_or_told("", "GND", "U", True) == ("power_in", "name")
    assert stated_or_told("0", "DIN", "LED", True) == ("unspecified", "")
    assert stated_or_told("0", "A", "LED", False) == ("passive", "kind")
    assert stated_or_told("0", "3V3", "U", True) == ("unspecified", "")


def test_names_about_supplies_are_signals() -> None:
    supplies = (
        "VDD VSS VEE VCCIO1 AVCC IOVDD VDDPST3 AVSS1_4 HDMI_TX_AVDD_1V8 GNDA EP EPAD V+ VDD_SPI"
        " USB_VDD GNDHSINK PGND2 VIN"
    )
    signals = (
        "VBUS VBAT USB_OTG0_VBUSDET VREF AREF GND_SENSE VDD_OK IN OUT VINP VIN+ 12 NC VIN_N VCC_PG"
        " VSENSE VCCEN EPWM GNDSEL VS SDA"
    )
    assert [name for name in supplies.split() if not is_supply(name)] == []
    assert [name for name in signals.split() if is_supply(name)] == []


def test_pins_without_a_connection_inside_want_no_wire() -> None:
    assert stated_or_told("0", "NC", "U", True) == ("free", "name")
    assert stated_or_told("0", "DNC", "U", True) == ("no_connect", "name")
    # Of a switch it is the contact that is normally closed.
    assert stated_or_told("0", "NC", "SW", False) == ("passive", "kind")
