"""A new day, a new try: shards in which something failed are fetched again.

Their receipts are removed, so that the graph finds them stale; what they have is not asked for
again, since that is known from the common manifest.
"""

from __future__ import annotations

from pathlib import Path

from components.core.errors import StoreError
from components.core.layout import Layout
from components.fetch.manifest import reading


def forget_failed(layout: Layout) -> list[Path]:
    """Remove the receipts of shards with failed artifacts; which they were, sorted.

    A receipt that cannot be read is one of them.
    """
    stale = [path for path in sorted(layout.shards.glob("*.*.sqlite3")) if _has_failed(path)]
    for path in stale:
        path.unlink()
    return stale


def _has_failed(path: Path) -> bool:
    if path.name.endswith(".live.sqlite3"):
        return False
    try:
        with reading(path) as connection:
            query = "SELECT 1 FROM roundtrip_state WHERE status = 'failed' LIMIT 1"
            return connection.execute(query).fetchone() is not None
    except StoreError:
        return True


def test_only_receipts_with_failures_go(tmp_path: Path) -> None:
    from components.fetch.manifest import State, connect, write_frozen

    layout = Layout(tmp_path)
    layout.shards.mkdir(parents=True)
    good = [State(1, "model_obj", "missing", "u"), State(1, "model_step", "success", "u", "ab")]
    write_frozen(layout.shards / "0000.cad.sqlite3", [], good)
    failed = State(2, "datasheet_pdf", "failed", "u", None, "HTTP 500")
    write_frozen(layout.shards / "0001.datasheet.sqlite3", [], [failed])
    (layout.shards / "0002.cad.sqlite3").write_bytes(b"damaged" * 1000)
    connect(layout.shards / "0001.cad.live.sqlite3").close()
    gone = [path.name for path in forget_failed(layout)]
    assert gone == ["0001.datasheet.sqlite3", "0002.cad.sqlite3"]
    left = sorted(path.name for path in layout.shards.iterdir())
    assert left == ["0000.cad.sqlite3", "0001.cad.live.sqlite3"]
    assert forget_failed(layout) == []
