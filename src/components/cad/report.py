"""What a converter has to say about a part, for the manifest and for people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Report:
    """Filled while a part is converted; :meth:`document` is JSON with a fixed order."""

    warnings: list[str] = field(default_factory=list)
    # Kinds of shapes without a reader, and shapes without a place in a footprint.
    not_understood: Counter[str] = field(default_factory=Counter)
    # Decoration that is left out on purpose.
    decoration: Counter[str] = field(default_factory=Counter)
    facts: dict[str, Any] = field(default_factory=dict)
    # Whether the source has something wrong that makes the footprint unsafe as it is.
    doubtful: bool = False

    def warn(self, text: str) -> None:
        """One line for people; the same line only once."""
        if text not in self.warnings:
            self.warnings.append(text)

    def doubt(self, text: str) -> None:
        """A warning that lowers the confidence in the footprint."""
        self.doubtful = True
        self.warn(text)

    def document(self) -> dict[str, Any]:
        return {
            **self.facts,
            "confidence": "doubtful" if self.doubtful else "sound",
            "not_understood": dict(sorted(self.not_understood.items())),
            "decoration": dict(sorted(self.decoration.items())),
            "warnings": self.warnings,
        }


def test_a_warning_stands_once() -> None:
    report = Report(facts={"pads": 2})
    report.warn("a")
    report.warn("a")
    report.not_understood["X"] += 1
    assert report.document() == {
        "pads": 2,
        "confidence": "sound",
        "not_understood": {"X": 1},
        "decoration": {},
        "warnings": ["a"],
    }
    report.doubt("b")
    assert (report.document()["confidence"], report.warnings) == ("doubtful", ["a", "b"])
