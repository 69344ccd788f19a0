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

PARTS = 210  # three pages


def arguments(
    cache_dir: Path, upstream: Running, generation: str = "infos", **stage1: object
) -> list[str]:
    settings = {
        "upstream": {"bundled_port": upstream.port, "jlc_api_generation": generation},
        "stage1": {"retry_backoff_s": 0.01, "throttle_cooldown_s": 0.05, "workers": 8} | stage1,
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


def test_both_generations_hold_every_part_whatever_goes_wrong(tmp_path: Path) -> None:
    # A repeated key is asked for on its own: there are only two pages that can show it.
    faults = {"all": 0.1, "jlc/repeated_last_key": 0.8}
    with running(parts=PARTS, faults=faults, slow_s=0.05) as upstream:
        for generation in ("infos", "library"):
            assert cli.main(arguments(tmp_path / generation, upstream, generation)) == 0
        seen = upstream.stats()["faults"]
    assert seen["jlc/repeated_last_key"] > 0 and seen["jlc/reset"] > 0
    found = rows(tmp_path / "infos")
    assert found == rows(tmp_path / "library")
    assert len(found) == PARTS
    for row, part in zip(found, parts(PARTS), strict=True):
        assert row[:9] == (
            *(part.lcsc, part.category, part.subcategory, part.mfr.strip()),
            *(part.manufacturer or "", part.package, part.joints),
            *(int(part.is_basic), int(part.is_preferred)),
        )
        assert (row[9].strip(), row[11]) == (part.description.strip(), part.stock)
        assert [(p["qFrom"], p["qTo"] or -1, p["price"]) for p in json.loads(row[12])] == [
            tuple(price) for price in part.prices
        ]
        assert json.loads(row[13]).get("images", []) == list(part.images)


def test_answers_are_kept_raw_with_their_trace(tmp_path: Path) -> None:
    with running(parts=PARTS) as upstream:
        assert cli.main(arguments(tmp_path, upstream, "library")) == 0
    store = ObjectStore(Layout(tmp_path).objects)
    with reading(Layout(tmp_path).manifest) as connection:
        entries = list(read_entries(connection))
    pages = [entry for entry in entries if entry.artifact_type == "jlc_component_page"]
    details = [entry for entry in entries if entry.artifact_type == "jlc_component_detail"]
    assert len(pages) == 3 and {entry.lcsc_id for entry in pages} == {0}
    assert [entry.lcsc_id for entry in details] == [part.lcsc for part in parts(PARTS)]
    for entry in (pages[0], details[0]):
        assert len(json.loads(entry.source_meta_json)["trace_id"]) > 8
        assert json.loads(store.get(entry.stored_key))["code"] == 200
        assert entry.compare_ok == 1


def test_a_refresh_asks_only_for_details_that_changed(tmp_path: Path) -> None:
    with running(parts=PARTS) as upstream:
        assert cli.main(arguments(tmp_path, upstream)) == 0
        first = Layout(tmp_path).source.read_bytes()
        asked = upstream.stats()["services"]["jlc"]["requests"]
        assert cli.main(arguments(tmp_path, upstream)) == 0
        assert upstream.stats()["services"]["jlc"]["requests"] == asked + 3
    assert Layout(tmp_path).source.read_bytes() == first


def test_a_killed_crawl_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "src")}
    with running(parts=PARTS, latency_s=0.02) as upstream:
        whole = tmp_path / "whole"
        assert cli.main(arguments(whole, upstream)) == 0
        before = upstream.stats()["services"]["jlc"]["requests"]
        cut = tmp_path / "cut"
        command = [sys.executable, "-m", "components", *arguments(cut, upstream)]
        kills = 0
        while True:
            process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
            start = upstream.stats()["services"]["jlc"]["requests"]
            # Once while it walks the pages, then while it asks for details.
            wanted = start + (2 if kills == 0 else 60)
            while process.poll() is None and kills < 3:
                if upstream.stats()["services"]["jlc"]["requests"] >= wanted:
                    process.send_signal(signal.SIGKILL)
                    kills += 1
                    break
                time.sleep(0.002)
            if process.wait() == 0:
                break
        asked = upstream.stats()["services"]["jlc"]["requests"] - before
    assert kills == 3
    assert Layout(cut).source.read_bytes() == Layout(whole).source.read_bytes()
    # Each kill loses what its 8 workers had asked for, and what was not yet committed.
    assert PARTS + 3 <= asked <= PARTS + 3 + kills * (8 + 64)


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        ({"jlc/unauthorized": 1.0}, "HTTP 401"),
        ({"jlc/forbidden_message": 1.0}, "HTTP 403: No permission"),
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
