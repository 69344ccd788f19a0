"""What became of the artifacts, by type, and why some failed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from components.fetch.manifest import State

STATUSES = ("success", "missing", "failed", "running")
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


def counts_by_type(states: Iterable[State]) -> dict[str, Counter[str]]:
    """How many artifacts of each type have reached each status."""
    counts: dict[str, Counter[str]] = {}
    for state in states:
        counts.setdefault(state.artifact_type, Counter())[state.status] += 1
    return dict(sorted(counts.items()))


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


def report(states: Sequence[State], errors_shown: int = 10) -> str:
    """A table of passes and failures by artifact type, and one of the commonest errors."""
    rows = [
        (name, *(counts[status] for status in STATUSES[:3]))
        for name, counts in counts_by_type(states).items()
    ]
    text = table(("artifact", "stored", "missing", "failed"), rows)
    if errors := commonest_errors(states):
        text += "\n\n" + table(("count", "commonest errors"), errors[:errors_shown])
    return text


def test_errors_of_one_kind_count_together() -> None:
    states = [
        State(n, "model_obj", "failed", "u", None, f"http://h:8/{n}: timed out") for n in range(12)
    ]
    states += [State(90, "model_obj", "success", "u", "ab"), State(91, "model_obj", "missing", "u")]
    assert commonest_errors(states) == [(12, "http://h:8/…: timed out")]
    text = report(states)
    assert text.splitlines()[1].split() == ["model_obj", "1", "1", "12"]
    assert text.splitlines()[-1] == "   12  http://h:8/…: timed out"
