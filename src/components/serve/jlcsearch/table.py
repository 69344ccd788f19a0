"""What a list of jlcsearch is made of: families, and their columns under jlcsearch's names.

A request may ask for any column by its name. A number ``x`` can also be asked as ``x_min`` and
``x_max``, unless the list has columns of those names; where it has both, ``x`` asks for what lies
between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

BOTH_ENDS = ("_min", "_max")


class Number(NamedTuple):
    """A number; jlcsearch's value is ours times ``scale``."""

    column: str
    scale: float = 1.0


class Word(NamedTuple):
    """A word; ``words`` are jlcsearch's, each with ours. The rest is ours."""

    column: str
    words: Mapping[str, tuple[str, ...]] = {}
    is_code: bool = False
    """It stays in capitals: X7R, XH."""


class Flag(NamedTuple):
    """True where one of ``words`` is among those of the column, false where others are."""

    column: str
    words: tuple[str, ...]
    is_of_several: bool = False
    """Such parts hold several devices: who asks for it does not mean single ones alone."""


Held = Number | Word | Flag | bool | str
"""What stands under a name; a constant is the same for every part of the source."""
Columns = Mapping[str, Held]
"""By jlcsearch's names."""


@dataclass(frozen=True)
class Source:
    """Parts of one family that a list holds."""

    family: str
    columns: Columns
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """One of these words must be among those of the column."""
    categories: tuple[str, ...] = ()
    """The catalogue's present or former categories that count; empty: all of the family."""
    only_if: tuple[str, ...] = ()
    """Left out unless one of these is asked for: parts that must not be taken for the others."""
    has_several: bool = False
    """Also parts with several devices in one package."""


@dataclass(frozen=True)
class Table:
    """One list: ``/jlcsearch/<route>/list``."""

    route: str
    sources: tuple[Source, ...]
    key: str = ""
    """Under which the reply holds the parts; default: the route."""
    covers: tuple[str, ...] = ()
    """The tables of jlcsearch that it stands for."""
    also: Mapping[str, str] = field(default_factory=dict)
    """Other names that a column may be asked by."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Names in ``attributes`` of each part, each with the catalogue's; empty: no such key."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns of every part beside those that all lists have."""
        return tuple(dict.fromkeys(name for each in self.sources for name in each.columns))

    @cached_property
    def parameters(self) -> Mapping[str, tuple[str, str]]:
        """What can be asked: the column's name, and how: ``is``, ``min``, ``max`` or ``span``."""
        numbers = {
            name
            for source in self.sources
            for name, held in source.columns.items()
            if isinstance(held, Number)
        }
        found = {name: (name, "is") for name in self.names}
        for name in sorted(numbers):
            for end in BOTH_ENDS:
                found.setdefault(name + end, (name, end[1:]))
                stem = name.removesuffix(end)
                if all(stem + each in numbers for each in BOTH_ENDS):
                    found.setdefault(stem, (stem, "span"))
        return found | {name: (meant, found[meant][1]) for name, meant in self.also.items()}


def test_a_number_is_asked_by_value_ends_and_span() -> None:
    numbers = {name: Number(name) for name in ("v_min", "v_max", "i")}
    table = Table("x", (Source("f", numbers | {"w": Word("w")}),), also={"current": "i"})
    asked = table.parameters
    assert asked["v"] == ("v", "span") and asked["v_min"] == ("v_min", "is")
    assert asked["i_max"] == ("i", "max") and asked["current"] == ("i", "is")
    assert "w_min" not in asked and table.names == ("v_min", "v_max", "i", "w")
