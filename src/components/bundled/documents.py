"""Datasheets: small valid PDF files, and the HTML pages that the shops wrap them in."""

from __future__ import annotations

import html
from urllib.parse import quote

from components.bundled.cad import hexadecimal
from components.bundled.draw import Draw
from components.bundled.part import Part

HOME = b"<!DOCTYPE html><html><head><title>Home</title></head><body>Welcome</body></html>"
_HOST = "datasheets.upstream.test"


def pdf(part: Part) -> bytes:
    """A datasheet of one page (ISO 32000-1, section 7.5): its text names the part."""
    lines = [part.mfr, part.code, part.manufacturer or "", part.subcategory, part.package]
    lines += [f"{name}: {value}" for name, value in part.attributes]
    content = "BT /F1 11 Tf 14 TL 60 780 Td\n"
    content += "".join(f"({_escaped(line)}) Tj T*\n" for line in lines) + "ET\n"
    # Real ones run to megabytes; a few kilobytes of drawing give the store something to do.
    draw = Draw("pdf", part.lcsc)
    content += "".join(
        f"{60 + 4 * step} {300 + draw.below(200)} {'m' if step == 0 else 'l'}\n"
        for step in range(40 + draw.below(80))
    )
    stream = (content + "S\n").encode("ascii")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%bendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    return _assembled(objects)


def _assembled(objects: tuple[bytes, ...]) -> bytes:
    pieces = [b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"]
    offsets, position = [], len(pieces[0])
    for number, content in enumerate(objects, 1):
        piece = b"%d 0 obj\n%b\nendobj\n" % (number, content)
        offsets.append(position)
        pieces.append(piece)
        position += len(piece)
    pieces.append(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    pieces += [b"%010d 00000 n \n" % offset for offset in offsets]
    pieces.append(
        b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, position)
    )
    return b"".join(pieces)


def _escaped(text: str) -> str:
    latin = text.encode("ascii", "replace").decode()
    return latin.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def address_spellings(path: str) -> tuple[str, ...]:
    """``previewPdfUrl`` in every spelling that pages use for the address of ``path``."""
    plain = f"http://{_HOST}{path}"
    return (
        plain,
        plain.replace("/", "\\/"),
        plain.replace("/", "\\u002F"),
        f"http:/\\u002F\\u002F{_HOST}{path}".replace("http:/\\u002F\\u002F", "/\\u002F\\u002F", 1),
        f"//{_HOST}{path}",
        f"//{_HOST}{path}".replace("/", "\\u002F"),
    )


def wrapper(part: Part) -> bytes:
    """The HTML page that shows the datasheet; the address stands in one of its spellings."""
    spellings = address_spellings(f"/pdf/{part.code}.pdf")
    address = spellings[part.lcsc // 7 % len(spellings)]
    return (
        "<!DOCTYPE html><html><head><title>Datasheet</title></head><body>"
        f'<script>window.__STATE__={{productCode:"{part.code}",previewPdfUrl:"{address}",'
        "pdfPages:1}</script></body></html>"
    ).encode()


def viewer_page(part: Part) -> bytes:
    """The page that shops show since 2026: a link to the file, and a viewer that is told of it."""
    file = f"http://{_HOST}/datasheet/pdf/{hexadecimal('file', part.lcsc)}.pdf"
    address = f"{file}?productCode={part.code}"
    viewer = f"http://{_HOST}/viewer.html?file={quote(address, safe='')}"
    # The real one is of about 9 kB: menus, styles and scripts.
    filler = "".join(f'<li><a href="/c/{n}.html">Category {n}</a></li>' for n in range(220))
    return (
        f"<!DOCTYPE html><html><head><title>{part.code}</title></head><body><ul>{filler}</ul>"
        f'<a href="{html.escape(address)}">Download</a><iframe src="{html.escape(viewer)}">'
        "</iframe></body></html>"
    ).encode()


def withdrawn(code: str) -> bytes:
    """What stands in place of a datasheet that was taken back: a way to the product's page."""
    page = f"http://{_HOST}/product-detail/{code}.html"
    return f"<script>window.top.location.href='{page}'</script>".encode()


def test_a_pdf_points_at_its_own_objects() -> None:
    from components.bundled.catalogue import parts

    for part in parts()[:60]:
        data = pdf(part)
        assert data.startswith(b"%PDF-1.4\n") and data.endswith(b"%%EOF\n")
        table = int(data.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
        assert data[table:].startswith(b"xref\n0 6\n")
        rows = data[table:].split(b"\n")[3:8]
        for number, row in enumerate(rows, 1):
            assert data[int(row[:10]) :].startswith(b"%d 0 obj\n" % number)
        start = data.index(b"stream\n") + 7
        length = int(data.split(b"/Length ", 1)[1].split(b">>")[0])
        assert data[start + length :].startswith(b"endstream")
        assert part.code.encode() in data


def test_a_page_names_its_pdf_in_every_spelling() -> None:
    spellings = address_spellings("/pdf/C1.pdf")
    assert spellings[1] == "http:\\/\\/datasheets.upstream.test\\/pdf\\/C1.pdf"
    assert spellings[2].startswith("http:\\u002F\\u002Fdatasheets")
    assert spellings[3] == "/\\u002F\\u002Fdatasheets.upstream.test/pdf/C1.pdf"
    assert spellings[4] == "//datasheets.upstream.test/pdf/C1.pdf"
