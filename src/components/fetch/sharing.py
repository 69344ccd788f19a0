"""What parts have in common is asked for once: models of a package, datasheets of a series.

That holds for what there is not, too: a link that is dead for a thousand parts costs one part's
patience.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from components.fetch.artifact import Failed, Missing, Result, Same
from components.fetch.known import Known
from components.fetch.manifest import Entry
from components.store.object_store import ObjectStore

_Key = tuple[str, str]


class Sharing:
    """By artifact type and address; threads share one. See :mod:`components.fetch.artifact`."""

    def __init__(self, known: Known, store: ObjectStore) -> None:
        self._known = known
        self._store = store
        self._lock = threading.Lock()
        # By address its lock, and how many threads hold or want it; the last one removes it.
        self._busy: dict[_Key, tuple[threading.Lock, int]] = {}
        # Addresses that were asked for and gave nothing.
        self._without: dict[_Key, Missing | Failed] = {}

    @contextmanager
    def once(self, artifact_type: str, url: str) -> Iterator[_Turn]:
        key = (artifact_type, url)
        with self._lock:
            turn, count = self._busy.get(key, (threading.Lock(), 0))
            self._busy[key] = (turn, count + 1)
        try:
            with turn:
                yield _Turn(self, key)
        finally:
            with self._lock:
                turn, count = self._busy.pop(key)
                if count > 1:
                    self._busy[key] = (turn, count - 1)

    def read(self, entry: Entry) -> bytes:
        return self._store.get(entry.stored_key)

    def forget_failures(self) -> None:
        """Let every address be tried again."""
        self._without.clear()

    def had(self, key: _Key) -> Result | None:
        """What is known of an address."""
        entry = self._known.from_address(*key)
        if entry is not None and self._store.contains(entry.stored_key):
            return Same(entry)
        return self._without.get(key)

    def note(self, key: _Key, result: Missing | Failed) -> None:
        """Keep what became of an address that has nothing."""
        self._without[key] = result


class _Turn:
    def __init__(self, sharing: Sharing, key: _Key) -> None:
        self._sharing = sharing
        self._key = key
        self.had = sharing.had(key)

    def settle(self, result: Result) -> Result:
        if isinstance(result, Missing | Failed):
            self._sharing.note(self._key, result)
        return result


def test_one_address_is_asked_for_by_one_at_a_time(tmp_path: object) -> None:
    import time
    from pathlib import Path

    from components.fetch.manifest import example_entry

    store = ObjectStore(Path(str(tmp_path)) / "objects", None)
    kept = store.put("datasheet_pdf", b"%PDF")
    known, asked = Known(), []
    sharing = Sharing(known, store)
    failed = Failed("datasheet_pdf", "HTTP 500")

    def work(url: str) -> None:
        with sharing.once("datasheet_pdf", url) as turn:
            if turn.had is None:
                asked.append(url)
                time.sleep(0.01)
                if url == "u2":
                    assert turn.settle(failed) is failed
                else:
                    known.add([example_entry(1, kept.sha256)._replace(source_url=url)])

    threads = [threading.Thread(target=work, args=(f"u{n % 3}",)) for n in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(asked) == ["u0", "u1", "u2"]
    assert sharing._busy == {}
    with sharing.once("datasheet_pdf", "u2") as turn:
        assert turn.had is failed
    sharing.forget_failures()
    store.remove(kept.key)
    for url in ("u0", "u2"):
        with sharing.once("datasheet_pdf", url) as turn:
            assert turn.had is None
