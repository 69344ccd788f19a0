"""Types of transistors: which carriers; packages that hold both types are refused."""

from __future__ import annotations

import re

from components.families.model import Refused
from components.families.parse.quantity import clean

# "1PCSNChannel" is one piece of an N-channel type.
_CHANNEL = re.compile(r"([NP])[ -]?channels?", re.IGNORECASE)
_DOPING = re.compile(r"NPN|PNP", re.IGNORECASE)


def channel(text: str) -> str | Refused | None:
    """``N_CHANNEL`` or ``P_CHANNEL``.

    >>> channel("1 Piece P-Channel"), channel("1 N-Channel + 1 P-Channel")
    ('P_CHANNEL', 'mixed channel type')
    """
    found = {kind.upper() for kind in _CHANNEL.findall(clean(text))}
    if len(found) > 1:
        return Refused("mixed channel type")
    return f"{found.pop()}_CHANNEL" if found else None


def doping(text: str) -> str | Refused | None:
    """``NPN`` or ``PNP``.

    >>> doping("1 PNP Pre-Biased"), doping("NPN+PNP")
    ('PNP', 'mixed doping type')
    """
    found = {kind.upper() for kind in _DOPING.findall(clean(text))}
    if len(found) > 1:
        return Refused("mixed doping type")
    return found.pop() if found else None


def test_spellings_of_channels() -> None:
    for text in ("1 N-channel", "N-Channel", "N Channel", "1PCSNChannel", "2 NChannels"):
        assert channel(text) == "N_CHANNEL", text
    assert channel("1PCSN-Channel&1PCSP-Channel") == "mixed channel type"
    assert isinstance(channel("N-Channel + P-Channel"), Refused)
    assert channel("NPN") is None
    assert channel("4 channels") is None


def test_spellings_of_doping() -> None:
    assert doping("1 PNP") == "PNP"
    assert doping("2PCSNPN(Dual)") == "NPN"
    assert isinstance(doping("1PCSNPN&1PCSPNP"), Refused)
    assert doping("BJT") is None
