"""The values of 236,831 real parts: enough of them, safe, and each as a second reader has it.

`figures` below is a reader of its own, simpler than our parsers and without their code. What they
make of a text must be among what it finds there; where a part has two texts for one column, the
stored value must be the safe one of the two, or none.
"""

from __future__ import annotations

import functools
import lzma
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
import pytest

from components.families import FAMILIES, Categories, Column, categories, family_named
from components.families.model import Refused, fold
from components.families.parse.ratings import IMPLAUSIBLE, Span
from components.families.parse.tolerance import Tolerance
from components.families.reading import Reader
from components.testing.library import shared_data

PARTS_IN_SCOPE = 221_765
"""Parts in stock with a package."""
WITH_A_NUMBER_MIN = 0.95
PICKABLE_SHARE_MIN = {
    # By its own text none of these says its tolerance, or its voltage.
    # (The letters of part numbers, which tell some, are not read here.)
    "capacitor": 0.87,
    "inductor": 0.93,
}
OTHERS_PICKABLE_MIN = 0.74
SLACK = 2
"""Points that a family of the sample may stand below its share of the whole catalogue."""
LACKING = {
    # 130 of 328 say no number of logic elements: 35 count array blocks of unlike sizes, which say
    # nothing of elements; 32 have no attribute at all, 15 a supply voltage, 4 their memory, the
    # others a temperature range or features alone.
    ("fpga", "all"): 60,
}
"""Shares that a family falls short by, and what its parts lack."""
TELLING = ("real", "whole")


class Catalogue(NamedTuple):
    """What one pass over all parts finds, by family."""

    in_scope: Counter[str]
    pickable: Counter[str]
    with_number: Counter[str]
    identified: Counter[str]
    """Parts with all columns that the specification marks, pickable or not."""
    texts: set[tuple[str, str, str]]
    unsafe: list[tuple[str, str, int, object, list[str]]]
    pairs: Counter[tuple[str, str]]
    crowded: list[tuple[str, int]]
    """Parts counted as one device, by family, whose texts name several."""
    others: Counter[str]
    """How many of those that are not counted as one do."""
    packages: set[tuple[str, str]]


SCALES = {"": 0, "p": -12, "n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9}
FIGURE = re.compile(r"[±+-]?(\d+(?:\.\d*)?)(?:/(\d+))?([pnumkMG]?)(\D*)")
UNITS = {"Ω", "F", "H", "V", "A", "W", "Hz", "cd", "%", "ppm", ""}
Figures = dict[str, set[float]]

# Several devices in a text, told without our parsers; in a description a gain may stand before a
# transistor's type, so that there only channels are counted.
SEVERAL = re.compile(
    r"\b(?:dual|twin|double|triple|quad|pairs?|arrays?|bridge|matched)\b"
    r"|common[ -]?(?:cathode|anode|drain|source|emitter|collector|base)|complementary|in series"
    r"|[np]-?channels?\s*[+&/]|(?:npn|pnp)\s*[+&/]"
    r"|双|对管|一对|两|阵列|共阴|共阳|共源|共漏|串联|桥",
    re.IGNORECASE,
)
SEVERAL_CHANNELS = re.compile(r"\b[2-9]\s?(?:pcs|x)?\s?[np][ -]?channel", re.IGNORECASE)
SEVERAL_PIECES = re.compile(r"\b[2-9]\s?(?:pcs|x)?\s?(?:npn|pnp|independent)", re.IGNORECASE)
READ_OTHERWISE = {
    ("varistor", "varistor_voltage_v"): "of a band the middle",
    ("gdt", "spark_over_voltage_v"): "of a band the middle",
    ("digital_isolator", "isolation_voltage_v"): "a bare number counts in volts",
}
"""Columns whose reading is more than what the text holds."""


@functools.lru_cache(1 << 16)
def figures(text: str) -> Figures:
    """All numbers of a text by unit, scaled; conditions after ``@`` left out, signs too."""
    found: Figures = {}
    for word in re.split(r"[\s、,;]+", text):
        for unit, size in _figures(word):
            found.setdefault(unit, set()).add(size)
    return found


@functools.cache
def _figures(word: str) -> tuple[tuple[str, float], ...]:
    found = []
    for item in re.split("[~:]", word.split("@")[0]):
        item = re.sub("/(℃|K|V)$", "", item).replace("K", "k").replace("rms", "")
        item = re.sub("V[AD]C$", "V", item)
        item = re.sub(r"(?<=W)[xX×][0-9]+$", "", item)  # each of so many channels
        if item.endswith("ppb"):
            item = f"{float(item.strip('±+-')[:-3]) / 1000:g}ppm"
        if word.endswith("V/V"):
            item = item.removesuffix("V")
        if (read := FIGURE.fullmatch(item)) is None:
            continue
        number, divisor, prefix, unit = read.groups()
        if prefix == "p" and unit == "pm":
            prefix, unit = "", "ppm"
        if unit in UNITS:
            size = Decimal(number).scaleb(SCALES[prefix]) / Decimal(divisor or 1)
            found.append((unit, _nine_digits(float(size))))
    return tuple(found)


def _nine_digits(value: float) -> float:
    return float(f"{value:.9g}")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Read every part in stock with a package."""
    readers = {family.name: Reader(family) for family in FAMILIES}
    columns = {family.name: _fed(family.columns) for family in FAMILIES}
    marked = {name: wanted.columns for name, wanted in _specified().items()}
    found = Catalogue(
        Counter(), Counter(), Counter(), Counter(), set(), [], Counter(), [], Counter(), set()
    )
    for name, part, category, end in _records(categories()):
        family = family_named(name)
        attributes = part["attributes"]
        row = readers[name].read(attributes, part["description"], category, part["package"], end)
        values = dict(zip((c.name for c in family.columns), row.values, strict=True))
        found.in_scope[name] += 1
        if row.reason is None:
            found.pickable[name] += 1
            kinds = {c.name: c.kind for c in family.columns if c.default is None}
            found.with_number[name] += any(
                values[one] is not None and kind in TELLING for one, kind in kinds.items()
            )
        if all(values[column] is not None for column in marked.get(name, ())):
            found.identified[name] += 1
        said: dict[str, list[str]] = {}
        for source, text in attributes.items():
            for column in columns[name].get(_folded(source), ()):
                found.texts.add((name, column, text))
                said.setdefault(column, []).append(text)
        for column, texts in said.items():
            if len(texts) > 1 and len(set(texts)) > 1:
                _judge(found, family.column(column), name, part["lcsc"], values[column], texts)
        single = row.reason is None and values.get("element_count") == 1.0
        if single and name in ("mosfet", "bjt", "diode"):
            if _names_several(attributes.values(), part["description"]):
                found.crowded.append((name, part["lcsc"]))
        elif row.reason is None and name in ("mosfet", "bjt", "diode"):
            found.others[name] += _names_several(attributes.values(), part["description"])
        if row.reason is None:
            found.packages.add((name, part["package"]))
    return found


class Specified(NamedTuple):
    """What the specification measured of a family on the whole catalogue."""

    number_percent: int
    all_percent: int
    columns: tuple[str, ...]
    """Those of ours that it marks as identifying; a range of two is known where both ends are."""


@functools.cache
def _specified() -> dict[str, Specified]:
    text = (shared_data().parent / "catalogue" / "FAMILIES.md").read_text()
    heading = r"### (\w+) — .*: [\d,]+ parts; a number (\d+) %, all \* (\d+) %"
    found: dict[str, Specified] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("#"):
            name = ""
        if read := re.fullmatch(heading, line):
            name = read[1]
            found[name] = Specified(int(read[2]), int(read[3]), ())
        elif name and (read := re.match(r"- `([^`]+)\*`", line)):
            wanted = found[name]
            found[name] = wanted._replace(columns=(*wanted.columns, *_ours(name, read[1])))
    return found


def _ours(family: str, column: str) -> tuple[str, ...]:
    """The names of ``supply_voltage_min_v,max_v``, and of ranges that are written as one."""
    names = [one.name for one in family_named(family).columns]
    low, _, high = column.partition(",")
    if high:
        return low, low[: low.rindex("_min_") + 1] + high
    return (column,) if column in names else (f"{column}_min_v", f"{column}_max_v")


def _fed(columns: tuple[Column, ...]) -> dict[str, list[str]]:
    fed: dict[str, list[str]] = {}
    for column in columns:
        for source in column.attributes:
            fed.setdefault(fold(source), []).append(column.name)
    return fed


@functools.cache
def _folded(source: str) -> str:
    return fold(source)


def _names_several(texts: Iterable[str], description: str) -> bool:
    """Whether a part's texts name several devices, in words or by number."""
    counted = " ; ".join(texts)
    everything = f"{counted} ; {description}"
    return bool(
        SEVERAL.search(everything)
        or SEVERAL_CHANNELS.search(everything)
        or SEVERAL_PIECES.search(counted)
    )


def _judge(
    found: Catalogue, column: Column, name: str, lcsc: int, value: object, texts: list[str]
) -> None:
    """Note a stored value that two texts of one figure each show to be the unsafe one."""
    sizes = [figures(text).get(column.unit, set()) for text in texts]
    if column.kind not in TELLING or column.upper or any(len(one) != 1 for one in sizes):
        return
    low, high = min(map(min, sizes)), max(map(max, sizes))
    if high - low <= 1e-6 * high:
        return
    found.pairs[name, column.name] += 1
    if value is None:
        return
    assert isinstance(value, float)
    wrong = {
        "least": value > low * (1 + 1e-6),
        "most": value < high * (1 - 1e-6),
        None: True,
    }[column.side]
    if wrong or (low and high > 5 * low * (1 + 1e-6)):
        found.unsafe.append((name, column.name, lcsc, value, texts))


def _records(filing: Categories) -> Iterator[tuple[str, dict[str, Any], str, int]]:
    with lzma.open(shared_data() / "jlc-catalogue.jsonl.xz") as lines:
        for line in lines:
            raw = orjson.loads(line)
            if raw["stock"] <= 0 or raw["package"] in ("", "-"):
                continue
            filed = filing.file(raw["subcategory"], raw["package"], raw["description"])
            name = filed.family
            family = family_named(name)
            if family.elsewhere and (other := family.elsewhere(raw["attributes"])):
                name = other
            yield name, raw, filed.category, filed.end


def test_nearly_every_part_in_stock_can_be_asked_for_by_a_number(catalogue: Catalogue) -> None:
    scope = sum(catalogue.in_scope.values())
    assert scope == PARTS_IN_SCOPE
    assert sum(catalogue.with_number.values()) >= WITH_A_NUMBER_MIN * scope
    for name, count in catalogue.in_scope.items():
        wanted = PICKABLE_SHARE_MIN.get(name, OTHERS_PICKABLE_MIN)
        assert catalogue.pickable[name] >= wanted * count, name
    assert set(catalogue.in_scope) == {family.name for family in FAMILIES}


def test_families_have_the_shares_that_the_whole_catalogue_has(catalogue: Catalogue) -> None:
    assert len(_specified()) == 60
    short = {}
    for name, wanted in _specified().items():
        parts = catalogue.in_scope[name]
        for kind, known, percent in (
            ("number", catalogue.with_number[name], wanted.number_percent),
            ("all", catalogue.identified[name], wanted.all_percent),
        ):
            share = 100 * known / parts
            if share < LACKING.get((name, kind), percent - SLACK):
                short[name, kind] = f"{known} of {parts}, {share:.1f} %, wanted {percent}"
    assert not short


def test_no_stored_value_is_the_unsafe_one_of_two(catalogue: Catalogue) -> None:
    assert sum(catalogue.pairs.values()) > 300
    assert catalogue.unsafe == []


def test_no_single_device_is_called_several_by_its_texts(catalogue: Catalogue) -> None:
    assert catalogue.crowded == []
    # The words are there: in parts that are counted as several, or not at all.
    assert all(catalogue.others[name] > 100 for name in ("mosfet", "bjt", "diode"))


CHIP_SIZE = re.compile("[A-Z]{1,3}([0-9]{4,5}(?![0-9A-Za-z]).*)")


def test_no_package_changes_but_for_chip_sizes(catalogue: Catalogue) -> None:
    changed = {
        (package, stored)
        for name, package in catalogue.packages
        if (stored := family_named(name).canonical_package(package)) != package
    }
    for package, stored in changed:
        size = CHIP_SIZE.fullmatch(package)
        assert size and stored == size[1], (package, stored)
    # Blanks are part of a name as it stands.
    assert len(catalogue.packages) > 5_000
    assert any("  " in package for _, package in catalogue.packages)


def test_a_second_reader_has_the_same_value_for_every_text(catalogue: Catalogue) -> None:
    columns = {(f.name, column.name): column for f in FAMILIES for column in f.columns}
    compared, wrong = 0, []
    for family, name, text in sorted(catalogue.texts):
        column = columns[family, name]
        if column.kind != "real" or column.unit not in UNITS or column.parse is None:
            continue
        if (family, name) in READ_OTHERWISE:
            continue
        value = column.parse(text)
        if value is None or value is IMPLAUSIBLE or isinstance(value, Refused):
            continue
        if isinstance(value, Tolerance):
            value = (value.share(None) or 0) * (1e6 if column.unit == "ppm" else 100)
        ends = value if isinstance(value, Span) else (value,)
        there = figures(text).get(column.unit, set())
        compared += 1
        if not {_nine_digits(abs(end)) for end in ends if isinstance(end, float)} <= there:
            wrong.append((family, name, text, value))
    assert compared > 40_000
    assert len(wrong) <= compared / 10_000, wrong[:40]
