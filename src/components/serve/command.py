"""``components serve``: the HTTP server, configured by ``config.yaml``."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType

import uvicorn

from components.config.load import Config
from components.config.options import add_config_option, configuration
from components.core.errors import ConfigError, LookupIndexError, SnapshotError
from components.core.layout import Layout
from components.native import load as native
from components.serve.all_routes import labels
from components.serve.http.metrics import Metrics
from components.serve.http.workers import Workers
from components.serve.server import assemble, uvicorn_config

BACKLOG = 2048
SWITCH_S = 0.0005
"""How long a thread keeps Python while another waits for it."""


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--port", type=int, help="instead of serve.port; 0: any free one")
    parser.add_argument(
        "--print-port", action="store_true", help="the port on standard output, once it listens"
    )


def run(args: argparse.Namespace) -> int:
    config = configuration(args)
    check_library(Layout(config.paths.cache_dir.absolute()).library)
    listener = listen(config.serve.host, config.serve.port if args.port is None else args.port)
    port = listener.getsockname()[1]
    say(f"listening on http://{_shown(config.serve.host)}:{port}")
    if args.print_port:
        print(port, flush=True)
    return serve(config, listener)


def serve(config: Config, listener: socket.socket) -> int:
    """Serve until SIGTERM or SIGINT; running requests are answered first."""
    # A request gives Python up a few times (to read, to ask the index, to write), and beside a
    # thread that reads a new snapshot it waits so long for each: by default 5 ms.
    sys.setswitchinterval(SWITCH_S)
    workers = config.serve.workers
    metrics = Metrics(labels(), workers)

    def run_worker(worker: int, sockets: list[socket.socket]) -> None:
        metrics.take(worker, os.getpid())
        # Until uvicorn listens for it, and when it raises it again after a graceful stop.
        signal.signal(signal.SIGTERM, _leave)
        app = assemble(config, metrics)
        uvicorn.Server(uvicorn_config(config, app)).run(sockets)

    if workers == 1:
        run_worker(0, [listener])
        return 0
    return Workers(workers, run_worker, [listener]).run()


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises :class:`ConfigError`, which tells a taken port apart."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConfigError(f"serve.host: {host}: {error.strerror}") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise SnapshotError(
                f"serve.port: {port} on {host} is taken; stop what listens there, or set another"
            ) from None
        raise ConfigError(f"serve.host: cannot listen on {host}:{port}: {error.strerror}") from None
    listener.setblocking(False)
    return listener


def check_library(path: Path) -> None:
    """Raise :class:`LookupIndexError` now rather than at the first snapshot."""
    if not path.is_file():
        raise LookupIndexError(f"{path}: the lookup library is missing; `make run` builds it")
    native.load(path)


def say(text: str) -> None:
    print(f"components serve: {text}", file=sys.stderr, flush=True)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
