"""``components fetch-catalogue``: JLC's list and details, raw in the store, and source.sqlite.

The list is walked page by page; the cursor is on disk after each, and a killed crawl goes on from
there. Details are asked for where a part is new or where more than its stock and price has changed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from components.core.errors import ComponentsError, UpstreamError
from components.core.layout import Layout
from components.fetch.artifact import PARTLESS, Fetched, stored
from components.fetch.crawl import Crawl, item_digest
from components.fetch.jlc import Jlc, Page, data_of, detail_items
from components.fetch.jlc_part import part_number
from components.fetch.jlc_sign import signer
from components.fetch.known import Known
from components.fetch.manifest import State
from components.fetch.progress import Progress
from components.fetch.recorder import Recorder
from components.fetch.runner import in_parallel
from components.fetch.shard import locked, open_store, summary
from components.fetch.source_file import build_source, page_items
from components.net.endpoints import FetchSettings, endpoints, parse_settings
from components.net.http import Client
from components.store.object_store import ObjectStore

PAGE = "jlc_component_page"
DETAIL = "jlc_component_detail"
PAGE_LINE_EVERY = 100
# The bundled catalogue never changes, and its date is part of what it is: 2026-01-01.
BUNDLED_DATE_S = 1_767_225_600


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--settings", default="{}", help="`upstream` and `stage1`: JSON or a file")
    parser.add_argument("--cache-dir", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True, help="source.sqlite")


def run(args: argparse.Namespace) -> int:
    settings = parse_settings(args.settings)
    layout = Layout(args.cache_dir)
    sign = signer(settings.upstream.kind)
    folder = layout.source.parent
    with locked(folder / "crawl.lock"), endpoints(settings) as services:
        client = Client(settings, services, layout.limits)
        jlc = Jlc(client, services.jlc, settings.upstream, sign)
        count = Catalogue(jlc, layout, settings).fetch(folder, args.output)
    print(f"fetch-catalogue: {count:,} parts", file=sys.stderr)
    return 0


class Catalogue:
    """One crawl, from its first page, or where it was left, to ``source.sqlite``."""

    def __init__(self, jlc: Jlc, layout: Layout, settings: FetchSettings) -> None:
        self._jlc = jlc
        self._layout = layout
        self._settings = settings
        self._store: ObjectStore = open_store(layout, None)

    def fetch(self, folder: Path, output: Path) -> int:
        """How many parts ``output`` has. Raises :class:`UpstreamError` where the list ends early
        or too many details failed."""
        crawl = Crawl(folder / "crawl.sqlite3", f"{self._jlc.generation} {self._jlc.list_url}")
        try:
            live = folder / "crawl.live.sqlite3"
            layout = self._layout
            with Recorder(
                live, layout.manifest, layout.state, before_commit=self._store.sync
            ) as recorder:
                self._pages(crawl, recorder)
                keys = self._details(crawl, recorder, live)
            if recorder.shared:
                live.unlink(missing_ok=True)
            date_s = int(crawl.value("date_s"))
            count = build_source(output, self._store, crawl, keys, date_s)
            crawl.note("built", "yes")
        finally:
            crawl.close()
        return count

    def _pages(self, crawl: Crawl, recorder: Recorder) -> None:
        cursor, seen = crawl.cursor(), crawl.seen_keys()
        if cursor.pages and not cursor.is_complete:
            print(f"fetch-catalogue: going on after page {cursor.pages:,}", file=sys.stderr)
        while not cursor.is_complete:
            asked = cursor.next_key
            seen |= {asked} if asked is not None else set()
            page = self._jlc.page(asked, seen)
            if not cursor.pages:
                crawl.note("date_s", str(self._date_s(page)))
            entry = stored(
                self._store,
                PARTLESS,
                Fetched(
                    PAGE,
                    self._jlc.list_url,
                    page.answer.body,
                    "application/json",
                    {"lastKey": asked, "page": cursor.pages + 1, "trace_id": page.trace_id},
                ),
            )
            recorder.record([entry])
            # The cursor must never be ahead of the page that it stands for.
            self._store.sync()
            crawl.add_page(asked, page.last_key, entry.stored_key)
            cursor = crawl.cursor()
            if cursor.pages % PAGE_LINE_EVERY == 0:
                print(f"fetch-catalogue: {cursor.pages:,} pages", file=sys.stderr, flush=True)

    def _date_s(self, page: Page) -> int:
        """The date of the data: what the service says, since its clock is part of its answer."""
        if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
            return int(epoch)
        if self._settings.upstream.kind == "bundled":
            return BUNDLED_DATE_S
        return page.date_s or int(time.time())

    def _details(self, crawl: Crawl, recorder: Recorder, live: Path) -> dict[int, str]:
        """The object key of each part's detail; what is new or changed is asked for."""
        digests: dict[int, str] = {}
        for item in page_items(self._store, crawl.page_keys()):
            digests[part_number(item) or 0] = item_digest(item)
        known = Known()
        last = 1 << 62
        known.read(self._layout.manifest, self._layout.state, 1, last, DETAIL)
        known.read(live, live, 1, last, DETAIL)
        lacking = sorted(
            number
            for number, digest in digests.items()
            if not known.is_done(number, DETAIL, asked_url(self._jlc, digest), self._store)
        )
        with Progress("details", len(lacking)) as progress:
            job = _Details(self._jlc, self._store, recorder, known, progress, digests)
            job.run(lacking, self._settings.stage1.workers)
        _, states = known.of(sorted(digests), (DETAIL,))
        for line in summary("details", states):
            print(line, file=sys.stderr)
        failed = sum(state.status == "failed" for state in states)
        if failed > self._settings.stage1.max_failed_share * len(digests):
            raise UpstreamError(
                f"{failed:,} of {len(digests):,} details failed, more than "
                "stage1.max_failed_share allows; run again to go on"
            )
        found = {number: known.entry(number, DETAIL) for number in digests}
        return {number: entry.stored_key for number, entry in found.items() if entry}


def asked_url(jlc: Jlc, digest: str) -> str:
    """What a detail's state names as asked: the address, and of what list item it was asked."""
    return f"{jlc.detail_url}#{digest}"


class _Details:
    """Asks for details, in batches where the generation has them."""

    def __init__(
        self,
        jlc: Jlc,
        store: ObjectStore,
        recorder: Recorder,
        known: Known,
        progress: Progress,
        digests: Mapping[int, str],
    ) -> None:
        self._jlc = jlc
        self._store = store
        self._recorder = recorder
        self._known = known
        self._progress = progress
        self._digests = digests

    def run(self, numbers: Iterable[int], workers: int) -> None:
        in_parallel(self._batch, _batches(list(numbers), self._jlc.batch_size), workers)

    def _batch(self, numbers: list[int]) -> None:
        try:
            answer = self._jlc.details([f"C{number}" for number in numbers])
        except ComponentsError as error:
            reason = " ".join(str(error).split())[:500]
            self._record(
                [State(n, DETAIL, "failed", self._asked(n), None, reason) for n in numbers]
            )
            return
        trace = answer.headers.get("j-trace-id", "")
        fetched = Fetched(
            DETAIL, self._jlc.detail_url, answer.body, "application/json", {"trace_id": trace}
        )
        entry = stored(self._store, PARTLESS, fetched)
        there = {part_number(item) for item in detail_items(data_of(answer))}
        found = [number for number in numbers if number in there]
        states = [State(n, DETAIL, "success", self._asked(n), entry.raw_sha256) for n in found]
        states += [
            State(n, DETAIL, "missing", self._asked(n), None, "not in the answer")
            for n in numbers
            if n not in there
        ]
        self._record(states, [entry._replace(lcsc_id=number) for number in found])

    def _record(self, states: list[State], entries: Iterable[Any] = ()) -> None:
        entries = list(entries)
        self._known.add(entries, states)
        self._recorder.record(entries, states)
        for state in states:
            self._progress.count(state.status)
            self._progress.part_done()

    def _asked(self, number: int) -> str:
        return asked_url(self._jlc, self._digests[number])


def _batches(numbers: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]
