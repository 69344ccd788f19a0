"""Datasheets as the shops show them, written down for this test alone (UPSTREAMS)."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import pytest

from components import cli
from components.core.layout import Layout
from components.fetch.manifest import read_entries, read_states, reading
from components.fetch.worklist import WorkItem, format_worklist
from components.store.object_store import ObjectStore
from components.testing.fetch import Asked, Reply, service

COUNT = 250
KINDS = (
    *("direct", "preview", "preview_slash", "preview_u", "preview_half", "preview_scheme"),
    *("viewer", "link", "labelled", "redirected", "withdrawn", "withdrawn_pdf", "home"),
)


def kind_of(number: int) -> str:
    return KINDS[number % len(KINDS)]


def pdf(number: int) -> bytes:
    return b"%%PDF-1.5\n%d\nstartxref\n0\n%%%%EOF\n" % number


class Shop:
    """Answers on loopback; ``base`` is known once it listens."""

    base = ""

    def answer(self, asked: Asked) -> Reply:
        path, _, query = asked.path.partition("?")
        if path == "/":
            return 200, {"Content-Type": "text/html"}, b"<html><body>Welcome</body></html>"
        if path.startswith(("/datasheet/pdf/", "/files/")):
            number = int((query or path).rpartition("C")[2].removesuffix(".pdf"))
            return 200, {"Content-Type": "application/pdf"}, pdf(number)
        number = int(path.rpartition("C")[2].removesuffix(".pdf"))
        return self._page(number, kind_of(number))

    def _page(self, number: int, kind: str) -> Reply:
        html = {"Content-Type": "text/html; charset=utf-8"}
        if kind == "direct":
            return 200, {"Content-Type": "application/octet-stream"}, pdf(number)
        if kind == "redirected":
            return 302, {"Location": f"/files/C{number}.pdf"}, b""
        if kind == "home":
            return 302, {"Location": f"{self.base}/"}, b""
        if kind.startswith("withdrawn"):
            away = f"{self.base}/product-detail/resistors_C{number}.html"
            body = f"<script>window.top.location.href='{away}'</script>".encode()
            return 200, {"Content-Type": "application/pdf"} if kind.endswith("pdf") else html, body
        file = f"{self.base}/datasheet/pdf/{number:032x}.pdf?productCode=C{number}"
        own = f'<link rel="canonical" href="{self.base}/datasheet/C{number}.pdf">'
        others = '<a href="/legal/terms.pdf">Terms</a>' + "<li>menu</li>" * 600
        if kind in ("viewer", "labelled"):
            frame = f'<iframe src="{self.base}/viewer.html?file={quote(file, safe="")}"></iframe>'
            body = f"<!DOCTYPE html><html>{own}{others}<a href='{file}'>PDF</a>{frame}</html>"
            label = {"Content-Type": "application/pdf"} if kind == "labelled" else html
            return 200, label, body.encode()
        if kind == "link":
            return 200, html, f"<html>{own}{others}<a href='{file}'>PDF</a></html>".encode()
        plain = f"{self.base}/files/C{number}.pdf"
        spelled = {
            "preview": plain,
            "preview_slash": plain.replace("/", "\\/"),
            "preview_u": plain.replace("/", "\\u002F"),
            "preview_half": plain.replace("http://", "/\\u002F\\u002F"),
            "preview_scheme": plain.removeprefix("http:"),
        }[kind]
        body = f'<html>{own}<script>x={{previewPdfUrl:"{spelled}",pages:1}}</script></html>'
        return 200, html, body.encode()


def arguments(tmp_path: Path, numbers: range, base: str) -> list[str]:
    items = [WorkItem(n, f"{base}/datasheet/C{n}.pdf") for n in numbers]
    (tmp_path / "0000.tsv").write_bytes(format_worklist(items))
    settings = {
        "upstream": {"kind": "live", "allowed_private_hosts": ["127.0.0.1"]},
        "stage1": {"retry_backoff_s": 0.01, "requests_per_second": {"lcsc": 0}},
    }
    return [
        *("fetch-shard", "--worklist", str(tmp_path / "0000.tsv"), "--group", "datasheet"),
        *("--settings", json.dumps(settings), "--cache-dir", str(tmp_path / "cache")),
        *("--output", str(tmp_path / "0000.datasheet.sqlite3")),
    ]


def test_what_exists_is_stored_and_what_was_withdrawn_is_missing(tmp_path: Path) -> None:
    shop, numbers = Shop(), range(1000, 1000 + COUNT)
    with service(shop.answer) as base:
        shop.base = base
        assert cli.main(arguments(tmp_path, numbers, base)) == 0
    with reading(tmp_path / "0000.datasheet.sqlite3") as db:
        entries = {entry.lcsc_id: entry for entry in read_entries(db)}
        states = {state.lcsc_id: state for state in read_states(db)}
    store = ObjectStore(Layout(tmp_path / "cache").objects)
    seen: Counter[str] = Counter()
    for number in numbers:
        kind = kind_of(number)
        gone = kind == "home" or kind.startswith("withdrawn")
        assert states[number].status == ("missing" if gone else "success"), (kind, states[number])
        if not gone:
            assert store.get(entries[number].stored_key) == pdf(number), kind
        seen[kind] += 1
    assert len(seen) == len(KINDS) and seen.total() == COUNT


def test_one_address_is_tried_step_by_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "c.json"
    config.write_text(
        json.dumps(
            {
                "paths": {"cache_dir": str(tmp_path / "cache")},
                "upstream": {"kind": "live", "allowed_private_hosts": ["127.0.0.1"]},
                "stage1": {"retry_backoff_s": 0.01},
            }
        )
    )
    shop = Shop()
    number = next(n for n in range(2040, 2100) if kind_of(n) == "viewer")
    gone = next(n for n in range(2040, 2100) if kind_of(n) == "withdrawn")
    with service(shop.answer) as base:
        shop.base = base
        address = f"{base}/datasheet/C{number}.pdf"
        words = ["fetch", f"C{number}", "--datasheet-url", address, "--configfile", str(config)]
        assert cli.main([*words, "--dry-run"]) == 0
        dry = capsys.readouterr().out
        assert not (tmp_path / "cache").exists()
        assert cli.main(words) == 0
        said = capsys.readouterr().out
        away = ["fetch", f"C{gone}", "--datasheet-url", f"{base}/datasheet/C{gone}.pdf"]
        assert cli.main([*away, "--configfile", str(config)]) == 1
        assert "missing" in capsys.readouterr().out
    names = [line.split()[0] for line in said.splitlines()]
    assert names == ["ask", "page", "answer", "bytes", "is", "store", "back", "manifest"]
    assert [line.split()[0] for line in dry.splitlines()][-1] == "dry"
    assert f"{len(pdf(number)):,} bytes, the same" in said
    with reading(Layout(tmp_path / "cache").manifest) as db:
        (entry,) = read_entries(db)
    assert ObjectStore(Layout(tmp_path / "cache").objects).get(entry.stored_key) == pdf(number)
