"""Rows of a family from attributes, description and subcategory; each text is parsed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from components.families.model import Family, Parsed, Refused, Value, fold
from components.families.parse.quantity import is_unknown
from components.families.parse.ratings import Span
from components.families.parse.tolerance import Tolerance

Bounds = tuple[float | None, float | None, float | None]
TEXT_MAX = 200
"""Characters of a text that could not be read that are kept; the longest real one has 96."""
_VALUELESS = frozenset((Refused, Span))
_UNSEEN = (-1, -1)


class Row(NamedTuple):
    """The values of a family's own columns in order, and why the part is not pickable."""

    values: tuple[Value, ...]
    reason: str | None


class Reader:
    """Reads the parts of one family, and counts the texts that could not be read."""

    def __init__(self, family: Family) -> None:
        self._settle = family.settle
        self._misfiled = family.misfiled
        self._columns = family.columns
        self._names = tuple(column.name for column in family.columns)
        self._required = tuple(
            (place, column.missing)
            for place, column in enumerate(family.columns)
            if column.required
        )
        self._bounded = tuple(
            (
                place,
                self._names.index(low),
                self._names.index(high),
                self._names.index(deviation),
            )
            for place, column in enumerate(family.columns)
            if (low := column.minimum_column)
            and (high := column.maximum_column)
            and (deviation := column.tolerance_column)
        )
        self._fillers = tuple(
            (place, column.describe, column.classify)
            for place, column in enumerate(family.columns)
            if column.describe is not None or column.classify is not None
        )
        self._sources = {
            fold(name): (place, rank)
            for place, column in enumerate(family.columns)
            for rank, name in enumerate(column.attributes)
        }
        self._places: dict[str, tuple[int, int] | None] = {}
        self._parsed: list[dict[str, Parsed]] = [{} for _ in family.columns]
        self._unknown: set[str] = set()
        self._bounds: dict[tuple[Parsed, Tolerance], Bounds] = {}
        self._unread: Counter[tuple[str, str]] = Counter()

    def read(self, attributes: Mapping[str, str], description: str, subcategory: str) -> Row:
        """The row of one part, its texts in order of preference, then its description."""
        found = self._from_attributes(attributes)
        for place, describe, classify in self._fillers:
            if found[place] is None and describe is not None and description:
                found[place] = describe(description)
            if found[place] is None and classify is not None:
                found[place] = classify(subcategory)
        return self._row(found, description)

    def quarantine(self) -> Iterator[tuple[str, str, int]]:
        """Column, text and count of what could not be read, sorted."""
        counts: Counter[tuple[str, str]] = Counter()
        for (column, text), count in self._unread.items():
            counts[column, text[:TEXT_MAX]] += count
        for (column, text), count in sorted(counts.items()):
            yield column, text, count

    def _from_attributes(self, attributes: Mapping[str, str]) -> list[Parsed]:
        found: list[Parsed] = [None] * len(self._columns)
        ranks = [len(self._sources)] * len(self._columns)
        for name, text in attributes.items():
            source = self._places.get(name, _UNSEEN)
            if source is _UNSEEN:
                source = self._places[name] = self._sources.get(fold(name))
            if source is None:
                continue
            place, rank = source
            known = self._parsed[place]
            try:
                parsed = known[text]
            except KeyError:
                parsed = known[text] = self._parse(place, text)
            if parsed is None:
                if text not in self._unknown:
                    self._unread[self._names[place], text] += 1
            elif rank < ranks[place]:
                found[place], ranks[place] = parsed, rank
        return found

    def _parse(self, place: int, text: str) -> Parsed:
        parse = self._columns[place].parse
        if is_unknown(text):
            self._unknown.add(text)
        elif parse is not None:
            return parse(text)
        return None

    def _row(self, found: list[Parsed], description: str) -> Row:
        reason = None
        if description and description.removesuffix(" ROHS").endswith(self._misfiled):
            reason = "misfiled"
        for place, value in enumerate(found):
            if type(value) in _VALUELESS:
                found[place] = None
                if isinstance(value, Refused):
                    reason = reason or str(value)
        for bounded in self._bounded:
            self._bound(found, bounded)
        values: list[Value] = found  # type: ignore[assignment]  # neither kind is left in it
        if self._settle is not None:
            named = dict(zip(self._names, values, strict=True))
            settled = self._settle(named, description)
            values = list(named.values())
            reason = reason or settled
        if reason is None:
            for place, missing in self._required:
                if values[place] is None:
                    reason = missing
                    break
        return Row(tuple(values), reason)

    def _bound(self, found: list[Parsed], places: tuple[int, int, int, int]) -> None:
        """Turn the tolerance among the values into the bounds and its column's number."""
        nominal, low, high, deviation = places
        tolerance, size = found[deviation], found[nominal]
        if not isinstance(tolerance, Tolerance):
            return
        key = (size, tolerance)
        if key not in self._bounds:
            scale = 1e6 if self._names[deviation].endswith("_ppm") else 100.0
            self._bounds[key] = _bounds(size if isinstance(size, float) else None, tolerance, scale)
        found[low], found[high], found[deviation] = self._bounds[key]


def _bounds(size: float | None, tolerance: Tolerance, scale: float) -> Bounds:
    low, high = (None, None) if size is None else tolerance.bounds(size)
    share = tolerance.share(size)
    return low, high, None if share is None else float(f"{share * scale:.12g}")


def _example() -> Reader:
    from components.families import family_named

    return Reader(family_named("resistor"))


def test_attributes_come_first_and_the_description_fills() -> None:
    description = "-55℃~+155℃ 125mW 150V 22kΩ Thick Film ±5% ±100ppm/℃ 0805 ROHS"
    row = _example().read({"resistance": "10kΩ", "Tolerance": "-"}, description, "")
    assert row == ((10e3, 9500.0, 10500.0, 5.0, 0.125, 150.0, 100.0), None)


def test_an_unknown_tolerance_leaves_the_bounds_unknown() -> None:
    row = _example().read({"Resistance": "10kΩ", "Tolerance": "±10%,±20%"}, "", "")
    assert row.values[:4] == (10e3, None, None, None)
    assert row.reason == "tolerance unknown"


def test_absolute_and_asymmetric_tolerances_become_bounds() -> None:
    read = _example().read
    row = read({"Resistance": "0.5Ω", "Tolerance": "±0.01Ω"}, "", "")
    assert row.values[:4] == (0.5, 0.49, 0.51, 2.0)
    row = read({"Resistance": "100Ω", "Tolerance": "-20%~+80%"}, "", "")
    assert row.values[:4] == (100.0, 80.0, 180.0, 80.0)
    row = read({"Resistance": "0Ω", "Tolerance": "±0.05Ω"}, "", "")
    assert row == ((0.0, 0.0, 0.05, None, None, None, None), None)


def test_the_first_readable_text_of_several_counts() -> None:
    reader = _example()
    row = reader.read({"Voltage Rated": "75V", "Voltage-supply(max)": "50V"}, "", "")
    assert row.values[5] == 50
    row = reader.read({"Voltage-supply(max)": "5?V", "Voltage Rated": "75V"}, "", "")
    assert row.values[5] == 75
    reader.read({"Voltage-supply(max)": "5?V"}, "", "")
    assert list(reader.quarantine()) == [("max_voltage_v", "5?V", 2)]


def test_a_part_of_another_kind_is_misfiled() -> None:
    read = _example().read
    texts = {"Resistance": "10kΩ", "Tolerance": "±1%"}
    assert read(texts, "10kΩ SOT-23 Resistor Networks, Arrays ROHS", "").reason == "misfiled"
    assert read(texts, "10kΩ 0805 Chip Resistor - Surface Mount ROHS", "").reason is None


def test_a_refused_text_says_why() -> None:
    from components.families import family_named

    row = Reader(family_named("bjt")).read({"Type": "NPN+PNP"}, "", "")
    assert row.reason == "mixed doping type"


def test_any_attributes_give_finite_values_in_order() -> None:
    import math

    from hypothesis import given
    from hypothesis import strategies as st

    from components.families import FAMILIES

    texts = st.text() | st.text("0123456789.±%~;,@ kmunpΩFHVAppHz-NPchannel")

    @given(st.sampled_from(FAMILIES), st.data())
    def harmless(family: Family, data: st.DataObject) -> None:
        names = [name for column in family.columns for name in column.attributes]
        attributes = data.draw(st.dictionaries(st.sampled_from(names) | st.text(), texts))
        row = Reader(family).read(attributes, data.draw(texts), data.draw(st.text()))
        values = dict(zip((column.name for column in family.columns), row.values, strict=True))
        for column in family.columns:
            value = values[column.name]
            if value is not None:
                assert isinstance(value, str if column.kind == "text" else float)
                assert isinstance(value, str) or (math.isfinite(value) and value >= 0)
            low, high = column.minimum_column, column.maximum_column
            if low and high and values[low] is not None:
                assert values[low] <= value <= values[high]  # type: ignore[operator]

    harmless()
