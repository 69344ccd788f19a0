"""The manifest's note of where its artifacts come from."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from components.fetch.manifest import MANIFEST_DDL, connect, writing
from components.source.origin import META, meta_of, refuse


def note_origin(manifest: Path, kind: str) -> None:
    """Write into the common manifest that its artifacts come from upstreams of ``kind``.

    Raises :class:`~components.core.errors.ConfigError` where they come from elsewhere, and
    :class:`~components.core.errors.StoreError` where the manifest cannot be used.
    """
    there = meta_of(manifest).get("origin")
    if there is None:
        with writing(manifest), closing(connect(manifest, (MANIFEST_DDL,))) as db:
            db.execute(META)
            db.execute("INSERT OR IGNORE INTO meta VALUES ('origin', ?)", (kind,))
        there = meta_of(manifest).get("origin", kind)
    if there != kind:
        refuse(manifest, there, f"upstream.kind is {kind}")


def test_a_cache_has_one_origin(tmp_path: Path) -> None:
    import pytest

    from components.core.errors import ConfigError
    from components.core.layout import Layout
    from components.source.origin import check_origin

    layout = Layout(tmp_path)
    check_origin(layout, "live", None, fetches=True)
    note_origin(layout.manifest, "bundled")
    note_origin(layout.manifest, "bundled")
    with pytest.raises(ConfigError, match=r"manifest\.sqlite3 holds data of the bundled upstream"):
        note_origin(layout.manifest, "live")
    check_origin(layout, "live", None, fetches=False)
    with pytest.raises(ConfigError, match=r"never mixed; name another paths.cache_dir"):
        check_origin(layout, "live", None, fetches=True)
