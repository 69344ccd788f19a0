"""JLC's API as its documentation and logs of real calls have it, for tests of the live mode.

Written from UPSTREAMS.md alone and apart from the bundled upstream: it shares no code and no
belief with it, nor with the crawl that asks it. Signatures are checked as the service does.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from components.testing.fetch import Asked, Reply, service

CREDENTIALS = {"JLC_APP_ID": "app-7", "JLC_ACCESS_KEY": "access-7", "JLC_SECRET_KEY": "s3cret-7"}
LIST = "/overseas/openapi/component/getComponentInfos"
DETAILS = "/overseas/openapi/component/getComponentDetailByCode"
A_PAGE = 100
_FIELD = re.compile(r'(appid|accesskey|timestamp|nonce|signature)="([^"]*)"')


@dataclass
class LiveJlc:
    """An account's view of ``count`` parts, from C5001 on; ``day`` changes stocks and prices."""

    count: int
    day: int = 1
    throttle_every: int = 0
    """Each so manieth call is answered by 429, in turn as HTTP status and as business code."""
    latency_s: float = 0.0
    details_denied: bool = False
    list_denied: bool = False
    forgets: set[int] = field(default_factory=set)
    """Pages whose cursor is refused once."""
    single: str = ""
    """Another route for details, which takes one code."""
    calls: Counter[str] = field(default_factory=Counter)
    pages: list[int] = field(default_factory=list)
    wanted: list[int] = field(default_factory=list)
    """How many codes each request for details named."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._nonces: set[str] = set()

    def answer(self, asked: Asked) -> Reply:
        """The service's answer to one request."""
        with self._lock:
            self.calls["all"] += 1
            number = self.calls["all"]
        time.sleep(self.latency_s)
        trace = {"J-Trace-ID": f"trace-{number:06d}", "Content-Type": "application/json"}
        if self.throttle_every and number % self.throttle_every == 0:
            self.calls["throttled"] += 1
            http = number // self.throttle_every % 2
            return (429 if http else 200), trace, _json(429, "Too Many Requests", None)
        if complaint := self._complaint(asked):
            return 401, trace, _json(401, complaint, None)
        question = json.loads(asked.body)
        if asked.path == LIST:
            status, body = self._list(question)
        elif asked.path == DETAILS:
            status, body = self._details(question)
        elif self.single and asked.path == self.single:
            status, body = 200, _json(200, "ok", self._detail(question["componentCode"]))
        else:
            status, body = 401, _json(401, "API not exists", None)
        return status, trace, body

    def _complaint(self, asked: Asked) -> str:
        scheme, _, rest = asked.headers.get("authorization", "").partition(" ")
        said = dict(_FIELD.findall(rest))
        text = "\n".join(
            (asked.method, asked.path, said.get("timestamp", ""), said.get("nonce", ""))
        )
        signed = hmac.new(
            CREDENTIALS["JLC_SECRET_KEY"].encode(),
            f"{text}\n{asked.body.decode()}\n".encode(),
            hashlib.sha256,
        )
        good = (
            scheme == "JOP"
            and said.get("appid") == CREDENTIALS["JLC_APP_ID"]
            and said.get("accesskey") == CREDENTIALS["JLC_ACCESS_KEY"]
            and abs(int(said.get("timestamp", "0")) - time.time()) < 300
            and len(said.get("nonce", "")) == 32
            and said["nonce"] not in self._nonces
            and said.get("signature") == base64.b64encode(signed.digest()).decode()
        )
        self._nonces.add(said.get("nonce", ""))
        return "" if good else "signature verify failed"

    def _list(self, question: dict[str, Any]) -> tuple[int, bytes]:
        if self.list_denied:
            return 403, _json(403, "No permission", None)
        key = question.get("lastKey", "key-0")
        page = int(key.removeprefix("key-"))
        if page in self.forgets:
            self.forgets.discard(page)
            self.calls["forgotten"] += 1
            return 200, _json(400, "lastKey is invalid or expired", None)
        self.calls["list"] += 1
        self.pages.append(page)
        first = page * A_PAGE
        rows = [self._item(n) for n in range(first, min(first + A_PAGE, self.count))]
        # Beyond the end there is no list, and the key is gone as well.
        data = {"componentInfos": rows or None, "lastKey": f"key-{page + 1}" if rows else None}
        return 200, _json(200 if page % 2 else "200", "success", data)

    def _item(self, n: int) -> dict[str, Any]:
        return {
            "lcscPart": f"C{5001 + n}",
            "firstCategory": "Resistors",
            "secondCategory": "Chip Resistor - Surface Mount",
            "mfrPart": f"RX-{n}",
            "package": "R0402",
            "solderJoint": "2",
            "manufacturer": f"Maker {n % 7}",
            "libraryType": "base" if n % 10 == 0 else "expand",
            "description": f"{n % 900 + 1}Ω ±1% 62.5mW",
            "datasheet": f"https://d.example/C{5001 + n}.pdf",
            "stock": self.stock(n),
            "price": f"1-9:{self.price(n)},10-99:{self.price(n) / 2},1000-:0.001",
        }

    def stock(self, n: int) -> int:
        return n * 13 % 5000 + self.day

    def price(self, n: int) -> float:
        return round(0.01 + n % 50 / 1000 + self.day, 4)

    def _details(self, question: dict[str, Any]) -> tuple[int, bytes]:
        if self.details_denied:
            self.calls["denied"] += 1
            return 403, _json(403, "No permission to access this interface", None)
        codes = question.get("componentCodes")
        if not isinstance(codes, list) or not 1 <= len(codes) <= 1000:
            return 200, _json(400, "componentCodes", None)
        self.calls["details"] += 1
        self.wanted.append(len(codes))
        return 200, _json(200, "success", [self._detail(code) for code in codes])

    def _detail(self, code: str) -> dict[str, Any]:
        n = int(code[1:]) - 5001
        return {
            "componentCode": code,
            "firstTypeName": "Resistors",
            "secondTypeName": "Chip Resistor - Surface Mount",
            "componentModel": f"RX-{n}",
            "componentSpecification": "R0402",
            "solderJointCount": 2,
            "libraryType": "base" if n % 10 == 0 else "expand",
            "description": "",
            "dataManualUrl": f"https://d.example/Maker{n % 7}_RX-{n}_C{5001 + n}.pdf",
            "stockCount": self.stock(n),
            "priceRanges": [{"startQuantity": 1, "endQuantity": -1, "unitPrice": 9.0}],
            "parameters": [
                {"parameterName": "Resistance", "parameterValue": f"{n % 900 + 1}Ω"},
                {"parameterName": "Tolerance", "parameterValue": "±1%"},
                {"parameterName": "Power(Watts)", "parameterValue": "62.5mW"},
            ],
            "rohsFlag": True,
        }


def _json(code: object, message: str, data: object) -> bytes:
    success = code in (200, "200")
    content = {"success": success, "code": code, "message": message, "data": data}
    return json.dumps(content, ensure_ascii=False).encode()


@contextmanager
def serving(jlc: LiveJlc) -> Iterator[str]:
    """Serve it until the block ends; the base address."""
    with service(jlc.answer) as base:
        yield base
