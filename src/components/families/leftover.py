"""What a description says beyond a part's attributes: values that they lack, or contradict.

A description repeats most attributes word for word. A word that no attribute explains is a value
of a column that has none, or another value of one whose own is not in the description; a word
that could be of several columns is of the one whose value is nearest; a plain number that could
be of several counts leaves all of them unknown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

from components.families.memo import Memo
from components.families.model import Column, Parsed
from components.families.parse.counts import mentioned
from components.families.parse.figures import Figures, figures, nine_digits
from components.families.parse.opposites import may_oppose, opposed
from components.families.parse.quantity import clean
from components.families.parse.ratings import IMPLAUSIBLE, Span
from components.families.parse.tolerance import Tolerance

WORDS_MAX = 1 << 18
Hits = tuple[tuple[int, Parsed], ...]


class _Word(NamedTuple):
    """A word's numbers with units, what it says of columns, and the counts it mentions."""

    figures: Figures
    hits: Hits
    counts: tuple[float, ...]
    may_oppose: bool


_DIGIT = re.compile(r"\d")
_NOTHING = _Word((), (), (), may_oppose=False)


def _figures(text: str) -> Figures:
    if not _DIGIT.search(text):
        return ()
    return tuple(one for word in clean(text).split() for one in figures(word))


# By any family's text or word, and by word.
_FIGURES: Memo[str, Figures] = Memo(_figures, WORDS_MAX)
_COUNTS: Memo[str, tuple[float, ...]] = Memo(lambda word: mentioned(clean(word)), WORDS_MAX)


class Leftover:
    """Reads descriptions for the columns of one family; each word is read once."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self._columns = columns
        self._readers = tuple(
            (place, column.word) for place, column in enumerate(columns) if column.word
        )
        self._of_unit: dict[str, list[int]] = {}
        for place, column in enumerate(columns):
            if column.parse is not None and column.unit:
                self._of_unit.setdefault(_figure_unit(column), []).append(place)
        # How many devices a package holds is told by words, not by a number alone.
        self._counts = tuple(
            place
            for place, column in enumerate(columns)
            if column.kind == "whole" and column.parse and not column.upper and not column.default
        )
        self._coded = tuple(
            place for place, column in enumerate(columns) if column.kind == "text" and column.parse
        )
        self._words = Memo(self._word, WORDS_MAX)

    def values(
        self,
        attributes: Mapping[str, str],
        head: str,
        found: list[Parsed],
        told: Mapping[int, list[Parsed]] = MappingProxyType({}),
    ) -> Iterable[tuple[int, Parsed]]:
        """Columns and values that ``head``, a description without its category, adds.

        ``told`` has all values of the columns that several attributes tell.
        """
        left = set(head.split())
        left.difference_update(" ".join(attributes.values()).split())
        if not left:
            return ()
        known = self._words
        read = [(word, one) for word in left if (one := known[word]) is not _NOTHING]
        if not read:
            return ()
        values = [*self._assigned(attributes, set(head.split()), sorted(read), found, told)]
        if any(one.may_oppose for _, one in read):
            values += self._opposed(attributes, head, found)
        return values

    def _opposed(
        self, attributes: Mapping[str, str], head: str, found: list[Parsed]
    ) -> Iterator[tuple[int, Parsed]]:
        for place in self._coded:
            value = found[place]
            if type(value) is str and (other := opposed(value, head, attributes.values())):
                yield place, other

    def _word(self, word: str) -> _Word:
        cleaned = clean(word)
        hits = tuple(
            (place, value)
            for place, reader in self._readers
            if (value := reader(cleaned)) is not None
        )
        counts = _COUNTS[word] if self._counts else ()
        numbers = _FIGURES[word]
        opposing = may_oppose(cleaned)
        is_known = numbers or hits or counts or opposing
        return _Word(numbers, hits, counts, opposing) if is_known else _NOTHING

    def _assigned(
        self,
        attributes: Mapping[str, str],
        words: set[str],
        read: list[tuple[str, _Word]],
        found: list[Parsed],
        told: Mapping[int, list[Parsed]],
    ) -> Iterator[tuple[int, Parsed]]:
        said: set[tuple[str, float]] | None = None
        there: set[tuple[str, float]] | None = None
        fills: dict[int, set[Parsed]] = {}
        taken: set[int] = set()
        for word, (numbers, hits, counts, _) in read:
            if numbers and said is None:
                said = _all_figures(attributes.values())
            is_said = said is not None and bool(numbers) and said.issuperset(numbers)
            if is_said and ("~" not in word or self._is_range_said(attributes, numbers)):
                continue
            open_hits = [(place, value) for place, value in hits if found[place] is None]
            for place, value in open_hits:
                if not is_said:
                    fills.setdefault(place, set()).add(value)
            if open_hits:
                continue
            if counts:
                yield from self._miscounted(counts, attributes, words, found, told)
                continue
            listed = tuple(self._listed(word, numbers, found, told)) if len(numbers) > 1 else ()
            if listed:
                yield from listed
            elif numbers or hits:
                if there is None:
                    there = _all_figures(words)
                known = _Known(found, told, there, only_spans=is_said)
                for place, value in self._contradicting(word, numbers, hits, known, taken):
                    taken.add(place)
                    yield place, value
        for place, values in fills.items():
            if len(values) == 1:
                yield place, values.pop()

    def _listed(
        self, word: str, numbers: Figures, found: list[Parsed], told: Mapping[int, list[Parsed]]
    ) -> Iterator[tuple[int, Parsed]]:
        """What a list says of a rating or a cost that it has a value of: ``10V、16V``."""
        if "~" in word:
            return
        for place in {place for unit, _ in numbers for place in self._of_unit.get(unit, ())}:
            column, values = self._columns[place], told.get(place, (found[place],))
            unit = _figure_unit(column)
            known = (value for value in values if isinstance(value, float))
            if column.side and any((unit, nine_digits(one)) in numbers for one in known):
                value = column.parse(clean(word)) if column.parse else None
                if value is not None and value is not IMPLAUSIBLE:
                    yield place, value

    def _is_range_said(self, attributes: Mapping[str, str], numbers: Figures) -> bool:
        """Whether one attribute tells a range with both ends."""
        ranges = (_FIGURES[text] for text in attributes.values() if "~" in text)
        return any(set(numbers) <= set(one) for one in ranges)

    def _miscounted(
        self,
        counts: tuple[float, ...],
        attributes: Mapping[str, str],
        words: set[str],
        found: list[Parsed],
        told: Mapping[int, list[Parsed]],
    ) -> Iterator[tuple[int, Parsed]]:
        """Every count that a description lacks, where it has one that no attribute tells."""
        if counts[0] in _all_counts(" ".join(attributes.values()).split()):
            return
        there = set(_all_counts(words))
        for place in self._counts:
            values = told.get(place, (found[place],))
            if isinstance(found[place], float) and there.isdisjoint(values):
                yield place, counts[0]

    def _contradicting(
        self, word: str, numbers: Figures, hits: Hits, known: _Known, taken: set[int]
    ) -> Iterator[tuple[int, Parsed]]:
        if hits:
            places = [place for place, _ in hits]
        else:
            places = [place for unit in {unit for unit, _ in numbers} for place in
                      self._of_unit.get(unit, ())]  # fmt: skip
        is_range = "~" in word
        absent = [place for place in places if self._is_absent(place, known, is_range)]
        # Another word has another column.
        absent = [place for place in absent if place not in taken] or absent
        if not absent:
            return
        size = max(value for _, value in numbers) if numbers else 0.0
        place = min(absent, key=lambda one: (_distance(known.found[one], size), one))
        value = dict(hits).get(place)
        if value is None and (parse := self._columns[place].parse) is not None:
            value = parse(clean(word))
        if value is not None and value is not IMPLAUSIBLE:
            yield place, value

    def _is_absent(self, place: int, known: _Known, is_range: bool) -> bool:
        """Whether a column's value is known, and the description holds none that it is told by."""
        if known.only_spans and not isinstance(known.found[place], Span):
            return False
        values = known.told.get(place) or (known.found[place],)
        return all(self._lacks(place, value, known.there, is_range) for value in values)

    def _lacks(
        self, place: int, value: Parsed, there: set[tuple[str, float]], is_range: bool
    ) -> bool:
        """Of a range both ends must be missing, or one where another range stands in its place."""
        column = self._columns[place]
        unit = _figure_unit(column)
        if isinstance(value, str):
            return bool(value)
        if isinstance(value, float):
            return (unit, nine_digits(value)) not in there
        if isinstance(value, Tolerance):
            if value.is_absolute:
                return all(nine_digits(value.high) != size for _, size in there)
            scale = 1e6 if unit == "ppm" else 100.0
            return (unit, nine_digits(max(-value.low, value.high) * scale)) not in there
        if isinstance(value, Span):
            ends = {(unit, nine_digits(abs(end))) for end in value}
            missing = ends - there
            return not math.isnan(value.low) and bool(missing if is_range else missing == ends)
        return False


def _all_figures(texts: Iterable[str]) -> set[tuple[str, float]]:
    return set(chain.from_iterable(map(_FIGURES.__getitem__, texts)))


def _all_counts(words: Iterable[str]) -> Iterator[float]:
    return chain.from_iterable(map(_COUNTS.__getitem__, words))


class _Known(NamedTuple):
    """What is known of a part while one word is judged."""

    found: list[Parsed]
    told: Mapping[int, list[Parsed]]
    there: set[tuple[str, float]]
    only_spans: bool
    """Whether the word is a range whose ends attributes tell, but not as one range."""


def _figure_unit(column: Column) -> str:
    return column.unit


def _distance(value: Parsed, size: float) -> float:
    """How many times two sizes are apart, as a logarithm."""
    if isinstance(value, Span):
        value = value.high
    if not isinstance(value, float) or value == 0 or size == 0:
        return math.inf
    return abs(math.log(abs(value) / size))


def _read(columns: tuple[Column, ...], attributes: dict[str, str], head: str,
          found: list[Parsed]) -> dict[int, Parsed]:  # fmt: skip
    return dict(Leftover(columns).values(attributes, head, found))


def _transistor() -> tuple[Column, ...]:
    from components.families.columns import cost, rating

    return (
        rating("max_voltage_v", "", "Vdss"),
        cost("threshold_voltage_v", "", "Vth"),
        rating("max_power_w", "", "Pd", owns="W"),
    )


def test_what_attributes_lack_is_filled_where_it_is_certain() -> None:
    columns = _transistor()
    attributes = {"Vdss": "30V", "Vth": "1.5V"}
    assert _read(columns, attributes, "1.5V 30V 400mW", [30.0, 1.5, None]) == {2: 0.4}
    assert _read(columns, attributes, "1.5V 30V 400mW 1W", [30.0, 1.5, None]) == {}
    # What an attribute says is that attribute's alone.
    other = attributes | {"P": "400mW"}
    assert _read(columns, other, "1.5V 30V 400mW", [30.0, 1.5, None]) == {}


def test_another_value_is_of_the_column_whose_own_is_absent() -> None:
    columns = _transistor()
    attributes = {"Vdss": "30V", "Vth": "1.5V"}
    known: list[Parsed] = [30.0, 1.5, 1.0]
    assert _read(columns, attributes, "30V 2.5V@250uA", known) == {1: 2.5}
    assert _read(columns, attributes, "20V 1.5V", known) == {0: 20.0}
    assert _read(columns, attributes, "20V 2V", known) == {0: 20.0, 1: 2.0}
    assert _read(columns, attributes, "30V 1.5V 12V", known) == {}
    assert _read(columns, attributes, "30V 1500mV", known) == {}


def test_another_range_contradicts_where_one_end_is_missing() -> None:
    from components.families.columns import nominal, span

    columns = (
        *span("supply_voltage_v", "Supply", "Vcc"),
        nominal("slew_rate_v_per_s", "", "Slew rate"),
    )
    attributes = {"Vcc": "1.2V~5.5V", "Slew rate": "0.8V/us"}
    known: list[Parsed] = [Span(1.2, 5.5), None, 8e5]
    assert _read(columns, attributes, "1.6V~5.5V 0.8V/us", known) == {0: Span(1.6, 5.5)}
    assert _read(columns, attributes, "5.5V 800V/ms", known) == {}
    assert _read(columns, attributes, "1.2V~5.5V 1V/us", known) == {2: 1e6}
