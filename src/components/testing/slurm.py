"""A SLURM of one node on this machine, for tests: ``python -m components.testing.slurm FOLDER``.

Needs root, since the configuration has to lie in /etc/slurm and the node starts jobs as whoever
submits them; imports nothing but the standard library, so that root needs no environment. Debian's
`slurm-wlm` and `munge`, started by hand, without accounting.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIGURATION = Path("/etc/slurm/slurm.conf")
START_LIMIT_S = 40
STOP_LIMIT_S = 15


@contextmanager
def cluster(folder: Path) -> Iterator[None]:
    """munged, slurmctld and slurmd, ended afterwards; an old configuration comes back."""
    host = socket.gethostname().split(".")[0]
    old = CONFIGURATION.read_bytes() if CONFIGURATION.exists() else None
    for name in ("ctld", "d"):
        (folder / name).mkdir(parents=True)
    CONFIGURATION.parent.mkdir(exist_ok=True)
    CONFIGURATION.write_text(_configuration(host, folder))
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
        _wait_for_node(folder)
        yield
    finally:
        subprocess.run(["scancel", "--partition=debug"], check=False)
        for process in reversed(started):
            process.terminate()
            try:
                process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if old is None:
            CONFIGURATION.unlink()
        else:
            CONFIGURATION.write_bytes(old)


def node_state() -> str:
    """What ``sinfo`` says of the node, ``idle`` where it waits for jobs, or why it cannot tell."""
    try:
        done = subprocess.run(["sinfo", "-h", "-o", "%t"], capture_output=True, text=True)
    except FileNotFoundError:
        return "slurm-wlm is not installed"
    return done.stdout.strip() or done.stderr.strip()


def _wait_for_node(folder: Path) -> None:
    deadline_s = time.monotonic() + START_LIMIT_S
    while (said := node_state()) != "idle":
        if time.monotonic() > deadline_s:
            logs = "\n".join(path.read_text()[-2000:] for path in sorted(folder.glob("*.log")))
            raise AssertionError(f"SLURM did not start: {said}\n{logs}")
        time.sleep(0.5)


def _configuration(host: str, state: Path) -> str:
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


if __name__ == "__main__":
    with cluster(Path(sys.argv[1])):
        print("slurm: ready", flush=True)
        # Until whoever started it closes our input, or dies.
        sys.stdin.read()
