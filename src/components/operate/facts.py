"""What can be seen of a cache directory and its server without changing either."""

from __future__ import annotations

import json
import shutil
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any

from components.artifacts import ARTIFACT_TYPES
from components.config.load import Config
from components.core.errors import StoreError
from components.core.layout import LATER_FILES, SNAPSHOT_FILES, Layout
from components.core.run_lock import is_running
from components.fetch.crawl.state import unfinished_pages
from components.fetch.manifest import reading
from components.fetch.retry import waiting
from components.source.origin import meta_of

HEALTH_TIMEOUT_S = 3.0
JSON_MAX = 64 << 20


def collect(config: Config) -> dict[str, Any]:
    """Every fact that ``components status`` reports; nothing is raised for what is damaged.

    Times are in seconds, sizes in bytes. A table that cannot be read is ``{"error": reason}``.
    """
    layout = Layout(config.paths.cache_dir)
    snapshots = _snapshots(layout)
    current = _link(layout.current)
    server = server_health(config.serve.host, config.serve.port)
    mismatch = server.get("snapshot") != current["name"] if server["reachable"] else None
    return {
        "cache_dir": str(config.paths.cache_dir),
        "disk": _disk(config.paths.cache_dir),
        "run_active": is_running(layout.root) if layout.root.is_dir() else False,
        "catalogue": catalogue_facts(layout),
        "states": artifact_states(layout),
        "manifest": _table(layout.manifest, _MANIFEST),
        "next_try_in_s": _next_try_in_s(layout),
        "packs": _packs(layout),
        "current": current,
        "previous": _link(layout.previous),
        "published": _published(layout),
        "snapshots": snapshots,
        "data_age_s": None
        if is_generated(config)
        else _age_s(snapshots.get(current["name"] or "", {}).get("data_date")),
        "server": server,
        "snapshot_mismatch_vs_cache_dir": mismatch,
    }


def artifact_states(layout: Layout) -> dict[str, Any]:
    """Counts of each state by artifact type, or ``{"error": reason}``."""
    return _table(layout.state, _STATES)


def is_generated(config: Config) -> bool:
    """Whether the catalogue is the bundled one, whose date says nothing of its age."""
    return config.upstream.kind == "bundled" and config.paths.source_sqlite is None


def _next_try_in_s(layout: Layout) -> float | None:
    """Seconds until the first shard with passing failures is due again; None without any."""
    due_at_s = min((due_at_s for _, due_at_s in waiting(layout)), default=None)
    return None if due_at_s is None else round(due_at_s - time.time(), 1)


_STATES = "SELECT artifact_type, status, count(*) FROM roundtrip_state GROUP BY 1, 2 ORDER BY 1, 2"
_MANIFEST = (
    "SELECT artifact_type, 'artifacts', count(*) FROM fetch_manifest GROUP BY 1 UNION ALL "
    "SELECT artifact_type, 'raw_size_bytes', sum(raw_size_bytes) FROM fetch_manifest GROUP BY 1 "
    "ORDER BY 1, 2"
)


def catalogue_facts(layout: Layout) -> dict[str, Any]:
    """What the built catalogue says of itself, and how far the next crawl is.

    Empty without one. ``crawl_pages`` is None where no crawl is under way.
    """
    meta = meta_of(layout.source)
    if not meta:
        return {}
    counts = {
        key: int(meta.get(key, 0)) for key in ("parts", "details_selected", "details_lacking")
    }
    counts["details_stale"] = int(meta.get("details_stale", 0))
    note = meta.get("details_note", "")
    pages = unfinished_pages(layout.source.with_name("crawl.sqlite3"))
    return {"origin": meta["origin"], **counts, "details_note": note, "crawl_pages": pages}


def _table(path: Path, query: str) -> dict[str, Any]:
    """Rows of (outer key, inner key, count) as nested dictionaries; empty where there is none."""
    if not path.exists():
        return {}
    try:
        with reading(path) as connection:
            counts: dict[str, Any] = {}
            for outer, inner, count in connection.execute(query):
                counts.setdefault(outer, {})[inner] = count
            return counts
    except StoreError as error:
        return {"error": str(error)}


def _packs(layout: Layout) -> dict[str, dict[str, int]]:
    """How many packs there are of each artifact type, with what is in them."""
    # It brings NumPy, for which the last words of a run need not wait.
    from components.store.object_store import ObjectStore

    store = ObjectStore(layout.objects)
    found: dict[str, dict[str, int]] = {}
    for artifact_type in ARTIFACT_TYPES:
        for pack in store.packs(artifact_type).open():
            counts = found.setdefault(artifact_type, {"packs": 0, "objects": 0, "size_bytes": 0})
            counts["packs"] += 1
            counts["objects"] += pack.objects
            counts["size_bytes"] += pack.size_bytes
    return found


def _snapshots(layout: Layout) -> dict[str, dict[str, Any]]:
    found = {}
    if layout.snapshots.is_dir():
        for folder in sorted(layout.snapshots.iterdir()):
            if folder.is_dir() and not folder.is_symlink() and not folder.name.startswith("."):
                found[folder.name] = _snapshot(folder)
    return found


def _snapshot(folder: Path) -> dict[str, Any]:
    missing = [
        name for name in SNAPSHOT_FILES if name not in LATER_FILES and not (folder / name).is_file()
    ]
    sizes = (path.stat().st_size for path in folder.iterdir() if path.is_file())
    metadata = _json(folder / "metadata.json")
    source = metadata.get("source")
    return {
        "missing_files": missing,
        "size_bytes": sum(sizes),
        "data_date": source.get("data_date") if isinstance(source, dict) else None,
        "parts": metadata.get("parts"),
        "is_partial": metadata.get("is_partial"),
    }


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > JSON_MAX:
            return {}
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _link(path: Path) -> dict[str, Any]:
    """Where a link leads; ``dangling`` where nothing is there."""
    if not path.is_symlink():
        return {"name": None, "dangling": False}
    return {"name": path.readlink().name, "dangling": not path.is_dir()}


def _published(layout: Layout) -> str | None:
    """The snapshot that the last publish named; another than `current` after a rollback."""
    name = _json(layout.receipt).get("snapshot")
    return name if isinstance(name, str) else None


def _disk(path: Path) -> dict[str, int | None]:
    existing = next(
        folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists()
    )
    usage = shutil.disk_usage(existing)
    return {"free_bytes": usage.free, "total_bytes": usage.total}


def _age_s(date: object) -> float | None:
    if not isinstance(date, str):
        return None
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(time.time() - moment.timestamp(), 1)


def server_health(host: str, port: int) -> dict[str, Any]:
    """What ``GET /healthz`` says, and the snapshot that the reply names."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    address = f"http://{f'[{local}]' if ':' in local else local}:{port}"
    health: dict[str, Any] = {"address": address, "reachable": True}
    # No proxy stands between an operator and the own server.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}/healthz", timeout=HEALTH_TIMEOUT_S) as reply:
            return health | {"status": reply.status, "snapshot": reply.headers.get("X-Snapshot")}
    except urllib.error.HTTPError as error:
        with error:
            return health | {"status": error.code, "snapshot": error.headers.get("X-Snapshot")}
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        return {"address": address, "reachable": False, "error": str(reason)}


def test_an_empty_folder_has_nothing_and_is_left_alone(tmp_path: Path) -> None:
    from components.config.load import parse_config

    root = tmp_path / "none"
    facts = collect(parse_config({"paths": {"cache_dir": str(root)}, "serve": {"port": 1}}, {}))
    assert facts["states"] == facts["manifest"] == facts["snapshots"] == {}
    assert facts["current"] == {"name": None, "dangling": False}
    assert facts["server"]["reachable"] is False
    assert facts["snapshot_mismatch_vs_cache_dir"] is None
    assert not root.exists()


def test_damage_is_reported_and_not_raised(tmp_path: Path) -> None:
    from components.config.load import parse_config

    layout = Layout(tmp_path)
    layout.state.parent.mkdir()
    layout.state.write_bytes(b"not a database" * 100)
    folder = layout.snapshots / "2026-11-20-0123456789ab"
    folder.mkdir(parents=True)
    (folder / "metadata.json").write_text("{broken")
    layout.current.symlink_to("gone")
    facts = collect(parse_config({"paths": {"cache_dir": str(tmp_path)}, "serve": {"port": 1}}, {}))
    assert "not a database" in facts["states"]["error"]
    assert facts["current"] == {"name": "gone", "dangling": True}
    assert "fast.sqlite" in facts["snapshots"][folder.name]["missing_files"]


def test_the_age_counts_from_the_date_in_utc() -> None:
    today = datetime.now(UTC).date().isoformat()
    age_s = _age_s(today)
    assert age_s is not None and 0 <= age_s <= 86_400
    assert _age_s("yesterday") is None and _age_s(None) is None


def test_a_generated_catalogue_has_no_age(tmp_path: Path) -> None:
    from components.config.load import parse_config
    from components.testing.snapshot import sealed

    snapshots = sealed(tmp_path / "snapshots", "2026-01-01-ab")
    metadata = snapshots.folder("2026-01-01-ab") / "metadata.json"
    metadata.write_text(json.dumps({"parts": 640, "source": {"data_date": "2026-01-01"}}))
    paths = {"cache_dir": str(tmp_path)}
    of_service = parse_config({"paths": paths, "upstream": {"kind": "live"}}, {})
    ready = parse_config({"paths": paths | {"source_sqlite": "/data/cache.sqlite3"}}, {})
    for config in (of_service, ready):
        age_s = collect(config)["data_age_s"]
        assert age_s is not None and age_s > 0
    assert collect(parse_config({"paths": paths}, {}))["data_age_s"] is None
