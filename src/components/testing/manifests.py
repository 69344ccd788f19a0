"""Manifests as version 0.3 wrote them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from components.fetch.manifest import Entry, State


def as_earlier_version(path: Path, entries: Iterable[Entry], states: Iterable[State]) -> None:
    """A file with both tables."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        write_as_earlier_version(connection, entries, states)


def write_as_earlier_version(
    connection: sqlite3.Connection, entries: Iterable[Entry], states: Iterable[State]
) -> None:
    """The tables alone."""
    for view, row, rows, unique in (
        ("fetch_manifest", Entry, entries, "artifact_type, source_url, raw_sha256, stored_key"),
        ("roundtrip_state", State, states, "artifact_type"),
    ):
        columns, marks = ", ".join(row._fields), ", ".join("?" * len(row._fields))
        connection.execute(f"CREATE TABLE {view} ({columns}, UNIQUE (lcsc_id, {unique}))")
        connection.executemany(f"INSERT INTO {view} VALUES ({marks})", rows)
