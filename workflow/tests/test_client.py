"""A client that openapi-python-client makes of our description types every reply but the bundle."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.testing.server import ANY_QUERY, QUERY, Server, Site, first_part, serving

ROWS = 2
# One archive in two framings, which no client's code reads by itself.
BUNDLE = "/v1/components/full"
# Where protocols of others are answered as theirs say.
OURS = ("/v1/", "/healthz", "/metrics")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    site = Site(tmp_path_factory.mktemp("client"))
    site.build("only", rows=ROWS, artifacts=[{"datasheet_pdf": b"%PDF-1.7\n"}])
    site.point("only")
    with serving(site.layout) as server:
        server.wait_for("only")
        yield server


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = server.ask("GET", "/openapi.json").json
    return found


@pytest.fixture(scope="module")
def client(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package, which can be imported."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.json").write_text(json.dumps(document))
    tools = Path(sys.executable).parent
    command = [str(tools / "openapi-python-client"), "generate", "--meta", "none"]
    done = subprocess.run(
        [*command, "--path", "openapi.json", "--output-path", "parts_client"],
        cwd=folder,
        env=os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    warned = [line for line in done.stdout.splitlines() if line.startswith("WARNING")]
    assert warned in ([], [f"WARNING parsing POST {BUNDLE} within parts."]), done.stdout
    sys.path.insert(0, str(folder))
    yield "parts_client"
    sys.path.remove(str(folder))


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path.startswith(OURS):
                yield method, path, operation


def test_every_reply_is_typed(document: dict[str, Any], client: str) -> None:
    for _, path, operation in _operations(document):
        name = operation["operationId"]
        module = importlib.import_module(f"{client}.api.{operation['tags'][0]}.{name}")
        reply = typing.get_type_hints(module.sync)["return"]
        named = {one.__name__ for one in typing.get_args(reply)} - {"NoneType", "Error"}
        if path == BUNDLE:
            continue
        # 304 has no body that could have a type.
        named -= {"Any"} if "304" in operation["responses"] else set()
        assert len(named) == 1 and "Any" not in named, f"{path}: {reply}"


def test_the_generated_client_gets_answers(server: Server, client: str) -> None:
    connection = importlib.import_module(client).Client(f"http://127.0.0.1:{server.port}")
    models = importlib.import_module(f"{client}.models")
    api = f"{client}.api"
    query = importlib.import_module(f"{api}.parts.query")
    reply = query.sync(client=connection, body=models.ResistorQuery.from_dict(ANY_QUERY))
    assert reply.to_dict() == server.ask("POST", QUERY, ANY_QUERY).json
    number = first_part("resistor", ROWS)
    part = importlib.import_module(f"{api}.parts.component").sync(f"C{number}", client=connection)
    assert (part.lcsc_id, part.assets[0].artifact_type) == (number, "datasheet_pdf")
    status = importlib.import_module(f"{api}.operation.report").sync(client=connection)
    assert status.counts.pickable["resistor"] == ROWS


def _replies(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The schemas that replies refer to, directly or not."""
    schemas = document["components"]["schemas"]
    waiting = [
        answer
        for _, _, operation in _operations(document)
        for response in operation["responses"].values()
        for answer in [json.dumps(response.get("content", {}))]
    ]
    seen: set[str] = set()
    while waiting:
        text = waiting.pop()
        for name in schemas:
            if name not in seen and f'"#/components/schemas/{name}"' in text:
                seen.add(name)
                waiting.append(json.dumps(schemas[name]))
                yield name, schemas[name]


def test_every_field_of_every_reply_is_described(document: dict[str, Any]) -> None:
    found = dict(_replies(document))
    assert len(found) > 20
    for name, schema in found.items():
        for field, about in schema.get("properties", {}).items():
            named = document["components"]["schemas"].get(about.get("$ref", "").split("/")[-1], {})
            assert about.get("description") or named.get("description"), f"{name}.{field}"


def test_every_json_reply_has_a_name(document: dict[str, Any]) -> None:
    for method, path, operation in _operations(document):
        assert operation["summary"] and operation["description"], path
        for status, response in operation["responses"].items():
            schema = response.get("content", {}).get("application/json", {}).get("schema")
            is_file = schema is not None and schema.get("format") == "binary"
            assert schema is None or is_file or "$ref" in schema, f"{method} {path} {status}"


def test_examples_are_answered(server: Server, document: dict[str, Any]) -> None:
    """Those of the snapshot at hand; over the bundled catalogue test_readme.py asks the same."""
    asked = 0
    for method, path, operation in _operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        for example in content.get("examples", {}).values():
            assert server.ask(method.upper(), path, example["value"]).status == 200, example
            asked += 1
    assert asked > 70
