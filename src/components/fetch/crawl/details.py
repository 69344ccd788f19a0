"""Asking JLC for the details of parts: their attributes, up to a thousand parts at once.

Whatever goes wrong here stops no crawl: a part keeps the details that it had before.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from components.core.errors import ComponentsError, UpstreamError
from components.fetch.artifact import PARTLESS, Fetched, stored
from components.fetch.crawl.calls import Calls, OutOfTime
from components.fetch.crawl.routes import Denied, Routes, read_details
from components.fetch.crawl.state import Crawl
from components.fetch.manifest import Entry, State
from components.fetch.progress import Progress
from components.fetch.recorder import Recorder
from components.fetch.runner import in_parallel
from components.net.answer import TRACE, Answer
from components.source.part import part_number
from components.store.object_store import ObjectStore

DETAIL = "jlc_component_detail"
FAULTS_MAX = 3
"""Requests that fail one after another, each with all its attempts, before the rest is left."""


@dataclass
class Details:
    """One run's questions; ``stopped`` says afterwards why some were not answered."""

    calls: Calls
    routes: Routes
    crawl: Crawl
    store: ObjectStore
    recorder: Recorder
    now_s: int
    stopped: str = ""

    def __post_init__(self) -> None:
        self._faults = 0
        self._over = False
        self._lock = threading.Lock()

    def ask(self, digests: Mapping[int, bytes], workers: int) -> None:
        """Ask for parts; their digests say what the answers will be true of."""
        with Progress("details", len(digests)) as progress:
            batches = _batches(sorted(digests), self.routes.batch_size)

            def work(numbers: list[int]) -> None:
                if self._over:
                    return
                for status in self._batch({number: digests[number] for number in numbers}):
                    progress.count(status)
                    progress.part_done()

            # One alone tells whether there is any use in the others.
            for first in islice(batches, 1):
                work(first)
            in_parallel(work, batches, min(workers, 1 + len(digests) // self.routes.batch_size))
        self.crawl.note("pause_s", self.calls.pause_s)

    def _batch(self, digests: Mapping[int, bytes]) -> Iterator[str]:
        codes = [f"C{number}" for number in digests]
        question = self.routes.detail_question(codes)
        try:
            answer, there = self.calls.ask(self.routes.detail_url, question, _read)
        except (Denied, OutOfTime) as error:
            self._stop(error, over=True)
            return iter(())
        except UpstreamError as error:
            self._stop(error, over=False)
            reason = " ".join(str(error).split())[:500]
            failed = [self._state(number, "failed", error=reason) for number in digests]
            self.recorder.record(states=failed)
            return iter(["failed"] * len(failed))
        self._faults = 0
        return self._keep(answer, there, digests)

    def _stop(self, error: ComponentsError, *, over: bool) -> None:
        with self._lock:
            self._faults += 1
            self._over = self._over or over or self._faults >= FAULTS_MAX
            self.stopped = self.stopped or str(error)

    def _keep(
        self, answer: Answer, there: frozenset[int], digests: Mapping[int, bytes]
    ) -> Iterator[str]:
        found = [number for number in digests if number in there]
        lost = [number for number in digests if number not in there]
        meta = {"trace_id": answer.headers.get(TRACE, "")}
        fetched = Fetched(DETAIL, self.routes.detail_url, answer.body, "application/json", meta)
        entry: Entry = stored(self.store, PARTLESS, fetched)
        states = [self._state(number, "success", entry.raw_sha256) for number in found]
        states += [self._state(number, "missing", error="not in the answer") for number in lost]
        self.recorder.record([entry._replace(lcsc_id=number) for number in found], states)
        # What is noted as known must be there.
        self.store.sync()
        with self._lock:
            self.crawl.add_details(
                ((number, digests[number]) for number in found), entry.stored_key, self.now_s
            )
            self.crawl.add_details(((number, digests[number]) for number in lost), None, self.now_s)
        return (state.status for state in states)

    def _state(
        self, number: int, status: str, sha256: str | None = None, error: str | None = None
    ) -> State:
        return State(number, DETAIL, status, self.routes.detail_url, sha256, error)  # type: ignore[arg-type]


def _read(answer: Answer) -> tuple[Answer, frozenset[int]]:
    numbers = (part_number(item) for item in read_details(answer))
    return answer, frozenset(number for number in numbers if number is not None)


def _batches(numbers: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def due(
    crawl: Crawl, numbers: Iterable[int], digest_of: Mapping[int, bytes], oldest_s: float
) -> tuple[dict[int, bytes], int]:
    """Which of ``numbers`` to ask for, with their digests, and how many have no details yet.

    Those are asked for that are new, or of which the list says something else than when they were
    asked for last, or that were asked for before ``oldest_s``.
    """
    wanted: dict[int, bytes] = {}
    lacking = 0
    for number in numbers:
        digest, known = digest_of[number], crawl.detail(number)
        if known is None:
            lacking += 1
        if known is None or known[0] != digest or known[1] < oldest_s:
            wanted[number] = digest
    return wanted, lacking
