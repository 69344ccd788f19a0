"""The one table of routes: by exact path where a path has no parameters, else by pattern."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from starlette.routing import BaseRoute, Match, Mount

from components.serve.http.asgi import Refusal, Scope
from components.serve.route import Answer, AtOnce, Declared, Routes
from components.serve.services import Services


@dataclass(frozen=True)
class Found:
    """What a request is answered by."""

    number: int
    """Of its label in the metrics."""
    method: str = ""
    route: BaseRoute | None = None
    answer: Answer | None = None
    is_always: bool = False
    is_open: bool = False
    body_max_bytes: int | None = None
    refusal: Refusal | None = None
    """Why nothing answers it: 404, or 405 with the methods that are."""
    scope: dict[str, Any] = field(default_factory=dict)
    """What matching adds to the request's scope: the path's parameters."""


class Table:
    """Routes of one worker; ``labels`` are those of its metrics, the last that of unknown paths."""

    def __init__(
        self, declared: Iterable[Declared], labels: Sequence[str], services: Services | None
    ) -> None:
        self.other = len(labels) - 1
        self.at_once: dict[str, tuple[Found, AtOnce]] = {}
        self._exact: dict[str, dict[str, Found]] = {}
        self._patterns: list[Found] = []
        for each in declared:
            found = Found(
                labels.index(each.label),
                each.method,
                each.route,
                each.answer(services) if each.answer and services else None,
                each.is_always,
                each.is_open,
                each.body_max_bytes,
            )
            if "{" in each.path or isinstance(each.route, Mount):
                self._patterns.append(found)
            else:
                self._exact.setdefault(each.path, {})[each.method] = found
            if each.at_once and services:
                self.at_once[each.path] = found, each.at_once(services)

    def find(self, scope: Scope) -> Found:
        """The route of a request; ``HEAD`` finds that of ``GET``."""
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        by_method = self._exact.get(scope["path"])
        if by_method is not None:
            found = by_method.get(method)
            return self._wrong_method(list(by_method.values())) if found is None else found
        others = []
        asked = {**scope, "method": method}
        for each in self._patterns:
            assert each.route is not None
            match, matched = each.route.matches(asked)
            if match is Match.FULL and (method == each.method):
                return replace(each, scope=dict(matched))
            if match is not Match.NONE:
                others.append(each)
        if others:
            return self._wrong_method(others)
        return Found(self.other, refusal=Refusal(404, "path: there is no such; /docs lists all"))

    @staticmethod
    def _wrong_method(others: list[Found]) -> Found:
        methods = {each.method for each in others}
        allowed = sorted(methods | ({"HEAD"} if "GET" in methods else set()))
        text = f"method: must be {' or '.join(allowed)}"
        header = (b"allow", ", ".join(allowed).encode("ascii"))
        return replace(others[0], answer=None, refusal=Refusal(405, text, header))


def test_a_request_finds_its_route_whatever_the_order_of_declaration() -> None:
    routes = Routes("parts")

    def handler() -> None: ...

    routes.get("/parts/{number}", label="part")(handler)
    routes.post("/parts/{number}", label="change")(handler)
    routes.get("/parts/search", label="search")(handler)
    labels = ("part", "change", "search", "other")
    table = Table(routes.declared, labels, None)

    def find(method: str, path: str) -> Found:
        return table.find({"type": "http", "method": method, "path": path, "headers": []})

    for method, path, label in (
        ("GET", "/parts/7", "part"),
        ("HEAD", "/parts/7", "part"),
        ("POST", "/parts/7", "change"),
        ("GET", "/parts/search", "search"),
        ("HEAD", "/parts/search", "search"),
    ):
        found = find(method, path)
        assert (labels[found.number], found.refusal) == (label, None)
    assert find("GET", "/parts/7").scope["path_params"] == {"number": "7"}
    unknown, wrong, exact = find("GET", "/p"), find("PUT", "/parts/7"), find("PUT", "/parts/search")
    assert unknown.refusal and (unknown.refusal.status, unknown.number) == (404, 3)
    assert wrong.refusal and (wrong.refusal.status, wrong.number) == (405, 0)
    assert wrong.refusal.headers == ((b"allow", b"GET, HEAD, POST"),)
    assert exact.refusal and exact.refusal.headers == ((b"allow", b"GET, HEAD"),)


def test_a_folder_of_files_is_one_route(tmp_path: Path) -> None:
    import asyncio

    (tmp_path / "page.html").write_text("<p>")
    routes = Routes("page")
    routes.files("/page", tmp_path, label="page", is_open=True)
    table = Table(routes.declared, ("page", "other"), None)
    path = {"path": "/page/page.html", "root_path": "", "raw_path": b"/page/page.html"}
    scope = {"type": "http", "method": "HEAD", "headers": []} | path
    found = table.find(scope)
    assert found.number == 0 and found.is_open and found.route is not None
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        await asyncio.sleep(3600)

    asyncio.run(found.route.handle({**scope, **found.scope, "method": "GET"}, receive, send))
    headers = dict(sent[0]["headers"])
    assert sent[0]["status"] == 200 and b"etag" in headers
    assert headers[b"content-type"].startswith(b"text/html") and sent[1]["body"] == b"<p>"
