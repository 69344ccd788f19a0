"""How much tests try: enough for every day, or with ``pytest --long`` what takes an hour."""

from __future__ import annotations

import os
from typing import NoReturn, TypeVar

T = TypeVar("T")

_long = False


def use(*, long: bool) -> None:
    """Set by ``conftest.py`` before any test is imported."""
    global _long
    _long = long


def sized(everyday: T, long: T) -> T:
    """One or the other. A module that asks for it says ``pytestmark = pytest.mark.long``."""
    return long if _long else everyday


def missing(reason: str) -> NoReturn:
    """End a test that lacks a tool: CI has them all, so that it is a failure there."""
    import pytest

    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
