"""The query routes in OpenAPI, derived from the families; nothing here names a family.

The lookup library reads the same description of the families, so that what is documented is what
is answered.
"""

from __future__ import annotations

from collections.abc import Collection
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
        schemas[name] = _query_schema(family)
        mapping[family["name"]] = _ref(name)
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
            "Preferred parts first, then basic ones, then by stock downward.",
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
            "Answers stand in the order of the queries. One wrong query refuses all.",
            ("Batch", {"families": {"value": batch}}),
            "BatchReply",
        )
    }


def complete(document: Json, open_paths: Collection[str], *, needs_key: bool) -> None:
    """What all routes have in common: errors, the snapshot's name, the key.

    ``open_paths`` need no key even where ``needs_key``.
    """
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Error"] = _object(
        {"detail": {"type": "string", "description": "Names the field and the remedy"}},
        required=["detail"],
    )
    header = {
        "description": "The snapshot that answered; `none` where there is none",
        "schema": {"type": "string"},
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            errors = _errors(method, needs_key and path not in open_paths)
            if operation.get("parameters"):
                errors = dict(sorted((errors | {"422": "A field is wrong"}).items()))
            operation["responses"].pop("422", None)
            for status, text in errors.items():
                operation["responses"].setdefault(
                    status,
                    {
                        "description": text,
                        "content": {"application/json": {"schema": {"$ref": _ref("Error")}}},
                    },
                )
            for response in operation["responses"].values():
                response["headers"] = {"X-Snapshot": header} | response.get("headers", {})
    if needs_key:
        document["components"]["securitySchemes"] = {
            "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            "bearer": {"type": "http", "scheme": "bearer"},
        }
        document["security"] = [{"key": []}, {"bearer": []}]
        for path in open_paths:
            for operation in document["paths"].get(path, {}).values():
                operation["security"] = []


def _errors(method: str, needs_key: bool) -> dict[str, str]:
    errors = {"408": "The request did not arrive in time", "431": "Headers too large"}
    errors |= {"400": "Not valid HTTP or JSON", "429": "Too many requests at once"}
    errors |= {"500": "Internal error", "503": "No snapshot is published"}
    if needs_key:
        errors["401"] = "The key is missing or unknown"
    if method == "post":
        errors |= {"413": "The body is too large", "422": "A field is wrong"}
    return dict(sorted(errors.items()))


def _query_schema(family: Json) -> Json:
    exact: Json = {}
    ranges: Json = {}
    for column in family["columns"]:
        real = column["kind"] == "real"
        for name in (column["name"], *column["aliases"]):
            text = column["description"] or column["name"]
            unit = f" [{column['unit']}]" if column["unit"] else ""
            schema = {"type": "number" if real else "string", "description": text + unit}
            exact[name] = schema
            if real:
                ranges[name] = {"$ref": _ref("Range")}
    for span in family.get("spans", ()):
        for name in (span["name"], *span["aliases"]):
            unit = f" [{span['unit']}]" if span["unit"] else ""
            text = f"{span['description']} that the part must cover{unit}"
            exact[name] = {"type": "number", "description": text}
            ranges[name] = {"$ref": _ref("Range")}
    properties = {
        "component_type": {"type": "string", "const": family["name"]},
        "qty": {
            "type": "integer",
            "minimum": 0,
            "maximum": QTY_MAX,
            "default": 1,
            "description": "At least this many in stock",
        },
        "limit": {
            "type": "integer",
            "minimum": 1,
            "maximum": LIMIT_MAX,
            "default": LIMIT_DEFAULT,
            "description": "At most this many candidates",
        },
        "order": {
            "type": "string",
            "enum": ["price"],
            "description": "The cheapest at `qty` first; unknown prices last. Default: preferred,"
            " basic, stock",
        },
        "package": {"type": "string", "description": "Such as 0402, R0402 or SOT-23"},
        "exact": _object(exact) | {"description": "Values that a part must have"},
        "ranges": _object(ranges) | {"description": "Ranges that a part's whole band lies in"},
    }
    optional = {
        name: schema if name == "component_type" else _nullable(schema)
        for name, schema in properties.items()
    }
    return _object(optional, required=["component_type"]) | {"title": family["title"]}


def _reply_schemas(mapping: dict[str, str]) -> Json:
    integer = {"type": "integer", "minimum": 0}
    candidate = _object(
        {
            "lcsc_id": integer,
            "stock": integer,
            "is_basic": {"type": "boolean"},
            "is_preferred": {"type": "boolean"},
            "pick_parameters": {
                "type": "object",
                "required": ["package"],
                "properties": {"package": {"type": "string"}},
                "additionalProperties": {"type": ["number", "string", "null"]},
            },
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
    reply = _object(
        {
            "component_type": {"type": "string", "enum": list(mapping)},
            "candidates": _array({"$ref": _ref("Candidate")}, 0, LIMIT_MAX),
            "total": integer | {"description": "How many candidates there are in this reply"},
        },
        required=["component_type", "candidates", "total"],
    )
    number = {"type": "number"}
    ends = {"minimum": _nullable(number), "maximum": _nullable(number)}
    bound = _object(ends) | {
        "anyOf": [{"required": [end], "properties": {end: number}} for end in ends],
        "description": "Both bounds belong to it; minimum must not be above maximum",
    }
    batch = _object(
        {
            "results": _array({"$ref": _ref("QueryReply")}, 1, QUERIES_MAX),
            "total_queries": {"type": "integer", "minimum": 1},
        },
        required=["results", "total_queries"],
    )
    return {"Range": bound, "Candidate": candidate, "QueryReply": reply, "BatchReply": batch}


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
    words = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | words


def _array(items: Json, length_min: int, length_max: int) -> Json:
    return {"type": "array", "items": items, "minItems": length_min, "maxItems": length_max}


def _schema_name(family: str) -> str:
    return "".join(word.capitalize() for word in family.split("_")) + "Query"


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
    properties = schemas["TunnelDiodeQuery"]["properties"]
    assert properties["component_type"]["const"] == "tunnel_diode"
    assert set(properties["exact"]["properties"]) == {"forward_voltage_v", "vf", "color"}
    assert set(properties["ranges"]["properties"]) == {"forward_voltage_v", "vf"}
    assert properties["exact"]["properties"]["vf"]["description"] == "Forward voltage [V]"
    assert schemas["Query"]["oneOf"] == [{"$ref": "#/components/schemas/TunnelDiodeQuery"}]
    example = document["paths"]["/q"]["post"]["requestBody"]["content"]["application/json"]
    assert example["examples"]["tunnel_diode"]["value"]["ranges"] == {
        "forward_voltage_v": {"minimum": 0}
    }


def test_every_route_tells_its_errors_and_keys_where_they_are_asked_for() -> None:
    for needs_key in (False, True):
        document: Json = {
            "paths": {
                "/healthz": {"get": {"responses": {"200": {}}}},
                "/v1/x": {"post": {"responses": {"200": {}, "422": {}}}},
            }
        }
        complete(document, ["/healthz"], needs_key=needs_key)
        post = document["paths"]["/v1/x"]["post"]["responses"]
        assert {"400", "408", "413", "422", "429", "500", "503"} <= set(post)
        assert all("X-Snapshot" in response["headers"] for response in post.values())
        assert ("401" in post) == ("security" in document) == needs_key
        assert "401" not in document["paths"]["/healthz"]["get"]["responses"]
