"""Temperature characteristics of ceramic dielectrics, by their EIA and JIS codes."""

from __future__ import annotations

import re

from components.families.parse.quantity import clean

_CODE = re.compile(r"[A-Z]{1,2}\d[A-Z]|[A-Z]{2}|[NP]P0|NPO|COG|[NP]\d{2,4}|[A-Z]\d[A-Z]")


def dielectric(text: str) -> str | None:
    """The code in one spelling: ``NPO`` and ``COG`` with letters for zeros are corrected.

    >>> dielectric("x7r"), dielectric("NPO"), dielectric("COG")
    ('X7R', 'NP0', 'C0G')
    """
    code = clean(text).upper()
    code = {"NPO": "NP0", "COG": "C0G"}.get(code, code)
    return code if _CODE.fullmatch(code) else None
