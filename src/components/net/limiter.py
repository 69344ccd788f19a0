"""How often each service may be asked, by all workers of all processes together.

Each service has a small file in the cache directory that holds the time of its next free slot.
A worker that wants to ask takes the slot under a file lock and sleeps until then, so that requests
are spaced evenly: there is no burst, and processes need not know of one another. On several nodes
the file lies on their common file system, and their clocks must agree to within a slot or so.

A host that throttles is left alone for a while by this process; others learn it for themselves.
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from components.core.errors import UpstreamError
from components.core.locks import open_lock

# A slot further away than this was written by a clock that has since been set back.
HORIZON_S = 86_400.0
# Later than this after its slot, a worker takes another: a process that was held up must not
# let all that waited go at once.
LATE_S = 0.05
# So many addresses refused in a row are no accident: the host refuses everybody.
DOUBTS_MAX = 4
# A host that did it so often refuses single addresses for good.
ALONE_MAX = 3


class Rate:
    """Evenly spaced slots, ``per_second`` of them, kept in the file ``path``."""

    def __init__(self, path: Path, per_second: float) -> None:
        self._interval_s = 1 / per_second
        self._handle = open_lock(path)
        # `flock` excludes processes; threads share the handle.
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Sleep until a slot that is nobody else's."""
        while True:
            slot_s = self._take()
            time.sleep(max(0.0, slot_s - time.time()))
            if time.time() - slot_s <= max(LATE_S, self._interval_s):
                return

    def _take(self) -> float:
        with self._lock:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            try:
                now_s = time.time()
                stored = os.pread(self._handle, 8, 0)
                next_s = struct.unpack("<d", stored)[0] if len(stored) == 8 else 0.0
                slot_s: float = next_s if now_s < next_s < now_s + HORIZON_S else now_s
                os.pwrite(self._handle, struct.pack("<d", slot_s + self._interval_s), 0)
            finally:
                fcntl.flock(self._handle, fcntl.LOCK_UN)
        return slot_s


@dataclass
class _Host:
    free_at_s: float = 0.0
    cooled_at_s: float = -1.0
    refusals: int = 0
    breakdowns: int = 0
    given_up: str = ""
    answered_at_s: float = -1.0  # when the newest request was sent that it answered
    doubted: set[str] = field(default_factory=set)  # addresses refused since then
    refused_alone: int = 0  # addresses that it refused while it answered others


class Limiter:
    """Rates by service and cool-downs by host. Threads share one.

    A host that refuses ``refusals_most`` times in a row, with a cool-down after each, or breaks
    down for ``breakdowns_most`` requests in a row, is given up for the life of this object.
    """

    def __init__(
        self,
        folder: Path,
        rates: Mapping[str, float],
        refusals_most: int = 4,
        breakdowns_most: int = 64,
    ) -> None:
        self._rates = {
            service: Rate(folder / f"{service}.rate", rate)
            for service, rate in rates.items()
            if rate > 0
        }
        self._refusals_most = refusals_most
        self._breakdowns_most = breakdowns_most
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def wait_for_host(self, host: str) -> None:
        """Sleep while ``host`` is left alone.

        Raises :class:`UpstreamError` where it was given up.
        """
        while (pause_s := self._pause_s(host)) > 0:
            time.sleep(pause_s)

    def is_free(self, host: str) -> bool:
        """Whether ``host`` may be asked now; errors as of :meth:`wait_for_host`."""
        return self._pause_s(host) <= 0

    def wait_for_slot(self, service: str) -> None:
        """Sleep until it is this worker's turn to ask ``service``."""
        if rate := self._rates.get(service):
            rate.wait()

    def _pause_s(self, host: str) -> float:
        with self._lock:
            known = self._hosts.setdefault(host, _Host())
            if known.given_up:
                raise UpstreamError(f"{host}: {known.given_up}; run again later")
            return known.free_at_s - time.monotonic()

    def refused(
        self, host: str, address: str, asked_at_s: float, first_s: float | None
    ) -> Literal["host", "address", "unclear"]:
        """Who is meant by a refusal without a reason; ``first_s``: the address's first one.

        A host that throttles refuses everything, and a file that it will not give looks the same.
        What was asked of it since then tells: where it answered, the address alone is meant.
        """
        with self._lock:
            known = self._hosts.setdefault(host, _Host())
            again = address in known.doubted
            known.doubted.add(address)
            if len(known.doubted) >= DOUBTS_MAX:
                return "host"
            if first_s is None:
                return "host" if again else "unclear"
            if known.answered_at_s > first_s or known.refused_alone >= ALONE_MAX:
                known.refused_alone += 1
                known.doubted.discard(address)
                return "address"
            return "host" if again else "unclear"

    def cool(self, host: str, duration_s: float, asked_at_s: float, hint: str = "") -> None:
        """``host`` refused a request that was sent at ``asked_at_s``: leave it alone."""
        with self._lock:
            known = self._hosts.setdefault(host, _Host())
            known.free_at_s = max(known.free_at_s, time.monotonic() + duration_s)
            # Requests that were under way together are refused together: that is one refusal.
            if asked_at_s > known.cooled_at_s:
                known.cooled_at_s = time.monotonic()
                known.refusals += 1
                if known.refusals >= self._refusals_most:
                    known.given_up = (
                        f"refused {known.refusals} times in a row, with pauses between{hint}"
                    )

    def broke(self, host: str) -> None:
        """A request to ``host`` had no answer."""
        with self._lock:
            known = self._hosts.setdefault(host, _Host())
            known.breakdowns += 1
            if known.breakdowns >= self._breakdowns_most:
                known.given_up = f"did not answer {known.breakdowns} times in a row"

    def answered(self, host: str, asked_at_s: float) -> None:
        """``host`` is well: it answered what was sent at ``asked_at_s``."""
        with self._lock:
            known = self._hosts.setdefault(host, _Host())
            known.refusals = known.breakdowns = 0
            known.answered_at_s = max(known.answered_at_s, asked_at_s)
            known.doubted.clear()


def test_slots_are_shared_by_threads_and_files(tmp_path: Path) -> None:
    rates = [Rate(tmp_path / "jlc.rate", 100) for _ in range(2)]
    passed: list[float] = []

    def work(rate: Rate) -> None:
        for _ in range(10):
            rate.wait()
            passed.append(time.time())

    threads = [threading.Thread(target=work, args=(rates[n % 2],)) for n in range(4)]
    start_s = time.time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # 40 slots of 10 ms: the last is taken no sooner than 390 ms after the first.
    assert len(passed) == 40 and max(passed) - start_s >= 0.39


def test_a_slot_of_a_wrong_clock_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "jlc.rate"
    path.write_bytes(struct.pack("<d", time.time() + 10 * HORIZON_S))
    Rate(path, 1000).wait()
    path.write_bytes(b"abc")
    Rate(path, 1000).wait()


def test_refusals_of_one_moment_count_once(tmp_path: Path) -> None:
    import pytest

    limiter = Limiter(tmp_path, {}, refusals_most=2)
    asked_at_s = [time.monotonic() for _ in range(5)]
    for moment_s in asked_at_s:
        limiter.cool("h", 0.05, moment_s)
    start_s = time.monotonic()
    assert not limiter.is_free("h") and limiter.is_free("another")
    limiter.wait_for_host("h")
    assert time.monotonic() - start_s >= 0.04
    limiter.cool("h", 0, time.monotonic())
    with pytest.raises(UpstreamError, match="h: refused 2 times in a row"):
        limiter.wait_for_host("h")


def test_an_answer_forgives(tmp_path: Path) -> None:
    import pytest

    limiter = Limiter(tmp_path, {}, breakdowns_most=2)
    limiter.broke("h")
    limiter.answered("h", time.monotonic())
    limiter.broke("h")
    limiter.wait_for_host("h")
    limiter.broke("h")
    with pytest.raises(UpstreamError, match="did not answer"):
        limiter.is_free("h")


def test_a_refusal_is_of_the_host_or_of_the_address(tmp_path: Path) -> None:
    limiter = Limiter(tmp_path, {})

    def refused(address: str, first_s: float | None = None) -> str:
        return limiter.refused("h", address, time.monotonic(), first_s)

    first_s = time.monotonic()
    assert refused("a") == "unclear"
    # It was asked before the refusal: its answer says nothing of what came afterwards.
    limiter.answered("h", first_s - 1)
    assert refused("a", first_s) == "unclear"
    assert refused("a", first_s) == "host"
    limiter.answered("h", time.monotonic())
    assert refused("a", first_s) == "address"
    assert [refused(f"b{n}") for n in range(DOUBTS_MAX)] == ["unclear"] * 3 + ["host"]
    limiter.answered("h", time.monotonic())
    later_s = time.monotonic() + 1
    for _ in range(ALONE_MAX):
        refused("c", first_s)
    # With nobody left to compare with, such a host has shown how it is.
    assert refused("d", later_s) == "address"
