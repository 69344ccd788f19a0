"""A catalogue that changes every night: which parts it has on night N, and what it says of them.

Each night a share of the parts is new, as many are gone, and as many have another price and another
stock. Names, texts and prices are those of a ready catalogue where one is given; what EasyEDA and
the datasheets' hosts say of them is the bundled upstream's.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import orjson

from components.bundled.catalogue import calmed
from components.bundled.catalogue import parts as bundled_parts
from components.bundled.part import Part, Price
from components.source.catalogue import open_catalogue

CHURN_SHARE = 0.01
OUT_OF_STOCK_SHARE = 0.25  # of the parts whose stock changes


class Month:
    """``count`` parts on each of ``nights`` nights, from night 1 on."""

    def __init__(self, count: int, nights: int, source: Path | None = None, seed: int = 1) -> None:
        self.count = count
        self.churn = max(1, round(count * CHURN_SHARE))
        self._seed = seed
        wanted = count + nights * self.churn
        self._order = list(calmed(bundled_parts(wanted, seed)))
        if source is not None:
            self._order = _dressed(self._order, source, seed)
        random.Random(seed).shuffle(self._order)

    def new(self, night: int) -> frozenset[int]:
        """The numbers of parts that were not there the night before."""
        end = self.count + (night - 1) * self.churn
        fresh = self._order[end - self.churn : end] if night > 1 else self._order[:end]
        return frozenset(part.lcsc for part in fresh)

    def parts(self, night: int) -> tuple[Part, ...]:
        """The catalogue of one night, by part number."""
        first = (night - 1) * self.churn
        there = self._order[first : first + self.count]
        changes: dict[int, dict[str, object]] = {}
        for past in range(2, night + 1):
            self._change(past, changes)
        made = (replace(part, **changes.get(part.lcsc, {})) for part in there)  # type: ignore[arg-type]
        return tuple(sorted(made, key=lambda part: part.lcsc))

    def _change(self, night: int, changes: dict[int, dict[str, object]]) -> None:
        chance = random.Random(f"{self._seed} {night}")
        first = (night - 1) * self.churn
        there = self._order[first : first + self.count]
        for part in chance.sample(there, self.churn):
            factor = chance.choice((0.9, 1.1))
            rows = (price._replace(unit_usd=_price(price, factor)) for price in part.prices)
            changes.setdefault(part.lcsc, {})["prices"] = tuple(rows)
        for part in chance.sample(there, self.churn):
            empty = chance.random() < OUT_OF_STOCK_SHARE
            stock = 0 if empty else chance.randrange(1, 100_000)
            changes.setdefault(part.lcsc, {})["stock"] = stock


def _price(price: Price, factor: float) -> float:
    return round(price.unit_usd * factor, 6)


def _dressed(made: Sequence[Part], source: Path, seed: int) -> list[Part]:
    """The bundled parts with what ``source`` says of as many parts of its own.

    Raises ValueError where it has fewer.
    """
    with closing(open_catalogue(source)) as db:
        numbers = [row[0] for row in db.execute("SELECT lcsc FROM part_rows ORDER BY lcsc")]
        if len(numbers) < len(made):
            raise ValueError(f"{source}: {len(numbers)} parts, and a month takes {len(made)}")
        chosen = set(random.Random(seed).sample(numbers, len(made)))
        rows = db.execute("SELECT * FROM parts ORDER BY lcsc")
        names = [column[0] for column in rows.description]
        told = (dict(zip(names, row, strict=True)) for row in rows)
        kept = (row for row in told if row["lcsc"] in chosen)
        return [_of_row(part, row) for part, row in zip(made, kept, strict=True)]


def _of_row(part: Part, row: dict[str, object]) -> Part:
    extra = orjson.loads(str(row["extra"] or "null")) or {}
    attributes = extra.get("attributes") if isinstance(extra, dict) else {}
    prices = tuple(
        Price(int(tier["qFrom"]), int(tier["qTo"] or -1), float(tier["price"]))
        for tier in orjson.loads(str(row["price"] or "[]"))
    )
    number = int(str(row["lcsc"]))
    return replace(
        part,
        lcsc=number,
        category=str(row["category"]),
        subcategory=str(row["subcategory"]),
        mfr=str(row["mfr"]),
        manufacturer=str(row["manufacturer"] or "") or None,
        package=str(row["package"]),
        joints=int(str(row["joints"])),
        is_basic=bool(row["basic"]),
        is_preferred=bool(row["preferred"]),
        description=str(row["description"]),
        attributes=tuple((name, str(value)) for name, value in dict(attributes or {}).items()),
        stock=int(str(row["stock"])),
        prices=prices,
        datasheet=part.datasheet.replace(str(part.lcsc), str(number)),
        images=(),
    )


def test_every_night_a_share_is_new_gone_dearer_and_restocked(tmp_path: Path) -> None:
    from components.testing.operate import write_ready_source

    source = write_ready_source(tmp_path / "s.sqlite3", bundled_parts(700, seed=7))
    for month in (Month(500, 5), Month(500, 5, source)):
        nights = [{part.lcsc: part for part in month.parts(night)} for night in range(1, 6)]
        assert month.new(1) == set(nights[0]) and month.churn == 5
        for number, (before, after) in enumerate(pairwise(nights), 2):
            assert len(after) == 500
            assert set(after) - set(before) == month.new(number)
            both = set(after) & set(before)
            for name in ("prices", "stock"):
                changed = sum(getattr(before[n], name) != getattr(after[n], name) for n in both)
                assert 1 <= changed <= 5, name
        assert any(part.datasheet.count(str(part.lcsc)) for part in nights[0].values())
