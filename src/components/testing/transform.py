"""Builders for the tests of the transform and of what follows it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from components.core.sums import FILES
from components.families import FAMILIES, Family
from components.families.schema import create_table, insert_row
from components.transform.validate import Built

FIRST_PART = 1000


def write_picks(folder: Path, rows: int, *, rejected: bool = True) -> list[Path]:
    """A pick file per family with ``rows`` pickable parts and, if wanted, one rejected each.

    Part numbers go on from family to family, from ``FIRST_PART``; the rejected part of a family
    has the number after its pickable ones. See :func:`write_source` for the matching catalogue.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for index, family in enumerate(FAMILIES):
        path = folder / f"{family.name}.sqlite"
        path.unlink(missing_ok=True)
        first = FIRST_PART + index * (rows + 1)
        with closing(sqlite3.connect(path)) as db:
            db.execute(create_table(family))
            db.execute("CREATE TABLE quarantine (column_name TEXT, text TEXT, count INTEGER)")
            db.execute("CREATE TABLE rejected (lcsc_id INTEGER PRIMARY KEY, reason TEXT)")
            for number in range(first + rows - 1, first - 1, -1):
                db.execute(insert_row(family), _row(family, number))
            if rejected:
                db.execute("INSERT INTO rejected VALUES (?, 'no package')", (first + rows,))
            db.execute("INSERT INTO quarantine VALUES (?, '1k?', 2)", (family.columns[0].name,))
            db.commit()
        files.append(path)
    return files


def write_parts(folder: Path, rows: int, max_components: int = 0) -> Path:
    """The ``parts.sqlite`` of :func:`write_source`, in ``folder``."""
    from components.transform.parts import build_parts

    folder.mkdir(parents=True, exist_ok=True)
    source = write_source(folder / "source.sqlite3", rows)
    build_parts(source, folder / "parts.sqlite", max_components)
    return folder / "parts.sqlite"


def write_source(path: Path, rows: int) -> Path:
    """The catalogue of :func:`write_picks`, and one part that is in no family."""
    from components.testing.library import write_catalogue

    parts = [
        {
            "lcsc": FIRST_PART + index * (rows + 1) + offset,
            "category": family.upstream.category_words[0],
            "subcategory": family.upstream.subcategories[0],
            "mfr": f"{family.name}-{offset}",
            "preferred": 1,
            "extra": {"number": "C1", "attributes": {"Tolerance": "±1%"}, "url": "/x"},
        }
        for index, family in enumerate(FAMILIES)
        for offset in range(rows + 1)
    ]
    return write_catalogue(path, [*parts, {"lcsc": 5, "mfr": "connector"}])


def _row(family: Family, number: int) -> list[object]:
    values: list[object] = [1.0 if column.kind == "real" else "NPN" for column in family.columns]
    return [number, "0402", 100, 0, 1, *values]


def build_snapshot(folder: Path, rows: int) -> Built:
    """The files of a small snapshot, built by the real steps; its index is a stand-in."""
    from components.transform.detail import build_detail
    from components.transform.fast import build_fast
    from components.transform.metadata import build_metadata
    from components.transform.search import build_search

    built = Built(*(folder / name for name in FILES))
    parts = write_parts(folder / "source", rows)
    source = parts.with_name("source.sqlite3")
    picks = write_picks(folder / "source", rows)
    build_fast(picks, built.fast)
    build_detail(parts, picks, built.detail)
    build_search(built.detail, built.fast, built.search)
    built.metadata.write_text(json.dumps(build_metadata(source, picks, built.detail)))
    built.index.write_bytes(b"an index")
    return built
