"""``components fetch-shard``: one artifact group of one shard, from its work list to its receipt.

The receipt is the shard's frozen manifest. It also names what failed: a failed part never stops
its shard, and whether too much has failed is decided when the shards are folded.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from components.artifacts import FETCHED_GROUPS, GROUPS, types_of
from components.core.layout import Layout
from components.core.locks import alone
from components.fetch.artifact import Source
from components.fetch.frozen import write_frozen
from components.fetch.known import Known
from components.fetch.manifest import Entry, State
from components.fetch.origin import note_origin
from components.fetch.progress import Progress
from components.fetch.recorder import Recorder
from components.fetch.report import commonest_errors
from components.fetch.retry import note_outcome
from components.fetch.runner import Job
from components.fetch.worklist import WorkItem, read_worklist
from components.net.endpoints import (
    Endpoints,
    FetchSettings,
    endpoints,
    parse_settings,
)
from components.net.http import Client
from components.store.object_store import ObjectStore

ERRORS_SHOWN = 5


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--worklist", type=Path, required=True, help="TSV of the shard's parts")
    parser.add_argument("--group", required=True, choices=FETCHED_GROUPS, help="which artifacts")
    parser.add_argument("--settings", default="{}", help="`upstream` and `stage1`: JSON or a file")
    parser.add_argument("--cache-dir", type=Path, required=True)
    parser.add_argument("--library", type=Path, help="liblookup.so, for the store's codecs")
    parser.add_argument("--tries", type=int, default=0, help="which further try this is")
    parser.add_argument("--output", type=Path, required=True, help="the frozen manifest")


def run(args: argparse.Namespace) -> int:
    settings = parse_settings(args.settings)
    items = read_worklist(args.worklist)
    layout = Layout(args.cache_dir)
    note_origin(layout.manifest, settings.upstream.kind)
    # A killed run's process that still winds down is waited for.
    with alone(args.output.with_suffix(".lock")):
        title = f"{args.group} {args.worklist.name.partition('.')[0]}"
        live = args.output.with_suffix(".live.sqlite3")
        with endpoints(settings) as services:
            client = Client(settings, services, layout.limits)
            source = make_source(args.group, client, services)
            entries, states, done = fetch_parts(
                title, items, source, settings, layout, live, args.library, keeping=True
            )
        note_outcome(args.output, args.tries, states, time.time())
        write_frozen(args.output, entries, states)
        if done:
            # The common files and the frozen one hold all of it.
            live.unlink(missing_ok=True)
    for line in summary(title, states):
        print(line, file=sys.stderr)
    return 0


def make_source(group: str, client: Client, services: Endpoints) -> Source:
    """The source of a group's artifacts, from the module that the table of groups names."""
    # Imported by name: the other groups' services are no part of what this group's shards are.
    source: Source = importlib.import_module(GROUPS[group].module).source(client, services)
    return source


def fetch_parts(
    title: str,
    items: Sequence[WorkItem],
    source: Source,
    settings: FetchSettings,
    layout: Layout,
    live: Path,
    library: Path | None = None,
    *,
    keeping: bool = False,
) -> tuple[list[Entry], list[State], bool]:
    """Fetch what ``items`` lack of the source's group; all that is then known of it.

    ``keeping``: with what is there of the group's types that are switched off.

    The last value tells whether the common manifest and state have all of it too.
    Raises :class:`~components.core.errors.StoreError` or OSError where the disk fails.
    """
    wanted = settings.wanted(source.group)
    store = open_store(layout, library)
    known = Known()
    if items:
        first, last = items[0].lcsc_id, items[-1].lcsc_id
        known.read(layout.manifest, layout.state, first, last)
        known.read(live, live, first, last)
    with (
        Progress(title, len(items)) as progress,
        Recorder(live, layout.manifest, layout.state, before_commit=store.sync) as recorder,
    ):
        job = Job(source, wanted, store, recorder, known, progress)
        job.run(items, settings.stage1.workers)
    print(progress.line(), file=sys.stderr)
    parts = [item.lcsc_id for item in items]
    entries, states = known.of(parts, wanted)
    if keeping:
        # What is switched off is asked for no more; what is there stays in snapshots.
        had = known.had(parts, set(types_of(source.group)).difference(wanted))
        entries, states = entries + had[0], states + had[1]
    return entries, states, recorder.shared


def open_store(layout: Layout, library: Path | None) -> ObjectStore:
    """The object store of a cache directory; ``library`` None is the pipeline's own."""
    return ObjectStore(layout.objects, library or "default")


def summary(title: str, states: Sequence[State]) -> Iterator[str]:
    """A line, and one more for each of the commonest errors."""
    counts = Counter(state.status for state in states)
    yield (
        f"{title}: {counts['success']:,} stored, {counts['missing']:,} missing, "
        f"{counts['failed']:,} failed"
    )
    for count, error in commonest_errors(states)[:ERRORS_SHOWN]:
        yield f"{title}: {count:,} × {error}"
