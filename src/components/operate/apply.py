"""``components apply``: runs the stages of ``workflow.mode``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from components.graph.command_line import (
    add_config_option,
    configuration,
    default_cores,
)
from components.graph.engine import Engine


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--cores", type=int, default=default_cores(), help="default: all")
    parser.add_argument(
        "snakemake", nargs="*", metavar="-- ARG", help="more for snakemake, after `--`"
    )


def run(args: argparse.Namespace) -> int:
    with Engine() as engine:
        # While the engine loads.
        from components.operate.run import run_workflow

        config = configuration(args)
        if config.workflow.mode != "serve":
            return run_workflow(args, config, args.snakemake, args.cores, engine)
    return _serve(args.configfile)


def _serve(configfiles: Iterable[Path]) -> NoReturn:
    command = [sys.executable, "-m", "components", "serve"]
    for path in configfiles:
        command += ["--configfile", str(path)]
    os.execv(sys.executable, command)
