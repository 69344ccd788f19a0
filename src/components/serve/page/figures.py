"""Values as people read and write them: ``10 kΩ``, ``4k7``, ``-40 ℃``, ``$0.0012``."""

from __future__ import annotations

import math
import re

from components.find.quantity import read_quantity

# Units that people put SI prefixes before; others are written out.
PREFIXED = frozenset({"Ω", "W", "V", "A", "F", "H", "Hz", "cd", "m", "s", "N", "J", "T", "C"})
PREFIXED |= {"bit/s", "V/s"}
_PREFIXES = {-5: "f", -4: "p", -3: "n", -2: "µ", -1: "m", 0: "", 1: "k", 2: "M", 3: "G", 4: "T"}
_FACTORS = {letter: 10.0 ** (3 * power) for power, letter in _PREFIXES.items() if letter}
_FACTORS |= {"u": 1e-6, "μ": 1e-6, "K": 1e3}
# Memories are counted in powers of two.
BINARY = frozenset({"bit", "B"})
_BINARY = {"k": 1 << 10, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_OTHERWISE = {
    "℃": ("°C", "degC", "C", "c"),
    "°": ("deg",),
    "Ω": ("ohms", "ohm", "Ohm", "OHM", "\u2126", "R"),
    "bit": ("bits", "b"),
    "B": ("byte", "bytes", "iB"),
    "bit/s": ("bps", "b/s"),
}
_NUMBER = re.compile(r"[-+−]?(?:\d{1,15}(?:[.,]\d{1,15})?|[.,]\d{1,15})(?:[eE][-+]?\d{1,2})?")


class NotUnderstood(ValueError):
    """A text that is no value of the unit."""


def shown(value: float, unit: str, digits: int = 4) -> str:
    """A value with its unit and an SI prefix; figures beyond ``digits`` are rounded.

    >>> shown(4700.0, "Ω"), shown(1e-07, "F"), shown(125.0, "℃"), shown(8 * 1048576, "bit")
    ('4.7\xa0kΩ', '100\xa0nF', '125\xa0℃', '8\xa0Mbit')
    """
    if not math.isfinite(value):
        return "—"
    if unit in BINARY and value >= 1024 and value == int(value):
        for letter in ("G", "M", "k"):
            if int(value) % _BINARY[letter] == 0:
                return f"{int(value) // _BINARY[letter]:,}\xa0{letter}{unit}".replace(",", "\u202f")
    if unit not in PREFIXED or value == 0:
        return f"{plain(value, digits)}\xa0{unit}".rstrip("\xa0")
    power = math.floor(math.log10(float(f"{abs(value):.{digits - 1}e}")) / 3 + 1e-9)
    power = max(min(power, max(_PREFIXES)), min(_PREFIXES))
    return f"{plain(value / 1000.0**power, digits)}\xa0{_PREFIXES[power]}{unit}"


def plain(value: float, digits: int = 4) -> str:
    """A number without an exponent where people would write none.

    >>> plain(32.768, 5), plain(100000.0), plain(0.00012)
    ('32.768', '100000', '0.00012')
    """
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.{digits}g}"
    if "e" in text and 1e-7 < abs(value) < 1e15:
        text = f"{float(text):.12f}".rstrip("0").rstrip(".")
    return text


def typed(value: float, unit: str) -> str:
    """A value as :func:`read` takes it and as short as people type it.

    >>> typed(4700.0, "Ω"), typed(0.25, "W"), typed(1e-07, "F"), typed(-40.0, "℃")
    ('4.7k', '250m', '100n', '-40')
    """
    text = shown(value, unit, 10).replace("\xa0", "").replace("\u202f", "")
    return text.removesuffix(unit)


def read(text: str, unit: str) -> float:
    """A value as people write it, in ``unit``; the unit itself may be left out.

    >>> read("4k7", "Ω"), read("1/4W", "W"), read("-40", "℃"), read("3.3 mm", "mm")
    (4700.0, 0.25, -40.0, 3.3)

    Raises :class:`NotUnderstood`.
    """
    text = text.strip()
    found = read_quantity(text) if unit not in BINARY else None
    if found is not None and found.unit in ("", unit) and (unit in PREFIXED or not found.prefix):
        return found.value
    bare = text
    for name in (unit, *_OTHERWISE.get(unit, ())):
        if name and bare.endswith(name):
            bare = bare.removesuffix(name).rstrip()
            break
    factor = 1.0
    if unit in BINARY and bare[-1:] in _BINARY:
        bare, factor = bare[:-1].rstrip(), float(_BINARY[bare[-1]])
    elif unit in PREFIXED and bare[-1:] in _FACTORS:
        bare, factor = bare[:-1].rstrip(), _FACTORS[bare[-1]]
    if not _NUMBER.fullmatch(bare):
        raise NotUnderstood(text)
    value = float(bare.replace(",", ".").replace("−", "-")) * factor
    # 4.7 * 1e-9 is a bit off what 4.7e-9 is.
    return float(f"{value:.15g}")


def money(value: float | None) -> str:
    """A price with as many places as it needs; the source's currency is not told.

    >>> money(0.00123), money(12.5), money(None)
    ('0.00123', '12.50', '—')
    """
    if value is None:
        return "—"
    if abs(value) >= 1:
        return f"{value:,.2f}".replace(",", "\u202f")
    text = f"{value:.3g}" if value else "0"
    if "e" in text:
        text = f"{value:.8f}".rstrip("0")
    return text if len(text.partition(".")[2]) >= 2 else f"{value:.2f}"


def count(value: int) -> str:
    """A whole number with thin spaces between its thousands.

    >>> count(1234567).replace("\u202f", "_")
    '1_234_567'
    """
    return f"{value:,}".replace(",", "\u202f")


def size(size_bytes: int) -> str:
    """
    >>> size(999), size(20480)
    ('999\xa0B', '20.5\xa0kB')
    """
    for power, unit in ((2, "MB"), (1, "kB")):
        if size_bytes >= 1000**power:
            return f"{size_bytes / 1000**power:.3g}\xa0{unit}"
    return f"{size_bytes}\xa0B"


def test_what_is_shown_can_be_typed_again() -> None:
    for value, unit in (
        *((4700.0, "Ω"), (1e-7, "F"), (0.0, "Ω"), (2.2e-6, "H"), (32768.0, "Hz"), (-5.0, "V")),
        *((1048576.0, "bit"), (40000.0, "bit"), (0.5, "mm"), (-40.0, "℃"), (100.0, "ppm")),
        *((7.0, ""), (2.5e-13, "F"), (1.5e13, "Ω"), (0.1, "%"), (999999.0, "Ω"), (24e6, "bit/s")),
    ):
        assert read(typed(value, unit), unit) == value, (value, unit)


def test_what_people_type() -> None:
    import pytest

    for text, unit, value in (
        *(("10k", "Ω", 1e4), ("4R7", "Ω", 4.7), ("100 ohm", "Ω", 100.0), ("1/4", "W", 0.25)),
        *(("64k", "bit", 65536.0), ("64 Kbit", "bit", 65536.0), ("85°C", "℃", 85.0)),
        *(("10ns", "s", 1e-8), ("2,54", "mm", 2.54), ("1e5", "Ω", 1e5), ("5%", "%", 5.0)),
        *(("100ppm", "ppm", 100.0), ("−3 dB", "dB", -3.0), ("0.1uF", "F", 1e-7)),
    ):
        assert read(text, unit) == value, text
    for text, unit in (("10uF", "Ω"), ("apples", "V"), ("", "V"), ("5k", "mm"), ("1" * 40, "V")):
        with pytest.raises(NotUnderstood):
            read(text, unit)
