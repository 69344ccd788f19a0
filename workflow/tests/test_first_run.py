"""The first run and the second, as a newcomer meets them: over the bundled upstream."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import apsw
import orjson
import pytest

from components.core.project import PROJECT
from components.graph.graph import MODULES, SEALED_FILES
from components.testing.operate import Site, environment
from components.testing.ports import free_port

PARTS = 100
LINES_MAX = 40


class Newcomer:
    """A site with the default settings but for fewer parts, and what its first run said."""

    def __init__(self, root: Path) -> None:
        self.site = Site(root, {"upstream": {"bundled_parts": PARTS}})
        self.site.configure({"serve": {"port": free_port()}})
        self.site.take_library()
        done = self.site.run("apply", "--cores", "2")
        assert done.returncode == 0, done.stderr
        self.said = done.stderr
        self.noted = (self.site.layout.plan / MODULES).read_bytes()


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    return Newcomer(tmp_path_factory.mktemp("newcomer") / "site")


def test_a_first_run_is_calm_and_says_what_comes_next(newcomer: Newcomer) -> None:
    lines = newcomer.said.splitlines()
    # The columns of the table that counts what was fetched.
    words = newcomer.said.replace(" 0 failed", "").replace("missing  failed", "").lower()
    for word in ("fail", "refused", "warning", "error", "traceback", "retry"):
        assert word not in words, newcomer.said
    assert len(lines) < LINES_MAX, newcomer.said
    name = newcomer.site.current()
    assert lines[-2].startswith(f"published {name}: {PARTS} parts, "), lines[-2]
    port = newcomer.site.config["serve"]["port"]
    assert lines[-1] == f"next: `make serve`, then http://127.0.0.1:{port}/"


def test_a_second_run_has_nothing_to_do_and_nothing_to_read_again(newcomer: Newcomer) -> None:
    done = newcomer.site.run("apply", "--cores", "2")
    assert done.returncode == 0 and "nothing to do: every product is up to date" in done.stderr
    name = newcomer.site.current()
    assert done.stderr.splitlines()[-2].startswith(f"current is {name}: ")
    # What each module of the code was read as, which takes longer than all else, is known already.
    assert set(orjson.loads(newcomer.noted)) >= {
        *orjson.loads((newcomer.site.layout.plan / MODULES).read_bytes())
    }


def test_verbose_shows_all_that_snakemake_says(newcomer: Newcomer) -> None:
    command = [sys.executable, "-m", "components", "apply", "--configfile"]
    done = subprocess.run(
        [*command, newcomer.site.root / "config.json"],
        cwd=PROJECT, env=environment() | {"VERBOSE": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0 and "Building DAG of jobs" in done.stderr
    assert "nothing to do: every" not in done.stderr


def test_products_tell_nothing_of_where_they_were_made(newcomer: Newcomer) -> None:
    """The same bytes on every release of a system; `make test-debian` compares two."""
    folder = newcomer.site.layout.current
    told = [platform.node(), str(PROJECT), str(newcomer.site.root), platform.release()]
    tools = orjson.loads((folder / "metadata.json").read_bytes())["tools"]
    assert tools["sqlite"] == apsw.sqlite_lib_version() and "python" not in str(tools).lower()
    for name in SEALED_FILES:
        data = (folder / name).read_bytes()
        for text in told:
            # Shorter ones stand anywhere by chance.
            assert len(text) < 6 or text.encode() not in data, (name, text)
        if name.endswith(".sqlite"):
            # What wrote it: the library that is locked, not the system's.
            major, minor, patch = map(int, apsw.sqlite_lib_version().split("."))
            version = int.from_bytes(data[96:100], "big")
            assert version == major * 1_000_000 + minor * 1_000 + patch, name


def test_status_of_the_demo_counts_no_hours(newcomer: Newcomer) -> None:
    done = newcomer.site.run("status", "--max-age-hours", "1")
    assert done.returncode == 0 and "snapshot: 2026-" in done.stdout, done.stdout
    assert "data age" not in done.stdout and "h old" not in done.stdout, done.stdout
