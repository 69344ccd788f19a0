"""Packages in one spelling: ``R0402`` and ``0402`` are the same land pattern."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CHIP_SIZE = re.compile(r"[0-9]{4,5}(?![0-9A-Z])")
UNKNOWN = frozenset({"", "-", "--", "null", "none", "n/a"})


def canonical_package(text: str, prefixes: Sequence[str]) -> str | None:
    """The package without a family's prefix before a chip size, or None where it is not known.

    A chip size is four or five digits, or more words after them: ``D2PAK`` keeps its D.

    >>> canonical_package("R0402", ("R",))
    '0402'
    >>> canonical_package("RES-AXIAL", ("R",))
    'RES-AXIAL'
    """
    package = text.strip()
    if package.casefold() in UNKNOWN:
        return None
    upper = package.upper()
    for prefix in sorted(prefixes, key=len, reverse=True):
        if upper.startswith(prefix) and _CHIP_SIZE.match(upper, len(prefix)):
            return package[len(prefix) :]
    return package


# Small packages, by the beginning of their name: the most that any part in them dissipates on a
# board, and the most that a diode in them rectifies. Makers' highest figures, with room above.
_SMALL = {
    "SOT-723": (0.6, 1.0), "SOT-883": (1.5, 1.0), "SOT-523": (0.6, 1.0), "SOT-563": (1.5, 2.0),
    "SOT-323": (1.2, 2.0), "SOT-363": (1.5, 2.0), "SOT-23": (3.5, 6.0), "SC-70": (1.2, 2.0),
    "SC-75": (0.6, 1.0), "SC-59": (2.0, 3.0), "SOD-923": (0.6, 1.0), "SOD-723": (0.6, 1.0),
    "SOD-523": (0.8, 1.5), "SOD-323": (1.5, 4.0), "SOD-123": (3.0, 6.0), "SOD-80": (1.5, 2.0),
    "LL-34": (1.5, 3.0), "LL-41": (2.5, 3.0), "DO-34": (1.0, 2.0), "DO-35": (1.5, 3.0),
    "TO-92": (3.0, 5.0), "SOT-89": (5.0, 8.0), "DFN1006": (3.0, 3.0), "DFN0603": (1.5, 2.0),
}  # fmt: skip
_TWO_PINS = re.compile(
    r"SM[ABC]($|[^A-Z]|F)|SMAF|SMBF|SOD|DO-|R-6|LL-?[34]|MELF|TO-277|TO-220AC|TO-220-2|TO-247-2"
    r"|DFN0603|DFN1006-2|0[2-8]0[1-5]|1[02]\d\d$|A-405|ITO-220AC|TO-252-2|TO-263-2|PMDT|SLIM|eSMP"
)


def dissipation_limit_w(package: str) -> float | None:
    """The most power that a small package can carry off; None where it does not tell."""
    return _small(package, 0)


def current_limit_a(package: str) -> float | None:
    """The most current that a diode in a small package rectifies; None where it does not tell."""
    return _small(package, 1)


def _small(package: str, which: int) -> float | None:
    upper = package.upper()
    for name, limits in _SMALL.items():
        if upper.startswith(name) and not upper[len(name) : len(name) + 1].isdigit():
            return limits[which]
    return None


def has_two_pins(package: str) -> bool:
    """Whether a diode's package certainly has two leads, so that it holds one diode."""
    return bool(_TWO_PINS.match(package.upper()))


def test_prefixes_go_only_before_a_chip_size() -> None:
    assert canonical_package("fb0603", ("FB", "F")) == "0603"
    assert canonical_package("FBGA-96", ("FB",)) == "FBGA-96"
    assert canonical_package("L0402", ("C",)) == "L0402"
    for kept in ("D2PAK", "D3K", "D1", "LED3528RGB"):
        assert canonical_package(kept, ("D", "LED")) == kept


def test_an_unknown_package_is_none() -> None:
    for text in ("", "-", " - ", "null"):
        assert canonical_package(text, ("R",)) is None


def test_small_packages_tell_what_they_bear() -> None:
    assert dissipation_limit_w("SOT-723") == 0.6
    assert dissipation_limit_w("SOT-23-6L") == 3.5
    assert dissipation_limit_w("SOT-227") is None
    assert current_limit_a("SOD-323HE") == 4.0
    assert current_limit_a("TO-247") is None


def test_two_leads_hold_one_diode() -> None:
    for package in ("SMA(DO-214AC)", "SMB", "SOD-123FL", "DO-41", "TO-220AC", "SMAF"):
        assert has_two_pins(package), package
    for package in ("SOT-23", "TO-220AB", "TO-252", "SOT-363", "-"):
        assert not has_two_pins(package), package
