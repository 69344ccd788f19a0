"""What earlier runs have, so that nothing is fetched twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from components.fetch.manifest import Entry, State, read_entries, read_states, reading
from components.store.object_store import ObjectStore

DONE = frozenset(("success", "missing"))


class Known:
    """The latest state of each artifact, and the manifest row that a success rests on."""

    def __init__(self) -> None:
        self._states: dict[tuple[int, str], State] = {}
        self._entries: dict[tuple[int, str, str], Entry] = {}
        self._by_url: dict[tuple[str, str], Entry] = {}

    def add(self, entries: Iterable[Entry] = (), states: Iterable[State] = ()) -> None:
        """Later calls win over earlier ones, and later fetches of the same bytes over earlier."""
        for entry in entries:
            key = (entry.lcsc_id, entry.artifact_type, entry.raw_sha256)
            old = self._entries.get(key)
            if old is None or old.fetched_at_utc <= entry.fetched_at_utc:
                self._entries[key] = self._by_url[entry.artifact_type, entry.source_url] = entry
        for state in states:
            self._states[state[:2]] = state

    def read(
        self, manifest: Path, state: Path, first: int, last: int, artifact_type: str = "*"
    ) -> None:
        """Add what the files have of parts ``first`` to ``last``; a missing file has nothing.

        Raises :class:`~components.core.errors.StoreError` where a file is damaged.
        """
        if manifest.is_file():
            with reading(manifest) as connection:
                self.add(entries=read_entries(connection, first, last, artifact_type))
        if state.is_file():
            with reading(state) as connection:
                self.add(states=read_states(connection, first, last, artifact_type))

    def entry(self, lcsc_id: int, artifact_type: str) -> Entry | None:
        """The artifact that the latest state tells of; None where there is none."""
        state = self._states.get((lcsc_id, artifact_type))
        if state is None or state.status != "success":
            return None
        return self._entries.get((lcsc_id, artifact_type, state.raw_sha256 or ""))

    def from_address(self, artifact_type: str, url: str) -> Entry | None:
        """What any part has from ``url``."""
        return self._by_url.get((artifact_type, url))

    def state(self, lcsc_id: int, artifact_type: str) -> State | None:
        """The latest state."""
        return self._states.get((lcsc_id, artifact_type))

    def is_done(self, lcsc_id: int, artifact_type: str, asked: str, store: ObjectStore) -> bool:
        """Whether the address needs no asking: found missing, or its object is in the store."""
        state = self._states.get((lcsc_id, artifact_type))
        if state is None or state.status not in DONE or state.asked_url != asked:
            return False
        if state.status == "missing":
            return True
        entry = self.entry(lcsc_id, artifact_type)
        return entry is not None and store.contains(entry.stored_key)

    def of(
        self, parts: Iterable[int], artifact_types: Collection[str]
    ) -> tuple[list[Entry], list[State]]:
        """The rows of a frozen manifest: final states, and the artifact of each success."""
        entries, states = [], []
        for lcsc_id in parts:
            for artifact_type in artifact_types:
                state = self._states.get((lcsc_id, artifact_type))
                if state is None or state.status == "running":
                    continue
                states.append(state)
                if entry := self.entry(lcsc_id, artifact_type):
                    entries.append(entry)
        return entries, states

    def had(
        self, parts: Iterable[int], artifact_types: Collection[str]
    ) -> tuple[list[Entry], list[State]]:
        """As :meth:`of`, successes alone."""
        entries, states = self.of(parts, sorted(artifact_types))
        there = {entry[:2] for entry in entries}
        return entries, [s for s in states if s.status == "success" and s[:2] in there]


def test_only_the_same_address_with_its_object_is_done(tmp_path: Path) -> None:
    from components.fetch.manifest import example_entry

    store = ObjectStore(tmp_path / "objects", None)
    kept = store.put("datasheet_pdf", b"%PDF")
    entry = example_entry(1, kept.sha256)
    assert entry.stored_key == kept.key
    known = Known()
    known.add(
        [entry],
        [
            State(1, "datasheet_pdf", "success", "u", kept.sha256),
            State(2, "datasheet_pdf", "missing", "u", None, "gone"),
            State(3, "datasheet_pdf", "failed", "u", None, "no"),
            State(4, "datasheet_pdf", "running", "u"),
        ],
    )
    done = {n for n in range(6) if known.is_done(n, "datasheet_pdf", "u", store)}
    assert done == {1, 2}
    assert not known.is_done(1, "datasheet_pdf", "another", store)
    entries, states = known.of(range(6), ["datasheet_pdf"])
    assert entries == [entry]
    assert [state.lcsc_id for state in states] == [1, 2, 3]
    store.remove(kept.key)
    assert not known.is_done(1, "datasheet_pdf", "u", store)


def test_the_latest_of_several_runs_counts(tmp_path: Path) -> None:
    from components.fetch.manifest import example_entry

    known = Known()
    old, new = example_entry(1, "a"), example_entry(1, "b", "2026-03-01")
    known.add([new], [State(1, "datasheet_pdf", "success", "v", "b")])
    known.add([old])
    assert known.entry(1, "datasheet_pdf") == new
