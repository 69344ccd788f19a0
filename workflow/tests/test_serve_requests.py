"""What the server answers, and how it refuses: each bad request gets a clear error, and the server
goes on."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
from fastapi.routing import APIRoute

from components.families import FAMILIES
from components.serve.all_routes import declared
from components.testing.server import (
    ANY_QUERY,
    FULL,
    QUERY,
    Answer,
    Server,
    Site,
    ask,
    first_part,
    serving,
    unread,
    wait_until,
)

ROWS = 400
KEY = "a key that only this test knows"
ARTIFACTS = {"datasheet_pdf": b"%PDF-1.7\n"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("requests"))
    site.build("only", ROWS, [ARTIFACTS])
    site.point("only")
    return site


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Server]:
    with serving(site.layout, max_body_bytes=1 << 20) as running:
        running.wait_for("only")
        yield running


@pytest.fixture(autouse=True)
def alive(server: Server) -> Iterator[None]:
    yield
    assert server.ask("POST", QUERY, ANY_QUERY).status == 200


def test_every_family_is_answered_alone_and_in_a_batch(server: Server) -> None:
    queries = [{"component_type": family.name, "limit": 1} for family in FAMILIES]
    single = [server.ask("POST", QUERY, query).json for query in queries]
    for family, reply in zip(FAMILIES, single, strict=True):
        assert reply["component_type"] == family.name
        assert reply["total"] == 1
        (candidate,) = reply["candidates"]
        assert candidate["lcsc_id"] == first_part(family.name, ROWS)
        assert candidate["pick_parameters"]["package"] == "0402"
    batch = server.ask("POST", QUERY + "/batch", {"queries": queries}).json
    assert batch == {"results": single, "total_queries": len(queries)}


@pytest.mark.parametrize(
    ("body", "statuses", "named"),
    [
        (b"", {400, 422}, ""),
        (b"{", {400}, ""),
        (b"\xff\xfe", {400}, ""),
        (b"[]", {400, 422}, ""),
        (b"null", {400, 422}, ""),
        (b"[" * 100_000, {400, 422}, ""),
        ({}, {400, 422}, "component_type"),
        ({"component_type": "flux_capacitor"}, {400, 422}, "component_type"),
        ({"component_type": 5}, {400, 422}, "component_type"),
        (ANY_QUERY | {"colour": "red"}, {400, 422}, "colour"),
        (ANY_QUERY | {"exact": {"capacitance_f": 1}}, {400, 422}, "capacitance_f"),
        (ANY_QUERY | {"ranges": {"resistance_ohm": {"minimum": 2, "maximum": 1}}}, {400, 422}, "r"),
        (b'{"component_type":"resistor","exact":{"resistance_ohm":NaN}}', {400, 422}, ""),
        (b'{"component_type":"resistor","exact":{"resistance_ohm":1e999}}', {400, 422}, "r"),
        (ANY_QUERY | {"limit": 0}, {400, 422}, "limit"),
        (ANY_QUERY | {"limit": 501}, {400, 422}, "limit"),
        (ANY_QUERY | {"limit": "many"}, {400, 422}, "limit"),
        (ANY_QUERY | {"qty": -1}, {400, 422}, "qty"),
        (b" " * (2 << 20), {413}, "body"),
        (b" " * (10 << 20), {413}, "body"),
    ],
)
def test_a_bad_query_is_refused_by_name(
    server: Server, body: object, statuses: set[int], named: str
) -> None:
    answer = server.ask("POST", QUERY, body)
    assert answer.status in statuses
    assert named in answer.json["detail"]
    assert answer.snapshot == "only"


def test_a_bad_batch_is_refused(server: Server) -> None:
    for queries in ([], [ANY_QUERY] * 1001, [ANY_QUERY, {"component_type": "none"}], "x", None):
        answer = server.ask("POST", QUERY + "/batch", {"queries": queries})
        assert answer.status in {400, 422}
        assert "queries" in answer.json["detail"]


def test_other_paths_and_methods_are_refused(server: Server) -> None:
    answer = server.ask("GET", QUERY)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert server.ask("DELETE", "/healthz").status == 405
    answer = server.ask("GET", "/v1/nothing")
    assert (answer.status, answer.snapshot) == (404, "only") and "/docs" in answer.json["detail"]
    assert server.ask("GET", "/..%2f..%2fetc/passwd").status == 404
    answer = server.ask("GET", "/healthz", headers={"Origin": "http://elsewhere.test"})
    assert not {name for name in answer.headers if name.startswith("access-control")}
    assert "server" not in answer.headers


def test_head_is_answered_wherever_get_is(server: Server) -> None:
    number = first_part("resistor", ROWS)
    values = {"manufacturer": "Maker", "part_number": "resistor-0", "lcsc_id": str(number)}
    for route in declared():
        if route.method != "GET" or not isinstance(route.route, APIRoute):
            continue
        path = re.sub(r"\{(\w+)(:\w+)?\}", lambda found: values.get(found[1], "x"), route.path)
        get, head = server.ask("GET", path), server.ask("HEAD", path)
        assert (head.status, head.body) == (get.status, b""), path
        assert head.headers.get("content-type") == get.headers.get("content-type"), path


def test_a_manufacturers_number_is_found_whatever_its_case(server: Server) -> None:
    number = first_part("resistor", ROWS)
    for path in (
        *("Maker/resistor-0", "MAKER/Resistor-0", "maker/resistor%2D0", "ma%2Fker/resistor-0"),
        "Maker%20Electronics%20Co.,%20Ltd./resistor-0",
    ):
        answer = server.ask("GET", f"/v1/components/mfr/{path}")
        assert answer.json == {"component_ids": [number], "total": 1}, path
    for path in (
        "Maker/none",
        "Maker/a%2Fb",
        "No%2FMaker/resistor-0",
        "%00/%27%22",
        "Maker/a/b",
        "x/%0A",
    ):
        answer = server.ask("GET", f"/v1/components/mfr/{path}")
        assert (answer.status, answer.json) == (200, {"component_ids": [], "total": 0}), path


def test_docs_describe_every_route(server: Server) -> None:
    page = server.ask("GET", "/docs")
    assert b"/openapi.json" in page.body and "://" not in page.body.decode()
    document = server.ask("GET", "/openapi.json").json
    assert set(document["paths"]) == {
        QUERY,
        QUERY + "/batch",
        FULL,
        "/v1/components/mfr/{manufacturer}/{part_number}",
        "/v1/components/search",
        "/v1/components/bom",
        "/v1/components/families",
        "/v1/components/{lcsc_id}",
        "/v1/components/{lcsc_id}/{artifact_type}",
        "/v1/changes",
        "/healthz",
        "/v1/status",
        "/metrics",
        "/jlcsearch/tables",
        "/jlcsearch/{table}/list",
        "/jlcsearch/components/list",
        "/jlcsearch/api/search",
        "/v1/components/packages/allowlist",
        "/v0/query",
        "/v0/query/resistors",
        "/v0/query/capacitors",
        "/v0/query/inductors",
        "/v0/component/lcsc/{lcsc_id}",
        "/v0/component/mfr/{manufacturer}/{part_number}",
        "/kicad/v1/",
        "/kicad/v1/categories.json",
        "/kicad/v1/parts/category/{category}.json",
        "/kicad/v1/parts/{part}.json",
    }
    content = document["paths"][QUERY]["post"]["requestBody"]["content"]["application/json"]
    assert len(content["examples"]) == len(FAMILIES)
    for example in content["examples"].values():
        answer = server.ask("POST", QUERY, example["value"])
        assert answer.status == 200 and answer.json["total"], example
    schema = document["components"]["schemas"]["ResistorRanges"]["properties"]
    assert {"resistance_ohm", "resistance"} <= set(schema)
    content = document["paths"][QUERY + "/batch"]["post"]["requestBody"]["content"]
    (example,) = content["application/json"]["examples"].values()
    answer = server.ask("POST", QUERY + "/batch", example["value"])
    assert answer.status == 200 and all(one["total"] for one in answer.json["results"])


def test_a_part_s_number_is_taken_as_people_write_it(server: Server) -> None:
    part = first_part("resistor", ROWS)
    for written in (part, str(part), f"C{part}", f"c{part}"):
        answer = server.ask("POST", FULL, {"component_ids": [written]})
        assert answer.status == 200 and b'"unknown_ids":[]' in answer.body, written
        lines = [{"designators": ["U1"], "lcsc": written}]
        (line,) = server.ask("POST", "/v1/components/bom", {"lines": lines}).json["lines"]
        assert line["part"]["lcsc_id"] == part, written
        answer = server.ask("GET", f"/v1/components/{written}")
        assert answer.json["lcsc_id"] == part
        (found,) = server.ask("GET", f"/v1/components/search?q={written}").json["components"]
        assert found["lcsc_id"] == part


def test_an_unknown_package_is_refused_with_near_names(server: Server) -> None:
    for package in ("0402X", "R0402X", "O402"):
        answer = server.ask("POST", QUERY, ANY_QUERY | {"package": package})
        assert answer.status == 422 and f"'{package}'; nearly so: 0402" in answer.json["detail"]
    for known in ("R0402", "0402"):
        answer = server.ask("POST", QUERY, ANY_QUERY | {"package": known, "qty": 2**50})
        assert answer.json["candidates"] == []
    queries = [ANY_QUERY | {"package": "O402"}, ANY_QUERY]
    answer = server.ask("POST", QUERY + "/batch", {"queries": queries})
    assert [bool(one["total"]) for one in answer.json["results"]] == [False, True]


def test_status_and_metrics_tell_of_the_snapshot(server: Server) -> None:
    status = server.ask("GET", "/v1/status").json
    assert (status["status"], status["snapshot"], status["current"]) == ("ok", "only", "only")
    assert status["snapshot_mismatch_vs_cache_dir"] is False
    assert status["counts"]["pickable"] == dict.fromkeys((f.name for f in FAMILIES), ROWS)
    assert status["counts"]["assets"] == dict.fromkeys(ARTIFACTS, 1)
    assert status["data_age_s"] > 0
    assert status["limits"]["max_body_bytes"] == 1 << 20
    before = _metric(server, 'components_http_requests_total{route="query",status="200"}')
    server.ask("POST", QUERY, ANY_QUERY)
    after = _metric(server, 'components_http_requests_total{route="query",status="200"}')
    assert after == before + 1
    assert _metric(server, 'components_snapshot_info{snapshot="only"}') == 1
    assert _metric(server, "components_snapshot_mismatch") == 0


def test_keys_are_asked_for_where_they_are_configured(site: Site) -> None:
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    with serving(site.layout, api_key_sha256=[digest], access_log=True) as server:
        for path in (QUERY, QUERY + "/batch", FULL):
            assert server.ask("POST", path, ANY_QUERY).status == 401
        for path in ("/v1/status", "/metrics", "/openapi.json", "/v1/nothing"):
            answer = server.ask("GET", path, headers={"X-API-Key": "wrong"})
            assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
        # The page asks for the key that the description needs.
        for path in ("/healthz", "/docs", "/docs/page/docs.js", "/docs/swagger/swagger-ui.css"):
            assert server.ask("GET", path).status == 200
        for headers in ({"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}):
            assert server.ask("POST", QUERY, ANY_QUERY, headers).status == 200
        document = server.ask("GET", "/openapi.json", headers={"X-API-Key": KEY}).json
        assert "401" in document["paths"][QUERY]["post"]["responses"]
        assert KEY not in server.log.read_text()


def test_the_access_log_has_a_line_for_each_request(site: Site) -> None:
    with serving(site.layout, access_log=True) as server:
        server.ask("POST", QUERY, ANY_QUERY)
        server.ask("POST", QUERY, {})
        server.ask("GET", "/v1/nothing?key=not-logged")
        assert server.process.stdout is not None
        lines = [json.loads(server.process.stdout.readline()) for _ in range(3)]
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("POST", QUERY, 200),
        ("POST", QUERY, 422),
        ("GET", "/v1/nothing", 404),
    ]
    assert all(line["size_bytes"] > 0 and line["client"] == "127.0.0.1" for line in lines)


def test_requests_beyond_the_limit_get_429_at_once(site: Site) -> None:
    with serving(site.layout, max_concurrency=2) as server:
        large = {"queries": [ANY_QUERY | {"limit": 500}] * 1000}
        waiting = [unread(server, QUERY + "/batch", large) for _ in range(2)]
        refused: list[Answer] = []

        def is_refused() -> bool:
            refused[:] = [server.ask("POST", QUERY, ANY_QUERY)]
            return refused[0].status == 429

        wait_until(is_refused, "a refusal")
        assert refused[0].headers["retry-after"] == "1"
        assert server.ask("GET", "/healthz").status == 200
        assert server.ask("GET", "/v1/status").json["requests_in_flight"] == 3
        for connection in waiting:
            connection.close()
        wait_until(lambda: server.ask("POST", QUERY, ANY_QUERY).status == 200, "an answer")


def test_one_connection_carries_refusals_and_answers(server: Server) -> None:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    for body, status in ((ANY_QUERY, 200), ({}, 422), (ANY_QUERY, 200)):
        answer = ask(connection, "POST", QUERY, body)
        assert answer.status == status or (status, answer.status) == (422, 400)
    connection.close()


def _metric(server: Server, name: str) -> float:
    text = server.ask("GET", "/metrics").body.decode()
    (value,) = (line.rsplit(" ", 1)[1] for line in text.splitlines() if line.startswith(name + " "))
    return float(value)
