"""Databases and questions at random, for the tests of the lookup and its benchmarks.

The values are few and collide on purpose: ties in every part of the order, bounds that touch a
query's, NULLs, zeros of both signs, denormals, texts that differ in case only.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from components.families.schema import lookup_schema

SCHEMA = lookup_schema()
SPECIAL = (0.0, -0.0, 5e-324, -5e-324, 2.2250738585072014e-308, 1e-300, 1e300, 1.7e308, -1.7e308)
PACKAGES = (
    "0402",
    "0603",
    "0805",
    "D2PAK",
    "SOT 23",
    "SOT-23",
    "sot-23",
    "SOT-23-6",
    "插件,D6.3xL11mm",
    'A"\\B',
)
TEXTS = (
    "X7R",
    "x7r",
    "Surface Mount",
    "SURFACE_MOUNT",
    "surface-mount",
    "C0G",
    "NPN",
    "Npn",
    "N_CHANNEL",
    "RED",
    'q"\\\n',
    "µ",
)


def write_fast(path: Path, rows: int, seed: int = 1) -> Path:
    """A ``fast.sqlite`` with ``rows`` rows a family, in place of what was there."""
    chance = random.Random(seed)
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db:
        for family in SCHEMA["families"]:
            columns = "".join(
                f", {c['name']} {'INTEGER' if c['whole'] else c['kind'].upper()}"
                for c in family["columns"]
            )
            db.execute(
                f"CREATE TABLE {family['table']} (lcsc_id INTEGER PRIMARY KEY NOT NULL, package"
                " TEXT NOT NULL, stock INTEGER NOT NULL, is_basic INTEGER NOT NULL, is_preferred"
                f" INTEGER NOT NULL, unit_price REAL{columns})"
            )
            marks = ", ".join("?" * (6 + len(family["columns"])))
            db.executemany(
                f"INSERT INTO {family['table']} VALUES ({marks})",
                [_row(family, chance, lcsc_id) for lcsc_id in _ids(chance, rows)],
            )
        db.commit()
    return path


def write_prices(path: Path, fast: Path, seed: int = 1) -> Path:
    """Price texts for most parts of ``fast``, as ``detail.sqlite`` has them. Few, so they tie."""
    chance = random.Random(seed)
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(fast)) as db:
        numbers = {
            lcsc_id
            for family in SCHEMA["families"]
            for (lcsc_id,) in db.execute(f"SELECT lcsc_id FROM {family['table']}")
        }
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE parts (lcsc_id INTEGER PRIMARY KEY NOT NULL, price_json TEXT)")
        rows = [(number, _price_text(chance)) for number in sorted(numbers)]
        db.executemany("INSERT INTO parts VALUES (?, ?)", rows)
        db.commit()
    return path


def _price_text(chance: random.Random) -> str | None:
    """Tiers as jlcparts writes them, or what may stand in their place."""
    if chance.random() < 0.1:
        return chance.choice((None, "", "[]", "{", "{}", '[{"qFrom":1,"price":0}]', "[1]"))
    price = chance.choice((0.0005, 0.002, 0.01, 1.5)) * chance.choice((1, 1, 2, 3))
    entries = []
    for quantity in sorted({1, *chance.sample((5, 10, 20, 100, 102, 500, 5000, 50_000), 4)}):
        entries.append({"qFrom": quantity, "price": round(price, 6)})
        # Prices mostly fall with the quantity; nothing says that they must.
        price *= chance.choice((0.5, 0.8, 1, 1.1))
    if chance.random() < 0.2:
        entries = entries[1:]
    if chance.random() < 0.2:
        chance.shuffle(entries)
    return json.dumps(entries)


def _ids(chance: random.Random, rows: int) -> list[int]:
    return chance.sample(range(1, 10 * rows + 1), rows)


def _row(family: Mapping[str, Any], chance: random.Random, lcsc_id: int) -> list[Any]:
    flags = [int(chance.random() < 0.1), int(chance.random() < 0.1)]
    row = [lcsc_id, chance.choice(PACKAGES), chance.choice((1, 5, 100, chance.randrange(1, 10**6)))]
    values: dict[str, Any] = {}
    for column in family["columns"]:
        values[column["name"]] = _value(column, chance)
    for span in family["spans"]:
        low, high = values[span["minimum_column"]], values[span["maximum_column"]]
        if low is not None and high is not None and chance.random() < 0.9:
            values[span["minimum_column"]] = min(low, high)
            values[span["maximum_column"]] = max(low, high)
    for column in family["columns"]:
        if column["default"] is not None:
            values[column["name"]] = chance.choice((1.0, 1.0, 1.0, 2.0, None))
        nominal = values[column["name"]]
        low, high = column["minimum_column"], column["maximum_column"]
        if low is not None and nominal is not None and abs(nominal) < 1e300:
            band = abs(nominal) * chance.choice((0.0, 0.01, 0.05, 0.2))
            values[low] = chance.choice((nominal - band,) * 9 + (None,))
            values[high] = chance.choice((nominal + band,) * 9 + (None,))
    price = chance.choice((None, 0.01, round(chance.random(), 4) + 0.001))
    return [*row, *flags, price, *values.values()]


def _value(column: Mapping[str, Any], chance: random.Random) -> float | str | None:
    if chance.random() < 0.1:
        return None
    if column["kind"] == "text":
        return chance.choice(TEXTS)
    return _number(chance)


def _number(chance: random.Random) -> float:
    if chance.random() < 0.05:
        return chance.choice(SPECIAL)
    return chance.choice((1.0, 2.2, 4.7, 9.1)) * 10.0 ** chance.randrange(-3, 5)


def request(
    family: Mapping[str, Any],
    chance: random.Random,
    db: sqlite3.Connection | None = None,
    order_share: float = 0.0,
) -> dict[str, Any]:
    """A valid request on ``family``; with ``db``, most values are taken from one of its rows.

    So large a share of the requests asks for the cheapest first.
    """
    row = _some_row(family, chance, db)
    asked: dict[str, Any] = {"component_type": family["name"]}
    if chance.random() < 0.5:
        asked["package"] = _package(family, chance, row)
    if chance.random() < 0.3:
        asked["qty"] = chance.choice((0, 1, 5, 100, 1000, row.get("stock", 10), 2**40, None))
    if chance.random() < order_share:
        asked["order"] = "price"
    if chance.random() < 0.7:
        asked["limit"] = chance.choice((1, 2, 7, 40, 50, 499, 500, None))
    choices = [*family["columns"], *map(_as_column, family["spans"])]
    columns = chance.sample(choices, min(len(choices), chance.choice((0, 1, 1, 2, 3, 99))))
    for column in columns:
        name = chance.choice([column["name"], *column["aliases"]])
        if column["kind"] == "text":
            text = row.get(column["name"]) or chance.choice(TEXTS)
            asked.setdefault("exact", {})[name] = _recased(text, chance)
        elif chance.random() < 0.25:
            asked.setdefault("exact", {})[name] = _near(column, chance, row)
        else:
            asked.setdefault("ranges", {})[name] = _bounds(column, chance, row)
    return asked


def _as_column(span: Mapping[str, Any]) -> dict[str, Any]:
    """A span as what is asked of it; its values are near those of its lower column."""
    return {**span, "kind": "real", "ppm_fraction": False, "near": span["minimum_column"]}


def _some_row(
    family: Mapping[str, Any], chance: random.Random, db: sqlite3.Connection | None
) -> dict[str, Any]:
    if db is None:
        return {}
    cursor = db.execute(
        f"SELECT * FROM {family['table']} WHERE lcsc_id >= ? LIMIT 1",
        [chance.randrange(1, _highest(db, family["table"]) + 1)],
    )
    names = [column[0] for column in cursor.description]
    return dict(zip(names, cursor.fetchone(), strict=True))


def _highest(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT max(lcsc_id) FROM {table}").fetchone()[0])


def _package(family: Mapping[str, Any], chance: random.Random, row: Mapping[str, Any]) -> str:
    package = row.get("package") or chance.choice(PACKAGES)
    if chance.random() < 0.05:
        return chance.choice(("", "-", "nowhere", "R", "0402 ", "x" * 2000))
    if family["package_prefixes"] and chance.random() < 0.5:
        package = chance.choice(family["package_prefixes"]) + package
    return _recased(package, chance)


def _recased(text: str, chance: random.Random) -> str:
    """ASCII letters alone: SQL's ``lower`` knows no others."""
    change = chance.choice((str, str.upper, str.lower, str.swapcase))
    return "".join(change(c) if c.isascii() else c for c in text)


def _near(column: Mapping[str, Any], chance: random.Random, row: Mapping[str, Any]) -> float | int:
    """A row's value, or close to it on either side of the margin, or any other."""
    value = row.get(column.get("near", column["name"]))
    if value is None or chance.random() < 0.2:
        value = chance.choice((_number(chance), 0, 100, -7, 0.005, 1e-9))
    elif chance.random() < 0.5:
        value *= 1 + chance.choice((-2e-5, -1e-5, -9e-6, 1e-9, 9e-6, 1e-5, 2e-5))
    if column["ppm_fraction"] and chance.random() < 0.3:
        value = value / 1e6
    return chance.choice((value, int(value))) if abs(value) < 1e15 else value


def _bounds(
    column: Mapping[str, Any], chance: random.Random, row: Mapping[str, Any]
) -> dict[str, float | None]:
    one = _near(column, chance, row)
    width = chance.choice((0, 1e-6, 0.01, 0.05, 0.1, 0.5, 10))
    ends = [one - abs(one) * width, one + abs(one) * width]
    if chance.random() < 0.1:
        ends = [-1.7e308, 1.7e308]
    low, high = sorted(max(min(end, 1.7e308), -1.7e308) for end in ends)
    if column["ppm_fraction"] and (abs(low) <= 0.01) != (abs(high) <= 0.01):
        low = high  # one end would be read as a fraction, the other not
    bounds: dict[str, float | None] = {"minimum": low, "maximum": high}
    drop = chance.random()
    if drop < 0.15:
        bounds.pop("minimum")
    elif drop < 0.3:
        bounds["maximum"] = None
    return bounds
