"""Asking JLC: signed, unhurried, within a run's time, and with a line for each call in a log.

The service throttles hard and does not say for how long. So a refusal for asking too often is
waited out from ``stage1.retry_backoff_s`` (2 s) doubling to sixty times that, and from then on
every call of the crawl waits longer after the one before (UPSTREAMS: a client that works does so).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from components.config.stage1 import Stage1
from components.core.errors import UpstreamError
from components.fetch.crawl.routes import Throttled
from components.fetch.crawl.sign import Signer
from components.net.answer import (
    TRACE,
    TRACE_WORD,
    Answer,
    NoAnswer,
    Unfit,
    retry_after_s,
    shown,
    trace,
)
from components.net.http import Client

T = TypeVar("T")

THROTTLES_MAX = 8
"""Refusals in a row for one question, after which the crawl stops until another day."""
# Of stage1.retry_backoff_s: the longest wait, and the least and longest pause between calls.
WAIT_MAX, PAUSE_LEAST, PAUSE_MAX = 60.0, 0.05, 1.0


class OutOfTime(UpstreamError):
    """The crawl stops here, whole and clean, and goes on next time."""


class Calls:
    """Shared by the threads of one crawl; ``pause_s`` is what an earlier run has learnt."""

    def __init__(
        self, client: Client, sign: Signer, stage1: Stage1, log: Path, pause_s: float = 0.0
    ) -> None:
        self._client = client
        self._sign = sign
        self._attempts = stage1.retry_attempts + 1
        self._base_s = stage1.retry_backoff_s
        self._budget_s = stage1.crawl_budget_s
        self._start_s = time.monotonic()
        self._share = 1.0
        self._log = log
        self._lock = threading.Lock()
        self._free_at_s = 0.0
        self.pause_s = min(pause_s, self._base_s * PAUSE_MAX)
        self.throttled = 0

    def allow(self, share: float) -> None:
        """From now on calls may be made until this share of the run's time is used up."""
        self._share = share

    def ask(self, url: str, question: bytes, read: Callable[[Answer], T]) -> T:
        """What ``read`` makes of the answer.

        Raises what it raises but for :class:`Unfit` and ``Throttled``; :class:`OutOfTime`; and
        :class:`UpstreamError` with the last reason once all attempts have failed.
        """
        faults = throttles = 0
        while True:
            self._wait()
            try:
                answer = self._client.exchange(url, "jlc", question, self._sign)
                self._note(answer)
                return read(answer)
            except Throttled as error:
                throttles += 1
                self._slow_down(throttles, answer, str(error))
            except (NoAnswer, Unfit) as error:
                faults += 1
                reason = str(error).removeprefix(f"{shown(url)}: ")
                if isinstance(error, Unfit) and TRACE_WORD not in reason:
                    reason += trace(answer)
                if faults == self._attempts:
                    after = f", after {faults} attempts" if faults > 1 else ""
                    raise UpstreamError(f"{shown(url)}: {reason}{after}") from None
                self._sleep(self._base_s * 2 ** (faults - 1) * random.uniform(0.5, 1.5))

    def _slow_down(self, throttles: int, answer: Answer, reason: str) -> None:
        wait_s = min(self._base_s * 2 ** (throttles - 1), self._base_s * WAIT_MAX)
        asked_s = retry_after_s(answer.headers.get("retry-after"), datetime.now(UTC))
        wait_s = max(wait_s, asked_s or 0)
        with self._lock:
            self.throttled += 1
            pause_s = max(2 * self.pause_s, PAUSE_LEAST * self._base_s)
            self.pause_s = min(pause_s, PAUSE_MAX * self._base_s)
            # All threads together: another's question would be refused as well.
            self._free_at_s = max(self._free_at_s, time.monotonic() + wait_s)
        if throttles > THROTTLES_MAX:
            raise OutOfTime(f"JLC throttles ({reason}), {throttles} times in a row")
        self._check_time(wait_s)

    def _wait(self) -> None:
        """Until this thread may ask: after the pause since the last call, and not in a wait."""
        with self._lock:
            start_s = max(time.monotonic(), self._free_at_s)
            self._free_at_s = start_s + self.pause_s
        self._sleep(start_s - time.monotonic())

    def _sleep(self, duration_s: float) -> None:
        self._check_time(duration_s)
        time.sleep(max(0.0, duration_s))

    def _check_time(self, duration_s: float) -> None:
        used_s = time.monotonic() + duration_s - self._start_s
        if self._budget_s and used_s > self._budget_s * self._share:
            raise OutOfTime(f"stage1.crawl_budget_s ({self._budget_s:g} s) is used up")

    def _note(self, answer: Answer) -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        name = shown(answer.headers.get(TRACE, "-"))
        line = f"{now} {shown(answer.url)} HTTP {answer.status} {len(answer.body)} B {name}\n"
        with self._lock, self._log.open("a", encoding="utf-8") as log:
            log.write(line)


def _calls(folder: Path, base: str, **stage1: object) -> Calls:
    from components.testing.fetch import client

    quick = {"retry_backoff_s": 0.01, **stage1}
    sign = Signer("app", "access", "secret")
    return Calls(client(folder, base), sign, Stage1.model_validate(quick), folder / "calls.log")


def test_throttling_is_waited_out_and_slows_the_rest_down(tmp_path: Path) -> None:
    from components.fetch.crawl.routes import read_page
    from components.testing.fetch import Asked, Reply, service

    times: list[float] = []

    def serve(asked: Asked) -> Reply:
        times.append(time.monotonic())
        if len(times) == 1:
            return 429, {"J-Trace-ID": "t-9"}, b""
        busy = b'{"code": 429}' if len(times) == 2 else b'{"code": 200, "data": null}'
        return 200, {"J-Trace-ID": f"t-{len(times)}"}, busy

    with service(serve) as base:
        calls = _calls(tmp_path, base, retry_backoff_s=0.1)
        assert calls.ask(f"{base}/x", b"{}", lambda answer: read_page(answer, set())).items == []
        assert (calls.throttled, round(calls.pause_s, 6)) == (2, 0.01)
        calls.ask(f"{base}/x", b"{}", lambda answer: read_page(answer, set()))
    waits_s = [later - earlier for earlier, later in pairwise(times)]
    assert waits_s[0] >= 0.1 and waits_s[1] >= 0.2 and waits_s[2] >= 0.005
    lines = (tmp_path / "calls.log").read_text().splitlines()
    assert [line.split()[-1] for line in lines] == ["t-9", "t-2", "t-3", "t-4"]
    assert "secret" not in (tmp_path / "calls.log").read_text()


def test_a_run_stops_in_time(tmp_path: Path) -> None:
    import pytest

    from components.fetch.crawl.routes import read_page
    from components.testing.fetch import service

    with service(lambda asked: (429, {}, b"")) as base:
        calls = _calls(tmp_path, base, retry_backoff_s=0.5, crawl_budget_s=0.3)
        with pytest.raises(OutOfTime, match=r"crawl_budget_s .0\.3 s. is used up"):
            calls.ask(f"{base}/x", b"{}", lambda answer: read_page(answer, set()))
        calls = _calls(tmp_path, base, retry_backoff_s=0.001)
        with pytest.raises(OutOfTime, match=r"throttles .HTTP 429.*9 times in a row"):
            calls.ask(f"{base}/x", b"{}", lambda answer: read_page(answer, set()))
