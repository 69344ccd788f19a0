"""Ports for programs that cannot choose a free one themselves."""

from __future__ import annotations

import random
import socket
from pathlib import Path

_LOWEST = 10_000


def free_port() -> int:
    """A port of 127.0.0.1 at which nothing listens.

    It lies below those that the kernel hands out: one of these may be another connection's a
    moment later, before the program that it is for has taken it.
    """
    try:
        text = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text()
    except OSError:
        text = "32768 60999"
    below = max(int(text.split()[0]), _LOWEST + 1000)
    # Tests that run beside this one must not draw the same.
    chance = random.SystemRandom()
    for _ in range(1000):
        port = chance.randrange(_LOWEST, below)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")


def test_a_port_can_be_taken() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))
        listener.listen()
        assert listener.getsockname()[1] >= _LOWEST
