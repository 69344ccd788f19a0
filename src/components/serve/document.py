"""What all routes of the OpenAPI document have in common: names, errors, keys, the introduction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

Json = dict[str, Any]

INTRODUCTION = """\
Which part fits, is it in stock, what does it cost, and where are its footprint and 3D model.

Everything is answered from one snapshot of the catalogue, whose name stands in `X-Snapshot`; a new
one takes its place at once and whole.

- **One kind of part by its values**: `POST /v1/components/parameters/query`. The columns of each
  family, their units and what there is of them: `GET /v1/components/families`.
- **Any part by number, part number or words**: `GET /v1/components/search`.
- **Everything about a part**: `GET /v1/components/{lcsc_id}`, its files below that address, and for
  many parts as one archive `POST /v1/components/full`.
- **A whole board**: `POST /v1/components/bom`.

A part's number is LCSC's: `C25804`, `"25804"` and `25804` are one and the same. Values are in SI
units, which the names of columns end with (`resistance_ohm`). What is not known is null, and no
filter finds it. `HEAD` is answered wherever `GET` is.
"""
TAGS = [
    {"name": "parts", "description": "Parts: find them, read them, take their files."},
    {"name": "operation", "description": "The server itself: is it well, and what does it serve."},
]


def add_models(document: Json, models: Iterable[type[BaseModel]]) -> None:
    """Name the schemas of bodies that handlers read by themselves."""
    wanted: list[Any] = [(model, "validation") for model in models]
    _, found = models_json_schema(wanted, ref_template="#/components/schemas/{model}")
    document.setdefault("components", {}).setdefault("schemas", {}).update(found.get("$defs", {}))


def complete(document: Json, open_paths: Collection[str], *, needs_key: bool) -> None:
    """What all routes have in common: errors, the snapshot's name, the key.

    ``open_paths`` need no key even where ``needs_key``.
    """
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Error"] = {
        "title": "Error",
        "type": "object",
        "properties": {"detail": {"type": "string", "description": "Names field and remedy"}},
        "required": ["detail"],
        "additionalProperties": False,
    }
    header = {
        "description": "The snapshot that answered; `none` where there is none",
        "schema": {"type": "string"},
    }
    document["tags"] = TAGS
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
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Error"}}
                        },
                    },
                )
            for response in operation["responses"].values():
                # Who takes one type alone takes the first.
                content = response.get("content", {})
                if "application/json" in content:
                    response["content"] = {"application/json": content.pop("application/json")}
                    response["content"] |= content
                response["headers"] = {"X-Snapshot": header} | response.get("headers", {})
    if needs_key:
        document["components"]["securitySchemes"] = {
            "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "`Token KEY` is taken too, and `/key/KEY` before any path",
            },
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
