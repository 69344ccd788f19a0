"""What a source makes of a part: artifacts, or why there are none; and the round trip."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from components.artifacts import JSON_TYPES
from components.core.errors import ComponentsError, StoreError
from components.core.same_json import same_json
from components.fetch.manifest import Entry, now_utc
from components.fetch.worklist import WorkItem
from components.net.answer import Forbidden
from components.net.connect import RefusedAddress
from components.store.object_store import ObjectStore

PARTLESS = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of one artifact. ``meta`` holds nothing that differs between equal answers."""

    artifact_type: str
    source_url: str
    data: bytes
    mime: str
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missing:
    """The service has no such artifact of the part."""

    artifact_type: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The artifact could not be had; ``again`` where another try may help."""

    artifact_type: str
    reason: str
    again: bool = True


def failed(artifact_type: str, error: ComponentsError) -> Failed:
    """What an error means for an artifact: an address that is refused stays refused."""
    return Failed(artifact_type, str(error), not isinstance(error, RefusedAddress | Forbidden))


@dataclass(frozen=True, slots=True)
class Same:
    """The artifact is the one that another part has from the same address."""

    entry: Entry

    @property
    def artifact_type(self) -> str:
        return self.entry.artifact_type


Result = Fetched | Same | Missing | Failed


class Turn(Protocol):
    """The right to ask for an address, which one thread has while others that want it wait."""

    @property
    def had(self) -> Result | None:
        """What is known of the address already; None where this one has to ask."""

    def settle(self, result: Result) -> Result:
        """Hand on ``result``, and let those who wait have it where it is no success."""


class Shared(Protocol):
    """What parts have in common: models of one package, datasheets of one series."""

    def once(self, artifact_type: str, url: str) -> AbstractContextManager[Turn]:
        """The turn at ``url``; others who ask for the same wait until the block is left.

        What is fetched must be recorded within the block.
        """

    def read(self, entry: Entry) -> bytes:
        """The bytes of an artifact that is known."""


class Source(Protocol):
    """One artifact group's way from a part to its artifacts. Used by many threads at once."""

    group: str

    def asked(self, item: WorkItem, artifact_type: str) -> str:
        """The address that the part leads to; empty where it leads nowhere.

        What is made here from an answer has in its fragment what it was made by, so that it is
        made again by another.
        """

    def fetch(
        self, item: WorkItem, wanted: frozenset[str], known: Mapping[str, Entry], shared: Shared
    ) -> Iterator[Result]:
        """One result for each wanted type. ``known`` are the part's artifacts by type.

        A result is recorded before the next one is asked for.

        Raises :class:`~components.core.errors.ComponentsError` where all that is left fails.
        """


def stored(store: ObjectStore, lcsc_id: int, fetched: Fetched) -> Entry:
    """Put an artifact into the store, read it back, compare; the row for the manifest.

    Raises :class:`StoreError` where what comes back is not what went in.
    """
    kept = store.put(fetched.artifact_type, fetched.data)
    back = store.get(kept.key)
    if back != fetched.data:
        raise StoreError(f"{kept.key}: came back from the store changed; check the disk")
    return Entry(
        lcsc_id=lcsc_id,
        artifact_type=fetched.artifact_type,
        source_url=fetched.source_url,
        raw_sha256=kept.sha256,
        raw_size_bytes=kept.raw_size_bytes,
        mime=fetched.mime,
        encoding=kept.encoding,
        stored_key=kept.key,
        fetched_at_utc=now_utc(),
        source_meta_json=meta_json(fetched.meta),
        compare_ok=1,
    )


def meta_json(meta: Mapping[str, Any]) -> str:
    """``source_meta_json``: sorted keys, no blanks."""
    return json.dumps(meta, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def unchanged(fetched: Fetched, earlier: Entry | None, store: ObjectStore) -> Entry | None:
    """The artifact that is there already, where an answer says the same in other bytes.

    What is made of it then need not be made again.
    """
    if earlier is None or fetched.artifact_type not in JSON_TYPES:
        return None
    if not store.contains(earlier.stored_key):
        return None
    return earlier if same_json(store.get(earlier.stored_key), fetched.data) else None


def test_a_round_trip_is_recorded(tmp_path: Any) -> None:
    store = ObjectStore(tmp_path / "objects", None)
    product = Fetched(
        "lcsc_product", "http://l/", b'{"a": [1, null]}', "application/json", {"z": 1}
    )
    entry = stored(store, 7, product)
    assert store.get(entry.stored_key) == product.data
    assert (entry.lcsc_id, entry.compare_ok, entry.source_meta_json) == (7, 1, '{"z":1}')
    assert entry.raw_size_bytes == 16 and entry.stored_key.endswith(f"{entry.raw_sha256}.zst")


def test_another_order_of_fields_is_no_new_artifact(tmp_path: Any) -> None:
    store = ObjectStore(tmp_path / "objects", None)
    product = Fetched("lcsc_product", "http://l/", b'{"a": 1, "b": 2}', "application/json")
    entry = stored(store, 7, product)
    for data, same in ((b'{"b": 2.0, "a": 1}', True), (b'{"a": 1, "b": 3}', False)):
        again = Fetched("lcsc_product", "http://l/", data, "application/json")
        assert (unchanged(again, entry, store) == entry) is same
    assert unchanged(product, None, store) is None
