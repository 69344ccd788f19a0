"""Where data comes from: the bundled upstream, the live services, or a file that somebody gave.

A cache directory holds data of one origin. Parts of the generated catalogue beside real ones, or
generated artifacts of real parts, would be wrong boards; so the origin is noted in the catalogue
(table ``meta``), in the manifest (the same) and in every snapshot's ``metadata.json``, and a
configuration of another origin is refused before anything runs.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from components.core.errors import ConfigError
from components.core.layout import Layout

FILE = "file"
META = "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)"
REMEDY = "name another paths.cache_dir, or remove this one's data with `make clean`"


def read_meta(connection: sqlite3.Connection) -> dict[str, str]:
    """The table ``meta`` of a catalogue or manifest; empty where there is none."""
    there = "SELECT 1 FROM main.sqlite_master WHERE name = 'meta'"
    if connection.execute(there).fetchone() is None:
        return {}
    rows = connection.execute("SELECT key, value FROM main.meta ORDER BY key")
    return {str(key): str(value) for key, value in rows}


def meta_of(path: Path) -> dict[str, str]:
    """As :func:`read_meta` of a file; empty where it is missing or cannot be read."""
    if not path.is_file():
        return {}
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            return read_meta(connection)
    except sqlite3.Error:
        return {}


def origin_of_catalogue(path: Path) -> str:
    """What a catalogue says of itself; :data:`FILE` where it says nothing."""
    return meta_of(path).get("origin", FILE)


def origin_of_snapshot(folder: Path) -> str | None:
    """What a snapshot says of itself; None where there is none, or an old one."""
    try:
        source = json.loads((folder / "metadata.json").read_bytes()).get("source", {})
        origin = source.get("origin")
    except (OSError, ValueError, AttributeError):
        return None
    return origin if isinstance(origin, str) else None


def check_origin(layout: Layout, kind: str, ready: Path | None, *, fetches: bool) -> None:
    """Refuse to mix: ``kind`` is of the upstream, ``ready`` a catalogue that was given.

    ``fetches`` tells whether artifacts will be. A given file and the live services both speak of
    real parts, and may follow one another. Raises :class:`ConfigError`.
    """
    if ready is None and layout.source.is_file():
        there = origin_of_catalogue(layout.source)
        if there != kind:
            refuse(layout.source, there, f"upstream.kind is {kind}")
    if fetches:
        there = meta_of(layout.manifest).get("origin", kind)
        if there != kind:
            refuse(layout.manifest, there, f"upstream.kind is {kind}")
    published = origin_of_snapshot(layout.current)
    wanted = kind if ready is None else origin_of_catalogue(ready)
    if published is not None and (published == "bundled") != (wanted == "bundled"):
        what = "upstream.kind" if ready is None else "paths.source_sqlite"
        refuse(layout.current, published, f"{what} is {ready or kind}")


def refuse(path: Path, there: str, but: str) -> None:
    """Raises the :class:`ConfigError` that says what is where, and what to do."""
    names = {"bundled": "the bundled upstream", "live": "the live services"}
    raise ConfigError(
        f"{path} holds data of {names.get(there, 'a given file')}, but {but}: "
        f"the two are never mixed; {REMEDY}"
    )


def test_a_given_file_may_follow_the_services_but_not_the_demo(tmp_path: Path) -> None:
    import pytest

    from components.testing.library import write_catalogue

    layout = Layout(tmp_path)
    ready = write_catalogue(tmp_path / "cache.sqlite3", [{"lcsc": 1}])
    assert origin_of_catalogue(ready) == FILE
    layout.current.mkdir(parents=True)
    for published, allowed in (("live", True), ("file", True), ("bundled", False)):
        text = json.dumps({"source": {"origin": published}})
        (layout.current / "metadata.json").write_text(text)
        if allowed:
            check_origin(layout, "live", ready, fetches=True)
        else:
            with pytest.raises(ConfigError, match=r"paths.source_sqlite is .*cache.sqlite3"):
                check_origin(layout, "live", ready, fetches=True)
    with closing(sqlite3.connect(ready)) as db:
        db.execute(META)
        db.execute("INSERT INTO meta VALUES ('origin', 'bundled')")
        db.commit()
    # A copy of what the bundled upstream made is no other origin.
    check_origin(layout, "bundled", ready, fetches=True)
