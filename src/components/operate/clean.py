"""``components clean``: what the pipeline wrote below the cache directory, after asking.

Published snapshots and what was fetched go too, so it is said what they are. Files that are not
the pipeline's stay, and so does the folder while it holds any.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from components.config.options import add_config_option, configuration
from components.core import run_lock
from components.core.ask import confirmed
from components.core.layout import Layout
from components.publish.snapshots import Snapshots

if TYPE_CHECKING:
    from pytest import CaptureFixture

OURS = (
    *("source", "fetch", "objects", "dictionaries", "plan", "build", "lib", "snapshots"),
    *("publish", "exports", "logs", "benchmarks"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(args: argparse.Namespace) -> int:
    layout = Layout(configuration(args).paths.cache_dir)
    there = [path for name in OURS if (path := layout.root / name).exists()]
    if not there:
        print(f"{layout.root}: nothing to clean", file=sys.stderr)
        return 0
    names = Snapshots(layout.snapshots).names()
    print(f"{layout.root}: {', '.join(path.name for path in there)}", file=sys.stderr)
    print(f"published snapshots there: {', '.join(names) or 'none'}", file=sys.stderr)
    if not args.yes and not confirmed("remove all of it?"):
        print("nothing was removed; --yes (make: YES=1) does not ask", file=sys.stderr)
        return 1
    run_lock.acquire(layout.root)
    for path in there:
        _remove(path)
    (layout.root / run_lock.FILE).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        layout.root.rmdir()
    return 0


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def test_snapshots_go_only_after_a_yes(tmp_path: Path, capsys: CaptureFixture[str]) -> None:
    from components.cli import main
    from components.testing.snapshot import sealed

    cache = tmp_path / "cache"
    snapshots = sealed(cache / "snapshots", "a")
    (cache / "mine.txt").touch()
    config = tmp_path / "config.yaml"
    config.write_text(f"paths: {{cache_dir: {cache}}}")
    command = ["clean", "--configfile", str(config)]
    assert main(command) == 1
    assert "snapshots there: a" in capsys.readouterr().err and snapshots.names() == ["a"]
    assert main([*command, "--yes"]) == 0
    assert [path.name for path in cache.iterdir()] == ["mine.txt"]
    assert main(command) == 0
