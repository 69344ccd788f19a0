"""``components validate``: checks config, paths and credentials, and changes nothing."""

from __future__ import annotations

import argparse
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from components.config.load import Config
from components.config.upstream import CREDENTIALS
from components.core.errors import ComponentsError, ConfigError
from components.core.layout import Layout
from components.graph.command_line import add_config_option, configuration
from components.source.catalogue import open_catalogue


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)


def run(args: argparse.Namespace) -> int:
    config = configuration(args)
    print("ok    config")
    failures = 0
    for name, check in CHECKS.items():
        try:
            print(f"ok    {name}: {check(config)}")
        except ComponentsError as error:
            failures += 1
            print(f"FAIL  {name}: {error}")
    return 2 if failures else 0


def check_cache_dir(config: Config) -> str:
    """The cache directory can be written, or could be made."""
    wanted = config.paths.cache_dir.absolute()
    existing = next(path for path in (wanted, *wanted.parents) if path.exists())
    if not existing.is_dir():
        raise ConfigError(f"paths.cache_dir: {existing} is not a folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise ConfigError(
            f"paths.cache_dir: {existing} cannot be written; change its owner or mode"
        )
    return f"{config.paths.cache_dir}" + ("" if existing == wanted else " (will be made)")


def check_source(config: Config) -> str:
    """The ready catalogue is one, or will be built."""
    path = config.paths.source_sqlite
    if path is None:
        path = Layout(config.paths.cache_dir).source
        if not path.exists():
            return f"will be built from the {config.upstream.kind} upstream"
    with closing(open_catalogue(path)) as connection:
        parts = connection.execute("SELECT count(*) FROM part_rows").fetchone()[0]
        try:
            work = connection.execute(
                f"SELECT count(*) FROM part_rows WHERE {config.stage1.where}"
            ).fetchone()[0]
        except sqlite3.Error as error:
            raise ConfigError(f"stage1.where: not a condition over components: {error}") from None
    return f"{parts:,} parts, {work:,} of them chosen by stage1.where"


def check_credentials(config: Config) -> str:
    """A live JLC API needs an account."""
    if config.upstream.kind == "bundled":
        return "none needed by the bundled upstream"
    if config.paths.source_sqlite is not None:
        return "none needed with a ready source"
    if missing := [name for name in CREDENTIALS if not os.environ.get(name)]:
        raise ConfigError(
            f"{', '.join(missing)} not set in the environment; see README, going live"
        )
    return "set"


CHECKS: dict[str, Callable[[Config], str]] = {
    "paths.cache_dir": check_cache_dir,
    "source": check_source,
    "credentials": check_credentials,
}


def test_a_cache_dir_below_a_file_is_refused(tmp_path: Path) -> None:
    import pytest

    from components.config.load import parse_config

    (tmp_path / "file").write_text("")
    bad = parse_config({"paths": {"cache_dir": str(tmp_path / "file" / "x")}}, {})
    with pytest.raises(ConfigError, match="not a folder"):
        check_cache_dir(bad)
    good = parse_config({"paths": {"cache_dir": str(tmp_path / "new")}}, {})
    assert check_cache_dir(good).endswith("new (will be made)")
    assert not (tmp_path / "new").exists()


def test_live_without_credentials_names_what_is_missing() -> None:
    import pytest

    from components.config.load import parse_config

    live = parse_config({"upstream": {"kind": "live"}}, {})
    before = {name: os.environ.pop(name, None) for name in CREDENTIALS}
    try:
        with pytest.raises(ConfigError, match="JLC_APP_ID, JLC_ACCESS_KEY, JLC_SECRET_KEY"):
            check_credentials(live)
    finally:
        os.environ.update({name: value for name, value in before.items() if value is not None})
