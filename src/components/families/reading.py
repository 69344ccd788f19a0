"""Rows of a family from attributes, description and subcategory; each text is parsed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from components.families.model import Column, Family, Parsed, Refused, Value, fold
from components.families.parse.quantity import is_unknown
from components.families.parse.tolerance import Tolerance

_UNREAD = object()


class Row(NamedTuple):
    """The values of a family's own columns in order, and why the part is not pickable."""

    values: tuple[Value, ...]
    reason: str | None


class Reader:
    """Reads the parts of one family, and counts the texts that could not be read."""

    def __init__(self, family: Family) -> None:
        self._family = family
        self._columns = family.columns
        self._position = {column.name: place for place, column in enumerate(family.columns)}
        self._sources = {
            fold(name): (place, rank)
            for place, column in enumerate(family.columns)
            for rank, name in enumerate(column.attributes)
        }
        self._places: dict[str, tuple[int, int] | None] = {}
        self._parsed: list[dict[str, Parsed]] = [{} for _ in family.columns]
        self._unread: Counter[tuple[str, str]] = Counter()

    def read(self, attributes: Mapping[str, str], description: str, subcategory: str) -> Row:
        """The row of one part."""
        texts: list[list[tuple[int, str]]] = [[] for _ in self._columns]
        for name, text in attributes.items():
            place = self._places.get(name, _UNREAD)
            if place is _UNREAD:
                place = self._places[name] = self._sources.get(fold(name))
            if place is not None:
                texts[place[0]].append((place[1], text))  # type: ignore[index]
        found = [
            self._value(place, column, texts[place], description, subcategory)
            for place, column in enumerate(self._columns)
        ]
        return self._row(found)

    def quarantine(self) -> Iterator[tuple[str, str, int]]:
        """Column, text and count of what could not be read, sorted."""
        for (column, text), count in sorted(self._unread.items()):
            yield column, text, count

    def _value(
        self,
        place: int,
        column: Column,
        texts: list[tuple[int, str]],
        description: str,
        subcategory: str,
    ) -> Parsed:
        texts.sort()
        for _, text in texts:
            parsed = self._parse(place, column, text)
            if parsed is not None:
                return parsed
        if column.describe is not None and description:
            parsed = column.describe(description)
            if parsed is not None:
                return parsed
        return column.classify(subcategory) if column.classify is not None else None

    def _parse(self, place: int, column: Column, text: str) -> Parsed:
        known = self._parsed[place]
        parsed = known.get(text, _UNREAD)
        if parsed is _UNREAD:
            assert column.parse is not None
            parsed = known[text] = None if is_unknown(text) else column.parse(text)
        if parsed is None and not is_unknown(text):
            self._unread[column.name, text] += 1
        return parsed  # type: ignore[return-value]

    def _row(self, found: list[Parsed]) -> Row:
        reason = next((str(value) for value in found if isinstance(value, Refused)), None)
        values: list[Value] = [
            None if isinstance(value, Refused | Tolerance) else value for value in found
        ]
        for place, column in enumerate(self._columns):
            if column.minimum_column is not None:
                self._bound(column, found, values, place)
        if reason is None:
            for place, column in enumerate(self._columns):
                if column.required and values[place] is None:
                    reason = column.missing
                    break
        if reason is None and self._family.refuse is not None:
            names = (column.name for column in self._columns)
            reason = self._family.refuse(dict(zip(names, values, strict=True)))
        return Row(tuple(values), reason)

    def _bound(self, column: Column, found: list[Parsed], values: list[Value], place: int) -> None:
        assert column.tolerance_column and column.minimum_column and column.maximum_column
        at = self._position[column.tolerance_column]
        deviation, nominal = found[at], values[place]
        if not isinstance(deviation, Tolerance):
            return
        scale = 1e6 if column.tolerance_column.endswith("_ppm") else 100.0
        if isinstance(nominal, float):
            low, high = (float(f"{end:.12g}") for end in deviation.bounds(nominal))
            values[self._position[column.minimum_column]] = low
            values[self._position[column.maximum_column]] = high
        elif deviation.is_absolute:
            return
        share = deviation.share(nominal if isinstance(nominal, float) else 0.0)
        values[at] = float(f"{share * scale:.12g}") if share is not None else None
