"""Which parts of a snapshot go into the library, and what there is of each."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.core.database import open_database
from components.core.errors import ConfigError, SnapshotError
from components.families import FAMILIES
from components.kicad_names.value import value_text

ASSETS = ("kicad_symbol", "kicad_footprint_mod", "model_step")
_COLUMNS = (
    *("lcsc_id", "family", "part_number", "manufacturer", "description", "datasheet_url"),
    *("package", "category", "subcategory"),
)


@dataclass(frozen=True)
class Asset:
    """One stored artifact of a part."""

    stored_key: str
    meta: Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """A part as the library names it; ``assets`` by artifact type."""

    lcsc_id: int
    family: str
    part_number: str
    manufacturer: str
    description: str
    datasheet_url: str
    package: str
    category: str
    subcategory: str
    value: str
    assets: Mapping[str, Asset] = field(default_factory=dict)

    @property
    def lcsc(self) -> str:
        return f"C{self.lcsc_id}"

    @property
    def keywords(self) -> str:
        """What KiCad's chooser finds the part by, besides its name and description."""
        words = (self.lcsc, self.manufacturer, self.package, self.subcategory or self.category)
        return " ".join(word for word in words if word)


def read_parts(detail: Path, fast: Path, where: str) -> list[Part]:
    """The parts that ``where`` selects of ``components_full``, by number, drawn ones alone.

    Raises :class:`ConfigError` for a condition that is none, :class:`SnapshotError` for files that
    cannot be read.
    """
    with closing(open_database(detail)) as connection, closing(open_database(fast)) as picks:
        # The newline ends a comment that `where` may close with.
        query = (
            f"SELECT {', '.join(_COLUMNS)} FROM components_full AS components"
            f" WHERE ({where}\n) ORDER BY lcsc_id"
        )
        try:
            rows = connection.execute(query).fetchall()
        except (sqlite3.OperationalError, sqlite3.ProgrammingError, sqlite3.Warning) as error:
            raise ConfigError(
                f"exports.kicad_library_where: {where!r} is no usable condition: {error}"
            ) from None
        except sqlite3.DatabaseError as error:
            raise SnapshotError(f"{detail}: cannot be read: {error}; publish again") from None
        values = _values(picks)
        return list(_drawn(connection, rows, values))


def _drawn(
    connection: sqlite3.Connection,
    rows: list[Any],
    values: Mapping[int, tuple[str, dict[str, Any]]],
) -> Iterator[Part]:
    marks = ", ".join("?" * len(ASSETS))
    for row in rows:
        found = connection.execute(
            "SELECT artifact_type, stored_key, source_meta_json FROM component_assets"
            f" WHERE lcsc_id = ? AND artifact_type IN ({marks})",
            (row[0], *ASSETS),
        )
        assets = {name: Asset(key, json.loads(meta)) for name, key, meta in found}
        if not assets.keys() & {"kicad_symbol", "kicad_footprint_mod"}:
            continue
        known = dict(zip(_COLUMNS, row, strict=True))
        family, picked = values.get(known["lcsc_id"], ("", {}))
        value = value_text(family, picked, known["part_number"]) if family else ""
        yield Part(**known, value=value or known["part_number"], assets=assets)


def _values(picks: sqlite3.Connection) -> dict[int, tuple[str, dict[str, Any]]]:
    """By part its family and its row of the pick table."""
    found = {}
    for family in FAMILIES:
        cursor = picks.execute(f"SELECT * FROM {family.table}")
        names = [column[0] for column in cursor.description]
        for row in cursor:
            values = dict(zip(names, row, strict=True))
            found[values["lcsc_id"]] = (family.name, values)
    return found
