"""Types of transistors: which carriers, and how many of each in one package."""

from __future__ import annotations

import re

from components.families.model import Refused
from components.families.parse.quantity import clean

_N_CHANNEL = re.compile(r"\bN[ -]?(?:channel|ch|沟道)", re.IGNORECASE)
_P_CHANNEL = re.compile(r"\bP[ -]?(?:channel|ch|沟道)", re.IGNORECASE)


def channel(text: str) -> str | Refused | None:
    """``N_CHANNEL`` or ``P_CHANNEL``; a package with both is refused."""
    text = clean(text)
    n, p = bool(_N_CHANNEL.search(text)), bool(_P_CHANNEL.search(text))
    if n and p:
        return Refused("mixed channel type")
    return "N_CHANNEL" if n else "P_CHANNEL" if p else None


def doping(text: str) -> str | Refused | None:
    """``NPN`` or ``PNP``; a package with both is refused."""
    text = clean(text).upper()
    n, p = "NPN" in text, "PNP" in text
    if n and p:
        return Refused("mixed doping type")
    return "NPN" if n else "PNP" if p else None
