"""The names that one package text holds: ``SMA(DO-214AC)`` is ``SMA`` and ``DO-214AC``."""

from __future__ import annotations

import re

_PARTS = re.compile(r"[()]")
_CHIP = re.compile(r"[0-9]{4,5}")
_BODY = re.compile(r"(SMD|插件),(D[0-9.]+(x(L|H)?[0-9.]+)?|[0-9.]+x[0-9.]+|P=[0-9.]+)mm")
_CASE = re.compile(r"CASE-[A-Z]-(?P<size>[0-9]{4}-[0-9]{2})(\(mm\))?")
_DIODE = re.compile(
    r"SM[ABC](F|$)|SOD-|DO-(15|27|34|35|41|2\d\d)|R-6$|P600|LL-?(34|41)|A-405|.*MELF"
)
_WORDS = {
    "弯插": "right angle THT",
    "插件": "THT",
    "卧贴": "right angle",
    "交错脚": "staggered",
    "螺栓安装": "screw",
}


def names(package: str) -> tuple[str, ...]:
    """Each name of a package as the tables spell it, in capitals; a description in brackets too.

    >>> names("SMA(DO-214AC)"), names("SMD,D6.3xL5.4mm"), names("CASE-A-3216-18(mm)")
    (('SMA', 'DO-214AC'), ('SMD,D6.3XL5.4MM',), ('3216-18',))
    """
    if case := _CASE.fullmatch(package):
        return (case["size"],)
    parts = (part.strip(" ,").upper() for part in _PARTS.split(package))
    return tuple(part for part in parts if part)


def has_two_ends(package: str) -> bool:
    """Whether a part without polarity in this package certainly has two contacts and no more."""
    return bool(_CHIP.fullmatch(package) or _BODY.fullmatch(package) or _CASE.fullmatch(package))


def has_anode_and_cathode(package: str) -> bool:
    """Whether a diode in this package certainly has two leads, with the first at its cathode."""
    return any(_DIODE.match(name) for name in names(package)[:1])


def readable(package: str) -> str:
    """A package's name in English.

    >>> readable("SMD,P=1mm,卧贴(交错脚)")
    'SMD, P=1mm, right angle (staggered)'
    """
    for word, meaning in _WORDS.items():
        package = package.replace(word, meaning)
    return re.sub(r"(?<=\S)\(", " (", re.sub(r",(?=\S)", ", ", package))


def test_two_contacts_are_sure() -> None:
    for package in ("0402", "01005", "SMD,6x6mm", "插件,D2.4xL6.3mm", "插件,P=5mm"):
        assert has_two_ends(package), package
    for package in ("SMD-4P,2x1.2mm", "SOT-23", "TO-263-2", "0603x4", "SMD", "插件", "DIP-4"):
        assert not has_two_ends(package), package


def test_diodes_of_two_leads() -> None:
    for package in ("SMA(DO-214AC)", "DO-214AC(SMA)", "SMAF", "SOD-523", "DO-41", "MiniMELF"):
        assert has_anode_and_cathode(package.upper()), package
    # KiCad's footprints of these have the anodes at the first pads, or a third lead.
    for package in ("TO-277", "TO-277A", "TO-252-2", "SOT-23", "SMAJ", "DO-2"):
        assert not has_anode_and_cathode(package), package
