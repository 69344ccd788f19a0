"""A service of one test: real HTTP on loopback, answering as a function says."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from components.config.stage1 import Stage1
from components.config.upstream import Upstream
from components.net.endpoints import Endpoints, FetchSettings
from components.net.http import Client
from components.net.room import ROOM, Room


class Asked(NamedTuple):
    """A request as it came; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Reply = tuple[int, Mapping[str, str], bytes]


@contextmanager
def service(
    answer: Callable[[Asked], Reply], context: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Serve until the block ends; yields the base address. A status of 0 breaks the connection."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {key.lower(): value for key, value in self.headers.items()}
            status, extra, content = answer(Asked(self.command, self.path, headers, body))
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            for key, value in {"Content-Length": str(len(content)), **extra}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = "Connection" in extra

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def get_request(self) -> tuple[socket.socket, object]:
            plug, address = super().get_request()
            # The handshake is left to the connection's own thread.
            if context:
                plug = context.wrap_socket(plug, True, do_handshake_on_connect=False)
            return plug, address

        def handle_error(self, request: object, client_address: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def client(
    folder: Path, base: str = "http://service.invalid", room: Room = ROOM, **stage1: object
) -> Client:
    """A client whose services are all at ``base``, and that loses no time between attempts."""
    quick = {"retry_backoff_s": 0.001, "throttle_cooldown_s": 0.05, "timeout_s": 5, "workers": 8}
    settings = FetchSettings(
        upstream=Upstream(kind="live"), stage1=Stage1.model_validate(quick | stage1)
    )
    unlimited = {"requests_per_second": {"jlc": 0, "easyeda": 0, "lcsc": 0}}
    if "requests_per_second" not in stage1:
        settings = FetchSettings(
            upstream=settings.upstream,
            stage1=Stage1.model_validate(settings.stage1.model_dump() | unlimited),
        )
    return Client(settings, Endpoints(base, base, base, base), folder, room)
