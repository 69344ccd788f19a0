"""Which package a footprint's name means, and which family a line is about.

Names are KiCad's (``Resistor_SMD:R_0402_1005Metric``, ``SOT-23-5``, ``C_0805_2012Metric_Pad…``),
EAGLE's (``R0402``, ``C0603K``), IPC-7351's (``RESC1005X40N``) and people's (``0402``).
"""

from __future__ import annotations

import re
from typing import NamedTuple

# IPC-7351 and KiCad count in tenths of a millimetre, the trade in hundredths of an inch.
METRIC = {
    "0402": "01005",
    "0603": "0201",
    "1005": "0402",
    "1608": "0603",
    "2012": "0805",
    "3216": "1206",
    "3225": "1210",
    "4532": "1812",
    "5025": "2010",
    "6332": "2512",
}
CHIPS = (*sorted(set(METRIC.values())), "1206", "1808", "2220", "2512")
_KICAD = re.compile(r"(R|C|L|D|LED|FB|Fuse|CP|C_Polarized)_(\d{4,5})_\d{4}Metric(?:_.*)?")
_IPC = re.compile(r"(RES|CAP|IND|DIO|LED|FUS|BEAD)C(\d{4})X\d+[A-Z]?")
_CRYSTAL = re.compile(r"Crystal_SMD_(?:.*_)?(\d{4})-(\d)Pin(?:_|$)")
_CAN = re.compile(
    r"(?:CP_Elec_|CP_|C_Elec_)?(\d{1,2}(?:\.\d)?)x(\d{1,2}(?:\.\d{1,2})?)(?:mm)?(?:_|$)"
)
_MOULDED = re.compile(r"CP_EIA-(\d{4}-\d{2})(?:_|$)")
# Of EIA-535; the letters are the trade's.
MOULDED = {
    "3216-18": "CASE-A-3216-18(mm)",
    "3528-21": "CASE-B-3528-21(mm)",
    "6032-28": "CASE-C-6032-28(mm)",
    "7343-31": "CASE-D-7343-31(mm)",
    "7343-43": "CASE-E-7343-43(mm)",
}
_CHIP = re.compile(rf"(?<!\d)({'|'.join(sorted(set(CHIPS), key=len, reverse=True))})(?!\d)")
_LETTERS = {
    "R": "resistor",
    "RES": "resistor",
    "C": "capacitor",
    "CAP": "capacitor",
    "L": "inductor",
    "IND": "inductor",
    "FB": "ferrite_bead",
    "BEAD": "ferrite_bead",
    "LED": "led",
    "CP": "capacitor_polarized",
    "D": "diode",
    "DIO": "diode",
    "Y": "crystal",
    "X": "crystal",
    "XTAL": "crystal",
    "CE": "capacitor_polarized",
    "EC": "capacitor_polarized",
}
_DESIGNATOR = re.compile(r"([A-Za-z]+)\d+[A-Za-z]?")


class Meaning(NamedTuple):
    """What a footprint's name tells."""

    package: str | None
    family: str | None


def meaning(footprint: str) -> Meaning:
    """The package and, where the name tells it, the family.

    >>> meaning("Resistor_SMD:R_0402_1005Metric"), meaning("Package_TO_SOT_SMD:SOT-23-5")
    (Meaning(package='0402', family='resistor'), Meaning(package='SOT-23-5', family=None))
    """
    name = footprint.strip().rpartition(":")[2].strip()
    if match := _KICAD.fullmatch(name):
        letters = "CP" if match[1] == "C_Polarized" else match[1]
        return Meaning(match[2], _LETTERS.get(letters))
    if match := _CRYSTAL.match(name):
        return Meaning(f"SMD{match[1]}-{match[2]}P", "crystal")
    if match := _CAN.match(name):
        return Meaning(f"SMD,D{match[1]}xL{match[2]}mm", "capacitor_polarized")
    if match := _MOULDED.match(name):
        return Meaning(MOULDED.get(match[1]), "capacitor_polarized")
    if name.startswith(("CP_", "C_Elec", "CP-")):
        return Meaning(None, "capacitor_polarized")
    if match := _IPC.fullmatch(name.upper()):
        return Meaning(METRIC.get(match[2]), _LETTERS.get(match[1]))
    sizes = set(_CHIP.findall(name))
    if len(sizes) == 1:
        word = re.match(r"[A-Za-z]+", name)
        return Meaning(sizes.pop(), _LETTERS.get(word[0].upper()) if word else None)
    if len(sizes) > 1:
        return Meaning(None, None)
    # SOIC-8_3.9x4.9mm_P1.27mm, SOT-23-5_HandSoldering, D_SOD-123
    words = [word for word in name.split("_") if word]
    if len(words) > 1 and words[0] in _LETTERS:
        words = words[1:]
    return Meaning(words[0] if words else None, None)


def family_of_designators(designators: list[str]) -> str | None:
    """The family that the letters of all designators mean; D may be a LED and tells none."""
    letters = {match[1].upper() for one in designators if (match := _DESIGNATOR.fullmatch(one))}
    if len(letters) != 1:
        return None
    found = _LETTERS.get(letters.pop())
    return None if found == "diode" else found


def test_names_of_footprints() -> None:
    for name, package, family in (
        ("R_0402_1005Metric", "0402", "resistor"),
        ("R_0201_0603Metric", "0201", "resistor"),
        ("Capacitor_SMD:C_0805_2012Metric_Pad1.18x1.45mm_HandSolder", "0805", "capacitor"),
        ("LED_0603_1608Metric", "0603", "led"),
        ("R0402", "0402", "resistor"),
        ("C0603K", "0603", "capacitor"),
        ("RESC1005X40N", "0402", "resistor"),
        ("CAPC1608X90N", "0603", "capacitor"),
        ("0402", "0402", None),
        ("0402 (1005 Metric)", "0402", None),
        ("SOT-23-5", "SOT-23-5", None),
        ("Package_SO:SOIC-8_3.9x4.9mm_P1.27mm", "SOIC-8", None),
        ("Diode_SMD:D_SOD-123", "SOD-123", None),
        ("CP_Elec_5x5.4", "SMD,D5xL5.4mm", "capacitor_polarized"),
        ("CP_EIA-3528-21_Kemet-B", "CASE-B-3528-21(mm)", "capacitor_polarized"),
        ("Crystal_SMD_3225-4Pin_3.2x2.5mm", "SMD3225-4P", "crystal"),
        ("CP_Radial_D5.0mm_P2.00mm", None, "capacitor_polarized"),
        ("0402/0603", None, None),
        ("", None, None),
    ):
        assert meaning(name) == (package, family), name
    assert family_of_designators(["R1", "R22"]) == "resistor"
    assert family_of_designators(["R1", "C1"]) is None
    assert family_of_designators(["D1"]) is None
