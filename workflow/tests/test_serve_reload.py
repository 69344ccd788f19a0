"""The server follows ``current``: no request fails, no reply comes from a snapshot that was not
current, nothing broken is ever served."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import pytest

from components.publish.hold import unheld
from components.testing.server import (
    ANY_QUERY,
    QUERY,
    Answer,
    Server,
    Site,
    ask,
    serving,
    wait_until,
)

SWAPS = 50
CLIENTS = 4


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("reload"))
    site.build("a", rows=2)
    site.build("b", rows=3)
    site.point("a")
    return site


@pytest.fixture
def server(site: Site) -> Iterator[Server]:
    site.point("a")
    with serving(site.layout) as running:
        running.wait_for("a")
        yield running


class Seen(NamedTuple):
    sent_ns: int
    answered_ns: int
    answer: Answer


class Client(threading.Thread):
    """Asks without pause over one connection until told to stop."""

    def __init__(self, port: int, number: int) -> None:
        super().__init__()
        self.seen: list[Seen] = []
        self.stop = threading.Event()
        self.error: Exception | None = None
        self._port = port
        batch = {"queries": [ANY_QUERY] * 300}
        self._requests = ((QUERY, ANY_QUERY), (QUERY + "/batch", batch), (QUERY, ANY_QUERY))
        self._turn = number

    def run(self) -> None:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            while not self.stop.is_set():
                path, body = self._requests[self._turn % len(self._requests)]
                self._turn += 1
                sent_ns = time.perf_counter_ns()
                answer = ask(connection, "POST", path, body)
                self.seen.append(Seen(sent_ns, time.perf_counter_ns(), answer))
        except Exception as error:
            self.error = error
        finally:
            connection.close()


def test_fifty_swaps_under_load_fail_no_request(site: Site, server: Server) -> None:
    # When each snapshot can have been current: from before its swap to after the next one.
    begun = [(time.perf_counter_ns(), "a")]
    ended = []
    clients = [Client(server.port, number) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for swap in range(SWAPS):
        name = "ab"[(swap + 1) % 2]
        begun.append((time.perf_counter_ns(), name))
        site.point(name)
        ended.append(time.perf_counter_ns())
        assert server.ask("POST", QUERY, ANY_QUERY).snapshot == name
    for client in clients:
        client.stop.set()
        client.join()
    ended.append(time.perf_counter_ns())
    spans = [(start, end, name) for (start, name), end in zip(begun, ended, strict=True)]
    assert [client.error for client in clients] == [None] * CLIENTS
    seen = [each for client in clients for each in client.seen]
    assert {each.answer.status for each in seen} == {200}
    assert {each.answer.snapshot for each in seen} == {"a", "b"}
    for each in seen:
        name = each.answer.snapshot
        assert any(
            start <= each.answered_ns and each.sent_ns <= end
            for start, end, current in spans
            if current == name
        ), f"{name} answered a request during which it was never current"
        assert _parts(each.answer) == {"a": {2}, "b": {3}}[name]
    assert server.ask("GET", "/v1/status").json["reloads"] == SWAPS + 1


def test_a_broken_snapshot_leaves_the_old_one_serving(site: Site, server: Server) -> None:
    def truncate(folder: Path) -> None:
        os.truncate(folder / "detail.sqlite", (folder / "detail.sqlite").stat().st_size - 4096)

    damages = {
        "no-sums": lambda folder: (folder / "SHA256SUMS").unlink(),
        "no-index": lambda folder: (folder / "lookup.idx").unlink(),
        "empty-index": lambda folder: os.truncate(folder / "lookup.idx", 0),
        "foreign-index": lambda folder: (folder / "lookup.idx").write_bytes(b"x" * 4096),
        "truncated": truncate,
        "no-json": lambda folder: (folder / "metadata.json").write_text("{"),
        "no-tables": lambda folder: shutil.copy(folder / "fast.sqlite", folder / "detail.sqlite"),
    }
    for name, damage in damages.items():
        damage(site.copy("b", name))
        site.point(name)
        answer = server.ask("POST", QUERY, ANY_QUERY)
        assert (answer.status, answer.snapshot) == (200, "a"), name
        status = server.ask("GET", "/v1/status").json
        assert status["status"] == "degraded" and status["snapshot_mismatch_vs_cache_dir"], name
        assert (status["snapshot"], status["current"]) == ("a", name)
        assert status["snapshot_error"], name
    metrics = server.ask("GET", "/metrics").body.decode()
    assert "components_snapshot_mismatch 1" in metrics
    site.point("b")
    assert server.ask("POST", QUERY, ANY_QUERY).snapshot == "b"
    status = server.ask("GET", "/v1/status").json
    assert (status["status"], status["snapshot_error"]) == ("ok", None)
    assert status["reload_failures"] >= len(damages)


def test_a_dangling_current_keeps_the_old_snapshot(site: Site, server: Server) -> None:
    for break_link in (lambda: site.point("gone"), site.layout.current.unlink):
        break_link()
        answer = server.ask("POST", QUERY, ANY_QUERY)
        assert (answer.status, answer.snapshot) == (200, "a")
        assert server.ask("GET", "/v1/status").json["snapshot_mismatch_vs_cache_dir"] is True
    site.point("a")
    assert server.ask("GET", "/v1/status").json["snapshot_mismatch_vs_cache_dir"] is False


def test_files_replaced_under_the_server_are_opened_anew(site: Site, server: Server) -> None:
    site.copy("a", "replaced")
    site.point("replaced")
    assert _parts(server.ask("POST", QUERY, ANY_QUERY)) == {2}
    folder = site.layout.snapshots / "replaced"
    for path in (site.layout.snapshots / "b").iterdir():
        staged = folder / f".tmp-{path.name}"
        shutil.copy(path, staged)
        staged.replace(folder / path.name)
    wait_until(lambda: _parts(server.ask("POST", QUERY, ANY_QUERY)) == {3}, "the new files")


def test_a_server_without_snapshot_answers_503_until_there_is_one(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with serving(site.layout) as server:
        for method, path, body in (
            ("POST", QUERY, ANY_QUERY),
            ("POST", QUERY + "/batch", {"queries": [ANY_QUERY]}),
            ("POST", "/v1/components/full", {"component_ids": [1]}),
            ("GET", "/v1/components/mfr/a/b", None),
            ("GET", "/healthz", None),
        ):
            answer = server.ask(method, path, body)
            assert (answer.status, answer.snapshot) == (503, "none"), path
            assert "make run" in answer.json["detail"]
        assert server.ask("GET", "/v1/status").json["status"] == "unavailable"
        assert server.ask("GET", "/metrics").status == 200
        site.build("first", rows=1)
        site.point("first")
        answer = server.ask("POST", QUERY, ANY_QUERY)
        assert (answer.status, answer.snapshot) == (200, "first")


def test_a_served_snapshot_is_held_and_an_old_one_let_go(site: Site, server: Server) -> None:
    folders = {name: site.layout.snapshots / name for name in "ab"}
    with unheld(folders["a"]) as free:
        assert not free
    site.point("b")
    assert server.ask("POST", QUERY, ANY_QUERY).snapshot == "b"
    with unheld(folders["a"]) as free:
        assert free
    with unheld(folders["b"]) as free:
        assert not free


def test_a_snapshot_whose_bytes_changed_is_refused_on_request(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.build("good", rows=1)
    bad = site.copy("good", "bad")
    content = (bad / "metadata.json").read_bytes()
    (bad / "metadata.json").write_bytes(content.replace(b'"schema_version"', b'"schema-version"'))
    site.point("good")
    with serving(site.layout, verify_hashes=True) as server:
        assert server.ask("GET", "/healthz").snapshot == "good"
        site.point("bad")
        assert server.ask("GET", "/healthz").snapshot == "good"
        error = server.ask("GET", "/v1/status").json["snapshot_error"]
        assert "metadata.json: differs from SHA256SUMS" in error


def _parts(answer: Answer) -> set[int]:
    """How many candidates each query of the request has."""
    content = answer.json
    return {each["total"] for each in content.get("results", [content])}
