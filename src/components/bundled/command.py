"""``components upstream``: the bundled upstream, by hand."""

from __future__ import annotations

import argparse
import gc
from pathlib import Path

from components.bundled.app import Upstream
from components.bundled.catalogue import DEFAULT_PARTS, parts
from components.bundled.faults import KINDS, parse_rates
from components.bundled.server import serve
from components.core.errors import ConfigError


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8078, help="0: any free one (default 8078)")
    parser.add_argument(
        "--parts", type=int, default=DEFAULT_PARTS, help=f"how many (default {DEFAULT_PARTS})"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the parts and of the faults")
    parser.add_argument(
        "--faults",
        nargs="+",
        action="extend",
        default=[],
        metavar="[SERVICE/]KIND=SHARE",
        help=f"share of attempts that go wrong: all=0.2, or of {', '.join(KINDS)}",
    )
    parser.add_argument("--latency-ms", type=float, default=0, help="delay of every answer")
    parser.add_argument("--slow-ms", type=float, default=2000, help="delay of the fault `slow`")
    parser.add_argument("--answers", type=Path, help="folder of saved EasyEDA answers, C<id>.json")
    parser.add_argument("--until-stdin-closes", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    if args.answers and not args.answers.is_dir():
        raise ConfigError(f"--answers {args.answers}: no such folder")
    if not 0 <= args.port <= 65535:
        raise ConfigError(f"--port {args.port}: must be 0 to 65535")
    try:
        catalogue = parts(args.parts, args.seed)
    except ValueError as error:
        raise ConfigError(f"--parts {args.parts}: {error}") from None
    app = Upstream(
        catalogue,
        faults=parse_rates(args.faults),
        seed=args.seed,
        latency_s=args.latency_ms / 1000,
        slow_s=args.slow_ms / 1000,
        answers=args.answers,
    )
    # The catalogue lives as long as the process; the collector need not walk it.
    gc.freeze()
    serve(app, args.port, until_stdin_closes=args.until_stdin_closes)
    return 0
