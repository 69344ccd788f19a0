"""Runs the parts of a work list through a source, many at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from components.core.errors import ComponentsError
from components.fetch.artifact import (
    Failed,
    Fetched,
    Missing,
    Result,
    Same,
    Source,
    failed,
    stored,
    unchanged,
)
from components.fetch.known import Known
from components.fetch.manifest import Entry, State, Status
from components.fetch.progress import Progress
from components.fetch.recorder import Recorder
from components.fetch.retry import LASTING
from components.fetch.sharing import Sharing
from components.fetch.worklist import WorkItem
from components.net.room import ROOM
from components.store.object_store import ObjectStore

NO_ADDRESS = "the catalogue names no address"


@dataclass
class Job:
    """One group of one shard."""

    source: Source
    wanted: tuple[str, ...]
    store: ObjectStore
    recorder: Recorder
    known: Known
    progress: Progress
    again: list[WorkItem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._sharing = Sharing(self.known, self.store)

    def run(self, items: Sequence[WorkItem], workers: int) -> None:
        """Fetch what ``items`` lack. Parts that failed and may do better get a second round.

        Raises what stops a shard: a full or broken disk. A failed part never does.
        """
        # While some threads compress and write, others keep all the requests under way that the
        # client allows.
        threads = workers + workers // 2 + 1
        in_parallel(self._part, items, threads)
        again = sorted(self.again)
        self.again = []
        self._sharing.forget_failures()
        in_parallel(self._second, again, threads)

    def _part(self, item: WorkItem) -> None:
        self._fetch(item)
        self.progress.part_done()

    def _second(self, item: WorkItem) -> None:
        self._fetch(item, second=True)

    def _fetch(self, item: WorkItem, second: bool = False) -> None:
        with ROOM.part():
            self._fetch_lacking(item, second)

    def _fetch_lacking(self, item: WorkItem, second: bool) -> None:
        lcsc_id = item.lcsc_id
        asked = {name: self.source.asked(item, name) for name in self.wanted}
        lacking = [
            name
            for name, url in asked.items()
            if not self.known.is_done(lcsc_id, name, url, self.store)
        ]
        for _ in range(0 if second else len(self.wanted) - len(lacking)):
            self.progress.count("skipped")
        if nowhere := [Missing(name, NO_ADDRESS) for name in lacking if not asked[name]]:
            self._record(item, asked, nowhere)
        if not (lacking := [name for name in lacking if asked[name]]):
            return
        self.recorder.record(states=[State(lcsc_id, n, "running", asked[n]) for n in lacking])
        worth_a_second = False
        for result in self._results(item, lacking):
            worth_a_second |= isinstance(result, Failed) and result.again
            if second:
                self.progress.count("failed", -1)
            self._record(item, asked, [result])
        if worth_a_second and not second:
            self.again.append(item)

    def _results(self, item: WorkItem, lacking: list[str]) -> Iterator[Result]:
        """Exactly one result for each type that is lacking, whatever the source does."""
        left = dict.fromkeys(lacking)
        known = {
            name: entry for name in self.wanted if (entry := self.known.entry(item.lcsc_id, name))
        }
        try:
            for result in self.source.fetch(item, frozenset(lacking), known, self._sharing):
                if left.pop(result.artifact_type, self) is None:
                    yield result
            rest = [Failed(name, "the source had nothing to say of it", False) for name in left]
        except ComponentsError as error:
            rest = [failed(name, error) for name in left]
        except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
            # An answer that nobody thought of: the part's failure, and never the shard's.
            reason = f"an unexpected answer: {type(error).__name__}: {error}"
            rest = [Failed(name, reason, again=False) for name in left]
        yield from rest

    def _record(self, item: WorkItem, asked: Mapping[str, str], results: Iterable[Result]) -> None:
        entries: list[Entry] = []
        states: list[State] = []
        for result in results:
            name = result.artifact_type
            if isinstance(result, Fetched | Same):
                if isinstance(result, Same):
                    entry = result.entry._replace(lcsc_id=item.lcsc_id)
                else:
                    earlier = self.known.entry(item.lcsc_id, name)
                    entry = unchanged(result, earlier, self.store) or stored(
                        self.store, item.lcsc_id, result
                    )
                entries.append(entry)
                states.append(State(item.lcsc_id, name, "success", asked[name], entry.raw_sha256))
            else:
                status: Status = "missing" if isinstance(result, Missing) else "failed"
                reason = " ".join(result.reason.split())[:500]
                if isinstance(result, Failed) and not result.again:
                    reason += LASTING
                states.append(State(item.lcsc_id, name, status, asked[name], None, reason))
            self.progress.count(states[-1].status)
        self.known.add(entries, states)
        self.recorder.record(entries, states)


T = TypeVar("T")


def in_parallel(work: Callable[[T], None], items: Iterable[T], count: int) -> None:
    """Call ``work`` with every item in ``count`` threads; the first exception stops all.

    The threads are daemons, so that an interrupted process need not wait for slow services.
    """
    left = iter(items)
    lock = threading.Lock()
    failures: list[BaseException] = []

    def loop() -> None:
        while not failures:
            with lock:
                item = next(left, None)
            if item is None:
                return
            try:
                work(item)
            except BaseException as error:
                failures.append(error)

    threads = [threading.Thread(target=loop, name=f"worker-{n}", daemon=True) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_all_items_are_worked_on_once_and_a_failure_stops_all() -> None:
    import pytest

    done: list[int] = []
    in_parallel(lambda item: done.append(item.lcsc_id), [WorkItem(n) for n in range(500)], 8)
    assert sorted(done) == list(range(500))

    def fail(item: WorkItem) -> None:
        if item.lcsc_id == 3:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        in_parallel(fail, (WorkItem(n) for n in range(1 << 62)), 4)
