"""The services as one ASGI application on one port.

A service is told by the Host header (``jlc.upstream.test``) or, when reached by address, by the
first folder of the path (``/jlc/…``). What lies below ``/__`` speaks of the upstream itself.
"""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from components.bundled.catalogue import calmed
from components.bundled.faults import HOPELESS, Faults
from components.bundled.jlc import Jlc
from components.bundled.message import DOMAIN, SERVICES, Reply, Request, Service, not_found
from components.bundled.misbehave import RAW, altered, break_off
from components.bundled.part import Part
from components.bundled.shops import Datasheets, EasyEda, Lcsc, Modules, images

BODY_MAX = 1 << 20


class Upstream:
    """The ASGI application; ``latency_s`` delays every answer, ``slow_s`` those that are slow."""

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        faults: Mapping[str, float] | None = None,
        seed: int = 1,
        latency_s: float = 0,
        slow_s: float = 2,
        answers: Path | None = None,
    ) -> None:
        # Files lie where every part says; whoever asked for no faults is led to none but good ones.
        told = parts if faults else calmed(parts)
        self._easyeda = EasyEda(parts, answers)
        self._services: dict[str, Service] = {
            "jlc": Jlc(told),
            "easyeda": self._easyeda,
            "modules": Modules(parts),
            "lcsc": Lcsc(told),
            "datasheets": Datasheets(parts),
            "images": images,
        }
        self._hosts = {f"{name}.{DOMAIN}".encode(): name for name in SERVICES}
        self._faults = Faults({k: v for k, v in (faults or {}).items() if k != HOPELESS}, seed)
        self._latency_s = latency_s
        self._slow_s = slow_s
        self._start_s = time.monotonic()
        self._times_s: dict[str, array[float]] = {name: array("d") for name in SERVICES}
        self._control = self._control_app(len(parts))

    def _control_app(self, count: int) -> FastAPI:
        app = FastAPI(title="Bundled upstream", docs_url=None, redoc_url=None)

        @app.get("/__stats")
        def stats(times: bool = True) -> dict[str, Any]:
            """Requests by service with their arrival in seconds since the start, and faults."""
            services = {
                name: {"requests": len(seen), "times_s": list(seen) if times else []}
                for name, seen in self._times_s.items()
            }
            faults = dict(sorted(self._faults.counts.items()))
            return {"parts": count, "services": services, "faults": faults}

        @app.post("/__reset")
        def reset() -> dict[str, bool]:
            """Forget the times seen so far; faults go on where they are."""
            for seen in self._times_s.values():
                del seen[:]
            return {"reset": True}

        return app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/__"):
            await self._control(scope, receive, send)
            return
        name, path = self._route(scope)
        if not name:
            await _send(send, not_found(scope["path"]))
            return
        self._times_s[name].append(time.monotonic() - self._start_s)
        request = await _request(scope, path, receive)
        address = f"{path}?{request.query}\0{request.body.decode('latin-1')}"
        kind = self._faults.decide(name, address)
        if self._latency_s:
            await asyncio.sleep(self._latency_s)
        reply = self._services[name](request)
        if kind is None:
            await _send(send, reply)
        else:
            await self._misbehave(kind, request, reply, receive, send)

    async def _misbehave(
        self, kind: str, request: Request, reply: Reply, receive: Any, send: Any
    ) -> None:
        if kind in RAW:
            # uvicorn's `send` belongs to the object that holds the connection.
            await break_off(kind, reply, send.__self__.transport, receive)
            return
        if kind == "slow":
            await asyncio.sleep(self._slow_s)
        elif kind == "another_part" and request.path != "/":
            reply = self._easyeda.of_another_part(request)
        await _send(send, altered(kind, request, reply))

    def _route(self, scope: Any) -> tuple[str, str]:
        path: str = scope["path"]
        for key, value in scope["headers"]:
            if key == b"host":
                name = self._hosts.get(value.partition(b":")[0].lower())
                if name:
                    return name, path
                break
        first, _, rest = path[1:].partition("/")
        return (first, f"/{rest}") if first in self._services else ("", path)


async def _request(scope: Any, path: str, receive: Any) -> Request:
    body = b""
    authorization = ""
    if scope["method"] == "POST":
        authorization = next(
            (value.decode("latin-1") for key, value in scope["headers"] if key == b"authorization"),
            "",
        )
        more = True
        while more and len(body) <= BODY_MAX:
            event = await receive()
            body += event.get("body", b"")
            more = event.get("more_body", False)
    query = scope["query_string"].decode("latin-1")
    target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    return Request(scope["method"], path, query, target, authorization, body)


async def _send(send: Any, reply: Reply) -> None:
    headers = [
        (b"content-type", reply.media_type.encode()),
        (b"content-length", b"%d" % len(reply.body)),
    ]
    headers += [(key.encode(), value.encode()) for key, value in reply.headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
