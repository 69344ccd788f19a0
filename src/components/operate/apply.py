"""``components apply``: runs the stages of ``workflow.mode``."""

from __future__ import annotations

import argparse
import os
import sys

from components.graph.command_line import (
    add_config_option,
    configuration,
    default_cores,
)
from components.operate.run import run_workflow


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--cores", type=int, default=default_cores(), help="default: all")
    parser.add_argument(
        "snakemake", nargs="*", metavar="-- ARG", help="more for snakemake, after `--`"
    )


def run(args: argparse.Namespace) -> int:
    config = configuration(args)
    if config.workflow.mode == "serve":
        command = [sys.executable, "-m", "components", "serve"]
        for path in args.configfile:
            command += ["--configfile", str(path)]
        os.execv(sys.executable, command)
    return run_workflow(args, config, args.snakemake, args.cores)
