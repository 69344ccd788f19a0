"""The HTTP client against a service that misbehaves, over real sockets."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from pathlib import Path

import pytest

from components.config.stage1 import Rates, Stage1
from components.config.upstream import Upstream
from components.core.errors import UpstreamError
from components.fetch.runner import in_parallel
from components.net.answer import Answer, Forbidden, NoAnswer, NotThere, Unfit
from components.net.connect import RefusedAddress
from components.net.endpoints import Endpoints, FetchSettings
from components.net.http import Client
from components.net.room import Room
from components.testing.extent import missing
from components.testing.fetch import Asked, Reply, client, service

Serve = Callable[[Asked], Reply]


def body(answer: Answer) -> bytes:
    return answer.body


def sequence(*replies: Reply) -> tuple[Serve, list[Asked]]:
    """Answers in turn, the last one for ever; and what was asked."""
    asked: list[Asked] = []

    def answer(question: Asked) -> Reply:
        asked.append(question)
        return replies[min(len(asked), len(replies)) - 1]

    return answer, asked


OK: Reply = (200, {"Content-Type": "text/plain; charset=utf-8"}, b"fine")


@pytest.mark.parametrize(
    "fault",
    [
        (500, {}, b""),
        (502, {}, b"<html>"),
        (408, {}, b""),
        (401, {}, b""),
        (403, {}, b""),
        (403, {}, b'{"message": "No permission"}'),
        (403, {"Retry-After": "0"}, b""),
        (429, {}, b""),
        (429, {"Retry-After": formatdate(time.time() - 5, usegmt=True)}, b""),
        (503, {"Retry-After": "0"}, b""),
        (0, {}, b""),
        (200, {"Content-Length": "90", "Connection": "close"}, b"half"),
        (200, {"Content-Encoding": "gzip"}, b"no gzip"),
    ],
    ids=lambda fault: f"{fault[0]}{sorted(fault[1])}{len(fault[2])}",
)
def test_a_passing_fault_is_overcome(tmp_path: Path, fault: Reply) -> None:
    serve, asked = sequence(fault, fault, OK)
    with service(serve) as base:
        answer = client(tmp_path, base).get(f"{base}/x", "lcsc", lambda found: found, own=True)
    assert (answer.body, answer.mime, answer.url) == (b"fine", "text/plain", f"{base}/x")
    assert len(asked) == 3
    assert {question.headers["user-agent"] for question in asked} == {Upstream().user_agent}


def test_the_last_reason_is_named_once_all_attempts_have_failed(tmp_path: Path) -> None:
    serve, asked = sequence((500, {}, b""), (0, {}, b""))
    with service(serve) as base:
        here = client(tmp_path, base, retry_attempts=2)
        with pytest.raises(UpstreamError, match=r"/x: cut off, after 3 attempts$"):
            here.get(f"{base}/x", "lcsc", body, own=True)
    assert len(asked) == 3


def test_what_is_gone_is_not_asked_for_again(tmp_path: Path) -> None:
    for status in (404, 410):
        serve, asked = sequence((status, {}, b""))
        with service(serve) as base, pytest.raises(NotThere, match=f"HTTP {status}"):
            client(tmp_path, base).get(f"{base}/x", "lcsc", body, own=True)
        assert len(asked) == 1


def test_an_unfit_answer_is_asked_for_again_and_may_count_as_gone(tmp_path: Path) -> None:
    serve, asked = sequence((200, {}, b"busy"), OK)

    def fine(answer: Answer) -> bytes:
        if answer.body != b"fine":
            raise Unfit("busy", gone=True)
        return answer.body

    with service(serve) as base:
        assert client(tmp_path, base).get(f"{base}/x", "lcsc", fine, own=True) == b"fine"
    assert len(asked) == 2
    serve, asked = sequence((200, {}, b"busy"))
    with service(serve) as base, pytest.raises(NotThere, match="busy"):
        client(tmp_path, base, retry_attempts=1).get(f"{base}/x", "lcsc", fine, own=True)
    assert len(asked) == 2


def test_throttling_stops_all_workers_and_a_stubborn_host_is_given_up(tmp_path: Path) -> None:
    serve, asked = sequence((403, {}, b""), (403, {}, b""), OK)
    with service(serve) as base:
        here = client(tmp_path, base, throttle_cooldown_s=0.3)
        start_s = time.monotonic()
        assert here.get(f"{base}/x", "easyeda", body, own=True) == b"fine"
        assert time.monotonic() - start_s >= 0.3
    serve, asked = sequence((403, {}, b""))
    with service(serve) as base:
        here = client(tmp_path, base, throttle_cooldown_s=0, retry_attempts=1)
        for _ in range(5):
            with pytest.raises(UpstreamError):
                here.get(f"{base}/x", "easyeda", body, own=True)
    assert len(asked) == 4


def test_who_waits_for_a_slot_waits_for_the_host_too(tmp_path: Path) -> None:
    times: list[float] = []

    def serve(_: Asked) -> Reply:
        times.append(time.monotonic())
        return (429, {"Retry-After": "1"}, b"") if len(times) == 1 else OK

    rates = {"jlc": 0, "easyeda": 10, "lcsc": 0}
    with service(serve) as base:
        here = client(tmp_path, base, requests_per_second=rates)
        threads = [
            threading.Thread(
                target=here.get, args=(f"{base}/{n}", "easyeda", body), kwargs={"own": True}
            )
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    # All were waiting for their slots, the last for 0.7 s, when the first was refused.
    assert len(times) == 9
    assert sum(moment_s < times[0] + 1 for moment_s in times) <= 4


def test_retry_after_is_waited_for_unless_it_is_too_long(tmp_path: Path) -> None:
    serve, asked = sequence((429, {"Retry-After": "1"}, b""), OK)
    with service(serve) as base:
        start_s = time.monotonic()
        assert client(tmp_path, base).get(f"{base}/x", "lcsc", body, own=True) == b"fine"
        assert time.monotonic() - start_s >= 1
    serve, asked = sequence((429, {"Retry-After": "86400"}, b""))
    with service(serve) as base, pytest.raises(UpstreamError, match="pause of 86400 s"):
        client(tmp_path, base).get(f"{base}/x", "lcsc", body, own=True)
    assert len(asked) == 1


def test_the_rate_limit_holds_for_all_workers_of_two_clients(tmp_path: Path) -> None:
    times: list[float] = []

    def serve(_: Asked) -> Reply:
        times.append(time.monotonic())
        return OK

    rates = {"jlc": 0, "easyeda": 0, "lcsc": 50}
    with service(serve) as base:
        clients = [client(tmp_path, base, requests_per_second=rates) for _ in range(2)]

        def ask(number: int) -> None:
            clients[number % 2].get(f"{base}/{number}", "lcsc", body, own=True)

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(times) == 40
    for start_s in times:
        # The server may be late in taking a request, which then seems close to the next.
        near = [moment_s for moment_s in times if start_s <= moment_s < start_s + 0.4]
        assert len(near) <= 50 * (0.4 + 0.1) + 1


def test_private_addresses_are_refused_also_after_a_redirect(tmp_path: Path) -> None:
    serve, asked = sequence(OK)
    with service(serve) as inner:
        here = client(tmp_path)
        for url in (f"{inner}/x", inner.replace("127.0.0.1", "localhost"), "http://[::1]/x"):
            with pytest.raises(RefusedAddress, match="private address"):
                here.get(url, "lcsc", body)
        port = inner.rpartition(":")[2]
        outer, _ = sequence((302, {"Location": f"http://localhost:{port}/x"}, b""))
        with service(outer) as base, pytest.raises(RefusedAddress, match="localhost"):
            client(tmp_path, base).get(f"{base}/x", "lcsc", body, own=True)
        allowed = FetchSettings(
            upstream=Upstream(kind="live", allowed_private_hosts=("127.0.0.1",)),
            stage1=Stage1(),
        )
        nowhere = "http://service.invalid"
        named = Client(allowed, Endpoints(nowhere, nowhere, nowhere, nowhere), tmp_path / "limits")
        assert named.get(f"{inner}/x", "datasheet", body) == b"fine"
    assert len(asked) == 1


def test_redirects_are_followed_to_other_schemes_never_and_not_for_ever(tmp_path: Path) -> None:
    for location, reason in (
        ("file:///etc/hostname", "only http and https"),
        ("http://user:secret@127.0.0.1/", "user name"),
        ("gopher://127.0.0.1/", "only http and https"),
    ):
        serve, asked = sequence((302, {"Location": location}, b""))
        with service(serve) as base, pytest.raises(RefusedAddress, match=reason) as caught:
            client(tmp_path, base).get(f"{base}/x", "lcsc", body, own=True)
        assert "secret" not in str(caught.value) and len(asked) == 1
    resolve = {"a.upstream.test": ("127.0.0.1", 0)}

    def around(question: Asked) -> Reply:
        return 302, {"Location": f"http://a.upstream.test{question.path}x"}, b""

    with service(around) as base:
        resolve["a.upstream.test"] = ("127.0.0.1", int(base.rpartition(":")[2]))
        here = Client(
            FetchSettings(upstream=Upstream(kind="live")),
            Endpoints(base, base, base, base, resolve),
            tmp_path / "around",
        )
        with pytest.raises(UpstreamError, match="more than 5 redirects"):
            here.get("http://a.upstream.test/x", "datasheet", body)


def test_a_large_answer_is_cut_short_whatever_it_announces(tmp_path: Path) -> None:
    chunked = {"Transfer-Encoding": "chunked"}
    content = b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n"
    for reply in (
        (200, {}, b"x" * 1001),
        (200, chunked, content * 20 + b"0\r\n\r\n"),
        (200, {"Content-Length": "9" * 30}, b""),
    ):

        def serve(_: Asked, reply: Reply = reply) -> Reply:
            return reply

        with service(serve) as base, pytest.raises(UpstreamError, match="bytes"):
            client(tmp_path, base).get(f"{base}/x", "lcsc", body, own=True, size_most_bytes=1000)


def test_large_answers_wait_for_each_other(tmp_path: Path) -> None:
    """Eight bodies of 4 MiB at once, half of them of untold length, with room for one or two."""
    size_bytes = 4 << 20
    held: list[int] = []
    peaks: list[int] = []
    lock = threading.Lock()
    room = Room(4 * size_bytes)

    def serve(asked: Asked) -> Reply:
        if asked.path.endswith("told"):
            return 200, {}, b"x" * size_bytes
        chunks = b"%x\r\n%b\r\n" % (size_bytes, b"x" * size_bytes) + b"0\r\n\r\n"
        return 200, {"Transfer-Encoding": "chunked"}, chunks

    with service(serve) as base:
        here = client(tmp_path, base, room=room)

        def fetch(number: int) -> None:
            with room.part():
                kind = "told" if number % 2 else "untold"
                url = f"{base}/{number}/{kind}"
                got = here.get(url, "lcsc", body, own=True, size_most_bytes=2 * size_bytes)
                with lock:
                    held.append(len(got))
                    peaks.append(sum(held))
                time.sleep(0.05)
                with lock:
                    held.remove(len(got))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(fetch, range(8)))
    assert len(peaks) == 8 and max(peaks) <= 2 * size_bytes


def test_a_slow_answer_is_given_up(tmp_path: Path) -> None:
    def serve(_: Asked) -> Reply:
        time.sleep(1)
        return OK

    with service(serve) as base:
        here = client(tmp_path, base, timeout_s=0.2, retry_attempts=0)
        with pytest.raises(UpstreamError, match="timed out"):
            here.get(f"{base}/x", "lcsc", body, own=True)


def test_a_signed_request_keeps_its_secret(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()

    def sign(method: str, url: str, content: bytes) -> dict[str, str]:
        seen["signed"] += 1
        return {"Authorization": f"JOP secret-{seen['signed']}"}

    away: Reply = (302, {"Location": "http://elsewhere.example/"}, b"")
    serve, asked = sequence((500, {}, b""), (403, {}, b""), away, OK, (0, {}, b""))
    with service(serve) as base:
        here = client(tmp_path, base)
        answers = [here.exchange(f"{base}/x", "jlc", b"{}", sign) for _ in range(4)]
        with pytest.raises(NoAnswer, match=r"/x: cut off") as caught:
            here.exchange(f"{base}/x", "jlc", b"{}", sign)
    # Whatever the status, it is the caller's to judge, and no redirect is followed.
    assert [answer.status for answer in answers] == [500, 403, 302, 200]
    assert [question.headers["authorization"] for question in asked] == [
        f"JOP secret-{n}" for n in range(1, 6)
    ]
    assert {question.body for question in asked} == {b"{}"}
    assert "secret" not in repr(caught.value)


def test_one_refused_address_in_ten_does_not_stop_a_host(tmp_path: Path) -> None:
    asked: Counter[str] = Counter()

    def serve(question: Asked) -> Reply:
        asked[question.path] += 1
        return (403, {}, b"<html>Forbidden</html>") if question.path.endswith("7") else OK

    refused: list[str] = []
    with service(serve) as base:
        here = client(tmp_path, base, throttle_cooldown_s=30, retry_backoff_s=0.02, workers=8)

        def ask(number: int) -> None:
            try:
                assert here.get(f"{base}/{number}", "easyeda", body, own=True) == b"fine"
            except Forbidden as error:
                refused.append(str(error))

        start_s = time.monotonic()
        in_parallel(ask, range(300), 8)
        # Had the host been left alone once, it would have taken half a minute.
        assert time.monotonic() - start_s < 30
    assert len(refused) == 30 and "HTTP 403, while 127.0.0.1 answers others" in refused[0]
    assert len(asked) == 300 and asked.total() <= 300 + 30 * 3


def test_a_lasting_403_names_the_user_agent(tmp_path: Path) -> None:
    serve, _ = sequence((403, {}, b"<html>Forbidden</html>"))
    with service(serve) as base:
        here = client(tmp_path, base, throttle_cooldown_s=0, retry_attempts=1)
        for _ in range(4):
            with pytest.raises(UpstreamError, match=r"upstream\.user_agent \(components-pipeline/"):
                here.get(f"{base}/x", "easyeda", body, own=True)


def test_connections_are_used_again(tmp_path: Path) -> None:
    ports: set[object] = set()

    def serve(question: Asked) -> Reply:
        ports.add(threading.get_ident())
        return 200, {}, json.dumps(question.path).encode()

    with service(serve) as base:
        here = client(tmp_path, base)
        for number in range(20):
            here.get(f"{base}/{number}", "lcsc", body, own=True)
    # The server has a thread for each connection.
    assert len(ports) == 1


def test_certificates_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("openssl") is None:
        missing("no openssl to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=secure.upstream.test"),
            *("-addext", "subjectAltName=DNS:secure.upstream.test"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    serve, asked = sequence(OK)
    with service(serve, context) as base:
        port = int(base.rpartition(":")[2])

        def ask(host: str, folder: str) -> bytes:
            services = Endpoints(base, base, base, base, {host: ("127.0.0.1", port)})
            settings = FetchSettings(
                upstream=Upstream(kind="live"),
                stage1=Stage1(retry_attempts=0, requests_per_second=Rates(lcsc=0)),
            )
            here = Client(settings, services, tmp_path / folder)
            return here.get(f"https://{host}/x", "lcsc", body)

        with pytest.raises(UpstreamError, match="certificate refused"):
            ask("secure.upstream.test", "unknown")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert ask("secure.upstream.test", "known") == b"fine"
        with pytest.raises(UpstreamError, match="certificate refused"):
            ask("another.upstream.test", "wrong name")
    assert len(asked) == 1
