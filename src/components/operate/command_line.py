"""What the operator's verbs share: the options of a run, and how Snakemake is called."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

from components.shared.options import add_config_option, configuration
from components.shared.project import PROJECT

__all__ = ["add_config_option", "configuration", "default_cores", "run_snakemake", "snakemake"]


def snakemake(args: argparse.Namespace, extra: Sequence[str], cores: int) -> list[str]:
    """The command that runs the workflow in this folder with this configuration."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(PROJECT / "Snakefile")]
    command += ["--cores", str(cores)]
    if args.configfile:
        command += ["--configfile", *map(str, args.configfile)]
    return command + list(extra)


def run_snakemake(args: argparse.Namespace, extra: Sequence[str], cores: int) -> int:
    """Run the workflow, its output going where ours goes; its exit code."""
    return subprocess.run(snakemake(args, extra, cores), check=False).returncode


def default_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))
