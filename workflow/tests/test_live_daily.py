"""Two days of the live mode, by the command that a scheduler calls, against a JLC of its own."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from components.core.project import PROJECT
from components.testing.jlc import A_PAGE, CREDENTIALS, LiveJlc, serving
from components.testing.operate import Site

COUNT = 2500
PAGES = COUNT // A_PAGE + 1  # the last one is no list


def live_site(root: Path, base: str) -> Site:
    """A site that fetches its catalogue and nothing else."""
    site = Site(root)
    artifacts = ("kicad_footprint_mod", "model_obj", "model_step", "datasheet_pdf")
    site.configure(
        {
            "upstream": {"kind": "live", "jlc_api_base_url": base},
            "stage1": {
                "retry_backoff_s": 0.01,
                "requests_per_second": {"jlc": 0},
                "artifacts": dict.fromkeys(artifacts, False),
            },
        }
    )
    return site


def make(site: Site, verb: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", verb, f"CONFIG={site.root / 'config.json'}", "CORES=2"],
        cwd=PROJECT,
        env={**os.environ, **CREDENTIALS, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def parts(site: Site) -> dict[int, tuple[Any, ...]]:
    with closing(sqlite3.connect(site.layout.current / "detail.sqlite")) as db:
        rows = db.execute(
            "SELECT lcsc_id, manufacturer, stock, price_json, attributes_json FROM components_full"
        ).fetchall()
    return {row[0]: row[1:] for row in rows}


def metadata(site: Site) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((site.layout.current / "metadata.json").read_bytes())
    return content


def test_each_day_publishes_what_the_service_says(tmp_path: Path) -> None:
    jlc = LiveJlc(COUNT, throttle_every=4)
    with serving(jlc) as base:
        site = live_site(tmp_path, base)
        site.take_library()
        for day in (1, 2):
            jlc.day = day
            before = jlc.calls.copy()
            done = make(site, "daily")
            assert done.returncode == 0, done.stdout + done.stderr
            asked = jlc.calls - before
            wanted = -(-sum(jlc.wanted) // 1000) if day == 1 else 0
            assert asked["all"] <= PAGES + wanted + asked["throttled"]
            found = parts(site)
            assert len(found) == COUNT
            for n in range(COUNT):
                manufacturer, stock, prices, attributes = found[5001 + n]
                assert (manufacturer, stock) == (f"Maker {n % 7}", jlc.stock(n))
                assert json.loads(prices)[0] == {"price": jlc.price(n), "qFrom": 1, "qTo": 9}
                assert json.loads(attributes)["Resistance"] == f"{n % 900 + 1}Ω"
    told = metadata(site)["source"]
    assert told["origin"] == "live" and told["details"]["lacking"] == 0
    with closing(sqlite3.connect(site.layout.current / "fast.sqlite")) as db:
        rows = db.execute("SELECT count(*), max(is_preferred) FROM resistor_pick").fetchone()
    assert rows == (COUNT, 0)

    # The demo's data never comes beside it, and nothing is lost in the attempt.
    site.configure({"upstream": {"kind": "bundled"}})
    refused = make(site, "daily")
    assert refused.returncode != 0 and "holds data of the live services" in refused.stderr
    assert site.layout.source.is_file()
    site.configure({"upstream": {"kind": "live", "user_agent": "tester/1 (mail@example.org)"}})
    planned = make(site, "plan")
    assert planned.returncode == 0 and "fetch_catalogue" not in planned.stdout, planned.stderr
    site.configure({"upstream": {"jlc_component_infos_path": "/elsewhere"}})
    planned = make(site, "plan")
    assert planned.returncode == 0 and "fetch_catalogue" in planned.stdout, planned.stderr


def test_refused_details_are_said_and_each_mistake_has_its_words(tmp_path: Path) -> None:
    jlc = LiveJlc(300, details_denied=True)
    with serving(jlc) as base:
        site = live_site(tmp_path, base)
        site.take_library()
        scope = make(site, "validate")
        done = make(site, "daily")
        assert done.returncode == 0, done.stdout + done.stderr
        jlc.details_denied = False
        good = make(site, "validate")
        keys = make(site, "validate", JLC_SECRET_KEY="another")
        site.configure({"upstream": {"jlc_component_infos_path": "/elsewhere"}})
        path = make(site, "validate")
    assert len(parts(site)) == 300
    details = metadata(site)["source"]["details"]
    assert details["lacking"] == details["selected"] == 300 and "scope" in details["note"]
    status = make(site, "status").stdout
    assert "300 of 300 selected parts have no attributes" in status
    assert good.returncode == 0 and "the list begins with C5001" in good.stdout
    for failed, words in (
        (scope, "the account is under review, its scope for parts is not granted"),
        (keys, "JLC does not accept the credentials (HTTP 401: signature verify failed"),
        (path, "JLC has no such route (HTTP 401: API not exists"),
    ):
        assert failed.returncode == 2 and words in failed.stdout, failed.stdout
        assert "J-Trace-ID trace-" in failed.stdout


def test_without_credentials_nothing_is_lost(tmp_path: Path) -> None:
    with serving(LiveJlc(120)) as base:
        site = live_site(tmp_path, base)
        site.take_library()
        assert make(site, "daily").returncode == 0
        before = site.layout.source.read_bytes()
        lost = make(site, "daily", JLC_APP_ID="")
        assert lost.returncode != 0 and "JLC_APP_ID" in lost.stderr + lost.stdout
    assert site.layout.source.read_bytes() == before
    assert site.current() is not None
