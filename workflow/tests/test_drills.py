"""Failure drills: each is named for its line in the manual's chapter on failures and recovery.

What was published before a failure stays published and whole, through the failure and after it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from components.bundled.catalogue import parts
from components.bundled.server import Running, running
from components.core.sums import problems
from components.operate.validate import SPACE_BYTES
from components.testing.extent import missing
from components.testing.operate import Site, published_site, write_ready_source


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A published snapshot of the bundled catalogue; drills work on copies of it."""
    return published_site(tmp_path_factory.mktemp("published"))


@pytest.fixture
def site(published: Site, tmp_path: Path) -> Site:
    return published.copy(tmp_path / "site")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 32 MB: root makes one, others are given one in COMPONENTS_SMALL_DISK."""
    if given := os.environ.get("COMPONENTS_SMALL_DISK"):
        with tempfile.TemporaryDirectory(dir=given) as folder:
            yield Path(folder)
        return
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode:
        missing(f"no file system of its own without root: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def whole(site: Site) -> str:
    """The name of the current snapshot, whose every byte is as it was sealed."""
    name = site.current()
    assert name is not None
    assert problems(site.layout.snapshots / name) == []
    return name


def resistors(server_reply: tuple[int, dict[str, str], bytes]) -> int:
    status, _, body = server_reply
    assert status == 200, body
    return int(json.loads(body)["total"])


QUESTION = json.dumps({"component_type": "resistor", "limit": 5}).encode()
QUERY = "/v1/components/parameters/query"


def test_stage_1_interrupted(tmp_path: Path) -> None:
    """Killed while fetching: the next run goes on, and ends as one that nobody disturbed."""
    with running(parts=PARTS, latency_s=0.05) as upstream:
        calm = fetching_site(tmp_path / "calm", upstream.port)
        calm.must("apply")
        once = requests(upstream)
        site = fetching_site(tmp_path / "site", upstream.port)
        with site.start("apply") as run:
            while requests(upstream) < once * 1.6:
                assert run.poll() is None, "ended before it could be killed"
                time.sleep(0.02)
            done = requests(upstream) - once
            os.killpg(run.pid, signal.SIGKILL)
        site.must("apply")
        repeated = requests(upstream) - 2 * once
    assert stored(site) == stored(calm) and len(stored(site)) > PARTS
    assert site.status()["states"] == calm.status()["states"]
    # What was in flight is asked for again; what was done is not.
    assert repeated < done / 2


def test_upstream_lost(tmp_path: Path) -> None:
    """Gone while fetching: the run says what was lost, and the next one asks for that again."""
    with running(parts=PARTS) as upstream:
        port = upstream.port
    site = fetching_site(tmp_path / "site", port)
    site.configure({"stage1": {"retry_attempts": 0, "artifacts": {"model_obj": False}}})
    lost = site.run("apply")
    assert lost.returncode == 1 and "failed, more than the share" in lost.stderr
    told = site.run("status").stdout
    assert "kicad_footprint_mod failed" in told and "the next run tries again" in told
    with running(parts=PARTS, port=port):
        site.must("apply")
        states = site.status()["states"]
        assert states["kicad_footprint_mod"].keys() == {"success", "missing"}
        # Four datasheets of the ready source lead nowhere; only they may be asked for again.
        assert states["datasheet_pdf"]["failed"] == 4


PARTS = 110
WORKERS = 4


def fetching_site(root: Path, port: int) -> Site:
    """Stage 1 alone, from an upstream at ``port``."""
    site = Site(root)
    write_ready_source(site.source, parts(PARTS))
    site.configure(
        {
            "paths": {"source_sqlite": str(site.source)},
            "workflow": {"mode": "stage1-all"},
            "upstream": {"bundled_parts": PARTS, "bundled_port": port},
            "stage1": {"retry_backoff_s": 0.05, "workers": WORKERS, "shards": 1},
            "stage2": {"convert_step_to_glb": False},
        }
    )
    site.take_library()
    return site


def requests(upstream: Running) -> int:
    services = upstream.stats()["services"].values()
    return sum(service["requests"] for service in services)


def stored(site: Site) -> set[tuple[object, ...]]:
    """Every row of the manifest but for its time; each object is there."""
    query = "SELECT lcsc_id, artifact_type, source_url, raw_sha256, stored_key FROM fetch_manifest"
    with closing(sqlite3.connect(site.layout.manifest)) as manifest:
        rows = set(manifest.execute(query).fetchall())
    assert all((site.cache / str(row[-1])).is_file() for row in rows)
    return rows


def test_upstream_down(site: Site) -> None:
    """Nothing answers: nothing is published, the reason is named, the server goes on."""
    before = whole(site)
    with socket.socket() as nobody, site.serving() as server:
        nobody.bind(("127.0.0.1", 0))
        server.wait_for(before)
        site.configure(
            {
                "upstream": {"bundled_port": nobody.getsockname()[1]},
                "stage1": {"enabled": True, "retry_attempts": 1, "retry_backoff_s": 0.05},
            }
        )
        write_ready_source(site.source, parts(920)[:90])
        done = site.run("apply")
        assert done.returncode != 0
        assert "max_failed_share" in done.stderr + done.stdout
        assert whole(site) == before and server.snapshot() == before
        assert resistors(server.get(QUERY, QUESTION)) == 5


def test_stage_2_failed(site: Site) -> None:
    """A step of the build fails: `current` stays, is served, and the next run completes."""
    before = whole(site)
    site.use_ready_source(parts(920))
    library = site.cache / "lib" / "liblookup.so"
    library.write_bytes(b"\x7fELF, but no library")
    os.utime(library)
    done = site.run("apply")
    assert done.returncode != 0 and "liblookup.so" in done.stderr
    assert whole(site) == before
    site.take_library()
    site.must("apply")
    assert whole(site) != before


def test_publish_failed(site: Site) -> None:
    """A snapshot that must not be published is not; `current` is as it was."""
    before = whole(site)
    site.use_ready_source(parts(920))
    site.configure({"workflow": {"snapshot_name": before}})
    done = site.run("apply")
    assert done.returncode != 0 and before in done.stderr
    assert whole(site) == before


def test_serve_mismatch(site: Site) -> None:
    """A server that cannot open what `current` names serves on, and `status` tells."""
    before = whole(site)
    with site.serving() as server:
        server.wait_for(before)
        assert site.status()["snapshot_mismatch_vs_cache_dir"] is False
        broken = site.layout.snapshots / "2026-11-21-000000000000"
        shutil.copytree(site.layout.snapshots / before, broken)
        (broken / "lookup.idx").unlink()
        (broken / "lookup.idx").write_bytes(b"no index")
        link(site, broken.name)
        time.sleep(2 * 1.0)
        assert resistors(server.get(QUERY, QUESTION)) == 5
        assert server.snapshot() == before
        told = site.run("status", "--json")
        assert told.returncode == 2
        assert json.loads(told.stdout)["snapshot_mismatch_vs_cache_dir"] is True
        site.must("rollback", "--to", before)
        assert site.status()["snapshot_mismatch_vs_cache_dir"] is False


def link(site: Site, name: str) -> None:
    """Swap `current` by hand, as no command would."""
    temporary = site.layout.snapshots / ".by-hand"
    temporary.symlink_to(name)
    temporary.rename(site.layout.current)


def test_current_dangling(site: Site) -> None:
    """A server that has the snapshot open goes on, a fresh one says 503, and a run mends it."""
    before = whole(site)
    with site.serving() as server:
        server.wait_for(before)
        shutil.move(site.layout.snapshots / before, site.root / "away")
        assert resistors(server.get(QUERY, QUESTION)) == 5
    with site.serving() as server:
        assert server.get(QUERY, QUESTION)[0] == 503
        told = site.run("status", "--json")
        assert told.returncode == 2 and json.loads(told.stdout)["current"]["dangling"] is True
        site.must("apply")
        assert whole(site) == before
        server.wait_for(before)
        assert resistors(server.get(QUERY, QUESTION)) == 5


def test_database_replaced_under_the_server(site: Site) -> None:
    """The server reads what it opened; `verify` names what differs; a fresh server refuses it."""
    before = whole(site)
    folder = site.layout.snapshots / before
    with site.serving() as server:
        server.wait_for(before)
        asked = server.get(QUERY, QUESTION)[2]
        (site.root / "other").write_bytes(b"SQLite format 3\0, but nothing more" * 99)
        for name in ("fast.sqlite", "lookup.idx"):
            shutil.copy(site.root / "other", site.root / "copy")
            (site.root / "copy").replace(folder / name)
        assert server.get(QUERY, QUESTION)[2] == asked
        verified = site.run("verify")
        assert verified.returncode != 0 and "fast.sqlite" in verified.stdout + verified.stderr
    with site.serving() as server:
        assert server.get(QUERY, QUESTION)[0] == 503


def test_poisoned_source(site: Site) -> None:
    """Half the rows are gone: refused by name, nothing published, the server goes on."""
    before = whole(site)
    with site.serving() as server:
        server.wait_for(before)
        site.use_ready_source(parts()[::2])
        done = site.run("apply")
        assert done.returncode != 0
        assert "50% fewer than the published 900" in done.stderr + done.stdout
        assert whole(site) == before and server.snapshot() == before


def test_clock_jump(site: Site) -> None:
    """Files from the future hide no change: what was built of other content is built again."""
    before = whole(site)
    tomorrow_s = time.time() + 86_400
    for path in site.cache.rglob("*"):
        if not path.is_symlink():
            os.utime(path, (tomorrow_s, tomorrow_s))
    site.use_ready_source(parts(920))
    site.must("apply")
    assert whole(site) != before
    assert site.status()["snapshots"][whole(site)]["parts"] == 920


def test_cache_directory_read_only(published: Site, small_disk: Path) -> None:
    """A run ends with one line; a server and `status` work as ever."""
    site = published.copy(small_disk / "site")
    before = whole(site)
    # Only the directory of the products; the site's own configuration stays writable.
    with read_only(site.cache):
        site.use_ready_source(parts(920))
        done = site.run("apply")
        assert done.returncode != 0 and done.stderr.startswith("paths.cache_dir: ")
        assert ("ead-only" if os.geteuid() == 0 else "cannot be written by") in done.stderr
        assert "Traceback" not in done.stderr
        with site.serving() as server:
            server.wait_for(before)
            assert resistors(server.get(QUERY, QUESTION)) == 5
            assert site.status()["problems"] == []


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """For root by a mount, whom modes do not stop; for others by the folders' modes."""
    if os.geteuid() == 0:
        subprocess.run(["mount", "--bind", folder, folder], check=True)
        try:
            subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
            yield
        finally:
            subprocess.run(["umount", folder], check=True)
        return
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    modes = {path: path.stat().st_mode for path in folders}
    try:
        for path in folders:
            path.chmod(0o555)
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def test_disk_full(published: Site, small_disk: Path) -> None:
    """A run on a full disk says so and changes nothing; with room, it goes on."""
    site = published.copy(small_disk / "site")
    before = whole(site)
    site.use_ready_source(parts(920))
    fill(small_disk)
    done = site.run("apply")
    assert done.returncode != 0
    assert "space: No space left on device: 0 MiB are free" in done.stderr
    # Room enough to begin, and not to end.
    (small_disk / "filler").unlink()
    fill(small_disk, leave_bytes=SPACE_BYTES + 300_000)
    done = site.run("apply")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "No space left on device; make room, then run again" in done.stderr, done.stderr
    assert whole(site) == before
    (small_disk / "filler").unlink()
    site.must("apply")
    assert whole(site) != before
    assert not list(site.cache.rglob(".tmp-*"))


def fill(folder: Path, leave_bytes: int = 0) -> None:
    """Take all room in ``folder``'s file system but for ``leave_bytes``."""
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 65_536)
        except OSError:
            pass
        if leave_bytes:
            file.truncate(max(0, file.tell() - leave_bytes))
