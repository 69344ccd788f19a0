"""Queries by type as questions to the lookup library.

A set of several packages or intervals becomes one question an alternative; their answers are
joined again in the order of rank.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from components.serve.atopile.literals import WrongLiteral, read_intervals, read_names
from components.serve.atopile.mapping import ENDPOINTS, Parameter
from components.serve.json_body import shown

ALTERNATIVES_MAX = 64
QUANTITY_MAX = 2**53
# What one query answers at the most: the picker takes the first that EasyEDA has a footprint of.
CANDIDATES_MAX = 6
_FIXED = frozenset({"endpoint", "package", "qty", "quantity"})

Question = dict[str, Any]


def questions_of(query: Mapping[str, Any], endpoint: str | None = None) -> list[Question]:
    """The native queries whose answers together are those of ``query``; none where a set is empty.

    Raises :class:`WrongLiteral` for what is not understood: an unknown endpoint, parameter or
    literal must not widen the answer.
    """
    name = query.get("endpoint") if endpoint is None else endpoint
    if not isinstance(name, str) or (known := ENDPOINTS.get(name)) is None:
        listed = ", ".join(ENDPOINTS)
        raise WrongLiteral(f"endpoint {shown(repr(name))} is not one of {listed}")
    if endpoint is not None and query.get("endpoint") not in (None, endpoint):
        raise WrongLiteral(f"endpoint: {endpoint} is asked, and the query names another")
    parameters = {parameter.name: parameter for parameter in known.parameters}
    if unknown := sorted(set(query) - set(parameters) - _FIXED):
        raise WrongLiteral(f"{shown(unknown[0])} is no parameter of {name}")
    base: Question = {
        "component_type": known.family,
        "qty": quantity_of(query),
        "limit": CANDIDATES_MAX,
    }
    choices = [_packages(query.get("package"))]
    choices += [_choices(parameters[key], query.get(key)) for key in sorted(parameters)]
    alternatives = 1
    for choice in choices:
        alternatives *= len(choice)
    if alternatives > ALTERNATIVES_MAX:
        raise WrongLiteral(f"{alternatives} alternatives, {ALTERNATIVES_MAX} at the most")
    return [_joined(base, parts) for parts in itertools.product(*choices)]


def quantity_of(query: Mapping[str, Any]) -> int:
    """How many are needed: ``qty`` or ``quantity``, 1 by default. Raises :class:`WrongLiteral`."""
    given = [_quantity(query[key]) for key in ("qty", "quantity") if query.get(key) is not None]
    return given[0] if given else 1


def _quantity(value: Any) -> int:
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or not 0 <= value <= QUANTITY_MAX:
        raise WrongLiteral(f"quantity: {shown(repr(value))} is no number of parts")
    return value


def joined(answers: Iterable[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The candidates of several questions in the order of rank, each once."""
    unique = {candidate["lcsc_id"]: candidate for answer in answers for candidate in answer}
    return sorted(unique.values(), key=_rank)[:CANDIDATES_MAX]


def _rank(candidate: Mapping[str, Any]) -> tuple[bool, bool, int, int]:
    return (
        not candidate["is_preferred"],
        not candidate["is_basic"],
        -candidate["stock"],
        candidate["lcsc_id"],
    )


def _packages(literal: Any) -> list[Question]:
    if literal is None:
        return [{}]
    return [{"package": name} for name in read_names(literal)]


def _choices(parameter: Parameter, literal: Any) -> list[Question]:
    if literal is None:
        return [{}]
    if parameter.unit is None:
        return [{"exact": {parameter.column: name}} for name in read_names(literal)]
    return [
        {"ranges": {parameter.column: bounds}} if (bounds := _range(low, high)) else {}
        for low, high in read_intervals(literal, parameter.unit)
    ]


def _range(low: float | None, high: float | None) -> dict[str, float]:
    bounds = {"minimum": low, "maximum": high}
    return {side: bound for side, bound in bounds.items() if bound is not None}


def _joined(base: Question, parts: Iterable[Question]) -> Question:
    question = dict(base)
    for part in parts:
        for key, value in part.items():
            question[key] = {**question.get(key, {}), **value} if key != "package" else value
    return question


def test_a_query_becomes_one_question() -> None:
    from components.serve.atopile.literals import _numbers

    query = {
        "endpoint": "resistors",
        "qty": 5,
        "package": {"type": "EnumSet", "data": {"elements": [{"name": "R0402"}]}},
        "resistance": _numbers((9500, 10500)),
        "max_power": _numbers((0.05, None), unit="watt"),
        "max_voltage": None,
    }
    assert questions_of(query) == [
        {
            "component_type": "resistor",
            "qty": 5,
            "limit": CANDIDATES_MAX,
            "package": "R0402",
            "ranges": {
                "max_power_w": {"minimum": 0.05},
                "resistance_ohm": {"minimum": 9500, "maximum": 10500},
            },
        }
    ]


def test_every_alternative_is_asked_for() -> None:
    from components.serve.atopile.literals import _numbers

    packages = {"data": {"elements": [{"name": "C0402"}, {"name": "C0603"}]}, "type": "EnumSet"}
    codes = {"type": "EnumSet", "data": {"elements": [{"name": "X7R"}, {"name": "C0G"}]}}
    query = {
        "qty": 1,
        "package": packages,
        "temperature_coefficient": codes,
        "capacitance": _numbers((1e-7, 2e-7), (3e-7, None), unit="farad"),
    }
    found = questions_of(query, "capacitors")
    assert len(found) == 8
    assert {(q["package"], q["exact"]["tempco_code"]) for q in found} == {
        (package, code) for package in ("C0402", "C0603") for code in ("X7R", "C0G")
    }


def test_what_is_not_understood_never_widens_the_answer() -> None:
    import pytest

    from components.serve.atopile.literals import _numbers

    many = {"type": "EnumSet", "data": {"elements": [{"name": f"R{n}"} for n in range(40)]}}
    two = _numbers((1, 2), (3, 4))
    for query, complaint in (
        ({"endpoint": "crystals"}, "endpoint 'crystals' is not one of resistors"),
        ({}, "endpoint None"),
        ({"endpoint": "resistors", "tolerance": None}, "tolerance is no parameter"),
        ({"endpoint": "resistors", "qty": -1}, "-1 is no number of parts"),
        ({"endpoint": "resistors", "qty": True}, "True is no number of parts"),
        ({"endpoint": "resistors", "qty": 1, "quantity": -7}, "-7 is no number of parts"),
        ({"endpoint": "resistors", "package": many, "resistance": two}, "80 alternatives"),
    ):
        with pytest.raises(WrongLiteral, match=complaint):
            questions_of(query)


def test_an_empty_set_is_answered_by_nothing_and_a_full_one_asks_for_nothing() -> None:
    from components.serve.atopile.literals import _numbers

    assert questions_of({"resistance": _numbers((2, 1))}, "resistors") == []
    bare = {"component_type": "resistor", "qty": 1, "limit": CANDIDATES_MAX}
    assert questions_of({"resistance": _numbers((None, None))}, "resistors") == [bare]
    for query, quantity in (({"qty": None, "quantity": 7.0}, 7), ({"qty": 0, "quantity": 7}, 0)):
        assert quantity_of(query) == quantity


def test_answers_are_joined_by_rank() -> None:
    def candidate(number: int, basic: bool, preferred: bool, stock: int) -> dict[str, Any]:
        return {
            "lcsc_id": number,
            "is_basic": basic,
            "is_preferred": preferred,
            "stock": stock,
        }

    one = [candidate(5, True, False, 9), candidate(7, False, False, 90)]
    two = [
        candidate(6, False, True, 1),
        candidate(5, True, False, 9),
        candidate(4, False, False, 90),
    ]
    assert [c["lcsc_id"] for c in joined([one, two])] == [6, 5, 4, 7]
