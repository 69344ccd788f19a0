"""``components bench``: runs the benchmarks that are named, or all, one after the other."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from pathlib import Path

import components.bench as package
from components.core.errors import ConfigError

NOT_BENCHMARKS = {
    *("command", "corpora", "cost", "lookup_index", "lookup_rivals", "lookup_sqlite"),
    *("memory", "meshes", "packages", "replicas", "report", "scatter", "sources"),
    *("scale_fetch", "scale_jobs", "scale_operate", "scale_row", "scale_transform"),
}


def names() -> list[str]:
    """Every module of this package that measures something."""
    return sorted({m.name for m in pkgutil.iter_modules(package.__path__)} - NOT_BENCHMARKS)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="*", help=f"which: {', '.join(names())}; default: all")
    parser.add_argument("--source", type=Path, help="a jlcparts-style cache.sqlite3 to measure on")
    parser.add_argument(
        "--replicas",
        type=int,
        nargs="+",
        metavar="N",
        help="how many times over the catalogue is measured, by lookup and transform"
        " (default: to 10 million rows, to 12 times)",
    )
    parser.add_argument(
        "--parts", type=int, help="how large a catalogue `scale` and `workflow` measure on"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=("transform", "fetch", "operate"),
        help="of `scale`, these tables alone",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        help="where `scale` and `workflow` work, with space; default: where TMPDIR says",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("results/bench"),
        help="docs/benchmarks.md shows docs/bench",
    )


def run(args: argparse.Namespace) -> int:
    if unknown := sorted(set(args.name) - set(names())):
        raise ConfigError(f"no benchmark {', '.join(unknown)}; there are {', '.join(names())}")
    for name in args.name or names():
        for table in importlib.import_module(f"{package.__name__}.{name}").run(args):
            print(table.markdown(), flush=True)
            table.save(args.output)
    return 0
