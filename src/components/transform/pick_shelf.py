"""Where parts are read: a room's families, each with its reader and what waits to be staged."""

from __future__ import annotations

from typing import Any

from components.families import Family, families_of
from components.families.category import Filed
from components.families.memo import Memo
from components.families.reading import Reader
from components.source.digest import text_of
from components.transform.attributes import attributes_of
from components.transform.pick_letters import Letters
from components.transform.pick_readings import TABLE, Kept, Reading

PACKAGES_MAX = 1 << 14


class Room:
    """The readings of a room's parts: those that are kept, and those that wait to be staged."""

    def __init__(self, name: str, kept: Kept | None) -> None:
        self.table = staged_readings(name)
        self.kept = kept
        self.readings: list[tuple[int, bytes]] = []
        self.shelves = [
            Shelf(family, place, self) for place, family in enumerate(families_of(name))
        ]


class Shelf:
    """One family's reader and the rows that wait to be staged."""

    def __init__(self, family: Family, place: int, room: Room) -> None:
        self.family = family
        self.place = place
        self.room = room
        self.reader = Reader(family)
        self.letters = Letters(family) if family.letter else None
        self.rows: list[tuple[Any, ...]] = []
        self.derived: list[tuple[Any, ...]] = []
        self.packages = Memo(family.canonical_package, PACKAGES_MAX)
        """Packages as they are stored, by their texts; None where one is not known."""

    def read(self, filed: Filed, package: str, description: str, texts: tuple[Any, ...]) -> Reading:
        """Read a part by its family; ``texts`` are its part number and its two records."""
        part_number, extra, jlc_extra = texts
        attributes = attributes_of(extra, jlc_extra)
        shelf = self._elsewhere(attributes) if self.family.elsewhere else self
        _, category, end, _ = filed
        values, reason = shelf.reader.read(attributes, description, category, package, end)
        derived, agrees = False, None
        if shelf.letters is not None:
            values, derived, agrees = shelf.letters.read(values, reason, text_of(part_number))
        return shelf.place, reason, derived, agrees, shelf.reader.counted(), values

    def _elsewhere(self, attributes: dict[str, str]) -> Shelf:
        """The shelf that a part's attributes put it on."""
        assert self.family.elsewhere is not None
        other = self.family.elsewhere(attributes)
        return next((one for one in self.room.shelves if one.family.name == other), self)


def staged_readings(room: str) -> str:
    """The table that a room's readings are staged in."""
    return f"{room}_{TABLE}"
