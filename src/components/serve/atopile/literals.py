"""The sets that atopile writes its constraints and a part's values in.

Numbers: ``{"type": "Quantity_Interval_Disjoint", "data": {"intervals": {"type":
"Numeric_Interval_Disjoint", "data": {"intervals": [{"type": "Numeric_Interval", "data": {"min":
9500.0, "max": 10500.0}}]}}, "unit": "ohm"}}`` in base units, a null bound being open;
``Quantity_Set_Discrete`` where all intervals are points. Names: ``{"type": "EnumSet", "data":
{"elements": [{"name": "R0402"}], "enum": {"name": …, "values": {…}}}}``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from components.core.errors import ComponentsError
from components.serve.atopile.mapping import UNITS
from components.serve.json_body import shown

NUMBERS = ("Quantity_Interval_Disjoint", "Quantity_Set_Discrete")
ELEMENTS_MAX = 64
NAME_MAX = 100

Interval = tuple[float | None, float | None]


class WrongLiteral(ComponentsError):
    """A constraint that is none of the sets that are understood."""


def read_intervals(literal: Any, unit: str) -> list[Interval]:
    """The intervals of a set of numbers in ``unit``, by rising bounds; what overlaps is one.

    An interval that ends before it begins holds nothing, and one that is open on both sides
    everything. Raises :class:`WrongLiteral` for another form, another unit, or what is no number.
    """
    data = _data(literal, NUMBERS)
    found = data.get("unit")
    if not isinstance(found, str) or found not in UNITS[unit]:
        raise WrongLiteral(f"unit {shown(repr(found))} where {unit} is meant")
    inner = _data(data.get("intervals"), ("Numeric_Interval_Disjoint",))
    intervals = _list(inner, "intervals")
    return _apart([_interval(_data(one, ("Numeric_Interval",))) for one in intervals])


def read_names(literal: Any) -> list[str]:
    """The names of a set of them, in its order, each once. Raises :class:`WrongLiteral`."""
    elements = _list(_data(literal, ("EnumSet",)), "elements")
    names = [one.get("name") if isinstance(one, Mapping) else None for one in elements]
    found = {name: None for name in names if isinstance(name, str) and len(name) <= NAME_MAX}
    if not all(isinstance(name, str) and name in found for name in names):
        raise WrongLiteral(f"an element of an EnumSet without a name of at most {NAME_MAX} letters")
    return list(found)


def write_numbers(low: float | None, high: float | None, unit: str) -> dict[str, Any] | None:
    """The literal of all values from ``low`` to ``high``; None where nothing is known."""
    if low is None or high is None:
        return None
    point = {"type": "Numeric_Interval", "data": {"min": low, "max": high}}
    return {
        "type": NUMBERS[low == high],
        "data": {
            "intervals": {"type": "Numeric_Interval_Disjoint", "data": {"intervals": [point]}},
            "unit": unit,
        },
    }


def write_name(name: str, enum: str, names: Sequence[str]) -> dict[str, Any] | None:
    """The literal of one of ``names``; None where it is not among them."""
    if name not in names:
        return None
    values = {each: number for number, each in enumerate(names, 1)}
    return {
        "type": "EnumSet",
        "data": {"elements": [{"name": name}], "enum": {"name": enum, "values": values}},
    }


def _data(literal: Any, types: Sequence[str]) -> Mapping[str, Any]:
    kind = literal.get("type") if isinstance(literal, Mapping) else None
    data = literal.get("data") if isinstance(literal, Mapping) else None
    if kind not in types or not isinstance(data, Mapping):
        raise WrongLiteral(
            f"a literal of type {' or '.join(types)} is expected, found {shown(repr(kind))}"
        )
    return data


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    content = data.get(key)
    if not isinstance(content, list) or not 1 <= len(content) <= ELEMENTS_MAX:
        raise WrongLiteral(f"{key}: a list of 1 to {ELEMENTS_MAX} is expected")
    return content


def _interval(data: Mapping[str, Any]) -> Interval:
    bounds = data.get("min"), data.get("max")
    for bound in bounds:
        number = isinstance(bound, int | float) and not isinstance(bound, bool)
        if bound is not None and not (number and math.isfinite(bound)):
            raise WrongLiteral(f"{shown(repr(bound))} is no bound of an interval")
    return bounds


def _apart(intervals: list[Interval]) -> list[Interval]:
    """The same numbers in intervals that do not overlap, by rising bounds."""
    apart: list[tuple[float, float]] = []
    ends = [(_end(low, -math.inf), _end(high, math.inf)) for low, high in intervals]
    for low, high in sorted(pair for pair in ends if pair[0] <= pair[1]):
        if apart and low <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(apart[-1][1], high)
        else:
            apart.append((low, high))
    return [
        (None if low == -math.inf else low, None if high == math.inf else high)
        for low, high in apart
    ]


def _end(bound: float | None, where_open: float) -> float:
    return where_open if bound is None else bound


def _numbers(*pairs: tuple[Any, Any], unit: Any = "ohm") -> dict[str, Any]:
    """A literal for tests."""
    intervals = [{"type": "Numeric_Interval", "data": {"min": a, "max": b}} for a, b in pairs]
    inner = {"type": "Numeric_Interval_Disjoint", "data": {"intervals": intervals}}
    return {"type": NUMBERS[0], "data": {"intervals": inner, "unit": unit}}


def test_what_is_written_reads_back() -> None:
    literal = write_numbers(9500.0, 10500.0, "ohm")
    assert literal == _numbers((9500.0, 10500.0))
    assert read_intervals(literal, "ohm") == [(9500.0, 10500.0)]
    point = write_numbers(0.1, 0.1, "watt")
    assert point is not None and point["type"] == "Quantity_Set_Discrete"
    assert write_numbers(None, 1.0, "ohm") is None
    name = write_name("X7R", "TemperatureCoefficient", ("X5R", "X7R"))
    assert read_names(name) == ["X7R"]
    twice = {"type": "EnumSet", "data": {"elements": [{"name": "b"}, {"name": "a"}, {"name": "b"}]}}
    assert read_names(twice) == ["b", "a"]
    assert write_name("U2J", "TemperatureCoefficient", ("X5R", "X7R")) is None


def test_the_numbers_of_several_intervals_are_kept() -> None:
    for pairs, apart in (
        (((None, 5), (7.5, None)), [(None, 5), (7.5, None)]),
        (((7, 9), (1, 2), (2, 3), (8, 8.5)), [(1, 3), (7, 9)]),
        (((1, None), (0, 2)), [(0, None)]),
        (((None, None), (1, 2)), [(None, None)]),
        (((2, 1), (3, 3)), [(3, 3)]),
        (((2, 1),), []),
    ):
        assert read_intervals(_numbers(*pairs), "ohm") == apart


def test_anything_else_is_named() -> None:
    import pytest

    deep: Any = _numbers((1, 2))
    deep["data"]["intervals"]["data"]["intervals"] *= 100
    for wrong, complaint in (
        (None, "found None"),
        ([], "found None"),
        ({"type": "StringSet", "data": {}}, "found 'StringSet'"),
        (_numbers((1, 2), unit="volt"), "unit 'volt' where ohm is meant"),
        (_numbers((1, 2), unit={}), "unit {} where ohm"),
        (_numbers((1, float("nan"))), "nan is no bound"),
        (_numbers((True, 2)), "True is no bound"),
        (_numbers(("1", 2)), "'1' is no bound"),
        (_numbers(), "list of 1 to 64"),
        (deep, "list of 1 to 64"),
    ):
        with pytest.raises(WrongLiteral, match=complaint):
            read_intervals(wrong, "ohm")
    for name in (5, None, "x" * 101):
        with pytest.raises(WrongLiteral, match="without a name"):
            read_names({"type": "EnumSet", "data": {"elements": [{"name": "a"}, {"name": name}]}})
    for wrong in (None, {"type": "EnumSet", "data": {"elements": []}}):
        with pytest.raises(WrongLiteral):
            read_names(wrong)
