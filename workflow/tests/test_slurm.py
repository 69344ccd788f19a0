"""The shards as jobs of a real SLURM on this machine, with the snapshot that a local run gives.

Whoever runs the test submits the jobs. The cluster's daemons need root: `.ci/run` has started them
(components.testing.slurm), or root's own test does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.bundled.catalogue import parts
from components.core.project import PROJECT
from components.testing.extent import missing
from components.testing.operate import Site, write_ready_source
from components.testing.slurm import cluster, node_state

PROFILE = ("--workflow-profile", str(PROJECT / "workflow" / "profiles" / "slurm"))
# What is different on one small node: little memory, and short waits.
HERE = (
    *("--jobs", "4", "--latency-wait", "5"),
    *("--default-resources", "slurm_partition=debug", "mem_mb=200", "runtime=10"),
    *("--slurm-init-seconds-before-status-checks", "1", "--seconds-between-status-checks", "1"),
)


@contextmanager
def a_cluster(folder: Path) -> Iterator[None]:
    """One that runs here already, else one of root's own; skips, or fails in CI, without either."""
    if node_state() == "idle":
        yield
    elif os.geteuid() == 0 and shutil.which("slurmctld") and shutil.which("munged"):
        with cluster(folder):
            yield
    else:
        missing(f"no SLURM here, and only root can start one ({node_state()})")


def site(root: Path) -> Site:
    """Some parts of the bundled catalogue from a ready source, in two shards."""
    made = Site(root)
    write_ready_source(made.source, parts()[:110])
    made.configure(
        {
            "paths": {"source_sqlite": str(made.source)},
            "stage1": {"shards": 2, "retry_backoff_s": 0.05},
            "stage2": {"convert_step_to_glb": False},
        }
    )
    made.take_library()
    return made


def test_shards_as_slurm_jobs_give_the_snapshot_of_a_local_run(tmp_path: Path) -> None:
    local, remote = site(tmp_path / "local"), site(tmp_path / "remote")
    with a_cluster(tmp_path / "slurm"):
        remote.configure({"workflow": {"mode": "stage1-all"}})
        remote.must("apply", "--cores", "2", "--", *PROFILE, *HERE)
        jobs = subprocess.run(
            ["squeue", "--states=all", "--noheader", "--format=%k %T"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    shards = [job for job in jobs if "fetch_shard" in job]
    assert len(shards) == 2 and all(job.endswith("COMPLETED") for job in shards), jobs
    remote.configure({"workflow": {"mode": "all-in-one-once"}})
    remote.must("apply", "--cores", "2")
    local.must("apply", "--cores", "2")
    assert remote.current() == local.current() is not None
    assert sums(remote) == sums(local)


def sums(made: Site) -> str:
    return (made.layout.current / "SHA256SUMS").read_text()
