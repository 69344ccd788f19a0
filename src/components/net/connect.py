"""Connections that go only where they may, and end when they must.

Datasheet addresses come from strangers. What counts is the address that a socket really connects
to: it is resolved once, checked, and connected to as checked, so that a name that resolves
differently a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
)

from components.core.errors import UpstreamError

Resolve = Mapping[str, tuple[str, int]]
# Decided here, since each release of Python knows another part of IANA's registries
# (https://www.iana.org/assignments/iana-ipv4-special-registry, and ipv6). Of IPv6 only what is
# assigned as global unicast is public, less what is special in it: documentation, benchmarks, and
# what holds an IPv4 address (Teredo, 6to4). How IPv4 is reached through NAT64 is that address's.
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SPECIAL_V6 = tuple(
    map(ipaddress.ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
)
_SPECIAL_V4 = tuple(
    map(
        ipaddress.ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
            *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24"),
            *("192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
            # Multicast, reserved, broadcast.
            *("224.0.0.0/4", "240.0.0.0/4"),
        ),
    )
)
_WATCH_INTERVAL_S = 0.25


class RefusedAddress(UpstreamError):
    """An address that is not fetched from, whatever answers there."""


def is_public(address: str) -> bool:
    """Whether an IP address is one that anybody on the internet could reach.

    >>> [is_public(a) for a in ("93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822")]
    [True, True, True]
    >>> [is_public(a) for a in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "224.0.0.1", "::1")]
    [False, False, False, False, False]
    >>> [is_public(a) for a in ("::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "fe80::1%1")]
    [False, False, False, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _SPECIAL_V4)
    if ip in _NAT64:
        return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip in _GLOBAL_V6 and not any(ip in network for network in _SPECIAL_V6)


class Guard:
    """Decides where a host name leads: by ``resolve``, or by DNS to a public address only.

    ``private`` names the hosts whose addresses may be private. Hosts of ``resolve`` are reached at
    the given address and port, never through DNS.
    """

    def __init__(self, resolve: Resolve, private: Collection[str]) -> None:
        self._resolve = dict(resolve)
        self._private = {host.lower() for host in private}

    def targets(self, host: str, port: int) -> list[tuple[Any, ...]]:
        """What to connect to, as ``getaddrinfo`` has it. Raises :class:`RefusedAddress`."""
        host = host.lower().rstrip(".")
        if host in self._resolve:
            if port not in (80, 443):
                raise RefusedAddress(f"{host}:{port}: refused: a port that the host does not have")
            host, port = self._resolve[host]
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        if host in self._private:
            return found
        public = [target for target in found if is_public(str(target[4][0]))]
        if not public:
            raise RefusedAddress(
                f"{host}: refused: a private address; name the host in "
                "upstream.allowed_private_hosts if it is meant"
            )
        return public

    def adapter(self, watch: Watch, connections: int) -> HTTPAdapter:
        """An adapter of ``requests`` that connects through this guard."""
        guard = self

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return _connected(guard, self)

            def request(self, *args: Any, **kwargs: Any) -> None:
                watch.attach(self)
                super().request(*args, **kwargs)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return _connected(guard, self)

            def request(self, *args: Any, **kwargs: Any) -> None:
                watch.attach(self)
                super().request(*args, **kwargs)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        adapter = HTTPAdapter(pool_connections=128, pool_maxsize=connections, max_retries=0)
        adapter.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
        return adapter


def _connected(guard: Guard, connection: HTTPConnection) -> socket.socket:
    host = connection.host
    try:
        targets = guard.targets(host, connection.port or 80)
    except (OSError, UnicodeError) as error:
        raise NameResolutionError(host, connection, socket.gaierror(str(error))) from error
    failure: OSError | None = None
    for family, kind, protocol, _, address in targets:
        sock = socket.socket(family, kind, protocol)
        try:
            timeout = connection.timeout
            sock.settimeout(timeout if isinstance(timeout, int | float) else None)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
            return sock
        except OSError as error:
            sock.close()
            failure = error
    if isinstance(failure, TimeoutError):
        raise ConnectTimeoutError(connection, f"{host}: no connection in time") from failure
    raise NewConnectionError(connection, str(failure)) from failure


class Watch:
    """Ends requests that take longer than they may, however slowly their bytes trickle in."""

    def __init__(self) -> None:
        self._own = threading.local()
        self._open: dict[int, tuple[float, HTTPConnection | None]] = {}
        self._lock = threading.Lock()
        self._started = False

    @contextmanager
    def limit(self, duration_s: float) -> Iterator[None]:
        """Whatever this thread requests within the block is cut off after ``duration_s``.

        Raises :class:`TimeoutError` where a block took longer, however it ended: headers that are
        cut off look like complete ones, and the other side may reset what was cut off.
        """
        own = threading.get_ident()
        deadline_s = time.monotonic() + duration_s
        with self._lock:
            self._open[own] = (deadline_s, None)
            if not self._started:
                self._started = True
                threading.Thread(target=self._work, name="watch", daemon=True).start()
        failure: Exception | None = None
        try:
            yield
        except (OSError, HTTPError) as error:
            failure = error
        finally:
            with self._lock:
                del self._open[own]
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"took longer than {duration_s:g} s") from failure
        if failure is not None:
            raise failure

    def attach(self, connection: HTTPConnection) -> None:
        """Note which connection this thread's request uses."""
        own = threading.get_ident()
        with self._lock:
            if own in self._open:
                self._open[own] = (self._open[own][0], connection)

    def _work(self) -> None:
        while True:
            time.sleep(_WATCH_INTERVAL_S)
            now_s = time.monotonic()
            with self._lock:
                for deadline_s, connection in self._open.values():
                    sock = connection.sock if connection else None
                    if now_s > deadline_s and sock is not None:
                        # Reading then ends at once, in the thread that waits for it.
                        with suppress(OSError):
                            sock.shutdown(socket.SHUT_RDWR)


def test_only_public_addresses_or_named_hosts_are_connected_to() -> None:
    import pytest

    guard = Guard({"a.upstream.test": ("127.0.0.1", 7)}, {"Localhost"})
    assert guard.targets("A.upstream.test", 80)[0][4] == ("127.0.0.1", 7)
    assert guard.targets("localhost", 9)
    for host in ("127.0.0.1", "2130706433", "0x7f.1", "[::1]".strip("[]"), "0.0.0.0", "10.0.0.1"):
        with pytest.raises(RefusedAddress, match="private address"):
            guard.targets(host, 80)
    with pytest.raises(RefusedAddress, match="port"):
        guard.targets("a.upstream.test", 22)


def test_a_redirected_name_is_checked_where_the_socket_goes() -> None:
    import pytest
    import requests

    watch = Watch()
    adapter = Guard({}, ()).adapter(watch, 1)
    prepared = requests.Request("GET", "http://127.0.0.1:9/x.pdf").prepare()
    with pytest.raises(RefusedAddress, match=r"127\.0\.0\.1"):
        adapter.send(prepared, timeout=1)


def test_what_is_special_is_not_public_on_any_python() -> None:
    for address in (
        *("64:ff9b:1::1", "64:ff9b::7f00:1", "fec0::1", "::8.8.8.8", "::ffff:0:8.8.8.8"),
        *("::ffff:8.8.8.8", "192.0.0.8", "192.0.0.9", "100.64.0.1", "198.18.0.1", "240.0.0.1"),
        *("255.255.255.255", "2001::1", "2001:db8::1", "3fff::1", "fc00::1", "ff02::1", "::"),
        *("2002:808:808::", "100::1", "5f00::1", "0.0.0.0", "192.88.99.1"),
    ):
        assert not is_public(address), address
    for address in ("8.8.8.8", "192.0.1.1", "2001:4860:4860::8888", "2a00:1450::1", "172.32.0.1"):
        assert is_public(address), address


def test_a_name_that_answers_twice_is_connected_to_as_it_was_checked() -> None:
    from unittest import mock

    import pytest
    import requests

    answers = ["93.184.216.34", "127.0.0.1", "127.0.0.1"]
    connected: list[object] = []

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    def connect(_: object, address: object) -> None:
        connected.append(address)
        raise OSError("refused")

    sock = mock.Mock(spec=socket.socket)
    sock.connect.side_effect = lambda address: connect(sock, address)
    prepared = requests.Request("GET", "http://twice.test/x.pdf").prepare()
    with (
        mock.patch.object(socket, "getaddrinfo", resolve),
        mock.patch.object(socket, "socket", lambda *_: sock),
        pytest.raises(requests.ConnectionError),
    ):
        Guard({}, ()).adapter(Watch(), 1).send(prepared, timeout=1)
    assert connected == [("93.184.216.34", 80)] and len(answers) == 2


def test_a_trickling_answer_is_cut_off() -> None:
    import pytest
    import requests

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def trickle() -> None:
            sock, _ = listener.accept()
            with sock, suppress(OSError):
                sock.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while True:
                    sock.sendall(b"x")
                    time.sleep(0.02)

        threading.Thread(target=trickle, daemon=True).start()
        watch = Watch()
        adapter = Guard({}, ("127.0.0.1",)).adapter(watch, 1)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(TimeoutError, match=r"0\.3 s"), watch.limit(0.3):
            adapter.send(requests.Request("GET", url).prepare(), timeout=30)


def test_what_ends_late_has_taken_too_long_however_it_ends() -> None:
    import pytest

    watch = Watch()
    for error in (ConnectionResetError("by peer"), HTTPError("aborted")):
        with pytest.raises(TimeoutError, match="longer") as caught, watch.limit(0):
            time.sleep(0.01)
            raise error
        assert caught.value.__cause__ is error
        with pytest.raises(type(error)), watch.limit(600):
            raise error
    with pytest.raises(TimeoutError), watch.limit(0):
        time.sleep(0.01)
    assert not watch._open
