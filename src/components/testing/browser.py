"""A real Chromium for tests, which notes what a page asks for and complains of; and axe-core.

Chromium is the system's; Playwright, which drives it, brings none.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from components.testing.extent import missing
from components.testing.npm import AXE, installed

# A sandbox needs rights that an ordinary user may not have; all else is as on anybody's machine.
PLAIN = ("--no-sandbox",)
# WebGL without a graphics card, and no warning of reading its pixels back. It draws pages, too, and
# several times slower than a browser without a graphics card does: no speed is measured with it.
OPTIONS = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader", *PLAIN)
SERIOUS = frozenset(("serious", "critical"))


@contextmanager
def chromium(options: tuple[str, ...] = OPTIONS) -> Iterator[Browser]:
    """One browser; contexts are made of it for each way of looking."""
    path = shutil.which("chromium")
    if path is None:
        missing("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(options))
        try:
            yield browser
        finally:
            browser.close()


def axe_script() -> str:
    """The source of axe-core."""
    return (installed(AXE) / "axe.min.js").read_text()


class Watched:
    """A context whose pages' requests and complaints are kept."""

    def __init__(self, browser: Browser, origin: str, **options: Any) -> None:
        self.origin = origin
        self.context: BrowserContext = browser.new_context(base_url=origin, **options)
        self.context.set_default_timeout(20_000)
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._request(request.url))

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _request(self, url: str) -> None:
        if not url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.strangers.append(url)

    def go(self, path: str) -> Page:
        """The page at ``path``, once nothing more is asked for."""
        self.page.goto(path, wait_until="networkidle")
        return self.page

    def faults(self, axe: str) -> list[str]:
        """What axe-core calls serious or critical."""
        # Not by a script element: the page's policy allows none of ours.
        self.page.evaluate(axe)
        found = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        return [
            f"{one['id']}: {node['html'][:160]}"
            for one in found["violations"]
            if one["impact"] in SERIOUS
            for node in one["nodes"]
        ]

    def close(self) -> None:
        self.context.close()


@contextmanager
def looking(browser: Browser, origin: str, **options: Any) -> Iterator[Watched]:
    """A context that must ask nobody else for anything and have nothing to complain of."""
    watched = Watched(browser, origin, **options)
    try:
        yield watched
        assert not watched.strangers and not watched.complaints, (
            watched.strangers,
            watched.complaints,
        )
    finally:
        watched.close()
