"""What a family is: its upstream categories, its columns, and what makes a part pickable."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from components.families.parse.packages import canonical_package
from components.families.parse.ratings import Span
from components.families.parse.tolerance import Tolerance

Value = float | str | None
Kind = Literal["real", "text"]


class Refused(str):
    """A text that was understood, and that excludes the part: the reason, in words."""

    __slots__ = ()


Parsed = float | str | Tolerance | Span | Refused | None
"""What a parser gives; None where the text cannot be read with certainty.

A :class:`Span` was understood, and leaves the column unknown: it has no single value.
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
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a family's pick table, and where its value comes from.

    ``attributes`` are upstream names in order of preference, compared by letters and digits alone.
    ``describe`` reads a whole description and serves where no attribute could be read;
    ``classify`` reads the upstream subcategory, last. A column without any of them is derived.
    """

    name: str
    kind: Kind
    description: str
    attributes: tuple[str, ...] = ()
    parse: Parser | None = None
    describe: Parser | None = None
    classify: Parser | None = None
    required: bool = False
    aliases: tuple[str, ...] = ()
    tolerance_column: str | None = None
    minimum_column: str | None = None
    maximum_column: str | None = None

    @property
    def unit(self) -> str:
        """The unit's symbol, empty for text and plain numbers."""
        return UNITS.get(self.name.rpartition("_")[2], "") if self.kind == "real" else ""

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


@dataclass(frozen=True)
class Upstream:
    """Which upstream categories a family takes.

    Their names drift between crawls, so that subcategories are compared by letters and digits
    alone, and of the category one of the words is enough.
    """

    category_words: tuple[str, ...]
    subcategories: tuple[str, ...]

    def take(self, category: str, subcategory: str) -> bool:
        """Whether a category, in whatever spelling, is one of these."""
        if fold(subcategory) not in self._folded:
            return False
        folded = fold(category)
        return any(word in folded for word in self.category_words)

    @functools.cached_property
    def _folded(self) -> frozenset[str]:
        return frozenset(map(fold, self.subcategories))


@dataclass(frozen=True)
class Family:
    """One component family; its table, schema and pickability derive from this alone."""

    name: str
    title: str
    upstream: Upstream
    columns: tuple[Column, ...]
    package_prefixes: tuple[str, ...] = ()
    misfiled: tuple[str, ...] = ()
    """Upstream categories of other kinds of parts. A description ends with the category of its
    part; where it names one of these, the part was filed in this family by mistake."""
    settle: Callable[[dict[str, Value], str], str | None] | None = None
    """What only several columns and the description together tell: given a part's values by
    column and its description, corrects the values in place, and gives a reason where the part is
    not pickable for them."""

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

    def takes(self, category: str, subcategory: str) -> bool:
        """Whether parts of this upstream category belong to the family."""
        return self.upstream.take(category, subcategory)

    def canonical_package(self, text: str) -> str | None:
        """The package as stored and asked for; None where it is not known."""
        return canonical_package(text, self.package_prefixes)


COMMON_COLUMNS = ("lcsc_id", "package", "stock", "is_basic", "is_preferred")


def fold(text: str) -> str:
    """Letters and digits alone, lower case: what stays the same when upstream names drift.

    >>> fold("Forward voltage (vf) @ if") == fold("Forward Voltage (Vf@If)")
    True
    """
    return "".join(filter(str.isalnum, text.casefold()))


def short_name(column: str) -> str:
    """A column's name without its unit: ``max_power`` of ``max_power_w``."""
    stem, _, unit = column.rpartition("_")
    return stem if unit in UNITS and stem else column


def real(
    name: str,
    description: str,
    *attributes: str,
    parse: Parser,
    describe: Parser | None = None,
    required: bool = False,
    aliases: tuple[str, ...] = (),
) -> Column:
    """A column of SI values; the unit is the last word of its name."""
    short = short_name(name)
    return Column(
        name=name,
        kind="real",
        description=description,
        attributes=attributes,
        parse=parse,
        describe=describe,
        required=required,
        aliases=(*((short,) if short != name else ()), *aliases),
    )


def text(
    name: str,
    description: str,
    *attributes: str,
    parse: Parser,
    describe: Parser | None = None,
    classify: Parser | None = None,
    required: bool = False,
    aliases: tuple[str, ...] = (),
) -> Column:
    """A column of normalized words."""
    return Column(
        name=name,
        kind="text",
        description=description,
        attributes=attributes,
        parse=parse,
        describe=describe,
        classify=classify,
        required=required,
        aliases=aliases,
    )


def bounded(nominal: Column, tolerance_column: str, *, required: bool = True) -> tuple[Column, ...]:
    """The nominal column with the two that hold its bounds, from the part's tolerance.

    ``resistance_ohm`` gets ``resistance_min_ohm`` and ``resistance_max_ohm``. ``required`` says
    whether they identify the part: then one of unknown tolerance is not pickable, since unknown
    never means exact; else its bounds are NULL, and no range on the nominal matches it.
    """
    stem, _, unit = nominal.name.rpartition("_")
    low, high = f"{stem}_min_{unit}", f"{stem}_max_{unit}"
    words = stem.replace("_", " ")
    return (
        replace(
            nominal, tolerance_column=tolerance_column, minimum_column=low, maximum_column=high
        ),
        *(
            Column(
                name,
                "real",
                f"{side} {words} within tolerance",
                required=required,
                tolerance_column=tolerance_column,
            )
            for name, side in ((low, "Lowest"), (high, "Highest"))
        ),
    )


def test_units_and_short_names_come_from_the_column_name() -> None:
    column = real("max_power_w", "Rated power", "Power(Watts)", parse=lambda text: None)
    assert (column.unit, column.aliases) == ("W", ("max_power",))
    assert column.missing == "max power unknown"
    assert short_name("dc_current_gain_hfe") == "dc_current_gain_hfe"
    assert real("tempco_ppm", "", parse=lambda text: None).ppm_fraction


def test_bounds_stand_beside_their_nominal() -> None:
    nominal = real("load_h", "A load", "L", parse=lambda text: None, required=True)
    names = [column.name for column in bounded(nominal, "tolerance_pct")]
    assert names == ["load_h", "load_min_h", "load_max_h"]
    assert all(column.required for column in bounded(nominal, "tolerance_pct"))
    loose = bounded(nominal, "tolerance_pct", required=False)
    assert [column.required for column in loose] == [True, False, False]
    missing = [column.missing for column in bounded(nominal, "tolerance_pct")]
    assert missing == ["load unknown", "tolerance unknown", "tolerance unknown"]


def test_names_hold_what_sqlite_and_queries_need() -> None:
    from components.families import FAMILIES

    word = re.compile(r"[a-z][a-z0-9_]*")
    for family in FAMILIES:
        names = [name for column in family.columns for name in (column.name, *column.aliases)]
        assert all(word.fullmatch(name) for name in names)
        assert len(set(names)) == len(names), family.name
        assert not set(names) & set(COMMON_COLUMNS)


def test_an_attribute_feeds_one_column_of_a_family() -> None:
    from components.families import FAMILIES

    for family in FAMILIES:
        sources = [fold(name) for column in family.columns for name in column.attributes]
        assert len(set(sources)) == len(sources), family.name
