"""Parts that have left the catalogue and every snapshot: `prune` forgets what was fetched of them.

Otherwise the rows and objects of a year's parts would stay for ever. A part that comes back is new:
it is fetched again. Pages and details of the crawl are retired by the crawl itself.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from itertools import groupby, islice
from pathlib import Path

from components.artifacts import ARTIFACTS, GROUPS
from components.core.database import open_database
from components.core.errors import SnapshotError, SourceError
from components.core.layout import Layout
from components.fetch.manifest import MANIFEST_DDL, STATE_DDL, connect, reading
from components.fetch.manifest_format import old_tables, type_number
from components.publish.snapshots import Snapshots
from components.source.catalogue import open_catalogue

ASKED = 10_000
"""Parts that are looked up at once."""
_OF_CRAWL = frozenset(n for n, a in ARTIFACTS.items() if GROUPS[a.group].made_by == "crawl")
_OF_PARTS = f"lcsc_id > 0 AND type NOT IN ({', '.join(str(type_number(n)) for n in _OF_CRAWL)})"
_TABLES = {"entries": ("url", "meta"), "states": ("asked", "error")}


def is_of_crawl(artifact_type: str) -> bool:
    """Whether the crawl of the catalogue makes and retires it."""
    return artifact_type in _OF_CRAWL


def gone(layout: Layout, source: Path, names: Iterable[str]) -> frozenset[int]:
    """Numbers of parts that the manifest or state knows, and neither ``source`` nor a snapshot.

    ``names`` are the snapshots that count. Without a catalogue none has gone. Raises
    :class:`SourceError`, :class:`SnapshotError` or
    :class:`~components.core.errors.StoreError` where one cannot be read.
    """
    if not source.is_file() or not layout.manifest.is_file():
        return frozenset()
    snapshots = Snapshots(layout.snapshots)
    found: set[int] = set()
    with ExitStack() as stack:
        known = []
        for path, table in ((layout.manifest, "entries"), (layout.state, "states")):
            if path.is_file():
                db = stack.enter_context(reading(path))
                # An earlier version's file is laid out anew by the next run.
                known += [] if any(old_tables(db)) else [_known(db, table)]
        catalogue = stack.enter_context(closing(open_catalogue(source)))
        there = [(catalogue, "SELECT 1 FROM part_rows WHERE lcsc = value", source)]
        for name in names:
            path = snapshots.folder(name) / "detail.sqlite"
            detail = stack.enter_context(closing(open_database(path)))
            there.append((detail, "SELECT 1 FROM components_full WHERE lcsc_id = value", path))
        numbers = (number for number, _ in groupby(heapq.merge(*known)))
        while asked := list(islice(numbers, ASKED)):
            for db, query, path in there:
                asked = _without(db, query, asked, path)
            found.update(asked)
    return frozenset(found)


def _known(db: sqlite3.Connection, table: str) -> Iterator[int]:
    query = f"SELECT DISTINCT lcsc_id FROM {table} WHERE {_OF_PARTS} ORDER BY lcsc_id"
    yield from (row[0] for row in db.execute(query))


def _without(db: sqlite3.Connection, query: str, numbers: list[int], path: Path) -> list[int]:
    """Those of ``numbers`` that ``query`` finds nothing of."""
    lacking = f"SELECT value FROM json_each(?) WHERE NOT EXISTS ({query})"
    try:
        return [row[0] for row in db.execute(lacking, (json.dumps(numbers),))]
    except sqlite3.DatabaseError as error:
        kind = SnapshotError if path.name == "detail.sqlite" else SourceError
        raise kind(f"{path}: cannot be read ({error}); nothing was removed") from None


def forget(layout: Layout, parts: Iterable[int]) -> int:
    """Take what is known of ``parts`` out of the manifest and the state; how many rows went."""
    numbers = sorted(parts)
    went = 0
    for path, ddl, table in (
        (layout.manifest, MANIFEST_DDL, "entries"),
        (layout.state, STATE_DDL, "states"),
    ):
        if not numbers or not path.is_file():
            continue
        with closing(connect(path, (ddl,))) as db:
            db.execute("CREATE TEMP TABLE gone (lcsc_id INTEGER PRIMARY KEY)")
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO temp.gone VALUES (?)", ((number,) for number in numbers))
            condition = f"lcsc_id IN (SELECT lcsc_id FROM temp.gone) AND {_OF_PARTS}"
            went += db.execute(f"DELETE FROM main.{table} WHERE {condition}").rowcount
            # Nothing is said to be not in what holds a NULL.
            used = " UNION ".join(
                f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"
                for column in _TABLES[table]
            )
            db.execute(f"DELETE FROM texts WHERE id NOT IN ({used})")
            db.execute("COMMIT")
    return went


def test_only_what_the_catalogue_and_every_snapshot_lack_has_gone(tmp_path: Path) -> None:
    from components.fetch.manifest import State, example_entry, read_entries, read_states, write
    from components.testing.snapshot import sealed
    from components.testing.transform import write_source

    layout = Layout(tmp_path)
    source = write_source(tmp_path / "source.sqlite3", 2)
    with closing(open_catalogue(source)) as catalogue:
        (listed,) = catalogue.execute("SELECT min(lcsc) FROM part_rows").fetchone()
    sealed(layout.snapshots, "a", "b")
    for name, number in (("a", 901), ("b", 902)):
        with closing(sqlite3.connect(layout.snapshots / name / "detail.sqlite")) as db:
            db.execute("DROP TABLE components_full")
            db.execute("CREATE TABLE components_full (lcsc_id INTEGER PRIMARY KEY)")
            db.execute("INSERT INTO components_full (lcsc_id) VALUES (?)", (number,))
            db.commit()
    page = example_entry(900)._replace(artifact_type="jlc_component_detail")
    numbers = (0, listed, 900, 901, 902)
    with closing(connect(layout.manifest, (MANIFEST_DDL,))) as db:
        write(db, [*map(example_entry, numbers), page], [])
    with closing(connect(layout.state, (STATE_DDL,))) as db:
        write(db, [], [State(n, "datasheet_pdf", "missing", f"u{n}") for n in (listed, 900, 903)])
    assert gone(layout, tmp_path / "none", ["a"]) == frozenset()
    assert gone(layout, source, ["a", "b"]) == {900, 903}
    assert gone(layout, source, ["b"]) == {900, 901, 903}
    assert forget(layout, {900, 903}) == 3
    with reading(layout.manifest) as db:
        assert {row[0] for row in read_entries(db)} == {*numbers}
        assert [row[1] for row in read_entries(db, 900, 900)] == ["jlc_component_detail"]
    with reading(layout.state) as db:
        assert [row[0] for row in read_states(db)] == [listed]
        assert db.execute("SELECT count(*) FROM texts").fetchone() == (1,)
    assert gone(layout, source, ["a", "b"]) == frozenset()
