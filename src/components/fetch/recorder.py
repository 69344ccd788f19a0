"""Writes what workers have done, in batches, while they go on working.

One thread commits whatever has been handed in since its last commit to the shard's own live file,
and passes it on to the common manifest and state files at most every :data:`SHARE_INTERVAL_S`.
The queue is short, so that workers wait rather than run far ahead of what is safe on disk.
"""

from __future__ import annotations

import queue
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from types import TracebackType

from components.core.errors import StoreError
from components.fetch.manifest import (
    MANIFEST_DDL,
    STATE_DDL,
    Entry,
    State,
    connect,
    read_entries,
    read_states,
    reading,
    write,
    writing,
)

SHARE_INTERVAL_S = 1.0
SHARE_ATTEMPTS = 3

Batch = tuple[tuple[Entry, ...], tuple[State, ...]]


class Recorder:
    """A context manager; :meth:`record` may be called by any thread while it is open.

    ``live`` is the file of the process that holds it; ``manifest`` and ``state`` are shared with
    other processes, and another's long transaction only delays what they show. ``shared`` tells,
    once closed, whether they have everything. ``before_commit`` makes durable what rows promise.
    """

    def __init__(
        self,
        live: Path,
        manifest: Path,
        state: Path,
        *,
        before_commit: Callable[[], None] = lambda: None,
        waiting: int = 64,
    ) -> None:
        self.shared = False
        self._before_commit = before_commit
        self._path = live
        self._live = connect(live)
        # Cheaper than deleting the journal, many times a second.
        self._live.execute("PRAGMA journal_mode = TRUNCATE")
        self._shared = (manifest, state)
        self._queue: queue.Queue[Batch | None] = queue.Queue(maxsize=waiting)
        self._entries: list[Entry] = list(read_entries(self._live))
        self._states: dict[tuple[int, str], State] = {
            row[:2]: row for row in read_states(self._live)
        }
        self._failure: BaseException | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)

    def __enter__(self) -> Recorder:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._queue.put(None)
        self._thread.join()
        self._live.execute("PRAGMA journal_mode = DELETE")
        self._live.close()
        if self._failure is not None and error is None:
            raise self._failure

    def record(self, entries: Iterable[Entry] = (), states: Iterable[State] = ()) -> None:
        """Hand in rows; raises what stopped the recorder, a full disk for instance."""
        if self._failure is not None:
            raise self._failure
        self._queue.put((tuple(entries), tuple(states)))

    def _work(self) -> None:
        shared_at = time.monotonic()
        try:
            while self._commit():
                if time.monotonic() - shared_at > SHARE_INTERVAL_S:
                    self._share(timeout_s=1.0)
                    shared_at = time.monotonic()
            for _ in range(SHARE_ATTEMPTS):
                if self._share(timeout_s=30.0):
                    self.shared = True
                    return
            print("fetch: the common manifest is locked; folding will complete it", file=sys.stderr)
        except BaseException as error:
            self._failure = error
            # Workers must not wait for a queue that nobody empties.
            while not self._closed:
                self._closed = self._queue.get() is None

    def _commit(self) -> bool:
        batches = [self._queue.get()]
        while True:
            try:
                batches.append(self._queue.get_nowait())
            except queue.Empty:
                break
        self._closed = None in batches
        entries = [row for batch in batches if batch for row in batch[0]]
        states = [row for batch in batches if batch for row in batch[1]]
        if entries:
            self._before_commit()
        with writing(self._path):
            write(self._live, entries, states)
        self._entries += entries
        self._states.update((row[:2], row) for row in states)
        return not self._closed

    def _share(self, timeout_s: float) -> bool:
        if share(*self._shared, self._entries, self._states.values(), timeout_s):
            self._entries.clear()
            self._states.clear()
            return True
        return False


def share(
    manifest: Path,
    state: Path,
    entries: Iterable[Entry],
    states: Iterable[State],
    timeout_s: float = 30.0,
) -> bool:
    """Add rows to the files that all processes share; False where others keep them locked."""
    try:
        for path, ddl, batch in (
            (manifest, MANIFEST_DDL, (entries, ())),
            (state, STATE_DDL, ((), states)),
        ):
            with closing(connect(path, (ddl,))) as connection:
                connection.execute(f"PRAGMA busy_timeout = {round(timeout_s * 1000)}")
                write(connection, *batch)
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise StoreError(f"{manifest.parent}: cannot be written: {error}") from None
        return False
    return True


def test_rows_reach_both_files_from_many_threads(tmp_path: Path) -> None:
    from components.fetch.manifest import example_entry

    live, manifest, state = (tmp_path / name for name in ("l.sqlite3", "m.sqlite3", "s.sqlite3"))

    def work(first: int) -> None:
        for number in range(first, first + 50):
            recorder.record(states=[State(number, "datasheet_pdf", "running", "u")])
            recorder.record(
                [example_entry(number)], [State(number, "datasheet_pdf", "success", "u", "ab")]
            )

    with Recorder(live, manifest, state) as recorder:
        threads = [threading.Thread(target=work, args=(n * 50,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for entries_in, states_in in ((live, live), (manifest, state)):
        with reading(entries_in) as connection:
            assert [row.lcsc_id for row in read_entries(connection)] == list(range(400))
        with reading(states_in) as connection:
            assert {row.status for row in read_states(connection)} == {"success"}


def test_what_a_killed_run_had_not_shared_is_shared_by_the_next(tmp_path: Path) -> None:
    from components.fetch.manifest import example_entry

    live, manifest, state = (tmp_path / name for name in ("l.sqlite3", "m.sqlite3", "s.sqlite3"))
    with closing(connect(live)) as connection:
        write(connection, [example_entry()], [State(1, "datasheet_pdf", "success", "u", "ab")])
    with Recorder(live, manifest, state):
        pass
    with reading(manifest) as connection:
        assert list(read_entries(connection)) == [example_entry()]


def test_a_locked_common_file_stops_nobody(tmp_path: Path) -> None:
    from components.fetch.manifest import example_entry

    manifest, state = tmp_path / "m.sqlite3", tmp_path / "s.sqlite3"
    with closing(connect(manifest)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert not share(manifest, state, [example_entry()], [], timeout_s=0.01)
        other.execute("ROLLBACK")
        assert share(manifest, state, [example_entry()], [], timeout_s=0.01)


def test_a_full_disk_is_told_to_the_workers(tmp_path: Path) -> None:
    import pytest

    live, manifest, state = (tmp_path / name for name in ("l.sqlite3", "m.sqlite3", "s.sqlite3"))
    wrong = State(1, "model_obj", "lost", "u")  # type: ignore[arg-type]
    with pytest.raises(sqlite3.IntegrityError), Recorder(live, manifest, state) as recorder:
        recorder.record(states=[wrong])
        for _ in range(10_000):
            recorder.record()
