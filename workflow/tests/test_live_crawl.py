"""The live mode against a JLC of the test's own: what a crawl asks for, and where it goes on."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from components import cli
from components.core.layout import Layout
from components.core.project import PROJECT
from components.fetch.manifest import reading
from components.testing.jlc import A_PAGE, CREDENTIALS, LiveJlc, serving

COUNT = 2500
PAGES = COUNT // A_PAGE + 1  # the last one is no list
BATCHES = 3


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


def arguments(cache_dir: Path, base: str, *words: str, **changes: Any) -> list[str]:
    settings = {
        "upstream": {"kind": "live", "jlc_api_base_url": base} | changes.pop("upstream", {}),
        "stage1": {"retry_backoff_s": 0.01, "requests_per_second": {"jlc": 0}} | changes,
    }
    return [
        *("fetch-catalogue", "--settings", json.dumps(settings), "--cache-dir", str(cache_dir)),
        *("--output", str(Layout(cache_dir).source), *words),
    ]


def query(cache_dir: Path, text: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(Layout(cache_dir).source)) as db:
        return db.execute(text).fetchall()


def known(cache_dir: Path) -> int:
    text = "SELECT count(*) FROM components WHERE jlc_extra LIKE '%Resistance%'"
    return int(query(cache_dir, text)[0][0])


def meta(cache_dir: Path) -> dict[str, str]:
    return dict(query(cache_dir, "SELECT key, value FROM meta"))


def test_details_that_cannot_be_had_leave_a_whole_list(tmp_path: Path) -> None:
    jlc = LiveJlc(COUNT, details_denied=True)
    with serving(jlc) as base:
        assert cli.main(arguments(tmp_path, base)) == 0
        assert (jlc.calls["list"], jlc.calls["denied"]) == (PAGES, 1)
        assert known(tmp_path) == 0 and len(query(tmp_path, "SELECT 1 FROM components")) == COUNT
        said = meta(tmp_path)
        assert said["details_lacking"] == said["details_selected"] == str(COUNT)
        assert "under review" in said["details_note"] and "Trace" not in said["details_note"]
        jlc.details_denied = False
        assert cli.main(arguments(tmp_path, base)) == 0
        assert known(tmp_path) == COUNT and meta(tmp_path)["details_lacking"] == "0"
        # What was known stays when the service falls silent again.
        jlc.details_denied, jlc.day = True, 2
        assert cli.main(arguments(tmp_path, base, detail_max_age_days=1e-9)) == 0
    assert known(tmp_path) == COUNT
    assert query(tmp_path, "SELECT stock FROM components WHERE lcsc = 5002") == [(jlc.stock(1),)]


def test_a_forgotten_cursor_begins_anew_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    jlc = LiveJlc(COUNT, forgets={12})
    with serving(jlc) as base:
        assert cli.main(arguments(tmp_path, base)) == 0
    said = capsys.readouterr().err
    assert "lastKey is invalid or expired" in said and "beginning it anew" in said
    assert "J-Trace-ID trace-0000" in said
    assert jlc.pages == [*range(12), *range(PAGES)] and known(tmp_path) == COUNT


def test_killed_after_any_page_it_goes_on_there(tmp_path: Path) -> None:
    jlc = LiveJlc(COUNT, latency_s=0.03)
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "src")}
    kills = (1, 2, 9, 17, PAGES - 1, PAGES, PAGES + 1)
    with serving(jlc) as base:
        command = [sys.executable, "-m", "components", *arguments(tmp_path, base)]
        for kill_after in (*kills, None):
            process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
            while process.poll() is None:
                if kill_after is not None and jlc.calls["all"] >= kill_after:
                    process.send_signal(signal.SIGKILL)
                time.sleep(0.002)
        assert process.returncode == 0
    assert known(tmp_path) == COUNT
    assert sorted(set(jlc.pages)) == list(range(PAGES))
    assert jlc.calls["all"] <= PAGES + BATCHES + len(kills)


def test_out_of_time_it_stops_cleanly_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    jlc = LiveJlc(COUNT, latency_s=0.12)
    with serving(jlc) as base:
        assert cli.main(arguments(tmp_path, base, crawl_budget_s=3)) == 1
        said = capsys.readouterr().err
        assert "stage1.crawl_budget_s (3 s) is used up; the list is read up to page" in said
        assert "run again to go on" in said and not Layout(tmp_path).source.exists()
        assert 0 < jlc.calls["all"] < PAGES
        # Enough for the rest, however busy the machine is.
        assert cli.main(arguments(tmp_path, base, crawl_budget_s=120)) == 0
        assert jlc.calls["all"] == PAGES + BATCHES and known(tmp_path) == COUNT
        # With a catalogue, a crawl that is cut short leaves that one in place.
        before = Layout(tmp_path).source.read_bytes()
        jlc.day, jlc.latency_s = 2, 0.06
        assert cli.main(arguments(tmp_path, base, crawl_budget_s=0.5)) == 0
    assert "the earlier catalogue stays" in capsys.readouterr().err
    assert Layout(tmp_path).source.read_bytes() == before


def test_only_what_is_new_changed_or_old_is_asked_for(tmp_path: Path) -> None:
    jlc = LiveJlc(2000)
    with serving(jlc) as base:
        assert cli.main(arguments(tmp_path, base, where="stock > 2500")) == 0
        first = sum(jlc.wanted)
        assert first == sum(jlc.stock(n) > 2500 for n in range(2000))
        jlc.count = 2100
        assert cli.main(arguments(tmp_path, base, where="stock > 2500")) == 0
        assert sum(jlc.wanted) - first == sum(jlc.stock(n) > 2500 for n in range(2000, 2100))
    with reading(Layout(tmp_path).manifest) as db:
        # The pages of the first crawl are no longer needed, and `prune` may have them.
        pages = db.execute(
            "SELECT count(*) FROM fetch_manifest WHERE artifact_type = 'jlc_component_page'"
        ).fetchone()[0]
    assert pages == 2100 // A_PAGE + 1


def test_a_route_of_ones_own_takes_one_code_a_request(tmp_path: Path) -> None:
    jlc = LiveJlc(30, single="/mine/getComponentDetail")
    with serving(jlc) as base:
        upstream = {"jlc_component_detail_path": jlc.single}
        assert cli.main(arguments(tmp_path, base, upstream=upstream)) == 0
        assert known(tmp_path) == 30 and jlc.calls["all"] == 2 + 30
        upstream = {"jlc_component_detail_path": "/overseas/openapi/component/getComponentDetail"}
        assert cli.main(arguments(tmp_path / "b", base, upstream=upstream)) == 0
    assert "no such route" in meta(tmp_path / "b")["details_note"]
    assert len(query(tmp_path / "b", "SELECT 1 FROM components")) == 30


def test_preferred_parts_come_from_a_list(tmp_path: Path) -> None:
    numbers = tmp_path / "preferred.txt"
    numbers.write_text("C5003\n5004\n")
    with serving(LiveJlc(10)) as base:
        words = ("--preferred-parts", str(numbers))
        assert cli.main(arguments(tmp_path / "cache", base, *words)) == 0
    text = "SELECT lcsc, preferred FROM components WHERE lcsc < 5005"
    assert query(tmp_path / "cache", text) == [(5001, None), (5002, None), (5003, 1), (5004, 1)]
