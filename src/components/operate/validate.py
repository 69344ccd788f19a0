"""``components validate``: checks config, paths and credentials, and changes nothing."""

from __future__ import annotations

import argparse
import errno
import getpass
import os
import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from components.config.load import Config
from components.config.options import add_config_option, configuration
from components.config.upstream import CREDENTIALS
from components.core.errors import ComponentsError, ConfigError
from components.core.layout import Layout
from components.net.endpoints import FetchSettings
from components.operate.facts import server_health
from components.source.catalogue import open_catalogue
from components.source.origin import check_origin
from components.source.ready import count_parts, needs_copy

SPACE_BYTES = 4 << 20


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)


def run(args: argparse.Namespace) -> int:
    config = configuration(args)
    print("ok    config")
    failures = 0
    for name, check in CHECKS.items():
        failures += not _passes(name, check, config)
    # Asked of others only where all is well here.
    for name, check in {} if failures else ONLINE.items():
        failures += not _passes(name, check, config)
    return 2 if failures else 0


def _passes(name: str, check: Callable[[Config], str], config: Config) -> bool:
    try:
        print(f"ok    {name}: {check(config)}")
    except (ComponentsError, OSError) as error:
        print(f"FAIL  {name}: {str(error).removeprefix(f'{name}: ')}")
        return False
    return True


def check_cache_dir(config: Config) -> str:
    """The cache directory can be written, or could be made."""
    wanted = config.paths.cache_dir.absolute()
    existing = _nearest(wanted)
    if not existing.is_dir():
        raise ConfigError(f"{existing} is not a folder")
    if os.statvfs(existing).f_flag & os.ST_RDONLY:
        raise ConfigError(f"{existing} is on a read-only file system; mount it to be written")
    if not os.access(existing, os.W_OK | os.X_OK):
        remedy = f"choose a folder of yours, as {Path.home() / 'components'}"
        raise ConfigError(f"{existing} cannot be written by {_user()}; {remedy}")
    for folder in sorted(path for path in wanted.glob("*") if path.is_dir()):
        if not os.access(folder, os.W_OK | os.X_OK):
            owner = _owner(folder)
            raise ConfigError(
                f"{folder} cannot be written by {_user()}: {owner} ran here; give it to one user"
                f" (`sudo chown -R {_user()} {wanted}`), or choose another folder"
            )
    return f"{config.paths.cache_dir}" + ("" if existing == wanted else " (will be made)")


def _nearest(wanted: Path) -> Path:
    """What there is of ``wanted``: itself, or the nearest folder above that this user may see."""
    for path in (wanted, *wanted.parents):
        with suppress(PermissionError):
            if path.exists():
                return path
    return Path("/")


def check_space(config: Config) -> str:
    """There is room for the least that a run writes."""
    wanted = config.paths.cache_dir.absolute()
    existing = _nearest(wanted)
    free_bytes = shutil.disk_usage(existing).free
    if free_bytes < SPACE_BYTES:
        raise ConfigError(
            f"{os.strerror(errno.ENOSPC)}: {free_bytes / 2**20:,.0f} MiB are free at {existing},"
            f" a run needs {SPACE_BYTES >> 20} at least; make room, or choose another cache_dir"
        )
    return f"{free_bytes / 2**30:,.1f} GiB free"


def check_work_folder(config: Config) -> str:
    """Snakemake can keep its notes (``.snakemake``) where it runs."""
    folder = Path.cwd()
    notes = folder / ".snakemake"
    if not os.access(notes if notes.exists() else folder, os.W_OK | os.X_OK):
        raise ConfigError(
            f"{folder} cannot be written by {_user()}, and a run keeps its notes there"
            " (.snakemake); run it from a folder of yours"
        )
    return str(folder)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except KeyError:
        return f"user {path.stat().st_uid}"


def check_source(config: Config) -> str:
    """The ready catalogue is one, or will be built."""
    path = config.paths.source_sqlite
    if path is None:
        path = Layout(config.paths.cache_dir).source
        if not path.exists():
            return f"will be built from the {config.upstream.kind} upstream"
    elif needs_copy(path):
        return f"{count_parts(path):,} parts of the kind source-db-v2, copied when a run begins"
    with closing(open_catalogue(path)) as connection:
        parts = connection.execute("SELECT count(*) FROM part_rows").fetchone()[0]
        try:
            work = connection.execute(
                f"SELECT count(*) FROM part_rows WHERE {config.stage1.where}"
            ).fetchone()[0]
        except sqlite3.Error as error:
            raise ConfigError(f"stage1.where: not a condition over components: {error}") from None
    return f"{parts:,} parts, {work:,} of them chosen by stage1.where"


def check_port(config: Config) -> str:
    """The server's port is free, or serves already."""
    host, port = config.serve.host, config.serve.port
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE and server_health(host, port).get("snapshot"):
                return f"{port} is served by components already"
            raise ConfigError(f"{host}:{port}: {error.strerror}; choose another") from None
    return f"{port} is free"


def check_origins(config: Config) -> str:
    """The cache directory holds nothing of another origin."""
    layout, kind = Layout(config.paths.cache_dir), config.upstream.kind
    check_origin(layout, kind, config.paths.source_sqlite, fetches=config.stage1.enabled)
    return kind if config.paths.source_sqlite is None else f"a given file, artifacts: {kind}"


def check_api(config: Config) -> str:
    """JLC's API lets the account in."""
    if config.upstream.kind == "bundled" or config.paths.source_sqlite is not None:
        return "not asked: the catalogue does not come from it"
    from components.fetch.crawl.probe import probe

    return probe(FetchSettings(upstream=config.upstream, stage1=config.stage1))


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


# What a run does first: quick, whatever the size of the catalogue.
PREFLIGHT: dict[str, Callable[[Config], str]] = {
    "paths.cache_dir": check_cache_dir,
    "work folder": check_work_folder,
    "space": check_space,
    "origin of data": check_origins,
    "credentials": check_credentials,
}
CHECKS = PREFLIGHT | {"source": check_source, "serve.port": check_port}
ONLINE: dict[str, Callable[[Config], str]] = {"JLC API": check_api}
"""What asks a service: `validate` alone does, a run finds out by itself."""


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
