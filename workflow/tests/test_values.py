"""The values of 236,831 real parts: enough of them, and each as a second, simpler reader has it.

An attribute and the description of a part come to us separately and repeat each other. What our
parsers make of an attribute must be what `figures` below, which shares no code with them, finds in
the attribute's text and among the description's words. Where the description says otherwise, the
catalogue contradicts itself; `CONTRADICTIONS` lists and explains every such column.
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

from components.families import FAMILIES, Column, Family, family_named, family_of
from components.families.model import Refused, fold
from components.families.parse.tolerance import Tolerance
from components.families.reading import Reader
from components.testing.library import shared_data


class Expected(NamedTuple):
    """Parts in stock with a package; of these, pickable at least."""

    in_scope: int
    at_least: int


COUNTS = {
    "bjt": Expected(2_927, 2_800),
    "capacitor": Expected(13_520, 11_700),
    # 205 parts name no tolerance (167 of them of one maker, Honor Elec), 53 no capacitance.
    "capacitor_polarized": Expected(8_712, 8_450),
    "crystal": Expected(3_670, 3_400),
    "diode": Expected(8_315, 8_200),
    "ferrite_bead": Expected(1_398, 1_330),
    "inductor": Expected(13_826, 12_800),
    "ldo": Expected(4_926, 4_500),
    "led": Expected(2_559, 2_100),
    "mosfet": Expected(12_007, 11_300),
    "resistor": Expected(39_163, 38_300),
}
"""All but the polarized capacitors as the project asks for; those lack what identifies them."""

SUNLORD = "Sunlord's listings (and a few of TDK's) were entered anew from later datasheets"
MOSFETS = "HXY's and Goford's were: typical values, the descriptions hold limits of old ones"
SINGLE = "single slips of the catalogue, by a digit, a prefix or a neighbouring part's value"
DUAL = "the description holds the other of two ratings: another current, colour or output"
CONTRADICTIONS = {
    ("bjt", "dc_current_gain_hfe"): (3, DUAL),
    ("bjt", "max_collector_current_a"): (1, SINGLE),
    ("bjt", "max_power_w"): (2, SINGLE),
    ("capacitor", "capacitance_f"): (1, SINGLE),
    ("capacitor_polarized", "capacitance_f"): (1, SINGLE),
    ("crystal", "frequency_stability_ppm"): (1, SINGLE),
    ("diode", "forward_voltage_v"): (1, DUAL),
    ("ferrite_bead", "current_rating_a"): (1, SINGLE),
    ("inductor", "dc_resistance_ohm"): (43, SUNLORD),
    ("inductor", "max_current_a"): (76, SUNLORD),
    ("inductor", "saturation_current_a"): (2, SINGLE),
    ("inductor", "tolerance_pct"): (2, SINGLE),
    ("ldo", "dropout_voltage_v"): (12, "the description holds the input voltage instead"),
    ("ldo", "max_input_voltage_v"): (7, "the description holds the dropout voltage instead"),
    ("ldo", "output_current_a"): (1, DUAL),
    ("ldo", "output_type"): (1, SINGLE),
    ("ldo", "output_voltage_v"): (4, SINGLE),
    ("led", "forward_voltage_v"): (4, "typical values of each die; the description has ranges"),
    ("led", "max_current_a"): (2, SINGLE),
    ("mosfet", "channel_type"): (1, SINGLE),
    ("mosfet", "gate_source_threshold_voltage_v"): (416, MOSFETS),
    ("mosfet", "max_continuous_drain_current_a"): (102, MOSFETS),
    ("mosfet", "max_drain_source_voltage_v"): (6, MOSFETS),
    ("mosfet", "on_resistance_ohm"): (557, MOSFETS),
    ("resistor", "max_power_w"): (1, SINGLE),
}
"""Parts whose description holds another value than the attribute, and of nothing else they have.

The attribute counts: it is the field that is kept, the description its copy of some day.
"""


class Catalogue(NamedTuple):
    """What one pass over all parts finds, by family and column."""

    in_scope: Counter[str]
    pickable: Counter[str]
    texts: set[tuple[str, str, str]]
    verdicts: Counter[tuple[str, str, str]]


SCALES = {"": 0, "p": -12, "n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9}
FIGURE = re.compile(r"[±+-]?(\d+(?:\.\d*)?)(?:/(\d+))?([pnumkMG]?)(\D*)")
UNITS = {"Ω", "F", "H", "V", "A", "W", "Hz", "cd", "%", "ppm", ""}
Figures = dict[str, set[float]]
# How a code is written; the words of one column tell which of its codes a text holds.
WORDS = {
    "N_CHANNEL": "n[- ]?channel",
    "P_CHANNEL": "p[- ]?channel",
    "EMERALD": "emerald",
    "ICE_BLUE": "ice blue",
    "YELLOW_GREEN": "yellow[- ]?green|green[- ]?yellow",
    "ORANGE_RED": "orange[- ]red",
    "COLD_WHITE": "cold white|cool white",
    "WARM_WHITE": "warm white",
    "RGB": "rgb|red.*(green|emerald).*blue|red.*blue.*(green|emerald)",
    "RGBW": "red.*(green|emerald).*blue.*white",
    "WHITE": "white|[0-9]k",
    "C0G": "c[0o]g|np[0o]",
    "C0H": "c[0o]h",
    "ULTRAVIOLET": "ultra ?violet",
}
KINDS = {
    "channel_type": "channel",
    "doping_type": "npn|pnp",
    "output_type": "fixed|adjustable",
    "output_polarity": "positive|negative",
    "tempco_code": r"\b(x[5678][rst]|y5[vp]|c[0o]g|np[0o]|z5u|u2j)\b",
    "color_code": "(red|yellow|green|blue|orange|white|amber|rgb)(?! (lens|transp|diff|frost))",
}


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
        item = re.sub("/(℃|K)$", "", item).replace("K", "k")
        if (read := FIGURE.fullmatch(item)) is None:
            continue
        number, divisor, prefix, unit = read.groups()
        if prefix == "p" and unit == "pm":
            prefix, unit = "", "ppm"
        if unit in UNITS:
            size = Decimal(number).scaleb(SCALES[prefix]) / Decimal(divisor or 1)
            found.append((unit, _nine_digits(float(size))))
    return tuple(found)


def names(text: str, code: str) -> bool:
    """Whether a text holds a code, or each of several joined by ``+``."""
    codes = [code] if code in WORDS else code.split("+")
    patterns = [WORDS.get(one, re.escape(one.casefold())) for one in codes]
    return all(re.search(pattern, text.casefold()) for pattern in patterns)


def verdict(column: Column, value: float | str, description: str, others: Iterable[str]) -> str:
    """``agrees``, ``silent``, or ``contradicts``: it holds another value, of nothing else.

    ``others`` are the texts of the part's other attributes.
    """
    if isinstance(value, str):
        if names(description, value):
            return "agrees"
        kind = KINDS[column.name]
        return "contradicts" if re.search(kind, description.casefold()) else "silent"
    there = figures(description).get(column.unit, set())
    if _nine_digits(value) in there:
        return "agrees"
    explained = {size for text in others for size in figures(text).get(column.unit, ())}
    return "contradicts" if there - explained else "silent"


def _nine_digits(value: float) -> float:
    return float(f"{value:.9g}")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Read every part in stock with a package, from its attributes and its description."""
    readers = {family.name: Reader(family) for family in FAMILIES}
    found = Catalogue(Counter(), Counter(), set(), Counter())
    for family, part in _records():
        name, attributes, description = family.name, part["attributes"], part["description"]
        row = readers[name].read(attributes, description, part["subcategory"])
        found.in_scope[name] += 1
        found.pickable[name] += row.reason is None
        feeds = {source: _column(name, source) for source in attributes}
        fed = set(feeds.values())
        found.texts.update(
            (name, column, attributes[source]) for source, column in feeds.items() if column
        )
        for column, value in zip(family.columns, row.values, strict=True):
            if value is not None and description and column.name in fed:
                others = (attributes[one] for one in feeds if feeds[one] != column.name)
                said = verdict(column, value, description, others)
                found.verdicts[name, column.name, said] += 1
    return found


@functools.cache
def _column(family: str, source: str) -> str | None:
    for column in family_named(family).columns:
        if fold(source) in map(fold, column.attributes):
            return column.name
    return None


def _records() -> Iterator[tuple[Family, dict[str, Any]]]:
    families: dict[tuple[str, str], Family | None] = {}
    with lzma.open(shared_data() / "jlc-catalogue.jsonl.xz") as lines:
        for line in lines:
            raw = orjson.loads(line)
            key = raw["category"], raw["subcategory"]
            if key not in families:
                families[key] = family_of(*key)
            family = families[key]
            if family and raw["stock"] > 0 and family.canonical_package(raw["package"]):
                yield family, raw


@pytest.mark.parametrize("name", COUNTS)
def test_as_many_parts_can_be_picked_as_can_be_known(catalogue: Catalogue, name: str) -> None:
    assert catalogue.in_scope[name] == COUNTS[name].in_scope
    assert catalogue.pickable[name] >= COUNTS[name].at_least


def test_a_second_reader_has_the_same_value_for_every_text(catalogue: Catalogue) -> None:
    columns = {(f.name, column.name): column for f in FAMILIES for column in f.columns}
    compared = 0
    for family, name, text in sorted(catalogue.texts):
        column = columns[family, name]
        assert column.parse is not None
        value = column.parse(text)
        if value is None or isinstance(value, Refused):
            continue
        if isinstance(value, Tolerance):
            scale = 1e6 if column.unit == "ppm" else 100
            value = (value.share(None) or 0) * scale
        if isinstance(value, str):
            assert names(text, value), (family, name, text, value)
        else:
            assert _nine_digits(value) in figures(text)[column.unit], (family, name, text, value)
        compared += 1
    assert compared > 17_000


def test_descriptions_agree_but_for_what_is_listed(catalogue: Catalogue) -> None:
    contradicting = {
        (family, column): count
        for (family, column, said), count in catalogue.verdicts.items()
        if said == "contradicts"
    }
    assert contradicting == {key: count for key, (count, _) in CONTRADICTIONS.items()}


def test_every_parsed_column_is_compared(catalogue: Catalogue) -> None:
    for family in FAMILIES:
        for column in family.columns:
            if column.parse is None:
                continue
            agrees, silent = (
                catalogue.verdicts[family.name, column.name, said] for said in ("agrees", "silent")
            )
            assert agrees > 1_000, (family.name, column.name)
            # Few descriptions leave a rating out; many would mean that the comparison is blind.
            assert silent < 0.07 * agrees, (family.name, column.name)
