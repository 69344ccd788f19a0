"""``components fetch-catalogue``: JLC's list and details, raw in the store, and source.sqlite.

The list is walked page by page, so that every crawl brings stock and price of every part. Details,
which tell attributes, are asked for parts that ``stage1.where`` selects and that are new, changed
or old. ``source.sqlite`` changes only when a list is whole; until then the earlier one stays.
"""

from __future__ import annotations

import argparse
import os
import time
from contextlib import closing
from pathlib import Path

import orjson

from components.core.errors import UpstreamError
from components.core.files import sync, write_bytes
from components.core.layout import Layout
from components.core.locks import alone
from components.fetch.crawl.build import Build
from components.fetch.crawl.calls import Calls, OutOfTime
from components.fetch.crawl.details import Details, due
from components.fetch.crawl.listing import Listing, say
from components.fetch.crawl.retire import retire
from components.fetch.crawl.routes import Page, Routes
from components.fetch.crawl.sign import signer
from components.fetch.crawl.state import Crawl
from components.fetch.origin import note_origin
from components.fetch.recorder import Recorder
from components.fetch.shard import open_store
from components.fetch.worklist import select_parts
from components.net.endpoints import FetchSettings, endpoints, parse_settings
from components.net.http import Client
from components.source.catalogue import open_catalogue
from components.source.origin import meta_of
from components.source.schema import workspace

# The bundled catalogue never changes, and its date is part of what it is: 2026-01-01.
BUNDLED_DATE_S = 1_767_225_600
DAY_S = 86_400
# Of a run's time; a list that takes all of it, night after night, must leave some for details.
LIST_SHARE = 0.8


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--settings", default="{}", help="`upstream` and `stage1`: JSON or a file")
    parser.add_argument("--cache-dir", type=Path, required=True)
    parser.add_argument("--preferred-parts", type=Path, help="numbers of preferred parts")
    parser.add_argument("--output", type=Path, required=True, help="source.sqlite")
    parser.add_argument("--receipt", type=Path, help="what became of it, once there is a catalogue")


def run(args: argparse.Namespace) -> int:
    settings = parse_settings(args.settings)
    layout = Layout(args.cache_dir)
    sign = signer(settings.upstream.kind)
    note_origin(layout.manifest, settings.upstream.kind)
    folder = layout.source.parent
    with alone(folder / "crawl.lock"), endpoints(settings) as services:
        client = Client(settings, services, layout.limits)
        routes = Routes(services.jlc, settings.upstream)
        with closing(Crawl(folder / "crawl.sqlite3", routes.list_url)) as crawl:
            pause_s = float(crawl.value("pause_s") or 0)
            calls = Calls(client, sign, settings.stage1, folder / "calls.log", pause_s)
            catalogue = Catalogue(calls, routes, crawl, layout, settings)
            catalogue.fetch(args.output, args.preferred_parts)
    meta = meta_of(args.output)
    for line in told(meta):
        say(line)
    if args.receipt:
        write_bytes(args.receipt, orjson.dumps(meta, option=orjson.OPT_INDENT_2))
    return 0


def told(meta: dict[str, str]) -> list[str]:
    """What there is now, in a line or two."""
    lines = [f"{int(meta.get('parts', 0)):,} parts"]
    if int(meta.get("details_lacking", 0)) or int(meta.get("details_stale", 0)):
        lines.append(
            f"{int(meta['details_lacking']):,} of {int(meta['details_selected']):,} selected parts "
            f"have no attributes yet, and {int(meta['details_stale']):,} old ones: "
            f"{meta['details_note'] or 'JLC did not give them'}"
        )
    return lines


class Catalogue:
    """One run of a crawl, from its first page or from where it was left."""

    def __init__(
        self, calls: Calls, routes: Routes, crawl: Crawl, layout: Layout, settings: FetchSettings
    ) -> None:
        self._calls = calls
        self._routes = routes
        self._crawl = crawl
        self._layout = layout
        self._settings = settings
        self._store = open_store(layout, None)

    def fetch(self, output: Path, preferred: Path | None) -> None:
        """Bring ``output`` up to date, or leave it as it is where the time was too short.

        Raises :class:`UpstreamError` where the list cannot be had, or where it is not whole yet
        and there is no earlier catalogue to go on with.
        """
        layout = self._layout
        live = layout.manifest.parent / "crawl.live.sqlite3"
        with Recorder(
            live, layout.manifest, layout.state, before_commit=self._store.sync
        ) as recorder:
            try:
                self._list(recorder)
            except OutOfTime as error:
                self._say_unfinished(error, output)
                return
            self._build(recorder, output, preferred)
        if recorder.shared:
            live.unlink(missing_ok=True)
        retire(layout.manifest, set(self._crawl.page_keys()), self._crawl.answer_keys())
        self._crawl.note("built", "yes")

    def _list(self, recorder: Recorder) -> None:
        self._calls.allow(LIST_SHARE)
        listing = Listing(
            self._calls, self._routes, self._crawl, self._store, recorder, self._date_s
        )
        listing.walk()
        self._calls.allow(1.0)

    def _say_unfinished(self, error: OutOfTime, output: Path) -> None:
        pages = self._crawl.cursor().pages
        so_far = f"{error}; the list is read up to page {pages:,}"
        if not output.is_file():
            raise UpstreamError(
                f"{so_far}, and there is no catalogue before it is whole: run again to go on"
            ) from None
        say(f"{so_far}; the next run goes on, and until then the earlier catalogue stays")

    def _date_s(self, page: Page) -> int:
        """The date of the data: what the service says, since its clock is part of its answer."""
        if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
            return int(epoch)
        if self._settings.upstream.kind == "bundled":
            return BUNDLED_DATE_S
        return page.date_s or int(time.time())

    def _build(self, recorder: Recorder, output: Path, preferred: Path | None) -> None:
        now_s = int(self._crawl.value("date_s"))
        listed = output.with_name(f"{output.stem}.new.sqlite")
        with workspace(output.parent) as connection:
            build = Build(connection, self._store, self._crawl, output, preferred)
            count = build.take_pages()
            meta = {"origin": self._settings.upstream.kind, "parts": str(count)}
            build.write(listed, now_s, meta)
            # Selected by what is known so far: a new part's attributes can select it only later.
            selected = {number: build.digest(number) for number in self._selected(listed)}
            wanted, _ = self._due(selected, now_s)
            details = Details(self._calls, self._routes, self._crawl, self._store, recorder, now_s)
            if wanted:
                details.ask(wanted, self._settings.stage1.workers)
            left, lacking = self._due(selected, now_s)
            meta |= {
                "details_selected": str(len(selected)),
                "details_lacking": str(lacking),
                "details_stale": str(len(left) - lacking),
                "details_note": _without_trace(details.stopped) if left else "",
            }
            build.write(listed, now_s, meta)
        if details.stopped and left:
            say(f"details: {details.stopped}")
        sync(listed)
        listed.replace(output)
        sync(output.parent)

    def _selected(self, listed: Path) -> list[int]:
        with closing(open_catalogue(listed)) as catalogue:
            return [i.lcsc_id for i in select_parts(catalogue, self._settings.stage1.where, ())]

    def _due(self, selected: dict[int, bytes], now_s: int) -> tuple[dict[int, bytes], int]:
        days = self._settings.stage1.detail_max_age_days
        return due(self._crawl, selected, selected, now_s - days * DAY_S if days else 0)


def _without_trace(reason: str) -> str:
    """A reason for a snapshot, which must be the same when the same happens again."""
    before, _, after = reason.partition(" (J-Trace-ID ")
    return before + after.partition(")")[2]
