"""Readings that a few columns need: contact forms, pulse shapes, voltages without a unit."""

from __future__ import annotations

import math
import re

from components.families.parse.quantity import clean
from components.families.parse.ratings import only, span

_FORM = re.compile(r"([0-9]{1,2})\s?([ABC])\b(?!\w)")
_WORDED = re.compile(r"([0-9]{1,2})\s*Form\s*([ABC])", re.IGNORECASE)
_ONE = re.compile(r"^One\b|\bSP[SD]T\b")
_TWO = re.compile(r"^Two\b|\bDP[SD]T\b")
_WAVEFORM = re.compile(r"@\(?([0-9.]+/[0-9.]+)\s?[uμ]s\)?")


def contact_form(text: str) -> str | None:
    """How many contacts of which form: A makes, B breaks, C changes over.

    A text that counts otherwise in words is not certain: ``One normally open: 2A (SPST-NO)``.

    >>> contact_form("1 Set Normally Open: 1A (SPST NO)"), contact_form("2 Form C: 2C (DPDT-CO)")
    ('1A', '2C')
    """
    text = clean(text)
    found = {f"{n}{form}".upper() for n, form in _WORDED.findall(text) + _FORM.findall(text)}
    for words, number in ((_ONE, "1"), (_TWO, "2")):
        if words.search(text) and all(one[:-1] != number for one in found):
            return None
    return "+".join(sorted(found)) or None


def waveform(text: str) -> str | None:
    """The pulse that a rating is tested with, as rise and fall in microseconds.

    >>> waveform("4A@8/20us"), waveform("4A")
    ('8/20', None)
    """
    found = set(_WAVEFORM.findall(clean(text)))
    return found.pop() if len(found) == 1 else None


def volts(text: str) -> float | None:
    """A voltage whose unit may be left out: ``5000`` is 5 kV."""
    return only("V")(text) or only("")(text)


def middle_voltage(text: str) -> float | None:
    """A nominal voltage, or the middle of its band: ``423V~517V`` is 470 V ± 10 %."""
    value = only("V")(text)
    if value is None and (band := span(clean(text), "V")) is not None and band.low > 0:
        value = float(f"{(band.low + band.high) / 2:.3g}")
    return value


def power_level(text: str) -> float | None:
    """A power in decibels over a milliwatt, from watts too.

    >>> power_level("-3dBm"), power_level("100mW")
    (-3.0, 20.0)
    """
    watts = only("W")(text)
    return (
        only("dBm", signed=True)(text) if watts is None else round(10 * math.log10(watts * 1e3), 3)
    )


def matched_impedance(text: str) -> float | None:
    """An impedance that both sides have: ``50Ω:50Ω``; of two that differ none is certain.

    >>> matched_impedance("50Ω:50Ω"), matched_impedance("75Ω"), matched_impedance("50Ω:100Ω")
    (50.0, 75.0, None)
    """
    found = {only("Ω")(side) for side in text.split(":")}
    return found.pop() if len(found) == 1 else None


def flux_density(text: str) -> float | None:
    """A flux density of either pole, in tesla: ``±3mT``, ``40Gs``."""
    return only("T")(clean(text).replace("±", ""))


def test_special_readings() -> None:
    for text, form in (
        ("1 Form A (SPST-NO)", "1A"),
        ("One set changeover: 1C (SPDT)", "1C"),
        ("One normally open: 2A (SPST-NO)", None),
        ("2 Form A + 1 Form B: 2A + 1B (2PST-NO + SPST-NC)", "1B+2A"),
        ("1 Set Normally Closed: 1B (SPST-NC)", "1B"),
        ("SPST", None),
    ):
        assert contact_form(text) == form, text
    assert (volts("5000"), volts("3.75kV"), volts("-")) == (5000.0, 3750.0, None)
    assert (middle_voltage("423V~517V"), middle_voltage("470V")) == (470.0, 470.0)
    assert (flux_density("±3mT"), flux_density("40Gs")) == (3e-3, 4e-3)
