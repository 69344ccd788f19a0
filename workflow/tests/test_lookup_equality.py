"""The compiled library answers as plain SQL over ``fast.sqlite`` does, byte for byte.

``--long`` asks ten times as much. ``--lookup-fast`` names a ``fast.sqlite`` to ask about, in place
of the random one; ``--lookup-prices`` then the ``parts.sqlite`` or ``detail.sqlite`` with prices.
"""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from components.core.database import tables
from components.native.lookup import Lookup
from components.serve import reference
from components.testing import lookup as lookup_testing
from components.testing.extent import sized
from components.testing.library import library
from components.transform.index import PRICED, build_index

pytestmark = pytest.mark.long
ROWS_PER_FAMILY = 800
QUERIES = sized(5000, 50_000)


def _databases(folder: Path, config: pytest.Config) -> tuple[Path, Path | None]:
    if given := config.getoption("--lookup-fast"):
        return given, config.getoption("--lookup-prices")
    fast = lookup_testing.write_fast(folder / "fast.sqlite", ROWS_PER_FAMILY)
    return fast, lookup_testing.write_prices(folder / "parts.sqlite", fast)


def _price_texts(prices: Path | None) -> list[tuple[int, str]]:
    if prices is None:
        return []
    with closing(sqlite3.connect(f"file:{prices}?mode=ro", uri=True)) as db:
        (table,) = set(tables(db)) & set(PRICED)
        return db.execute(f"SELECT lcsc_id, price_json FROM {table}").fetchall()


@pytest.mark.parametrize("order_share", [0.0, 1.0])
def test_answers_equal_sql(order_share: float, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    fast, prices = _databases(tmp_path, pytestconfig)
    build_index(fast, library(), tmp_path / "lookup.idx", prices=prices)
    lookup = Lookup.open(library(), tmp_path / "lookup.idx")
    chance = random.Random(2)
    candidates = 0
    with closing(sqlite3.connect(f"file:{fast}?mode=ro", uri=True)) as db:
        reference.load_tiers(db, _price_texts(prices))
        for _ in range(QUERIES):
            family = chance.choice(lookup_testing.SCHEMA["families"])
            request = lookup_testing.request(family, chance, db, order_share)
            wanted = reference.answer(db, family, request)
            reply = lookup.query(json.dumps(request).encode())
            assert reply.status == 200, (request, reply.body)
            text = json.dumps(wanted, ensure_ascii=False, separators=(",", ":"))
            assert reply.body.decode() == text, request
            candidates += wanted["total"]
    assert candidates > 0


def test_a_batch_is_its_queries_in_order(tmp_path: Path) -> None:
    lookup_testing.write_fast(tmp_path / "fast.sqlite", 300)
    build_index(tmp_path / "fast.sqlite", library(), tmp_path / "lookup.idx")
    lookup = Lookup.open(library(), tmp_path / "lookup.idx")
    chance = random.Random(3)
    for count in (1, 2, 63, 1000):
        requests = [
            lookup_testing.request(chance.choice(lookup_testing.SCHEMA["families"]), chance)
            for _ in range(count)
        ]
        reply = lookup.query_batch(json.dumps({"queries": requests}).encode())
        single = b",".join(lookup.query(json.dumps(one).encode()).body for one in requests)
        assert reply.body == b'{"results":[%b],"total_queries":%d}' % (single, count)


def test_texts_that_go_on_in_other_pages_are_whole(tmp_path: Path) -> None:
    fast = lookup_testing.write_fast(tmp_path / "fast.sqlite", 3)
    packages = ["p" * 900, "q" * 999, "r" * 1000]
    with closing(sqlite3.connect(fast)) as db:
        for (lcsc_id,), package in zip(
            db.execute("SELECT lcsc_id FROM ferrite_bead_pick").fetchall(), packages, strict=True
        ):
            db.execute(
                "UPDATE ferrite_bead_pick SET package = ? WHERE lcsc_id = ?", [package, lcsc_id]
            )
        db.commit()
        db.execute("PRAGMA page_size = 512")
        db.execute("VACUUM")
    build_index(fast, library(), tmp_path / "lookup.idx")
    lookup = Lookup.open(library(), tmp_path / "lookup.idx")
    reply = lookup.query(b'{"component_type":"ferrite_bead"}').body
    found = [one["pick_parameters"]["package"] for one in json.loads(reply)["candidates"]]
    assert sorted(found) == packages
