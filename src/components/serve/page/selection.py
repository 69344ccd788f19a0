"""A page of a family's parts: those that fit, how many there are, in the order that was asked for.

What fits is said by :mod:`components.serve.reference`, as for the query routes. The price at a
quantity is the lookup engine's: beyond :data:`EXACT_MAX` parts the :data:`CHEAPEST` come in order.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from components.find.search import Readable, briefs
from components.serve import reference
from components.serve.page.fields import Field
from components.serve.page.filters import Filters

ROWS = 50
EXACT_MAX = 1000
CHEAPEST = 500
RANK = "is_preferred DESC, is_basic DESC, stock DESC, lcsc_id"


@dataclass(frozen=True)
class Selection:
    """One page of what fits."""

    total: int
    parts: list[dict[str, Any]]
    """As searches show them, priced at the quantity, with ``pick_parameters``."""
    page: int
    pages: int
    is_cut: bool
    """Whether only the cheapest are listed, since there are too many to price all."""


def select(
    snapshot: Readable,
    family: Mapping[str, Any],
    fields: Sequence[Field],
    filters: Filters,
    words: Words,
) -> Selection:
    """The page that is asked for, or the last where there are fewer."""
    if filters.wrong:
        # What is not understood must not widen the answer.
        return Selection(0, [], 1, 1, False)
    wanted, values = _wanted(family, filters, words)
    table = family["table"]
    with snapshot.database("fast.sqlite") as fast, snapshot.database() as detail:
        (total,) = fast.execute(f"SELECT count(*) FROM {table} WHERE {wanted}", values).fetchone()
        cheapest = None
        if filters.sort == "price":
            every = f"SELECT lcsc_id FROM {table} WHERE {wanted}"
            cheapest = (
                _priced(detail, [row[0] for row in fast.execute(every, values)], filters.qty)
                if total <= EXACT_MAX
                else _cheapest(snapshot, filters)
            )
        listed = total if cheapest is None else len(cheapest)
        pages = max(1, -(-listed // ROWS))
        page = min(filters.page, pages)
        begin = (page - 1) * ROWS
        if cheapest is None:
            sql = (
                f"SELECT lcsc_id FROM {table} WHERE {wanted} ORDER BY {_order(fields, filters)}"
                " LIMIT ? OFFSET ?"
            )
            ids = [row[0] for row in fast.execute(sql, [*values, ROWS, begin])]
        else:
            ids = cheapest[begin : begin + ROWS]
        parts = _whole(fast, detail, table, ids, filters.qty)
    return Selection(total, parts, page, pages, cheapest is not None and listed < total)


def _wanted(family: Mapping[str, Any], filters: Filters, words: Words) -> tuple[str, list[Any]]:
    """The condition and its parameters; words are asked for in every spelling that there is."""
    request = {
        "exact": filters.exact,
        # Named without bounds, they lift defaults as they do in a query.
        "ranges": {
            **filters.ranges,
            **{name: {"minimum": 0.0} for name in filters.lifted},
            **{name: {} for name in filters.words},
        },
    }
    wanted = ["stock >= ?"]
    values: list[Any] = [filters.qty]
    if filters.basic:
        wanted.append("(is_basic OR is_preferred)")
    for condition, found in reference.conditions(family, request):
        wanted.append(condition)
        values += found
    packages = [reference.bare_package(family, text) for text in filters.package]
    for name, texts in (("package", packages), *filters.words.items()):
        if texts:
            known = words(name)
            spelled = [each for text in texts for each in known.get(folded(text), ())]
            wanted.append(f"{name} IN ({', '.join('?' * len(spelled))})")
            values += spelled
    return " AND ".join(wanted), values


def folded(text: str) -> str:
    """As queries compare texts: ASCII case and what parts words do not matter.

    >>> folded("SOT-23 x")
    'sot_23_x'
    """
    return "".join(char.lower() if char.isascii() else char for char in text).translate(_PARTING)


_PARTING = str.maketrans(" -", "__")
Words = Callable[[str], Mapping[str, Sequence[str]]]
"""By column: the stored texts by how they fold."""


def _order(fields: Sequence[Field], filters: Filters) -> str:
    if filters.sort == "rank":
        return RANK
    name = filters.sort.removeprefix("-")
    columns = next((each.columns for each in fields if each.name == name), (name,))
    way = "DESC" if filters.sort.startswith("-") else "ASC"
    # A span is sorted by the end that it reaches in that direction.
    column = columns[-1] if way == "DESC" else columns[0]
    return f"{column} {way} NULLS LAST, {RANK}"


def _priced(detail: sqlite3.Connection, ids: list[int], qty: int) -> list[int]:
    parts = briefs(detail, ids, qty)
    return [part["lcsc_id"] for part in sorted(parts, key=_by_price)]


def _by_price(part: Mapping[str, Any]) -> tuple[Any, ...]:
    price = part["unit_price"]
    return (
        *(price is None, price or 0.0, not part["is_preferred"], not part["is_basic"]),
        *(-part["stock"], part["lcsc_id"]),
    )


def _cheapest(snapshot: Readable, filters: Filters) -> list[int]:
    queries = [{**request, "order": "price", "limit": CHEAPEST} for request in filters.requests()]
    status, body = snapshot.query_batch(orjson.dumps({"queries": queries}))
    answer = orjson.loads(body)
    if status != 200:
        raise ValueError(f"lookup: {answer.get('detail')}")
    found = {one["lcsc_id"]: one for each in answer["results"] for one in each["candidates"]}
    parts = sorted(found.values(), key=_by_price)
    if filters.basic:
        parts = [part for part in parts if part["is_basic"] or part["is_preferred"]]
    return [part["lcsc_id"] for part in parts[:CHEAPEST]]


def _whole(
    fast: sqlite3.Connection, detail: sqlite3.Connection, table: str, ids: list[int], qty: int
) -> list[dict[str, Any]]:
    sql = f"SELECT * FROM {table} WHERE lcsc_id IN (SELECT value FROM json_each(?))"
    rows = {row["lcsc_id"]: dict(row) for row in fast.execute(sql, (orjson.dumps(ids).decode(),))}
    return [
        part | {"package": rows[part["lcsc_id"]]["package"], "pick_parameters": _own(rows, part)}
        for part in briefs(detail, ids, qty)
    ]


_COMMON = frozenset(("lcsc_id", "stock", "is_basic", "is_preferred", "unit_price"))


def _own(rows: Mapping[int, dict[str, Any]], part: Mapping[str, Any]) -> dict[str, Any]:
    row = rows[part["lcsc_id"]]
    return {name: value for name, value in row.items() if name not in _COMMON}


def test_a_page_holds_what_the_lookup_answers(tmp_path: Path) -> None:
    from starlette.datastructures import QueryParams

    from components.publish.hold import hold
    from components.serve.page.fields import fields_of
    from components.serve.page.filters import read_filters
    from components.serve.server import open_engine
    from components.serve.snapshot import Snapshot
    from components.testing.lookup import SCHEMA
    from components.testing.server import Site

    site = Site(tmp_path)
    folder = site.build("small", rows=120)
    families = {each["name"]: each for each in SCHEMA["families"]}
    snapshot = Snapshot.open(folder, open_engine(site.layout.library), hold)
    for name, query in (
        ("resistor", ""),
        ("resistor", "resistance_ohm.min=1k&resistance_ohm.max=1M&sort=price&qty=10"),
        ("resistor", "package=R0402&package=0603&qty=100"),
        ("capacitor", "max_voltage_v.min=10&tempco_code=x7r"),
        ("mosfet", "channel_type=n-channel&on_resistance_ohm.max=1"),
        ("mosfet", "element_count.min=any"),
        ("opamp", "supply_voltage_v.min=3.3&supply_voltage_v.max=3.3"),
    ):
        fields = fields_of(families[name])
        filters = read_filters(name, fields, QueryParams(query))
        assert not filters.wrong

        def words(column: str, table: str = families[name]["table"]) -> dict[str, list[str]]:
            with snapshot.database("fast.sqlite") as fast:
                rows = fast.execute(f"SELECT DISTINCT {column} FROM {table}").fetchall()
            found: dict[str, list[str]] = {}
            for (text,) in rows:
                if text is not None:
                    found.setdefault(folded(text), []).append(text)
            return found

        found = select(snapshot, families[name], fields, filters, words)
        order = {"order": "price"} if filters.sort == "price" else {}
        queries = [request | order | {"limit": 500} for request in filters.requests()]
        answers = orjson.loads(snapshot.query_batch(orjson.dumps({"queries": queries}))[1])
        expected = [one["lcsc_id"] for each in answers["results"] for one in each["candidates"]]
        assert found.total == len(expected), (name, query)
        if len(queries) == 1:
            assert [part["lcsc_id"] for part in found.parts] == expected[:ROWS], (name, query)
        else:
            assert {part["lcsc_id"] for part in found.parts} <= set(expected)
    snapshot.retire()
