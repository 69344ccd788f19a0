"""The shards as jobs of a real SLURM on this machine, with the snapshot that a local run gives.

The cluster is Debian's `slurm-wlm` and `munge`, started by hand: one node, no accounting. Its
configuration has to lie in /etc/slurm, so that the test needs root.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from components.bundled.catalogue import parts
from components.core.project import PROJECT
from components.testing.operate import Site, write_ready_source

CONFIGURATION = Path("/etc/slurm/slurm.conf")
PACKAGES = ("slurm-wlm", "munge")
START_LIMIT_S = 40
PROFILE = ("--workflow-profile", str(PROJECT / "workflow" / "profiles" / "slurm"))
# What is different on one small node: little memory, and short waits.
HERE = (
    *("--jobs", "4", "--latency-wait", "5"),
    *("--default-resources", "slurm_partition=debug", "mem_mb=200", "runtime=10"),
    *("--slurm-init-seconds-before-status-checks", "1", "--seconds-between-status-checks", "1"),
)


def need_packages() -> None:
    """CI installs what is missing; elsewhere the test is skipped, saying so."""
    if all(shutil.which(tool) for tool in ("slurmctld", "slurmd", "munged")):
        return
    if os.environ.get("CI") and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=True)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES]
        subprocess.run(install, env=environment, check=True, stdout=subprocess.DEVNULL)
        return
    pytest.skip("no SLURM; install slurm-wlm and munge")


def configuration(host: str, state: Path) -> str:
    return f"""ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
MinJobAge=3600
SchedulerParameters=sched_interval=1,batch_sched_delay=0
StateSaveLocation={state}/ctld
SlurmdSpoolDir={state}/d
SlurmctldPidFile={state}/slurmctld.pid
SlurmdPidFile={state}/slurmd.pid
SlurmctldLogFile={state}/slurmctld.log
SlurmdLogFile={state}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} RealMemory=4000 State=UNKNOWN
PartitionName=debug Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


@contextmanager
def cluster(folder: Path) -> Iterator[None]:
    """munged, slurmctld and slurmd, ended afterwards; an old configuration comes back."""
    host = socket.gethostname().split(".")[0]
    old = CONFIGURATION.read_bytes() if CONFIGURATION.exists() else None
    for name in ("ctld", "d"):
        (folder / name).mkdir(parents=True)
    CONFIGURATION.parent.mkdir(exist_ok=True)
    CONFIGURATION.write_text(configuration(host, folder))
    subprocess.run(["install", "-d", "-o", "munge", "-g", "munge", "/run/munge"], check=True)
    daemons = (
        (["munged", "--foreground", "--force"], "munge"),
        (["slurmctld", "-D", "-c"], "root"),
        (["slurmd", "-D", "-N", host], "root"),
    )
    started: list[subprocess.Popen[bytes]] = []
    try:
        for command, user in daemons:
            with (folder / f"{command[0]}.log").open("wb") as log:
                started.append(
                    subprocess.Popen(command, stdout=log, stderr=log, user=user, group=user)
                )
            time.sleep(0.5)
        wait_for_node(folder)
        yield
    finally:
        subprocess.run(["scancel", "--user=root"], check=False)
        for process in reversed(started):
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if old is None:
            CONFIGURATION.unlink()
        else:
            CONFIGURATION.write_bytes(old)


def wait_for_node(folder: Path) -> None:
    deadline_s = time.monotonic() + START_LIMIT_S
    said = ""
    while time.monotonic() < deadline_s:
        done = subprocess.run(["sinfo", "-h", "-o", "%t"], capture_output=True, text=True)
        said = done.stdout.strip() or done.stderr
        if said == "idle":
            return
        time.sleep(0.5)
    logs = "\n".join(path.read_text()[-2000:] for path in sorted(folder.glob("*.log")))
    raise AssertionError(f"SLURM did not start: {said}\n{logs}")


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
    need_packages()
    local, remote = site(tmp_path / "local"), site(tmp_path / "remote")
    local.must("apply", "--cores", "2")
    with cluster(tmp_path / "slurm"):
        remote.configure({"workflow": {"mode": "stage1-all"}})
        remote.must("apply", "--cores", "2", "--", *PROFILE, *HERE)
        jobs = subprocess.run(
            ["squeue", "--states=all", "--noheader", "--format=%k %T"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    shards = [job for job in jobs if "fetch_shard" in job]
    assert len(shards) == 4 and all(job.endswith("COMPLETED") for job in shards), jobs
    remote.configure({"workflow": {"mode": "all-in-one-once"}})
    remote.must("apply", "--cores", "2")
    assert remote.current() == local.current() is not None
    assert sums(remote) == sums(local)


def sums(made: Site) -> str:
    return (made.layout.current / "SHA256SUMS").read_text()
