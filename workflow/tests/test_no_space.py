"""A disk that fills at any step of stage 2: one clear line, no output, no leftover, old one served.

A limit on the size of files stands in for the full disk: it needs no privilege, and the same calls
fail at the same places.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from components.bundled.catalogue import parts
from components.core.files import write_text
from components.core.project import PROJECT
from components.core.sums import FILES
from components.publish.publish import publish
from components.publish.snapshots import Snapshots
from components.testing.operate import Site
from components.testing.transform import build_snapshot, write_picks, write_source
from components.transform.validate import validate_snapshot

LIMITED = (
    "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}));"
    "from components.cli import main; raise SystemExit(main(sys.argv[1:]))"
)


def run_limited(limit_bytes: int, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """A command in which no file may grow beyond ``limit_bytes``."""
    return subprocess.run(
        [sys.executable, "-B", "-c", LIMITED.format(limit_bytes), *arguments],
        env=os.environ | {"PYTHONPATH": str(PROJECT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("limit_bytes", [0, 20_000, 60_000])
def test_a_database_that_does_not_fit_leaves_nothing(tmp_path: Path, limit_bytes: int) -> None:
    source = write_source(tmp_path / "source.sqlite3", rows=40)
    picks = [str(path) for path in write_picks(tmp_path / "pick", rows=40)]
    output = tmp_path / "out" / "x.sqlite"
    for arguments in (
        ["build-fast", "--pick", *picks],
        ["build-detail", "--source", str(source), "--pick", *picks],
    ):
        done = run_limited(limit_bytes, [*arguments, "--output", str(output)])
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1, done.stderr
        assert "cannot be written" in done.stderr
        assert list(output.parent.iterdir()) == []


def test_a_publish_without_space_keeps_what_is_current(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path / "cache" / "snapshots")
    builds = []
    for rows in (1, 40):
        folder = tmp_path / str(rows)
        receipt = validate_snapshot(build_snapshot(folder, rows))
        write_text(folder / "validated.json", json.dumps(receipt))
        builds.append(folder)
    old = publish(builds[0], builds[0] / "validated.json", snapshots, "auto", False).name
    flags = ["publish", "--build", str(builds[1]), "--cache-dir", str(tmp_path / "cache")]
    receipt_path = tmp_path / "cache" / "publish" / "receipt.json"
    done = run_limited(100, [*flags, "--output", str(receipt_path)])
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "File too large" in done.stderr
    assert (snapshots.names(), snapshots.linked("current")) == ([old], old)
    assert not receipt_path.exists()
    assert sorted(path.name for path in snapshots.root.iterdir()) == sorted(
        [".lock", old, "current"]
    )
    done = run_limited(16 << 20, [*flags, "--output", str(receipt_path)])
    assert done.returncode == 0
    assert snapshots.linked("previous") == old
    assert {path.name for path in (snapshots.root / "current").iterdir()} == {*FILES, "SHA256SUMS"}


@pytest.mark.parametrize("limit_bytes", [300_000, 1_000_000])
def test_the_last_lines_of_a_run_name_the_cause(tmp_path: Path, limit_bytes: int) -> None:
    site = Site(tmp_path / "site")
    site.take_library()
    site.use_ready_source(parts(100))
    done = run_limited(
        limit_bytes, ["apply", "--cores", "2", "--configfile", str(site.root / "config.json")]
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    *_, cause, last = done.stderr.splitlines()
    assert last == "the run failed for the reason above"
    assert cause.startswith("FAILED  build ") and "components build-" in cause, done.stderr
    assert "free space there" in cause or cause.endswith("Input/output error"), done.stderr
    assert site.current() is None
    site.must("apply")
    assert site.current() is not None
