"""What descriptions say against what is stored, by a second reader that shares no code with ours.

A description repeats a part's attributes without their names. So a stored value is compared with
it in one of two ways: the description has it too; or it has another value of that unit, which no
attribute of the part explains, and lacks the stored one. Of the second kind each is explained:
the stored value is the safe one of the two, or it is no value of that column at all (more than
five times off), or ours is wrong.
"""

from __future__ import annotations

import functools
import itertools
import lzma
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
import pytest

from components.families import FAMILIES, Column, categories, family_named
from components.families.reading import Reader
from components.testing.extent import sized
from components.testing.library import shared_data

pytestmark = pytest.mark.long
EVERY = sized(12, 1)
WRONG_MAX = 1e-4
WRONG = "wrong"
FACTOR = 5.0
"""Values further apart are not of one column."""

SCALES = {"": 1.0, "p": 1e-12, "n": 1e-9, "u": 1e-6, "μ": 1e-6, "m": 1e-3, "k": 1e3, "K": 1e3,
          "M": 1e6, "G": 1e9}  # fmt: skip
UNITS = "Ω|F|Hz|H|V|A|W|cd|s|J|T|N|C|ppm|%|dBm|dB|m|°|bit|bps|B|K|"
NUMBER = re.compile(
    rf"[±+-]?(?P<size>[0-9]+(?:\.[0-9]*)?)(?:/(?P<by>[1-9][0-9]*))?(?P<scale>[pnuμmkKMG]?)(?P<unit>{UNITS})"
    r"(?:/℃|\(Max\)|max)?"
)
OTHERS = {
    "V/us": ("V/s", 1e6), "V/ms": ("V/s", 1e3), "V/ns": ("V/s", 1e9), "gf": ("N", 9.80665e-3),
    "Gs": ("T", 1e-4), "ppb": ("ppm", 1e-3), "Mbps": ("bps", 1e6), "Kbps": ("bps", 1e3),
    "Gbps": ("bps", 1e9), "Kbit": ("bit", 2.0**10), "Mbit": ("bit", 2.0**20),
    "Gbit": ("bit", 2.0**30), "KB": ("B", 2.0**10), "MB": ("B", 2.0**20), "P": ("", 1.0),
    "V/V": ("", 1.0), "hrs": ("s", 3600.0), "Bits": ("bit", 1.0), "V/mV": ("", 1e3),
}  # fmt: skip
OTHER = re.compile(
    r"[±+-]?(?P<size>[0-9]+(?:\.[0-9]*)?)(?P<unit>" + "|".join(map(re.escape, OTHERS)) + ")"
)
PRODUCT = re.compile(r"([0-9]+)P?[xX×]([0-9]+)P?")
SCALED = {"mm": ("m", 1e-3), "bit/s": ("bps", 1.0), "℃": ("℃", 1.0)}
"""Units of columns that are read here in another one."""
Figure = tuple[str, float]


def _near(value: float) -> float:
    return float(f"{value:.6g}")


@functools.lru_cache(1 << 18)
def figures(text: str) -> frozenset[Figure]:
    """All numbers of a text with their units; what stands behind ``@`` is a condition."""
    found = set()
    for item in re.split(r"[\s、,;，；]+", text.replace("Ω", "Ω").replace("µ", "u")):
        found |= _item(item)
    return frozenset(found)


@functools.lru_cache(1 << 16)
def _item(item: str) -> frozenset[Figure]:
    item = item.split("@")[0].strip("()")
    ends = item.split("~")
    found = {one for end in ends if (one := _one(end))}
    last = re.search(r"[^0-9.]+$", ends[-1])
    if len(ends) == 2 and last and re.fullmatch(r"[0-9.]+", ends[0]):
        # "1.25~5.5V": the unit stands at the end alone.
        found = {one for end in (ends[0] + last[0], ends[1]) if (one := _one(end))}
    if read := PRODUCT.fullmatch(item):
        found.add(("", float(int(read[1]) * int(read[2]))))
    return frozenset(found)


def _one(text: str) -> Figure | None:
    if read := OTHER.fullmatch(text):
        unit, scale = OTHERS[read["unit"]]
        return unit, _near(float(read["size"]) * scale)
    if read := NUMBER.fullmatch(text):
        size = float(read["size"]) * SCALES[read["scale"]] / float(read["by"] or 1)
        return read["unit"], _near(size)
    return None


class Found(NamedTuple):
    """What one pass finds."""

    counts: Counter[tuple[str, str]]
    """By family and outcome."""
    wrong: list[tuple[Any, ...]]


def _records() -> Iterator[tuple[str, dict[str, Any], str, int]]:
    filing = categories()
    with lzma.open(shared_data() / "jlc-catalogue.jsonl.xz") as lines:
        for line in itertools.islice(lines, 0, None, EVERY):
            part = orjson.loads(line)
            if part["stock"] <= 0 or part["package"] in ("", "-") or not part["description"]:
                continue
            filed = filing.file(part["subcategory"], part["package"], part["description"])
            family = family_named(filed.family)
            name = (family.elsewhere and family.elsewhere(part["attributes"])) or family.name
            yield name, part, filed.category, filed.end


@pytest.fixture(scope="module")
def found() -> Found:
    readers = {family.name: Reader(family) for family in FAMILIES}
    result = Found(Counter(), [])
    for name, part, category, end in _records():
        description = part["description"]
        row = readers[name].read(part["attributes"], description, category, part["package"], end)
        # Where the package does not stand before the category's name, the end is not certain.
        head, package, _ = f" {description}".rpartition(f" {part['package']} ")
        if package:
            _compare(result, name, part, head, row.values)
    return result


def _compare(
    result: Found, name: str, part: dict[str, Any], head: str, values: tuple[Any, ...]
) -> None:
    texts = part["attributes"].values()
    there, ranges = figures(head), _ranges(head)
    said = frozenset[Figure]().union(*map(figures, texts))
    whole = frozenset[frozenset[Figure]]().union(*map(_ranges, texts))
    # Of a range that an attribute tells in part, the other end is no value of its own.
    left = there - said - frozenset[Figure]().union(*(one for one in ranges if one & said))
    missing: dict[str, list[tuple[Column, float]]] = {}
    columns_of = family_named(name).columns
    uppers = {column.upper for column in columns_of}
    for column, value in zip(columns_of, values, strict=True):
        if not isinstance(value, float) or (column.tolerance_column and column.parse is None):
            continue
        unit, scale = SCALED.get(column.unit, (column.unit, 1.0))
        size = abs(value) * scale
        if (unit, _near(size)) in there:
            result.counts[name, "agrees"] += 1
        elif column.pair and _other_range(unit, size, ranges - whole):
            result.counts[name, WRONG] += 1
            result.wrong.append((name, column.name, part["lcsc"], value, head))
        elif column.pair or column.name in uppers or all(unit != one for one, _ in left):
            result.counts[name, "not said"] += 1
        else:
            missing.setdefault(unit, []).append((column, size))
    for unit, columns in missing.items():
        for _, told in sorted(one for one in left if one[0] == unit):
            column, size = min(columns, key=lambda one: _times(one[1], told))
            outcome = _outcome(column, size, told)
            result.counts[name, outcome] += 1
            if outcome == WRONG:
                result.wrong.append((name, column.name, part["lcsc"], size, told, head))


def _outcome(column: Column, stored: float, told: float) -> str:
    if _times(stored, told) > FACTOR:
        return "another quantity"
    safe = stored <= told if column.side == "least" else stored >= told
    return "safe side" if column.side and safe else WRONG


def _times(one: float, other: float) -> float:
    low, high = sorted((one, other))
    return high / low if low else math.inf


@functools.lru_cache(1 << 18)
def _ranges(text: str) -> frozenset[frozenset[Figure]]:
    """The ranges of a text, as sets of both ends."""
    return frozenset(figures(word) for word in re.split(r"[\s、,;]+", text) if "~" in word)


def _other_range(unit: str, low: float, ranges: frozenset[frozenset[Figure]]) -> bool:
    """Whether one of the ranges begins above a lower end, and close to it: it promises less."""
    firsts = [min(size for _, size in one) for one in ranges if {u for u, _ in one} == {unit}]
    return any(low < first <= low * FACTOR for first in firsts)


def test_stored_values_are_what_descriptions_say(found: Found) -> None:
    outcomes: Counter[str] = Counter()
    for (_, outcome), parts in found.counts.items():
        outcomes[outcome] += parts
    families = {name for name, outcome in found.counts if outcome == "agrees"}
    assert families == {family.name for family in FAMILIES}
    print(dict(outcomes), *sorted(found.counts.items()), *found.wrong, sep="\n")
    assert outcomes["agrees"] > 800_000 / EVERY
    compared = outcomes["agrees"] + outcomes["safe side"] + outcomes[WRONG]
    # What is left is wrong at one of the two sources, and lies among columns of one unit.
    assert outcomes[WRONG] <= max(WRONG_MAX * compared, 1 + 20 / EVERY), found.wrong


def test_the_second_reader_reads_what_people_write() -> None:
    assert figures("1.25~5.5V 12mΩ@10V,50A") >= {("V", 1.25), ("V", 5.5), ("Ω", 0.012)}
    assert figures("1/16W ±1% 2x5P 0.8V/us 40Gs") == {
        ("W", 0.0625), ("%", 1.0), ("", 10.0), ("V/s", 8e5), ("T", 4e-3)
    }  # fmt: skip
    assert _outcome(Column("x_v", "real", "", side="least"), 30.0, 20.0) == WRONG
    assert _outcome(Column("x_v", "real", "", side="least"), 20.0, 30.0) == "safe side"
    assert _outcome(Column("x_v", "real", ""), 20.0, 30.0) == WRONG
