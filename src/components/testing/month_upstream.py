"""The bundled upstream over a :class:`Month`: told which night it is, and what is wrong with it.

``python -m components.testing.month_upstream --parts 20000 --nights 30`` prints its port and serves
until its standard input is closed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from components.bundled.app import Upstream
from components.bundled.faults import STREAK_MAX
from components.bundled.message import DOMAIN
from components.bundled.server import serve
from components.core.project import PROJECT
from components.testing.month_parts import Month

NIGHT = "/__night"


class NightlyUpstream:
    """The ASGI application. ``POST /__night`` takes ``night``, ``faults`` and ``down``."""

    def __init__(self, month: Month) -> None:
        self._month = month
        self._down: frozenset[str] = frozenset()
        self._upstream = Upstream(month.parts(1))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == NIGHT:
            self._turn(json.loads((await receive())["body"]))
            await _send(send, 200, b"{}")
        elif scope["type"] == "http" and self._host(scope) in self._down:
            await _send(send, 503, b"down")
        else:
            await self._upstream(scope, receive, send)

    def _turn(self, told: Mapping[str, Any]) -> None:
        night = int(told["night"])
        self._down = frozenset(told["down"])
        self._upstream = Upstream(
            self._month.parts(night), faults=told["faults"], seed=night, slow_s=0.1
        )

    @staticmethod
    def _host(scope: Any) -> str:
        host = next((value for key, value in scope["headers"] if key == b"host"), b"")
        return str(host.partition(b":")[0].decode("latin-1").removesuffix(f".{DOMAIN}"))


async def _send(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Nightly:
    """A running one."""

    def __init__(self, port: int) -> None:
        self.port = port

    def turn(self, night: int, faults: Mapping[str, float], down: Sequence[str]) -> None:
        """Let it be another night; what was counted is forgotten."""
        self._ask(NIGHT, {"night": night, "faults": dict(faults), "down": list(down)})

    def requests(self) -> dict[str, int]:
        """How many each service was asked since the night began; a service that is down: none."""
        services = self._ask("/__stats?times=false")["services"]
        return {name: int(told["requests"]) for name, told in services.items()}

    def _ask(self, path: str, content: object = None) -> dict[str, Any]:
        data = None if content is None else json.dumps(content).encode()
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.port}{path}", data, timeout=60
        ) as reply:
            answer: dict[str, Any] = json.load(reply)
        return answer


@contextmanager
def running(parts: int, nights: int, source: Path | None) -> Iterator[Nightly]:
    """Start it on a free port; it ends with the block, and with this process."""
    words = [f"--parts={parts}", f"--nights={nights}"] + ([f"--source={source}"] if source else [])
    path = os.pathsep.join(filter(None, (str(PROJECT / "src"), os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(
        [sys.executable, "-m", __spec__.name, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
    )
    with process:
        assert process.stdout is not None and process.stdin is not None
        try:
            port = process.stdout.readline().decode().rpartition(":")[2].strip()
            if not port.isdecimal():
                raise RuntimeError("the upstream did not start; see its message above")
            yield Nightly(int(port))
        finally:
            process.stdin.close()
            process.terminate()


def main() -> int:
    parser = argparse.ArgumentParser(prog="components.testing.month_upstream")
    parser.add_argument("--parts", type=int, required=True)
    parser.add_argument("--nights", type=int, required=True)
    parser.add_argument("--source", type=Path)
    args = parser.parse_args()
    month = Month(args.parts, args.nights, args.source)
    serve(NightlyUpstream(month), 0, until_stdin_closes=True)
    return 0


def test_it_turns_from_night_to_night() -> None:
    from urllib.error import HTTPError

    import pytest

    month = Month(200, 3)
    path = "/api/products/C%d/components"
    fresh = min(month.new(2))
    with running(200, 3, None) as upstream:

        def ask(number: int) -> bytes:
            request = urllib.request.Request(
                f"http://127.0.0.1:{upstream.port}{path % number}",
                headers={"Host": f"easyeda.{DOMAIN}"},
            )
            with urllib.request.urlopen(request, timeout=30) as reply:
                return bytes(reply.read())

        assert b"not found" in ask(fresh)
        upstream.turn(2, {}, [])
        assert b"not found" not in ask(fresh)
        assert upstream.requests()["easyeda"] == 1
        upstream.turn(3, {}, ["easyeda"])
        for _ in range(STREAK_MAX + 2):
            with pytest.raises(HTTPError, match="503"):
                ask(fresh)


if __name__ == "__main__":
    sys.exit(main())
