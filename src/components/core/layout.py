"""Where each file lies below the cache directory: names that users and checks rely on."""

from __future__ import annotations

from pathlib import Path

SNAPSHOT_FILES = (
    *("fast.sqlite", "detail.sqlite", "search.sqlite", "lookup.idx", "metadata.json", "SHA256SUMS"),
)
# Snapshots that were sealed before these existed are whole without them.
LATER_FILES = ("search.sqlite",)


LIBRARY = "lib/liblookup.so"
"""Below a cache directory, and below the address of one that is copied."""


class Layout:
    """Paths below one cache directory."""

    def __init__(self, cache_dir: Path) -> None:
        self.root = cache_dir
        self.source = cache_dir / "source" / "source.sqlite"
        self.manifest = cache_dir / "fetch" / "manifest.sqlite3"
        self.state = cache_dir / "fetch" / "roundtrip_state.sqlite3"
        self.shards = cache_dir / "fetch" / "shards"
        self.kept = cache_dir / "fetch" / "kept"
        self.folded = cache_dir / "fetch" / "folded.json"
        self.limits = cache_dir / "fetch" / "limits"
        self.objects = cache_dir / "objects"
        self.dictionaries = self.objects / "dictionaries"
        self.plan = cache_dir / "plan"
        self.build = cache_dir / "build"
        self.exports = cache_dir / "exports"
        self.snapshots = cache_dir / "snapshots"
        self.current = self.snapshots / "current"
        self.previous = self.snapshots / "previous"
        self.library = cache_dir / LIBRARY
        self.receipt = cache_dir / "publish" / "receipt.json"
