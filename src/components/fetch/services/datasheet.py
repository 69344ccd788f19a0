"""Datasheets: a PDF itself, or an HTML page that names one; from whatever host the catalogue says.

Only what begins with ``%PDF`` and is there to its end is stored. A link that leads to the host's
home page has expired: the document is missing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from components.core.errors import ComponentsError
from components.fetch.artifact import Fetched, Missing, Result, Shared, failed
from components.fetch.manifest import Entry
from components.fetch.worklist import WorkItem
from components.net.answer import Answer, NotThere, Unfit
from components.net.endpoints import Endpoints
from components.net.http import Client

PDF_MOST_BYTES = 100 << 20
# Where viewers look for the end of a file (PDF 32000-1, annex H, implementation note 18), and
# some slack for the padding that servers append.
TAIL_BYTES = 4096
_PREVIEW = re.compile(r"""previewPdfUrl["']?\s*[:=]\s*(["'])(?P<address>.*?)\1""")
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))")


class Page(NamedTuple):
    """An HTML page that shows the datasheet at ``address``."""

    url: str
    address: str


class Datasheets:
    """The ``datasheet`` group."""

    group = "datasheet"

    def __init__(self, client: Client) -> None:
        self._client = client

    def asked(self, item: WorkItem, artifact_type: str = "datasheet_pdf") -> str:
        return absolute(item.datasheet_url)

    def fetch(
        self, item: WorkItem, wanted: frozenset[str], known: Mapping[str, Entry], shared: Shared
    ) -> Iterator[Result]:
        url = self.asked(item)
        with shared.once("datasheet_pdf", url) as turn:
            yield turn.had or turn.settle(self._fetched(url))

    def _fetched(self, url: str) -> Result:
        try:
            found = self._get(url, pdf_or_page)
            page = found if isinstance(found, Page) else None
            answer = self._get(page.address, pdf) if page else found
        except NotThere as error:
            return Missing("datasheet_pdf", str(error))
        except ComponentsError as error:
            return failed("datasheet_pdf", error)
        meta: dict[str, Any] = {
            "original_url": url,
            "resolved_url": answer.url,
            "content_type": answer.mime,
            "status": answer.status,
        }
        if page:
            meta["wrapper_url"] = page.url
        return Fetched("datasheet_pdf", url, answer.body, "application/pdf", meta)

    def _get(self, url: str, check: Any) -> Any:
        return self._client.get(url, "lcsc", check, size_most_bytes=PDF_MOST_BYTES)


def source(client: Client, services: Endpoints) -> Datasheets:
    """The group's source at these services."""
    return Datasheets(client)


def absolute(address: str) -> str:
    """An address with its scheme: catalogues leave it out.

    >>> absolute("//host/a.pdf"), absolute("http://host/a.pdf"), absolute("www.host.com/a.pdf")
    ('https://host/a.pdf', 'http://host/a.pdf', 'https://www.host.com/a.pdf')
    """
    if address.startswith("//"):
        return f"https:{address}"
    return f"https://{address}" if address.startswith("www.") else address


def pdf(answer: Answer) -> Answer:
    """A whole PDF. Raises :class:`Unfit`."""
    _raise_if_home(answer)
    if not answer.body.startswith(b"%PDF"):
        raise Unfit(f"{answer.mime or 'something'} in place of a PDF")
    if b"%%EOF" not in answer.body.rstrip(b"\0 \r\n")[-TAIL_BYTES:]:
        raise Unfit("a PDF without its end")
    return answer


def pdf_or_page(answer: Answer) -> Answer | Page:
    """A whole PDF, or a page that names one. Raises :class:`Unfit`."""
    _raise_if_home(answer)
    if answer.body.startswith(b"%PDF") or not _is_html(answer):
        return pdf(answer)
    address = preview_address(answer.body.decode("utf-8", "replace"))
    if not address:
        raise Unfit("an HTML page that names no PDF")
    return Page(answer.url, urljoin(answer.url, address))


def preview_address(page: str) -> str:
    r"""The ``previewPdfUrl`` of a page, unescaped; empty where there is none.

    >>> for text in (r'a\/b', r'\u002F\u002Fh\u002Fa', r'/\u002F\u002Fh/a', r'//h\x2Fa'):
    ...     print(preview_address(f'previewPdfUrl:"{text}"'))
    a/b
    //h/a
    //h/a
    //h/a
    >>> preview_address('{"previewPdfUrl" : null}'), preview_address("previewPdfUrl:''")
    ('', '')
    >>> preview_address("<a data-s='{&quot;previewPdfUrl&quot;:&quot;//h/a?b&amp;c&quot;}'>")
    '//h/a?b&c'
    """
    match = _PREVIEW.search(page) or _PREVIEW.search(html.unescape(page))
    if match is None:
        return ""
    text = html.unescape(_ESCAPED.sub(_unescape, match["address"])).strip()
    # One spelling escapes the slashes of `//` but not the one before them.
    return re.sub(r"^/{3,}", "//", text)


def _unescape(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    return chr(int(digits, 16)) if digits else match[3]


def _is_html(answer: Answer) -> bool:
    return "html" in answer.mime or answer.body[:512].lstrip().lower().startswith(
        (b"<!doctype html", b"<html")
    )


def _raise_if_home(answer: Answer) -> None:
    parts = urlsplit(answer.url)
    if answer.hops and parts.path in ("", "/") and not parts.query:
        raise Unfit(f"redirected to the home page of {parts.hostname}", gone=True)


def _answer(
    body: bytes, mime: str = "application/pdf", url: str = "http://h/a", hops: int = 0
) -> Answer:
    return Answer(url, 200, mime, body, {}, hops)


def test_only_a_whole_pdf_passes() -> None:
    import pytest

    good = b"%PDF-1.4\n...\nstartxref\n9\n%%EOF\n"
    for body in (good, good + b"\0" * 9000):
        assert pdf(_answer(body, "application/octet-stream")).body == body
    for answer, reason in (
        (_answer(good[:-7]), "without its end"),
        (_answer(b"<html>", "text/html"), "text/html in place"),
        (_answer(b" %PDF-1.4 %%EOF"), "in place of a PDF"),
        (_answer(b"", ""), "something in place"),
        (_answer(good, url="http://h/", hops=1), "home page of h"),
    ):
        with pytest.raises(Unfit, match=reason):
            pdf(answer)


def test_a_page_names_its_pdf_relative_to_itself() -> None:
    import pytest

    def page(text: str) -> Answer:
        return _answer(f"<!DOCTYPE html><script>x={text}</script>".encode(), "text/html")

    found = pdf_or_page(page(r'{previewPdfUrl:"\u002F\u002Fd.host\/a.pdf",pages:1}'))
    assert found == Page("http://h/a", "http://d.host/a.pdf")
    assert pdf_or_page(page('{"previewPdfUrl":"/b.pdf"}')) == Page("http://h/a", "http://h/b.pdf")
    with pytest.raises(Unfit, match="names no PDF"):
        pdf_or_page(page("{}"))
    home = _answer(b"<html>", "text/html", "http://h/", 2)
    with pytest.raises(Unfit) as caught:
        pdf_or_page(home)
    assert caught.value.gone
