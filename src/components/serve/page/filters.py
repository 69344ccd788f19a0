"""What a family's table is asked for: the address's query, read as a query of the API.

``resistance_ohm.min=9k``, ``resistance_ohm.max=11k``, ``tempco_code=X7R`` (several mean any),
``package``, ``qty`` (in stock at least), ``basic=1``, ``sort``, ``page``. A nominal value asked for
from and to the same is exactly that value: no part's whole band lies in a range without width.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from components.serve.page.fields import Field
from components.serve.page.figures import NotUnderstood, read, shown

PAGE_MAX = 100_000
WORDS_MAX = 32
ALTERNATIVES_MAX = 64
TEXT_MAX = 200
QTY_MAX = 1_000_000_000
ANY = "any"


class Query(Protocol):
    """An address's parameters, as Starlette gives them."""

    def get(self, key: str, /) -> str | None: ...
    def getlist(self, key: str, /) -> list[str]: ...


@dataclass
class Filters:
    """What was asked, as typed and as read; ``wrong`` has by parameter what was not understood."""

    family: str
    package: list[str] = field(default_factory=list)
    words: dict[str, list[str]] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    exact: dict[str, float] = field(default_factory=dict)
    ranges: dict[str, dict[str, float]] = field(default_factory=dict)
    lifted: list[str] = field(default_factory=list)
    qty: int = 1
    basic: bool = False
    sort: str = "rank"
    page: int = 1
    wrong: dict[str, str] = field(default_factory=dict)

    def requests(self) -> list[dict[str, Any]]:
        """Queries of the API, at least one; the parts asked for are those that any of them finds.

        A lifted default is asked for from 0 on: what is known at all.
        """
        base = {"component_type": self.family, "qty": self.qty}
        ranges = {**self.ranges, **{name: {"minimum": 0.0} for name in self.lifted}}
        names = list(self.words)
        packages: Sequence[str | None] = self.package or (None,)
        found = []
        for package, *texts in itertools.product(packages, *(self.words[n] for n in names)):
            exact = {**self.exact, **dict(zip(names, texts, strict=True))}
            one = dict(base)
            if package is not None:
                one["package"] = package
            found.append(one | ({"exact": exact} if exact else {}) | {"ranges": ranges})
        return found

    def told(self, fields: Sequence[Field]) -> Iterator[tuple[list[str], str]]:
        """What is asked, in words, each with the parameters that ask for it."""
        by_name = {each.name: each for each in fields}
        if self.package:
            yield ["package"], f"Package {' or '.join(self.package)}"
        for name, texts in self.words.items():
            yield [name], f"{by_name[name].title} {' or '.join(texts)}"
        for name, value in self.exact.items():
            each = by_name[name]
            yield [f"{name}.min", f"{name}.max"], f"{each.title} {shown(value, each.unit)}"
        for name, bounds in self.ranges.items():
            each = by_name[name]
            ends = [
                shown(bounds[end], each.unit) for end in ("minimum", "maximum") if end in bounds
            ]
            text = "…".join(ends) if len(ends) == 2 else f"{_SIGNS[next(iter(bounds))]} {ends[0]}"
            yield [f"{name}.min", f"{name}.max"], f"{each.title} {text}"
        for name in self.lifted:
            yield [f"{name}.min"], f"any {by_name[name].title.lower()}"
        if self.basic:
            yield ["basic"], "basic or preferred"
        if self.qty > 1:
            yield ["qty"], f"{self.qty:,} in stock".replace(",", "\u202f")


_SIGNS = {"minimum": "≥", "maximum": "≤"}


def read_filters(family: str, fields: Sequence[Field], query: Query) -> Filters:
    """What the address asks for; what is not understood asks for nothing and is told."""
    found = Filters(family)
    found.package = _words(query, "package")
    for each in fields:
        if each.kind == "words":
            if texts := _words(query, each.name):
                found.words[each.name] = texts
        else:
            _range(found, each, query)
    found.basic = query.get("basic") in ("1", "on", "true")
    found.qty = _whole(found, query, "qty", QTY_MAX)
    found.page = _whole(found, query, "page", PAGE_MAX)
    sort = query.get("sort") or "rank"
    columns = {each.name for each in fields} | {"stock"}
    if sort not in ("rank", "price") and sort.removeprefix("-") not in columns:
        found.wrong["sort"] = f"{sort[:60]} is no column"
        sort = "rank"
    found.sort = sort
    alternatives = max(1, len(found.package))
    for texts in found.words.values():
        alternatives *= len(texts)
    if alternatives > ALTERNATIVES_MAX:
        found.wrong["package"] = f"too many choices at once: {alternatives} combinations"
    return found


def _words(query: Query, name: str) -> list[str]:
    texts = [text for text in query.getlist(name) if text and len(text) <= TEXT_MAX]
    return list(dict.fromkeys(texts))[:WORDS_MAX]


def _whole(found: Filters, query: Query, name: str, most: int) -> int:
    text = (query.get(name) or "").strip()
    if not text:
        return 1
    if not text.isdecimal() or len(text) > 12 or not 0 < int(text) <= most:
        found.wrong[name] = f"{text[:20]} is no whole number from 1 to {most:,}"
        return 1
    return int(text)


def _range(found: Filters, each: Field, query: Query) -> None:
    bounds: dict[str, float] = {}
    for end, key in (("min", "minimum"), ("max", "maximum")):
        name = f"{each.name}.{end}"
        text = (query.get(name) or "").strip()[:TEXT_MAX]
        if not text:
            continue
        found.typed[name] = text
        if text == ANY and each.default is not None:
            found.lifted.append(each.name)
            return
        try:
            bounds[key] = read(text, each.unit)
        except NotUnderstood:
            found.wrong[name] = f"“{text[:40]}” is no value in {each.unit or 'numbers'}"
    if len(bounds) == 2 and bounds["minimum"] == bounds["maximum"] and each.kind == "number":
        found.exact[each.name] = bounds["minimum"]
    elif len(bounds) == 2 and bounds["minimum"] > bounds["maximum"]:
        found.wrong[f"{each.name}.max"] = "is less than the least"
    elif bounds:
        found.ranges[each.name] = bounds


def address(query: Sequence[tuple[str, str]], **changed: object) -> str:
    """The query string with some parameters changed; None leaves one out, as a page does to itself.

    >>> address([("package", "0402"), ("page", "3")], page=None, sort="price")
    '?package=0402&sort=price'
    """
    from urllib.parse import urlencode

    kept = [(name, text) for name, text in query if name not in changed and text]
    kept += [(name, str(value)) for name, value in changed.items() if value is not None]
    return f"?{urlencode(kept)}" if kept else "?"


def _query(text: str) -> Any:
    from starlette.datastructures import QueryParams

    return QueryParams(text)


def _family(name: str) -> Mapping[str, Any]:
    from components.families.schema import lookup_schema

    return next(each for each in lookup_schema()["families"] if each["name"] == name)


def test_an_address_is_read_as_a_query_of_the_api() -> None:
    from components.serve.page.fields import fields_of

    fields = fields_of(_family("resistor"))
    text = (
        "package=0402&package=0603&resistance_ohm.min=9k&resistance_ohm.max=11k"
        "&max_power_w.min=1/16W&tolerance_pct.min=1&tolerance_pct.max=1&qty=100&basic=1&sort=price"
    )
    found = read_filters("resistor", fields, _query(text))
    assert found.requests() == [
        {
            "component_type": "resistor",
            "qty": 100,
            "package": package,
            "exact": {"tolerance_pct": 1.0},
            "ranges": {
                "resistance_ohm": {"minimum": 9000.0, "maximum": 11000.0},
                "max_power_w": {"minimum": 0.0625},
            },
        }
        for package in ("0402", "0603")
    ]
    assert (found.wrong, found.sort, found.page, found.basic) == ({}, "price", 1, True)
    assert [words for _, words in found.told(fields)] == [
        "Package 0402 or 0603",
        "Tolerance 1\xa0%",
        "Resistance 9\xa0kΩ…11\xa0kΩ",
        "Max power ≥ 62.5\xa0mW",
        "basic or preferred",
        "100 in stock",
    ]


def test_what_is_not_understood_is_told_and_asks_for_nothing() -> None:
    from components.serve.page.fields import fields_of

    fields = fields_of(_family("mosfet"))
    text = (
        "on_resistance_ohm.max=low&max_power_w.min=2&max_power_w.max=1&qty=-1&page=0&sort=<b>"
        "&element_count.min=any"
    )
    found = read_filters("mosfet", fields, _query(text))
    assert set(found.wrong) == {"on_resistance_ohm.max", "max_power_w.max", "qty", "page", "sort"}
    assert found.requests() == [
        {"component_type": "mosfet", "qty": 1, "ranges": {"element_count": {"minimum": 0.0}}}
    ]
