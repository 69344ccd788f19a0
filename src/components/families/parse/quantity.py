"""Quantities as catalogues write them: ``4.7kΩ``, ``4k7``, ``1/16W``, ``0.1µF``.

Prefixes are the SI ones; a kilo may be a capital. Everything else that is not certain is None.
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
    "V": "V|v",
    "A": "A",
    "W": "W|w",
    "Hz": "Hz|HZ|hz",
    "cd": "cd",
    "": "",
}
_UNKNOWN = frozenset({"", "-", "--", "null", "none", "n/a", "/", "~"})
_CERTAIN = str.maketrans(
    {"µ": "u", "μ": "u", "Ω": "Ω", "、": ",", "；": ";", "～": "~", "−": "-", "－": "-", "＋": "+"}
    | {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5E)}
)


def clean(text: str) -> str:
    """One spelling of what is certainly the same: µ and μ, full width, doubled dots, spaces."""
    text = text.translate(_CERTAIN).replace("+/-", "±")
    return " ".join(text.replace("..", ".").split())


def is_unknown(text: str) -> bool:
    """Whether a text says that nothing is known, so that it is no text to quarantine."""
    return clean(text).casefold() in _UNKNOWN


def quantity(text: str, unit: str) -> float | None:
    """One value in ``unit`` (a key of ``UNIT_SPELLINGS``), or None.

    >>> quantity("4k7", "Ω"), quantity("R001", "Ω"), quantity("1/16W", "W")
    (4700.0, 0.001, 0.0625)
    """
    text = clean(text)
    plain, coded, fraction = _patterns(unit)
    if found := plain.fullmatch(text):
        return _scaled(found[1], found[2] or "")
    if found := fraction.fullmatch(text):
        divisor = float(found[2])
        return _finite(float(found[1]) / divisor) if divisor else None
    if found := coded.fullmatch(text):
        prefix = "" if found[2] == "R" else found[2]
        return _scaled(f"{found[1] or '0'}.{found[3]}", prefix)
    return None


@functools.cache
def _patterns(unit: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    spelling = UNIT_SPELLINGS[unit]
    number = r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))"
    # A prefix without its unit is certain for ohms alone: "10K" is a resistance, "10m" is not.
    bare = "|(?<=[kKM])" if unit == "Ω" else ""
    plain = rf"{number}\s*([fpnumkKMG]?)(?:{spelling}{bare})\s*(?:max\.?)?"
    letters = "RkKMm" if unit == "Ω" else "pnumkKMG"
    coded = rf"(\d*)([{letters}])(\d+)(?:{spelling})?"
    fraction = rf"(\d{{1,6}})/(\d{{1,6}})\s*(?:{spelling})"
    return re.compile(plain), re.compile(coded), re.compile(fraction)


def _scaled(number: str, prefix: str) -> float | None:
    # The exponent joins the decimal text, so that 4.7 n is the float nearest to 4.7e-9.
    return _finite(float(f"{number}e{PREFIX_EXPONENTS[prefix]}"))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
