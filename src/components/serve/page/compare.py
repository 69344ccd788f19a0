"""``/compare?ids=C1&ids=C2``: up to four parts side by side, what differs and what is best."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from components.families import family_named
from components.serve.http.asgi import Refusal
from components.serve.page.families import Families
from components.serve.page.fields import Field
from components.serve.page.view import Ask, View
from components.serve.routes.lcsc_id import number_of
from components.serve.routes.part import read_part
from components.serve.services import Services

PARTS_MAX = 4
_NUMBER = re.compile(r"[cC]?\d{1,15}")


class CompareView:
    """Of one worker."""

    def __init__(self, services: Services) -> None:
        self._families = services.own(Families)
        self._tables = {name: each["table"] for name, each in self._families.by_name.items()}

    def __call__(self, ask: Ask) -> View:
        texts = [word for text in ask.query.getlist("ids") for word in re.split(r"[\s,]+", text)]
        texts = list(dict.fromkeys(text for text in texts if text))
        if wrong := [text for text in texts if not _NUMBER.fullmatch(text)]:
            raise Refusal(422, f"ids: {wrong[0][:60]} is no part number such as C25744")
        if len(texts) > PARTS_MAX:
            raise Refusal(422, f"ids: {PARTS_MAX} parts at the most, not {len(texts)}")
        parts, unknown = [], []
        for text in texts:
            part = read_part(ask.snapshot, number_of(text), self._tables)
            if part is None:
                unknown.append(f"C{number_of(text)}")
            else:
                parts.append(part)
        families = list(dict.fromkeys(part["family"] for part in parts if part["parameters"]))
        fields = {f.name: (f, name) for name in families for f in self._families.fields[name]}
        shown = {
            "rows": [row for row in (_row(*each, parts) for each in fields.values()) if row],
            "family": families[0] if len(families) == 1 else None,
            "titles": self._families.titles,
        }
        data = {"components": parts, "unknown": unknown}
        return View("compare.html", "Compare", data, shown)


def _row(field: Field, family: str, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """A field's values, part by part; None where no part has one."""
    values = []
    for part in parts:
        own = part["parameters"] or {}
        known = all(name in own for name in field.columns)
        values.append(field.text(own) if known else "")
    if not any(values):
        return None
    return {
        "field": field,
        "values": values,
        "best": _best(field, family, parts),
        "differs": len(set(values)) > 1,
    }


def _best(field: Field, family: str, parts: Sequence[Mapping[str, Any]]) -> set[int]:
    """Where the best value stands, of a rating or a cost that differs."""
    side = family_named(family).column(field.columns[0]).side
    found = {
        place: (part["parameters"] or {}).get(field.columns[0]) for place, part in enumerate(parts)
    }
    known = {place: value for place, value in found.items() if isinstance(value, float)}
    if side is None or field.kind != "number" or len(set(known.values())) < 2:
        return set()
    best = max(known.values()) if side == "least" else min(known.values())
    return {place for place, value in known.items() if value == best}
