"""``components export``: the exports of the configuration, made of the current snapshot."""

from __future__ import annotations

import argparse
from pathlib import Path

from components.core.layout import Layout
from components.graph.command_line import (
    add_config_option,
    configuration,
    default_cores,
)
from components.graph.engine import Engine
from components.graph.exports import targets
from components.operate.run import run_workflow


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--cores", type=int, default=default_cores(), help="default: all")


def run(args: argparse.Namespace) -> int:
    config = configuration(args)
    files = targets(config.exports, Layout(config.paths.cache_dir))
    with Engine() as engine:
        code = run_workflow(args, config, ["export"], args.cores, engine)
    if code == 0:
        for folder in sorted({Path(file).parent for file in files}):
            size_bytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            print(f"{folder}: {size_bytes / 1e6:,.1f} MB; README.md there tells how to use it")
    return code
