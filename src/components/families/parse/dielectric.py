"""Temperature characteristics of ceramic dielectrics: codes of EIA-198, IEC 60384 and JIS."""

from __future__ import annotations

import re

from components.families.parse.quantity import clean

_EIA = re.compile(r"[A-Z][0-9][A-Z]")
_OTHER = re.compile(r"[A-Z]{2}|[BEFR]|2[A-Z][0-9]|[NP][0-9]{2,4}")
# C0G and NP0 are two names of one characteristic; letters stand for the zeros.
_SAME = {"NP0": "C0G", "NPO": "C0G", "COG": "C0G", "COH": "C0H"}


def dielectric(text: str) -> str | None:
    """The code, one for characteristics that are the same.

    >>> dielectric("x7r"), dielectric("NPO"), dielectric("C0G, NP0")
    ('X7R', 'C0G', 'C0G')
    """
    codes = {_code(word.strip()) for word in clean(text).upper().split(",")}
    return codes.pop() if len(codes) == 1 else None


def dielectric_word(word: str) -> str | None:
    """As :func:`dielectric`, for a description's word, where two letters mean anything."""
    code = _SAME.get(word.upper(), word)
    return code if _EIA.fullmatch(code) else None


def _code(word: str) -> str | None:
    code = _SAME.get(word, word)
    return code if _EIA.fullmatch(code) or _OTHER.fullmatch(code) else None


def test_codes_that_occur() -> None:
    for text, code in (
        ("X7R", "X7R"),
        ("NP0", "C0G"),
        ("COG", "C0G"),
        ("SL", "SL"),
        ("B", "B"),
        ("2X1", "2X1"),
        ("N2800", "N2800"),
        ("HQC", None),
        ("X7R, C0G", None),
        ("±30ppm/℃", None),
    ):
        assert dielectric(text) == code, text


def test_a_description_holds_words_that_are_no_codes() -> None:
    description = "250V CQC,UL,VDE Y1 X7R ±10% 0805 SMD"
    assert [word for word in description.split() if dielectric_word(word)] == ["X7R"]
