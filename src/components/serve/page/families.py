"""``/families``: the rooms, their families, and how many parts each has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from components.families import room_of
from components.serve.page.fields import Field, fields_of
from components.serve.page.histogram import Histogram, histogram
from components.serve.page.selection import folded
from components.serve.page.view import Ask, View
from components.serve.routes.families import FAMILIES_PATH, Summaries
from components.serve.services import Services
from components.serve.snapshot import Snapshot

ROOMS = {
    "passive": "Passives",
    "discrete": "Discrete semiconductors",
    "power": "Power",
    "analog": "Analogue",
    "digital": "Digital",
    "timing": "Timing",
    "connector": "Connectors",
    "electromechanical": "Electromechanical",
    "protection": "Protection",
    "optical": "Optical",
    "sensor": "Sensors",
    "rf": "Radio frequency",
    "other": "Other",
}
"""In the order that people look for them; a room that is not listed comes last."""


class Families:
    """What the views know of families; computed once a snapshot."""

    def __init__(self, services: Services) -> None:
        self._summaries = services.own(Summaries)
        self.by_name = {each["name"]: each for each in services.families["families"]}
        self.titles = {name: each["title"] for name, each in self.by_name.items()}
        self.fields = {name: fields_of(each) for name, each in self.by_name.items()}
        self._histograms: tuple[object, dict[str, dict[str, Histogram]]] = (None, {})
        self._words: tuple[object, dict[tuple[str, str], dict[str, list[str]]]] = (None, {})

    def summary(self, snapshot: Snapshot, name: str) -> Mapping[str, Any]:
        """What the families' route says of one family. KeyError where it has no table."""
        found = {each["name"]: each for each in self._summaries.of(snapshot)["families"]}
        summary: Mapping[str, Any] = found[name]
        return summary

    def listed(self, snapshot: Snapshot) -> list[Mapping[str, Any]]:
        """The families that have parts, by title."""
        families = self._summaries.of(snapshot)["families"]
        return sorted((each for each in families if each["parts"]), key=lambda one: one["title"])

    def rooms(self, snapshot: Snapshot) -> list[dict[str, Any]]:
        """Rooms with their families that have parts, the largest first."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for each in self._summaries.of(snapshot)["families"]:
            if each["parts"]:
                found.setdefault(room_of(each["name"]), []).append(each)
        order = [*(name for name in ROOMS if name in found), *sorted(set(found) - set(ROOMS))]
        return [
            {
                "name": name,
                "title": ROOMS.get(name, name.capitalize()),
                "families": sorted(found[name], key=lambda one: (-one["parts"], one["title"])),
                "parts": sum(each["parts"] for each in found[name]),
            }
            for name in order
        ]

    def words(self, snapshot: Snapshot, name: str, column: str) -> Mapping[str, Sequence[str]]:
        """The texts of a column by how queries compare them; read when they are first asked."""
        last, known = self._words
        if last is not snapshot:
            known = {}
            self._words = snapshot, known
        if (name, column) not in known:
            table = self.by_name[name]["table"]
            found: dict[str, list[str]] = {}
            with snapshot.database("fast.sqlite") as fast:
                for (text,) in fast.execute(f"SELECT DISTINCT {column} FROM {table}"):
                    if text is not None:
                        found.setdefault(folded(text), []).append(text)
            known[name, column] = found
        return known[name, column]

    def histograms(
        self, snapshot: Snapshot, name: str, fields: Sequence[Field]
    ) -> Mapping[str, Histogram]:
        """By field, of a family's numbers; computed when it is first looked at."""
        last, by_family = self._histograms
        if last is not snapshot:
            by_family = {}
            self._histograms = snapshot, by_family
        if name not in by_family:
            table = self.by_name[name]["table"]
            with snapshot.database("fast.sqlite") as fast:
                drawn = {f.name: histogram(fast, table, f) for f in fields if f.kind != "words"}
            by_family[name] = {field: each for field, each in drawn.items() if each}
        return by_family[name]


class FamiliesView:
    """Of one worker."""

    def __init__(self, services: Services) -> None:
        self._families = services.own(Families)
        self._summaries = services.own(Summaries)

    def __call__(self, ask: Ask) -> View:
        data = self._summaries.of(ask.snapshot)
        rooms = self._families.rooms(ask.snapshot)
        shown = {
            "rooms": rooms,
            "parts": sum(room["parts"] for room in rooms),
            "largest": max((f["parts"] for room in rooms for f in room["families"]), default=1),
        }
        return View("families.html", "Families", data, shown, FAMILIES_PATH)
