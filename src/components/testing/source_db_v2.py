"""A ready catalogue of the kind ``source-db-v2``, of as many parts as a test wants."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

FORMAT = "source-db-v2"
DDL = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE jlc_components (
    lcsc INTEGER PRIMARY KEY, fetched_at INTEGER, present INTEGER, sync_seen INTEGER, category TEXT,
    subcategory TEXT, mfr TEXT, package TEXT, joints INTEGER, manufacturer TEXT, library_type TEXT,
    preferred INTEGER, last_on_stock INTEGER, description TEXT, datasheet TEXT, stock INTEGER,
    price TEXT, attributes TEXT, rohs INTEGER, eccn TEXT, assembly INTEGER, assembly_process TEXT,
    assembly_mode TEXT, website_component_id INTEGER, attrition TEXT);
CREATE TABLE lcsc_components (
    lcsc INTEGER PRIMARY KEY, fetched_at INTEGER, manufacturer TEXT, attributes TEXT, image TEXT,
    url_slug TEXT);
"""


def write_v2(path: Path, parts: int, **meta: str) -> Path:
    """A ``source-db-v2`` file of made-up resistors, every hundredth of them delisted."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(DDL)
        db.executemany("INSERT INTO meta VALUES (?, ?)", {"format": FORMAT, **meta}.items())
        for n in range(1, parts + 1):
            jlc = json.dumps({"Resistance": f"{n % 900 + 1}Ω", "Tolerance": "±1%"})
            db.execute(
                "INSERT INTO jlc_components (lcsc, fetched_at, present, category, subcategory, mfr,"
                " package, joints, manufacturer, library_type, preferred, description, datasheet,"
                " stock, price, attributes, attrition) VALUES"
                " (?, 1780000000, ?, 'Resistors', 'Chip Resistor - Surface Mount', ?, '0402', 2, ?,"
                " ?, ?, 'a resistor', '', ?, '1-9:0.1,10-:0.05', ?, '{\"lossNumber\": 3}')",
                (
                    *(n, int(n % 100 > 0), f"R-{n}", "Maker" if n % 2 else ""),
                    *("base" if n % 7 == 0 else "expand", int(n % 14 == 0), n % 5000 + 1, jlc),
                ),
            )
            lcsc = json.dumps({"Tolerance": "±5%", "Power(Watts)": "62.5mW"})
            db.execute(
                "INSERT INTO lcsc_components VALUES (?, 1780000000, 'LCSC maker', ?, 'i.jpg', 's')",
                (n, lcsc),
            )
        db.commit()
    return path
