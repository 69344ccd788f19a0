"""Datasheets: a PDF itself, or an HTML page that names one; from whatever host the catalogue says.

Only what begins with ``%PDF`` and is there to its end is stored, whatever it is labelled as. A link
that leads to the host's home page, or to the product's page, has expired: the document is missing.
What pages look like is told by :mod:`components.fetch.services.datasheet_page`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from components.core.errors import ComponentsError
from components.fetch.artifact import Failed, Fetched, Missing, Result, Shared, failed
from components.fetch.manifest import Entry
from components.fetch.services.datasheet_page import is_withdrawn, named_address
from components.fetch.worklist import WorkItem
from components.net.answer import Answer, NotThere, Unfit, shown
from components.net.endpoints import Endpoints
from components.net.http import Client

PDF_MOST_BYTES = 100 << 20
PAGE_MOST_BYTES = 2 << 20
# Where viewers look for the end of a file (PDF 32000-1, annex H, implementation note 18), and
# some slack for the padding that servers append.
TAIL_BYTES = 4096
PAGES_MAX = 3
"""Pages that lead to one another before there must be a PDF."""


class Page(NamedTuple):
    """An HTML page that shows the datasheet at ``address``."""

    url: str
    address: str


class Datasheets:
    """The ``datasheet`` group."""

    group = "datasheet"

    def __init__(self, client: Client, tell: Callable[[str], None] = lambda text: None) -> None:
        self._client = client
        self._tell = tell

    def asked(self, item: WorkItem, artifact_type: str = "datasheet_pdf") -> str:
        return absolute(item.datasheet_url)

    def fetch(
        self, item: WorkItem, wanted: frozenset[str], known: Mapping[str, Entry], shared: Shared
    ) -> Iterator[Result]:
        url = self.asked(item)
        with shared.once("datasheet_pdf", url) as turn:
            yield turn.had or turn.settle(self.fetch_address(url))

    def fetch_address(self, url: str) -> Fetched | Missing | Failed:
        """What an absolute address leads to."""
        try:
            answer, page = self._followed(url)
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

    def _followed(self, url: str) -> tuple[Answer, Page | None]:
        """The PDF that ``url`` leads to, and the first page on the way."""
        visited = [url]
        first: Page | None = None
        for _ in range(PAGES_MAX):
            found = self._get(visited[-1], lambda answer: pdf_or_page(answer, visited))
            if isinstance(found, Answer):
                return found, first
            self._tell(f"{found.url}: an HTML page that names {found.address}")
            first = first or found
            visited.append(found.address)
        return self._get(visited[-1], pdf), first

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


def pdf_or_page(answer: Answer, visited: Collection[str] = ()) -> Answer | Page:
    """A whole PDF, or a page that names one that was not ``visited``.

    Raises :class:`NotThere` for the page of a withdrawn one, and :class:`Unfit`.
    """
    _raise_if_home(answer)
    if answer.body.startswith(b"%PDF") or not is_page(answer):
        return pdf(answer)
    page = answer.body[:PAGE_MOST_BYTES].decode("utf-8", "replace")
    address = named_address(page, answer.url, visited)
    if address:
        return Page(answer.url, address)
    if is_withdrawn(page):
        raise NotThere(f"{shown(answer.url)}: withdrawn")
    raise Unfit("an HTML page that names no PDF")


def is_page(answer: Answer) -> bool:
    """Whether an answer is HTML, whatever it calls itself."""
    start = answer.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "html" in answer.mime or start.startswith((b"<!doctype html", b"<html", b"<script"))


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


def test_a_withdrawn_datasheet_is_missing_whatever_it_is_labelled_as() -> None:
    import pytest

    page = b"<script>window.top.location.href='https://h/product-detail/x_C7.html'</script>"
    for mime in ("application/pdf", "text/html"):
        with pytest.raises(NotThere, match="withdrawn"):
            pdf_or_page(_answer(page, mime))
    # A page that leads to itself leads nowhere.
    own = b'<html><link rel="canonical" href="http://h/a.pdf"></html>'
    with pytest.raises(Unfit, match="names no PDF"):
        pdf_or_page(_answer(own, "application/pdf", "http://h/a.pdf"), ["http://h/a.pdf"])
