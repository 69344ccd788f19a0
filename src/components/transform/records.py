"""SQL that splits a part's records into its attributes and the rest, and mends broken JSON.

``extra`` is the LCSC record, ``jlc_extra`` the JLC one; each may hold ``attributes``: an object, a
list, null or nothing. In a regular part exactly one record has them, as an object; then the rest
is the record without them, so that nothing is stored twice. Any other part keeps both records
whole beside its attributes, so that nothing is lost in merging.

The JLC record, where there is one, stands in the rest under ``jlc_extra``. What is no JSON object
stands there as a string.
"""

from __future__ import annotations

import json

from components.core.database import Writer, writer
from components.transform.attributes import attributes_of

_E = "CAST(coalesce(nullif(p.extra, ''), '{}') AS TEXT)"
_J = "CAST(coalesce(nullif(p.jlc_extra, ''), '{}') AS TEXT)"


def _object(text: str) -> str:
    return f"(json_valid({text}) AND json_type({text}) = 'object')"


def _has(text: str) -> str:
    """1 for an object, 0 for nothing set, 2 for what must be merged by hand."""
    return (
        f"CASE coalesce(json_type({text}, '$.attributes'), 'null') WHEN 'null' THEN 0"
        f" WHEN 'object' THEN json_extract({text}, '$.attributes') <> '{{}}' ELSE 2 END"
    )


_OTHER = f"CASE WHEN {_object(_J)} THEN json({_J}) ELSE {_J} END"
_WHOLE = f"CASE WHEN {_object(_E)} THEN {_E} ELSE json_object('extra', {_E}) END"

# The common case, on bare columns: one parse of `extra` serves all four functions.
_PLAIN = (
    "p.jlc_extra = '{}' AND json_valid(p.extra) AND json_type(p.extra, '$.attributes') = 'object'"
)
_SHAPE = f"""CASE
    WHEN NOT {_object(_E)} OR NOT {_object(_J)} THEN 'irregular'
    WHEN ({_has(_E)}) = 1 AND ({_has(_J)}) = 0 THEN 'lcsc'
    WHEN ({_has(_E)}) = 0 AND ({_has(_J)}) = 1 THEN 'jlc'
    ELSE 'irregular' END"""
ATTRIBUTES = f"""CASE WHEN {_PLAIN} THEN json_extract(p.extra, '$.attributes') ELSE CASE {_SHAPE}
    WHEN 'lcsc' THEN json_extract({_E}, '$.attributes')
    WHEN 'jlc' THEN json_extract({_J}, '$.attributes')
    ELSE merged_attributes(p.extra, p.jlc_extra) END END"""
REST = f"""CASE WHEN {_PLAIN} THEN json_remove(p.extra, '$.attributes') ELSE CASE {_SHAPE}
    WHEN 'lcsc' THEN CASE WHEN {_J} = '{{}}' THEN json_remove({_E}, '$.attributes')
        ELSE json_set(json_remove({_E}, '$.attributes'), '$.jlc_extra', json({_J})) END
    WHEN 'jlc' THEN json_set({_E}, '$.jlc_extra', json(json_remove({_J}, '$.attributes')))
    ELSE CASE WHEN {_J} = '{{}}' THEN {_WHOLE}
        ELSE json_set({_WHOLE}, '$.jlc_extra', {_OTHER}) END END END"""
PRICE = """CASE WHEN json_valid(p.price) THEN p.price
    WHEN trim(coalesce(p.price, '')) = '' THEN '[]' ELSE json_quote(CAST(p.price AS TEXT)) END"""


def flag(column: str) -> str:
    """1 for 1 and "1", as the pick tables have it; 0 for anything else that may stand there."""
    return f"coalesce({column} IN (1, '1'), 0)"


def integer(column: str) -> str:
    """A whole number, 0 for what is none."""
    return f"coalesce(CAST({column} AS INTEGER), 0)"


def text(column: str) -> str:
    """A text, whatever stands there: a blob may be no UTF-8, which no reader should meet."""
    return (
        f"CASE typeof({column}) WHEN 'blob' THEN decoded({column})"
        f" ELSE coalesce(CAST({column} AS TEXT), '') END"
    )


def add_functions(connection: Writer) -> None:
    """Give ``connection`` what :data:`ATTRIBUTES` calls, and ``decoded`` for blobs."""
    connection.create_function("decoded", 1, _decoded, deterministic=True)
    connection.create_function("merged_attributes", 2, _merged, deterministic=True)


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _merged(extra: str | None, jlc_extra: str | None) -> str:
    merged = attributes_of(extra, jlc_extra)
    return json.dumps(merged, ensure_ascii=False, separators=(",", ":"))


def _split(extra: object, jlc_extra: object, price: object = "[]") -> tuple[object, object, object]:
    db = writer()
    add_functions(db)
    db.execute("CREATE TABLE p (extra, jlc_extra, price)")
    db.execute("INSERT INTO p VALUES (?, ?, ?)", (extra, jlc_extra, price))
    row = db.execute(f"SELECT {ATTRIBUTES}, {REST}, {PRICE} FROM p").fetchone()
    db.close()
    return json.loads(row[0]), json.loads(row[1]), json.loads(row[2])


def test_one_record_is_split_without_loss_or_repetition() -> None:
    a = '{"number": "C1", "attributes": {"R": "1Ω"}, "url": "/x"}'
    rest = {"number": "C1", "url": "/x"}
    for empty in ("{}", "", None):
        assert _split(a, empty)[:2] == ({"R": "1Ω"}, rest)
    for bare in ("{}", '{"attributes": null}', '{"attributes": {}}', None, ""):
        attributes, other = _split(bare, a)[:2]
        assert attributes == {"R": "1Ω"}
        assert isinstance(other, dict) and other["jlc_extra"] == rest
    assert _split(a, '{"rohs": true}')[:2] == ({"R": "1Ω"}, rest | {"jlc_extra": {"rohs": True}})


def test_records_that_must_be_merged_stay_whole() -> None:
    lcsc = {"attributes": {"R": "1Ω", "T": "±1%"}}
    jlc = {"attributes": [{"name": "R", "value": "2Ω"}]}
    attributes, rest, _ = _split(json.dumps(lcsc), json.dumps(jlc))
    assert attributes == {"R": "2Ω", "T": "±1%"}
    assert rest == lcsc | {"jlc_extra": jlc}
    assert _split(json.dumps(jlc), "{}")[:2] == ({"R": "2Ω"}, jlc)


def test_what_is_no_json_is_kept_as_text() -> None:
    for broken in ("{", "[1]", '"x"', "null"):
        assert _split(broken, "{}")[:2] == ({}, {"extra": broken})
        assert _split("{}", broken)[:2] == ({}, {"jlc_extra": broken})
    assert _split("{}", "{}", "{oops")[2] == "{oops"
    assert _split("{}", "{}", "")[2] == []
    assert _split("{}", "{}", '[{"qFrom": 1, "price": 0.10}]')[2] == [{"qFrom": 1, "price": 0.1}]
    assert _split(None, None, None) == ({}, {}, [])


def test_every_shape_of_record_keeps_every_value() -> None:
    from hypothesis import given
    from hypothesis import strategies as st

    leaf = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text("aΩ±1", max_size=4)
    attributes = (
        st.none() | st.dictionaries(st.text("aΩ", max_size=3), leaf, max_size=3) | st.lists(leaf)
    )
    record = st.fixed_dictionaries({}, optional={"attributes": attributes, "number": leaf})

    @given(record, record)
    def holds(extra: dict[str, object], jlc_extra: dict[str, object]) -> None:
        found, rest, _ = _split(json.dumps(extra), json.dumps(jlc_extra))
        assert isinstance(found, dict) and isinstance(rest, dict)
        other = rest.pop("jlc_extra", {})
        for given_record, kept in ((extra, rest), (jlc_extra, other)):
            whole = kept if "attributes" in kept else kept | {"attributes": found}
            assert whole == {"attributes": found} | given_record or kept == given_record

    holds()
