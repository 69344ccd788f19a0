"""What a pin is, electrically: as the source says, else as its name or its designator tells.

EasyEDA leaves nine pins in ten undefined. A name that is a supply's or ground's in every part tells
``power_in``; a part whose designator is that of a passive one has passive pins. The report counts
what was told by which.
"""

from __future__ import annotations

import re

STATED = {"1": "input", "2": "output", "3": "bidirectional", "4": "power_in"}
UNKNOWN = "unspecified"
# VCC, AVDD, VDDIO, DGND2, VIN, VBAT, VBUS, V+, EP: the supply's, ground's and the exposed pad's.
_SUPPLY = re.compile(
    r"(?:[ADPCRMS]|IO|USB_?)?(?:GND|VSS|VCC|VDD|VEE)(?:IO|CORE|_?[ADPS]|HSINK)?_?\d{0,2}"
    r"|VIN_?\d?|VBAT|VBUS|V[+-]|EP(?:AD)?\d?|(?:EXPOSED|THERMAL)_?PAD"
)
# Not connected inside: a wire there does no harm, and KiCad's check says nothing of it.
_FREE = re.compile(r"NC\d{0,2}|N\.C\.?|NOCONNECT|DNC")
# Do not connect: a wire there may do harm.
_FORBIDDEN = re.compile(r"DNC")
# Designators of parts whose pins neither drive nor need a supply.
PASSIVE = frozenset(
    {"R", "RN", "RV", "RP", "RT", "C", "L", "FB", "D", "LED", "Q", "F", "FU", "Y", "X", "J", "CN"}
    | {"P", "H", "USB", "SW", "K", "TP", "BT", "ANT", "T", "LS", "BZ", "JP", "CON", "XTAL", "TVS"}
)


def electrical_type(stated: str, name: str, reference: str) -> tuple[str, str]:
    """KiCad's type and what told it: ``source``, ``name``, ``designator``, or nothing.

    >>> electrical_type("0", "AVDD", "U"), electrical_type("1", "VCC", "U")
    (('power_in', 'name'), ('input', 'source'))
    >>> electrical_type("0", "1", "R"), electrical_type("0", "SDA", "U")
    (('passive', 'designator'), ('unspecified', ''))
    """
    if stated in STATED:
        return STATED[stated], "source"
    folded = name.upper().replace(" ", "")
    if reference in PASSIVE and not _FREE.fullmatch(folded):
        # A crystal's or a connector's ground is no load that wants a supply.
        return "passive", "designator"
    if _SUPPLY.fullmatch(folded):
        return "power_in", "name"
    if _FORBIDDEN.fullmatch(folded):
        return "no_connect", "name"
    if _FREE.fullmatch(folded):
        return "free", "name"
    return UNKNOWN, ""


def test_supplies_are_told_by_their_names_alone() -> None:
    for name in ("VCC", "VDD", "AVDD", "VDDIO", "DVDD", "GND", "AGND", "PGND1", "VSS2", "VIN"):
        assert electrical_type("0", name, "U") == ("power_in", "name"), name
    for name in ("GNDHSINK", "EP", "V+", "V-", "VBUS", "VSSA", "IOVDD", "USB_VDD", "VCCA", "EPAD"):
        assert electrical_type("", name, "U") == ("power_in", "name"), name
    for name in ("VOUT", "VREF", "VSENSE", "VINP", "SDA", "1", "", "VCCEN", "EPWM", "GNDSEL", "VS"):
        assert electrical_type("0", name, "U") == ("unspecified", ""), name
    assert electrical_type("0", "NC", "J") == ("free", "name")
    assert electrical_type("0", "DNC", "U") == ("no_connect", "name")
