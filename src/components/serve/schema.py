"""The query routes in OpenAPI, derived from the families; nothing here names a family.

The lookup library reads the same description of the families, so that what is documented is what
is answered.
"""

from __future__ import annotations

from typing import Any

QUERIES_MAX = 1000
LIMIT_MAX, LIMIT_DEFAULT = 500, 50
QTY_MAX = 2**53

Json = dict[str, Any]


def describe_query(document: Json, path: str, lookup: Json) -> None:
    """Describe the query route and what it takes; ``lookup`` is the families' lookup schema."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    mapping = {}
    for family in lookup["families"]:
        name = _schema_name(family["name"])
        schemas |= _query_schemas(name, family)
        mapping[family["name"]] = _ref(f"{name}Query")
    schemas["Query"] = {
        "oneOf": [{"$ref": reference} for reference in mapping.values()],
        "discriminator": {"propertyName": "component_type", "mapping": mapping},
    }
    schemas |= _reply_schemas(mapping)
    examples = {family["name"]: {"value": _example(family)} for family in lookup["families"]}
    document["paths"][path] = {
        "post": _operation(
            "query",
            "Parts that fit, best first",
            "Preferred parts first, then basic ones, then by stock downward. A package that no part"
            " of any family has is refused, with those that are spelled nearly so.",
            ("Query", examples),
            "QueryReply",
        )
    }


def describe_batch(document: Json, path: str, lookup: Json) -> None:
    """Describe the batch route; the single one's schemas are used."""
    document["components"]["schemas"]["Batch"] = _object(
        {"queries": _array({"$ref": _ref("Query")}, 1, QUERIES_MAX)}, required=["queries"]
    )
    batch = {"queries": [_example(family) for family in lookup["families"]]}
    document["paths"][path] = {
        "post": _operation(
            "query_batch",
            "Many queries at once",
            "Answers stand in the order of the queries. One wrong query refuses all; an unknown"
            " package is none, and finds nothing.",
            ("Batch", {"families": {"value": batch}}),
            "BatchReply",
        )
    }


def _query_schemas(name: str, family: Json) -> Json:
    """A family's query and its two objects of columns, each by a name of its own."""
    exact: Json = {}
    ranges: Json = {}
    for column in family["columns"]:
        real = column["kind"] == "real"
        for called in (column["name"], *column["aliases"]):
            text = column["description"] or column["name"]
            unit = f" [{column['unit']}]" if column["unit"] else ""
            exact[called] = {"type": "number" if real else "string", "description": text + unit}
            if real:
                ranges[called] = _described(_ref("Range"), text + unit)
    for span in family.get("spans", ()):
        for called in (span["name"], *span["aliases"]):
            unit = f" [{span['unit']}]" if span["unit"] else ""
            text = f"{span['description']} that the part must cover{unit}"
            exact[called] = {"type": "number", "description": text}
            ranges[called] = _described(_ref("Range"), text)
    package = {"type": "string", "description": "Such as 0402, R0402 or SOT-23"}
    query = _object(
        {
            "component_type": {
                "type": "string",
                "const": family["name"],
                "description": "The family",
            },
            "qty": _nullable(_QUANTITY),
            "limit": _nullable(_LIMIT),
            "order": _or_null(_ref("Order"), "Default: preferred, basic, stock"),
            "package": _nullable(package),
            "exact": _or_null(_ref(f"{name}Exact"), "Values that a part must have"),
            "ranges": _or_null(
                _ref(f"{name}Ranges"), "Ranges that a part's whole band must lie in"
            ),
        },
        required=["component_type"],
    )
    return {
        f"{name}Exact": _object(exact) | {"title": f"{name}Exact"},
        f"{name}Ranges": _object(ranges) | {"title": f"{name}Ranges"},
        f"{name}Query": query | {"title": f"{name}Query", "description": family["title"]},
    }


_QUANTITY: Json = {
    "type": "integer",
    "minimum": 0,
    "maximum": QTY_MAX,
    "default": 1,
    "description": "At least this many in stock",
}
_LIMIT: Json = {
    "type": "integer",
    "minimum": 1,
    "maximum": LIMIT_MAX,
    "default": LIMIT_DEFAULT,
    "description": "At most this many candidates",
}


def _reply_schemas(mapping: dict[str, str]) -> Json:
    def integer(text: str, minimum: int = 0) -> Json:
        return {"type": "integer", "minimum": minimum, "description": text}

    candidate = _object(
        {
            "lcsc_id": integer("The LCSC part number without its C"),
            "stock": integer("How many there are"),
            "is_basic": {"type": "boolean", "description": "Of JLCPCB's basic library"},
            "is_preferred": {"type": "boolean", "description": "Of JLCPCB's preferred parts"},
            "pick_parameters": {"$ref": _ref("PickParameters")},
            "unit_price": {
                "type": ["number", "null"],
                "exclusiveMinimum": 0,
                "description": "Of one piece when `qty` are bought, in the catalogue's currency;"
                " null where none is known",
            },
        },
        required=[
            *("lcsc_id", "stock", "is_basic", "is_preferred", "pick_parameters", "unit_price")
        ],
    )
    parameters = {
        "type": "object",
        "required": ["package"],
        "properties": {"package": {"type": "string", "description": "As families store it: 0402"}},
        "additionalProperties": {"type": ["number", "string", "null"]},
        "description": "The package and every column of the family; null where it is not known",
    }
    families = {"type": "string", "enum": list(mapping), "description": "The family"}
    reply = _object(
        {
            "component_type": families,
            "candidates": _array({"$ref": _ref("Candidate")}, 0, LIMIT_MAX)
            | {"description": "Best first"},
            "total": integer("How many candidates there are in this reply"),
        },
        required=["component_type", "candidates", "total"],
    )
    batch = _object(
        {
            "results": _array({"$ref": _ref("QueryReply")}, 1, QUERIES_MAX)
            | {"description": "In the order of the queries"},
            "total_queries": integer("How many queries were answered", minimum=1),
        },
        required=["results", "total_queries"],
    )
    named = {"PickParameters": parameters, "Candidate": candidate}
    named |= {"QueryReply": reply, "BatchReply": batch, "Order": _ORDER, **_range_schemas()}
    return {name: schema | {"title": name} for name, schema in named.items()}


_ORDER: Json = {
    "type": "string",
    "enum": ["price"],
    "description": "The cheapest at `qty` first; unknown prices last",
}


def _range_schemas() -> Json:
    """A range has one end or both; null is no end."""
    lower = {"type": "number", "description": "The least, which belongs to it"}
    upper = {"type": "number", "description": "The most, which belongs to it; not below minimum"}
    return {
        "RangeFrom": _object({"minimum": lower, "maximum": _nullable(upper)}, required=["minimum"]),
        "RangeTo": _object({"minimum": _nullable(lower), "maximum": upper}, required=["maximum"]),
        "Range": {
            "anyOf": [{"$ref": _ref("RangeFrom")}, {"$ref": _ref("RangeTo")}],
            "description": "One end or both",
        },
    }


def _example(family: Json) -> Json:
    """A query over the family's first numeric column that reads well and finds parts."""
    query: Json = {"component_type": family["name"], "qty": 100, "limit": 5}
    real = [column["name"] for column in family["columns"] if column["kind"] == "real"]
    if real:
        query["ranges"] = {real[0]: {"minimum": 0}}
    return query


def _operation(
    name: str, summary: str, description: str, request: tuple[str, Json], reply: str
) -> Json:
    schema, examples = request
    content = {"schema": {"$ref": _ref(schema)}, "examples": examples}
    return {
        "operationId": name,
        "summary": summary,
        "description": description,
        "tags": ["parts"],
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": {
            "200": {
                "description": "Found",
                "content": {"application/json": {"schema": {"$ref": _ref(reply)}}},
            }
        },
    }


def _object(properties: Json, required: list[str] | None = None) -> Json:
    schema: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": required} if required else {})


def _nullable(schema: Json) -> Json:
    """A field that may be null, which means the same as leaving it out."""
    return schema | {"type": [schema["type"], "null"]}


def _or_null(reference: str, text: str) -> Json:
    return {"anyOf": [{"$ref": reference}, {"type": "null"}], "description": text}


def _described(reference: str, text: str) -> Json:
    return {"$ref": reference, "description": text}


def _array(items: Json, length_min: int, length_max: int) -> Json:
    return {"type": "array", "items": items, "minItems": length_min, "maxItems": length_max}


def _schema_name(family: str) -> str:
    """
    >>> _schema_name("ferrite_bead")
    'FerriteBead'
    """
    return "".join(word.capitalize() for word in family.split("_"))


def _ref(name: str) -> str:
    return f"#/components/schemas/{name}"


def test_a_family_s_columns_and_short_names_are_described() -> None:
    column = {"description": "Forward voltage", "unit": "V", "aliases": ["vf"]}
    family = {
        "name": "tunnel_diode",
        "title": "Tunnel diodes",
        "columns": [
            column | {"name": "forward_voltage_v", "kind": "real"},
            {"name": "color", "kind": "text", "unit": "", "description": "", "aliases": []},
        ],
    }
    document: Json = {"paths": {}}
    describe_query(document, "/q", {"families": [family]})
    schemas = document["components"]["schemas"]
    assert schemas["TunnelDiodeQuery"]["properties"]["component_type"]["const"] == "tunnel_diode"
    exact = schemas["TunnelDiodeExact"]["properties"]
    assert set(exact) == {"forward_voltage_v", "vf", "color"}
    assert set(schemas["TunnelDiodeRanges"]["properties"]) == {"forward_voltage_v", "vf"}
    assert exact["vf"]["description"] == "Forward voltage [V]"
    assert schemas["Query"]["oneOf"] == [{"$ref": "#/components/schemas/TunnelDiodeQuery"}]
    example = document["paths"]["/q"]["post"]["requestBody"]["content"]["application/json"]
    assert example["examples"]["tunnel_diode"]["value"]["ranges"] == {
        "forward_voltage_v": {"minimum": 0}
    }
