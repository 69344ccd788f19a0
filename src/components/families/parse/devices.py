"""Types of transistors and diodes, and how many of them a package holds."""

from __future__ import annotations

import re

from components.families.model import fold
from components.families.parse.quantity import clean

# "1PCSNChannel" is one piece of an N-channel type.
_CHANNEL = re.compile(r"([NP])[ -]?channels?", re.IGNORECASE)
_DOPING = re.compile(r"NPN|PNP", re.IGNORECASE)
_PIECES = r"(?:^|[\s+&,;(])([0-9]{1,2})\s?(?:pcs|pieces?|x|\*)?\s?"
_COUNTED_CHANNELS = re.compile(_PIECES + r"[NP][ -]?channel", re.IGNORECASE)
_COUNTED_DOPINGS = re.compile(_PIECES + r"(?:NPN|PNP)", re.IGNORECASE)


def channel(text: str) -> str | None:
    """``N_CHANNEL`` or ``P_CHANNEL``; both joined where a package holds both.

    >>> channel("1 Piece P-Channel"), channel("1 N-Channel + 1 P-Channel")
    ('P_CHANNEL', 'N_CHANNEL+P_CHANNEL')
    """
    found = {kind.upper() for kind in _CHANNEL.findall(clean(text))}
    return "+".join(f"{kind}_CHANNEL" for kind in sorted(found)) or None


def doping(text: str) -> str | None:
    """``NPN`` or ``PNP``; both joined where a package holds both.

    >>> doping("1 PNP Pre-Biased"), doping("NPN+PNP")
    ('PNP', 'NPN+PNP')
    """
    found = {kind.upper() for kind in _DOPING.findall(clean(text))}
    return "+".join(sorted(found)) or None


def channel_count(text: str) -> float | None:
    """How many field effect transistors a text counts; two types at least where it names both.

    >>> channel_count("2 N-Channel + 2 P-Channel"), channel_count("N-Channel")
    (4.0, None)
    """
    return _counted(text, _COUNTED_CHANNELS, "+" in (channel(text) or ""))


def doping_count(text: str) -> float | None:
    """How many bipolar transistors a text counts.

    >>> doping_count("2PCSNPN(Dual)"), doping_count("NPN+PNP")
    (2.0, 2.0)
    """
    return _counted(text, _COUNTED_DOPINGS, "+" in (doping(text) or ""))


def _counted(text: str, counted: re.Pattern[str], both: bool) -> float | None:
    numbers = [int(number) for number in counted.findall(clean(text))]
    if numbers:
        total = sum(numbers)
        return float(total) if total > 1 or not both else 2.0
    return 2.0 if both else None


_CONNECTED = {
    "commoncathode": "COMMON_CATHODE",
    "commonanode": "COMMON_ANODE",
    "ca+cc": "COMMON_ANODE+COMMON_CATHODE",
    "series": "SERIES",
    "fullbridge": "BRIDGE",
    "bridge": "BRIDGE",
    "independent": "INDEPENDENT",
    "standalone": "INDEPENDENT",
    "single": "INDEPENDENT",
    "discretediode": "INDEPENDENT",
}
_ALONE = frozenset({"standalone", "single", "independent", "discretediode"})


def diode_configuration(text: str) -> str | None:
    """How the diodes of a package are connected.

    >>> diode_configuration("1 Pair Common Cathode"), diode_configuration("Standalone")
    ('COMMON_CATHODE', 'INDEPENDENT')
    """
    folded = fold(text)
    if ("commonanode" in folded and "commoncathode" in folded) or "cacc" in folded:
        return "COMMON_ANODE+COMMON_CATHODE"
    return next((code for word, code in _CONNECTED.items() if word in folded), None)


def diode_count(text: str) -> float | None:
    """How many diodes a configuration has; a pair is two.

    >>> diode_count("2 Pair Series Connection"), diode_count("1 Independent")
    (4.0, 1.0)
    """
    text = clean(text)
    if fold(text) in _ALONE:
        return 1.0
    pairs = [int(number) for number in re.findall(r"([0-9]{1,2})\s*pairs?", text, re.IGNORECASE)]
    if pairs:
        return float(2 * sum(pairs))
    single = re.findall(r"([0-9]{1,2})\s*independent", text, re.IGNORECASE)
    if single:
        return float(sum(map(int, single)))
    found = re.fullmatch(r"([0-9]) pair (?:CA|CC).*", text, re.IGNORECASE)
    return float(2 * int(found[1])) if found else None


def test_spellings_of_channels() -> None:
    for text in ("1 N-channel", "N-Channel", "N Channel", "1PCSNChannel", "2 NChannels"):
        assert channel(text) == "N_CHANNEL", text
    assert channel("1PCSN-Channel&1PCSP-Channel") == "N_CHANNEL+P_CHANNEL"
    assert channel("NPN") is None
    assert channel("4 channels") is None


def test_spellings_of_doping() -> None:
    assert doping("1 PNP") == "PNP"
    assert doping("2PCSNPN(Dual)") == "NPN"
    assert doping("1PCSNPN&1PCSPNP") == "NPN+PNP"
    assert doping("BJT") is None


def test_devices_are_counted_where_a_text_counts_them() -> None:
    for text, count in (
        ("1 N-channel", 1), ("2 N-Channel", 2), ("1 Piece P-Channel", 1), ("1PCSNChannel", 1),
        ("1PCSN-Channel&1PCSP-Channel", 2), ("N-Channel + P-Channel", 2), ("N Channel", None),
        ("6 N-channel + 6 P-channel", 12), ("-55℃~+150℃ 1 N-channel 30V", 1),
    ):  # fmt: skip
        assert channel_count(text) == count, text
    for text, count in (("1 NPN", 1), ("4 PNP", 4), ("2 NPN + 2 PNP", 4), ("NPN", None)):
        assert doping_count(text) == count, text
    for text, count in (
        ("1 Independent", 1), ("Standalone", 1), ("2 Independent", 2), ("3 Independent", 3),
        ("1 Pair Common Anode", 2), ("2 Pair CA + CC", 4), ("null", None),
        ("1 Pair Common Anode and 1 Pair Common Cathode", 4),
    ):  # fmt: skip
        assert diode_count(text) == count, text
