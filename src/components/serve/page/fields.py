"""The columns of a family as people see them: a range of two columns is one, a band is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from components.families.model import short_name
from components.serve.page.figures import shown

NBSP = "\xa0"
_SPELLED = {"ac", "adc", "dac", "dc", "esd", "fpga", "gpio", "hfe", "ic", "led", "pwm", "rf", "usb"}


@dataclass(frozen=True)
class Field:
    """What is shown as one column, and filtered by one name."""

    name: str
    kind: Literal["number", "span", "words"]
    unit: str
    description: str
    columns: tuple[str, ...]
    """Of the pick table: one, or a span's lower and upper."""
    has_band: bool = False
    """Whether a range must hold all that the tolerance allows."""
    default: float | None = None
    """What is asked for where nothing is."""

    @property
    def title(self) -> str:
        """
        >>> Field("max_power_w", "number", "W", "", ("max_power_w",)).title
        'Max power'
        """
        words = short_name(self.name).split("_")
        words = [word.upper() if word in _SPELLED else word for word in words]
        return " ".join([words[0] if words[0].isupper() else words[0].capitalize(), *words[1:]])

    def text(self, values: Mapping[str, Any]) -> str:
        """The value of a part, given its columns' values; empty where it is not known."""
        found = [values[name] for name in self.columns]
        if self.kind == "span":
            return between(found[0], found[1], self.unit)
        if found[0] is None:
            return ""
        return str(found[0]) if self.kind == "words" else shown(found[0], self.unit)


def between(low: float | None, high: float | None, unit: str) -> str:
    """
    >>> between(1.65, 5.5, "V"), between(None, 0.5, "V"), between(3.0, 3.0, "V")
    ('1.65…5.5\xa0V', '≤\xa0500\xa0mV', '3\xa0V')
    """
    if low is None or high is None:
        if low is None and high is None:
            return ""
        return (
            f"≤\xa0{shown(high, unit)}" if high is not None else f"≥\xa0{shown(low or 0.0, unit)}"
        )
    if low == high:
        return shown(low, unit)
    first, last = shown(low, unit), shown(high, unit)
    number, _, symbol = first.partition(NBSP)
    return f"{number if last.partition(NBSP)[2] == symbol else first}…{last}"


def fields_of(family: Mapping[str, Any]) -> list[Field]:
    """In order, of a family of the lookup schema; bounds of a tolerance are left out."""
    bounds = {
        name
        for column in family["columns"]
        for name in (column["minimum_column"], column["maximum_column"])
        if name and column["name"] != name
    }
    spans = {span["minimum_column"]: span for span in family["spans"]}
    uppers = {span["maximum_column"] for span in family["spans"]}
    found = []
    for column in family["columns"]:
        name = column["name"]
        if name in spans:
            found.append(_span(spans[name]))
        elif name not in bounds and name not in uppers:
            found.append(_single(column))
    return found


def _single(column: Mapping[str, Any]) -> Field:
    return Field(
        column["name"],
        "words" if column["kind"] == "text" else "number",
        column["unit"],
        column["description"],
        (column["name"],),
        bool(column["minimum_column"]),
        column["default"],
    )


def _span(span: Mapping[str, Any]) -> Field:
    ends = (span["minimum_column"], span["maximum_column"])
    return Field(span["name"], "span", span["unit"], span["description"], ends)


def told(fields: Sequence[Field], values: Mapping[str, Any]) -> list[tuple[Field, str]]:
    """Each field with the text of its value."""
    return [(field, field.text(values)) for field in fields]


def test_every_column_of_every_family_is_shown_once_or_is_a_bound() -> None:
    from components.families.schema import lookup_schema

    for family in lookup_schema()["families"]:
        fields = fields_of(family)
        shown_columns = [name for field in fields for name in field.columns]
        bounds = [c[key] for c in family["columns"] for key in ("minimum_column", "maximum_column")]
        names = {column["name"] for column in family["columns"]}
        assert names - set(filter(None, bounds)) <= set(shown_columns) <= names
        assert len(set(shown_columns)) == len(shown_columns)
        assert all(field.title and field.title[0].isupper() for field in fields), family["name"]
