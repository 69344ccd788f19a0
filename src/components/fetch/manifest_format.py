"""How manifests are laid out in their files: every text once, digests as bytes, keys derived.

``fetch_manifest`` and ``roundtrip_state`` are views. Below them ``entries`` and ``states`` refer to
``texts`` (addresses, metadata, reasons) by a digest of the text, so that rows go from one file to
another as they are. In a text of a part stands :data:`MARK` for the part's number behind a ``C``,
and in metadata for the address; so parts share most of them. An object's key is empty where it
follows from type and digest. Files of earlier versions have tables of the views' names instead.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal, NamedTuple

Status = Literal["running", "success", "failed", "missing"]
STATUSES = ("running", "success", "failed", "missing")
MARK, PLAIN = "\x1a", "\x1b"
"""What stands for a number or an address, and what begins a text that is taken as it is."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_TIME_LIKE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

_TEXTS = (
    "CREATE TABLE IF NOT EXISTS texts (id INTEGER PRIMARY KEY NOT NULL, text TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS types (id INTEGER PRIMARY KEY NOT NULL, text TEXT NOT NULL)",
)
_WHOLE = f"substr({{0}}.text, 1, 1) = '{PLAIN}' THEN substr({{0}}.text, 2)"


def filled(table: str, value: str) -> str:
    """SQL of a text of the joined ``table``, with ``value`` put in where it has a mark."""
    return f"CASE WHEN {_WHOLE.format(table)} ELSE replace({table}.text, '{MARK}', {value}) END"


def hexed(column: str) -> str:
    """SQL of a SHA-256 as text."""
    return f"CASE typeof({column}) WHEN 'blob' THEN lower(hex({column})) ELSE {column} END"


URL_SQL = filled("u", "e.lcsc_id")
META_SQL = filled("m", f"({URL_SQL})")
KEY_SQL = (
    f"CASE e.stored_key WHEN '' THEN 'objects/' || t.text || '/' || ({hexed('e.sha256')}) || '.zst'"
    f" WHEN '{PLAIN}' THEN '' ELSE e.stored_key END"
)
_MANIFEST_VIEW = f"""CREATE VIEW IF NOT EXISTS fetch_manifest AS
SELECT e.lcsc_id AS lcsc_id, t.text AS artifact_type, {URL_SQL} AS source_url,
    {hexed("e.sha256")} AS raw_sha256, e.raw_size_bytes AS raw_size_bytes,
    f.mime AS mime, f.encoding AS encoding, {KEY_SQL} AS stored_key,
    CASE typeof(e.fetched_at) WHEN 'integer'
        THEN strftime('%Y-%m-%dT%H:%M:%SZ', e.fetched_at, 'unixepoch') ELSE e.fetched_at
    END AS fetched_at_utc,
    {META_SQL} AS source_meta_json, e.compare_ok AS compare_ok
FROM entries e LEFT JOIN types t ON t.id = e.type LEFT JOIN texts u ON u.id = e.url
    LEFT JOIN texts m ON m.id = e.meta LEFT JOIN forms f ON f.id = e.form"""
_STATUS_SQL = " ".join(f"WHEN {n} THEN '{name}'" for n, name in enumerate(STATUSES))
STATES_SQL = f"""SELECT s.lcsc_id AS lcsc_id, t.text AS artifact_type,
    CASE s.status {_STATUS_SQL} END AS status,
    {filled("u", "s.lcsc_id")} AS asked_url, {hexed("s.sha256")} AS raw_sha256,
    {filled("r", "s.lcsc_id")} AS error
FROM states s LEFT JOIN types t ON t.id = s.type LEFT JOIN texts u ON u.id = s.asked
    LEFT JOIN texts r ON r.id = s.error"""
_STATE_VIEW = f"CREATE VIEW IF NOT EXISTS roundtrip_state AS {STATES_SQL}"

MANIFEST_DDL = (
    *_TEXTS,
    "CREATE TABLE IF NOT EXISTS forms (id INTEGER PRIMARY KEY NOT NULL, mime TEXT NOT NULL,"
    " encoding TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS entries (lcsc_id INTEGER NOT NULL, type INTEGER NOT NULL,"
    " url INTEGER NOT NULL, sha256 NOT NULL, stored_key TEXT NOT NULL,"
    " raw_size_bytes INTEGER NOT NULL, form INTEGER NOT NULL, fetched_at NOT NULL,"
    " meta INTEGER NOT NULL, compare_ok INTEGER NOT NULL,"
    " PRIMARY KEY (lcsc_id, type, url, sha256, stored_key)) WITHOUT ROWID",
    _MANIFEST_VIEW,
)
STATE_DDL = (
    *_TEXTS,
    "CREATE TABLE IF NOT EXISTS states (lcsc_id INTEGER NOT NULL, type INTEGER NOT NULL,"
    f" status INTEGER NOT NULL CHECK (status BETWEEN 0 AND {len(STATUSES) - 1}),"
    " asked INTEGER NOT NULL, sha256, error INTEGER, PRIMARY KEY (lcsc_id, type)) WITHOUT ROWID",
    _STATE_VIEW,
)
TABLES = {"fetch_manifest": ("entries", MANIFEST_DDL), "roundtrip_state": ("states", STATE_DDL)}
"""By view the table of its rows, and what makes both."""


class Entry(NamedTuple):
    """A row of ``fetch_manifest``: one artifact of a part (0: of none), as stored."""

    lcsc_id: int
    artifact_type: str
    source_url: str
    raw_sha256: str
    raw_size_bytes: int
    mime: str
    encoding: str
    stored_key: str
    fetched_at_utc: str
    source_meta_json: str
    compare_ok: int


class State(NamedTuple):
    """A row of ``roundtrip_state``; ``asked_url`` is what the work list led to."""

    lcsc_id: int
    artifact_type: str
    status: Status
    asked_url: str
    raw_sha256: str | None = None
    error: str | None = None


def kept(table: str) -> str:
    """SQL that adds a text or form; fails where its number stands for another."""
    if table == "forms":
        marks, differs = "?, ?, ?", "(mime, encoding) IS NOT (excluded.mime, excluded.encoding)"
        spoilt = "mime"
    else:
        marks, differs, spoilt = "?, ?", "text IS NOT excluded.text", "text"
    return (
        f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {spoilt} = NULL"
        f" WHERE {differs}"
    )


_TYPE, _TEXT, _FORM = kept("types"), kept("texts"), kept("forms")
_ENTRY = f"INSERT OR REPLACE INTO entries VALUES ({', '.join('?' * 10)})"
_STATE = f"INSERT OR REPLACE INTO states VALUES ({', '.join('?' * 6)})"


def insert_entries(connection: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Add rows below ``fetch_manifest``; one that is there already gets its new time."""
    words = Words()
    rows = [words.entry(entry) for entry in entries]
    words.insert(connection)
    connection.executemany(_ENTRY, rows)


def insert_states(connection: sqlite3.Connection, states: Iterable[State]) -> None:
    """Add rows below ``roundtrip_state``, each in place of an earlier one of its artifact."""
    words = Words()
    rows = [
        (
            state.lcsc_id,
            words.type(state.artifact_type),
            STATUSES.index(state.status) if state.status in STATUSES else -1,
            words.text(numbered(state.asked_url, state.lcsc_id)),
            None if state.raw_sha256 is None else packed(state.raw_sha256),
            None if state.error is None else words.text(numbered(state.error, state.lcsc_id)),
        )
        for state in states
    ]
    words.insert(connection)
    connection.executemany(_STATE, rows)


class Words:
    """The texts that rows refer to."""

    def __init__(self) -> None:
        self._types: dict[int, str] = {}
        self._texts: dict[int, str] = {}
        self._forms: dict[int, tuple[str, str]] = {}

    def entry(self, entry: Entry) -> tuple[int | str | bytes, ...]:
        """A row of ``entries``."""
        return (
            entry.lcsc_id,
            self.type(entry.artifact_type),
            self.text(numbered(entry.source_url, entry.lcsc_id)),
            packed(entry.raw_sha256),
            _key(entry),
            entry.raw_size_bytes,
            self.form(entry.mime, entry.encoding),
            _moment(entry.fetched_at_utc),
            self.text(marked(entry.source_meta_json, entry.source_url)),
            entry.compare_ok,
        )

    def type(self, text: str) -> int:
        number = type_number(text)
        self._types[number] = text
        return number

    def text(self, text: str) -> int:
        number = number_of(text)
        self._texts[number] = text
        return number

    def form(self, mime: str, encoding: str) -> int:
        number = number_of(f"{mime}\0{encoding}") & 0x7FFFFFFF
        self._forms[number] = (mime, encoding)
        return number

    def insert(self, connection: sqlite3.Connection) -> None:
        connection.executemany(_TYPE, sorted(self._types.items()))
        connection.executemany(_TEXT, sorted(self._texts.items()))
        if self._forms:
            connection.executemany(_FORM, ((n, *form) for n, form in sorted(self._forms.items())))


def type_number(artifact_type: str) -> int:
    """What an artifact type is referred to by."""
    return number_of(artifact_type) & 0x7FFFFFFF


@lru_cache(1 << 14)
def number_of(text: str) -> int:
    """What a text is referred to by: 62 bits of its SHA-256."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") >> 2


def numbered(text: str, lcsc_id: int) -> str:
    """A text with a mark for the part's number, as :func:`filled` reads it."""
    return marked(text, f"C{lcsc_id}", f"C{MARK}")


def marked(text: str, value: str, mark: str = MARK) -> str:
    """A text with ``mark`` in place of ``value``."""
    if MARK in text or text.startswith(PLAIN):
        return PLAIN + text
    return text.replace(value, mark) if value else text


def packed(sha256: str) -> bytes | str:
    """A SHA-256 as bytes; what is none stays a text."""
    return bytes.fromhex(sha256) if _SHA256.fullmatch(sha256) else sha256


def _key(entry: Entry) -> str:
    derived = f"objects/{entry.artifact_type}/{entry.raw_sha256}.zst"
    return "" if entry.stored_key == derived else entry.stored_key or PLAIN


@lru_cache(64)
def _moment(text: str) -> int | str:
    """Seconds since the epoch; a text that is no time of ours stays one."""
    if not _TIME_LIKE.fullmatch(text):
        return text
    try:
        moment = datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:
        return text
    return int(moment.timestamp()) if moment.strftime(_TIME) == text else text


def old_tables(connection: sqlite3.Connection) -> Iterator[str]:
    """The views' names that are tables, as in a file of an earlier version."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    there = {name for (name,) in rows}
    yield from (name for name in TABLES if name in there)


def convert(connection: sqlite3.Connection) -> None:
    """Lay out anew what an earlier version wrote, within the caller's transaction."""
    for view in list(old_tables(connection)):
        before = f"old_{view}"
        connection.execute(f"ALTER TABLE {view} RENAME TO {before}")
        for statement in TABLES[view][1]:
            connection.execute(statement)
        rows = connection.execute(f"SELECT * FROM {before}")
        while batch := rows.fetchmany(10_000):
            if view == "fetch_manifest":
                insert_entries(connection, map(Entry._make, batch))
            else:
                insert_states(connection, map(State._make, batch))
        connection.execute(f"DROP TABLE {before}")


def test_every_row_comes_back_as_it_was() -> None:
    from components.testing.manifests import write_as_earlier_version

    sha, key = "ab" * 32, "objects/model_obj/{}.zst"
    base = Entry(
        7, "model_obj", "http://h/C7/x", sha, 9, "a/b", "zstd", key.format(sha), "", "{}", 1
    )
    entries = [
        base,
        base._replace(source_url="http://h/C77?C7", source_meta_json='{"url":"http://h/C77?C7"}'),
        base._replace(source_url="", source_meta_json='{"a":""}'),
        base._replace(source_url=f"{MARK}C7", source_meta_json=f"{PLAIN}{MARK}"),
        base._replace(source_url=f"{PLAIN}C7", source_meta_json=f"x{PLAIN}C7"),
        base._replace(lcsc_id=0, artifact_type="page", source_url="http://h/C0"),
        base._replace(lcsc_id=-3, source_url="C-3"),
        base._replace(raw_sha256="AB" * 32, stored_key=""),
        base._replace(raw_sha256="short", stored_key="objects/model_obj/short.zst"),
        base._replace(stored_key="packs/1", fetched_at_utc="2026-01-01T00:00:00Z", compare_ok=0),
        base._replace(lcsc_id=1 << 40, fetched_at_utc="2026-13-01T00:00:00Z", mime="", encoding=""),
    ]
    states = [
        State(7, "model_obj", "success", "http://h/C7#ab", sha),
        State(8, "model_obj", "failed", "", None, f"C8: {MARK}"),
        State(8, "model_step", "missing", "u", "", "C8: none"),
        State(9, "model_obj", "running", "u"),
    ]
    for old in (False, True):
        connection = sqlite3.connect(":memory:", isolation_level=None)
        if old:
            write_as_earlier_version(connection, entries, states)
            assert list(old_tables(connection)) == [*TABLES]
            convert(connection)
        else:
            for statement in (*MANIFEST_DDL, *STATE_DDL):
                connection.execute(statement)
            insert_entries(connection, entries)
            insert_states(connection, states)
        assert not list(old_tables(connection))
        found = connection.execute("SELECT * FROM fetch_manifest")
        assert sorted(map(Entry._make, found)) == sorted(entries)
        found = connection.execute("SELECT * FROM roundtrip_state ORDER BY 1, 2")
        assert list(map(State._make, found)) == states
        connection.close()


def test_a_number_that_stands_for_another_text_is_refused() -> None:
    import pytest

    connection = sqlite3.connect(":memory:")
    for statement in MANIFEST_DDL:
        connection.execute(statement)
    for table, one, other in (
        ("texts", (1, "a"), (1, "b")),
        ("forms", (1, "a", "b"), (1, "a", "c")),
    ):
        for _ in range(2):
            connection.execute(kept(table), one)
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(kept(table), other)


def test_parts_share_their_texts() -> None:
    connection = sqlite3.connect(":memory:")
    for statement in MANIFEST_DDL:
        connection.execute(statement)
    for number in range(1, 100):
        url = f"https://h/api/C{number}/x"
        insert_entries(
            connection,
            [Entry(number, "model_obj", url, "", 9, "a", "b", "c", "", f'{{"url":"{url}"}}', 1)],
        )
    assert connection.execute("SELECT count(*) FROM texts").fetchone() == (2,)
