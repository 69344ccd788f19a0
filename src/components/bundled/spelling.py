"""How the services write quantities: one value in many spellings (UPSTREAMS: attribute texts)."""

from __future__ import annotations

from components.bundled.draw import Draw

_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_SMALL = ((1.0, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"), (1e-12, "p"))
MICRO_SIGN = "\u00b5"
GREEK_MU = "\u03bc"


def number(value: float) -> str:
    """Up to four significant digits, without a trailing point or exponent.

    >>> number(4.70), number(1000.0), number(0.0625)
    ('4.7', '1000', '0.0625')
    """
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return text or "0"


def quantity(value: float, unit: str, *, micro: str = "u") -> str:
    """The plain spelling: a number of 1 to 999, a prefix, the unit.

    >>> quantity(4700, "Ω"), quantity(1e-7, "F"), quantity(0.0625, "W"), quantity(2e-6, "F")
    ('4.7kΩ', '100nF', '62.5mW', '2uF')
    """
    scale = _PREFIXES if value >= 1 else _SMALL
    fitting = [step for step in scale if value >= step[0] * 0.999999]
    factor, prefix = fitting[0] if fitting else scale[-1]
    return f"{number(value / factor)}{micro if prefix == 'u' else prefix}{unit}"


def resistance(draw: Draw, value_ohm: float) -> str:
    """A resistance as one of the spellings that occur, mostly the plain one."""
    plain = quantity(value_ohm, "Ω")
    style = draw.below(12)
    if style == 0:
        return plain.replace("k", "K")
    if style == 1:
        return plain.removesuffix("Ω") if value_ohm >= 1000 else plain
    if style == 2 and 1000 <= value_ohm < 1e6:
        return infix(value_ohm / 1000, "k")
    if style == 3 and value_ohm < 1:
        return f"R{round(value_ohm * 1000):03d}"
    return plain


def infix(value: float, letter: str) -> str:
    """The letter in the point's place.

    >>> infix(4.7, "k"), infix(10, "k"), infix(0.1, "R")
    ('4k7', '10k', '0R1')
    """
    whole, _, fraction = number(value).partition(".")
    return f"{whole}{letter}{fraction}"


def capacitance(draw: Draw, value_f: float) -> str:
    """A capacitance with either micro sign, or in microfarads below one."""
    style = draw.below(8)
    if style == 0 and 1e-8 <= value_f < 1e-6:
        return f"{number(value_f * 1e6)}uF"
    micro = (MICRO_SIGN, GREEK_MU)[style - 1] if style in (1, 2) else "u"
    return quantity(value_f, "F", micro=micro)


def power(draw: Draw, value_w: float) -> str:
    """A power rating, sometimes as a fraction of a watt."""
    fractions = {0.0625: "1/16W", 0.1: "1/10W", 0.125: "1/8W", 0.25: "1/4W", 0.5: "1/2W"}
    if value_w in fractions and draw.below(5) == 0:
        return fractions[value_w]
    return quantity(value_w, "W")


def test_one_value_has_many_spellings() -> None:
    spellings = {resistance(Draw("r", index), 4700) for index in range(200)}
    assert spellings == {"4.7kΩ", "4.7KΩ", "4.7k", "4k7"}
    assert "R005" in {resistance(Draw("r", index), 0.005) for index in range(200)}
    caps = {capacitance(Draw("c", index), 1e-7) for index in range(200)}
    assert caps == {"100nF", "0.1uF"}
    micro = {capacitance(Draw("c", index), 4.7e-6) for index in range(200)}
    assert micro == {"4.7uF", "4.7\u00b5F", "4.7\u03bcF"}
    assert {power(Draw("p", index), 0.0625) for index in range(50)} == {"62.5mW", "1/16W"}
