"""The search of the snapshot that answers, made once for each that is opened."""

from __future__ import annotations

from components.core.errors import SnapshotError
from components.find.search import Search
from components.serve.http.asgi import Refusal
from components.serve.services import Services
from components.serve.snapshot import Snapshot


class Searches:
    """Of one worker."""

    def __init__(self, services: Services) -> None:
        self._families = services.families["families"]

    def of(self, snapshot: Snapshot) -> Search:
        """Raises Refusal (503) where the snapshot was sealed before there was a search."""
        try:
            return snapshot.kept(Searches, lambda: Search(snapshot, self._families))
        except SnapshotError:
            raise no_search() from None


def no_search() -> Refusal:
    """The answer to what needs a search where the snapshot has none."""
    return Refusal(503, "snapshot: has no search.sqlite; `make run` publishes one that has")
