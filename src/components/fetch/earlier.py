"""Manifests that an earlier version has written, in today's form for as long as they are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from components.fetch.manifest import connect, reading
from components.fetch.manifest_format import Entry, State, insert_entries, insert_states, old_tables

BATCH = 10_000


@contextmanager
def in_today_s_form(path: Path) -> Iterator[Path]:
    """``path``, or a copy that goes when the block ends, in memory that does not grow with it.

    Raises :class:`~components.core.errors.StoreError` where it cannot be read.
    """
    with reading(path) as source:
        views = list(old_tables(source))
        if not views:
            yield path
            return
        with TemporaryDirectory(prefix="manifest-") as folder:
            copy = Path(folder, path.name)
            with closing(connect(copy)) as target:
                target.execute("PRAGMA journal_mode = OFF")
                target.execute("BEGIN")
                for view in views:
                    rows = source.execute(f"SELECT * FROM {view}")
                    while batch := rows.fetchmany(BATCH):
                        if view == "fetch_manifest":
                            insert_entries(target, map(Entry._make, batch))
                        else:
                            insert_states(target, map(State._make, batch))
                target.execute("COMMIT")
            yield copy


def test_an_earlier_file_reads_as_one_of_today(tmp_path: Path) -> None:
    from components.fetch.frozen import write_frozen
    from components.fetch.manifest import example_entry, read_entries, read_states
    from components.testing.manifests import as_earlier_version

    entries = [example_entry(n, f"{n:064x}") for n in range(3)]
    states = [State(n, "datasheet_pdf", "success", "u", f"{n:064x}") for n in range(3)]
    as_earlier_version(tmp_path / "old.sqlite3", entries, states)
    write_frozen(tmp_path / "new.sqlite3", entries, states)
    for name, same in (("old.sqlite3", False), ("new.sqlite3", True)):
        with in_today_s_form(tmp_path / name) as path:
            assert (path == tmp_path / name) is same
            with reading(path) as connection:
                assert not list(old_tables(connection))
                assert list(read_entries(connection)) == entries
                assert list(read_states(connection)) == states
