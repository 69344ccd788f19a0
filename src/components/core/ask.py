"""A question before something goes for good."""

from __future__ import annotations

import sys


def confirmed(question: str) -> bool:
    """Whether someone at a terminal said yes; without a terminal nobody did."""
    if not sys.stdin.isatty():
        return False
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
