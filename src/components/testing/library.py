"""Builders and paths that tests of several modules share."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from components.core.project import PROJECT
from components.testing.extent import missing

CATALOGUE_SCHEMA = """
CREATE TABLE components (
    lcsc INTEGER PRIMARY KEY NOT NULL, category_id INTEGER NOT NULL, mfr TEXT NOT NULL,
    package TEXT NOT NULL, joints INTEGER NOT NULL, manufacturer_id INTEGER NOT NULL,
    basic INTEGER NOT NULL, preferred INTEGER NOT NULL DEFAULT 0, description TEXT NOT NULL,
    datasheet TEXT NOT NULL, stock INTEGER NOT NULL, price TEXT NOT NULL,
    last_update INTEGER NOT NULL, extra TEXT, flag INTEGER NOT NULL DEFAULT 0,
    last_on_stock INTEGER NOT NULL DEFAULT 0, jlc_extra TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE manufacturers (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL);
CREATE TABLE categories (
    id INTEGER PRIMARY KEY NOT NULL, category TEXT NOT NULL, subcategory TEXT NOT NULL
);
CREATE INDEX components_category ON components (category_id);
"""
CATALOGUE_DEFAULTS: dict[str, Any] = {
    "category": "Other",
    "subcategory": "Other",
    "manufacturer": "Maker",
    "mfr": "MPN",
    "package": "0402",
    "joints": 2,
    "basic": 0,
    "description": "",
    "datasheet": "",
    "stock": 100,
    "price": "[]",
    "last_update": 1_700_000_000,
    "extra": "{}",
    "jlc_extra": "{}",
}


def shared_data() -> Path:
    """The folder of real parts, answers and models; skips the calling test where there is none.

    In CI it is always there, so that its absence is a failure.
    """
    folder = Path(os.environ.get("COMPONENTS_SHARED_DATA") or PROJECT.parent / "shared" / "data")
    if not folder.is_dir():
        missing(f"no real data at {folder}; set COMPONENTS_SHARED_DATA")
    return folder


def write_catalogue(path: Path, parts: Iterable[dict[str, Any]], drop: Iterable[str] = ()) -> Path:
    """Write ``parts`` as a jlcparts-style ``cache.sqlite3``, in place of what was there.

    Keys of a part are the columns of ``components`` beside ``category``, ``subcategory`` and
    ``manufacturer``; all but ``lcsc`` have defaults. ``price``, ``extra`` and ``jlc_extra`` may be
    given as objects. ``drop`` names columns that an older schema lacks.
    """
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path)
    db.executescript(CATALOGUE_SCHEMA)
    makers: dict[str, int] = {}
    names: dict[tuple[str, str], int] = {}
    for part in parts:
        given = CATALOGUE_DEFAULTS | part
        name = (given.pop("category"), given.pop("subcategory"))
        given["category_id"] = names.setdefault(name, len(names) + 1)
        maker = given.pop("manufacturer")
        given["manufacturer_id"] = makers.setdefault(maker, len(makers) + 1)
        for key in ("price", "extra", "jlc_extra"):
            if isinstance(given[key], dict | list):
                given[key] = json.dumps(given[key], ensure_ascii=False)
        columns = ", ".join(given)
        marks = ", ".join(f":{key}" for key in given)
        db.execute(f"INSERT INTO components ({columns}) VALUES ({marks})", given)
    db.executemany("INSERT INTO manufacturers VALUES (?, ?)", [(i, n) for n, i in makers.items()])
    db.executemany("INSERT INTO categories VALUES (?, ?, ?)", [(i, *n) for n, i in names.items()])
    for column in drop:
        db.execute(f"ALTER TABLE components DROP COLUMN {column}")
    db.commit()
    db.close()
    return path


def library() -> Path:
    """The compiled library, built once and again only when a source of it changed."""
    from components.native import load as native

    return native.built_library()
