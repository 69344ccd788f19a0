"""Walking JLC's list page by page, each kept before the next is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable

from components.core.errors import UpstreamError
from components.fetch.artifact import PARTLESS, Fetched, stored
from components.fetch.crawl.calls import Calls
from components.fetch.crawl.routes import Page, Refused, Routes, read_page
from components.fetch.crawl.state import Crawl
from components.fetch.recorder import Recorder
from components.net.answer import TRACE, trace
from components.source.part import part_number
from components.store.object_store import ObjectStore

PAGE = "jlc_component_page"
LINE_EVERY_PAGES = 100
RESTARTS_MAX = 1
"""Refused cursors in a run: one that has grown old is nothing unusual, a second one is."""


class Listing:
    """One run's part of a crawl of the list."""

    def __init__(
        self,
        calls: Calls,
        routes: Routes,
        crawl: Crawl,
        store: ObjectStore,
        recorder: Recorder,
        date_of: Callable[[Page], int],
    ) -> None:
        self._calls = calls
        self._routes = routes
        self._crawl = crawl
        self._store = store
        self._recorder = recorder
        self._date_of = date_of

    def walk(self) -> None:
        """Go on to the end. The first page's date becomes the crawl's.

        Raises :class:`UpstreamError` where the list cannot be had, and its kind ``OutOfTime``
        where the run's time is over.
        """
        cursor, seen = self._crawl.cursor(), self._crawl.seen_keys()
        restarts = 0
        if cursor.pages and not cursor.is_complete:
            say(f"going on after page {cursor.pages:,}")
        while not cursor.is_complete:
            asked = cursor.next_key
            seen |= {asked} if asked is not None else set()
            try:
                page = self._page(asked, seen)
            except Refused as error:
                if asked is None or restarts == RESTARTS_MAX:
                    raise
                restarts += 1
                say(f"{error}: JLC has forgotten where the list was left; beginning it anew")
                self._crawl.begin()
                cursor, seen = self._crawl.cursor(), set()
                continue
            if asked is None:
                self._crawl.note("date_s", self._date_of(page))
            self._keep(page, asked, cursor.pages + 1)
            cursor = self._crawl.cursor()
            if cursor.pages % LINE_EVERY_PAGES == 0 or cursor.is_complete:
                say(f"{cursor.pages:,} pages{trace(page.answer)}{self._pace()}")

    def _page(self, asked: str | None, seen: set[str]) -> Page:
        if asked is None:
            return first_page(self._calls, self._routes)
        question = self._routes.page_question(asked)
        return self._calls.ask(
            self._routes.list_url, question, lambda answer: read_page(answer, seen)
        )

    def _keep(self, page: Page, asked: str | None, number: int) -> None:
        entry = stored(
            self._store,
            PARTLESS,
            Fetched(
                PAGE,
                self._routes.list_url,
                page.answer.body,
                "application/json",
                {"lastKey": asked, "page": number, "trace_id": page.answer.headers.get(TRACE, "")},
            ),
        )
        self._recorder.record([entry])
        # The cursor must never be ahead of the page that it stands for.
        self._store.sync()
        self._crawl.add_page(asked, page.last_key, entry.stored_key)
        self._crawl.note("pause_s", self._calls.pause_s)

    def _pace(self) -> str:
        if not self._calls.throttled:
            return ""
        return f"; throttled {self._calls.throttled:,} times, {self._calls.pause_s:g} s a call"


def first_page(calls: Calls, routes: Routes) -> Page:
    """The list's first page. Raises :class:`UpstreamError`, also where it names no parts."""
    page = calls.ask(
        routes.list_url, routes.page_question(None), lambda answer: read_page(answer, set())
    )
    if not any(part_number(item) for item in page.items):
        raise UpstreamError(
            f"{routes.list_url}: the list holds no parts{trace(page.answer)}; check "
            "upstream.jlc_component_infos_path and what the account may see"
        )
    return page


def say(text: str) -> None:
    """One line of the crawl's progress."""
    print(f"fetch-catalogue: {text}", file=sys.stderr, flush=True)
