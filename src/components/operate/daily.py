"""``components daily``: what a scheduler calls. Asks the API for the catalogue again, then runs.

The plan compares the new catalogue with the old by content, so that only new and changed parts
are fetched and only their families are built again. What failed the day before is tried again.
"""

from __future__ import annotations

import argparse
import sys

from components.core.errors import ConfigError
from components.core.layout import Layout
from components.fetch.retry import try_now
from components.graph.command_line import (
    add_config_option,
    configuration,
    default_cores,
)
from components.graph.engine import Engine
from components.operate.changes import summary_line
from components.operate.run import run_workflow


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--cores", type=int, default=default_cores(), help="default: all")


def run(args: argparse.Namespace) -> int:
    config = configuration(args)
    if config.workflow.mode in ("serve", "stage2-build", "stage2-publish"):
        raise ConfigError(
            f"workflow.mode: daily fetches, which mode {config.workflow.mode} does not"
        )
    for receipt in try_now(Layout(config.paths.cache_dir)):
        print(f"{receipt.stem}: something failed; trying it again", file=sys.stderr)
    refresh = ["--forcerun", "fetch_catalogue"] if config.paths.source_sqlite is None else []
    layout = Layout(config.paths.cache_dir)
    before = layout.current.resolve()
    with Engine() as engine:
        code = run_workflow(args, config, refresh, args.cores, engine)
    if code == 0 and before != layout.current.resolve() and (line := summary_line(layout)):
        print(f"daily: {line}", file=sys.stderr)
    return code
