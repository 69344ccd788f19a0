"""What became of the artifacts, by type, and why some failed."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from components.fetch.manifest import State

STATUSES = ("success", "missing", "failed")
_ADDRESS = re.compile(r"https?://[^\s/:?#]*(:\d+)?[^\s:]*")
_PART = re.compile(r"\bC\d+\b")
_NUMBER = re.compile(r"\b\d{4,}\b")


def error_kind(error: str) -> str:
    """An error without what tells its parts apart, so that equal causes count together.

    >>> error_kind("http://d.host/a/C123.pdf?x=1: HTTP 500, after 4 attempts")
    'http://d.host/…: HTTP 500, after 4 attempts'
    >>> error_kind("CAD of another part, C77")
    'CAD of another part, C…'
    """
    text = _ADDRESS.sub(lambda match: _host(match[0]), error)
    return _NUMBER.sub("…", _PART.sub("C…", text))[:160]


def _host(url: str) -> str:
    scheme, _, rest = url.partition("://")
    host, slash, _ = rest.partition("/")
    return f"{scheme}://{host}{'/…' if slash else ''}"


def commonest_errors(states: Iterable[State]) -> list[tuple[int, str]]:
    """How many failed of each kind, the commonest first."""
    kinds = Counter(error_kind(state.error or "") for state in states if state.status == "failed")
    return sorted(
        ((count, kind) for kind, count in kinds.items()), key=lambda row: (-row[0], row[1])
    )


@dataclass(frozen=True)
class Outcome:
    """How many artifacts of each type have reached each status, and those that failed."""

    counts: dict[str, dict[str, int]]
    failed: list[State]

    def total(self) -> int:
        """All artifacts, whatever became of them."""
        return sum(sum(counts.values()) for counts in self.counts.values())


def read_outcome(connection: sqlite3.Connection) -> Outcome:
    """The outcome of a ``roundtrip_state`` table."""
    counts: dict[str, dict[str, int]] = {}
    for name, status, count in connection.execute(
        "SELECT artifact_type, status, count(*) FROM roundtrip_state GROUP BY 1, 2 ORDER BY 1, 2"
    ):
        counts.setdefault(name, {})[status] = count
    failed = connection.execute("SELECT * FROM roundtrip_state WHERE status = 'failed'")
    return Outcome(counts, list(map(State._make, failed)))


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Plain columns, figures aligned right."""
    cells = [list(heading)] + [
        [f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heading))]
    lines = []
    for row in cells:
        words = [
            word.rjust(width) if word[:1].isdigit() else word.ljust(width)
            for word, width in zip(row, widths, strict=True)
        ]
        lines.append("  ".join(words).rstrip())
    return "\n".join(lines)


def report(outcome: Outcome, errors_shown: int = 10) -> str:
    """A table of passes and failures by artifact type, and one of the commonest errors."""
    rows = [
        (name, *(counts.get(status, 0) for status in STATUSES))
        for name, counts in outcome.counts.items()
    ]
    text = table(("artifact", "stored", "missing", "failed"), rows)
    if errors := commonest_errors(outcome.failed):
        text += "\n\n" + table(("count", "commonest errors"), errors[:errors_shown])
    return text


def test_errors_of_one_kind_count_together() -> None:
    failed = [
        State(n, "model_obj", "failed", "u", None, f"http://h:8/{n}: timed out") for n in range(12)
    ]
    assert commonest_errors(failed) == [(12, "http://h:8/…: timed out")]
    outcome = Outcome({"model_obj": {"success": 1234, "failed": 12}}, failed)
    assert outcome.total() == 1246
    text = report(outcome)
    assert text.splitlines()[1].split() == ["model_obj", "1,234", "0", "12"]
    assert text.splitlines()[-1] == "   12  http://h:8/…: timed out"
