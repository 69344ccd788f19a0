"""Examples for the OpenAPI document, of parts that the snapshot has, so that each is answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from components.families import Column, Family, family_named
from components.serve.snapshot import Snapshot

Json = dict[str, Any]

QUANTITY = 100
FILTERS_MAX = 2
BATCH = 3
_PART_SQL = """
SELECT c.lcsc_id, c.manufacturer, c.part_number, a.artifact_type
FROM component_assets a JOIN components_full c USING (lcsc_id)
WHERE a.artifact_type IN ('kicad_footprint_mod', 'datasheet_pdf') AND c.part_number != ''
ORDER BY a.artifact_type DESC, c.stock DESC, c.lcsc_id LIMIT 1
"""
_ANY_PART_SQL = """
SELECT lcsc_id, manufacturer, part_number, NULL FROM components_full
WHERE part_number != '' ORDER BY pickable DESC, lcsc_id LIMIT 1
"""


def with_examples(document: Json, snapshot: Snapshot, families: Iterable[str]) -> Json:
    """A copy of ``document`` whose examples the snapshot answers; as it is where it has nothing."""
    document = json.loads(json.dumps(document))
    queries = _queries(snapshot, families)
    part = _part(snapshot)
    for operations in document["paths"].values():
        for operation in operations.values():
            _describe_body(operation, queries, part)
            for parameter in operation.get("parameters", ()):
                _describe_parameter(parameter, queries, part)
    return document


def _queries(snapshot: Snapshot, families: Iterable[str]) -> dict[str, Json]:
    """A query a family that has parts: what its best part is, and what it bears."""
    names = list(families)
    asked = {"queries": [{"component_type": name, "limit": 1} for name in names]}
    status, reply = snapshot.query_batch(json.dumps(asked).encode())
    if status != 200:
        return {}
    return {
        name: query_for(family_named(name), answer["candidates"][0])
        for name, answer in zip(names, json.loads(reply)["results"], strict=True)
        if answer["candidates"]
    }


def query_for(family: Family, candidate: Mapping[str, Any]) -> Json:
    """A query that finds ``candidate``, by what people choose a part of the family by."""
    values = candidate["pick_parameters"]
    query: Json = {
        "component_type": family.name,
        "qty": min(QUANTITY, candidate["stock"]),
        "limit": 5,
        "package": values["package"],
    }
    bounds = {name for c in family.columns for name in (c.minimum_column, c.maximum_column)}
    bounds |= {c.upper for c in family.columns}
    columns = [c for c in family.columns if not c.pair and c.name not in bounds]
    chosen = 0
    for column in sorted(columns, key=lambda c: not c.identifies):
        if chosen < FILTERS_MAX and _ask(query, column, values):
            chosen += 1
    return query


def _ask(query: Json, column: Column, values: Mapping[str, Any]) -> bool:
    """Ask for a part's value of a column, on its safe side; whether it is known."""
    value = values.get(column.name)
    if value is None or (column.ppm_fraction and value <= 1):
        return False
    if column.minimum_column and column.maximum_column:
        ends = values[column.minimum_column], values[column.maximum_column]
        if None in ends:
            return False
        asked = dict(zip(("minimum", "maximum"), ends, strict=True))
        query.setdefault("ranges", {})[column.name] = asked
    elif column.kind == "text" or column.side is None:
        query.setdefault("exact", {})[column.name] = value
    else:
        end = "minimum" if column.side == "least" else "maximum"
        query.setdefault("ranges", {})[column.name] = {end: value}
    return True


def _part(snapshot: Snapshot) -> tuple[int, str, str, str | None] | None:
    """Number, manufacturer, part number and an artifact's type: of a part with files, if any."""
    with snapshot.database() as detail:
        row = detail.execute(_PART_SQL).fetchone() or detail.execute(_ANY_PART_SQL).fetchone()
    return tuple(row) if row else None


def _describe_body(operation: Json, queries: dict[str, Json], part: Any) -> None:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    name = content and content["schema"].get("$ref", "").rpartition("/")[2]
    first = list(queries.values())[:BATCH]
    if name == "Query":
        for family, query in queries.items():
            content["examples"][family] = {"value": query}
    elif name == "Batch" and first:
        content["examples"] = {"families": {"value": {"queries": first}}}
    elif name == "FullRequest" and part:
        content["examples"] = {"part": {"value": {"component_ids": [f"C{part[0]}"]}}}
    elif name == "BomRequest" and part:
        lines = [
            {"designators": ["U1", "U2"], "lcsc": f"C{part[0]}"},
            {"designators": ["U3"], "mpn": part[2], "manufacturer": part[1]},
        ]
        content["examples"] = {"board": {"value": {"boards": 10, "lines": lines}}}


def _describe_parameter(parameter: Json, queries: dict[str, Json], part: Any) -> None:
    name, where = parameter["name"], parameter["in"]
    if part is None:
        return
    number, manufacturer, part_number, artifact_type = part
    known = {
        "lcsc_id": f"C{number}",
        "manufacturer": manufacturer,
        "part_number": part_number,
        "artifact_type": artifact_type,
    }
    if where == "path" and known.get(name):
        parameter["examples"] = {"part": {"value": known[name]}}
        parameter["schema"].pop("examples", None)
    elif name == "q":
        values = {"number": f"C{number}", "part number": part_number, "words": manufacturer}
        parameter["examples"] = {key: {"value": value} for key, value in values.items()}


def test_a_query_asks_on_the_safe_side_for_what_people_choose_by() -> None:
    values = {"package": "0603", "resistance_ohm": 1e3, "resistance_min_ohm": 990.0}
    values |= {"resistance_max_ohm": 1010.0, "tolerance_pct": 1.0, "max_power_w": None}
    candidate = {"lcsc_id": 7, "stock": 40, "pick_parameters": values}
    assert query_for(family_named("resistor"), candidate) == {
        "component_type": "resistor",
        "qty": 40,
        "limit": 5,
        "package": "0603",
        "ranges": {
            "resistance_ohm": {"minimum": 990.0, "maximum": 1010.0},
            "tolerance_pct": {"maximum": 1.0},
        },
    }
