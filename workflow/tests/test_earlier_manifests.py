"""Manifests of an earlier version are taken over by the first run, killed wherever it is."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from components.core.project import PROJECT
from components.fetch.manifest import (
    State,
    connect,
    example_entry,
    read_entries,
    read_states,
    reading,
    write,
)
from components.fetch.manifest_format import old_tables
from components.testing.manifests import as_earlier_version

ROWS = 25_000
"""Three batches of each table: more than SQLite's cache holds, so that the file is half written."""
PROGRAM = """
import os, sys
from pathlib import Path
import components.fetch.manifest_format as layout
left = int(sys.argv[2])

def dying(insert):
    def then_die(*arguments):
        global left
        insert(*arguments)
        left -= 1
        if not left:
            os.kill(os.getpid(), 9)
    return then_die

layout.insert_entries = dying(layout.insert_entries)
layout.insert_states = dying(layout.insert_states)
from components.fetch.manifest import connect
connect(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("batch", [1, 2, 3, 4, 6])
def test_a_conversion_killed_at_any_batch_loses_nothing(tmp_path: Path, batch: int) -> None:
    path = tmp_path / "manifest.sqlite3"
    entries = [example_entry(number, f"{number:064x}") for number in range(ROWS)]
    states = [State(n, "datasheet_pdf", "success", "u", f"{n:064x}") for n in range(ROWS)]
    as_earlier_version(path, entries, states)
    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), str(batch)],
        env=os.environ | {"PYTHONPATH": str(PROJECT / "src")},
        check=False,
    )
    assert killed.returncode == -9
    with reading(path) as connection:
        assert list(old_tables(connection)) == ["fetch_manifest", "roundtrip_state"]
        assert list(read_entries(connection)) == entries
    with closing(connect(path)) as connection:
        assert not list(old_tables(connection))
        write(connection, [example_entry(ROWS)], [])
        assert list(read_entries(connection)) == [*entries, example_entry(ROWS)]
        assert list(read_states(connection)) == states
