"""Every mode, on a processor's and a server's cache directories, with two servers.

The processor goes through its stages one by one; the other host has copies only.
"""

from __future__ import annotations

import json
from pathlib import Path

from components.bundled.catalogue import parts
from components.core.sums import problems
from components.testing.operate import Site, write_ready_source

PARTS = 110
QUERY = "/v1/components/parameters/query"
QUESTION = json.dumps({"component_type": "capacitor", "limit": 3}).encode()


def processor(root: Path) -> Site:
    site = Site(root)
    write_ready_source(site.source, parts(PARTS))
    site.configure(
        {
            "paths": {"source_sqlite": str(site.source)},
            "upstream": {"kind": "bundled", "bundled_parts": PARTS},
            "stage1": {"retry_backoff_s": 0.05},
            "stage2": {"convert_step_to_glb": False},
        }
    )
    site.take_library()
    return site


def run_mode(site: Site, mode: str) -> None:
    site.configure({"workflow": {"mode": mode}})
    site.must("apply")


def sync(source: Site, target: Site) -> None:
    source.must("sync", str(source.cache), str(target.cache))


def test_a_processor_and_a_server_with_copies(tmp_path: Path) -> None:
    home, away = processor(tmp_path / "processor"), Site(tmp_path / "server")
    run_mode(home, "stage1-all")
    assert home.layout.manifest.is_file() and home.current() is None
    run_mode(home, "stage2-build")
    assert (home.layout.build / "validated.json").is_file() and home.current() is None
    run_mode(home, "stage2-publish")
    first = home.current()
    assert first is not None
    run_mode(home, "processor-once")
    assert home.current() == first, "nothing has changed"
    sync(home, away)
    assert away.current() == first and problems(away.layout.snapshots / first) == []

    with home.serving() as near, away.serving() as far:
        near.wait_for(first)
        far.wait_for(first)
        fewer = [part for part in parts(PARTS) if part.category != "Hardware/Fasteners"]
        write_ready_source(home.source, fewer)
        run_mode(home, "all-in-one-once")
        second = home.current()
        assert second not in (None, first)
        near.wait_for(second)
        assert far.snapshot() == first, "copies change when they are synced"
        sync(home, away)
        far.wait_for(second)
        answers = {server.get(QUERY, QUESTION)[2] for server in (near, far)}
        assert len(answers) == 1 and json.loads(answers.pop())["total"] == 3
        status, headers, _ = far.get("/v1/components/full", bundle_of(home))
        assert status == 200 and headers["x-bundle-sha256"]

        home.must("rollback")
        near.wait_for(first)
        sync(home, away)
        far.wait_for(first)
        assert away.status()["snapshot_mismatch_vs_cache_dir"] is False

    with away.applying_to_serve() as server:
        server.wait_for(first)
        assert server.get(QUERY, QUESTION)[0] == 200
        assert away.run("status").returncode == 0
    assert away.run("status").returncode == 2, "a host of servers without a server"


def bundle_of(site: Site) -> bytes:
    """A request for every artifact of the first part that has one."""
    part = next(part for part in parts(PARTS) if part.models == "both" and part.stock)
    return json.dumps({"component_ids": [part.lcsc]}).encode()
