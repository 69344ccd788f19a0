"""Whether two JSON texts mean the same, where their bytes differ.

Services give the fields of one record in another order from day to day, and numbers in another
spelling; that is no change of the record.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def same_json(first: bytes, second: bytes) -> bool:
    """Whether both are JSON and mean the same (RFC 8259).

    Members of an object have no order, those of an array do. Numbers are compared by value, however
    many digits they have; ``true`` is no number. An object that names a member twice means the same
    as one that names it alike, in that order. What is no JSON is the same as nothing.
    """
    if first == second:
        return _decoded(first) is not None
    before, after = _decoded(first), _decoded(second)
    return before is not None and before == after


def _decoded(text: bytes) -> Any:
    """A value whose equality is that of meanings; None for what is no JSON."""
    try:
        value = json.loads(
            text,
            parse_int=_number,
            parse_float=_number,
            parse_constant=_refused,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError, ArithmeticError):
        return None
    return _tagged(value)


def _number(digits: str) -> tuple[str, Decimal]:
    return "number", Decimal(digits)


def _refused(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _object(pairs: list[tuple[str, Any]]) -> tuple[str, Any]:
    names = [name for name, _ in pairs]
    tagged = [(name, _tagged(value)) for name, value in pairs]
    if len(set(names)) < len(names):
        return "object with repetitions", tagged
    return "object", sorted(tagged, key=lambda pair: pair[0])


def _tagged(value: Any) -> Any:
    # `True == 1` in Python, and None stands for what is no JSON.
    if isinstance(value, list):
        return "array", [_tagged(each) for each in value]
    if value is None or isinstance(value, bool):
        return "word", str(value)
    return value if isinstance(value, tuple) else ("text", value)


def test_the_same_meaning_in_other_bytes() -> None:
    for first, second in (
        (b'{"a": 1, "b": [2, null]}', b'{"b":[2.0,null],"a":1e0}'),
        (b'"\\u00e9"', '"é"'.encode()),
        (b'{"a": 0.10}', b' {"a": 0.1} '),
        (b"null", b" null"),
        (b'{"a": 1, "a": 2}', b'{"a":1,"a":2}'),
        (b"[1]", b"[1]"),
    ):
        assert same_json(first, second), first


def test_another_meaning_is_another() -> None:
    for first, second in (
        (b"[1, 2]", b"[2, 1]"),
        (b"1", b"true"),
        (b"0", b"false"),
        (b"null", b'"None"'),
        (b'{"a": null}', b"{}"),
        (b"9007199254740993", b"9007199254740992"),
        (b'{"a": 1, "a": 2}', b'{"a": 2}'),
        (b'{"a": 1, "a": 2}', b'{"a": 2, "a": 1}'),
        (b"[]", b"{}"),
        (b"1", b'"1"'),
        (b"{", b"{"),
        (b"NaN", b"NaN"),
        (b"[" * 100_000, b"[" * 100_001),
        (b"\xff", b"\xfe"),
    ):
        assert not same_json(first, second), first
