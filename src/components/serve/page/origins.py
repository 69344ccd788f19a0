"""Which of a part's texts each value was read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.families import family_named
from components.families.model import Column, fold
from components.serve.page.fields import Field

DESCRIPTION = "description"


def origins(
    family: str, fields: Sequence[Field], attributes: object, values: Mapping[str, Any]
) -> dict[str, list[tuple[str, str]]]:
    """By field, names and texts of the attributes that it is read from, as the catalogue has them.

    Where none is and the value is known, the description told it, or what it is derived from.
    """
    texts = _texts(attributes)
    columns = {column.name: column for column in family_named(family).columns}
    found: dict[str, list[tuple[str, str]]] = {}
    for field in fields:
        names = {name for one in field.columns for name in _read(columns[one])}
        told = [pair for pair in texts if fold(pair[0]) in names]
        if not told and any(values.get(one) is not None for one in field.columns):
            told = [(DESCRIPTION, "")]
        found[field.name] = told
    return found


def _read(column: Column) -> Iterator[str]:
    for name in (*column.attributes, *column.otherwise):
        yield fold(name)


def _texts(attributes: object) -> list[tuple[str, str]]:
    """Attributes as pairs; what is no text, or says nothing, is left out."""
    if not isinstance(attributes, dict):
        return []
    return [(name, text) for name, text in attributes.items() if isinstance(text, str) and text]


def others(
    attributes: object, told: Mapping[str, Sequence[tuple[str, str]]]
) -> list[tuple[str, str]]:
    """The attributes that no field is read from, those without a value left out."""
    used = {pair[0] for pairs in told.values() for pair in pairs}
    return [pair for pair in _texts(attributes) if pair[0] not in used and pair[1] != "-"]


def test_a_value_names_the_text_that_it_was_read_from() -> None:
    from components.families.schema import lookup_schema
    from components.serve.page.fields import fields_of

    schema = next(f for f in lookup_schema()["families"] if f["name"] == "resistor")
    attributes = {"Resistance": "10kΩ", "power(watts)": "62.5mW", "Type": "Thick film", "X": "-"}
    values = {"resistance_ohm": 1e4, "max_power_w": 0.0625, "tolerance_pct": 1.0}
    found = origins("resistor", fields_of(schema), attributes, values)
    assert found["resistance_ohm"] == [("Resistance", "10kΩ")]
    assert found["max_power_w"] == [("power(watts)", "62.5mW")]
    assert found["tolerance_pct"] == [(DESCRIPTION, "")]
    assert found["max_voltage_v"] == []
    assert others(attributes, found) == [("Type", "Thick film")]
    assert origins("resistor", fields_of(schema), None, {})["tempco_ppm"] == []
