"""Parts that could stand in for another: same family, package and value, no worse in any rating.

A value without a safe side must be the same; of a rating at least as much, of a cost at most. What
the part itself does not tell is not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from components.families import family_named
from components.find.search import Readable, briefs
from components.serve.page.fields import Field, told
from components.source.prices import Tier, unit_price

LISTED = 8
ASKED = 60
# So many must be there, and prices are compared at it: one piece alone is seldom what is bought.
QUANTITY = 100


@dataclass(frozen=True)
class Alternate:
    part: Mapping[str, Any]
    values: list[tuple[Field, str]]
    better: frozenset[str]
    """Fields in which it is better than the part."""
    is_cheaper: bool


def question(family: str, package: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The query of the API that asks for them."""
    exact: dict[str, Any] = {}
    ranges: dict[str, dict[str, float]] = {}
    derived = {
        end for c in family_named(family).columns for end in (c.minimum_column, c.maximum_column)
    }
    for column in family_named(family).columns:
        value = values.get(column.name)
        if value is None or column.name in derived:
            continue
        if column.kind == "text" or column.side is None:
            if not column.pair:
                exact[column.name] = value
            elif column.upper and values.get(column.upper) is not None:
                # It must cover all that the part covers.
                ends = (value, values[column.upper])
                ranges[column.pair] = dict(zip(("minimum", "maximum"), ends, strict=True))
        elif not _is_upper(family, column.name):
            end = "minimum" if column.side == "least" else "maximum"
            ranges[column.name] = {end: value}
    return {
        "component_type": family,
        "package": package,
        "exact": exact,
        "ranges": ranges,
        "limit": ASKED,
        "order": "price",
        "qty": QUANTITY,
    }


def _is_upper(family: str, name: str) -> bool:
    return any(column.upper == name for column in family_named(family).columns)


def alternates(
    snapshot: Readable, part: Mapping[str, Any], fields: Sequence[Field]
) -> list[Alternate]:
    """Better or cheaper ones, the cheapest first; none for a part that is not pickable."""
    values = part["parameters"]
    if not values or part["family"] is None:
        return []
    asked = question(part["family"], values["package"], values)
    status, body = snapshot.query(orjson.dumps(asked))
    if status != 200:
        return []
    own = [Tier(tier["quantity"], tier["unit_price"]) for tier in part["prices"]]
    own_price = unit_price(own, QUANTITY)
    found = {one["lcsc_id"]: one for one in orjson.loads(body)["candidates"]}
    found.pop(part["lcsc_id"], None)
    with snapshot.database() as detail:
        parts = briefs(detail, list(found), QUANTITY)
    listed = []
    for one in parts:
        other = found[one["lcsc_id"]]["pick_parameters"]
        better = frozenset(_better(part["family"], fields, values, other))
        price = one["unit_price"]
        cheaper = price is not None and own_price is not None and price < own_price
        if better or cheaper:
            listed.append(Alternate(one, told(fields, other), better, cheaper))
    return listed[:LISTED]


def _better(
    family: str, fields: Sequence[Field], own: Mapping[str, Any], other: Mapping[str, Any]
) -> list[str]:
    sides = {column.name: column.side for column in family_named(family).columns}
    found = []
    for field in fields:
        name = field.columns[0]
        mine, theirs = own.get(name), other.get(name)
        if field.kind != "number" or mine is None or theirs is None or mine == theirs:
            continue
        if (sides[name] == "least" and theirs > mine) or (sides[name] == "most" and theirs < mine):
            found.append(field.name)
    return found


def test_a_stand_in_is_no_worse() -> None:
    values = {
        "package": "0402",
        "resistance_ohm": 1e4,
        "resistance_min_ohm": 9900.0,
        "resistance_max_ohm": 10100.0,
        "tolerance_pct": 1.0,
        "max_power_w": 0.0625,
    }
    asked = question("resistor", "0402", values)
    assert asked["exact"] == {"resistance_ohm": 1e4}
    assert asked["ranges"] == {
        "tolerance_pct": {"maximum": 1.0},
        "max_power_w": {"minimum": 0.0625},
    }
    span = {"supply_voltage_min_v": 2.0, "supply_voltage_max_v": 5.5, "package": "SOT-23-5"}
    assert question("opamp", "SOT-23-5", span)["ranges"] == {
        "supply_voltage_v": {"minimum": 2.0, "maximum": 5.5}
    }
