"""What parts have in common is asked for once: models of a package, datasheets of a series."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from components.fetch.known import Known
from components.fetch.manifest import Entry
from components.shared.store.object_store import ObjectStore


class Sharing:
    """By address; threads share one."""

    def __init__(self, known: Known, store: ObjectStore) -> None:
        self._known = known
        self._store = store
        self._lock = threading.Lock()
        # Those who are at an address, and how many of them: the last one takes its lock away.
        self._busy: dict[tuple[str, str], tuple[threading.Lock, int]] = {}

    @contextmanager
    def once(self, artifact_type: str, url: str) -> Iterator[Entry | None]:
        """See :class:`components.fetch.artifact.Shared`."""
        key = (artifact_type, url)
        with self._lock:
            turn, count = self._busy.get(key, (threading.Lock(), 0))
            self._busy[key] = (turn, count + 1)
        try:
            with turn:
                entry = self._known.from_address(artifact_type, url)
                yield entry if entry and self._store.contains(entry.stored_key) else None
        finally:
            with self._lock:
                turn, count = self._busy.pop(key)
                if count > 1:
                    self._busy[key] = (turn, count - 1)

    def read(self, entry: Entry) -> bytes:
        """See :class:`components.fetch.artifact.Shared`."""
        return self._store.get(entry.stored_key)


def test_one_address_is_asked_for_by_one_at_a_time(tmp_path: object) -> None:
    import time
    from pathlib import Path

    from components.fetch.manifest import example_entry

    store = ObjectStore(Path(str(tmp_path)) / "objects", None)
    kept = store.put("datasheet_pdf", b"%PDF")
    known, asked = Known(), []
    sharing = Sharing(known, store)

    def work(url: str) -> None:
        with sharing.once("datasheet_pdf", url) as had:
            if had is None:
                asked.append(url)
                time.sleep(0.01)
                known.add([example_entry(1, kept.sha256)._replace(source_url=url)])

    threads = [threading.Thread(target=work, args=(f"u{n % 3}",)) for n in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(asked) == ["u0", "u1", "u2"]
    assert sharing._busy == {}
    store.remove(kept.key)
    with sharing.once("datasheet_pdf", "u0") as had:
        assert had is None
