"""The catalogue from JLC's API, by the real command against the bundled upstream."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from components import cli
from components.bundled.catalogue import parts
from components.bundled.server import Running, running
from components.core.layout import Layout
from components.core.project import PROJECT
from components.fetch.manifest import read_entries, reading
from components.source.catalogue import open_catalogue
from components.store.object_store import ObjectStore

PARTS = 210
PAGES = 4  # the last one has no parts


def arguments(cache_dir: Path, upstream: Running, **stage1: object) -> list[str]:
    settings = {
        "upstream": {"bundled_port": upstream.port},
        "stage1": {
            "retry_backoff_s": 0.01,
            "throttle_cooldown_s": 0.05,
            "workers": 8,
            "where": "1",
            **stage1,
        },
    }
    return [
        *("fetch-catalogue", "--settings", json.dumps(settings), "--cache-dir", str(cache_dir)),
        *("--output", str(Layout(cache_dir).source)),
    ]


def rows(cache_dir: Path) -> list[tuple[Any, ...]]:
    with closing(open_catalogue(Layout(cache_dir).source)) as connection:
        return connection.execute(
            "SELECT lcsc, category, subcategory, mfr, manufacturer, package, joints, basic, "
            "preferred, description, datasheet, stock, price, extra FROM parts ORDER BY lcsc"
        ).fetchall()


def test_every_part_is_there_whatever_goes_wrong(tmp_path: Path) -> None:
    faults = {"all": 0.3, "jlc/repeated_last_key": 0.3}
    with running(parts=PARTS, faults=faults, slow_s=0.05) as upstream:
        assert cli.main(arguments(tmp_path, upstream, retry_attempts=6)) == 0
        seen = upstream.stats()["faults"]
    assert seen.keys() & {f"jlc/{kind}" for kind in ("reset", "truncated", "server_error")}
    found = rows(tmp_path)
    assert len(found) == PARTS
    for row, part in zip(found, parts(PARTS), strict=True):
        assert row[:9] == (
            *(part.lcsc, part.category, part.subcategory, part.mfr.strip()),
            *(part.manufacturer or "", part.package, part.joints, int(part.is_basic), None),
        )
        assert (row[9].strip(), row[11]) == (part.description.strip(), part.stock)
        assert [(p["qFrom"], p["qTo"] or -1, p["price"]) for p in json.loads(row[12])] == [
            tuple(price) for price in part.prices
        ]


def test_each_fault_of_the_list_is_overcome(tmp_path: Path) -> None:
    """Each kind alone, on half of the attempts; a refused cursor begins the list anew."""
    for kind in ("throttled", "throttled_code", "repeated_last_key", "refused_key"):
        with running(parts=PARTS, faults={f"jlc/{kind}": 0.4}, seed=3) as upstream:
            for _ in range(4):
                if cli.main(arguments(tmp_path / kind, upstream)) == 0:
                    break
            assert upstream.stats()["faults"][f"jlc/{kind}"] > 0, kind
        assert len(rows(tmp_path / kind)) == PARTS, kind


def test_answers_are_kept_raw_with_their_trace(tmp_path: Path) -> None:
    with running(parts=PARTS) as upstream:
        assert cli.main(arguments(tmp_path, upstream)) == 0
    store = ObjectStore(Layout(tmp_path).objects)
    with reading(Layout(tmp_path).manifest) as connection:
        entries = list(read_entries(connection))
    pages = [entry for entry in entries if entry.artifact_type == "jlc_component_page"]
    details = [entry for entry in entries if entry.artifact_type == "jlc_component_detail"]
    assert len(pages) == PAGES and {entry.lcsc_id for entry in pages} == {0}
    assert [entry.lcsc_id for entry in details] == [part.lcsc for part in parts(PARTS)]
    assert len({entry.stored_key for entry in details}) == 1
    for entry in (pages[0], details[0]):
        trace = json.loads(entry.source_meta_json)["trace_id"]
        assert len(trace) > 8
        assert trace in (Layout(tmp_path).source.parent / "calls.log").read_text()
        assert json.loads(store.get(entry.stored_key))["code"] == 200
        assert entry.compare_ok == 1


def test_a_refresh_asks_for_the_list_alone(tmp_path: Path) -> None:
    with running(parts=PARTS) as upstream:
        assert cli.main(arguments(tmp_path, upstream)) == 0
        first = Layout(tmp_path).source.read_bytes()
        asked = upstream.stats()["services"]["jlc"]["requests"]
        assert asked == PAGES + 1
        assert cli.main(arguments(tmp_path, upstream)) == 0
        assert upstream.stats()["services"]["jlc"]["requests"] == asked + PAGES
    assert Layout(tmp_path).source.read_bytes() == first


def test_a_killed_crawl_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "src")}
    with running(parts=PARTS, latency_s=0.05) as upstream:
        whole = tmp_path / "whole"
        assert cli.main(arguments(whole, upstream)) == 0
        before = upstream.stats()["services"]["jlc"]["requests"]
        cut = tmp_path / "cut"
        command = [sys.executable, "-m", "components", *arguments(cut, upstream)]
        for kill_after in (*range(1, PAGES + 2), None):
            process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
            while process.poll() is None and kill_after is not None:
                asked = upstream.stats()["services"]["jlc"]["requests"] - before
                if asked >= kill_after:
                    process.send_signal(signal.SIGKILL)
                time.sleep(0.002)
            code = process.wait()
        asked = upstream.stats()["services"]["jlc"]["requests"] - before
    assert code == 0
    assert Layout(cut).source.read_bytes() == Layout(whole).source.read_bytes()
    # Each kill loses the one request that was under way.
    assert PAGES + 1 <= asked <= PAGES + 1 + PAGES + 1


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        ({"jlc/unauthorized": 1.0}, "does not accept the credentials (HTTP 401"),
        ({"jlc/forbidden_message": 1.0}, "refuses (HTTP 403: No permission"),
        ({"jlc/no_such_route": 1.0}, "no such route (HTTP 401: API not exists"),
    ],
)
def test_a_refused_account_is_told_at_once(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    faults: Mapping[str, float],
    reason: str,
) -> None:
    with running(parts=PARTS, faults=faults) as upstream:
        assert cli.main(arguments(tmp_path, upstream)) == 1
        assert upstream.stats()["services"]["jlc"]["requests"] == 1
    message = capsys.readouterr().err
    assert reason in message and "bundled-" not in message
    assert not Layout(tmp_path).source.exists()


def test_a_list_that_never_ends_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(parts=PARTS, faults={"jlc/repeated_last_key": 1.0}) as upstream:
        assert cli.main(arguments(tmp_path, upstream, retry_attempts=1)) == 1
        assert "repeats an earlier one" in capsys.readouterr().err
        # Two good answers after two bad ones: the crawl goes on where it stood.
        for _ in range(20):
            if cli.main(arguments(tmp_path, upstream, retry_attempts=1)) == 0:
                break
    assert len(rows(tmp_path)) == PARTS


def test_live_needs_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("JLC_APP_ID", "JLC_ACCESS_KEY", "JLC_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    settings = json.dumps({"upstream": {"kind": "live"}})
    output = str(tmp_path / "s.sqlite")
    verb = ["fetch-catalogue", "--settings", settings, "--cache-dir", str(tmp_path)]
    assert cli.main([*verb, "--output", output]) == 2
    assert "JLC_APP_ID, JLC_ACCESS_KEY, JLC_SECRET_KEY: not set" in capsys.readouterr().err


def test_the_schema_is_that_of_jlcparts(tmp_path: Path) -> None:
    with running(parts=PARTS) as upstream:
        assert cli.main(arguments(tmp_path, upstream)) == 0
    with closing(sqlite3.connect(Layout(tmp_path).source)) as connection:
        row = connection.execute(
            "SELECT category, manufacturer, jlc_extra FROM v_components WHERE lcsc = ?",
            (parts(PARTS)[0].lcsc,),
        ).fetchone()
        dates = connection.execute("SELECT DISTINCT last_update FROM components").fetchall()
    assert row[:2] == (parts(PARTS)[0].category, parts(PARTS)[0].manufacturer or "")
    names = [item["parameterName"] for item in json.loads(row[2])["attributes"]]
    assert names == [name for name, _ in parts(PARTS)[0].attributes]
    assert dates == [(1_767_225_600,)]
