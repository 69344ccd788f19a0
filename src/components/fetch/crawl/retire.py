"""What a newer crawl has replaced: its rows leave the manifest, so that `prune` may remove it.

Otherwise each night's list would stay: half a gigabyte for the whole of JLC's catalogue.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from components.fetch.manifest import MANIFEST_DDL, connect
from components.fetch.manifest_format import KEY_SQL, type_number

OF_CRAWL = ("jlc_component_page", "jlc_component_detail")


def retire(manifest: Path, pages: Iterable[str], answers: Iterable[str]) -> int:
    """Forget pages and details but for these object keys; how many rows went.

    A manifest that others keep locked is left for the next time.
    """
    with closing(connect(manifest, (MANIFEST_DDL,))) as connection:
        types = ", ".join(str(type_number(name)) for name in OF_CRAWL)
        connection.execute("CREATE TEMP TABLE kept (stored_key TEXT PRIMARY KEY) WITHOUT ROWID")
        connection.executemany(
            "INSERT OR IGNORE INTO temp.kept VALUES (?)", ((key,) for key in (*pages, *answers))
        )
        try:
            connection.execute("BEGIN IMMEDIATE")
            went = connection.execute(
                "DELETE FROM entries WHERE (lcsc_id, type, url, sha256, stored_key) IN (SELECT"
                " e.lcsc_id, e.type, e.url, e.sha256, e.stored_key FROM entries e LEFT JOIN types t"
                f" ON t.id = e.type WHERE e.type IN ({types})"
                f" AND {KEY_SQL} NOT IN (SELECT stored_key FROM temp.kept))"
            ).rowcount
            if went:
                used = "SELECT url FROM entries UNION SELECT meta FROM entries"
                connection.execute(f"DELETE FROM texts WHERE id NOT IN ({used})")
            connection.execute("COMMIT")
            return went
        except sqlite3.OperationalError:
            return 0


def test_only_what_was_replaced_goes(tmp_path: Path) -> None:
    from components.fetch.manifest import example_entry, write

    path = tmp_path / "manifest.sqlite3"
    rows = [
        example_entry(number, sha)._replace(artifact_type=name, stored_key=sha)
        for number, name, sha in (
            (0, OF_CRAWL[0], "old page"),
            (0, OF_CRAWL[0], "page"),
            (1, OF_CRAWL[1], "old answer"),
            (1, OF_CRAWL[1], "answer"),
            (1, "model_obj", "model"),
        )
    ]
    with closing(connect(path)) as connection:
        write(connection, rows, [])
        assert retire(path, ["page"], ["answer"]) == 2
        left = connection.execute("SELECT stored_key FROM fetch_manifest ORDER BY 1").fetchall()
    assert left == [("answer",), ("model",), ("page",)]
