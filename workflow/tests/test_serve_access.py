"""Keys in every form that programs can send, compressed replies, and pages of other origins."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator

import pytest

from components.testing.server import ANY_QUERY, QUERY, Server, Site, first_part, serving

KEY = "a key that only this test knows"
IN_PATH = "/key/a%20key%20that%20only%20this%20test%20knows"
PAGE = "https://board.example"
ROWS = 400
PDF = b"%PDF-1.7\n" + b"text " * 20_000
GZIP = {"Accept-Encoding": "gzip, deflate"}
RESISTORS = "/jlcsearch/resistors/list"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("access"))
    site.build("only", ROWS, [{"datasheet_pdf": PDF, "model_obj": b"v 0 0 0\n" * 9000}])
    site.point("only")
    return site


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Server]:
    with serving(site.layout) as running:
        running.wait_for("only")
        yield running


@pytest.fixture(scope="module")
def guarded(site: Site) -> Iterator[Server]:
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    with serving(
        site.layout, api_key_sha256=[digest], cors_origins=[PAGE], access_log=True
    ) as running:
        running.wait_for("only")
        yield running


def test_a_key_is_taken_in_every_form(guarded: Server) -> None:
    none = {"Authorization": "Bearer None"}
    for path, headers in (
        ("", {"X-API-Key": KEY}),
        ("", {"Authorization": f"Bearer {KEY}"}),
        ("", {"Authorization": f"Token {KEY}"}),
        (IN_PATH, {}),
        (IN_PATH, none),
        ("", none | {"X-API-Key": KEY}),
    ):
        assert guarded.ask("GET", path + RESISTORS, headers=headers).status == 200, (path, headers)
        answer = guarded.ask("POST", path + QUERY, ANY_QUERY, headers)
        assert answer.status == 200 and answer.json["total"] == 50
        part = f"{path}/v1/components/C{first_part('resistor', ROWS)}"
        assert guarded.ask("HEAD", part, headers=headers).status == 200
    for path, headers in (
        ("", {}),
        ("", none),
        ("/key/wrong", {}),
        ("/key", {}),
        (f"/key{IN_PATH}", {}),
        ("", {"Authorization": f"Basic {KEY}"}),
    ):
        answer = guarded.ask("GET", path + RESISTORS, headers=headers)
        assert answer.status == 401, (path, headers)


def test_a_key_in_the_path_is_written_nowhere(guarded: Server) -> None:
    for path in (RESISTORS, "/nothing", "/v1/components/x", "/metrics", "/v1/status", "/", ""):
        for key in (IN_PATH, f"/key{IN_PATH}", "/key/another-secret", "/key/x/another-secret"):
            answer = guarded.ask("GET", key + path)
            told = answer.body.decode() + json.dumps(answer.headers)
            assert "only%20this" not in told and KEY not in told and "another-secret" not in told
    assert guarded.ask("GET", IN_PATH + "/nothing").status == 404
    assert guarded.process.stdout is not None
    os.set_blocking(guarded.process.stdout.fileno(), False)
    log = guarded.process.stdout.read().decode() + guarded.log.read_text()
    assert '"path":"/nothing"' in log and '"path":"/metrics"' in log
    assert "only this" not in log and "only%20" not in log and "another-secret" not in log


def test_a_key_where_none_is_needed_does_no_harm(server: Server) -> None:
    for path in (RESISTORS, "/healthz", "/openapi.json"):
        plain, keyed = server.ask("GET", path), server.ask("GET", "/key/any" + path)
        assert (plain.status, plain.body) == (keyed.status, keyed.body)


def test_long_replies_are_compressed_for_who_asks(server: Server) -> None:
    batch = {"queries": [ANY_QUERY | {"limit": 400}] * 40}
    for method, path, body in (
        ("GET", RESISTORS, None),
        ("GET", "/openapi.json", None),
        ("GET", "/metrics", None),
        ("POST", QUERY, ANY_QUERY | {"limit": 400}),
        ("POST", QUERY + "/batch", batch),
    ):
        plain = server.ask(method, path, body)
        answer = server.ask(method, path, body, GZIP)
        assert "content-encoding" not in plain.headers, path
        assert answer.headers["content-encoding"] == "gzip", path
        assert answer.headers["vary"] == "Accept-Encoding"
        assert len(answer.body) < len(plain.body) / 3, path
        unpacked = gzip.decompress(answer.body)
        assert path == "/metrics" or unpacked == plain.body, path
        if method == "GET" and path != "/metrics":
            head = server.ask("HEAD", path, headers=GZIP)
            assert head.body == b"" and head.headers["content-encoding"] == "gzip"
            assert head.headers.get("content-length") == answer.headers.get("content-length")
    for headers in ({"Accept-Encoding": "gzip;q=0"}, {"Accept-Encoding": "br"}):
        assert "content-encoding" not in server.ask("GET", RESISTORS, headers=headers).headers
    short = server.ask("POST", QUERY, ANY_QUERY | {"limit": 5}, GZIP)
    assert "content-encoding" not in short.headers and short.json["total"] == 5


def test_artifacts_and_their_ranges_are_sent_as_they_are(server: Server) -> None:
    for artifact in ("datasheet_pdf", "model_obj"):
        path = f"/v1/components/C{first_part('resistor', ROWS)}/{artifact}"
        plain, answer = server.ask("GET", path), server.ask("GET", path, headers=GZIP)
        assert answer.body == plain.body and "content-encoding" not in answer.headers
        assert answer.headers["etag"] == plain.headers["etag"]
        part = server.ask("GET", path, headers=GZIP | {"Range": "bytes=10-29999"})
        assert (part.status, part.body) == (206, plain.body[10:30000])
        head = server.ask("HEAD", path, headers=GZIP)
        assert head.headers["content-length"] == str(len(plain.body))


def test_other_origins_read_only_where_they_are_named(server: Server, guarded: Server) -> None:
    ask = {"Access-Control-Request-Method": "POST"}
    ask |= {"Access-Control-Request-Headers": "authorization,content-type"}
    preflight = guarded.ask("OPTIONS", QUERY, headers={"Origin": PAGE} | ask)
    assert preflight.status == 200 and preflight.snapshot == "only"
    assert preflight.headers["access-control-allow-origin"] == PAGE
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert "authorization" in preflight.headers["access-control-allow-headers"].lower()
    keyed = {"Origin": PAGE, "X-API-Key": KEY}
    for method, path, body in (
        ("POST", QUERY, ANY_QUERY),
        ("POST", QUERY, ANY_QUERY | {"qty": -1}),
        ("GET", RESISTORS, None),
        ("GET", "/nothing", None),
    ):
        answer = guarded.ask(method, path, body, keyed)
        assert answer.headers["access-control-allow-origin"] == PAGE, (path, body)
        assert "Origin" in answer.headers["vary"]
        assert "X-Snapshot" in answer.headers["access-control-expose-headers"]
    # A page must be able to tell that its key is wrong.
    refused = guarded.ask("GET", RESISTORS, headers={"Origin": PAGE})
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (401, PAGE)
    other = guarded.ask("POST", QUERY, ANY_QUERY, keyed | {"Origin": "https://else.example"})
    assert other.status == 200 and "access-control-allow-origin" not in other.headers
    wrong = guarded.ask("OPTIONS", QUERY, headers={"Origin": "https://else.example"} | ask)
    assert wrong.status == 400 and "access-control-allow-origin" not in wrong.headers
    for method in ("GET", "OPTIONS"):
        answer = server.ask(method, "/healthz", headers={"Origin": PAGE} | ask)
        assert not [name for name in answer.headers if name.startswith("access-control")]
