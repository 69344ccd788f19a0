"""atopile's protocol over 236,831 real parts: what its client sent, and what it might send."""

from __future__ import annotations

import copy
import hashlib
import json
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from components.core.layout import Layout
from components.testing.atopile import TABLES, UNITS, expected, random_query
from components.testing.real import real_site
from components.testing.server import Answer, Server, ask, serving

RECORD = Path(__file__).parent / "data" / "atopile" / "requests.json"
QUERIES = 300
SPOILED = 3000
HOSTILE = (
    *(None, True, 0, -1, 1e308, 2**63, "", "\x00", "ohm", "R0402' OR 1=1 --", "\u2126" * 300),
    *([], {}, [[]], {"type": "EnumSet"}, {"data": {}}, [None] * 65, "0402", 1e-320),
)


class Real(NamedTuple):
    layout: Layout
    server: Server
    fast: sqlite3.Connection
    detail: sqlite3.Connection

    def query(self, queries: list[Any]) -> Answer:
        return self.server.ask("POST", "/v0/query", {"queries": queries})


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    shared = real_site(tmp_path_factory)
    layout = Layout(tmp_path_factory.mktemp("atopile"))
    # What a server writes is its own.
    layout.snapshots.symlink_to(shared.snapshots)
    (layout.root / "lib").symlink_to(shared.root / "lib")
    with (
        closing(sqlite3.connect(shared.current / "fast.sqlite")) as fast,
        closing(sqlite3.connect(shared.current / "detail.sqlite")) as detail,
        serving(layout) as server,
    ):
        fast.row_factory = detail.row_factory = sqlite3.Row
        yield Real(layout, server, fast, detail)


def test_what_the_real_client_sent_is_answered_as_sql_says(real: Real) -> None:
    record = json.loads(RECORD.read_text())
    assert len(record) >= 2
    kinds = set()
    for sent in record:
        body = json.dumps(sent["body"]).encode() if sent["body"] else None
        found = real.server.ask(sent["method"], sent["path"], body, sent["headers"])
        assert found.status == 200, found.body
        results = found.json["results"]
        assert len(results) == len(sent["body"]["queries"])
        for query, result in zip(sent["body"]["queries"], results, strict=True):
            kinds |= query.keys() & {"lcsc", "part_number", "endpoint"}
            assert [one["lcsc"] for one in result["components"]] == expected(
                real.fast, real.detail, query
            )
    assert kinds == {"lcsc", "part_number", "endpoint"}


def test_random_sets_are_answered_as_sql_says(real: Real) -> None:
    chance = random.Random(7)
    queries = [random_query(real.fast, chance) for _ in range(QUERIES)]
    results = real.query(queries).json["results"]
    found = 0
    for query, result in zip(queries, results, strict=True):
        numbers = [one["lcsc"] for one in result["components"]]
        assert numbers == expected(real.fast, real.detail, query), query
        found += bool(numbers)
        alone = {key: value for key, value in query.items() if key != "endpoint"}
        if chance.random() < 0.05:
            path = f"/v0/query/{query['endpoint']}"
            assert real.server.ask("POST", path, alone).json == result
    assert found >= QUERIES // 3


def test_a_record_tells_what_the_databases_know(real: Real) -> None:
    chance = random.Random(3)
    numbers = [row[0] for row in real.detail.execute("SELECT lcsc_id FROM components_full")]
    numbers = chance.sample(numbers, 200)
    for endpoint in TABLES:
        table = TABLES[endpoint][0]
        rows = real.fast.execute(f"SELECT lcsc_id FROM {table} ORDER BY stock DESC LIMIT 100")
        numbers += [row[0] for row in rows]
    results = real.query([{"lcsc": number, "quantity": 1} for number in numbers]).json["results"]
    for number, result in zip(numbers, results, strict=True):
        (one,) = result["components"]
        sql = "SELECT * FROM components_full WHERE lcsc_id = ?"
        part = real.detail.execute(sql, (number,)).fetchone()
        assert one["lcsc"] == number
        assert one["manufacturer_name"] == part["manufacturer"]
        for key in ("part_number", "datasheet_url", "description", "stock", "is_basic"):
            assert one[key] == part[key]
        prices = {tier["qFrom"]: tier["price"] for tier in json.loads(part["price_json"])}
        assert {tier["qFrom"]: tier["price"] for tier in one["price"]} == prices
        ends = [tier["qTo"] for tier in one["price"]]
        assert ends == [tier["qFrom"] - 1 for tier in one["price"][1:]] + [None] * bool(ends)
        _check_attributes(real, number, part["family"], one["attributes"])
    chosen = numbers[0]
    alone = real.server.ask("GET", f"/v0/component/lcsc/{chosen}").json
    assert alone == results[0]


def test_parts_are_found_by_their_manufacturer_s_number(real: Real) -> None:
    sql = "SELECT lcsc_id, manufacturer, part_number FROM components_full WHERE"
    slashed = "part_number LIKE '%/%' AND manufacturer LIKE '%(%' LIMIT 5"
    rows = real.detail.execute(f"{sql} lcsc_id % 4001 = 7").fetchall()
    assert len(rows) > 20
    rows += real.detail.execute(f"{sql} {slashed}").fetchall()
    makers = real.detail.execute("SELECT DISTINCT manufacturer FROM components_full").fetchall()
    before = Counter(name.partition("(")[0].strip().casefold() for (name,) in makers)
    for number, manufacturer, part_number in rows:
        short = manufacturer.partition("(")[0].strip()
        # HX(hengjiaxing) is not the only HX.
        short = short if before[short.casefold()] == 1 else manufacturer
        query = {"manufacturer_name": short.upper(), "part_number": part_number.lower()}
        found = real.query([query | {"quantity": 1}]).json["results"][0]["components"]
        assert number in {one["lcsc"] for one in found}, query
        assert {one["part_number"].casefold() for one in found} == {part_number.casefold()}
        # As the client does it, which leaves a slash as it is.
        path = f"/v0/component/mfr/{quote(manufacturer, safe='')}/{quote(part_number, safe='/')}"
        assert number in {one["lcsc"] for one in real.server.ask("GET", path).json["components"]}
    for path in ("mfr/Nobody/X", "mfr/a/b/c/d", "lcsc/999999999999"):
        assert real.server.ask("GET", f"/v0/component/{path}").json == {"components": []}


def test_every_package_is_allowed_that_a_part_has(real: Real) -> None:
    reply = real.server.ask("GET", "/v1/components/packages/allowlist").json
    assert reply["available"] and len(reply["allowlists"]) > 60
    assert reply["summary"]["component_types"] == len(reply["allowlists"])
    for family in ("resistor", "crystal", "ldo"):
        rows = real.fast.execute(f"SELECT package FROM {family}_pick")
        assert set(reply["allowlists"][family]) == {row[0] for row in rows}


def test_each_wrong_query_is_told_and_refuses_all(real: Real) -> None:
    good = {"endpoint": "resistors", "qty": 1, "package": None, "resistance": None}
    bad = {"endpoint": "resistors", "qty": 1, "resistance": {"type": "BooleanSet", "data": {}}}
    unknown = {"lcsc": 999_999_999_999, "quantity": 1}
    none = {"manufacturer_name": "Nobody", "part_number": "X", "quantity": 1}
    reply = real.query([good, bad, unknown, none, good])
    assert reply.status == 400
    errors = reply.json["detail"]["errors"]
    assert [error is None for error in errors] == [True, False, False, False, True]
    assert errors[2]["message"] == "C999999999999 is not in the catalogue"
    assert "X of Nobody" in errors[3]["message"]
    assert real.query([]).json == {"results": []}
    assert real.query([good] * 1001).status == 422
    many = {"type": "EnumSet", "data": {"elements": [{"name": str(n)} for n in range(60)]}}
    assert "alternatives in all" in real.query([{**good, "package": many}] * 100).json["detail"]
    for body, status in ((b"{", 400), (b"[]", 422), (b'{"queries": 5}', 422), (b'{"a": 1}', 422)):
        assert real.server.ask("POST", "/v0/query", body).status == status


def test_a_key_in_the_address_is_enough(real: Real) -> None:
    sent = json.loads(RECORD.read_text())[0]
    digest = hashlib.sha256(b"board").hexdigest()
    with serving(real.layout, api_key_sha256=[digest]) as server:
        server.wait_for(real.layout.current.resolve().name)
        path, body, headers = sent["path"], sent["body"], sent["headers"]
        assert server.ask("POST", path, body, headers).status == 401
        assert server.ask("POST", f"/key/board{path}", body, headers).status == 200


def test_spoiled_requests_are_answered_or_refused(real: Real) -> None:
    chance = random.Random(11)
    bodies = [one["body"] for one in json.loads(RECORD.read_text()) if one["body"]]
    seen: dict[int, int] = {}
    connection = HTTPConnection("127.0.0.1", real.server.port, timeout=30)
    for _ in range(SPOILED):
        body = copy.deepcopy(chance.choice(bodies))
        for _ in range(chance.choice((1, 1, 2, 5))):
            _spoil(body, chance)
        try:
            data = json.dumps(body).encode()
        except ValueError:
            continue
        reply = ask(connection, "POST", "/v0/query", data)
        seen[reply.status] = seen.get(reply.status, 0) + 1
        if reply.status == 200:
            assert all("components" in one for one in reply.json["results"])
        else:
            assert reply.status in (400, 422) and reply.json["detail"], (reply.status, body)
    connection.close()
    assert seen.keys() == {200, 400, 422} and sum(seen.values()) > SPOILED * 0.9, seen
    assert "Traceback" not in real.server.log.read_text()


def _check_attributes(real: Real, number: int, family: str, attributes: Any) -> None:
    known = {"capacitor_polarized": "capacitors"}.get(family, f"{family}s")
    table = f"{family}_pick"
    row = None
    if known in TABLES:
        sql = f"SELECT * FROM {table} WHERE lcsc_id = ?"
        row = real.fast.execute(sql, (number,)).fetchone()
    if row is None:
        assert attributes == {}
        return
    for name, literal in attributes.items():
        column = TABLES[known][1][name]
        if name == "temperature_coefficient":
            names = [e["name"] for e in literal["data"]["elements"]] if literal else [None]
            assert names == [row[column[0]]] or literal is None
        elif literal is None:
            assert row[column[0]] is None or row[column[-1]] is None
        else:
            (interval,) = literal["data"]["intervals"]["data"]["intervals"]
            assert interval["data"] == {"min": row[column[0]], "max": row[column[-1]]}
            assert literal["data"]["unit"] == UNITS[column[0].rpartition("_")[2]]


def _spoil(body: Any, chance: random.Random) -> None:
    """Change one place of it, the deep ones as likely as the others."""
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        keys = list(value) if isinstance(value, dict) else range(len(value))
        for key in keys:
            places.append((value, key))
            # The enum's 200 names would be most of all places.
            if isinstance(value[key], dict | list) and key != "enum":
                walk(value[key])

    walk(body)
    if not places:
        return
    holder, key = chance.choice(places)
    action = chance.randrange(4)
    if action == 0 and isinstance(holder, dict):
        del holder[key]
    elif action == 1 and isinstance(holder, dict):
        holder[chance.choice(("lcsc", "endpoint", "part_number", "x", key))] = holder.pop(key)
    else:
        holder[key] = copy.deepcopy(chance.choice(HOSTILE))
