"""Rows of a pick table as parts under jlcsearch's names, in its units."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from components.families import family_named
from components.serve.jlcsearch.table import Flag, Held, Number, Source, Table, Word

_BASE = (
    "p.lcsc_id, c.part_number, p.package, c.description, p.stock, p.is_basic, p.is_preferred,"
    " p.unit_price"
)
_BASE_COUNT = 8

Part = dict[str, Any]


class Rows:
    """Of one source of a table, within one snapshot."""

    def __init__(self, table: Table, source: Source) -> None:
        self._attributes = table.attributes
        held = [source.columns.get(name) for name in table.names]
        self._shown = [
            (name, None if _is_as_stored(one) else _Shown(one))
            for name, one in zip(table.names, held, strict=True)
        ]
        columns = [
            f"p.{one.column}" if isinstance(one, Number | Word | Flag) else "NULL" for one in held
        ]
        # Long texts, which lie behind all others.
        columns += ["c.attributes_json"] * bool(table.attributes)
        self._sql = (
            f"SELECT {', '.join([_BASE, *columns])} FROM {table_of(source)} p"
            " JOIN detail.components_full c ON c.lcsc_id = p.lcsc_id"
            " WHERE p.lcsc_id IN (SELECT value FROM json_each(?))"
        )

    def read(self, db: sqlite3.Connection, ids: Sequence[int]) -> dict[int, Part]:
        """Parts by their number; ``db`` is a snapshot's ``fast.sqlite``."""
        cursor = db.cursor()
        cursor.row_factory = None
        parts = {}
        for row in cursor.execute(self._sql, (orjson.dumps(ids).decode(),)):
            part = _base(row)
            for (name, shown), value in zip(self._shown, row[_BASE_COUNT:], strict=False):
                part[name] = value if shown is None else shown[value]
            if self._attributes:
                part["attributes"] = _chosen(row[-1], self._attributes)
            parts[row[0]] = part
        return parts


class _Shown(dict[Any, Any]):
    """By value of a column how it is shown: parts share most values."""

    def __init__(self, held: Held | None) -> None:
        super().__init__()
        self._held = held

    def __missing__(self, value: Any) -> Any:
        self[value] = shown = _shown(self._held, value)
        return shown


def table_of(source: Source) -> str:
    """The pick table of its family."""
    return family_named(source.family).table


def _base(row: Sequence[Any]) -> Part:
    number, name, package, description, stock, is_basic, is_preferred, price = row[:_BASE_COUNT]
    return {
        "lcsc": number,
        "mfr": name,
        "package": package,
        "description": description,
        "is_basic": bool(is_basic),
        "is_preferred": bool(is_preferred),
        "is_extended_promotional": bool(is_preferred and not is_basic),
        "stock": stock,
        "in_stock": stock > 0,
        "price1": price,
    }


def _is_as_stored(held: Held | None) -> bool:
    return held is None or (isinstance(held, Number) and held.scale == 1)


def _shown(held: Held | None, value: Any) -> Any:
    """A value under jlcsearch's name, in its unit; null where it is not known."""
    if isinstance(held, bool | str):
        return held
    if value is None or held is None:
        return None
    if isinstance(held, Number):
        # Twelve digits hide what the scale makes of the last ones.
        return value if held.scale == 1 else float(f"{value * held.scale:.12g}")
    if isinstance(held, Flag):
        return bool(set(value.split("+")) & set(held.words))
    theirs = (word for word, ours in held.words.items() if value in ours)
    return next(theirs, None) or (value if held.is_code else value.lower())


def _chosen(text: str, names: Mapping[str, str]) -> dict[str, str]:
    try:
        given = orjson.loads(text)
    except ValueError:
        return {}
    if not isinstance(given, dict):
        return {}
    found = {theirs: given.get(ours) for theirs, ours in names.items()}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def test_values_are_shown_in_jlcsearch_s_units() -> None:
    assert _shown(Number("peak_wavelength_m", 1e9), 4.7e-7) == 470
    assert _shown(Number("tolerance_pct", 0.01), 1.0) == 0.01
    assert _shown(Number("position_count"), 4) == 4
    assert _shown(Flag("mounting", ("RIGHT_ANGLE",)), "PANEL+RIGHT_ANGLE") is True
    assert _shown(Flag("mounting", ("RIGHT_ANGLE",)), "PANEL") is False
    assert _shown(Flag("mounting", ("RIGHT_ANGLE",)), None) is None
    assert _shown(Word("color_code", {"green": ("GREEN", "EMERALD")}), "EMERALD") == "green"
    assert _shown(Word("series", is_code=True), "XH") == "XH" and _shown(Word("x"), "Y") == "y"
    assert _shown(False, None) is False
