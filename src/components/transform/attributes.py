"""Attributes of a part: names and texts from the LCSC record and the JLC one, in any shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

NAME_KEYS = ("parameterName", "paramNameEn", "attribute_name_en", "name")
TEXT_KEYS = ("parameterValue", "paramValueEn", "attribute_value_name", "value")


def attributes_of(extra: str | bytes | None, jlc_extra: str | None) -> dict[str, str]:
    """Names and texts of one part, from the JSON texts of ``extra`` and ``jlc_extra``.

    Raises ``UnicodeDecodeError`` where bytes are no UTF-8.

    Attributes are an object, a list of name and value pairs, or null (jlcparts, MIT; the JLC API's
    ``parameters``; LCSC's ``paramVOList``). JLC's text wins where both records name an attribute.
    Of a name that occurs twice in a list the texts are joined by ``;`` where they differ. Broken
    JSON counts as no attributes: the record itself is kept elsewhere.
    """
    found = _attributes(extra)
    if jlc_extra and jlc_extra != "{}":
        found.update((name, text) for name, text in _attributes(jlc_extra).items() if text)
    return found


def _attributes(record: str | bytes | None) -> dict[str, str]:
    if not record:
        return {}
    try:
        decoded = orjson.loads(record)
    except orjson.JSONDecodeError:
        if isinstance(record, bytes):
            record.decode()
        return {}
    attributes = decoded.get("attributes") if isinstance(decoded, dict) else None
    if isinstance(attributes, dict):
        try:
            # The quickest way to see that all are texts.
            "".join(attributes.values())
        except TypeError:
            return {name: _text(value) for name, value in attributes.items()}
        return attributes
    return _listed(attributes) if isinstance(attributes, list) else {}


def _listed(items: Iterable[Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in items:
        if not isinstance(item, Mapping):
            continue
        name = next((item[key] for key in NAME_KEYS if isinstance(item.get(key), str)), None)
        text = _text(next((item[key] for key in TEXT_KEYS if key in item), None))
        if not name:
            continue
        earlier = found.get(name)
        found[name] = f"{earlier};{text}" if earlier and text and text != earlier else text
    return found


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return ""
    return str(value) if isinstance(value, int | float) else ""


def test_every_shape_is_read() -> None:
    expected = {"Resistance": "10kΩ"}
    for record in (
        '{"attributes": {"Resistance": "10kΩ"}}',
        '{"attributes": [{"parameterName": "Resistance", "parameterValue": "10kΩ"}]}',
        '{"attributes": [{"paramNameEn": "Resistance", "paramValueEn": "10kΩ"}, null]}',
    ):
        assert attributes_of(record, "{}") == expected
        assert attributes_of(None, record) == expected


def test_missing_and_broken_records_are_empty() -> None:
    import pytest

    for record in (None, "", "{", "[]", '"x"', '{"attributes": null}', '{"attributes": 3}'):
        assert attributes_of(record, record) == {}
        assert attributes_of(record and record.encode(), None) == {}
    for damaged in (b"\xff", b'{"attributes": {"A": "\xff"}}'):
        with pytest.raises(UnicodeDecodeError):
            attributes_of(damaged, None)


def test_jlc_wins_where_both_are_set() -> None:
    lcsc = '{"attributes": {"A": "1", "B": "2", "N": 4, "O": {}}}'
    jlc = '{"attributes": {"A": "3", "B": ""}}'
    assert attributes_of(lcsc, jlc) == {"A": "3", "B": "2", "N": "4", "O": ""}


def test_a_name_that_occurs_twice_keeps_both_texts() -> None:
    pairs = [{"parameterName": "I", "parameterValue": value} for value in ("1A", "2A", "2A")]
    record = orjson.dumps({"attributes": pairs[:2]}).decode()
    assert attributes_of(record, None) == {"I": "1A;2A"}


def test_any_json_gives_names_and_texts() -> None:
    from hypothesis import given
    from hypothesis import strategies as st

    leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    keys = st.sampled_from((*NAME_KEYS, *TEXT_KEYS)) | st.text()
    values = st.recursive(
        leaves, lambda some: st.lists(some) | st.dictionaries(keys, some), max_leaves=20
    )

    @given(values)
    def harmless(value: object) -> None:
        import json

        found = attributes_of(json.dumps({"attributes": value}), json.dumps(value))
        assert all(isinstance(text, str) for pair in found.items() for text in pair)

    harmless()
