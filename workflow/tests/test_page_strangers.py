"""The page shows what strangers wrote as text alone, and what a key guards to its holders alone."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, expect

from components.testing.browser import Watched, chromium, looking
from components.testing.server import Server, Site, first_part, serving

EVIL = (
    '"\'><x-evil>&amp;</x-evil><img src=x onerror="evil=1"><script>evil=1</script>'
    "<svg onload=evil=1></svg>{{7*7}}javascript:evil=1"
)
SHOWN = "<x-evil>&amp;</x-evil>"
SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="evil=1">
<script>evil=1</script><foreignObject><x-evil xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>
<a href="javascript:evil=1"><rect width="9" height="9" onclick="evil=1" fill="url(http://x.test/)"/></a>
<image href="http://x.test/a.png"/><style>* { background: url(http://x.test/) }</style>
<rect data-pad="1&lt;x-evil&gt;" width="4" height="4"/></svg>"""
KEY = "a key of the test's"
ROWS = 3
PART = first_part("led", ROWS)
DRAWN = first_part("resistor", ROWS)


class Stage(NamedTuple):
    browser: Browser
    server: Server
    site: Site


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    site = Site(tmp_path_factory.mktemp("strangers") / "cache")
    folder = site.build("hostile", ROWS, [{"footprint_svg": SVG}])
    _spoil(folder)
    site.point("hostile")
    with serving(site.layout) as server, chromium() as browser:
        server.wait_for("hostile")
        yield Stage(browser, server, site)


def _spoil(folder: Path) -> None:
    """Markup in every text of every part, and in what the snapshot says of texts."""
    with closing(sqlite3.connect(folder / "detail.sqlite")) as db:
        db.execute(
            "UPDATE components_full SET manufacturer = :t, part_number = :t, package = :t,"
            " category = :t, subcategory = :t, description = :t,"
            " datasheet_url = 'javascript:' || :t, attributes_json = :a, extra_json = :a",
            {"t": EVIL, "a": json.dumps({EVIL: EVIL, "Color": EVIL})},
        )
        db.execute(
            "UPDATE components_full SET pickable = 0, reason = ? WHERE lcsc_id = ?",
            (EVIL, PART + 1),
        )
        meta = "id IN (SELECT meta FROM assets)"
        db.execute(f"UPDATE asset_texts SET text = ? WHERE {meta}", (_report(),))
        db.commit()
    with closing(sqlite3.connect(folder / "fast.sqlite")) as db:
        db.execute("UPDATE led_pick SET package = ?, color_code = ?", (EVIL, EVIL))
        db.commit()
    metadata = json.loads((folder / "metadata.json").read_text())
    metadata["quarantine"]["led"] = {
        EVIL: {"parts": 1, "texts": 1, "counts": {EVIL: 1}, "not_listed": 0}
    }
    metadata["families"]["led"]["not_pickable"] = {EVIL: 1}
    metadata["source"] |= {"origin": EVIL, "data_date": "<x-evil>"}
    (folder / "metadata.json").write_text(json.dumps(metadata))


def _report() -> str:
    report = {"confidence": EVIL, "warnings": [EVIL], "not_understood": {EVIL: 1}, "pads": EVIL}
    return json.dumps({"name": EVIL, "report": report})


def _paths() -> list[str]:
    return [
        f"/?q=C{PART}",
        "/families",
        "/families/led",
        "/families/led?color_code=%3Cx-evil%3E&package=%3Cx-evil%3E&sort=%3Cx-evil%3E&qty=%3Cx-evil%3E",
        "/?q=%3Cx-evil%3E%22%27",
        f"/compare?ids=C{PART}&ids=C{PART + 1}",
        f"/parts/C{PART}",
        f"/parts/C{PART + 1}",
        f"/parts/C{DRAWN}",
        "/snapshot",
        "/families/%3Cx-evil%3E",
    ]


# What the browser says when the page's policy keeps a hostile drawing from running anything.
KEPT_OUT = "violates the following Content Security Policy directive"


def _forget(seen: Watched, *expected: str) -> None:
    """Complaints that are as they should be."""
    seen.complaints[:] = [
        text for text in seen.complaints if not any(known in text for known in expected)
    ]


@pytest.mark.parametrize("scripts", [True, False])
def test_markup_of_strangers_is_shown_as_text(stage: Stage, scripts: bool) -> None:
    origin = f"http://127.0.0.1:{stage.server.port}"
    with looking(stage.browser, origin, java_script_enabled=scripts) as seen:
        for path in _paths():
            missing = path.startswith("/families/%3C")
            page = seen.go(path)
            assert page.locator("x-evil, main img[src=x], main script").count() == 0, path
            assert page.locator("main a[href^='javascript']").count() == 0, path
            if scripts:
                assert page.evaluate("typeof evil") == "undefined", path
            if f"C{PART}" in path:
                assert SHOWN in page.locator("main").inner_text(), path
            if missing:
                # What is not there is told by the browser too.
                seen.complaints.clear()
        if scripts:
            page = seen.go(f"/parts/C{DRAWN}")
            drawn = page.locator(".footprint_svg .sheet svg")
            expect(drawn.locator("rect[data-pad]")).to_have_count(1)
            names: Any = drawn.evaluate(
                "shape => [shape, ...shape.querySelectorAll('*')].flatMap((one) =>"
                " [one.localName, ...one.getAttributeNames()])"
            )
            assert not {"script", "style", "a", "image", "foreignObject"} & set(names)
            assert not any(name.startswith("on") or name == "href" for name in names)
            assert drawn.locator("[fill*=url]").count() == 0
            _forget(seen, KEPT_OUT)


def test_a_bill_of_strangers_is_text_too(stage: Stage) -> None:
    bill = f'Reference,Value,Footprint,LCSC\n"{EVIL.replace(chr(34), "")}",x,"y<x-evil>",C{PART}\n'
    answer = stage.server.ask("POST", "/bom", bill.encode(), {"Content-Type": "text/csv"})
    assert answer.status == 200
    assert b"<x-evil" not in answer.body and b"&lt;x-evil&gt;" in answer.body


def test_a_page_asks_for_the_key_and_shows_nothing_before(stage: Stage) -> None:
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    with serving(stage.site.layout, api_key_sha256=[digest]) as server:
        origin = f"http://127.0.0.1:{server.port}"
        for path in (*_paths(), "/bom"):
            answer = server.ask("GET", path)
            assert answer.status == 401 and b"needs-key" in answer.body, path
            assert b"<x-evil" not in answer.body and b"hostile" not in answer.body
            assert server.ask("GET", path, headers={"X-API-Key": KEY}).status in (200, 404)
        assert server.ask("POST", "/bom", b"Ref,Value\nR1,1k\n").status == 401
        assert server.ask("GET", f"/parts/C{DRAWN}/files.zip").status == 401
        with looking(stage.browser, origin, accept_downloads=True) as seen:
            page = seen.go(f"/parts/C{DRAWN}")
            page.get_by_label("API key").fill("another")
            page.get_by_role("button", name="Use it").click()
            expect(page.locator("#status")).to_contain_text("does not know")
            page.get_by_label("API key").fill(KEY)
            page.get_by_role("button", name="Use it").click()
            expect(page.get_by_role("table", name="Values")).to_be_visible()
            expect(page.locator(".footprint_svg .sheet svg")).to_be_visible()
            with page.expect_download() as download:
                page.get_by_role("link", name="All as one archive").click()
            assert Path(download.value.path()).read_bytes()[:2] == b"PK"
            page.get_by_role("navigation", name="Main").get_by_role("link", name="Families").click()
            expect(page.locator(".rooms").first).to_be_visible()
            assert KEY not in page.content()
            # The browser itself tells that the key was missing.
            _forget(seen, "401", KEPT_OUT)
