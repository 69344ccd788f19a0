"""What a family is: its upstream categories, its columns, and what makes a part pickable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from components.families.parse.packages import canonical_package
from components.families.parse.ratings import Span
from components.families.parse.tolerance import Tolerance

Value = float | str | None
Kind = Literal["real", "whole", "text"]
Side = Literal["least", "most"]


class Refused(str):
    """A text that was understood, and that excludes the part: the reason, in words."""

    __slots__ = ()


Parsed = float | str | Tolerance | Span | Refused | None
"""What a parser gives; None where the text cannot be read with certainty.

A :class:`Span` is the value of a pair of columns; in a single column it was understood, and leaves
the column unknown.
"""
Parser = Callable[[str], Parsed]

UNITS = {
    "ohm": "Ω",
    "pct": "%",
    "w": "W",
    "v": "V",
    "a": "A",
    "f": "F",
    "h": "H",
    "hz": "Hz",
    "cd": "cd",
    "ppm": "ppm",
    "m": "m",
    "mm": "mm",
    "s": "s",
    "n": "N",
    "j": "J",
    "t": "T",
    "k": "K",
    "c": "℃",
    "deg": "°",
    "bit": "bit",
    "byte": "B",
    "bps": "bit/s",
    "db": "dB",
    "dbm": "dBm",
    "coulomb": "C",
    "v_per_s": "V/s",
}
"""Symbols by the last word of a column's name."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a family's pick table, and where its value comes from.

    ``attributes`` are upstream names of one and the same thing, compared by letters and digits
    alone; where a part's texts disagree, ``side`` says which value is safe. The names in
    ``otherwise`` are of something like it, and serve, in order, where none of them could be read;
    ``excludes`` says of two words, one of each kind, that both cannot be. ``word`` reads one word
    of a description and ``describe`` the whole of it; ``classify`` reads the name of the part's
    category, last. A column without any of them is derived.
    """

    name: str
    kind: Kind
    description: str
    attributes: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    excludes: Callable[[str, str], bool] | None = None
    parse: Parser | None = None
    side: Side | None = None
    """``least`` of a promise (a rating), ``most`` of a cost (a loss); None: no side is safe."""
    word: Parser | None = None
    describe: Parser | None = None
    classify: Parser | None = None
    quiet: bool = False
    """Whether its texts may say nothing of it, so that such a text is not one to quarantine."""
    required: bool = False
    identifies: bool = False
    """Whether people choose a part of the family by it first."""
    aliases: tuple[str, ...] = ()
    tolerance_column: str | None = None
    minimum_column: str | None = None
    maximum_column: str | None = None
    upper: str | None = None
    """On the lower of two columns that one text fills: the other."""
    pair: str | None = None
    """On the lower of two columns that hold what a part covers: the name that both are asked by."""
    default: float | None = None
    """What a query asks for that names neither this column nor one that lifts it."""
    lifts_default: bool = False
    """Whether a query that names this column gets all that fits, not the default alone."""

    @property
    def unit(self) -> str:
        """The unit's symbol, empty for text and plain numbers."""
        return "" if self.kind == "text" else UNITS.get(unit_word(self.name), "")

    @property
    def is_indexed(self) -> bool:
        """Whether the published pick table has an index on it: it tells most parts apart."""
        return (self.required or self.identifies) and bool(self.attributes)

    @property
    def ppm_fraction(self) -> bool:
        """Whether a query's value of at most 0.01 is a fraction, not parts per million."""
        return self.name.endswith("_ppm")

    @property
    def missing(self) -> str:
        """Why a part without this value is not pickable: ``channel type unknown``."""
        # What leaves a bound unknown beside a known nominal is the tolerance.
        source = self.tolerance_column if self.parse is None else None
        return f"{short_name(source or self.name).replace('_', ' ')} unknown"


class Part(NamedTuple):
    """What upstream tells of one part, for what is settled from all of it together."""

    attributes: Mapping[str, str]
    description: str
    category: str
    """The present name of its category, or the catalogue's own."""
    package: str
    contradicted: frozenset[str] = frozenset()
    """Columns whose texts contradict each other: none is to be concluded."""


@dataclass(frozen=True)
class Family:
    """One component family; its table, schema and pickability derive from this alone."""

    name: str
    title: str
    categories: tuple[str, ...]
    """Names of categories as descriptions end with them today."""
    columns: tuple[Column, ...]
    former: tuple[str, ...] = ()
    """Other names of subcategories that mostly hold such parts: those of earlier years."""
    package_prefixes: tuple[str, ...] = ()
    limits: Mapping[str, Callable[[str], float | None]] | None = None
    """By column, the most that a package allows, where it tells; above it the text is wrong."""
    elsewhere: Callable[[Mapping[str, str]], str | None] | None = None
    """Told by a part's attributes, another family of the same room that it belongs to."""
    letter: Callable[[str, float], Tolerance | None] | None = None
    """The tolerance that a part number's letter after the given nominal value means; used for
    parts that state none, of makers whose letters agree with what their other parts state."""
    settle: Callable[[dict[str, Value], Part], str | None] | None = None
    """What only several columns and the whole part together tell: given a part's values by column,
    corrects the values in place, and gives a reason where the part is not pickable for them."""

    @property
    def table(self) -> str:
        """The name of the pick table."""
        return f"{self.name}_pick"

    @property
    def column_names(self) -> tuple[str, ...]:
        """All columns of the pick table in order, key and common columns first."""
        return (*COMMON_COLUMNS, *(column.name for column in self.columns))

    def column(self, name: str) -> Column:
        """The column of this name; ``KeyError`` where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    def canonical_package(self, text: str) -> str | None:
        """The package as stored and asked for; None where it is not known."""
        return canonical_package(text, self.package_prefixes)


COMMON_COLUMNS = ("lcsc_id", "package", "stock", "is_basic", "is_preferred", "unit_price")


def fold(text: str) -> str:
    """Letters and digits alone, lower case: what stays the same when upstream names drift.

    >>> fold("Forward voltage (vf) @ if") == fold("Forward Voltage (Vf@If)")
    True
    """
    return "".join(filter(str.isalnum, text.casefold()))


def unit_word(column: str) -> str:
    """The part of a column's name that is its unit, empty where none is.

    >>> unit_word("slew_rate_v_per_s"), unit_word("max_power_w"), unit_word("row_count")
    ('v_per_s', 'w', '')
    """
    if column.endswith("_v_per_s"):
        return "v_per_s"
    stem, _, unit = column.rpartition("_")
    return unit if unit in UNITS and stem else ""


def short_name(column: str) -> str:
    """A column's name without its unit: ``max_power`` of ``max_power_w``."""
    unit = unit_word(column)
    return column.removesuffix(f"_{unit}") if unit else column


def test_units_and_short_names_come_from_the_column_name() -> None:
    column = Column("max_power_w", "real", "Rated power", parse=lambda text: None)
    assert (column.unit, column.missing) == ("W", "max power unknown")
    assert short_name("dc_current_gain_hfe") == "dc_current_gain_hfe"
    assert Column("tempco_ppm", "real", "").ppm_fraction
    assert Column("row_count", "whole", "").unit == ""


def test_names_hold_what_sqlite_and_queries_need() -> None:
    import re

    from components.families import FAMILIES

    word = re.compile(r"[a-z][a-z0-9_]*")
    for family in FAMILIES:
        names = [name for column in family.columns for name in (column.name, *column.aliases)]
        names += [
            name
            for column in family.columns
            if column.pair
            for name in (column.pair, short_name(column.pair))
        ]
        assert all(word.fullmatch(name) for name in names)
        assert len(set(names)) == len(set(names)) and not set(names) & set(COMMON_COLUMNS)
        own = [name for column in family.columns for name in (column.name, *column.aliases)]
        assert len(set(own)) == len(own), family.name
        attributes = [fold(a) for c in family.columns for a in c.attributes if c.name]
        assert all(attributes), family.name
