"""Builders of columns: by what their value promises, so that no family states a reading twice.

The unit is the last word of a column's name; texts are read in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from components.families.model import Column, Kind, Parser, Side, short_name, unit_word
from components.families.parse import describe, ratings
from components.families.parse.counts import count
from components.families.parse.tolerance import ppm, tolerance
from components.families.parse.words import vocabulary

UNIT_KEYS = {
    "ohm": "Ω", "w": "W", "v": "V", "a": "A", "f": "F", "h": "H", "hz": "Hz", "cd": "cd",
    "pct": "%", "m": "m", "mm": "mm", "s": "s", "n": "N", "j": "J", "t": "T", "k": "K", "c": "℃",
    "deg": "°", "bit": "bit", "byte": "B", "bps": "bps", "db": "dB", "dbm": "dBm",
    "coulomb": "C", "v_per_s": "V/s", "": "",
}  # fmt: skip
"""Units of :mod:`components.families.parse.quantity` by the last word of a column's name."""
Band = tuple[float, float]


def nominal(
    name: str,
    description: str,
    *attributes: str,
    zero: bool = False,
    signed: bool = False,
    **options: Any,
) -> Column:
    """A value without a safe side: of two that differ none is kept."""
    reader = ratings.only(_unit(name), zero=zero, signed=signed)
    return _real(name, description, attributes, reader, None, **options)


def rating(name: str, description: str, *attributes: str, **options: Any) -> Column:
    """What a part bears or gives at least: of a range the end, of several values the lowest."""
    return _real(name, description, attributes, ratings.at_least(_unit(name)), "least", **options)


def guaranteed(name: str, description: str, *attributes: str, **options: Any) -> Column:
    """What a part gives in any case: the lowest of all values and ends, such as a gain's."""
    return _real(name, description, attributes, ratings.lowest(_unit(name)), "least", **options)


def cost(name: str, description: str, *attributes: str, **options: Any) -> Column:
    """What a part takes or loses at most: the highest of all values."""
    return _real(name, description, attributes, ratings.at_most(_unit(name)), "most", **options)


def ppm_cost(name: str, description: str, *attributes: str, **options: Any) -> Column:
    """A deviation in parts per million, to either side."""
    return _real(name, description, attributes, ppm, "most", **options)


def deviation(*attributes: str, of: str, name: str = "tolerance_pct", **options: Any) -> Column:
    """How far a part may be off its nominal value; ``of`` is the unit of absolute ones."""
    reader = partial(tolerance, unit=of)
    options.setdefault("word", describe.tolerance_word(of))
    text = "Largest deviation from nominal"
    return _real(name, text, attributes or ("Tolerance",), reader, "most", **options)


def whole(
    name: str,
    description: str,
    *attributes: str,
    **options: Any,
) -> Column:
    """A whole number: positions, channels, bits."""
    return _real(name, description, attributes, count, None, kind="whole", **options)


def word(
    name: str,
    description: str,
    *attributes: str,
    words: Mapping[str, str] | None = None,
    parse: Parser | None = None,
    **options: Any,
) -> Column:
    """Words in one spelling: ``SURFACE_MOUNT``. ``words`` has other spellings of them."""
    return Column(
        name=name,
        kind="text",
        description=description,
        attributes=attributes,
        parse=parse or vocabulary(words or {}),
        **options,
    )


def classified(name: str, description: str, classify: Parser) -> Column:
    """A word that the part's category alone tells."""
    return Column(name=name, kind="text", description=description, classify=classify)


def span(
    name: str,
    description: str,
    *attributes: str,
    signed: bool = False,
    aliases: tuple[str, ...] = (),
    parse: Parser | None = None,
    whole_numbers: bool = False,
    most: tuple[str, ...] = (),
    **options: Any,
) -> tuple[Column, Column]:
    """Two columns for the ends of what a part covers, from one text: ``1.65V~5.5V``.

    ``supply_voltage_v`` gives ``supply_voltage_min_v`` and ``supply_voltage_max_v``; a query for
    ``supply_voltage`` matches where the part covers all that is asked. ``most`` are attributes
    that tell the upper end alone.
    """
    low, high = ends_of(name)
    reader = parse or ratings.covered(_unit(name), signed=signed)
    kind = "whole" if whole_numbers else "real"
    words = description[0].lower() + description[1:]
    return (
        Column(
            low,
            kind,  # type: ignore[arg-type]
            f"Lowest {words}",
            attributes=attributes,
            parse=reader,
            upper=high,
            pair=name,
            **options,
        ),
        Column(
            high,
            kind,  # type: ignore[arg-type]
            f"Highest {words}",
            attributes=most,
            parse=ratings.at_least(_unit(name)) if most else None,
            side="least",
        ),
    )


def banded(
    nominal_column: Column, *attributes: str, **options: Any
) -> tuple[Column, Column, Column]:
    """The nominal column with the two that hold its bounds, from a text that gives both.

    A range on the nominal matches where the part's whole band lies inside.
    """
    low, high = ends_of(nominal_column.name)
    words = short_name(nominal_column.name).replace("_", " ")
    reader = ratings.covered(_unit(nominal_column.name))
    return (
        replace(nominal_column, minimum_column=low, maximum_column=high),
        Column(
            low, "real", f"Lowest {words}", attributes=attributes, parse=reader, upper=high,
            **options,
        ),
        Column(high, "real", f"Highest {words}"),
    )  # fmt: skip


def ends_of(name: str) -> tuple[str, str]:
    """The columns of a range's ends: ``supply_voltage_min_v`` of ``supply_voltage_v``."""
    stem, unit = short_name(name), unit_word(name)
    tail = f"_{unit}" if unit else ""
    return f"{stem}_min{tail}", f"{stem}_max{tail}"


def bounded(
    nominal_column: Column, tolerance_column: str, *, required: bool | None = None
) -> tuple[Column, ...]:
    """The nominal column with the two that hold its bounds, from the part's tolerance.

    ``resistance_ohm`` gets ``resistance_min_ohm`` and ``resistance_max_ohm``. ``required`` says
    whether they identify the part: then one of unknown tolerance is not pickable, since unknown
    never means exact; else its bounds are NULL, and no range on the nominal matches it.
    """
    low, high = ends_of(nominal_column.name)
    words = short_name(nominal_column.name).replace("_", " ")
    needed = nominal_column.required if required is None else required
    return (
        replace(
            nominal_column,
            tolerance_column=tolerance_column,
            minimum_column=low,
            maximum_column=high,
        ),
        *(
            Column(
                name,
                "real",
                f"{side} {words} within tolerance",
                required=needed,
                tolerance_column=tolerance_column,
            )
            for name, side in ((low, "Lowest"), (high, "Highest"))
        ),
    )


def _unit(name: str) -> str:
    return UNIT_KEYS[unit_word(name)]


def _real(
    name: str,
    description: str,
    attributes: tuple[str, ...],
    reader: Callable[[str], Any],
    safe: Side | None,
    *,
    parse: Parser | None = None,
    side: Side | None = None,
    band: Band | None = None,
    owns: str | None = None,
    kind: Kind = "real",
    aliases: tuple[str, ...] = (),
    **options: Any,
) -> Column:
    """``owns`` is the unit, or ``unit@unit`` of a condition, of words that are this column's."""
    parse = parse or reader
    if owns is not None:
        unit, _, condition = owns.partition("@")
        certain = ratings.within(parse, *(band or (-math.inf, math.inf)))
        options["word"] = describe.rating_word(certain, unit, condition)
    if band is not None:
        parse = ratings.plausible(parse, *band)
    short = short_name(name)
    return Column(
        name=name,
        kind=kind,
        description=description,
        attributes=attributes,
        parse=parse,
        side=side or safe,
        aliases=(*((short,) if short != name else ()), *aliases),
        **options,
    )


def test_bounds_stand_beside_their_nominal() -> None:
    column = nominal("load_h", "A load", "L", required=True)
    assert column.aliases == ("load",)
    names = [column.name for column in bounded(column, "tolerance_pct")]
    assert names == ["load_h", "load_min_h", "load_max_h"]
    assert all(column.required for column in bounded(column, "tolerance_pct"))
    loose = bounded(column, "tolerance_pct", required=False)
    assert [column.required for column in loose] == [True, False, False]
    missing = [column.missing for column in bounded(column, "tolerance_pct")]
    assert missing == ["load unknown", "tolerance unknown", "tolerance unknown"]


def test_a_range_is_two_columns_asked_by_one_name() -> None:
    low, high = span("supply_voltage_v", "Supply voltage", "Voltage - supply")
    assert (low.name, high.name) == ("supply_voltage_min_v", "supply_voltage_max_v")
    assert (low.pair, high.pair) == ("supply_voltage_v", None)
    assert low.parse and low.parse("1.65V~5.5V") == (1.65, 5.5)
    assert ends_of("cell_count") == ("cell_count_min", "cell_count_max")


def test_a_band_and_words_make_a_reading() -> None:
    column = rating("max_power_w", "Power", "Pd", band=(5e-3, 1e4), owns="W")
    assert column.parse and column.word
    assert (column.parse("1W"), column.parse("1mW"), column.word("2W")) == (
        1.0,
        ratings.IMPLAUSIBLE,
        2.0,
    )
    assert column.word("30V") is None
