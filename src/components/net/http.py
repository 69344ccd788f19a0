"""The one HTTP client of stage 1: polite, patient, and careful whom it talks to.

It reuses connections, waits for its turn (:mod:`components.net.limiter`), connects only where it
may (:mod:`components.net.connect`), limits time and size, and tries again with backoff. What a
caller's check finds unfit is tried again too, since services that are overloaded answer with pages
that have status 200.

An Authorization header goes to the host that it was made for and nowhere else: requests that carry
one follow no redirect, and no message, manifest or log ever shows a header. Their answers are the
caller's to judge, whatever the status (:meth:`Client.exchange`).
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from components.core.errors import UpstreamError
from components.net.answer import (
    Answer,
    Forbidden,
    NoAnswer,
    NotThere,
    Unfit,
    checked_host,
    explained,
    retry_after_s,
    shown,
    trace,
)
from components.net.connect import Guard, RefusedAddress, Watch
from components.net.endpoints import Endpoints, FetchSettings
from components.net.limiter import Limiter
from components.net.room import ROOM, SMALL_BYTES, NoRoom, Room

T = TypeVar("T")

SIZE_MOST_BYTES = 128 << 20
REDIRECTS_MAX = 5
BACKOFF_MOST_S = 60.0
RETRY_AFTER_MOST_S = 900.0
CONNECT_TIMEOUT_S = 10.0
GONE = frozenset((404, 410))
REDIRECTS = frozenset((301, 302, 303, 307, 308))
# What the service says of this address for good; anything else may be a passing mood.
FINAL = frozenset((400, 405, 406, 414, 451, 501))


class _Again(Exception):
    """This attempt failed; ``pause_s`` is what the service asked for.

    ``refused`` tells that the service would not say why.
    """

    def __init__(self, reason: str, pause_s: float | None = None, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.pause_s = pause_s
        self.refused = refused


class Signer(Protocol):
    """Headers of one attempt; each has a time and a nonce of its own."""

    def __call__(self, method: str, url: str, body: bytes) -> dict[str, str]: ...


class Client:
    """Shared by all threads of a process, ``workers`` of which may be asking at any moment.

    ``folder`` holds the rates that processes share.
    """

    def __init__(
        self, settings: FetchSettings, services: Endpoints, folder: Path, room: Room = ROOM
    ) -> None:
        stage1 = settings.stage1
        self._attempts = stage1.retry_attempts + 1
        self._backoff_s = stage1.retry_backoff_s
        self._cooldown_s = stage1.throttle_cooldown_s
        self._timeout_s = stage1.timeout_s
        self._user_agent = settings.upstream.user_agent
        # EasyEDA blocked a client by its name for a day, with the same answer as for throttling.
        self._who = f"; if that stays, upstream.user_agent ({self._user_agent}) may be why"
        self._limiter = Limiter(folder, settings.rates(), self._attempts + 1)
        self._watch = Watch()
        self._room = room
        self._slots = threading.BoundedSemaphore(stage1.workers)
        self._verify: str | bool = os.environ.get("REQUESTS_CA_BUNDLE") or True
        private = set(settings.upstream.allowed_private_hosts)
        bases = (services.jlc, services.easyeda, services.modules, services.lcsc)
        own = {urlsplit(base).hostname or "" for base in bases}
        # Pools are kept apart, so that a stranger's address never travels on a connection that
        # only the operator's own may open.
        self._own = Guard(services.resolve, private | own).adapter(self._watch, stage1.workers)
        self._others = Guard(services.resolve, private).adapter(self._watch, stage1.workers)

    def get(
        self,
        url: str,
        service: str,
        check: Callable[[Answer], T],
        *,
        own: bool = False,
        size_most_bytes: int = SIZE_MOST_BYTES,
    ) -> T:
        """What ``check`` makes of the answer; ``own`` is for addresses made from configured ones.

        Raises :class:`NotThere`, or :class:`UpstreamError` with the last reason once all attempts
        have failed.
        """
        request = _Request("GET", url, service, own=own, size_most_bytes=size_most_bytes)
        return self._try(request, check)

    def exchange(self, url: str, service: str, body: bytes, sign: Signer) -> Answer:
        """The answer to one signed POST of JSON, whatever its status; follows no redirect.

        Raises :class:`NoAnswer` where there was none, and :class:`UpstreamError` where the host
        may not be asked.
        """
        try:
            request = _Request("POST", url, service, body=body, sign=sign, own=True)
            return self._sent(request, url)[0]
        except _Again as again:
            raise NoAnswer(f"{shown(url)}: {again}") from None

    def _try(self, request: _Request, check: Callable[[Answer], T]) -> T:
        unfit: list[Unfit] = []
        for attempt in range(self._attempts):
            if attempt:
                time.sleep(self._backoff(attempt - 1))
            try:
                return check(self._follow(request))
            except Unfit as error:
                unfit.append(error)
        reason = f"{shown(request.url)}: {unfit[-1]}{_after(len(unfit))}"
        raise NotThere(reason) if all(error.gone for error in unfit) else UpstreamError(reason)

    def _backoff(self, attempt: int) -> float:
        # Jitter keeps workers that failed together from coming back together.
        pause_s: float = min(BACKOFF_MOST_S, self._backoff_s * 2.0**attempt)
        return pause_s * random.uniform(0.5, 1.5)

    def _follow(self, request: _Request) -> Answer:
        url = request.url
        for hops in range(REDIRECTS_MAX + 1):
            answer = self._answered(request, url, hops)
            location = answer.headers.get("location")
            if answer.status not in REDIRECTS or not location:
                return answer
            url = urljoin(url, location)
        raise UpstreamError(f"{shown(request.url)}: more than {REDIRECTS_MAX} redirects")

    def _answered(self, request: _Request, url: str, hops: int) -> Answer:
        """The answer of one address; each hop of a chain has all attempts."""
        refused_at_s: float | None = None
        for attempt in range(self._attempts):
            try:
                answer, asked_at_s = self._sent(request, url, hops)
                self._judge(answer, asked_at_s, refused_at_s)
                return answer
            except _Again as again:
                reason, pause_s = str(again), again.pause_s
                if again.refused and refused_at_s is None:
                    refused_at_s = time.monotonic()
            if attempt + 1 < self._attempts:
                time.sleep(self._backoff(attempt) if pause_s is None else pause_s)
        raise UpstreamError(f"{shown(url)}: {reason}{_after(self._attempts)}")

    def _sent(self, request: _Request, url: str, hops: int = 0) -> tuple[Answer, float]:
        """The answer of one attempt, and when its turn came.

        Raises :class:`_Again` where there was none.
        """
        while True:
            try:
                return self._sent_once(request, url, hops)
            except NoRoom as full:
                # Outside of the request's time limit; it is then asked for again.
                self._room.wait_for(full.size_bytes)

    def _sent_once(self, request: _Request, url: str, hops: int) -> tuple[Answer, float]:
        host = checked_host(url)
        # Only the configured address itself is the operator's; where it redirects is not.
        adapter = self._own if request.own and hops == 0 else self._others
        timeouts = (min(CONNECT_TIMEOUT_S, self._timeout_s), self._timeout_s)
        try:
            with self._turn(request.service, host) as asked_at_s:
                prepared = _prepared(request, url, self._user_agent)
                with self._watch.limit(self._timeout_s):
                    reply = adapter.send(
                        prepared, stream=True, timeout=timeouts, verify=self._verify
                    )
                    with reply:
                        body = _read(reply, request.size_most_bytes, self._room)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            refused = _cause(error)
            if refused is not None:
                raise refused from None
            self._limiter.broke(host)
            raise _Again(_reason(error)) from None
        mime = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        reply_headers = {key.lower(): value for key, value in reply.headers.items()}
        return Answer(url, reply.status_code, mime, body, reply_headers, hops), asked_at_s

    @contextmanager
    def _turn(self, service: str, host: str) -> Iterator[float]:
        """One of the requests that may be under way; yields the time at which its turn came.

        Raises :class:`UpstreamError` where the host was given up.
        """
        while True:
            self._limiter.wait_for_host(host)
            with self._slots:
                self._limiter.wait_for_slot(service)
                # Others may have been refused while this one waited.
                if self._limiter.is_free(host):
                    yield time.monotonic()
                    return

    def _judge(self, answer: Answer, asked_at_s: float, refused_at_s: float | None) -> None:
        """Returns for an answer that has something to say. Raises otherwise.

        ``refused_at_s`` is when this address was first refused without a reason.
        """
        status, host = answer.status, urlsplit(answer.url).hostname or ""
        pause_s = retry_after_s(answer.headers.get("retry-after"), datetime.now(UTC))
        if status in (403, 429, 503) and (pause_s is not None or status == 429):
            wait_s = self._backoff(0) if pause_s is None else pause_s
            if wait_s > RETRY_AFTER_MOST_S:
                raise UpstreamError(f"{host}: asks for a pause of {wait_s:.0f} s; run again later")
            self._limiter.cool(host, wait_s, asked_at_s)
            raise _Again(f"HTTP {status}, throttled", 0)
        if status == 403 and not explained(answer):
            verdict = self._limiter.refused(host, answer.url, asked_at_s, refused_at_s)
            if verdict == "address":
                raise Forbidden(f"{shown(answer.url)}: HTTP 403, while {host} answers others")
            if verdict == "host":
                self._limiter.cool(host, self._cooldown_s, asked_at_s, self._who)
            pause_s = 0 if verdict == "host" else None
            raise _Again(f"HTTP 403 without a reason{self._who}", pause_s, refused=True)
        self._limiter.answered(host, asked_at_s)
        if status in GONE:
            raise NotThere(f"{shown(answer.url)}: HTTP {status}")
        if status == 200 or status in REDIRECTS:
            return
        message = f"HTTP {status}{explained(answer)}{trace(answer)}"
        if status in FINAL:
            raise UpstreamError(f"{shown(answer.url)}: {message}")
        raise _Again(message)


def _after(attempts: int) -> str:
    return f", after {attempts} attempts" if attempts > 1 else ""


def _prepared(request: _Request, url: str, user_agent: str) -> requests.PreparedRequest:
    """Signed now, since a signature ages."""
    headers = {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "gzip"}
    if request.sign is not None:
        headers |= request.sign(request.method, url, request.body)
        headers["Content-Type"] = "application/json"
    try:
        return requests.Request(request.method, url, headers, data=request.body).prepare()
    except (requests.RequestException, ValueError) as error:
        raise UpstreamError(f"{shown(url)}: not a usable address: {error}") from None


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    service: str
    body: bytes = b""
    sign: Signer | None = None
    own: bool = False
    size_most_bytes: int = SIZE_MOST_BYTES


def _read(reply: requests.Response, size_most_bytes: int, room: Room) -> bytes:
    """The body. Raises :class:`NoRoom` for a large one that has to wait."""
    length = reply.headers.get("Content-Length", "")
    if length.isdecimal() and int(length[:18]) > size_most_bytes:
        raise UpstreamError(f"{shown(reply.url)}: {length} bytes; more than may be fetched")
    # What it will be: a compressed one may become as large as any.
    is_told = length.isdecimal() and "Content-Encoding" not in reply.headers
    will_be_bytes = int(length) if is_told else size_most_bytes
    # Joining its pieces takes it twice.
    if is_told and will_be_bytes > SMALL_BYTES:
        room.take(2 * will_be_bytes)
    chunks, size_bytes = [], 0
    while chunk := reply.raw.read(min(1 << 20, size_most_bytes + 1), decode_content=True):
        chunks.append(chunk)
        if not is_told and size_bytes <= SMALL_BYTES < size_bytes + len(chunk):
            room.take(2 * will_be_bytes)
        size_bytes += len(chunk)
        if size_bytes > size_most_bytes:
            raise UpstreamError(f"{shown(reply.url)}: more than {size_most_bytes} bytes")
    return b"".join(chunks)


def _cause(error: BaseException) -> RefusedAddress | None:
    """The refusal under what requests and urllib3 have wrapped it in."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, RefusedAddress):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def _reason(error: BaseException) -> str:
    """One short phrase; the exceptions' own texts hold addresses of objects and repeat the URL."""
    names = []
    seen: BaseException | None = error
    while seen is not None:
        names.append(type(seen).__name__)
        seen = seen.__cause__ or seen.__context__
    kinds = {
        "no such host": ("NameResolutionError", "gaierror"),
        "timed out": ("TimeoutError", "ReadTimeoutError", "ConnectTimeoutError", "ReadTimeout"),
        "certificate refused": ("SSLCertVerificationError", "SSLError"),
        "cut off": ("IncompleteRead", "RemoteDisconnected", "InvalidChunkLength"),
        "connection reset": ("ConnectionResetError", "BrokenPipeError"),
        "no connection": ("ConnectionRefusedError", "NewConnectionError"),
        "damaged compression": ("DecodeError",),
    }
    for phrase, matching in kinds.items():
        if not set(matching).isdisjoint(names):
            return phrase
    return f"no answer ({names[0]})"
