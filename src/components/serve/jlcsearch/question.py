"""A request's parameters as conditions on the rows of a pick table.

What is not understood is refused, since to leave it out would widen the answer; a column that is
not known matches nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from components.families import family_named
from components.families.parse.quantity import quantity
from components.serve.http.asgi import Refusal
from components.serve.jlcsearch.table import BOTH_ENDS, Flag, Held, Number, Source, Table, Word
from components.serve.json_body import shown

# jlcsearch's clients compute values from text, so that 1e-7 may come as 1.0000000000000001e-7.
TOLERANCE = 1e-4
# What JavaScript makes of a missing value; it asks for nothing.
MISSING = frozenset({"", "undefined", "null", "NaN"})
# What every list takes beside its columns. `json` chooses between two forms of which one is left.
FORM = frozenset({"json", "full"})
CHEAP = {
    "is_basic": "p.is_basic",
    "is_preferred": "p.is_preferred",
    "is_extended_promotional": "(p.is_preferred AND NOT p.is_basic)",
}
PACKAGE = "package"
_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})

Condition = tuple[str, list[Any]]
"""SQL about the row ``p``, and its parameters."""


class Asked(NamedTuple):
    """A request that was understood."""

    package: str | None
    common: Sequence[Condition]
    """On columns that every family has."""
    named: Mapping[str, str]
    """Parameters of the list, with their texts."""

    def has_indexed_value(self, table: Table, source: Source) -> bool:
        """Whether a number that has an index is asked for: few parts have it."""
        family = family_named(source.family)
        return any(
            how == "is"
            and text[:1].isdigit()
            and isinstance(held := source.columns.get(meant), Number)
            and family.column(held.column).is_indexed
            for (meant, how), text in ((table.parameters[n], t) for n, t in self.named.items())
        )


def read(table: Table, parameters: Iterable[tuple[str, str]]) -> Asked:
    """What is asked of ``table``. Raises :class:`Refusal` (422) for an unknown parameter."""
    package: str | None = None
    common: list[Condition] = []
    named: dict[str, str] = {}
    for name, text in parameters:
        text = text.strip()
        if name in FORM or text in MISSING:
            continue
        if name == PACKAGE:
            package = text
        elif name in CHEAP:
            common.append((CHEAP[name] if _boolean(name, text) else f"NOT {CHEAP[name]}", []))
        elif name in table.parameters:
            named[name] = text
        else:
            known = ", ".join([PACKAGE, *CHEAP, *table.parameters])
            raise Refusal(422, f"{shown(name)}: {table.route} cannot be asked for it, but {known}")
    return Asked(package, common, named)


def conditions(table: Table, source: Source, asked: Asked) -> list[Condition] | None:
    """What a row of ``source`` must be, beside package and category; None where none can be.

    Raises :class:`Refusal` (422) for what is no number or no boolean.
    """
    if source.only_if and not set(source.only_if) & set(asked.named):
        return None
    found = list(asked.common)
    for column, words in source.where.items():
        found.append(_among(column, words))
    lifted = source.has_several
    for name, text in asked.named.items():
        meant, how = table.parameters[name]
        if how == "span":
            condition = _between(source, meant, name, text)
        else:
            held = source.columns.get(meant)
            condition = _holds(source.family, held, how, name, text)
            lifted |= _lifts_default(source.family, held, text)
        if condition is None:
            return None
        found.append(condition)
    return found if lifted else [*found, *_defaults(source.family)]


def _holds(family: str, held: Held | None, how: str, name: str, text: str) -> Condition | None:
    """None: no row of this source can be what is asked."""
    if isinstance(held, Number):
        value = _number(family, held, name, text)
        if how == "min":
            return f"p.{held.column} >= ?", [value - abs(value) * TOLERANCE]
        if how == "max":
            return f"p.{held.column} <= ?", [value + abs(value) * TOLERANCE]
        margin = abs(value) * TOLERANCE
        return f"p.{held.column} BETWEEN ? AND ?", [value - margin, value + margin]
    if isinstance(held, Word):
        words = held.words.get(text.lower(), (_code(text),))
        return f"p.{held.column} IN ({', '.join('?' * len(words))})", list(words)
    if isinstance(held, Flag):
        sql, words_asked = _among(held.column, held.words)
        return (sql if _boolean(name, text) else f"NOT {sql}"), words_asked
    if isinstance(held, bool):
        return ("1", []) if held == _boolean(name, text) else None
    return ("1", []) if held is not None and _code(held) == _code(text) else None


def _between(source: Source, stem: str, name: str, text: str) -> Condition | None:
    ends = [source.columns.get(stem + end) for end in BOTH_ENDS]
    low, high = ends
    if not isinstance(low, Number) or not isinstance(high, Number):
        return None
    value = _number(source.family, low, name, text)
    margin = abs(value) * TOLERANCE
    return f"p.{low.column} <= ? AND p.{high.column} >= ?", [value + margin, value - margin]


def _among(column: str, words: Sequence[str]) -> Condition:
    # Several words of one part are joined by `+`.
    each = " OR ".join([f"instr('+' || p.{column} || '+', ?)"] * len(words))
    return f"({each})", [f"+{word}+" for word in words]


def _defaults(family: str) -> list[Condition]:
    """Single devices, where nothing else is asked for."""
    columns = family_named(family).columns
    return [(f"p.{c.name} = ?", [c.default]) for c in columns if c.default is not None]


def _lifts_default(family: str, held: Held | None, text: str) -> bool:
    if isinstance(held, Flag) and held.is_of_several:
        return text.lower() in _TRUE
    if not isinstance(held, Number | Word):
        return False
    column = family_named(family).column(held.column)
    return column.lifts_default or column.default is not None


def _number(family: str, held: Number, name: str, text: str) -> float:
    """The value in our unit: a bare number is in jlcsearch's, as is one with a prefix in SI."""
    try:
        value: float | None = float(text) / held.scale
    except ValueError:
        unit = family_named(family).column(held.column).unit
        value = quantity(text, unit)
        if value is None:
            value = quantity(text + unit, unit)
    if value is None or not math.isfinite(value):
        raise Refusal(422, f"{name}: {shown(text)} is no value such as 4700, 4.7k or 1e-7")
    return value


def _boolean(name: str, text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise Refusal(422, f"{name}: must be true or false, not {shown(text)}")


def _code(text: str) -> str:
    """
    >>> _code("yellow-green")
    'YELLOW_GREEN'
    """
    return re.sub(r"[\s_-]+", "_", text.upper())


def _ask(route: str, family: str, **parameters: str) -> list[Condition] | None:
    from components.serve.jlcsearch.tables import TABLES

    table = TABLES[route]
    source = next(each for each in table.sources if each.family == family)
    return conditions(table, source, read(table, parameters.items()))


def test_values_are_read_as_clients_write_them() -> None:
    for text in ("10000", "10k", "10kΩ", "1e4"):
        found = _ask("resistors", "resistor", resistance=text, package="undefined", json="true")
        assert found == [("p.resistance_ohm BETWEEN ? AND ?", [9999.0, 10001.0])]
    ((_, (low, high)),) = _ask("inductors", "inductor", inductance="10uH") or []
    assert low < 1e-5 < high < 1.001e-5
    ((sql, values),) = _ask("resistors", "resistor", tolerance_fraction_max="0.01") or []
    assert sql == "p.tolerance_pct <= ?" and abs(values[0] - 1) < 1e-3


def test_words_flags_and_spans() -> None:
    found = _ask("mosfets", "mosfet", channel_type="n", mosfet_mode="enhancement")
    assert found is not None and ("p.channel_type IN (?)", ["N_CHANNEL"]) in found
    assert ("p.element_count = ?", [1]) in found
    assert _ask("mosfets", "mosfet", mosfet_mode="depletion") is None
    found = _ask("leds", "led", color="green", is_rgb="true") or []
    assert ("p.color_code IN (?, ?)", ["GREEN", "EMERALD"]) in found
    assert not any("element_count" in sql for sql, _ in found)
    ((sql, _),) = _ask("led_drivers", "led_driver", supply_voltage="5") or []
    assert sql == "p.input_voltage_min_v <= ? AND p.input_voltage_max_v >= ?"
    found = _ask("headers", "pin_header", is_right_angle="false", is_basic="1") or []
    assert found[0] == ("p.is_basic", []) and any(sql.startswith("NOT (instr") for sql, _ in found)


def test_what_is_dangerous_in_another_s_place_must_be_asked_for() -> None:
    assert _ask("capacitors", "capacitor_polarized", capacitance="1e-4") is None
    assert _ask("capacitors", "capacitor_polarized", is_polarized="true") is not None
    assert _ask("capacitors", "capacitor_polarized", is_polarized="false") is None
    assert _ask("capacitors", "capacitor", is_polarized="true") is None
    assert _ask("diodes", "tvs") is None and _ask("diodes", "zener", diode_type="zener") is not None


def test_what_is_not_understood_is_refused_by_name() -> None:
    import pytest

    for parameters, text in (
        ({"colour": "red"}, "colour: resistors cannot be asked for it, but package, is_basic"),
        ({"resistance": "ten"}, "resistance: ten is no value"),
        ({"resistance": "1e999"}, "resistance: 1e999 is no value"),
        ({"is_basic": "maybe"}, "is_basic: must be true or false, not maybe"),
    ):
        with pytest.raises(Refusal, match=text) as caught:
            _ask("resistors", "resistor", **parameters)
        assert caught.value.status == 422
