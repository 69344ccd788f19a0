"""LCSC product records, EasyEDA's CAD and models, datasheet hosts and pictures (UPSTREAMS)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from components.bundled.cad import NO_CAD, cad_answer, model_uuid
from components.bundled.documents import HOME, pdf, viewer_page, withdrawn, wrapper
from components.bundled.images import picture
from components.bundled.mesh import obj_model
from components.bundled.message import (
    DOMAIN,
    HTML,
    JSON,
    Reply,
    Request,
    json_reply,
    not_found,
    part_number,
    redirect,
)
from components.bundled.part import Part
from components.bundled.step import step_model

STEP_FOLDER = "qAxj6KHrDKw4blvCG8QJPs7Y"
_IMAGE = re.compile(r"^/images/(96|224|900)x\1/[A-Za-z0-9-]+_C(\d+)_(front|back)\.(jpg|png)$")
_HOME = Reply(200, HOME, HTML)


class Lcsc:
    """``GET /ftps/wm/product/detail?productCode=C<id>``; lists of nothing are null."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = {part.lcsc: part for part in parts}

    def __call__(self, request: Request) -> Reply:
        if request.path == "/":
            return _HOME
        if request.path != "/ftps/wm/product/detail":
            return not_found(request.path)
        part = self._parts.get(part_number(request.argument("productCode")) or 0)
        return json_reply({"code": 200, "msg": None, "result": _record(part) if part else None})


def _record(part: Part) -> dict[str, Any]:
    return {
        "productCode": part.code,
        "productModel": part.mfr,
        "brandNameEn": part.manufacturer,
        "parentCatalogName": part.category,
        "catalogName": part.subcategory,
        "encapStandard": part.package,
        "productIntroEn": part.description,
        "stockNumber": part.stock,
        "paramVOList": [
            {"paramNameEn": name, "paramValueEn": value} for name, value in part.attributes
        ]
        or None,
        "productPriceList": [
            {"ladder": price.start, "usdPrice": price.unit_usd} for price in part.prices
        ],
        "productImages": [image["900x900"] for image in part.images] or None,
        "pdfUrl": part.datasheet or None,
    }


class EasyEda:
    """CAD answers; a folder of saved ones (``C<id>.json``) goes before the generated ones."""

    _path = re.compile(r"^/api/products/(C\d+)/components$")

    def __init__(self, parts: Sequence[Part], answers: Path | None = None) -> None:
        self._parts = {part.lcsc: part for part in parts}
        self._answers = (
            {
                part_number(path.stem): path
                for path in sorted(answers.glob("C*.json"))
                if part_number(path.stem)
            }
            if answers
            else {}
        )
        self._order = [part.lcsc for part in parts if part.models != "no-cad"]

    def __call__(self, request: Request) -> Reply:
        match = self._path.match(request.path)
        if match is None or request.method != "GET":
            return _HOME if request.path == "/" else not_found(request.path)
        number = part_number(match[1])
        if number in self._answers:
            return Reply(200, self._answers[number].read_bytes(), JSON)
        part = self._parts.get(number or 0)
        if part is None or part.models == "no-cad":
            return Reply(200, NO_CAD, JSON)
        return Reply(200, cad_answer(part), JSON)

    def of_another_part(self, request: Request) -> Reply:
        """A well-formed answer that is not of the part asked for, as a search gives it."""
        match = self._path.match(request.path)
        asked = part_number(match[1]) if match else None
        other = next(number for number in self._order if number != asked)
        return Reply(200, cad_answer(self._parts[other]), JSON)


class Modules:
    """3D models by uuid: ``/3dmodel/<uuid>`` is OBJ, the odd folder STEP; either can be missing."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._obj: dict[str, str] = {}
        self._step: dict[str, str] = {}
        for part in parts:
            uuid = model_uuid(part.outline, part.models)
            if part.models in ("both", "obj-only"):
                self._obj[uuid] = part.outline
            if part.models in ("both", "step-only"):
                self._step[uuid] = part.outline

    def __call__(self, request: Request) -> Reply:
        _, folder, uuid = ([*request.path.split("/"), "", ""])[:3]
        if folder == "3dmodel" and uuid in self._obj:
            return Reply(200, obj_model(self._obj[uuid]), "application/octet-stream")
        if folder == STEP_FOLDER and uuid in self._step:
            return Reply(200, step_model(self._step[uuid]), "application/octet-stream")
        return _HOME if request.path == "/" else not_found(request.path)


class Datasheets:
    """PDF files, the pages that wrap them, redirects, expired links and missing files."""

    _path = re.compile(r"^/(pdf|datasheet|go|expired|gone|bare)/(C\d+)\.(?:pdf|html)$")
    _file = re.compile(r"^/datasheet/pdf/[0-9a-f]{32}\.pdf$")
    _access = re.compile(r"^/api/file/downloadByFileSystemAccessId/85(\d+)00$")

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = {part.lcsc: part for part in parts}

    def __call__(self, request: Request) -> Reply:
        if match := self._access.match(request.path):
            part = self._parts.get(int(match[1]))
            if part:
                return Reply(200, pdf(part), "application/octet-stream")
        if self._file.match(request.path):
            part = self._parts.get(part_number(request.argument("productCode")) or 0)
            return Reply(200, pdf(part), "application/pdf") if part else not_found(request.path)
        match = self._path.match(request.path)
        if match is None:
            return _HOME if request.path == "/" else not_found(request.path)
        kind, part = match[1], self._parts.get(part_number(match[2]) or 0)
        if part is None or kind == "gone":
            return not_found(request.path)
        if kind == "pdf":
            return Reply(200, pdf(part), "application/pdf")
        if kind == "datasheet":
            # Both pages are met, and either under an address that promises a PDF.
            page = viewer_page(part) if part.lcsc % 2 else wrapper(part)
            return Reply(200, page, HTML if part.lcsc % 3 else "application/pdf")
        if kind == "go":
            return self._redirect(part, request.argument("hops"))
        if kind == "expired":
            # Some were withdrawn: their page leads to the product's.
            gone = Reply(200, withdrawn(part.code), "application/pdf")
            return gone if part.lcsc % 2 else redirect(f"http://datasheets.{DOMAIN}/")
        return Reply(200, HOME.replace(b"Welcome", b"No preview"), HTML)

    def _redirect(self, part: Part, hops: str) -> Reply:
        left = int(hops) if hops.isdecimal() and len(hops) < 4 else 0
        if left > 1:
            return redirect(f"/go/{part.code}.pdf?hops={left - 1}")
        return redirect(f"http://datasheets.{DOMAIN}/pdf/{part.code}.pdf")


def images(request: Request) -> Reply:
    """Pictures in three sizes; one address always gives the same."""
    match = _IMAGE.match(request.path)
    if match is None:
        return _HOME if request.path == "/" else not_found(request.path)
    png = match[4] == "png"
    data = picture(f"C{match[2]}-{match[3]}", int(match[1]), png=png)
    return Reply(200, data, "image/png" if png else "image/jpeg")


def test_every_address_of_the_catalogue_answers_as_its_kind_says() -> None:
    from urllib.parse import urlsplit

    from components.bundled.catalogue import parts

    service = Datasheets(parts())
    first: dict[str, tuple[Reply, Part]] = {}
    for part in parts():
        if part.datasheet_kind not in ("none", "hostile"):
            address = urlsplit(part.datasheet)
            reply = service(Request("GET", address.path, address.query))
            kind = part.datasheet_kind + (" odd" if part.lcsc % 2 else "")
            first.setdefault(kind, (reply, part))
    seen = {kind: (reply.status, reply.body[:4]) for kind, (reply, _) in first.items()}
    assert seen["direct"] == seen["octet"] == (200, b"%PDF")
    assert seen["wrapped"][0] == seen["bare"][0] == 200
    assert b"previewPdfUrl" in first["wrapped"][0].body
    assert b"viewer.html?file=http%3A%2F%2F" in first["wrapped odd"][0].body
    assert b"window.top.location.href=" in first["expired odd"][0].body
    assert b"previewPdfUrl" not in first["bare"][0].body
    assert seen["gone"][0] == 404
    assert first["expired"][0].headers == (("location", "http://datasheets.upstream.test/"),)
    reply, part = first["redirected"]
    assert reply.headers == (("location", f"/go/{part.code}.pdf?hops=1"),)
    last = service(Request("GET", f"/go/{part.code}.pdf", "hops=1"))
    assert last.headers[0][1] == f"http://datasheets.upstream.test/pdf/{part.code}.pdf"


def test_models_are_missing_where_the_part_says_so() -> None:
    from components.bundled.catalogue import parts

    service = Modules(parts())
    for models, obj, step in (
        ("both", 200, 200),
        ("obj-only", 200, 404),
        ("step-only", 404, 200),
        ("none", 404, 404),
    ):
        part = next(part for part in parts() if part.models == models)
        uuid = model_uuid(part.outline, part.models)
        assert service(Request("GET", f"/3dmodel/{uuid}")).status == obj
        assert service(Request("GET", f"/{STEP_FOLDER}/{uuid}")).status == step


def test_saved_answers_go_first(tmp_path: Path) -> None:
    from components.bundled.catalogue import parts

    (tmp_path / "C2040.json").write_bytes(b'{"saved":1}')
    service = EasyEda(parts(), tmp_path)
    assert service(Request("GET", "/api/products/C2040/components")).body == b'{"saved":1}'
    assert service(Request("GET", "/api/products/C2041/components")).body == NO_CAD
    asked = Request("GET", f"/api/products/{parts()[0].code}/components")
    assert parts()[0].code.encode() in service(asked).body
    assert parts()[0].code.encode() not in service.of_another_part(asked).body


def test_records_and_pictures_of_a_part() -> None:
    import json

    from components.bundled.catalogue import parts

    part = next(part for part in parts() if part.images and part.attributes)
    query = f"productCode={part.code}"
    record = json.loads(Lcsc(parts())(Request("GET", "/ftps/wm/product/detail", query)).body)
    assert record["result"]["productModel"] == part.mfr
    assert record["result"]["paramVOList"][0]["paramNameEn"] == part.attributes[0][0]
    path = part.images[0]["900x900"].removeprefix("http://images.upstream.test")
    assert images(Request("GET", path)).media_type.startswith("image/")
    assert images(Request("GET", "/images/../etc/passwd")).status == 404
