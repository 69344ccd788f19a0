"""Settings that all tests share."""

from pathlib import Path

import pytest
from hypothesis import settings

from components.testing import extent

# Examples repeat from run to run, and a busy machine fails no test.
settings.register_profile("project", deadline=None, derandomize=True, database=None)
settings.load_profile("project")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("components")
    group.addoption("--long", action="store_true", help="try much more: make test-long")
    group.addoption("--lookup-fast", type=Path, help="a fast.sqlite to ask the lookup about")
    group.addoption("--lookup-prices", type=Path, help="the detail.sqlite with its prices")
    group.addoption("--pictures", type=Path, help="where pictures of the page go: make pictures")


def pytest_configure(config: pytest.Config) -> None:
    extent.use(long=config.getoption("--long"))
