"""A run killed at random moments, with all that it started: the same command again goes on.

With ``--long`` thirty times; each kill lands in another stage, since finished work is kept.
"""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from components.testing.extent import sized
from components.testing.pipeline import Pipeline, kill_tree

pytestmark = pytest.mark.long
KILLS = sized(4, 30)
LONGEST_S = 12.0
OVERLAY = {
    "stage1": {
        "where": "stock > 0 AND lcsc % 6 = 0",
        "requests_per_second": {"jlc": 0, "easyeda": 0, "lcsc": 0},
    },
    # Nothing is kept back by what an earlier run published.
    "stage2": {"max_row_loss_share": 1.0, "max_fill_loss_share": 1.0},
}


def test_a_run_killed_again_and_again_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    calm = Pipeline(tmp_path / "calm", OVERLAY)
    calm.run().check()
    disturbed = Pipeline(tmp_path / "disturbed", OVERLAY)
    # Compiling takes most of a small run, and would take most of the kills.
    library = disturbed.layout.root / "lib"
    shutil.copytree(calm.layout.root / "lib", library)
    moments = random.Random(6)
    done = 0
    while done < KILLS:
        run = disturbed.start()
        try:
            run.communicate(timeout=moments.uniform(0.5, LONGEST_S))
        except subprocess.TimeoutExpired:
            kill_tree(run)
            done += 1
        else:
            # It came to its end: begin another one, of which the fetched artifacts are kept.
            assert run.returncode == 0
            for folder in ("build", "publish", "snapshots", "plan"):
                shutil.rmtree(disturbed.layout.root / folder, ignore_errors=True)
    last = disturbed.run().check()
    assert "unlock" not in last.output
    assert sums(disturbed) == sums(calm)
    assert disturbed.layout.current.readlink() == calm.layout.current.readlink()
    assert not disturbed.run().check().jobs
    verified = disturbed.components("verify", "--configfile", str(disturbed.configfile))
    assert verified.returncode == 0, verified.stdout + verified.stderr


def sums(pipeline: Pipeline) -> str:
    return (pipeline.layout.current / "SHA256SUMS").read_text()
