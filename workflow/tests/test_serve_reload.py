"""The server follows ``current``: no request fails, none waits for the new snapshot, no reply comes
from one that was not current yet, nothing broken is ever served."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import pytest

from components.publish.hold import hold, unheld
from components.serve.all_routes import labels
from components.serve.http.metrics import Metrics
from components.serve.reload import Current
from components.serve.server import open_engine
from components.serve.snapshot import Snapshot
from components.testing.server import (
    ANY_QUERY,
    QUERY,
    Answer,
    Server,
    Site,
    ask,
    first_part,
    serving,
    wait_until,
)

SWAPS = 50
CLIENTS = 4
LIMIT_S = 60


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
    # When each snapshot can have answered: from before its swap until the next one does.
    begun = [(time.perf_counter_ns(), "a")]
    ended = []
    clients = [Client(server.port, number) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for swap in range(SWAPS):
        name = "ab"[(swap + 1) % 2]
        begun.append((time.perf_counter_ns(), name))
        site.point(name)
        answers_from(server, name)
        ended.append(time.perf_counter_ns())
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
        ), f"{name} answered before it was current, or after the next one did"
        assert _parts(each.answer) == {"a": {2}, "b": {3}}[name]
    assert server.ask("GET", "/v1/status").json["reloads"] == SWAPS + 1


def answers_from(server: Server, name: str) -> None:
    """Ask until ``name`` answers."""

    def does() -> bool:
        return server.ask("POST", QUERY, ANY_QUERY).snapshot == name

    wait_until(does, f"an answer from {name}")


def test_the_old_one_answers_until_the_new_is_warm(site: Site) -> None:
    opener = partial(Snapshot.open, open_engine=open_engine(site.layout.library), hold=hold)
    warming, may_end = threading.Event(), threading.Event()

    def warm(snapshot: Snapshot) -> None:
        assert snapshot.name == "b" and snapshot.is_open
        warming.set()
        assert may_end.wait(LIMIT_S)

    async def swap() -> None:
        current = Current(site.layout.current, opener, Metrics(labels(), 1), warm)
        first = await current.fresh()
        # Nobody could have answered meanwhile.
        assert first is not None and first.name == "a" and not warming.is_set()
        first.acquire()
        site.point("b")
        assert await current.fresh() is first
        assert await asyncio.to_thread(warming.wait, LIMIT_S)
        assert [await current.fresh() for _ in range(3)] == [first] * 3
        may_end.set()
        deadline_s = time.monotonic() + LIMIT_S
        while (second := await current.fresh()) is first and time.monotonic() < deadline_s:
            await asyncio.sleep(0.001)
        assert second is not None and second.name == "b"
        # A request that had begun keeps the old one, and the last of them lets it go.
        assert first.is_open
        first.release()
        assert not first.is_open
        current.close()

    site.point("a")
    asyncio.run(swap())


def test_what_cannot_be_warmed_is_not_served(site: Site) -> None:
    opener = partial(Snapshot.open, open_engine=open_engine(site.layout.library), hold=hold)

    def warm(snapshot: Snapshot) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    async def swap() -> None:
        current = Current(site.layout.current, opener, Metrics(labels(), 1), warm)
        first = await current.fresh()
        site.point("b")
        await current.look()
        assert await current.fresh() is first and first is not None and first.is_open
        assert "malformed" in str(current.error)
        current.close()

    site.point("a")
    asyncio.run(swap())
    with unheld(site.layout.snapshots / "b") as free:
        assert free


def test_what_was_read_of_a_snapshot_goes_with_it(site: Site, server: Server) -> None:
    for path in (
        "/v1/components/search?q=10k",
        "/v1/components/families",
        "/kicad/v1/categories.json",
    ):
        assert server.ask("GET", path).status == 200, path
    site.point("b")
    answers_from(server, "b")
    maps = Path(f"/proc/{server.process.pid}/maps")

    def is_gone() -> bool:
        return str(site.layout.snapshots / "a") not in maps.read_text()

    wait_until(is_gone, "the old snapshot's files being let go")
    assert str(site.layout.snapshots / "b") in maps.read_text()


def test_a_snapshot_of_an_earlier_version_is_served(site: Site, server: Server) -> None:
    """As after an update, and after a rollback to one that lacks columns and families."""
    older = site.copy("a", "older")
    with closing(sqlite3.connect(older / "fast.sqlite")) as db:
        db.execute("ALTER TABLE resistor_pick DROP COLUMN tempco_ppm")
        for table in ("led_pick", "fuse_pick"):
            db.execute(f"DROP TABLE {table}")
        db.commit()
    site.point("older")
    server.wait_for("older")
    number = first_part("resistor", 2)
    part = server.ask("GET", f"/v1/components/C{number}")
    assert part.status == 200
    assert json.loads(part.body)["parameters"]["tempco_ppm"] is None
    for path, rows in (("resistors", 2), ("leds", 0), ("fuses", 0)):
        listed = server.ask("GET", f"/jlcsearch/{path}/list.json")
        assert listed.status == 200
        assert len(json.loads(listed.body)[path]) == rows, path
    for path in ("/", "/families/resistor?tempco_ppm.max=100", "/v1/components/families"):
        assert server.ask("GET", path).status == 200, path


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
        refuses(server, name)
        answer = server.ask("POST", QUERY, ANY_QUERY)
        assert (answer.status, answer.snapshot) == (200, "a"), name
        status = server.ask("GET", "/v1/status").json
        assert status["status"] == "degraded" and status["snapshot_mismatch_vs_cache_dir"], name
        assert (status["snapshot"], status["current"]) == ("a", name)
        assert status["snapshot_error"], name
    metrics = server.ask("GET", "/metrics").body.decode()
    assert "components_snapshot_mismatch 1" in metrics
    site.point("b")
    answers_from(server, "b")
    status = server.ask("GET", "/v1/status").json
    assert (status["status"], status["snapshot_error"]) == ("ok", None)
    assert status["reload_failures"] >= len(damages)


def error_of(server: Server) -> str:
    """Why the server does not serve what ``current`` names."""
    return str(server.ask("GET", "/v1/status").json["snapshot_error"])


def refuses(server: Server, text: str) -> None:
    """Wait until the server says why it does not serve ``text``."""
    wait_until(lambda: text in error_of(server), f"the refusal of {text}")


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
    answers_from(server, "replaced")
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
    answers_from(server, "b")
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
        refuses(server, "metadata.json")
        assert "metadata.json: differs from SHA256SUMS" in error_of(server)
        assert server.ask("GET", "/healthz").snapshot == "good"


def _parts(answer: Answer) -> set[int]:
    """How many candidates each query of the request has."""
    content = answer.json
    return {each["total"] for each in content.get("results", [content])}
