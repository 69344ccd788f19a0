"""What a view gives: data, which is its JSON, and what its template needs beside that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from components.serve.snapshot import Snapshot


@dataclass(frozen=True)
class View:
    template: str
    title: str
    data: Mapping[str, Any]
    """What ``Accept: application/json`` gets."""
    shown: Mapping[str, Any] = field(default_factory=dict)
    """What the template gets beside the data."""
    json_at: str = ""
    """The address of a route of the API that gives this; empty: this address itself."""
    status: int = 200


@dataclass(frozen=True)
class Ask:
    """What a view is asked: the snapshot that answers, and the address's parameters."""

    snapshot: Snapshot
    query: Any
    """Starlette's ``QueryParams``."""

    def text(self, name: str, most: int = 200) -> str:
        """One parameter, cut."""
        return (self.query.get(name) or "").strip()[:most]

    def is_on(self, name: str) -> bool:
        """A checkbox."""
        return self.query.get(name) in ("1", "on", "true")
