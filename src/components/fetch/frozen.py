"""Frozen manifests: what one shard has of an artifact group, written whole and never changed.

A success is one row with its artifact: ``entries`` then holds the address that was asked, too, and
``states`` all that is no success. The views say what they say in every other manifest.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from components.core.files import replacing
from components.fetch.manifest import read_entries, writing
from components.fetch.manifest_format import (
    MANIFEST_DDL,
    STATE_DDL,
    STATES_SQL,
    STATUSES,
    Entry,
    State,
    Words,
    filled,
    hexed,
    insert_states,
    numbered,
)

PAGE_BYTES = 1024
"""Of a file of a few hundred rows in six tables, half would be empty pages at 4096."""
SUCCESS = STATUSES.index("success")
Counts = dict[str, dict[str, int]]
"""How many artifacts of each type have reached each status."""
_ADDED = (
    "ALTER TABLE entries ADD COLUMN asked INTEGER",
    "DROP VIEW roundtrip_state",
    f"""CREATE VIEW roundtrip_state AS {STATES_SQL}
UNION ALL SELECT e.lcsc_id, t.text, 'success', {filled("u", "e.lcsc_id")}, {hexed("e.sha256")}, NULL
FROM entries e LEFT JOIN types t ON t.id = e.type JOIN texts u ON u.id = e.asked""",
    "CREATE TABLE contents (digest TEXT NOT NULL, counts_json TEXT NOT NULL)",
)
_ENTRY = f"INSERT INTO entries VALUES ({', '.join('?' * 11)})"


class Contents(NamedTuple):
    """What a frozen manifest says of itself."""

    digest: str
    """Of its artifacts, their times aside: 32 hex."""
    counts: Counts


def write_frozen(path: Path, entries: Iterable[Entry], states: Iterable[State]) -> None:
    """Write a frozen manifest whole: sorted rows, the same bytes for the same rows.

    It also holds its :class:`Contents`, so that folding need not read its rows. Raises
    :class:`StoreError` where the disk does not take it; nothing is left then.
    """
    artifacts = sorted(set(entries))
    reached: dict[tuple[int, str], State] = {state[:2]: state for state in states}
    counts: Counts = {}
    for _, state in sorted(reached.items()):
        of_type = counts.setdefault(state.artifact_type, {})
        of_type[state.status] = of_type.get(state.status, 0) + 1
    counted = json.dumps(counts, sort_keys=True)
    words, rows = Words(), []
    for entry in artifacts:
        own, asked = reached.get(entry[:2]), None
        if own and own[2:] == ("success", own.asked_url, entry.raw_sha256, None):
            # Of several rows of the same bytes the first one tells.
            del reached[entry[:2]]
            asked = words.text(numbered(own.asked_url, entry.lcsc_id))
        rows.append((*words.entry(entry), asked))
    with (
        replacing(path) as temporary,
        writing(path),
        closing(sqlite3.connect(temporary)) as connection,
    ):
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode = OFF")
        for statement in (*MANIFEST_DDL, *STATE_DDL, *_ADDED):
            connection.execute(statement)
        with connection:
            words.insert(connection)
            connection.executemany(_ENTRY, rows)
            insert_states(connection, [state for _, state in sorted(reached.items())])
            connection.execute("INSERT INTO contents VALUES (?, ?)", (_digest(artifacts), counted))


def states_of(connection: sqlite3.Connection, schema: str) -> str:
    """SQL of all rows as ``states`` has them in other manifests; ``schema`` is attached.

    An earlier version's frozen manifest has a row there for a success, too.
    """
    columns = {row[1] for row in connection.execute(f"PRAGMA {schema}.table_info(entries)")}
    plain = f"SELECT lcsc_id, type, status, asked, sha256, error FROM {schema}.states"
    if "asked" not in columns:
        return plain
    return (
        f"{plain} UNION ALL SELECT lcsc_id, type, {SUCCESS}, asked, sha256, NULL"
        f" FROM {schema}.entries WHERE asked IS NOT NULL"
    )


def read_contents(connection: sqlite3.Connection) -> Contents:
    """What a frozen manifest holds; counted where an earlier version wrote it."""
    named = "SELECT 1 FROM sqlite_master WHERE name = 'contents'"
    if connection.execute(named).fetchone():
        digest, counted = connection.execute("SELECT digest, counts_json FROM contents").fetchone()
        return Contents(digest, json.loads(counted))
    counts: Counts = {}
    for name, status, count in connection.execute(
        "SELECT artifact_type, status, count(*) FROM roundtrip_state GROUP BY 1, 2 ORDER BY 1, 2"
    ):
        counts.setdefault(name, {})[status] = count
    return Contents(_digest(read_entries(connection)), counts)


def _digest(entries: Iterable[Entry]) -> str:
    digest = hashlib.sha256()
    for entry in entries:
        digest.update(repr(entry._replace(fetched_at_utc="")).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def test_frozen_bytes_do_not_depend_on_the_order(tmp_path: Path) -> None:
    from components.fetch.manifest import example_entry, read_states, reading

    entries = [example_entry(n, sha) for n in (3, 1, 2) for sha in ("b", "a")]
    states = [State(n, t, "missing", "u") for n in (2, 1) for t in ("model_step", "model_obj")]
    states += [State(n, "datasheet_pdf", "success", f"http://h/C{n}", "b") for n in (1, 3)]
    # What is no plain success stays a row of its own.
    states += [
        State(2, "datasheet_pdf", "success", "u", "c"),
        State(4, "datasheet_pdf", "success", "u", "a"),
        State(5, "datasheet_pdf", "failed", "u", None, "C5: no"),
    ]
    write_frozen(tmp_path / "a.sqlite3", entries, states)
    write_frozen(tmp_path / "b.sqlite3", reversed(entries), reversed(states))
    assert (tmp_path / "a.sqlite3").read_bytes() == (tmp_path / "b.sqlite3").read_bytes()
    with reading(tmp_path / "a.sqlite3") as connection:
        assert list(read_entries(connection)) == sorted(entries)
        assert list(read_states(connection)) == sorted(states, key=lambda state: state[:2])
        # A success that has its artifact is no row but that one's.
        assert connection.execute("SELECT count(*) FROM states").fetchone() == (7,)
        assert read_contents(connection).counts["datasheet_pdf"] == {"success": 4, "failed": 1}


def test_one_of_two_rows_of_the_same_bytes_tells_what_was_asked(tmp_path: Path) -> None:
    from components.fetch.manifest import example_entry, read_states, reading

    one = example_entry(1, "ab" * 32)
    states = [State(1, "datasheet_pdf", "success", "http://h/C1", "ab" * 32)]
    write_frozen(tmp_path / "a.sqlite3", [one, one._replace(source_url="z")], states)
    with reading(tmp_path / "a.sqlite3") as connection:
        assert list(read_states(connection)) == states
        assert len(list(read_entries(connection))) == 2
