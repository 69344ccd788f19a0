"""The option that every verb of an operator has, and the configuration that it leads to."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.config.load import Config


def add_config_option(parser: argparse.ArgumentParser) -> None:
    """``--configfile F…``: files laid over ``config.yaml``."""
    parser.add_argument(
        "--configfile",
        type=Path,
        nargs="+",
        default=[],
        metavar="F",
        help="files with what differs from config.yaml (YAML or JSON)",
    )


def configuration(args: argparse.Namespace) -> Config:
    """The configuration of a command line. Raises :class:`ConfigError`."""
    # Not before: a run starts its engine first.
    from components.config.load import load_config

    return load_config(args.configfile)
