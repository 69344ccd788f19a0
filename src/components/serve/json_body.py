"""JSON bodies of handlers: an object whose keys are known and stand once."""

from __future__ import annotations

import json
from collections.abc import Container
from typing import Any

from components.serve.http.asgi import Refusal

# How much of a client's own text an answer repeats.
_ECHO_MAX = 60


def read_object(body: bytes, fields: Container[str]) -> dict[str, Any]:
    """The object in ``body``, whose keys must be ``fields``.

    Raises :class:`Refusal`: 400 where it is no JSON, 422 with the first unknown or repeated key. A
    validator would complain of each of a hundred thousand.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            for name, _ in pairs:
                if name in seen:
                    raise Refusal(422, f"{shown(name)}: stands twice")
                seen.add(name)
        return found

    try:
        content = json.loads(body, object_pairs_hook=once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"body: is no JSON: {shown(str(error))}") from None
    if not isinstance(content, dict):
        raise Refusal(422, "body: must be an object")
    for name in content:
        if name not in fields:
            raise Refusal(422, f"{shown(name)}: is no field of this request")
    return content


def shown(text: str) -> str:
    """A stranger's text in a message: short, in ASCII, on one line.

    >>> shown("a\\nb" + "x" * 99)[:20]
    'a\\\\nbxxxxxxxxxxxxxxxx'
    """
    return json.dumps(text[:_ECHO_MAX])[1:-1]


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def test_a_body_s_keys_are_known_and_stand_once() -> None:
    import pytest

    assert read_object(b'{"a": {"b": 1}}', {"a"}) == {"a": {"b": 1}}
    for body, status, text in (
        (b"{", 400, "no JSON"),
        (b"\xff", 400, "no JSON"),
        (b"[" * 50_000, 400, "no JSON"),
        (b'{"a": NaN}', 400, "NaN is no JSON"),
        (b"[]", 422, "must be an object"),
        (b'{"a": 1, "a": 2}', 422, "a: stands twice"),
        (b'{"a": {"b": 1, "b": 1}}', 422, "b: stands twice"),
        (b'{"a": 1, "c": 2}', 422, "c: is no field"),
        (b'{"%b": 1}' % (b"k" * 60_000), 422, "k: is no field"),
    ):
        with pytest.raises(Refusal, match=text) as caught:
            read_object(body, {"a"})
        assert caught.value.status == status and len(str(caught.value)) < 200
