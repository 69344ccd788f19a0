"""``/snapshot``: what the snapshot that answers holds, could not read, and what changed since."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.core.errors import ComponentsError
from components.publish.hold import hold
from components.publish.snapshots import Snapshots
from components.serve.page.families import Families
from components.serve.page.view import Ask, View
from components.serve.services import Services
from components.serve.snapshot import Snapshot
from components.transform.changes import KINDS, Comparison, counts

TEXTS_MAX = 8
WORDS = {
    "new": "new",
    "gone": "gone",
    "out_of_stock": "out of stock",
    "back": "in stock again",
    "dearer": "dearer by a tenth",
    "cheaper": "cheaper by a tenth",
    "library": "of another library type",
    "reading": "read differently",
}


class Counting:
    """Counts changes beside the requests, since it walks two catalogues; once a pair."""

    def __init__(self, services: Services) -> None:
        self._snapshots = Snapshots(services.layout.snapshots)
        self._counted: dict[tuple[str, str], dict[str, int] | None] = {}
        self._lock = threading.Lock()

    def since(self, snapshot: Snapshot) -> tuple[str | None, dict[str, int] | None]:
        """The snapshot before and the changes by kind; None while they are being counted."""
        try:
            name = self._snapshots.linked("previous")
            folder = self._snapshots.folder(name) if name else None
        except ComponentsError:
            return None, None
        if name is None or folder is None or not folder.is_dir() or name == snapshot.name:
            return None, None
        pair = (name, snapshot.name)
        with self._lock:
            if pair not in self._counted:
                self._counted[pair] = None
                work = (pair, folder, snapshot.folder)
                threading.Thread(target=self._count, args=work, daemon=True).start()
            return name, self._counted[pair]

    def _count(self, pair: tuple[str, str], old: Path, new: Path) -> None:
        found: dict[str, int] = {}
        try:
            with hold(old), hold(new), Comparison(old, new) as comparison:
                found = counts(comparison)
        except ComponentsError:
            # Pruned meanwhile, or of another make: nothing is told of it.
            found = {}
        with self._lock:
            self._counted = {pair: found}


class SnapshotView:
    """Of one worker."""

    def __init__(self, services: Services) -> None:
        self._families = services.own(Families)
        self._counting = services.own(Counting)

    def __call__(self, ask: Ask) -> View:
        metadata = ask.snapshot.metadata
        previous, changes = self._counting.since(ask.snapshot)
        families = [
            {"name": name, "title": self._families.titles.get(name, name), **entry}
            for name, entry in sorted(
                (metadata.get("families") or {}).items(), key=lambda one: -one[1]["parts"]
            )
            if entry["parts"]
        ]
        shown = {
            "families": families,
            "pickable": sum(each["pickable"] for each in families),
            "unread": _unread(metadata.get("quarantine") or {}, self._families.titles),
            "assets": sorted((metadata.get("assets") or {}).items()),
            "previous": previous,
            "changes": [(WORDS[kind], changes[kind]) for kind in KINDS] if changes else changes,
            "source": metadata.get("source") or {},
            "metadata": metadata,
        }
        data = {"snapshot": ask.snapshot.name, **metadata}
        return View("snapshot.html", "Snapshot", data | {"changes": changes}, shown)


def _unread(quarantine: Mapping[str, Any], titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Columns whose texts could not be read, the most parts first, each with its commonest."""
    found = [
        {
            "family": titles.get(family, family),
            "column": column,
            "parts": entry["parts"],
            "texts": entry["texts"],
            "some": sorted(entry["counts"].items(), key=lambda one: (-one[1], one[0]))[:TEXTS_MAX],
        }
        for family, columns in quarantine.items()
        for column, entry in columns.items()
    ]
    return sorted(found, key=lambda one: (-one["parts"], one["family"], one["column"]))


def test_what_was_not_read_stands_with_the_most_parts_first() -> None:
    quarantine = {
        "led": {"a": {"parts": 2, "texts": 1, "counts": {"x": 2}}},
        "ldo": {"b": {"parts": 9, "texts": 2, "counts": {"y": 1, "z": 8}}},
    }
    found = _unread(quarantine, {"led": "LEDs"})
    assert [(one["family"], one["column"]) for one in found] == [("ldo", "b"), ("LEDs", "a")]
    assert found[0]["some"] == [("z", 8), ("y", 1)]
    assert set(WORDS) == set(KINDS)
