"""The protocol in OpenAPI, derived from the mapping, so that what is documented is answered."""

from __future__ import annotations

from typing import Any

from components.serve.atopile.answers import LCSC_ID_MAX, QUERIES_MAX, TEXT_MAX
from components.serve.atopile.literals import ELEMENTS_MAX, NAME_MAX, NUMBERS
from components.serve.atopile.mapping import ENDPOINTS, UNITS, Endpoint
from components.serve.atopile.questions import CANDIDATES_MAX, QUANTITY_MAX

Json = dict[str, Any]

_TEXT = {"type": "string", "minLength": 1, "maxLength": TEXT_MAX}
_QUANTITY: Json = {"type": ["integer", "null"], "minimum": 0, "maximum": QUANTITY_MAX}


def body(schema: Json) -> Json:
    """What FastAPI takes as ``openapi_extra`` for a request with this body."""
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def queries() -> Json:
    """The body with many queries."""
    by_number = _closed(
        {
            "lcsc": {"type": "integer", "minimum": 1, "maximum": LCSC_ID_MAX},
            "quantity": _QUANTITY,
            "qty": _QUANTITY,
        },
        ["lcsc"],
    )
    names = {"manufacturer_name": _TEXT, "part_number": _TEXT}
    by_name = _closed(names | {"quantity": _QUANTITY, "qty": _QUANTITY}, list(names))
    by_type = [_by_type(endpoint, name) for name, endpoint in ENDPOINTS.items()]
    listed = {"type": "array", "items": {"anyOf": [by_number, by_name, *by_type]}}
    return _closed({"queries": listed | {"maxItems": QUERIES_MAX}}, ["queries"]) | {
        "examples": [{"queries": [{"lcsc": 25744, "quantity": 1}, _example()]}]
    }


def query(name: str) -> Json:
    """The body with one query of the endpoint ``name``."""
    schema = _by_type(ENDPOINTS[name], name) | {"required": []}
    return schema | ({"examples": [_example()]} if name == "resistors" else {})


def replies(schema: str) -> dict[int | str, Json]:
    """A POST's replies: ``schema``, or what is wrong."""
    return found(schema) | {400: _content("A query is wrong, or no JSON", _complaint())}


def found(schema: str) -> dict[int | str, Json]:
    """The reply that is called ``schema``."""
    listed = _open({"components": _array(_component(), CANDIDATES_MAX)})
    if schema == "AtopileResults":
        listed = _open({"results": _array(listed, QUERIES_MAX)})
    return {200: _content("Found", listed)}


def _by_type(endpoint: Endpoint, name: str) -> Json:
    properties: Json = {"endpoint": {"const": name}, "qty": _QUANTITY, "quantity": _QUANTITY}
    properties["package"] = _nullable(_names())
    for one in endpoint.parameters:
        properties[one.name] = _nullable(_names() if one.unit is None else _numbers(one.unit))
    return _closed(properties, ["endpoint"])


def _names() -> Json:
    name = {"type": "string", "maxLength": NAME_MAX}
    elements: Json = {"type": "array", "items": _open({"name": name})}
    elements |= {"minItems": 1, "maxItems": ELEMENTS_MAX}
    return _literal(["EnumSet"], {"elements": elements})


def _numbers(unit: str) -> Json:
    bound = {"type": ["number", "null"]}
    interval = _literal(["Numeric_Interval"], {"min": bound, "max": bound}, [])
    several = {"type": "array", "items": interval, "minItems": 1, "maxItems": ELEMENTS_MAX}
    inner = _literal(["Numeric_Interval_Disjoint"], {"intervals": several})
    units = {"enum": sorted(UNITS[unit])}
    return _literal(list(NUMBERS), {"intervals": inner, "unit": units})


def _literal(types: list[str], data: Json, required: list[str] | None = None) -> Json:
    return _open({"type": {"enum": types}, "data": _open(data, required)})


def _component() -> Json:
    count = {"type": "integer", "minimum": 0}
    text = {"type": "string"}
    tier = _open(
        {"qFrom": count, "qTo": {"type": ["integer", "null"]}, "price": {"type": "number"}}
    )
    return _open(
        {
            "lcsc": {"type": "integer"},
            **dict.fromkeys(("manufacturer_name", "part_number", "package"), text),
            **dict.fromkeys(("datasheet_url", "description"), text),
            **dict.fromkeys(("is_basic", "is_preferred", "stock"), count),
            "price": {"type": "array", "items": tier},
            "attributes": {
                "type": "object",
                "description": "Values as sets, in the units of the client; null: not known",
                "additionalProperties": {"type": ["object", "null"]},
            },
        }
    )


def _complaint() -> Json:
    message = _open({"message": {"type": "string"}})
    errors = _array({"anyOf": [{"type": "null"}, message]}, QUERIES_MAX)
    detail = {"anyOf": [{"type": "string"}, _open({"errors": errors})]}
    return _open({"detail": detail})


def _example() -> Json:
    interval = {"type": "Numeric_Interval", "data": {"min": 9500.0, "max": 10500.0}}
    intervals = {"type": "Numeric_Interval_Disjoint", "data": {"intervals": [interval]}}
    return {
        "endpoint": "resistors",
        "qty": 1,
        "package": {"type": "EnumSet", "data": {"elements": [{"name": "R0402"}]}},
        "resistance": {"type": NUMBERS[0], "data": {"intervals": intervals, "unit": "ohm"}},
    }


def _content(description: str, schema: Json) -> Json:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _array(items: Json, length_max: int) -> Json:
    return {"type": "array", "items": items, "maxItems": length_max}


def _open(properties: Json, required: list[str] | None = None) -> Json:
    needed = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": needed}


def _closed(properties: Json, required: list[str]) -> Json:
    return _open(properties, required) | {"additionalProperties": False}


def _nullable(schema: Json) -> Json:
    return {"anyOf": [{"type": "null"}, schema]}
