"""The commands of docs/operations.md, as they stand there, on a real cache directory."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from components.bundled.catalogue import parts
from components.cli import VERBS
from components.core.project import PROJECT
from components.testing.operate import Site, environment

MANUAL = PROJECT / "docs" / "operations.md"
LIMIT_S = 600
# Exit codes other than 0 that say something of the site and not of the command.
JUDGES = {"status": (0, 1)}


def commands() -> list[str]:
    """Every distinct command of the manual's shell blocks, in the order of the page."""
    blocks = re.findall(r"^```sh\n(.*?)^```", MANUAL.read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.strip()]
    return list(dict.fromkeys(lines))


def test_the_manual_names_verbs_that_there_are() -> None:
    found = {shlex.split(line)[1] for line in commands()}
    assert all(line.startswith("components ") for line in commands())
    assert found <= set(VERBS)
    assert found >= {"daily", "status", "plan", "validate", "smoke", "verify", "prune", "rollback"}


def test_every_failure_of_the_manual_has_its_drill() -> None:
    chapter = MANUAL.read_text().partition("## Failures and recovery\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^### (.*)$", chapter, re.MULTILINE)
    drills = (PROJECT / "workflow" / "tests" / "test_drills.py").read_text()
    for line in lines:
        name = re.sub(r"[^a-z0-9]+", "_", line.lower()).strip("_")
        assert f"def test_{name}(" in drills, line
    assert len(lines) >= 11


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site that has published once, so that there is something to go back to."""
    made = Site(tmp_path / "site")
    made.use_ready_source(parts(120)[:-1])
    made.take_library()
    made.must("apply")
    made.configure(
        {
            "paths": {"source_sqlite": None},
            "upstream": {"kind": "bundled", "bundled_parts": 120},
            "stage1": {"enabled": True, "retry_backoff_s": 0.05},
        }
    )
    return made


def test_every_command_of_the_manual_works(site: Site) -> None:
    """Each as it stands there, with the site's own configuration added, as the page says."""
    folder = site.root / "bin"
    folder.mkdir()
    program = folder / "components"
    config = shlex.quote(str(site.root / "config.json"))
    program.write_text(
        f'#!/bin/sh\nverb=$1; shift\nexec {sys.executable} -m components "$verb"'
        f' --configfile {config} "$@"\n'
    )
    program.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    for command in commands():
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=site.root,
            env=environment() | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
        )
        allowed = JUDGES.get(shlex.split(command)[1], (0,))
        assert done.returncode in allowed, f"{command}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, command
    assert (site.root / "results" / "components.prom").is_file()
    assert site.current() is not None
