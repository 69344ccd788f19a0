"""Builders for the tests of the transform and of what follows it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from components.core.sums import FILES
from components.families import FAMILIES, Family, families_of, rooms
from components.families.schema import create_table, insert_row
from components.transform.pick_write import SIDE_TABLES
from components.transform.validate import Built

FIRST_PART = 1000


def write_picks(folder: Path, rows: int, *, rejected: bool = True) -> list[Path]:
    """A pick file per room: ``rows`` pickable parts a family and, if wanted, one rejected each.

    Part numbers go on from family to family, from ``FIRST_PART``; the rejected part of a family
    has the number after its pickable ones. See :func:`write_source` for the matching catalogue.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    places = {family.name: index for index, family in enumerate(FAMILIES)}
    for room in rooms():
        path = folder / f"{room}.sqlite"
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as db:
            db.executescript(SIDE_TABLES)
            for family in families_of(room):
                first = FIRST_PART + places[family.name] * (rows + 1)
                db.execute(create_table(family))
                for number in range(first + rows - 1, first - 1, -1):
                    db.execute(insert_row(family), _row(family, number))
                if rejected:
                    values = (first + rows, family.name, "no package")
                    db.execute("INSERT INTO rejected VALUES (?, ?, ?)", values)
                column = family.columns[0].name
                db.execute("INSERT INTO quarantine VALUES (?, ?, '1k?', 2)", (family.name, column))
                db.execute(
                    "INSERT INTO disagreement VALUES (?, ?, 'unknown', 2)", (family.name, column)
                )
            if room == rooms()[0]:
                db.execute("INSERT INTO unknown_category VALUES ('New name', 1)")
            db.commit()
        files.append(path)
    return files


def write_source(path: Path, rows: int) -> Path:
    """The catalogue of :func:`write_picks`."""
    from components.testing.library import write_catalogue

    parts = [
        {
            "lcsc": FIRST_PART + index * (rows + 1) + offset,
            "category": family.title,
            "subcategory": family.categories[0],
            "mfr": f"{family.name}-{offset}",
            "preferred": 1,
            "extra": {"number": "C1", "attributes": {"Tolerance": "±1%"}, "url": "/x"},
        }
        for index, family in enumerate(FAMILIES)
        for offset in range(rows + 1)
    ]
    return write_catalogue(path, parts)


def _row(family: Family, number: int) -> list[object]:
    values: list[object] = ["NPN" if column.kind == "text" else 1.0 for column in family.columns]
    return [number, "0402", 100, 0, 1, 0.1, *values]


def build_snapshot(folder: Path, rows: int) -> Built:
    """The files of a small snapshot, built by the real steps; its index is a stand-in."""
    from components.transform.detail import build_detail
    from components.transform.fast import build_fast
    from components.transform.metadata import build_metadata
    from components.transform.search import build_search

    built = Built(*(folder / name for name in FILES))
    (folder / "source").mkdir(parents=True, exist_ok=True)
    source = write_source(folder / "source" / "source.sqlite3", rows)
    picks = write_picks(folder / "source", rows)
    build_fast(picks, built.fast)
    build_detail(source, picks, built.detail)
    build_search(source, picks, built.search)
    built.metadata.write_text(json.dumps(build_metadata(source, picks, built.detail)))
    built.index.write_bytes(b"an index")
    return built
