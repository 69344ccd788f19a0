"""``/families/{family}``: a table of its parts with a filter a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from components.serve.http.asgi import Refusal
from components.serve.page.families import Families
from components.serve.page.fields import Field, told
from components.serve.page.figures import shown
from components.serve.page.filters import ANY, Filters, address, read_filters
from components.serve.page.selection import CHEAPEST, Selection, select
from components.serve.page.view import Ask, View
from components.serve.services import Services
from components.serve.snapshot import Snapshot

CHOICES_MAX = 60


class FamilyView:
    """Of one worker."""

    def __init__(self, services: Services) -> None:
        self._families = services.own(Families)

    def __call__(self, ask: Ask, name: str) -> View:
        family = self._families.by_name.get(name)
        if family is None:
            raise Refusal(404, f"family: there is no {name[:60]}; /families lists all")
        try:
            summary = self._families.summary(ask.snapshot, name)
        except KeyError:
            raise Refusal(404, f"family: the snapshot has no {name}") from None
        known = {column["name"]: column for column in summary["columns"]}
        fields = [
            each
            for each in self._families.fields[name]
            if any(known[column]["known"] for column in each.columns)
        ]
        filters = read_filters(name, fields, ask.query)
        words = partial(self._families.words, ask.snapshot, name)
        selection = select(ask.snapshot, family, fields, filters, words)
        query = list(ask.query.multi_items())
        data = {
            "family": name,
            "queries": filters.requests(),
            "wrong": filters.wrong,
            "total": selection.total,
            "page": selection.page,
            "pages": selection.pages,
            "parts": selection.parts,
        }
        shown_too = {
            "family_title": family["title"],
            "summary": summary,
            "filters": filters,
            "inputs": [self._input(ask.snapshot, name, each, known, filters) for each in fields],
            "packages": _choices(summary["packages"], filters.package),
            "asked": [
                {"text": text, "without": address(query, page=None, **dict.fromkeys(names))}
                for names, text in filters.told(fields)
            ],
            "fields": fields,
            "rows": [(part, told(fields, part["pick_parameters"])) for part in selection.parts],
            "sorts": _sorts(fields, filters, query),
            "links": _links(selection, query),
            "is_cut": selection.is_cut,
            "cheapest": CHEAPEST,
        }
        return View("family.html", family["title"], data, shown_too)

    def _input(
        self,
        snapshot: Snapshot,
        family: str,
        field: Field,
        known: Mapping[str, Mapping[str, Any]],
        filters: Filters,
    ) -> dict[str, Any]:
        """What the template needs for one column's filter."""
        column = known[field.columns[0]]
        one: dict[str, Any] = {"field": field, "known": column["known"]}
        if field.kind == "words":
            return one | {"choices": _choices(column["vocabulary"], filters.words.get(field.name))}
        upper = known[field.columns[-1]]
        ends = {
            "low": "" if column["minimum"] is None else shown(column["minimum"], field.unit, 3),
            "high": "" if upper["maximum"] is None else shown(upper["maximum"], field.unit, 3),
        }
        for end in ("min", "max"):
            name = f"{field.name}.{end}"
            one[end] = {
                "name": name,
                "text": filters.typed.get(name, ""),
                "wrong": filters.wrong.get(name, ""),
            }
        drawn = self._families.histograms(snapshot, family, self._families.fields[family])
        bars = drawn.get(field.name)
        bounds = filters.ranges.get(field.name)
        if field.name in filters.exact:
            bounds = dict.fromkeys(("minimum", "maximum"), filters.exact[field.name])
        covered = (
            bars.covered(bounds.get("minimum"), bounds.get("maximum")) if bars and bounds else None
        )
        return one | ends | {"bars": bars, "covered": covered, "any": ANY}


def _choices(
    vocabulary: Sequence[Mapping[str, Any]], chosen: Sequence[str] | None
) -> list[dict[str, Any]]:
    """Words with their counts; those that were chosen are listed however rare they are."""
    chosen = chosen or []
    listed = [{**word, "is_chosen": word["value"] in chosen} for word in vocabulary[:CHOICES_MAX]]
    have = {word["value"] for word in listed}
    return listed + [
        {"value": text, "parts": None, "is_chosen": True} for text in chosen if text not in have
    ]


def _sorts(
    fields: Sequence[Field], filters: Filters, query: Sequence[tuple[str, str]]
) -> dict[str, dict[str, str]]:
    """By column, the address that sorts by it, and how it is sorted now."""
    found = {}
    for name in ("stock", *(field.name for field in fields)):
        first, second = (f"-{name}", name) if name == "stock" else (name, f"-{name}")
        is_now = filters.sort.removeprefix("-") == name
        target = second if filters.sort == first else first
        way = "descending" if filters.sort.startswith("-") else "ascending"
        found[name] = {
            "at": address(query, page=None, sort=target),
            "now": way if is_now else "none",
        }
    found["price"] = {
        "at": address(query, page=None, sort="price"),
        "now": "ascending" if filters.sort == "price" else "none",
    }
    return found


def _links(selection: Selection, query: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Addresses of the pages around this one; a page that is not there has none."""
    page, pages = selection.page, selection.pages
    wanted = {"first": 1, "previous": page - 1, "next": page + 1, "last": pages}
    return {
        name: address(query, page=number)
        for name, number in wanted.items()
        if 1 <= number <= pages and number != page
    }
