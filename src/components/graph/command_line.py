"""What the operator's verbs share: the options of a run, and how Snakemake is called."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from components.config.options import add_config_option, configuration
from components.core.project import PROJECT

__all__ = ["add_config_option", "arguments", "configuration", "default_cores"]


def arguments(args: argparse.Namespace, extra: Sequence[str], cores: int) -> list[str]:
    """What Snakemake is told to run the workflow in this folder with this configuration."""
    command = ["--snakefile", str(PROJECT / "Snakefile")]
    if args.configfile:
        command += ["--configfile", *map(str, args.configfile)]
    # After the files, which take every word up to the next option: `extra` may begin with a target.
    command += ["--cores", str(cores)]
    if "--workflow-profile" not in extra:
        # Snakemake finds it by itself only where it runs in the checkout.
        command += ["--workflow-profile", str(PROJECT / "workflow" / "profiles" / "default")]
    return command + list(extra)


def with_forced(extra: Sequence[str], rules: Sequence[str]) -> list[str]:
    """``extra`` with ``rules`` forced too; Snakemake heeds the last ``--forcerun`` alone.

    >>> with_forced(["--forcerun", "a", "-q"], ["b"]), with_forced(["target"], ["b"])
    (['--forcerun', 'b', 'a', '-q'], ['target', '--forcerun', 'b'])
    """
    if not rules:
        return list(extra)
    if "--forcerun" not in extra:
        return [*extra, "--forcerun", *rules]
    at = list(extra).index("--forcerun") + 1
    return [*extra[:at], *rules, *extra[at:]]


def default_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))
