"""What handlers answer from: one object a worker, handed to whoever declares a route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from components.config.serve import Serve
from components.core.layout import Layout
from components.serve.http.body import Bodies
from components.serve.http.budget import Budget
from components.serve.http.metrics import Metrics
from components.serve.reload import Current
from components.store.object_store import ObjectStore

T = TypeVar("T")


@dataclass
class Services:
    """Of one worker."""

    serve: Serve
    layout: Layout
    current: Current
    metrics: Metrics
    bodies: Bodies
    replies: Budget
    """Of bytes of replies that clients have not taken yet."""
    store: ObjectStore
    families: dict[str, Any]
    """The lookup schema: every family with its table, columns, units and aliases."""
    _owned: dict[Any, Any] = field(default_factory=dict)

    def own(self, kind: Callable[[Services], T]) -> T:
        """This worker's own ``kind(services)``, made when it is first asked for."""
        if kind not in self._owned:
            self._owned[kind] = kind(self)
        found: T = self._owned[kind]
        return found

    def close(self) -> None:
        """Close what was made, last first, then the snapshot."""
        while self._owned:
            _, made = self._owned.popitem()
            if hasattr(made, "close"):
                made.close()
        self.current.close()
