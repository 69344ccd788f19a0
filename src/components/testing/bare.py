"""The floor that the server is measured against: uvicorn, and an application that only replies.

``python -m components.testing.bare REPLIES PORT_FILE`` answers every request with the next of the
replies (a JSON list of texts), without reading what was asked.
"""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

import uvicorn

from components.serve.command import listen
from components.serve.http.asgi import JSON, Receive, Scope, Send


def main() -> None:
    replies_path, port_path = map(Path, sys.argv[1:])
    replies = itertools.cycle(
        [
            ({"type": "http.response.start", "status": 200, "headers": headers}, body)
            for text in json.loads(replies_path.read_text())
            for headers in ([JSON, (b"content-length", b"%d" % len(text.encode()))],)
            for body in ({"type": "http.response.body", "body": text.encode()},)
        ]
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        start, body = next(replies)
        await send(start)
        await send(body)

    listener = listen("127.0.0.1", 0)
    port_path.write_text(str(listener.getsockname()[1]))
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="off",
    )
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
