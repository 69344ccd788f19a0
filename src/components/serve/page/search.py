"""``/``: one box, answers as one types, and how it was read; empty, what there is to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from components.find.search import LIMIT_MAX, TEXT_MAX
from components.serve.http.asgi import Refusal
from components.serve.page.families import Families
from components.serve.page.fields import fields_of
from components.serve.page.figures import shown, typed
from components.serve.page.view import Ask, View
from components.serve.routes.search import SEARCH_PATH
from components.serve.searching import Searches
from components.serve.services import Services

LIMIT = 30


class SearchView:
    """Of one worker."""

    def __init__(self, services: Services) -> None:
        self._searches = services.own(Searches)
        self._families = services.own(Families)
        self._examples: tuple[object, list[str]] | None = None

    def __call__(self, ask: Ask) -> View:
        text, family = ask.text("q", TEXT_MAX), ask.text("family")
        if family and family not in self._families.by_name:
            raise Refusal(404, f"family: there is no {family[:60]}")
        in_stock, basic = ask.is_on("in_stock"), ask.is_on("basic")
        more = ask.is_on("more")
        found: dict[str, Any] = {"components": [], "total": 0, "read_as": None, "left_out": []}
        limit = LIMIT_MAX if more else LIMIT
        if text:
            found = self._searches.of(ask.snapshot).find(
                text, limit, family=family or None, in_stock=in_stock, basic=basic
            )
        asked = {"q": text, "family": family, "in_stock": in_stock, "basic": basic}
        query = urlencode({name: value for name, value in asked.items() if value})
        reading = found["read_as"]
        shown_too = {
            **asked,
            "families": self._families.listed(ask.snapshot),
            "titles": self._families.titles,
            "rooms": [] if text else self._families.rooms(ask.snapshot),
            "examples": [] if text else self._example_texts(ask),
            "reading": self._told(reading) if reading else None,
            "is_full": found["total"] == limit and not more,
            "more_at": f"/?{query}&more=1",
        }
        title = f"{text} · Search" if text else "Search"
        json_at = f"{SEARCH_PATH}?{query}" if text else ""
        return View("search.html", title, found, shown_too, json_at)

    def _told(self, reading: Mapping[str, Any]) -> dict[str, Any]:
        """How a text was read, in words, and the same as a family's table."""
        family = self._families.by_name[reading["component_type"]]
        fields = {each.name: each for each in fields_of(family)}
        query: list[tuple[str, str]] = []
        words: list[str] = []
        if reading["package"]:
            words.append(f"package {reading['package']}")
            query.append(("package", reading["package"]))
        for name, value in reading["exact"].items():
            field = fields.get(name)
            unit = field.unit if field else ""
            title = field.title.lower() if field else name
            if isinstance(value, str):
                words.append(f"{title} {value}")
                query.append((name, value))
            else:
                words.append(f"{title} {shown(value, unit)}")
                query += [(f"{name}.{end}", typed(value, unit)) for end in ("min", "max")]
        for name, bounds in reading["ranges"].items():
            field = fields.get(name)
            unit = field.unit if field else ""
            title = field.title.lower() if field else name
            ends = [bounds[end] for end in ("minimum", "maximum") if end in bounds]
            sign = "" if len(ends) == 2 else "≥ " if "minimum" in bounds else "≤ "
            several = len(set(ends)) == 2
            words.append(f"{title} {sign}{'…'.join(shown(e, unit) for e in ends[: 1 + several])}")
            for end, key in (("min", "minimum"), ("max", "maximum")):
                if key in bounds:
                    query.append((f"{name}.{end}", typed(bounds[key], unit)))
        return {
            "family": family["title"],
            "words": words,
            "left": reading["words"],
            "table_at": f"/families/{family['name']}?{urlencode(query)}",
        }

    def _example_texts(self, ask: Ask) -> list[str]:
        """Texts that find something in this snapshot; looked for once."""
        if self._examples is None or self._examples[0] is not ask.snapshot:
            search = self._searches.of(ask.snapshot)
            found = [text for text in EXAMPLES if search.find(text, 1, in_stock=True)["total"]]
            first = search.find("resistor", 1)["components"]
            numbers = [f"C{part['lcsc_id']}" for part in first]
            self._examples = ask.snapshot, [*found[:5], *numbers]
        return self._examples[1]


EXAMPLES = (
    *("10k 0402 1%", "100nF 50V X7R 0603", "SOT-23 N-channel mosfet", "LDO 3.3V", "16MHz crystal"),
    *("RP2040", "USB-C connector", "LM358", "red led 0603"),
)
