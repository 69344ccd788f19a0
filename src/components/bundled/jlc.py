"""JLC OpenAPI's routes for components (UPSTREAMS: JLC OpenAPI)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from components.bundled.cad import hexadecimal
from components.bundled.message import Reply, Request, json_reply, part_number
from components.bundled.part import Part
from components.bundled.signature import Verifier

PAGE_SIZE = 100
CODES_MAX = 1000
_ROOT = "/overseas/openapi/component/"
LISTS = {f"{_ROOT}getComponentInfos", f"{_ROOT}getComponentLibraryList"}


class Jlc:
    """The service over ``parts``, by ascending number."""

    def __init__(
        self,
        parts: Sequence[Part],
        verifier: Verifier | None = None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._parts = parts
        self._by_number = {part.lcsc: index for index, part in enumerate(parts)}
        self._verifier = verifier or Verifier()
        self._now_s = now_s
        self._traces = count(1)
        self._routes: dict[str, Callable[[dict[str, Any]], Any]] = {
            f"{_ROOT}getComponentInfos": self._infos,
            f"{_ROOT}getComponentLibraryList": self._library,
            f"{_ROOT}getComponentDetailByCode": self._details,
        }

    def __call__(self, request: Request) -> Reply:
        trace = ("J-Trace-ID", hexadecimal("trace", next(self._traces)))
        if request.method != "POST":
            return json_reply(_failure(405, "only POST"), 405, trace)
        complaint = self._verifier.complaint(
            request.method,
            request.target,
            request.authorization,
            request.body,
            self._now_s(),
        )
        if complaint:
            return json_reply(_failure(401, complaint), 401, trace)
        route = self._routes.get(request.path)
        if route is None:
            return json_reply(_failure(401, "API not exists"), 401, trace)
        try:
            body = json.loads(request.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return json_reply(_failure(400, "the body must be a JSON object"), 200, trace)
        return json_reply(route(body), 200, trace)

    def _infos(self, body: dict[str, Any]) -> dict[str, Any]:
        page = self._page(body, PAGE_SIZE)
        if page is None:
            return _failure(400, "invalid lastKey")
        rows, last_key = page
        # Beyond the last part there is no empty list but none at all.
        return _success(
            {"componentInfos": [_info(part) for part in rows] or None, "lastKey": last_key}
        )

    def _library(self, body: dict[str, Any]) -> dict[str, Any]:
        size = body.get("pageSize", PAGE_SIZE)
        if not isinstance(size, int) or not 1 <= size <= PAGE_SIZE:
            return _failure(400, f"pageSize must be 1 to {PAGE_SIZE}")
        page = self._page(body, size)
        if page is None:
            return _failure(400, "invalid lastKey")
        rows, last_key = page
        items = [_stub(part) for part in rows] or None
        return _success({"componentLibraryInfoVOS": items, "lastKey": last_key})

    def _page(self, body: dict[str, Any], size: int) -> tuple[Sequence[Part], str | None] | None:
        """The rows after ``lastKey``, and the key of what follows; None for an unknown key."""
        key = body.get("lastKey")
        start = 0
        if key is not None:
            number = part_number(f"C{int(key, 16)}") if _is_key(key) else None
            if number not in self._by_number:
                return None
            start = self._by_number[number] + 1
        rows = self._parts[start : start + size]
        return rows, f"{rows[-1].lcsc:012x}" if rows else None

    def _details(self, body: dict[str, Any]) -> dict[str, Any]:
        codes = body.get("componentCodes")
        if not isinstance(codes, list) or not 1 <= len(codes) <= CODES_MAX:
            return _failure(400, f"componentCodes must be 1 to {CODES_MAX}")
        numbers = [part_number(code) for code in codes if isinstance(code, str)]
        found = [self._by_number[number] for number in numbers if number in self._by_number]
        return _success([_detail(self._parts[index]) for index in found])


def _is_key(key: object) -> bool:
    return isinstance(key, str) and len(key) == 12 and set(key) <= set("0123456789abcdef")


def _success(data: Any) -> dict[str, Any]:
    return {"success": True, "code": 200, "message": "success", "data": data}


def _failure(code: int, message: str) -> dict[str, Any]:
    return {"success": False, "code": code, "message": message, "data": None}


def _parameters(part: Part) -> list[dict[str, str | None]]:
    return [{"parameterName": name, "parameterValue": value} for name, value in part.attributes]


def _info(part: Part) -> dict[str, Any]:
    """An item of the list; ``price`` is one text, ``1-49:0.012,50-:0.009``."""
    prices = (
        f"{price.start}-{price.end if price.end > 0 else ''}:{price.unit_usd}"
        for price in part.prices
    )
    return {
        "lcscPart": part.code,
        "firstCategory": part.category,
        "secondCategory": part.subcategory,
        "mfrPart": part.mfr,
        "package": part.package,
        "solderJoint": str(part.joints),
        "manufacturer": part.manufacturer,
        "libraryType": "base" if part.is_basic else "expand",
        "description": part.description,
        "datasheet": part.datasheet,
        "stock": part.stock,
        "price": ",".join(prices),
    }


def _stub(part: Part) -> dict[str, Any]:
    """An item of the library list: nothing that changes from day to day."""
    return {
        "componentCode": part.code,
        "componentModel": part.mfr,
        "componentSpecification": part.package,
    }


def _detail(part: Part) -> dict[str, Any]:
    """A part's details, without its manufacturer; the datasheet under one of three names."""
    datasheet = ("datasheetUrl", "dataManualUrl", "dataManualOfficialLink")[part.lcsc % 3]
    return {
        "componentCode": part.code,
        "firstTypeName": part.category,
        "secondTypeName": part.subcategory,
        "componentModel": part.mfr,
        "componentSpecification": part.package,
        "solderJointCount": part.joints,
        "libraryType": "base" if part.is_basic else "expand",
        "description": part.description,
        datasheet: part.datasheet or None,
        "stockCount": part.stock,
        "priceRanges": [
            {"startQuantity": price.start, "endQuantity": price.end, "unitPrice": price.unit_usd}
            for price in part.prices
        ],
        "parameters": _parameters(part) or None,
        "rohsFlag": True,
        "eccnCode": "EAR99",
        "assemblyComponentFlag": bool(part.joints),
    }


def _ask(service: Jlc, path: str, content: Any) -> dict[str, Any]:
    from components.bundled.signature import DEMO, authorization, sign

    body = json.dumps(content).encode()
    nonce = hexadecimal("nonce", path, body)
    signature = sign(DEMO.secret_key, "POST", path, "1700000000", nonce, body)
    header = authorization(DEMO, signature, "1700000000", nonce)
    reply = service(Request("POST", path, "", path, header, body))
    assert reply.status == 200 and reply.headers[0][0] == "J-Trace-ID"
    answer: dict[str, Any] = json.loads(reply.body)
    return answer


def _service() -> Jlc:
    from components.bundled.catalogue import parts

    return Jlc(parts(), now_s=lambda: 1_700_000_000)


def test_both_lists_name_every_part_once_and_end_in_null() -> None:
    from components.bundled.catalogue import parts

    service = _service()
    for path, rows, name in (
        (f"{_ROOT}getComponentInfos", "componentInfos", "lcscPart"),
        (f"{_ROOT}getComponentLibraryList", "componentLibraryInfoVOS", "componentCode"),
    ):
        codes: list[str] = []
        question: dict[str, str] = {}
        while True:
            data = _ask(service, path, question)["data"]
            if data[rows] is None:
                break
            codes += [row[name] for row in data[rows]]
            question = {"lastKey": data["lastKey"]}
        assert codes == [part.code for part in parts()]


def test_details_are_a_bare_list_without_manufacturer_or_preference() -> None:
    from components.bundled.catalogue import parts

    chosen = parts()[:4]
    codes = ["C1", *(part.code for part in chosen)]
    rows = _ask(_service(), f"{_ROOT}getComponentDetailByCode", {"componentCodes": codes})["data"]
    assert [row["componentModel"] for row in rows] == [part.mfr for part in chosen]
    assert not {"manufacturer", "preferredComponentFlag", "images"} & set(rows[0])


def test_a_wrong_question_is_a_business_error_within_http_200() -> None:
    service = _service()
    for path, question, code in (
        ("getComponentInfos", {"lastKey": "zz"}, 400),
        ("getComponentInfos", [], 400),
        ("getComponentDetailByCode", {"componentCodes": "C1"}, 400),
        ("getComponentDetailByCode", {"componentCodes": ["C1"] * 1001}, 400),
        ("getComponentLibraryList", {"pageSize": 101}, 400),
    ):
        answer = _ask(service, _ROOT + path, question)
        assert (answer["success"], answer["code"]) == (False, code), path


def test_an_unknown_route_is_answered_like_a_wrong_signature() -> None:
    from components.bundled.signature import DEMO, authorization, sign

    path, nonce = f"{_ROOT}getComponentDetail", "0" * 32
    signature = sign(DEMO.secret_key, "POST", path, "1700000000", nonce, b"{}")
    header = authorization(DEMO, signature, "1700000000", nonce)
    reply = _service()(Request("POST", path, "", path, header, b"{}"))
    assert reply.status == 401 and json.loads(reply.body)["message"] == "API not exists"


def test_an_unsigned_request_is_refused() -> None:
    reply = _service()(Request("POST", f"{_ROOT}getComponentInfos", body=b"{}"))
    assert reply.status == 401 and not json.loads(reply.body)["success"]
