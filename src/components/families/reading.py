"""Rows of a family from attributes, description and category; each text is parsed once.

All texts that a part has for one column count: where they disagree, the safe value is kept, or
none where no side is safe or they are more than five times apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from components.families.effects import WRONG, Effect, effects_by_name
from components.families.leftover import Leftover
from components.families.merging import CONTRADICTED, UNKNOWN, merged
from components.families.model import Column, Family, Parsed, Part, Refused, Value
from components.families.parse.ratings import Hull, Span
from components.families.parse.tolerance import Tolerance

Bounds = tuple[float | None, float | None, float | None]
Counts = tuple[tuple[str, str, int], ...]
TEXT_MAX = 200
"""Characters of a text that could not be read that are kept; the longest real one has 96."""
NOTHING_KNOWN = "no parameter known"
_VALUELESS = frozenset((Refused, Span, Hull))
_PLAIN = frozenset((float, str, type(None)))
_NONE: frozenset[str] = frozenset()
_NOT_TOLD: dict[int, list[Parsed]] = {}


class Row(NamedTuple):
    """The values of a family's own columns in order, and why the part is not pickable."""

    values: tuple[Value, ...]
    reason: str | None


class Reader:
    """Reads the parts of one family, and counts what could not be read and what disagreed."""

    def __init__(self, family: Family) -> None:
        self._family = family
        self._columns = family.columns
        self._names = tuple(column.name for column in family.columns)
        self._places = {name: place for place, column in enumerate(family.columns)
                        for name in (column.name,)}  # fmt: skip
        self._required = tuple(
            (place, column.missing)
            for place, column in enumerate(family.columns)
            if column.required
        )
        self._telling = tuple(
            place
            for place, column in enumerate(family.columns)
            if column.parse is not None and column.default is None
        )
        # Without a column that identifies, a part is asked for by its kind and package; a column
        # that is required tells by itself.
        self._needs_any = any(c.identifies or c.required for c in family.columns) and not any(
            place in self._telling for place, _ in self._required
        )
        self._bounded = tuple(_bounded(family.columns, self._names))
        self._pairs = tuple(
            (place, self._places[column.upper])
            for place, column in enumerate(family.columns)
            if column.upper
        )
        self._banded = tuple(
            (place, self._places[column.minimum_column], self._places[column.maximum_column])
            for place, column in enumerate(family.columns)
            if column.minimum_column and column.maximum_column and not column.tolerance_column
        )
        self._whole = tuple(
            (place, column.describe, column.classify)
            for place, column in enumerate(family.columns)
            if column.describe is not None or column.classify is not None
        )
        self._leftover = Leftover(family.columns)
        self._effects = effects_by_name(family.columns)
        self._limited = tuple(
            (self._places[name], limit_of) for name, limit_of in (family.limits or {}).items()
        )
        self._bounds: dict[tuple[Parsed, Tolerance], Bounds] = {}
        self._unread: Counter[tuple[str, str]] = Counter()
        self._limits: dict[tuple[int, str], float | None] = {}
        self.disagreed: Counter[tuple[str, str]] = Counter()
        """By column and outcome, ``safe value kept`` or ``unknown``: parts whose texts differ."""

    def read(
        self,
        attributes: Mapping[str, str],
        description: str,
        category: str,
        package: str = "",
        end: int | None = None,
    ) -> Row:
        """The row of one part; ``end`` is where its description's package and category begin."""
        found: list[Parsed] = [None] * len(self._columns)
        more: list[tuple[int, Parsed]] = []
        spare: list[Effect] = []
        effects = self._effects
        for name, text in attributes.items():
            # Half of the names feed no column.
            if (known := effects[name]) is None:
                continue
            for place, rank, value in known[text]:
                if rank == 0:
                    if found[place] is None:
                        found[place] = value
                    else:
                        more.append((place, value))
                elif rank > 0:
                    spare.append((place, rank, value))
                elif rank == WRONG:
                    found[place] = value
                else:
                    self._unread[self._names[place], text] += 1
        if spare:
            self._serve(found, spare)
        told = self._told(found, more) if more else _NOT_TOLD
        if description:
            head = description if end is None else description[:end]
            for place, value in self._leftover.values(attributes, head, found, told):
                found[place] = self._merge(place, found[place], value)
        for place, describe, classify in self._whole:
            if describe is not None and description:
                value = describe(description)
                if value is not None:
                    found[place] = self._merge(place, found[place], value)
            if classify is not None and found[place] is None:
                found[place] = classify(category)
        reason, contradicted = None, _NONE
        # Most parts have values alone, and columns are many.
        if not _PLAIN.issuperset(kinds := set(map(type, found))):
            if Span in kinds:
                contradicted = frozenset(
                    self._names[place] for place, value in enumerate(found) if value is CONTRADICTED
                )
            reason = self._settle_kinds(found)
        for nominal, low, high in self._banded:
            self._band(found, nominal, low, high)
        values: list[Value] = found  # type: ignore[assignment]  # no other kind is left in it
        if self._limited:
            self._limit(values, package)
        if self._family.settle is not None:
            named = dict(zip(self._names, values, strict=True))
            part = Part(attributes, description, category, package, contradicted)
            settled = self._family.settle(named, part)
            values = list(named.values())
            reason = reason or settled
        return Row(tuple(values), reason or self._missing(values))

    def counted(self) -> tuple[Counts, Counts] | None:
        """What was counted since the last call: unread texts and disagreements; None: nothing.

        Each as column, text or outcome, and count, sorted.
        """
        if not self._unread and not self.disagreed:
            return None
        unread = tuple(self.quarantine())
        disagreed = tuple((*names, count) for names, count in sorted(self.disagreed.items()))
        self._unread.clear()
        self.disagreed.clear()
        return unread, disagreed

    def quarantine(self) -> Iterator[tuple[str, str, int]]:
        """Column, text and count of what could not be read, sorted."""
        counts: Counter[tuple[str, str]] = Counter()
        for (column, text), count in self._unread.items():
            counts[column, text[:TEXT_MAX]] += count
        for (column, text), count in sorted(counts.items()):
            yield column, text, count

    def _serve(self, found: list[Parsed], spare: list[Effect]) -> None:
        """Let what serves otherwise stand in, in order, where a column has no value."""
        spare.sort(key=lambda one: one[:2])
        for place, _, value in spare:
            if found[place] is None:
                found[place] = value
            elif self._excluded(place, found[place], value):
                found[place] = CONTRADICTED
                self.disagreed[self._names[place], UNKNOWN] += 1

    def _told(self, found: list[Parsed], more: list[tuple[int, Parsed]]) -> dict[int, list[Parsed]]:
        """All values of the columns that several attributes tell; they are merged."""
        told: dict[int, list[Parsed]] = {}
        for place, value in more:
            told.setdefault(place, [found[place]]).append(value)
        for place, value in more:
            found[place] = self._merge(place, found[place], value)
        return told

    def _excluded(self, place: int, one: Parsed, other: Parsed) -> bool:
        excludes = self._columns[place].excludes
        return bool(
            excludes and isinstance(one, str) and isinstance(other, str) and excludes(one, other)
        )

    def _merge(self, place: int, one: Parsed, other: Parsed) -> Parsed:
        if one is None or one == other:
            return other
        value, outcome = merged(self._columns[place].side, one, other)
        if outcome:
            self.disagreed[self._names[place], outcome] += 1
        return value

    def _settle_kinds(self, found: list[Parsed]) -> str | None:
        """Turn what is no value yet into values or unknown; why the part is not pickable."""
        for low, high in self._pairs:
            self._part(found, low, high)
        reason = None
        kinds = set(map(type, found))
        if not _VALUELESS.isdisjoint(kinds):
            for place, value in enumerate(found):
                if type(value) in _VALUELESS:
                    found[place] = None
                    if isinstance(value, Refused):
                        reason = reason or str(value)
        if Tolerance in kinds:
            self._settle_tolerances(found)
        return reason

    def _part(self, found: list[Parsed], low: int, high: int) -> None:
        """Give the ends of a range to the two columns that hold them."""
        span = found[low]
        if type(span) is Hull:
            found[low] = None
        elif isinstance(span, Span) and span is not CONTRADICTED:
            told = found[high]
            found[low], found[high] = span
            if isinstance(told, float):
                # Another text tells the upper end alone.
                merged_high = found[high] = self._merge(high, span.high, told)
                if isinstance(merged_high, float) and merged_high < span.low:
                    found[low] = found[high] = CONTRADICTED

    def _band(self, found: list[Parsed], nominal: int, low: int, high: int) -> None:
        least, size, most = found[low], found[nominal], found[high]
        known = isinstance(least, float) and isinstance(size, float) and isinstance(most, float)
        if known and not least <= size <= most:  # type: ignore[operator]
            found[low] = found[nominal] = found[high] = None
            self.disagreed[self._names[nominal], UNKNOWN] += 1

    def _missing(self, values: list[Value]) -> str | None:
        """Why a part with these values is not pickable."""
        for place, missing in self._required:
            if values[place] is None:
                return missing
        if self._needs_any:
            for place in self._telling:
                if values[place] is not None:
                    return None
            return NOTHING_KNOWN
        return None

    def _settle_tolerances(self, found: list[Parsed]) -> None:
        for bounded in self._bounded:
            self._bound(found, bounded)
        for place, value in enumerate(found):
            if type(value) is Tolerance:
                # Of no nominal value, or of an unknown one: a share is all that it can be.
                share = value.share(None)
                scale = 1e6 if self._names[place].endswith("_ppm") else 100.0
                found[place] = None if share is None else float(f"{share * scale:.12g}")

    def _limit(self, values: list[Value], package: str) -> None:
        for place, limit_of in self._limited:
            value = values[place]
            if not isinstance(value, float):
                continue
            key = place, package
            if key not in self._limits:
                self._limits[key] = limit_of(package)
            limit = self._limits[key]
            if limit is not None and value > limit:
                values[place] = None
                self._unread[self._names[place], f"{value:g} in {package}"] += 1

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


def _bounded(
    columns: tuple[Column, ...], names: tuple[str, ...]
) -> Iterator[tuple[int, int, int, int]]:
    for place, column in enumerate(columns):
        low, high, deviation = column.minimum_column, column.maximum_column, column.tolerance_column
        if low and high and deviation:
            yield place, names.index(low), names.index(high), names.index(deviation)


def _bounds(size: float | None, tolerance: Tolerance, scale: float) -> Bounds:
    low, high = (None, None) if size is None else tolerance.bounds(size)
    share = tolerance.share(size)
    return low, high, None if share is None else float(f"{share * scale:.12g}")


def test_counts_are_handed_over_once() -> None:
    from components.families import family_named

    reader = Reader(family_named("resistor"))
    twice = {"Resistance": "1?Ω", "Power": "1W", "Power(Watts)": "500mW"}
    for _ in range(2):
        reader.read(twice, "", "")
        assert reader.counted() == (
            (("resistance_ohm", "1?Ω", 1),),
            (("max_power_w", "safe value kept", 1),),
        )
        assert reader.counted() is None
