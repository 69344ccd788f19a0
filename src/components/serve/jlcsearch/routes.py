"""``/jlcsearch/…``: lists of parts by kind, and search, as jlcsearch answers them."""

from __future__ import annotations

import difflib
from typing import Annotated, Any

import orjson
from fastapi import Path, Query, Request, Response

from components.find.search import LIMIT_MAX, TEXT_MAX
from components.serve.http.asgi import Refusal
from components.serve.jlcsearch.lists import answer
from components.serve.jlcsearch.question import CHEAP, PACKAGE
from components.serve.jlcsearch.table import Table
from components.serve.jlcsearch.tables import TABLES
from components.serve.json_body import shown
from components.serve.route import CurrentSnapshot, Routes, own
from components.serve.searching import Searches

PREFIX = "/jlcsearch"
LABEL = "jlcsearch"

routes = Routes("jlcsearch")


def _schema(**properties: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    content = {"schema": {"type": "object", "properties": properties}}
    return {200: {"description": "Found", "content": {"application/json": content}}}


def _fields(**types: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(types),
        "properties": {name: {"type": kind} for name, kind in types.items()},
    }


_COMMON: dict[str, Any] = {
    "lcsc": "integer",
    "mfr": "string",
    "package": "string",
    "description": "string",
    "is_basic": "boolean",
    "is_preferred": "boolean",
    "is_extended_promotional": "boolean",
    "stock": "integer",
}
PART = _fields(**_COMMON, in_stock="boolean", price1=["number", "null"])
BRIEF = _fields(**_COMMON, price=["number", "null"])
LISTED = _schema()
LISTED[200]["content"]["application/json"]["schema"]["additionalProperties"] = {
    "type": "array",
    "maxItems": 100,
    "items": PART,
}
LISTED[404] = {
    "description": "There is no such list",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}
FOUND = _schema(components={"type": "array", "items": BRIEF})
OUTLINE = _fields(key="string", families="array", parameters="array", columns="array")
OUTLINES = _schema(**dict.fromkeys(TABLES, OUTLINE))


def _outline(table: Table) -> dict[str, Any]:
    return {
        "key": table.key or table.route,
        "families": [source.family for source in table.sources],
        "parameters": [PACKAGE, *CHEAP, *table.parameters],
        "columns": [*PART["properties"], *table.names],
    }


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


@routes.get(
    f"{PREFIX}/tables",
    label=LABEL,
    summary="Every list: its parameters and columns",
    operation_id="jlcsearch_tables",
    responses=OUTLINES,
)
def tables() -> Response:
    """By route. A number `x` can be asked as a value (within 0.01 %), `x_min` and `x_max`."""
    return _json({route: _outline(table) for route, table in TABLES.items()})


def _searched(
    searches: Searches, snapshot: CurrentSnapshot, text: str, limit: int, package: str | None
) -> Response:
    found = searches.of(snapshot).find(text, limit, package=package or None)
    return _json({"components": [_brief(part) for part in found["components"]]})


def _brief(part: dict[str, Any]) -> dict[str, Any]:
    basic, preferred = bool(part["is_basic"]), bool(part["is_preferred"])
    return {
        "lcsc": part["lcsc_id"],
        "mfr": part["part_number"],
        "package": part["package"],
        "description": part["description"],
        "is_basic": basic,
        "is_preferred": preferred,
        "is_extended_promotional": preferred and not basic,
        "stock": part["stock"],
        "price": part["unit_price"],
    }


@routes.get(
    f"{PREFIX}/api/search",
    label=LABEL,
    summary="Parts by number, part number or words",
    operation_id="jlcsearch_search",
    responses=FOUND,
)
def search(
    snapshot: CurrentSnapshot,
    searches: Annotated[Searches, own(Searches)],
    q: Annotated[str, Query(max_length=TEXT_MAX, examples=["C25744"])],
    limit: Annotated[int, Query(ge=1)] = LIMIT_MAX,
    package: Annotated[str | None, Query(max_length=60, examples=["0402"])] = None,
) -> Response:
    """As `/v1/components/search`, in jlcsearch's words; at most 100 parts."""
    return _searched(searches, snapshot, q, min(limit, LIMIT_MAX), package)


@routes.get(f"{PREFIX}/components/list.json", label=LABEL, include_in_schema=False)
@routes.get(
    f"{PREFIX}/components/list",
    label=LABEL,
    summary="Parts of any kind by number, part number or words",
    operation_id="jlcsearch_components",
    responses=FOUND,
)
def components(
    snapshot: CurrentSnapshot,
    searches: Annotated[Searches, own(Searches)],
    search: Annotated[str, Query(max_length=TEXT_MAX, examples=["RC0402FR-0710KL"])],
    package: Annotated[str | None, Query(max_length=60, examples=["0402"])] = None,
) -> Response:
    """As `api/search`."""
    return _searched(searches, snapshot, search, LIMIT_MAX, package)


@routes.get(PREFIX + "/{table}/list.json", label=LABEL, include_in_schema=False)
@routes.get(
    PREFIX + "/{table}/list",
    label=LABEL,
    summary="The best-stocked parts of one kind",
    operation_id="jlcsearch_list",
    responses=LISTED,
)
def parts_of_one_kind(
    table: Annotated[str, Path(description=f"One of {', '.join(TABLES)}", examples=["resistors"])],
    request: Request,
    snapshot: CurrentSnapshot,
    package: Annotated[
        str | None, Query(max_length=120, examples=["0402"], description="JLC's or footprinter's")
    ] = None,
    is_basic: Annotated[str | None, Query(examples=["true"])] = None,
    is_preferred: Annotated[str | None, Query(examples=["true"])] = None,
) -> Response:
    """At most 100, stock downward; beside these parameters, those that `/jlcsearch/tables` names.

    Single devices where the number of devices in a package is not asked for; unpolarized
    capacitors where `is_polarized` is not; neither Zener nor TVS diodes where they are not. What
    is not known of a part matches nothing.
    """
    known = TABLES.get(table)
    if known is None:
        raise _unknown(table)
    return _json(answer(snapshot, known, request.query_params.multi_items()))


def _unknown(name: str) -> Refusal:
    near = difflib.get_close_matches(name, TABLES, 3, 0.5)
    hint = f"; near: {', '.join(near)}" if near else ""
    return Refusal(404, f"{shown(name)}: no such list{hint}; {PREFIX}/tables names all")
