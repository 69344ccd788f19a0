"""Changes between two snapshots of 236,831 real parts, against a plain comparison; prices too."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from components.core.layout import Layout
from components.families import FAMILIES
from components.native.lookup import Lookup
from components.serve import reference
from components.source.prices import tiers, unit_price
from components.testing import lookup as lookup_testing
from components.testing.real import real_site
from components.transform.changes import Comparison

EVERY = 101
QUERIES = 1500


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    return real_site(tmp_path_factory)


def test_changes_equal_a_plain_comparison(real: Layout, tmp_path: Path) -> None:
    old, new = real.current.resolve(), tmp_path / "new"
    new.mkdir()
    for name in ("detail.sqlite", "fast.sqlite"):
        shutil.copyfile(old / name, new / name)
    _change(new)
    with Comparison(old, new) as comparison:
        found = [(one.kind, one.lcsc_id) for one in comparison.changes()]
    assert sorted(found) == sorted(_plainly(old, new))
    assert {kind for kind, _ in found} >= {"gone", "out_of_stock", "dearer", "library", "reading"}


def _change(folder: Path) -> None:
    chance = random.Random(8)
    with closing(sqlite3.connect(folder / "detail.sqlite")) as db:
        numbers = [row[0] for row in db.execute("SELECT lcsc_id FROM components_full")]
        for number in chance.sample(numbers, len(numbers) // EVERY):
            sql = chance.choice(
                (
                    "DELETE FROM components_full",
                    "UPDATE components_full SET stock = 0",
                    "UPDATE components_full SET is_preferred = 1 - is_preferred",
                    "UPDATE components_full SET price_json = replace(price_json, ':0.', ':9.')",
                    "UPDATE components_full SET description = 'another'",
                )
            )
            db.execute(f"{sql} WHERE lcsc_id = ?", (number,))
        db.commit()
    with closing(sqlite3.connect(folder / "fast.sqlite")) as db:
        for table, column in (("resistor_pick", "max_power_w"), ("mosfet_pick", "max_power_w")):
            db.execute(f"UPDATE {table} SET {column} = 7.5 WHERE lcsc_id % {EVERY} = 3")
        db.commit()


def _plainly(old: Path, new: Path) -> list[tuple[str, int]]:
    """The same by dictionaries: kind and part of every change."""
    before, after = _parts(old), _parts(new)
    found = [("gone", number) for number in before.keys() - after.keys()]
    found += [("new", number) for number in after.keys() - before.keys()]
    for number in before.keys() & after.keys():
        a, b = before[number], after[number]
        if (a["stock"] > 0) != (b["stock"] > 0):
            found.append(("back" if b["stock"] > 0 else "out_of_stock", number))
        if a["library"] != b["library"]:
            found.append(("library", number))
        if a["price"] is not None and b["price"] is not None and a["price"] != b["price"]:
            if b["price"] >= a["price"] * 1.1:
                found.append(("dearer", number))
            elif b["price"] <= a["price"] * 0.9:
                found.append(("cheaper", number))
    old_values, new_values = _values(old), _values(new)
    for key in old_values.keys() & new_values.keys():
        number = key[1]
        has_same_texts = (
            number in before
            and number in after
            and before[number]["texts"] == after[number]["texts"]
        )
        if has_same_texts and old_values[key] != new_values[key]:
            found.append(("reading", number))
    return found


def _parts(folder: Path) -> dict[int, dict[str, Any]]:
    sql = (
        "SELECT lcsc_id, stock, is_basic, is_preferred, price_json, attributes_json, description,"
        " package, subcategory, category FROM components_full"
    )
    with closing(sqlite3.connect(folder / "detail.sqlite")) as db:
        return {
            row[0]: {
                "stock": row[1],
                "library": "basic" if row[2] else "preferred" if row[3] else "extended",
                "price": unit_price(tiers(row[4])),
                "texts": row[5:],
            }
            for row in db.execute(sql)
        }


def _values(folder: Path) -> dict[tuple[str, int], tuple[Any, ...]]:
    found = {}
    with closing(sqlite3.connect(folder / "fast.sqlite")) as db:
        for family in FAMILIES:
            names = ", ".join(["lcsc_id", "package", *(one.name for one in family.columns)])
            for row in db.execute(f"SELECT {names} FROM {family.table}"):
                found[family.name, row[0]] = row[1:]
    return found


def test_the_order_of_prices_equals_sql_over_their_tiers(real: Layout) -> None:
    lookup = Lookup.open(real.library, real.current / "lookup.idx")
    chance = random.Random(6)
    answered = 0
    with (
        closing(sqlite3.connect(f"file:{real.current}/fast.sqlite?mode=ro", uri=True)) as db,
        closing(sqlite3.connect(f"file:{real.current}/detail.sqlite?mode=ro", uri=True)) as detail,
    ):
        sql = "SELECT lcsc_id, price_json FROM components_full"
        reference.load_tiers(db, detail.execute(sql).fetchall())
        for _ in range(QUERIES):
            family = chance.choice(lookup_testing.SCHEMA["families"])
            request = lookup_testing.request(family, chance, db, 1.0)
            wanted = reference.answer(db, family, request)
            reply = lookup.query(json.dumps(request).encode())
            text = json.dumps(wanted, ensure_ascii=False, separators=(",", ":"))
            assert reply.body.decode() == text, request
            answered += wanted["total"]
    assert answered > QUERIES
