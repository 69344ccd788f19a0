"""Packages in one spelling: ``R0402`` and ``0402`` are the same land pattern."""

from __future__ import annotations

from collections.abc import Sequence

UNKNOWN = frozenset({"", "-", "--", "null", "none", "n/a"})


def canonical_package(text: str, prefixes: Sequence[str]) -> str | None:
    """The package without a family's prefix before a digit, or None where it is not known.

    >>> canonical_package("R0402", ("R",))
    '0402'
    >>> canonical_package("RES-AXIAL", ("R",))
    'RES-AXIAL'
    """
    package = " ".join(text.split())
    if package.casefold() in UNKNOWN:
        return None
    upper = package.upper()
    for prefix in sorted(prefixes, key=len, reverse=True):
        if upper.startswith(prefix) and upper[len(prefix) : len(prefix) + 1].isdigit():
            return package[len(prefix) :]
    return package


def test_prefixes_go_only_before_a_digit() -> None:
    assert canonical_package("fb0603", ("FB", "F")) == "0603"
    assert canonical_package("FBGA-96", ("FB",)) == "FBGA-96"
    assert canonical_package("L0402", ("C",)) == "L0402"


def test_an_unknown_package_is_none() -> None:
    for text in ("", "-", " - ", "null"):
        assert canonical_package(text, ("R",)) is None
