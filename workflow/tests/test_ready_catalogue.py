"""A ready catalogue of the kind ``source-db-v2``, from a file to a published snapshot."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from components.testing.operate import Site
from components.testing.source_db_v2 import write_v2

PARTS = 100_000


def ready_site(root: Path) -> Site:
    site = Site(root)
    site.configure({"paths": {"source_sqlite": str(site.source)}, "stage1": {"enabled": False}})
    site.take_library()
    return site


def test_a_hundred_thousand_parts_publish(tmp_path: Path) -> None:
    site = ready_site(tmp_path)
    write_v2(site.source, PARTS)
    assert "99,000 parts of the kind source-db-v2" in site.run("validate").stdout
    site.must("apply", "--cores", "2")
    first = site.current()
    with closing(sqlite3.connect(site.layout.current / "fast.sqlite")) as db:
        counts = "SELECT count(*), sum(is_basic), sum(is_preferred) FROM resistor_pick"
        basic = sum(n % 7 == 0 and n % 100 > 0 for n in range(1, PARTS + 1))
        preferred = sum(n % 14 == 0 and n % 100 > 0 for n in range(1, PARTS + 1))
        assert db.execute(counts).fetchone() == (99_000, basic, preferred)
    metadata = json.loads((site.layout.current / "metadata.json").read_bytes())
    assert metadata["source"]["origin"] == "file" and metadata["parts"] == 99_000

    # Half of it gone, as when the published file shrank, does not replace what is served.
    write_v2(site.source, PARTS // 2)
    os.utime(site.source)
    shrunk = site.run("apply", "--cores", "2")
    assert shrunk.returncode != 0 and "max_row_loss_share" in shrunk.stdout + shrunk.stderr
    assert site.current() == first


def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path) -> None:
    site = ready_site(tmp_path)
    whole = write_v2(site.source, 2000).read_bytes()
    write_v2(site.source, 1, format="source-db-v9")
    other = site.source.read_bytes()
    write_v2(site.source, 0)
    empty = site.source.read_bytes()
    for content, words in (
        (whole[: len(whole) // 2], "truncated"),
        (b"", "not a SQLite database"),
        (empty, "holds no parts"),
        (other, "meta.format is 'source-db-v9'; this version reads source-db-v2"),
    ):
        site.source.write_bytes(content)
        done = site.run("apply", "--cores", "2")
        said = done.stdout + done.stderr
        assert done.returncode != 0 and words in said and "Traceback" not in said, said
        assert str(site.source) in said and site.current() is None
