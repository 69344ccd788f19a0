"""``/docs`` in a real Chromium: nothing comes from elsewhere, and a key is asked for once a tab."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from components.testing.browser import Watched, chromium
from components.testing.server import QUERY, Site, serving

KEY = "a-key-for-the-interface"
UNSIGNED = "the server responded with a status of 401"
TITLE = "#interface .info .title"
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("docs"))
    site.build("only", rows=2)
    site.point("only")
    return site


def _try_a_query(watched: Watched) -> None:
    """Open the query route and send its example as it stands."""
    page = watched.page
    route = page.locator(".opblock", has=page.locator(f"[data-path='{QUERY}']"))
    route.locator(".opblock-summary-control").click()
    route.get_by_role("button", name="Execute").click()
    reply = route.locator(".live-responses-table .response").first
    expect(reply.locator(".response-col_status")).to_have_text(re.compile("200"))
    expect(reply).to_contain_text("component_type")


def test_the_interface_is_shown_and_tried_without_a_network(site: Site, browser: Browser) -> None:
    with serving(site.layout) as server:
        server.wait_for("only")
        watched = Watched(browser, f"http://127.0.0.1:{server.port}")
        watched.context.set_default_timeout(60_000)
        watched.page.goto("/docs")
        expect(watched.page.locator(TITLE)).to_contain_text("Electronics parts")
        assert watched.page.locator("#ask").is_hidden()
        _try_a_query(watched)
        assert not watched.strangers and not watched.complaints
        watched.context.close()


def test_a_key_is_asked_for_and_kept_for_the_tab(site: Site, browser: Browser) -> None:
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    with serving(site.layout, api_key_sha256=[digest]) as server:
        server.wait_for("only")
        watched = Watched(browser, f"http://127.0.0.1:{server.port}")
        watched.context.set_default_timeout(60_000)
        page = watched.page
        page.goto("/docs")
        page.get_by_label("Key").fill("another")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_role("alert")).to_have_text("The server does not know this key.")
        page.get_by_label("Key").fill(KEY)
        page.get_by_label("Key").press("Enter")
        expect(page.locator(TITLE)).to_contain_text("Electronics parts")
        _try_a_query(watched)
        page.reload()
        expect(page.locator(".opblock").first).to_be_visible()
        assert page.locator("#ask").is_hidden()
        other = watched.context.new_page()
        other.goto("/docs")
        expect(other.get_by_label("Key")).to_be_visible()
        assert not watched.strangers
        assert all(UNSIGNED in line for line in watched.complaints), watched.complaints
        watched.context.close()
