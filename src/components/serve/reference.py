"""What a query means: the same question as SQL over ``fast.sqlite``.

The compiled library must answer exactly as this statement does, order included; tests compare
them, and the benchmarks measure one against the other. The meaning in full:

- Every condition must hold. A condition on a column never matches NULL.
- A field that is null means the same as one that is left out. A column may be named by several of
  its names at once; all of what they ask must hold.
- Texts compare without regard to case (ASCII), and to whether words are parted by a space, a
  hyphen or an underscore.
- ``package`` is compared after the family's prefix is taken off where a chip size follows it, four
  or five digits: ``R0402`` asks for ``0402``, ``D2PAK`` for itself.
- ``qty`` asks for ``stock >= qty``; ``limit`` is how many rows at most.
- ``exact`` on a real column: the value must lie in [v - m, v + m] with the margin
  m = abs(v) * 1e-5; on a toleranced column that is the nominal value.
- ``ranges`` asks for ``column >= minimum - abs(minimum) * 1e-5`` and
  ``column <= maximum + abs(maximum) * 1e-5``; either end may be left out. On a column with bounds,
  the first is asked of its minimum column and the second of its maximum column, so that the
  part's whole band lies inside the range.
- In a column that counts in ppm, a value v with abs(v) <= 0.01 is a fraction and means v * 1e6.
- A span (a pair of columns that is no tolerance, such as the supply voltage) is asked by its own
  name: each end that is asked, widened as above, must lie between its two columns; ``exact`` asks
  for one value.
- A column with a default is asked for it by every query that names no column that lifts it:
  single devices, where neither their number nor their configuration is asked for.
- Order: preferred, then basic, then stock downward, then ``lcsc_id`` upward. With ``"order":
  "price"`` the price of one piece at ``qty`` upward comes before all that, unknown prices last.
- ``unit_price`` is the price of one piece when ``qty`` are bought (one, where it is left out), from
  a part's price tiers: the last that begins at ``qty`` or below, else the first.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from components.source.prices import tiers

TOLERANCE = 1e-5
LIMIT_DEFAULT = 50
FRACTION_MAX = 0.01
CHIP_SIZE = re.compile("[0-9]{4,5}(?![0-9A-Za-z])")


_PRICE = """coalesce(
    (SELECT unit_price FROM price_tiers t WHERE t.lcsc_id = p.lcsc_id AND t.quantity <= ?
        ORDER BY t.quantity DESC LIMIT 1),
    (SELECT unit_price FROM price_tiers t WHERE t.lcsc_id = p.lcsc_id ORDER BY t.quantity LIMIT 1)
)"""


def load_tiers(db: sqlite3.Connection, prices: Iterable[tuple[int, str]]) -> None:
    """Make ``temp.price_tiers``, which :func:`statement` asks, of price texts by part."""
    db.execute(
        "CREATE TEMP TABLE price_tiers (lcsc_id INTEGER, quantity INTEGER, unit_price REAL,"
        " PRIMARY KEY (lcsc_id, quantity)) WITHOUT ROWID"
    )
    rows = ((lcsc_id, *tier) for lcsc_id, text in prices for tier in tiers(text))
    db.executemany("INSERT INTO price_tiers VALUES (?, ?, ?)", rows)


def statement(family: Mapping[str, Any], request: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """SQL and its parameters for a valid ``request`` on ``family``, an entry of the lookup schema.

    The rows have ``lcsc_id, stock, is_basic, is_preferred, unit_price, package`` and the family's
    columns.
    """
    names = [column["name"] for column in family["columns"]]
    wanted = ["stock >= ?"]
    quantity = request.get("qty") or 0
    parameters: list[Any] = [quantity, quantity]
    for condition, values in conditions(family, request):
        wanted.append(condition)
        parameters += values
    parameters.append(LIMIT_DEFAULT if request.get("limit") is None else request["limit"])
    columns = ", ".join(["lcsc_id", "stock", "is_basic", "is_preferred"])
    cheapest = "unit_price NULLS LAST, " if request.get("order") == "price" else ""
    return (
        f"SELECT {columns}, {_PRICE} AS unit_price, {', '.join(['package', *names])}"
        f" FROM {family['table']} p WHERE {' AND '.join(wanted)}"
        f" ORDER BY {cheapest}is_preferred DESC, is_basic DESC, stock DESC, lcsc_id LIMIT ?",
        parameters,
    )


def answer(
    db: sqlite3.Connection, family: Mapping[str, Any], request: Mapping[str, Any]
) -> dict[str, Any]:
    """The reply to ``request`` as plain data, from ``fast.sqlite`` after :func:`load_tiers`."""
    sql, parameters = statement(family, request)
    names = ["package", *(column["name"] for column in family["columns"])]
    candidates = [
        {
            "lcsc_id": lcsc_id,
            "stock": stock,
            "is_basic": bool(is_basic),
            "is_preferred": bool(is_preferred),
            "pick_parameters": dict(zip(names, values, strict=True)),
            "unit_price": unit_price,
        }
        for lcsc_id, stock, is_basic, is_preferred, unit_price, *values in db.execute(
            sql, parameters
        )
    ]
    return {
        "component_type": family["name"],
        "candidates": candidates,
        "total": len(candidates),
    }


def column_called(family: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A column by its own name, or else by a short one; KeyError where there is none."""
    for column in family["columns"]:
        if column["name"] == name:
            return dict(column)
    for column in family["columns"]:
        if name in column["aliases"]:
            return dict(column)
    raise KeyError(name)


def span_called(family: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """A pair of columns by the name of the pair, or a short one; None where there is none."""
    for span in family.get("spans", ()):
        if name in (span["name"], *span["aliases"]):
            return dict(span)
    return None


def bare_package(family: Mapping[str, Any], text: str) -> str:
    """A package as it is stored.

    >>> bare_package({"package_prefixes": ["R"]}, "r0402")
    '0402'
    """
    for prefix in sorted(family["package_prefixes"], key=len, reverse=True):
        rest = text[len(prefix) :]
        if text[: len(prefix)].upper() == prefix.upper() and CHIP_SIZE.match(rest):
            return rest
    return text


def scaled(column: Mapping[str, Any], value: float) -> float:
    """A query's value in the column's unit: a fraction becomes ppm.

    >>> scaled({"ppm_fraction": True}, 0.0001)
    100.0
    """
    return value * 1e6 if column["ppm_fraction"] and abs(value) <= FRACTION_MAX else float(value)


def _folded(text: str) -> str:
    return f"lower(replace(replace({text}, ' ', '_'), '-', '_'))"


def _within(span: Mapping[str, Any], *ends: float | None) -> Iterator[tuple[str, list[Any]]]:
    for end in ends:
        if end is not None:
            margin = abs(end) * TOLERANCE
            yield f"{span['minimum_column']} <= ?", [end + margin]
            yield f"{span['maximum_column']} >= ?", [end - margin]


def _defaults(
    family: Mapping[str, Any], request: Mapping[str, Any]
) -> Iterator[tuple[str, list[Any]]]:
    asked = {**(request.get("exact") or {}), **(request.get("ranges") or {})}
    named = [column_called(family, name) for name in asked if not span_called(family, name)]
    if any(column.get("lifts_default") for column in named):
        return
    for column in family["columns"]:
        if column.get("default") is not None:
            margin = abs(column["default"]) * TOLERANCE
            ends = [column["default"] - margin, column["default"] + margin]
            yield f"{column['name']} BETWEEN ? AND ?", ends


def conditions(
    family: Mapping[str, Any], request: Mapping[str, Any]
) -> Iterator[tuple[str, list[Any]]]:
    """What a valid ``request`` asks beside its quantity: conditions in SQL, with parameters."""
    if request.get("package") is not None:
        yield f"{_folded('package')} = {_folded('?')}", [bare_package(family, request["package"])]
    yield from _defaults(family, request)
    for name, value in (request.get("exact") or {}).items():
        if span := span_called(family, name):
            yield from _within(span, value, value)
            continue
        column = column_called(family, name)
        if column["kind"] == "text":
            yield f"{_folded(column['name'])} = {_folded('?')}", [value]
        else:
            exact = scaled(column, value)
            margin = abs(exact) * TOLERANCE
            yield f"{column['name']} BETWEEN ? AND ?", [exact - margin, exact + margin]
    for name, bounds in (request.get("ranges") or {}).items():
        if span := span_called(family, name):
            yield from _within(span, bounds.get("minimum"), bounds.get("maximum"))
            continue
        column = column_called(family, name)
        if bounds.get("minimum") is not None:
            minimum = scaled(column, bounds["minimum"])
            place = column["minimum_column"] or column["name"]
            yield f"{place} >= ?", [minimum - abs(minimum) * TOLERANCE]
        if bounds.get("maximum") is not None:
            maximum = scaled(column, bounds["maximum"])
            place = column["maximum_column"] or column["name"]
            yield f"{place} <= ?", [maximum + abs(maximum) * TOLERANCE]
