"""Builders and paths that tests of several modules share."""

from __future__ import annotations

import os
from pathlib import Path

from components.shared.config import PROJECT


def shared_data() -> Path:
    """The folder of real parts, answers and models; skips the calling test where there is none.

    In CI it is always there, so that its absence is a failure.
    """
    import pytest

    folder = Path(os.environ.get("COMPONENTS_SHARED_DATA") or PROJECT.parent / "shared" / "data")
    if not folder.is_dir():
        reason = f"no real data at {folder}; set COMPONENTS_SHARED_DATA"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
