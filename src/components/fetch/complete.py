"""The common manifest and state, completed from the shards' frozen manifests.

A shard that ran on another node may not have reached them. They note which manifests they have, so
that only what is new to them is read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from components.artifacts import ARTIFACTS, GROUPS
from components.core.errors import StoreError
from components.core.layout import Layout
from components.fetch.earlier import in_today_s_form
from components.fetch.frozen import states_of, write_frozen
from components.fetch.manifest import (
    BUSY_TIMEOUT_S,
    MANIFEST_DDL,
    STATE_DDL,
    State,
    connect,
    example_entry,
    read_entries,
    read_states,
    reading,
    writing,
)
from components.fetch.manifest_format import type_number

TOGETHER = 8
"""Manifests that are read at once; SQLite attaches ten."""
CACHE_KB = 8_192
_CONVERTED = ", ".join(
    str(type_number(name))
    for name, artifact in sorted(ARTIFACTS.items())
    if GROUPS[artifact.group].made_by == "conversion"
)
_NOTES = (
    "CREATE TABLE IF NOT EXISTS folded (manifest TEXT PRIMARY KEY NOT NULL, stamp TEXT NOT NULL)"
    " WITHOUT ROWID"
)
_SAME_TEXT = "ON CONFLICT (id) DO UPDATE SET text = NULL WHERE text IS NOT excluded.text"
_ENTRIES = "SELECT lcsc_id, type, url, sha256, stored_key, raw_size_bytes, form, fetched_at, meta"
_ENTRIES += ", compare_ok FROM {schema}.entries"
# A state that a later run has reached is not set back to what a shard's receipt says; of what is
# converted, the receipt is the latest.
_COMPLETE = {
    "entries": "INSERT OR IGNORE INTO main.entries {rows}",
    "states": f"""INSERT INTO main.states SELECT * FROM ({{rows}}) WHERE true
        ON CONFLICT (lcsc_id, type) DO UPDATE SET
            status = excluded.status, asked = excluded.asked,
            sha256 = excluded.sha256, error = excluded.error
        WHERE states.status = 0 OR states.type IN ({_CONVERTED})""",
}
_TEXTS_OF = {
    "entries": "SELECT url FROM ({rows}) UNION SELECT meta FROM ({rows})",
    # Without NULL: nothing is said to be not in what holds one.
    "states": "SELECT asked FROM ({rows}) UNION SELECT error FROM ({rows}) WHERE error NOT NULL",
}


def complete(manifests: Collection[Path], layout: Layout) -> None:
    """Add to the common files what the frozen manifests have and they have not."""
    for path, ddl, table in (
        (layout.manifest, MANIFEST_DDL, "entries"),
        (layout.state, STATE_DDL, "states"),
    ):
        with writing(path), closing(connect(path, (ddl,))) as connection:
            connection.execute(f"PRAGMA busy_timeout = {round(BUSY_TIMEOUT_S * 1000)}")
            connection.execute(_NOTES)
            known = dict(connection.execute("SELECT manifest, stamp FROM folded"))
            stamps = {path: _stamp(path) for path in manifests}
            new = [path for path, stamp in stamps.items() if known.get(path.name) != stamp]
            connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
            batches = [new[at : at + TOGETHER] for at in range(0, len(new), TOGETHER)]
            _add_texts(connection, table, batches)
            for batch in batches:
                _add_rows(connection, table, {path: stamps[path] for path in batch})
            if 4 * len(new) > len(stamps):
                _shrink(connection, table)


def _stamp(manifest: Path) -> str:
    """What is another where a manifest was written anew."""
    status = manifest.stat()
    return f"{status.st_ino} {status.st_size} {status.st_mtime_ns}"


def _add_texts(connection: sqlite3.Connection, table: str, batches: list[list[Path]]) -> None:
    """The texts of all, in order of their numbers: a shard's lie all over the common file."""
    if not batches:
        return
    connection.execute("CREATE TEMP TABLE gathered (id INTEGER NOT NULL, text TEXT NOT NULL)")
    for batch in batches:
        with _attached(connection, batch) as schemas:
            for path, schema in schemas.items():
                rows = _rows(connection, table, schema)
                with _named(path):
                    connection.execute(
                        f"INSERT INTO temp.gathered SELECT * FROM {schema}.texts"
                        f" WHERE id IN ({_TEXTS_OF[table].format(rows=rows)})"
                    )
    connection.execute(
        "INSERT INTO main.texts SELECT id, text FROM temp.gathered WHERE true ORDER BY id"
        f" {_SAME_TEXT}"
    )
    connection.execute("DROP TABLE temp.gathered")


def _add_rows(connection: sqlite3.Connection, table: str, stamps: Mapping[Path, str]) -> None:
    """Some manifests' rows in one transaction, with the note that they are there."""
    with _attached(connection, stamps) as schemas:
        connection.execute("BEGIN IMMEDIATE")
        try:
            for path, schema in schemas.items():
                with _named(path):
                    _add(connection, table, schema)
                noted = (path.name, stamps[path])
                connection.execute("INSERT OR REPLACE INTO folded VALUES (?, ?)", noted)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _add(connection: sqlite3.Connection, table: str, schema: str) -> None:
    connection.execute(
        f"INSERT INTO main.types SELECT * FROM {schema}.types WHERE true {_SAME_TEXT}"
    )
    if table == "entries":
        connection.execute(
            f"INSERT INTO main.forms SELECT * FROM {schema}.forms WHERE true ON CONFLICT (id)"
            " DO UPDATE SET mime = NULL"
            " WHERE (mime, encoding) IS NOT (excluded.mime, excluded.encoding)"
        )
    rows = _rows(connection, table, schema)
    connection.execute(_COMPLETE[table].format(rows=rows))


def _rows(connection: sqlite3.Connection, table: str, schema: str) -> str:
    return _ENTRIES.format(schema=schema) if table == "entries" else states_of(connection, schema)


def _shrink(connection: sqlite3.Connection, table: str) -> None:
    """Give back what a conversion, or what was replaced, has left free; not where others read."""
    with suppress(sqlite3.OperationalError):
        texts, rows = (
            connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("texts", table)
        )
        if texts > 2 * rows + 1000:
            used = _TEXTS_OF[table].format(rows=f"SELECT * FROM {table}")
            connection.execute(f"DELETE FROM texts WHERE id NOT IN ({used})")
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        if free > max(pages // 2, 256):
            connection.execute("VACUUM")


@contextmanager
def _attached(connection: sqlite3.Connection, paths: Collection[Path]) -> Iterator[dict[Path, str]]:
    """Manifests, and by which names they are attached while the block runs."""
    schemas = {path: f"shard{number}" for number, path in enumerate(paths)}
    with ExitStack() as stack:
        for path, schema in schemas.items():
            with _named(path):
                readable = stack.enter_context(in_today_s_form(path))
                uri = f"file:{quote(str(readable.absolute()))}?mode=ro"
                connection.execute(f"ATTACH ? AS {schema}", (uri,))
            stack.callback(connection.execute, f"DETACH {schema}")
        yield schemas


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path}: manifest cannot be read: {error}") from None


def _shard(path: Path, number: int, status: str = "success") -> Path:
    sha = "ab" if status == "success" else None
    state = State(number, "datasheet_pdf", status, "u", sha, "why")  # type: ignore[arg-type]
    write_frozen(path, [example_entry(number)] if sha else [], [state])
    return path


def test_only_what_is_new_is_read(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    shards = [_shard(layout.shards / f"{n}.sqlite3", n) for n in range(1, 9)]
    complete(shards, layout)
    with closing(connect(layout.manifest)) as common:
        common.execute("DELETE FROM entries WHERE lcsc_id IN (2, 3)")
    shards[1].touch()
    complete(shards, layout)
    with reading(layout.manifest) as connection:
        # The third one was not looked at again, the second was.
        assert [row.lcsc_id for row in read_entries(connection)] == [1, 2, 4, 5, 6, 7, 8]
    # With the common file goes what it has noted.
    layout.manifest.unlink()
    complete(shards, layout)
    with reading(layout.manifest) as connection:
        assert [row.lcsc_id for row in read_entries(connection)] == list(range(1, 9))


def test_what_a_later_run_has_reached_stays(tmp_path: Path) -> None:
    from components.fetch.manifest import write

    layout = Layout(tmp_path)
    later = [
        State(1, "datasheet_pdf", "success", "u", "cd"),
        State(2, "datasheet_pdf", "running", "u"),
    ]
    with closing(connect(layout.state, (STATE_DDL,))) as connection:
        write(connection, [], later)
    complete([_shard(layout.shards / f"{n}.sqlite3", n, "failed") for n in (1, 2)], layout)
    with reading(layout.state) as connection:
        assert [state.status for state in read_states(connection)] == ["success", "failed"]


def test_a_manifest_whose_successes_are_states_is_read(tmp_path: Path) -> None:
    """As frozen ones were once, and as live ones are."""
    from components.fetch.manifest import write

    layout = Layout(tmp_path)
    shard = layout.shards / "0.sqlite3"
    reached = State(1, "datasheet_pdf", "success", "u", "ab")
    with closing(connect(shard)) as connection:
        write(connection, [example_entry()], [reached])
    complete([shard], layout)
    with reading(layout.manifest) as manifest, reading(layout.state) as state:
        assert list(read_entries(manifest)) == [example_entry()]
        assert list(read_states(state)) == [reached]


def test_what_a_conversion_leaves_free_is_given_back(tmp_path: Path) -> None:
    from components.testing.manifests import as_earlier_version

    layout = Layout(tmp_path)
    entries = [example_entry(n, f"{n:064x}") for n in range(20_000)]
    as_earlier_version(layout.manifest, entries, [])
    before = layout.manifest.stat().st_size
    complete([_shard(layout.shards / "0.sqlite3", 1)], layout)
    assert layout.manifest.stat().st_size < before / 2
    with reading(layout.manifest) as connection:
        rows = list(read_entries(connection))
    assert len(rows) == 20_001 and rows[-1] == entries[-1]


def test_texts_that_no_state_has_any_more_go(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    shards = [_shard(layout.shards / "0.sqlite3", 1)]
    complete(shards, layout)
    with closing(connect(layout.state, (STATE_DDL,))) as connection:
        for number in range(1100):
            connection.execute("INSERT INTO texts VALUES (?, 'left')", (number,))
    shards[0].touch()
    complete(shards, layout)
    with reading(layout.state) as connection:
        assert connection.execute("SELECT count(*) FROM texts").fetchone()[0] < 5


def test_a_damaged_manifest_is_named_and_nothing_noted(tmp_path: Path) -> None:
    import pytest

    layout = Layout(tmp_path)
    good, bad = _shard(layout.shards / "0.sqlite3", 1), _shard(layout.shards / "1.sqlite3", 2)
    whole = bad.read_bytes()
    bad.write_bytes(b"damaged" * 1000)
    with pytest.raises(StoreError, match=r"1\.sqlite3"):
        complete([good, bad], layout)
    bad.write_bytes(whole)
    complete([good, bad], layout)
    with reading(layout.manifest) as connection:
        assert [row.lcsc_id for row in read_entries(connection)] == [1, 2]
