"""A small STEP model for tests."""

from __future__ import annotations

from components.bundled.geometry import Solid
from components.bundled.step import step_file


def example_step(*, round_: bool = False) -> bytes:
    """A box of 2 by 1 by 0.5 mm, or an upright cylinder."""
    return step_file("PART", [Solid(0, 0, 2, 1, 0, 0.5, "metal", round_)])
