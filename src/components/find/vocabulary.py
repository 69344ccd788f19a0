"""What a snapshot's families are called in words, and the packages and words that they have."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from components.families import Column, family_named
from components.transform.search import fold_part_number

# Words for families beside their own names; only those that mean one kind of part.
SYNONYMS = {
    "res": "resistor",
    "cap": "capacitor",
    "mlcc": "capacitor",
    "ceramic": "capacitor",
    "bead": "ferrite_bead",
    "ferrite": "ferrite_bead",
    "coil": "inductor",
    "xtal": "crystal",
    "choke": "inductor",
    "quartz": "crystal",
}
# Words that tell the family and more than that: they stay words, too.
KINDS = {"electrolytic": "capacitor_polarized", "tantalum": "capacitor_polarized"}
# A Zener diode and a TVS diode are called so, too, and are no rectifiers.
GENERIC = {"diode"}


class Vocabulary:
    """What the families of one snapshot are called, and the packages and words that they have."""

    def __init__(self, families: Sequence[Mapping[str, Any]], search: sqlite3.Connection) -> None:
        self.families = {family["name"]: family for family in families}
        self.called = {word: name for name in self.families for word in _names(name)} | {
            word: name for word, name in SYNONYMS.items() if name in self.families
        }
        self.kinds = {word: name for word, name in KINDS.items() if name in self.families}
        self.packages: dict[str, dict[str, list[str]]] = {}
        self.words: dict[str, dict[tuple[str, str], str]] = {}
        # The usual spelling of a package first.
        sql = "SELECT family, column_name, value FROM vocabulary ORDER BY parts DESC, value"
        for row in search.execute(sql):
            family, column, value = row[0], row[1], row[2]
            if family not in self.families:
                continue
            folded = fold_part_number(value)
            if column == "package":
                self.packages.setdefault(folded, {}).setdefault(family, []).append(value)
            elif len(folded) > 1:
                self.words.setdefault(folded, {})[family, column] = value

    def is_package(self, word: str) -> bool:
        """Whether any part is in a package of this name."""
        return fold_part_number(word) in self.packages

    def package_of(self, word: str, family: str | None) -> str | None:
        """The package that a word is, as the family stores it; any family's where none is given."""
        folded = fold_part_number(word)
        if family is None:
            found = next(iter(self.packages.get(folded, {}).values()), None)
            return found[0] if found else None
        for prefix in ("", *self.families[family]["package_prefixes"]):
            bare = folded[len(prefix) :]
            if folded.startswith(prefix.lower()) and (not prefix or bare[:1].isdigit()):
                known = self.packages.get(bare, {})
                if family in known:
                    same = [name for name in known[family] if name.lower() == word.lower()]
                    return (same or known[family])[0]
        return None

    def column_of(self, family: str, unit: str) -> tuple[str, str] | None:
        """The column that a value of this unit is about, and how it is asked.

        ``exact``: the nominal value; ``minimum``: what the part must at least bear or give;
        ``maximum``: what it may at most cost or deviate; ``within``: a range that must hold the
        value, such as a supply's. None where two columns could be meant.
        """
        columns = [
            column
            for column in family_named(family).columns
            if column.kind == "real" and column.unit == unit
        ]
        if unit in ("%", "ppm"):
            found = _only([column for column in columns if column.name in _TOLERANCES])
            return (found.name, "maximum") if found else None
        uppers = {column.upper for column in columns if column.upper}
        bounds = {name for c in columns for name in (c.minimum_column, c.maximum_column)}
        single = [c for c in columns if not c.pair and c.name not in uppers | bounds]
        for found, how in (
            (_only([c for c in single if c.minimum_column]), "exact"),
            (_chosen([c for c in single if c.side is None]), "exact"),
            (_chosen([c for c in single if c.side == "least" and c.identifies]), "minimum"),
            (_only([c for c in columns if c.pair]), "within"),
            # Beside several ranges, a rating is not what a bare value is about.
            (None if uppers else _chosen([c for c in single if c.side == "least"]), "minimum"),
            (_only([c for c in single if c.side == "most"]), "maximum"),
        ):
            if found is not None:
                return found.pair or found.name, how
        return None


_TOLERANCES = ("tolerance_pct", "tempco_ppm", "frequency_tolerance_ppm")


def _only(columns: Sequence[Column]) -> Column | None:
    return columns[0] if len(columns) == 1 else None


def _chosen(columns: Sequence[Column]) -> Column | None:
    """The one that people choose a part by; else the rating that stands first."""
    identifying = [column for column in columns if column.identifies]
    ratings = [column for column in columns if column.name.startswith(_RATINGS)]
    return _only(columns) or _only(identifying) or next(iter(ratings), None)


_RATINGS = ("max_", "rated_", "current_rating", "reverse_working", "output_curr")


def _names(family: str) -> set[str]:
    folded = family.replace("_", "")
    return {folded, f"{folded}s"}
