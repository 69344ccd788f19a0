"""``components fetch C2040 --datasheet-url URL``: one address for one part, step by step.

The same client, checks and store as a whole run's, so that what is seen here is what a run does.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

from components.core.errors import ComponentsError
from components.core.layout import Layout
from components.core.locks import alone
from components.fetch.artifact import Failed, Fetched, Missing, stored
from components.fetch.manifest import State
from components.fetch.origin import note_origin
from components.fetch.recorder import Recorder
from components.fetch.services.datasheet import Datasheets, absolute
from components.fetch.shard import open_store
from components.net.answer import shown
from components.net.endpoints import FetchSettings, endpoints
from components.net.http import Client

TYPE = "datasheet_pdf"


def try_datasheet(
    number: int, address: str, settings: FetchSettings, layout: Layout, *, dry_run: bool
) -> int:
    """Print each step from the address to the store and back; 0 where there is a datasheet.

    With ``dry_run`` nothing is stored or noted. Raises
    :class:`~components.core.errors.ComponentsError` where the cache directory is of another origin.
    """
    url = absolute(address)
    _step("ask", f"{shown(url)} for C{number}")
    with endpoints(settings) as services, TemporaryDirectory() as nowhere:
        client = Client(settings, services, Path(nowhere) if dry_run else layout.limits)
        found = Datasheets(client, lambda line: _step("page", line)).fetch_address(url)
    if isinstance(found, Missing | Failed):
        status = "missing" if isinstance(found, Missing) else "failed"
        _step(status, found.reason)
        return 1
    assert isinstance(found, Fetched)
    _step("answer", f"{found.meta['resolved_url']}, HTTP {found.meta['status']}")
    digest = hashlib.sha256(found.data).hexdigest()
    _step("bytes", f"{len(found.data):,}, called {found.meta['content_type'] or 'nothing'}")
    _step("is", f"a whole PDF, sha256 {digest}")
    if dry_run:
        _step("dry run", "nothing stored")
        return 0
    note_origin(layout.manifest, settings.upstream.kind)
    with alone(layout.shards / "single.lock"):
        return _store(number, url, found, layout)


def _store(number: int, url: str, found: Fetched, layout: Layout) -> int:
    store = open_store(layout, None)
    live = layout.shards / "single.datasheet.live.sqlite3"
    entry = stored(store, number, found)
    path = layout.root / entry.stored_key
    size = f", {path.stat().st_size:,} bytes as {entry.encoding}" if path.is_file() else ""
    _step("store", f"{path}{size}")
    back = store.get(entry.stored_key)
    if back != found.data:
        raise ComponentsError(f"{path}: came back changed; check the disk")
    _step("back", f"{len(back):,} bytes, the same")
    with Recorder(live, layout.manifest, layout.state, before_commit=store.sync) as recorder:
        state = State(number, TYPE, "success", url, entry.raw_sha256)
        recorder.record([entry], [state])
    if recorder.shared:
        live.unlink(missing_ok=True)
    _step("manifest", f"{layout.manifest}: C{number}, {TYPE}, {entry.stored_key}")
    return 0


def _step(name: str, text: str) -> None:
    print(f"{name:9} {text}", flush=True)
