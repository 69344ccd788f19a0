"""JLC OpenAPI, both generations of its endpoints (UPSTREAMS: JLC OpenAPI)."""

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
CODES_MOST = 1000
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
            f"{_ROOT}getComponentDetail": self._info,
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
            return json_reply(_failure(404, "no such interface"), 404, trace)
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
        return _success({"componentInfos": [_info(part) for part in rows], "lastKey": last_key})

    def _library(self, body: dict[str, Any]) -> dict[str, Any]:
        size = body.get("pageSize", PAGE_SIZE)
        if not isinstance(size, int) or not 1 <= size <= PAGE_SIZE:
            return _failure(400, f"pageSize must be 1 to {PAGE_SIZE}")
        page = self._page(body, size)
        if page is None:
            return _failure(400, "invalid lastKey")
        rows, last_key = page
        items = [_library_item(part) for part in rows]
        return _success({"componentLibraryInfoVOS": items, "lastKey": last_key})

    def _page(self, body: dict[str, Any], size: int) -> tuple[Sequence[Part], str | None] | None:
        """The rows after ``lastKey``, and the key of the next page; None for an unknown key."""
        key = body.get("lastKey")
        start = 0
        if key is not None:
            number = part_number(f"C{int(key, 16)}") if _is_key(key) else None
            if number not in self._by_number:
                return None
            start = self._by_number[number] + 1
        rows = self._parts[start : start + size]
        more = start + size < len(self._parts)
        return rows, f"{rows[-1].lcsc:012x}" if more else None

    def _info(self, body: dict[str, Any]) -> dict[str, Any]:
        index = self._by_number.get(part_number(str(body.get("componentCode"))) or 0)
        if index is None:
            return _failure(404, "component does not exist")
        part = self._parts[index]
        return _success(_info(part) | {"rohsFlag": True, "eccnCode": "EAR99"})

    def _details(self, body: dict[str, Any]) -> dict[str, Any]:
        codes = body.get("componentCodes")
        if not isinstance(codes, list) or not 1 <= len(codes) <= CODES_MOST:
            return _failure(400, f"componentCodes must be 1 to {CODES_MOST}")
        numbers = [part_number(code) for code in codes if isinstance(code, str)]
        found = [self._by_number[number] for number in numbers if number in self._by_number]
        rows = [_library_item(self._parts[index]) for index in found]
        # Both forms occur; which one depends on the question alone.
        as_object = sum(number or 0 for number in numbers) % 2 == 0
        return _success({"componentDetailResponseVOList": rows} if as_object else rows)


def _is_key(key: object) -> bool:
    return isinstance(key, str) and len(key) == 12 and set(key) <= set("0123456789abcdef")


def _success(data: Any) -> dict[str, Any]:
    return {"success": True, "code": 200, "message": "success", "data": data}


def _failure(code: int, message: str) -> dict[str, Any]:
    return {"success": False, "code": code, "message": message, "data": None}


def _parameters(part: Part) -> list[dict[str, str | None]]:
    return [{"parameterName": name, "parameterValue": value} for name, value in part.attributes]


def _info(part: Part) -> dict[str, Any]:
    """An item of the first generation; ``price`` is one text, ``1-49:0.012,50-:0.009``."""
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
        "libraryType": ("base" if part.lcsc % 2 else "basic") if part.is_basic else "expand",
        "preferredComponentFlag": part.is_preferred,
        "description": part.description,
        "datasheet": part.datasheet,
        "stock": part.stock,
        "price": ",".join(prices),
        "parameters": _parameters(part),
        "images": list(part.images),
    }


def _library_item(part: Part) -> dict[str, Any]:
    """An item of the second generation; the datasheet stands under one of three names."""
    datasheet = ("datasheetUrl", "dataManualUrl", "dataManualOfficialLink")[part.lcsc % 3]
    return {
        "componentCode": part.code,
        "firstTypeName": part.category,
        "secondTypeName": part.subcategory,
        "componentModel": part.mfr,
        "componentSpecification": part.package,
        "solderJointCount": part.joints,
        "manufacturer": part.manufacturer,
        "libraryType": "basic" if part.is_basic else "extended",
        "preferredComponentFlag": part.is_preferred,
        "description": part.description,
        datasheet: part.datasheet or None,
        "stockCount": part.stock,
        "priceRanges": [
            {"startQuantity": price.start, "endQuantity": price.end, "unitPrice": price.unit_usd}
            for price in part.prices
        ],
        "parameters": _parameters(part) or None,
        "images": list(part.images),
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


def test_both_generations_list_every_part_once() -> None:
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
            codes += [row[name] for row in data[rows]]
            if data["lastKey"] is None:
                break
            question = {"lastKey": data["lastKey"]}
        assert codes == [part.code for part in parts()]


def test_details_come_as_a_list_or_as_an_object() -> None:
    from components.bundled.catalogue import parts

    service, path = _service(), f"{_ROOT}getComponentDetailByCode"
    forms = set()
    for part in parts()[:4]:
        data = _ask(service, path, {"componentCodes": [part.code, "C1"]})["data"]
        forms.add(type(data).__name__)
        rows = data if isinstance(data, list) else data["componentDetailResponseVOList"]
        assert [row["componentModel"] for row in rows] == [part.mfr]
    assert forms == {"list", "dict"}
    one = _ask(service, f"{_ROOT}getComponentDetail", {"componentCode": parts()[9].code})
    assert one["data"]["mfrPart"] == parts()[9].mfr


def test_a_wrong_question_is_a_business_error_within_http_200() -> None:
    service = _service()
    for path, question, code in (
        ("getComponentInfos", {"lastKey": "zz"}, 400),
        ("getComponentInfos", [], 400),
        ("getComponentDetail", {"componentCode": "C1"}, 404),
        ("getComponentDetailByCode", {"componentCodes": ["C1"] * 1001}, 400),
        ("getComponentLibraryList", {"pageSize": 101}, 400),
    ):
        answer = _ask(service, _ROOT + path, question)
        assert (answer["success"], answer["code"]) == (False, code), path


def test_an_unsigned_request_is_refused() -> None:
    reply = _service()(Request("POST", f"{_ROOT}getComponentInfos", body=b"{}"))
    assert reply.status == 401 and not json.loads(reply.body)["success"]
