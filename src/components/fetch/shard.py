"""``components fetch-shard``: the artifact groups of one shard, from work lists to receipts.

A receipt is the shard's frozen manifest of one group. It also names what failed: a failed part
never stops its shard, and whether too much has failed is decided when the shards are folded.

Groups are fetched side by side, since each has its own service. What stops one stops no other, and
a receipt that was made from the same (:mod:`components.fetch.kept`) is put back as it was.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.artifacts import FETCHED_GROUPS, GROUPS, types_of
from components.core.errors import ConfigError
from components.core.layout import Layout
from components.core.locks import alone
from components.fetch.artifact import Source
from components.fetch.frozen import write_frozen
from components.fetch.kept import Key, keep, kept_path, put_back
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
    parser.add_argument(
        "--group", nargs="+", required=True, choices=FETCHED_GROUPS, help="which artifacts"
    )
    parser.add_argument(
        "--worklist", nargs="+", type=Path, required=True, help="TSV of parts, one a group"
    )
    parser.add_argument(
        "--output", nargs="+", type=Path, required=True, help="the frozen manifest, one a group"
    )
    parser.add_argument("--settings", default="{}", help="`upstream` and `stage1`: JSON or a file")
    parser.add_argument("--cache-dir", type=Path, required=True)
    parser.add_argument("--library", type=Path, help="liblookup.so, for the store's codecs")
    parser.add_argument(
        "--made-from",
        nargs="*",
        default=[],
        metavar="GROUP=KEY",
        help="what each is made from: what is kept of the same is put back",
    )


def run(args: argparse.Namespace) -> int:
    if not len(args.group) == len(args.worklist) == len(args.output):
        raise ConfigError("--group, --worklist and --output must name as many each")
    layout = Layout(args.cache_dir)
    keys = dict(word.split("=", 1) for word in args.made_from)
    shards = [
        Shard(group, parts, output, layout, keys.get(group, ""))
        for group, parts, output in zip(args.group, args.worklist, args.output, strict=True)
    ]
    if lacking := [shard for shard in shards if not shard.put_back()]:
        settings = parse_settings(args.settings)
        note_origin(layout.manifest, settings.upstream.kind)
        with endpoints(settings) as services:
            side_by_side(lacking, lambda shard: shard.fetch(settings, services, args.library))
    return 0


@dataclass(frozen=True)
class Shard:
    """One artifact group of one shard."""

    group: str
    worklist: Path
    output: Path
    layout: Layout
    key: str = ""
    """What it is made from; empty where nobody asks."""

    @property
    def name(self) -> str:
        return self.worklist.name.partition(".")[0]

    @property
    def title(self) -> str:
        """What it is called in a log."""
        return f"{self.group} {self.name}"

    def put_back(self) -> bool:
        """Whether a receipt made from the same was kept; it then is where it belongs."""
        if not self.key:
            return False
        with alone(self._lock()):
            there = put_back(self._kept(), self.output)
        if there:
            print(f"{self.title}: kept as it is", file=sys.stderr)
        return there

    def fetch(self, settings: FetchSettings, services: Endpoints, library: Path | None) -> None:
        """Fetch what is lacking, and write the receipt.

        Raises what stops a shard: a disk that is full or fails, a damaged work list.
        """
        items = read_worklist(self.worklist)
        with alone(self._lock()):
            live = self.output.with_suffix(".live.sqlite3")
            source = make_source(
                self.group, Client(settings, services, self.layout.limits), services
            )
            entries, states, done = fetch_parts(
                self.title, items, source, settings, self.layout, live, library, keeping=True
            )
            tries = Key.read(self.key).tries if self.key else 0
            note_outcome(self.output, tries, states, time.time())
            write_frozen(self.output, entries, states)
            if self.key:
                keep(self.output, self._kept())
            if done:
                # The common files and the frozen one hold all of it.
                live.unlink(missing_ok=True)
        for line in summary(self.title, states):
            print(line, file=sys.stderr)

    def _lock(self) -> Path:
        # A killed run's process that still winds down is waited for.
        return self.output.with_suffix(".lock")

    def _kept(self) -> Path:
        return kept_path(self.layout.kept, self.name, self.group, self.key)


def side_by_side(shards: Sequence[Shard], work: Callable[[Shard], None]) -> None:
    """Call ``work`` with each, all at once, and wait for all, whatever becomes of one.

    Raises the first failure, in their order, once the others are through.
    """
    failures: dict[str, BaseException] = {}

    def attempt(shard: Shard) -> None:
        try:
            work(shard)
        except BaseException as error:
            failures[shard.group] = error
            if len(shards) > 1:
                # The others may go on for hours.
                print(f"{shard.title}: {error}", file=sys.stderr)

    # As daemons they end with an interrupted process.
    threads = [threading.Thread(target=attempt, args=(s,), daemon=True) for s in shards]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for shard in shards:
        if shard.group in failures:
            raise failures[shard.group]


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
