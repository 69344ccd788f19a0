"""Which PDF an HTML page of a shop is about (UPSTREAMS: LCSC and datasheets).

Pages come in several forms, and hosts change; so the address is found by its shape: a setting
``previewPdfUrl``, the file that a viewer is told to show, or an address that ends in ``.pdf``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from urllib.parse import unquote, urljoin, urlsplit

_PREVIEW = re.compile(r"""previewPdfUrl["']?\s*[:=]\s*(["'])(?P<address>.*?)\1""")
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))")
_VIEWER = re.compile(r"""[?&]file=([^"'&\s<>]+)""")
_QUOTED = re.compile(r"""["'=(]\s*([^"'\s<>()]{1,2000})""")
_AWAY = re.compile(r"""location(?:\.href)?\s*=\s*["']([^"']*)["']""")
_CODE = re.compile(r"C\d{2,}")


def named_address(page: str, url: str, visited: Collection[str] = ()) -> str:
    """The absolute address of the PDF that ``page`` at ``url`` shows; empty where it names none.

    What was ``visited`` is not named again: pages give their own address too, which ends in
    ``.pdf`` like that of the file.
    """
    seen = {_place(address) for address in (url, *visited)}
    code = _CODE.search(urlsplit(url).path)
    found = [
        address
        for address in (urljoin(url, text) for text in _candidates(page))
        if _place(address) not in seen
    ]
    # Other files of the shop, its terms for instance, are named on the same page.
    own = [address for address in found if code and code[0] in address]
    return next(iter(own or found), "")


def _candidates(page: str) -> Iterator[str]:
    if preview := preview_address(page):
        yield preview
        return
    plain = html.unescape(_ESCAPED.sub(_unescape, page))
    viewed = [unquote(match[1]) for match in _VIEWER.finditer(plain)]
    if shown := [text for text in viewed if text.startswith(("http://", "https://", "/"))]:
        yield from shown
        return
    for match in _QUOTED.finditer(plain):
        if _path(match[1]).lower().endswith(".pdf"):
            yield match[1]


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _place(address: str) -> str:
    """Host and path: what makes two spellings of one address the same."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    return f"{parts.netloc.lower()}{parts.path}"


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


def is_withdrawn(page: str) -> bool:
    """Whether a page does nothing but lead to the product's page, or to the shop's first one.

    >>> is_withdrawn("<script>window.top.location.href='//h/product-detail/x_C7.html'</script>")
    True
    >>> is_withdrawn("<script>window.location = '/'</script>"), is_withdrawn("<p>busy</p>")
    (True, False)
    """
    match = _AWAY.search(page)
    if match is None:
        return False
    target = _path(_ESCAPED.sub(_unescape, match[1]))
    return "product-detail" in target or target in ("", "/")


def test_a_viewer_page_names_its_file() -> None:
    file = "https://d.host/datasheet/pdf/0a1b.pdf?productCode=C77"
    page = f"""<html><link rel="canonical" href="https://w.host/datasheet/C77.pdf">
        <a href="{html.escape(file)}">Download</a><a href="/terms.pdf">Terms</a>
        <iframe src="https://w.host/viewer.html?file={
        file.replace(":", "%3A").replace("/", "%2F").replace("?", "%3F").replace("=", "%3D")
    }"></iframe></html>"""
    url = "https://w.host/datasheet/C77.pdf"
    assert named_address(page, url) == file
    without = page[: page.index("<iframe")]
    assert named_address(without, url) == file
    assert named_address(without.replace('C77">D', '">D'), url).endswith(".pdf?productCode=")
    assert named_address("<html><a href='x.pdf'>", "https://h/a/") == "https://h/a/x.pdf"
    assert named_address("<html><a href='x.txt'>", "https://h/a/") == ""


def test_hostile_pages_end() -> None:
    for page in ("=" * 300_000, "'" * 300_000, "[?&]file=" * 50_000, "previewPdfUrl:" * 30_000):
        assert isinstance(named_address(f"<html>{page}", "http://h/C10"), str)
    assert named_address('<a href="http://[::1.pdf">', "http://h/") == ""
