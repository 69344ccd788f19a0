"""Which requests the compiled library takes, against the schema that ``/docs`` shows."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import jsonschema
import pytest

from components.native.lookup import Lookup
from components.serve import reference, schema
from components.testing import lookup as lookup_testing
from components.testing.library import library
from components.transform.index import build_index

RESISTOR = '"component_type":"resistor"'
REFUSED = [
    ("", 400, "body: not valid JSON at byte 0: a value is missing"),
    ("{", 400, "body: not valid JSON at byte 1: a name in quotes is missing"),
    ('{"limit":NaN}', 400, "body: not valid JSON at byte 9: a value is missing"),
    ('{"limit":Infinity}', 400, "body: not valid JSON at byte 9: a value is missing"),
    ("{} x", 400, "body: not valid JSON at byte 3: more than one value"),
    ("[" * 100_000, 400, "body: not valid JSON at byte 32: nested deeper than 32 levels"),
    ('{"package":"\\ud800"}', 400, "body: not valid JSON at byte 13: an escape that is no char"),
    ("[]", 422, "body: must be an object"),
    ("{}", 422, "component_type: required"),
    ('{"component_type":null}', 422, "component_type: must be a string"),
    ('{"component_type":"flux"}', 422, "component_type: unknown type 'flux'; known: ac_dc, adc"),
    ('{"component_type":"bjt","component_type":"bjt"}', 422, "component_type: given twice"),
    (f'{{{RESISTOR},"limt":1}}', 422, "limt: unknown field; known: component_type, qty, limit,"),
    (f'{{{RESISTOR},"limit":0}}', 422, "limit: must be an integer from 1 to 500"),
    (f'{{{RESISTOR},"limit":501}}', 422, "limit: must be an integer from 1 to 500"),
    (f'{{{RESISTOR},"limit":1.5}}', 422, "limit: must be an integer from 1 to 500"),
    (f'{{{RESISTOR},"limit":true}}', 422, "limit: must be an integer from 1 to 500"),
    (f'{{{RESISTOR},"qty":-1}}', 422, "qty: must be an integer from 0 to 9007199254740992"),
    (f'{{{RESISTOR},"qty":"1"}}', 422, "qty: must be an integer from 0 to 9007199254740992"),
    (f'{{{RESISTOR},"order":"cheap"}}', 422, 'order: must be "price", or left out for the usual'),
    (f'{{{RESISTOR},"order":1}}', 422, 'order: must be "price", or left out for the usual order'),
    (f'{{{RESISTOR},"package":402}}', 422, "package: must be a string"),
    (f'{{{RESISTOR},"exact":[]}}', 422, "exact: must be an object"),
    (f'{{{RESISTOR},"exact":{{"colour":1}}}}', 422, "exact.colour: unknown field of resistor; kno"),
    (f'{{{RESISTOR},"exact":{{"tempco_ppm":"1"}}}}', 422, "exact.tempco_ppm: must be a finite num"),
    ('{"component_type":"led","exact":{"color":1}}', 422, "exact.color_code: must be a string"),
    ('{"component_type":"led","ranges":{"color":{}}}', 422, "ranges.color_code: holds texts; use"),
    (f'{{{RESISTOR},"ranges":{{"resistance":1}}}}', 422, "ranges.resistance_ohm: must be an obje"),
    (f'{{{RESISTOR},"ranges":{{"resistance":{{}}}}}}', 422, "ranges.resistance_ohm: needs minimu"),
    (
        f'{{{RESISTOR},"ranges":{{"resistance":{{"min":1}}}}}}',
        422,
        "ranges.resistance_ohm.min: unknown field; known: minimum, maximum",
    ),
    (
        f'{{{RESISTOR},"ranges":{{"resistance":{{"minimum":1e999}}}}}}',
        422,
        "ranges.resistance_ohm.minimum: must be a finite number",
    ),
    (
        f'{{{RESISTOR},"ranges":{{"resistance":{{"minimum":9.0,"maximum":-1.5}}}}}}',
        422,
        "ranges.resistance_ohm: minimum 9 is above maximum -1.5",
    ),
    (
        f'{{{RESISTOR},"ranges":{{"tempco":{{"minimum":0.005,"maximum":1e2}}}}}}',
        422,
        "ranges.tempco_ppm: minimum 5000 is above maximum 100",
    ),
    (
        f'{{{RESISTOR},"ranges":{{"x":{{"minimum":1}},"x":{{"minimum":1}}}}}}',
        422,
        "ranges.x: unknown field of resistor",
    ),
    (
        f'{{{RESISTOR},"exact":{{"tempco":1,"t\\u0065mpco":1}}}}',
        422,
        "exact.tempco: given twice",
    ),
]
ODD_VALUES = (None, True, False, 0, 1, -1, 20.0, 1.5, 501, 2**60, -1e-9, "", "x", [], {}, [1])


@pytest.fixture(scope="module")
def lookup(tmp_path_factory: pytest.TempPathFactory) -> Lookup:
    folder = tmp_path_factory.mktemp("lookup")
    lookup_testing.write_fast(folder / "fast.sqlite", 50)
    build_index(folder / "fast.sqlite", library(), folder / "lookup.idx")
    return Lookup.open(library(), folder / "lookup.idx")


@pytest.mark.parametrize(("body", "status", "detail"), REFUSED)
def test_a_bad_request_names_the_field(lookup: Lookup, body: str, status: int, detail: str) -> None:
    reply = lookup.query(body.encode())
    found = json.loads(reply.body)
    assert list(found) == ["detail"]
    assert (reply.status, found["detail"][: len(detail)]) == (status, detail)


def test_bytes_that_are_no_text_are_refused(lookup: Lookup) -> None:
    reply = lookup.query(b'{"component_type":"\xff"}')
    assert reply == (400, b'{"detail":"body: not valid JSON at byte 19: not UTF-8"}')


def test_a_batch_names_the_query(lookup: Lookup) -> None:
    good = b'{"component_type":"resistor"}'
    for body, detail in (
        (b"{}", "queries: required"),
        (b'{"queries":[]}', "queries: must be a list of 1 to 1000 queries"),
        (b'{"queries":[%b]}' % b",".join([good] * 1001), "queries: must be a list of 1 to 1000"),
        (b'{"queries":{}}', "queries: must be a list of 1 to 1000 queries"),
        (b'{"queries":[%b,1]}' % good, "queries.1.body: must be an object"),
        (b'{"queries":[%b],"x":1}' % good, "x: unknown field; known: queries"),
        (
            b'{"queries":[%b,{"component_type":"bjt","limit":0},{}]}' % b",".join([good] * 500),
            "queries.500.limit: must be an integer from 1 to 500",
        ),
    ):
        reply = lookup.query_batch(body)
        assert reply.status == 422
        assert json.loads(reply.body)["detail"].startswith(detail)


def test_the_documented_schema_takes_the_same_requests(lookup: Lookup) -> None:
    document: dict[str, Any] = {"paths": {}}
    schema.describe_query(document, "/query", lookup_testing.SCHEMA)
    validators = {
        name.removesuffix("Query").lower(): jsonschema.Draft202012Validator(
            {"$ref": f"#/components/schemas/{name}", **document}
        )
        for name in document["components"]["schemas"]
        if name.endswith("Query") and name != "Query"
    }
    chance = random.Random(4)
    verdicts = {True: 0, False: 0}
    for _ in range(3000):
        family = chance.choice(lookup_testing.SCHEMA["families"])
        request = lookup_testing.request(family, chance, order_share=0.3)
        for _ in range(chance.choice((0, 1, 1, 2))):
            request = _changed(request, chance)
        validator = validators[family["name"].replace("_", "")]
        wanted = validator.is_valid(request) and not _inverted(family, request)
        reply = lookup.query(json.dumps(request).encode())
        assert (reply.status == 200) == wanted, (request, reply.body)
        verdicts[wanted] += 1
    assert min(verdicts.values()) > 500


def _changed(request: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """With a value replaced, a member taken away or one added, at any depth."""
    changed = copy.deepcopy(request)
    holder = changed
    key = chance.choice(sorted(holder))
    while isinstance(holder[key], dict) and holder[key] and chance.random() < 0.8:
        holder = holder[key]
        key = chance.choice(sorted(holder))
    if key == "component_type":
        return changed
    change = chance.random()
    if change < 0.6:
        holder[key] = chance.choice(ODD_VALUES)
    elif change < 0.8:
        del holder[key]
    else:
        holder[chance.choice(("limit", "minimum", "package", "extra", "ranges"))] = holder[key]
    return changed


def _inverted(family: dict[str, Any], request: dict[str, Any]) -> bool:
    """The one rule that a schema cannot say: no minimum above its maximum."""
    for name, bounds in (request.get("ranges") or {}).items():
        ends = [bounds.get("minimum"), bounds.get("maximum")]
        span = reference.span_called(family, name)
        column = {"ppm_fraction": False} if span else reference.column_called(family, name)
        low, high = (None if end is None else reference.scaled(column, end) for end in ends)
        if low is not None and high is not None and low > high:
            return True
    return False
