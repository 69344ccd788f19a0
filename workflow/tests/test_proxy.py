"""nginx and Caddy before the server, as deploy/proxy/ has them: what passes and what ends there."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from components.core.project import PROJECT
from components.testing.extent import missing
from components.testing.ports import free_port
from components.testing.server import ANY_QUERY, FULL, QUERY, Site, first_part, serving, wait_until

FILES = PROJECT / "deploy" / "proxy"
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 4000
ROWS = 3


@dataclass(frozen=True)
class Proxy:
    port: int
    certificate: Path

    def connected(self) -> http.client.HTTPSConnection:
        context = ssl.create_default_context(cafile=str(self.certificate))
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30)
        # Known by its own name, whatever the address.
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.sock = context.wrap_socket(raw, server_hostname="parts.example")
        return connection

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = self.connected()
        try:
            headers = {"Host": "parts.example"} | headers
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def status_of_refused(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> int | None:
        """The answer's status; None where the connection was closed with the request on its way."""
        connection = self.connected()
        try:
            with suppress(OSError):  # What is refused is not read to its end.
                connection.request(method, path, body, {"Host": "parts.example"} | headers)
            return connection.getresponse().status
        except (OSError, http.client.BadStatusLine):
            return None
        finally:
            connection.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=parts.example", "-addext", "subjectAltName=DNS:parts.example"),
            *("-keyout", folder / "key.pem", "-out", folder / "certificate.pem"),
        ],
        check=True,
        capture_output=True,
    )
    return folder / "certificate.pem"


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, certificate: Path
) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp(request.param)
    site = Site(folder / "site")
    site.build("only", ROWS, [{"datasheet_pdf": PDF}])
    site.point("only")
    with serving(site.layout, max_connections_per_client=0) as server:
        server.wait_for("only")
        start = _nginx if request.param == "nginx" else _caddy
        with start(folder, server.port, certificate) as port:
            yield Proxy(port, certificate)


@contextmanager
def _nginx(folder: Path, behind: int, certificate: Path) -> Iterator[int]:
    port = free_port()
    key = certificate.with_name("key.pem")
    text = (FILES / "nginx.conf").read_text()
    for given, here in (
        ("127.0.0.1:8079", f"127.0.0.1:{behind}"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/parts.example.crt", str(certificate)),
        ("/etc/ssl/parts.example.key", str(key)),
        # An ordinary user's, for the test alone.
        ("worker_processes auto;", f"worker_processes 1; daemon off; pid {folder}/pid;"),
        ("http {", f"http {{ {_nginx_folders(folder)}"),
    ):
        assert text.count(given) == 1, given
        text = text.replace(given, here)
    config = folder / "nginx.conf"
    config.write_text(text)
    tool = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    command = [tool or missing("nginx is not installed"), "-p", folder, "-e", folder / "error.log"]
    with _running([*map(str, command), "-c", str(config)], port, folder):
        yield port


def _nginx_folders(folder: Path) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)


@contextmanager
def _caddy(folder: Path, behind: int, certificate: Path) -> Iterator[int]:
    port = free_port()
    text = (FILES / "Caddyfile").read_text()
    key = certificate.with_name("key.pem")
    for given, here in (
        ("127.0.0.1:8079", f"127.0.0.1:{behind}"),
        ("parts.example {", f"https://parts.example:{port} {{\n\ttls {certificate} {key}"),
        ("{\n\tservers", "{\n\tadmin off\n\tauto_https disable_redirects\n\tservers"),
    ):
        assert text.count(given) == 1, given
        text = text.replace(given, here)
    config = folder / "Caddyfile"
    config.write_text(text)
    tool = shutil.which("caddy") or missing("caddy is not installed")
    command = [tool, "run", "--adapter", "caddyfile", "--config", str(config)]
    with _running(command, port, folder):
        yield port


@contextmanager
def _running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    log = folder / "log.txt"
    with log.open("wb") as said:
        process = subprocess.Popen(
            command,
            stdout=said,
            stderr=said,
            cwd=folder,
            env={"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/bin"},
        )
    try:
        wait_until(lambda: process.poll() is not None or _answers(port), f"{command[0]} at {port}")
        assert process.poll() is None, log.read_text()
        yield
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_what_clients_ask_goes_through(proxy: Proxy) -> None:
    body = json.dumps(ANY_QUERY).encode()
    response, answer = proxy.ask("POST", QUERY, body)
    assert response.status == 200 and json.loads(answer)["total"] == ROWS
    assert response.headers["X-Snapshot"] == "only"
    part = first_part("resistor", ROWS)
    response, whole = proxy.ask("GET", f"/v1/components/C{part}/datasheet_pdf")
    assert (response.status, whole) == (200, PDF)
    response, piece = proxy.ask("GET", f"/v1/components/C{part}/datasheet_pdf", Range="bytes=9-19")
    assert (response.status, piece) == (206, PDF[9:20])
    response, nothing = proxy.ask("HEAD", f"/v1/components/C{part}/datasheet_pdf")
    assert (response.status, nothing) == (200, b"")
    response, bundle = proxy.ask("POST", FULL, json.dumps({"component_ids": [part]}).encode())
    assert response.status == 200 and response.headers["X-Bundle-SHA256"].encode() in bundle
    connection = proxy.connected()
    for _ in range(20):
        connection.request("POST", QUERY, body, {"Host": "parts.example"})
        assert connection.getresponse().read() == answer
    connection.close()


def test_what_is_too_large_ends_at_the_proxy(proxy: Proxy) -> None:
    # Caddy hands the head on while the body comes: the server refuses it by its length and closes,
    # which Caddy may notice before it has read the answer, or answer by closing.
    assert proxy.status_of_refused("POST", QUERY, b"{" + b" " * (5 << 20)) in (413, 502, None)
    long_header = {"X-Long": "x" * 200_000}
    assert proxy.status_of_refused("GET", "/healthz", **long_header) in (400, 431, 494, 502, None)
    assert proxy.ask("GET", "/healthz")[0].status == 200


def test_one_client_gets_so_much_of_nginx(proxy: Proxy, request: pytest.FixtureRequest) -> None:
    if "caddy" in request.node.name:
        return  # It limits no client's rate, as its file says.
    statuses = []
    connection = proxy.connected()
    started_s = time.monotonic()
    for _ in range(600):
        connection.request("GET", "/healthz", headers={"Host": "parts.example"})
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()
    # At most so many go through, however fast the machine is: 200 at once, then 100 a second.
    allowed = 200 + 100 * (time.monotonic() - started_s) + 1
    assert statuses[0] == 200 and set(statuses) <= {200, 429}
    assert statuses.count(200) <= allowed
    if allowed < len(statuses):
        assert 429 in statuses
    wait_until(lambda: proxy.ask("GET", "/healthz")[0].status == 200, "a place again")
