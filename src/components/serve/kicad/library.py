"""What the HTTP library answers, made once a snapshot and kept as bytes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from components.families import family_named
from components.kicad_names.choice import Chosen, choose, identities
from components.kicad_names.drawing import HEADERS, Drawing, drawing
from components.kicad_names.library import FOLDER, PARTS, Drawings, read_library
from components.kicad_names.record import Record, record
from components.kicad_names.value import VALUES
from components.serve.kicad.categories import Category, Entry, split
from components.serve.services import Services
from components.serve.snapshot import Snapshot

Version = tuple[int, int, int] | None
_FAMILY = "SELECT family FROM components_full WHERE lcsc_id = ?"


class Listing:
    """The categories of one snapshot: JSON bodies by id."""

    def __init__(self, categories: Iterable[Category]) -> None:
        told = []
        self.parts: dict[str, bytes] = {}
        self.count = 0
        for category in categories:
            self.parts[category.id] = _json([part(each) for each in category.records])
            self.count += len(category.records)
            description = f"{len(category.records)} parts, JLCPCB's basic and preferred ones first"
            told.append({"id": category.id, "name": category.name, "description": description})
        self.categories = _json(told)


class Listings:
    """Of a worker: the listing of the snapshot that was last asked for."""

    def __init__(self, services: Services) -> None:
        self._parts_max = services.serve.kicad_parts_max
        self._exports = services.layout.exports if services.serve.kicad_library else None
        self._lock = threading.Lock()
        self._key: tuple[str, Version] | None = None
        self._drawings = Drawings()
        self._listing: Listing | None = None

    def of(self, snapshot: Snapshot) -> Listing:
        """Its listing; the first call of a snapshot takes about a second."""
        with self._lock:
            drawings = self._renewed(snapshot)
            if self._listing is None:
                categories = _categories(snapshot, drawings, self._parts_max)
                self._listing = Listing(categories)
            return self._listing

    def drawings(self, snapshot: Snapshot) -> Drawings:
        """What draws its parts: its library's symbols once that is exported, and KiCad's own."""
        with self._lock:
            return self._renewed(snapshot)

    def _renewed(self, snapshot: Snapshot) -> Drawings:
        path = self._exports / snapshot.name / FOLDER / PARTS if self._exports else None
        key = snapshot.name, _version(path)
        if key != self._key:
            known = read_library(path) if path and key[1] else None
            self._drawings, self._listing, self._key = Drawings(known), None, key
        return self._drawings


def _version(path: Path | None) -> Version:
    """Another one wherever the file is; None where there is none."""
    try:
        found = path.stat() if path else None
    except FileNotFoundError:
        return None
    return found and (found.st_ino, found.st_mtime_ns, found.st_size)


def read_part(snapshot: Snapshot, drawings: Drawings, number: int) -> dict[str, Any] | None:
    """Any part of the catalogue that a pick table holds, listed or not; None where there is none.

    One that nothing draws has neither symbol nor footprint.
    """
    with snapshot.database() as detail:
        row = detail.execute(_FAMILY, (number,)).fetchone()
        identity = identities(detail, [number]).get(number)
    if row is None or identity is None:
        return None
    family = family_named(row["family"])
    with snapshot.database("fast.sqlite") as fast:
        values = fast.execute(
            f"SELECT * FROM {family.table} WHERE lcsc_id = ?", (number,)
        ).fetchone()
    if values is None:
        return None
    drawn = drawings.of(family.name, values) or Drawing("", "")
    return part(record(family.name, _mapping(values), _mapping(identity), drawn))


def part(told: Record) -> dict[str, Any]:
    """A part of a listing. With ``fields`` and ``symbolIdStr`` in it KiCad asks nothing more."""
    shown = {"value": told.value}
    hidden = {
        "footprint": told.footprint,
        "datasheet": told.datasheet,
        "LCSC": told.number,
        "MPN": told.part_number,
        "Manufacturer": told.manufacturer,
        "Stock": str(told.stock),
        "Price": told.price,
        "JLCPCB": told.library_type,
    }
    return {
        "id": told.number,
        "name": told.name,
        "description": told.description,
        "symbolIdStr": told.symbol,
        "exclude_from_bom": "False",
        "exclude_from_board": "False",
        "exclude_from_sim": "False",
        "fields": {
            **{name: {"value": text, "visible": "True"} for name, text in shown.items()},
            **{name: {"value": text, "visible": "False"} for name, text in hidden.items()},
        },
    }


def _categories(snapshot: Snapshot, drawings: Drawings, parts_max: int) -> Iterable[Category]:
    with snapshot.database("fast.sqlite") as fast:
        chosen = choose(fast, drawings, parts_max)
    for family, parts in chosen.items():
        with snapshot.database() as detail:
            known = identities(detail, [each.row["lcsc_id"] for each in parts])
        yield from split(family, [_entry(family, each, known) for each in parts])


def _entry(family: str, chosen: Chosen, known: Any) -> Entry:
    values = _mapping(chosen.row)
    told = record(family, values, _mapping(known[values["lcsc_id"]]), chosen.drawn)
    column = VALUES.get(family, ("", ""))[0]
    # KiCad's footprint is one name for all spellings of a package; a header's tells its length too.
    usual = drawing(family, values) if family != HEADERS else None
    package = (usual and usual.footprint) or values["package"]
    return Entry(package, values["package"], values.get(column), told)


def _mapping(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in row.keys()}  # noqa: SIM118 - a Row iterates over values


def _json(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode("ascii")
