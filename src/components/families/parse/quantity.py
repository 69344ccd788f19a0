"""Quantities as catalogues write them: ``4.7kΩ``, ``4k7``, ``1/16W``, ``0.1µF``.

Prefixes are the SI ones; a kilo may be a capital. The letter codes are those of IEC 60062.
Everything else that is not certain is None.
"""

from __future__ import annotations

import functools
import math
import re

PREFIX_EXPONENTS = {
    "": 0, "f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "k": 3, "K": 3, "M": 6, "G": 9,
}  # fmt: skip
UNIT_SPELLINGS = {
    "Ω": "Ω|[oO]hms?|OHMS?|R",
    "F": "F",
    "H": "H",
    "V": "V(?:AC|DC)?|v",
    "A": "A",
    "W": "W|w",
    "Hz": "Hz|HZ|hz",
    "cd": "cd",
    "℃": "℃|°C",
    "": "|V/V",
    "m": "m|M",
    "s": "s|S|[sS]ec",
    "N": "N",
    "J": "J",
    "T": "T",
    "C": "C",
    "K": "K",
    "%": "%",
    "°": "°|[dD]eg|度",
    "dB": "dB|DB|db",
    "dBm": "dBm|DBM|dbm",
    "bps": "bps|bit/s|[bB]/s|Bd|bauds?",
    "V/s": "V/s",
}
# What is written in other units: a pattern of the unit, and what one of it is; bits and bytes are
# counted by powers of 1,024.
_OTHERS: dict[str, tuple[tuple[str, float], ...]] = {
    "N": (("gf|g·?f|克力?", 9.80665e-3), ("kgf", 9.80665)),
    "T": (("Gs|Gauss|G", 1e-4),),
    "s": (("min", 60.0), ("hrs?|[hH]ours?|h", 3600.0)),
    "m": (("cm", 0.01), ("mil", 2.54e-5)),
    "V/s": (("V/[uμ]s", 1e6), ("V/ms", 1e3), ("V/ns", 1e9)),
    "bit": (("bits?|Bits?|b|-bit", 1.0), ("B|[bB]ytes?|byte", 8.0)),
    "B": (("B|[bB]ytes?", 1.0), ("bits?|Bits?|b", 0.125)),
}
_BINARY = {"": 0, "k": 10, "K": 10, "M": 20, "G": 30, "T": 40}
# Units that are another one times a power of ten.
_SCALED = {"mm": ("m", 3)}
# Units that take no prefix: K would be kelvin or kilo.
_BARE = frozenset({"K", "%", "°", "dB", "dBm", "℃"})
_UNKNOWN = frozenset({"", "-", "--", "null", "none", "n/a", "/", "~"})
_CERTAIN = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # full width
    | {"\u00b5": "u", "\u03bc": "u", "\u2126": "Ω", "、": ",", "\u2212": "-"}
)
# Translating is slow, and few texts need it.
_SPELT_OTHERWISE = re.compile(f"[{''.join(map(chr, _CERTAIN))}]")
CLEANED_MAX = 1 << 12
_MANY_DIGITS = 40
# Units whose values are written as codes and fractions: 4k7, 0R1, 1/16 W.
_CODED = frozenset({"Ω", "F", "H", "V", "A", "W", "Hz", "cd", ""})


# One text is cleaned by each reader that it is tried by, one after the other.
@functools.lru_cache(CLEANED_MAX)
def clean(text: str) -> str:
    """One spelling of what is certainly the same: µ and μ, full width, doubled dots, spaces.

    Brackets round the whole text go too.

    >>> clean("（±１％）"), clean("7..5V"), clean("100μF")
    ('±1%', '7.5V', '100uF')
    """
    if not text.isascii() and _SPELT_OTHERWISE.search(text):
        text = text.translate(_CERTAIN)
    text = " ".join(text.replace("+/-", "±").replace("..", ".").split())
    if text.startswith("(") and text.find(")") == len(text) - 1:
        return text[1:-1].strip()
    return text


def is_unknown(text: str) -> bool:
    """Whether a text says that nothing is known, so that it is no text to quarantine."""
    return clean(text).casefold() in _UNKNOWN


def quantity(text: str, unit: str) -> float | None:
    """One value in ``unit`` (a key of ``UNIT_SPELLINGS``, ``mm``, ``bit`` or ``B``), or None.

    >>> quantity("4k7", "Ω"), quantity("R001", "Ω"), quantity("1/16W", "W")
    (4700.0, 0.001, 0.0625)
    >>> quantity("128KB", "B"), quantity("2Kbit", "bit"), quantity("2.54mm", "mm")
    (131072.0, 2048.0, 2.54)
    """
    text = clean(text)
    if len(text) > _MANY_DIGITS:
        return None
    unit, exponent = _SCALED.get(unit, (unit, 0))
    if unit in UNIT_SPELLINGS:
        plain, coded, fraction = _patterns(unit)
        if found := plain.fullmatch(text):
            return _scaled(found[1], found[2], exponent)
        if unit in _CODED:
            if found := fraction.fullmatch(text):
                divisor = int(found[2])
                return int(found[1]) / divisor if divisor else None
            if found := coded.fullmatch(text):
                prefix = "" if found[2] == "R" else found[2]
                return _scaled(f"{found[1] or '0'}.{found[3]}", prefix)
    return _other(text, unit, exponent)


def _other(text: str, unit: str, exponent: int) -> float | None:
    """A value in one of the units that :data:`_OTHERS` converts."""
    binary = unit in ("bit", "B")
    for pattern, factor in _others(unit):
        if found := pattern.fullmatch(text):
            if binary:
                value = float(found[1]) * factor * 2.0 ** _BINARY[found[2]]
            else:
                scaled = _scaled(found[1], found[2], exponent)
                value = math.inf if scaled is None else float(f"{scaled * factor:.12g}")
            return value if math.isfinite(value) else None
    return None


@functools.cache
def _others(unit: str) -> tuple[tuple[re.Pattern[str], float], ...]:
    prefixes = "kKMGT" if unit in ("bit", "B") else "pnumkM"
    number = r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))"
    return tuple(
        (re.compile(rf"{number}\s*([{prefixes}]?)\s*(?:{spelling})"), factor)
        for spelling, factor in _OTHERS.get(unit, ())
    )


@functools.cache
def _patterns(unit: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    spelling = UNIT_SPELLINGS[unit]
    number = r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))"
    # A prefix without its unit is certain for ohms alone: "10K" is a resistance, "10m" is not.
    bare = "|(?<=[kKM])" if unit == "Ω" else ""
    prefix = "()" if unit in _BARE else "([fpnumkKMG]?)"
    plain = rf"{number}\s*{prefix}(?:{spelling}{bare})\s*(?:max\.?)?"
    letters = "RkKMm" if unit == "Ω" else "pnumkKMG"
    coded = rf"([0-9]*)([{letters}])([0-9]+)(?:{spelling})?"
    fraction = rf"([0-9]{{1,6}})/([0-9]{{1,6}})\s*(?:{spelling})"
    return re.compile(plain), re.compile(coded), re.compile(fraction)


def _scaled(number: str, prefix: str, exponent: int = 0) -> float | None:
    # The exponent joins the decimal text, so that 4.7 n is the float nearest to 4.7e-9.
    value = float(f"{number}e{PREFIX_EXPONENTS[prefix] + exponent}")
    return value if math.isfinite(value) else None


def test_rows_of_texts_that_occur() -> None:
    for text, unit, expected in (
        ("4.7kΩ", "Ω", 4700),
        ("4.7KΩ", "Ω", 4700),
        ("10K", "Ω", 10e3),
        ("4k7", "Ω", 4700),
        ("R001", "Ω", 0.001),
        ("0.5Ωmax", "Ω", 0.5),
        ("1MΩ", "Ω", 1e6),
        ("1mΩ", "Ω", 1e-3),
        ("10R", "Ω", 10),
        ("4.7kOhms", "Ω", 4700),
        ("62.5mW", "W", 0.0625),
        ("1/16W", "W", 0.0625),
        ("1/10W", "W", 0.1),
        ("100nF", "F", 1e-7),
        ("0.1uF", "F", 1e-7),
        ("0.1µF", "F", 1e-7),
        ("0.1μF", "F", 1e-7),
        ("4u7", "F", 4.7e-6),
        ("7..5V", "V", 7.5),
        ("１０ｋΩ", "Ω", 10e3),
        ("32.768kHz", "Hz", 32768),
        ("120", "", 120),
        ("500V/ms", "V/s", 5e5),
        ("20V/us", "V/s", 2e7),
        ("160gf", "N", 1.569064),
        ("40Gs", "T", 4e-3),
        ("3mT", "T", 3e-3),
        ("-38dB", "dB", -38),
        ("3950K", "K", 3950),
        ("250Kbps", "bps", 250e3),
        ("940nm", "m", 9.4e-7),
        ("1.75KB", "B", 1792),
        ("65536bit", "bit", 65536),
        ("8GB", "bit", 2**36),
        ("2000hrs", "s", 7.2e6),
    ):
        assert quantity(text, unit) == expected, text


def test_what_is_not_certain_is_none() -> None:
    for text, unit in (
        ("10?F", "F"),
        ("10", "Ω"),
        ("10m", "Ω"),
        ("10kV", "Ω"),
        ("1/0W", "W"),
        ("0402", "Ω"),
        ("1e5Ω", "Ω"),
        ("nan", ""),
        ("٣Ω", "Ω"),
        ("1" * 400, ""),
    ):
        assert quantity(text, unit) is None, text


def test_unknown_texts_are_told_from_unreadable_ones() -> None:
    assert all(is_unknown(text) for text in ("-", "", "null", " - ", "－"))
    assert not any(is_unknown(text) for text in ("?", "0Ω", "unknown?"))


def test_any_text_is_a_finite_value_or_none() -> None:
    from hypothesis import given
    from hypothesis import strategies as st

    @given(
        st.text() | st.text("0123456789.+-/RkKMmunpGΩFHVAW?µ eE"),
        st.sampled_from(sorted(UNIT_SPELLINGS)),
    )
    def harmless(text: str, unit: str) -> None:
        value = quantity(text, unit)
        assert value is None or math.isfinite(value)

    harmless()


def test_a_written_value_is_read_back_in_every_spelling() -> None:
    from hypothesis import given
    from hypothesis import strategies as st

    @given(st.decimals(0, 9999, places=2), st.sampled_from("pnumkMG"))
    def reads_back(number: object, prefix: str) -> None:
        expected = float(f"{number}e{PREFIX_EXPONENTS[prefix]}")
        whole, _, digits = str(number).partition(".")
        for unit in ("Ω", "F", "H", "V", "A", "W"):
            assert quantity(f"{number}{prefix}{unit}", unit) == expected
            assert quantity(f" {number} {prefix}{unit} max", unit) == expected
        assert quantity(f"{whole}{prefix}{digits}", "F") == expected
        if prefix in "kM":
            assert quantity(f"{number}{prefix}", "Ω") == expected

    reads_back()
