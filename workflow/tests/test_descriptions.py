"""All texts that a part has for a column against what is stored, by a second reader.

A column's texts are its attributes, and the part's description, which repeats attributes without
their names. So the stored value is compared with a description in one of two ways: the description
has it too; or it has another value of that unit, which no attribute of the part explains, and lacks
the stored one. Every column of every family is counted by what became of its texts: they agree, the
safe value of them is stored, none is, or the stored one is unsafe.
"""

from __future__ import annotations

import itertools
import lzma
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson
import pytest

from components.families import FAMILIES, Column, Family, categories, family_named
from components.families.model import fold
from components.families.reading import Reader
from components.testing.extent import sized
from components.testing.library import shared_data
from components.testing.second_reader import (
    FACTOR,
    Figure,
    clash,
    count,
    excluded,
    figures,
    near,
    ranges,
    times,
    values,
)

pytestmark = pytest.mark.long
EVERY = sized(12, 1)
WRONG_MAX = 1e-4
AGREE, SAFE, UNKNOWN, UNSAFE, OTHER = "agree", "safe", "unknown", "unsafe", "another quantity"
OUTCOMES = (AGREE, SAFE, UNKNOWN, UNSAFE, OTHER)
SCALED = {"mm": ("m", 1e-3), "bit/s": ("bps", 1.0), "℃": ("℃", 1.0)}
"""Units of columns that are read here in another one."""


class Found(NamedTuple):
    """What one pass finds."""

    counts: Counter[tuple[str, str, str]]
    """By family, column and outcome; a part's attributes and its description count once each."""
    unsafe: list[tuple[Any, ...]]

    def add(self, family: str, column: Column, outcome: str, *told: object) -> None:
        """Count an outcome, and remember what was told where it is unsafe."""
        self.counts[family, column.name, outcome] += 1
        if outcome == UNSAFE:
            self.unsafe.append((family, column.name, *told))


class _Part(NamedTuple):
    family: Family
    lcsc: int
    attributes: Mapping[str, str]
    head: str
    """The description before package and category; empty where those are not certain."""
    stored: dict[str, Any]


def _parts() -> Iterator[_Part]:
    filing = categories()
    readers = {family.name: Reader(family) for family in FAMILIES}
    with lzma.open(shared_data() / "jlc-catalogue.jsonl.xz") as lines:
        for line in itertools.islice(lines, 0, None, EVERY):
            raw = orjson.loads(line)
            attributes, description, package = raw["attributes"], raw["description"], raw["package"]
            if raw["stock"] <= 0 or package in ("", "-"):
                continue
            filed = filing.file(raw["subcategory"], package, description)
            family = family_named(filed.family)
            if family.elsewhere and (other := family.elsewhere(attributes)):
                family = family_named(other)
            row = readers[family.name].read(
                attributes, description, filed.category, package, filed.end
            )
            head, certain, _ = f" {description}".rpartition(f" {package} ")
            names = (column.name for column in family.columns)
            stored = dict(zip(names, row.values, strict=True))
            yield _Part(family, raw["lcsc"], attributes, head if certain else "", stored)


@pytest.fixture(scope="module")
def found() -> Found:
    result = Found(Counter(), [])
    sources = {
        family.name: {column.name: frozenset(map(fold, column.attributes))
                      for column in family.columns}
        for family in FAMILIES
    }  # fmt: skip
    folded: dict[str, str] = {}
    for part in _parts():
        texts: dict[str, list[str]] = {}
        for name, text in part.attributes.items():
            key = folded.get(name) or folded.setdefault(name, fold(name))
            if text.strip().casefold() not in ("", "-", "null"):
                texts.setdefault(key, []).append(text)
        all_told = {
            name: [text for key in keys for text in texts.get(key, ())]
            for name, keys in sources[part.family.name].items()
        }
        for column in part.family.columns:
            told = all_told[column.name]
            if len(told) > 1:
                _compare_attributes(result, part, column, told)
        if part.head:
            _compare_description(result, part, all_told)
    return result


def _compare_attributes(found: Found, part: _Part, column: Column, texts: list[str]) -> None:
    stored = part.stored[column.name]
    upper = part.stored[column.upper] if column.upper else None
    outcome = _of_attributes(column, stored, upper, texts)
    if outcome:
        found.add(part.family.name, column, outcome, part.lcsc, stored, upper, texts)


def _of_attributes(column: Column, stored: Any, upper: Any, texts: list[str]) -> str:
    """The outcome of several attributes; empty where fewer than two could be read here."""
    if column.kind == "text":
        if not clash(texts):
            return AGREE
        return UNKNOWN if stored is None else UNSAFE
    unit, scale = SCALED.get(column.unit, (column.unit, 1.0))
    if column.kind == "whole" and not column.upper:
        counted = {size for text in texts if (size := count(text)) is not None}
        if len(counted) < 2:
            return AGREE if counted else ""
        return _judged(column, stored, sorted(counted))
    if column.upper:
        # With a sign it is another supply.
        texts = [text for text in texts if not re.search("[±-][0-9]", text)]
    read = [one for text in texts if (one := values(text, unit))]
    if len(read) < 2:
        return ""
    lows = [near(min(end.low for end in one)) for one in read]
    highs = [near(min(end.high for end in one) if column.side == "least" else
                  max(end.high for end in one)) for one in read]  # fmt: skip
    if column.upper:
        if len(set(lows)) == 1 and len(set(highs)) == 1:
            return AGREE
        if stored is None or upper is None:
            return UNKNOWN
        inside = stored * scale >= max(lows) * 0.999999 and upper * scale <= min(highs) * 1.000001
        return SAFE if inside else UNSAFE
    sizes = sorted(set(lows) if column.side is None else set(highs))
    if len(sizes) == 1:
        return AGREE
    return _judged(column, None if stored is None else abs(stored) * scale, sizes)


def _judged(column: Column, stored: float | None, sizes: list[float]) -> str:
    """The outcome where texts give ``sizes``, which differ, sorted."""
    if stored is None:
        return UNKNOWN
    if column.side is None or times(sizes[0], sizes[-1]) > FACTOR * 1.000001:
        return UNSAFE
    return SAFE if _is_safe(column, stored, sizes) else UNSAFE


def _is_safe(column: Column, stored: float, sizes: list[float]) -> bool:
    """Whether no more is promised, or no less is charged, than any of ``sizes``, sorted."""
    least = column.side == "least"
    return stored <= sizes[0] * 1.000001 if least else stored >= sizes[-1] * 0.999999


def _compare_description(found: Found, part: _Part, all_told: Mapping[str, list[str]]) -> None:
    texts = part.attributes.values()
    said = frozenset[Figure]().union(*map(figures, texts))
    there, whole = figures(part.head), ranges(part.head)
    ranges_said = frozenset[frozenset[Figure]]().union(*map(ranges, texts))
    # What a column has that no attribute tells, it has from the description.
    filled = {(SCALED.get(c.unit, (c.unit, 1.0))[0],
               near(abs(value) * SCALED.get(c.unit, ("", 1.0))[1]))
              for c in part.family.columns
              if isinstance(value := part.stored[c.name], float)}  # fmt: skip
    # Of a range that an attribute tells in part, the other end is no value of its own.
    ends = frozenset[Figure]().union(*(one for one in whole if one & said))
    left = [one - said - filled - ends for word in part.head.split() if (one := figures(word))]
    uppers = {column.upper for column in part.family.columns}
    for column in part.family.columns:
        value = part.stored[column.name]
        if column.kind == "text":
            _compare_words(found, part, column, all_told[column.name])
        if not isinstance(value, float) or (column.tolerance_column and column.parse is None):
            continue
        unit, scale = SCALED.get(column.unit, (column.unit, 1.0))
        size = near(abs(value) * scale)
        counts = column.kind == "whole"
        told = part.lcsc, value, part.head
        name = part.family.name
        own = {one for text in all_told[column.name] for one in figures(text)} | {(unit, size)}
        if own & there or (counts and size in _counted(part.head)):
            rated = column.side and column.name not in uppers
            listed = _listed(part.head, unit, own, said) if rated else ()
            outcome = (
                AGREE if len(listed) < 2 else SAFE if _is_safe(column, size, listed) else UNSAFE
            )
            found.add(name, column, outcome, *told)
        elif column.pair and _other_range(unit, size, whole - ranges_said):
            found.add(name, column, UNSAFE, *told)
        elif not column.pair and column.name not in uppers:
            for one in left:
                sizes = sorted(size for its, size in one if its == unit)
                if sizes and _is_nearest(unit, size, sizes[-1], said - there):
                    found.add(name, column, _told(column, size, sizes), *told, sizes)


def _compare_words(found: Found, part: _Part, column: Column, texts: list[str]) -> None:
    outcome = excluded(texts, part.head, part.attributes.values()) if texts else ""
    if outcome == "same":
        found.add(part.family.name, column, AGREE)
    elif outcome:
        stored = part.stored[column.name]
        found.add(part.family.name, column, UNKNOWN if stored is None else UNSAFE,
                  part.lcsc, stored, texts, part.head)  # fmt: skip


def _counted(head: str) -> set[float]:
    return {size for word in head.split() if (size := count(word)) is not None}


def _listed(head: str, unit: str, own: set[Figure], said: frozenset[Figure]) -> list[float]:
    """The values of lists that hold one of a column's and that no attribute has: ``10V、16V``."""
    words = [word for word in head.split() if "、" in word and "~" not in word]
    lists = [one for word in words if own & (one := figures(word)) and not one <= said]
    return sorted(size for its, size in frozenset().union(*lists) if its == unit)


def _is_nearest(unit: str, stored: float, told: float, others: frozenset[Figure]) -> bool:
    """Whether no attribute that the description lacks is nearer to what it tells."""
    return all(times(stored, told) <= times(other, told) for its, other in others if its == unit)


def _told(column: Column, stored: float, sizes: list[float]) -> str:
    """The outcome where a description has ``sizes``, sorted, and lacks the stored value."""
    if max(times(stored, size) for size in sizes) > FACTOR:
        return OTHER
    safe = stored <= sizes[0] if column.side == "least" else stored >= sizes[-1]
    return SAFE if column.side and safe else UNSAFE


def _other_range(unit: str, low: float, found: frozenset[frozenset[Figure]]) -> bool:
    """Whether one of the ranges begins above a lower end, and close to it: it promises less."""
    firsts = [min(size for _, size in one) for one in found if {u for u, _ in one} == {unit}]
    return any(low < first <= low * FACTOR for first in firsts)


def test_no_stored_value_is_unsafe_by_another_text(found: Found) -> None:
    table = {(family, column) for family, column, _ in found.counts}
    print(f"{'family':24}{'column':34}", *(f"{one:>10}" for one in OUTCOMES))
    for family, column in sorted(table):
        cells = (f"{found.counts[family, column, one]:10}" for one in OUTCOMES)
        print(f"{family:24}{column:34}", *cells)
    sums = Counter[str]()
    for (_, _, outcome), parts in found.counts.items():
        sums[outcome] += parts
    print(dict(sums), *found.unsafe, sep="\n")
    agreeing = {family for family, _, outcome in found.counts if outcome == AGREE}
    assert agreeing == {family.name for family in FAMILIES}
    assert sums[AGREE] > 800_000 / EVERY
    assert sums[SAFE] > 5_000 / EVERY
    assert found.unsafe == []


def test_what_is_unsafe_is_seen() -> None:
    promise, cost = Column("x_v", "real", "", side="least"), Column("x_v", "real", "", side="most")
    nominal, word = Column("x_v", "real", ""), Column("x", "text", "")
    whole = Column("x_count", "whole", "")
    for column, stored, texts, outcome in (
        (promise, 30.0, ["30V", "20V"], UNSAFE),
        (promise, 20.0, ["30V", "20V"], SAFE),
        (promise, 20.0, ["20V", "0.02kV"], AGREE),
        (promise, 5.0, ["5V", "500V"], UNSAFE),
        (cost, 0.5, ["500mV@1A", "600mV@2A"], UNSAFE),
        (nominal, 5.0, ["5V", "6V"], UNSAFE),
        (nominal, None, ["5V", "6V"], UNKNOWN),
        (whole, 2.0, ["Dual", "1"], UNSAFE),
        (whole, 10.0, ["2x5P", "10P"], AGREE),
        (word, "YES", ["Yes", "No"], UNSAFE),
        (word, "BOOST+BUCK", ["Boost;Buck", "Buck, Boost"], AGREE),
    ):
        assert _of_attributes(column, stored, None, texts) == outcome, texts
    pair = Column("x_min_v", "real", "", upper="x_max_v")
    assert _of_attributes(pair, 1.8, 5.5, ["1.8V~5.5V", "2.7V~5.5V"]) == UNSAFE
    assert _of_attributes(pair, 2.7, 5.5, ["1.8V~5.5V", "2.7V~5.5V"]) == SAFE
    assert _told(promise, 30.0, [20.0]) == _told(nominal, 30.0, [20.0]) == UNSAFE
    assert _told(promise, 20.0, [30.0]) == SAFE
    assert _told(cost, 0.5, [0.4, 5.0]) == OTHER
    assert _listed("1A 10V、16V", "V", {("V", 10.0)}, frozenset()) == [10.0, 16.0]
