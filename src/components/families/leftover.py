"""What a description says beyond a part's attributes: values that they lack, or contradict.

A description repeats most attributes word for word. A word that no attribute explains is a value
of a column that has none, or another value of one whose own is not in the description; a word
that could be of several columns is of the one whose value is nearest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from components.families.model import Column, Parsed
from components.families.parse.figures import Figures, figures, nine_digits
from components.families.parse.quantity import clean
from components.families.parse.ratings import IMPLAUSIBLE, Span
from components.families.parse.tolerance import Tolerance

WORDS_MAX = 1 << 18
Hits = tuple[tuple[int, Parsed], ...]


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
        self._words: dict[str, tuple[Figures, Hits]] = {}
        self._texts: dict[str, Figures] = {}

    def values(
        self, attributes: Mapping[str, str], head: str, found: list[Parsed]
    ) -> Iterable[tuple[int, Parsed]]:
        """Columns and values that ``head``, a description without its category, adds."""
        words = set(head.split())
        known = self._words
        read = []
        for word in words.difference(" ".join(attributes.values()).split()):
            one = known.get(word) or self._read(word)
            if one[0] or one[1]:
                read.append((word, one))
        return tuple(self._assigned(attributes, words, sorted(read), found)) if read else ()

    def _word(self, word: str) -> tuple[Figures, Hits]:
        return self._words.get(word) or self._read(word)

    def _read(self, word: str) -> tuple[Figures, Hits]:
        if len(self._words) >= WORDS_MAX:
            self._words.clear()
        cleaned = clean(word)
        hits = tuple(
            (place, value)
            for place, reader in self._readers
            if (value := reader(cleaned)) is not None
        )
        known = self._words[word] = (figures(cleaned), hits)
        return known

    def _assigned(
        self,
        attributes: Mapping[str, str],
        words: set[str],
        read: list[tuple[str, tuple[Figures, Hits]]],
        found: list[Parsed],
    ) -> Iterator[tuple[int, Parsed]]:
        said = {one for text in attributes.values() for one in self._text(text)}
        there: set[tuple[str, float]] | None = None
        fills: dict[int, set[Parsed]] = {}
        for word, (numbers, hits) in read:
            if numbers and said.issuperset(numbers):
                continue
            if there is None:
                there = {one for each in words for one in self._word(each)[0]}
            open_hits = [(place, value) for place, value in hits if found[place] is None]
            for place, value in open_hits:
                fills.setdefault(place, set()).add(value)
            if open_hits or (not numbers and not hits):
                continue
            yield from self._contradicting(word, numbers, hits, found, there)
        for place, values in fills.items():
            if len(values) == 1:
                yield place, values.pop()

    def _text(self, text: str) -> Figures:
        known = self._texts.get(text)
        if known is None:
            if len(self._texts) >= WORDS_MAX:
                self._texts.clear()
            known = self._texts[text] = tuple(
                one for word in clean(text).split() for one in figures(word)
            )
        return known

    def _contradicting(
        self,
        word: str,
        numbers: Figures,
        hits: Hits,
        found: list[Parsed],
        there: set[tuple[str, float]],
    ) -> Iterator[tuple[int, Parsed]]:
        if hits:
            places = [place for place, _ in hits]
        else:
            places = [place for unit in {unit for unit, _ in numbers} for place in
                      self._of_unit.get(unit, ())]  # fmt: skip
        is_range = "~" in word
        absent = [
            place for place in places if self._is_absent(place, found[place], there, is_range)
        ]
        if not absent:
            return
        size = max(value for _, value in numbers) if numbers else 0.0
        place = min(absent, key=lambda one: (_distance(found[one], size), one))
        value = dict(hits).get(place)
        if value is None and (parse := self._columns[place].parse) is not None:
            value = parse(clean(word))
        if value is not None and value is not IMPLAUSIBLE:
            yield place, value

    def _is_absent(
        self, place: int, value: Parsed, there: set[tuple[str, float]], is_range: bool
    ) -> bool:
        """Whether a column's value is known, and the description does not hold it.

        Of a range both ends must be missing, or one where another range stands in its place.
        """
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
