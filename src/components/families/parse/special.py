"""Readings that a few columns need: contact forms, pulse shapes, voltages without a unit."""

from __future__ import annotations

import re

from components.families.parse.quantity import clean
from components.families.parse.ratings import only, span

_FORM = re.compile(r"([0-9]{1,2})\s?([ABC])\b(?!\w)")
_WORDED = re.compile(r"([0-9]{1,2})\s*Form\s*([ABC])", re.IGNORECASE)
_WAVEFORM = re.compile(r"@\(?([0-9.]+/[0-9.]+)\s?[uμ]s\)?")


def contact_form(text: str) -> str | None:
    """How many contacts of which form: A makes, B breaks, C changes over.

    >>> contact_form("1 Set Normally Open: 1A (SPST NO)"), contact_form("2 Form C: 2C (DPDT-CO)")
    ('1A', '2C')
    """
    text = clean(text)
    found = {f"{n}{form}".upper() for n, form in _WORDED.findall(text) + _FORM.findall(text)}
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


def flux_density(text: str) -> float | None:
    """A flux density of either pole, in tesla: ``±3mT``, ``40Gs``."""
    return only("T")(clean(text).replace("±", ""))


def test_special_readings() -> None:
    for text, form in (
        ("1 Form A (SPST-NO)", "1A"),
        ("One set changeover: 1C (SPDT)", "1C"),
        ("1 Set Normally Closed: 1B (SPST-NC)", "1B"),
        ("SPST", None),
    ):
        assert contact_form(text) == form, text
    assert (volts("5000"), volts("3.75kV"), volts("-")) == (5000.0, 3750.0, None)
    assert (middle_voltage("423V~517V"), middle_voltage("470V")) == (470.0, 470.0)
    assert (flux_density("±3mT"), flux_density("40Gs")) == (3e-3, 4e-3)
