"""The page in a real Chromium on loopback: first paint, answers as one types, filters, bytes.

First paint is what the browser tells (``first-contentful-paint``), from the start of the
navigation: in a browser that has the page's scripts and styles, as one goes from view to view, and
in one that has nothing of the page and makes a new process for it. The views take turns, so that
what slows the machine slows them all, and a line of text takes its turn among them as a floor. What
is typed and filtered is timed in the page, from the input's event until its answer stands there.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, Page

from components.bench.http import published
from components.bench.report import Table
from components.serve.page.static_files import StaticFiles
from components.testing.browser import PLAIN, Watched, chromium
from components.testing.server import Server, serving

ROUNDS = 7
TYPED = ("10k 0402 1%", "100nF 50V X7R", "SOT-23 LDO 3.3V", "usb c connector", "RP2040")
FILTERS = (
    ("resistance_ohm.min", "9k"),
    ("resistance_ohm.max", "11k"),
    ("tolerance_pct.max", "1"),
    ("max_power_w.min", "100m"),
    ("max_voltage_v.min", "50"),
    ("qty", "1000"),
    ("sort", "price"),
    ("sort", "tolerance_pct"),
)
# Puts a text into a field and waits for the answer: milliseconds.
_ANSWERED = """([name, text]) => new Promise((done) => {
  const field = document.querySelector(`form[data-live] [name="${name}"]`);
  const results = document.getElementById("results");
  field.value = text;
  const begin = performance.now();
  const seen = new MutationObserver(() => {
    if (document.getElementById("results") === results) return;
    seen.disconnect();
    done(performance.now() - begin);
  });
  seen.observe(document.body, { childList: true, subtree: true });
  field.dispatchEvent(new Event("input", { bubbles: true }));
})"""
_PAINTED = """() => new Promise((done) => {
  const told = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
  const look = () => (told() ? done(told()) : setTimeout(look, 5));
  look();
})"""


def run(args: argparse.Namespace) -> Iterator[Table]:
    with tempfile.TemporaryDirectory(prefix="bench-page-") as name:
        layout = published(args.source, Path(name))
        with serving(layout) as server, chromium(PLAIN) as browser:
            yield paints(browser, server)
            yield answers(browser, server)
        yield weights()


def paints(browser: Browser, server: Server) -> Table:
    """A row for each view; first what any page takes here."""
    table = Table(
        "page_paint",
        f"First paint of the page, milliseconds, of {ROUNDS} looks at each view",
        ("view", "median", "slowest", "to the floor", "empty cache", "kB of the page"),
    )
    views = _views(server)
    times = {path: list[float]() for path in views.values()}
    empty = {path: list[float]() for path in views.values()}
    warm = Watched(browser, _origin(server))
    for path in views.values():
        _painted(warm, path)
    for _ in range(ROUNDS):
        for path in views.values():
            times[path].append(_painted(warm, path))
            new = Watched(browser, _origin(server))
            empty[path].append(_painted(new, path))
            new.close()
    warm.close()
    floor = median(times[next(iter(views.values()))])
    for view, path in views.items():
        middle = median(times[path])
        size_kb = len(server.ask("GET", path).body) / 1e3
        table.add(view, middle, max(times[path]), middle / floor, median(empty[path]), size_kb)
    return table


def _origin(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}"


def _painted(watched: Watched, path: str) -> float:
    watched.page.goto(path)
    return float(watched.page.evaluate(_PAINTED))


def _views(server: Server) -> dict[str, str]:
    found = server.ask("GET", "/families/resistor?format=json").json["parts"]
    numbers = [f"C{part['lcsc_id']}" for part in found]
    return {
        "a line of text, as a floor": "/healthz",
        "start": "/",
        "search": "/?q=10k+0402+1%25",
        "families": "/families",
        "family table": "/families/resistor",
        "compare": "/compare?" + "&".join(f"ids={number}" for number in numbers[:4]),
        "part": f"/parts/{numbers[0]}",
        "bill of materials": "/bom?example=1",
        "snapshot": "/snapshot",
    }


def answers(browser: Browser, server: Server) -> Table:
    """What a person waits for after a key or a filter, and what of it is the server's."""
    table = Table(
        "page_answers",
        "Answers in the page as one types and filters, milliseconds",
        ("what", "times", "median", "p95", "slowest", "server median"),
    )
    watched = Watched(browser, _origin(server))
    page = watched.page
    page.goto("/", wait_until="networkidle")
    strokes = [text[:end] for text in TYPED for end in range(1, len(text) + 1)]
    times = [_answered(page, "q", text) for text in strokes]
    paths = [f"/?q={text.replace(' ', '+').replace('%', '%25')}" for text in strokes]
    table.add("keystrokes of a search", *_told(times), median(_asked(server, p) for p in paths))
    page.goto("/families/resistor", wait_until="networkidle")
    times, paths = [], []
    for name, text in FILTERS * 3:
        times.append(_answered(page, name, text))
        paths.append(page.url.removeprefix(watched.origin))
        if name != "sort":
            _answered(page, name, "")
    total = server.ask("GET", "/families/resistor?format=json").json["total"]
    what = f"filters of a table of {total:,} rows"
    table.add(what, *_told(times), median(_asked(server, path) for path in paths))
    watched.close()
    return table


def _answered(page: Page, name: str, text: str) -> float:
    found: Any = page.evaluate(_ANSWERED, [name, text])
    return float(found)


def _asked(server: Server, path: str) -> float:
    begin_s = time.perf_counter()
    answer = server.ask("GET", path, headers={"Accept": "text/html", "X-Part": "1"})
    assert answer.status == 200, path
    return (time.perf_counter() - begin_s) * 1e3


def _told(times: list[float]) -> tuple[int, float, float, float]:
    return len(times), median(times), quantiles(times, n=20)[-1], max(times)


def weights() -> Table:
    """Bytes of scripts and styles as they are sent; those that load only where they are seen."""
    table = Table("page_weight", "Scripts and styles of the page, kB", ("file", "kB", "loaded"))
    when = {"viewer.js": "where a model is seen", "drawing.js": "where a drawing is seen"}
    when |= {"bom.js": "on /bom", "filters.js": "on a table", "again.js": "while changes count"}
    files = StaticFiles().by_name
    for name, file in files.items():
        table.add(name, len(file.content) / 1e3, when.get(name, "always"))
    table.add("all", sum(len(file.content) for file in files.values()) / 1e3, "")
    return table


def test_every_view_is_measured(tmp_path: Path) -> None:
    from components.testing.server import Site

    site = Site(tmp_path)
    site.build("small", rows=8)
    site.point("small")
    with serving(site.layout) as server:
        server.wait_for("small")
        for path in _views(server).values():
            assert _asked(server, path) > 0
    names = [row[0] for row in weights().rows]
    assert names[-1] == "all" and "page.js" in names
