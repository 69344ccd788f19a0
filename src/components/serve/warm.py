"""A snapshot made ready on a thread, so that no request pays for the first look.

Its index was read whole when it was opened. What is left are the databases, whose inner pages lie
all over their files, and what routes read of a snapshot once and keep.
"""

from __future__ import annotations

from contextlib import suppress

from components.core.errors import SnapshotError
from components.serve.http.asgi import Refusal
from components.serve.jlcsearch import lists
from components.serve.packages import PackageCheck
from components.serve.routes.families import Summaries
from components.serve.searching import Searches
from components.serve.services import Services
from components.serve.snapshot import Snapshot

# So many places of each table are looked at; between two of them lie few inner pages.
PROBES = 256
TABLES = {
    "detail.sqlite": ("components_full", "component_assets"),
    "fast.sqlite": ("detail.components_full",),
}


class Warming:
    """Of one worker; may be called from any thread."""

    def __init__(self, services: Services) -> None:
        # Made here and not on the thread: a worker makes each of them once.
        self._searches = services.own(Searches)
        self._packages = services.own(PackageCheck)
        self._summaries = services.own(Summaries)

    def __call__(self, snapshot: Snapshot) -> None:
        """Raises what SQLite says of a page that cannot be read."""
        for name, tables in TABLES.items():
            for table in tables:
                _probe(snapshot, name, table)
        self._summaries.of(snapshot)
        self._packages.of(snapshot)
        # A snapshot that was sealed before there was a search has none.
        with suppress(Refusal, SnapshotError):
            self._searches.of(snapshot).find("10k 1% 0402", 5)
            lists.warm(snapshot)
        _ = snapshot.makers


def _probe(snapshot: Snapshot, name: str, table: str) -> None:
    with snapshot.database(name) as db:
        lowest, highest = db.execute(
            f"SELECT (SELECT min(lcsc_id) FROM {table}), (SELECT max(lcsc_id) FROM {table})"
        ).fetchone()
        if lowest is None:
            return
        for place in range(PROBES):
            at = lowest + (highest - lowest) * place // PROBES
            db.execute(
                f"SELECT * FROM {table} WHERE lcsc_id >= ? ORDER BY lcsc_id LIMIT 1", (at,)
            ).fetchone()
