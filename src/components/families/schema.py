"""The families as the lookup library, the API and the docs see them."""

from __future__ import annotations

from typing import Any

import components.families as families
from components.families.columns import ends_of
from components.families.model import Column, Family, short_name

VERSION = 2


def lookup_schema() -> dict[str, Any]:
    """All families in order, as plain data; ``version`` changes with the meaning of a field.

    A nominal column with bounds names them, so that a range on it matches on the part's whole
    band. A ``span`` is asked like a column, and matches where all that is asked lies between its
    minimum and its maximum column. A column with a ``default`` is asked for that value by every
    query that names no column that ``lifts_default``. Columns common to all families are not
    listed.
    """
    return {"version": VERSION, "families": [_family(family) for family in families.FAMILIES]}


def create_table(family: Family) -> str:
    """The DDL of a family's pick table; what makes a part pickable is NOT NULL."""
    lines = [
        "lcsc_id INTEGER PRIMARY KEY NOT NULL",
        "package TEXT NOT NULL",
        "stock INTEGER NOT NULL",
        "is_basic INTEGER NOT NULL",
        "is_preferred INTEGER NOT NULL",
        "unit_price REAL",
    ]
    for column in family.columns:
        known = " NOT NULL" if column.required else ""
        kind = "INTEGER" if column.kind == "whole" else column.kind.upper()
        lines.append(f"{column.name} {kind}{known}")
    return f"CREATE TABLE {family.table} (\n    " + ",\n    ".join(lines) + "\n)"


def insert_row(family: Family) -> str:
    """The INSERT of one row with all columns in order."""
    places = ", ".join("?" * len(family.column_names))
    return f"INSERT INTO {family.table} VALUES ({places})"


def _family(family: Family) -> dict[str, Any]:
    return {
        "name": family.name,
        "title": family.title,
        "table": family.table,
        "package_prefixes": list(family.package_prefixes),
        "columns": [_column(column) for column in family.columns],
        "spans": [_span(column) for column in family.columns if column.pair],
    }


def _span(column: Column) -> dict[str, Any]:
    name = column.pair or ""
    low, high = ends_of(name)
    short = short_name(name)
    return {
        "name": name,
        "unit": column.unit,
        "description": column.description.removeprefix("Lowest ").capitalize(),
        "aliases": [short] if short != name else [],
        "minimum_column": low,
        "maximum_column": high,
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "kind": "text" if column.kind == "text" else "real",
        "whole": column.kind == "whole",
        "unit": column.unit,
        "description": column.description,
        "aliases": list(column.aliases),
        "minimum_column": column.minimum_column,
        "maximum_column": column.maximum_column,
        "ppm_fraction": column.ppm_fraction,
        "default": column.default,
        "lifts_default": column.lifts_default or column.default is not None,
    }


CONTRACT = {
    "resistor": "resistance_ohm resistance_min_ohm resistance_max_ohm tolerance_pct max_power_w "
    "max_voltage_v tempco_ppm",
    "capacitor": "capacitance_f capacitance_min_f capacitance_max_f tolerance_pct max_voltage_v "
    "tempco_code",
    "capacitor_polarized": "capacitance_f capacitance_min_f capacitance_max_f tolerance_pct "
    "max_voltage_v",
    "inductor": "inductance_h inductance_min_h inductance_max_h tolerance_pct max_current_a "
    "dc_resistance_ohm saturation_current_a self_resonant_frequency_hz",
    "diode": "forward_voltage_v reverse_working_voltage_v max_current_a reverse_leakage_current_a",
    "led": "color_code forward_voltage_v max_current_a max_brightness_cd",
    "bjt": "doping_type max_collector_emitter_voltage_v max_collector_current_a max_power_w "
    "dc_current_gain_hfe",
    "mosfet": "channel_type max_drain_source_voltage_v max_continuous_drain_current_a "
    "on_resistance_ohm gate_source_threshold_voltage_v",
    "crystal": "frequency_hz frequency_min_hz frequency_max_hz load_capacitance_f "
    "frequency_tolerance_ppm frequency_stability_ppm",
    "ferrite_bead": "impedance_ohm current_rating_a dc_resistance_ohm",
    "ldo": "output_voltage_v max_input_voltage_v output_current_a dropout_voltage_v output_type "
    "output_polarity",
}
"""The columns that users have relied on since the first release; more may follow them."""


def test_columns_and_their_order_are_those_promised() -> None:
    for name, promised in CONTRACT.items():
        names = [column.name for column in families.family_named(name).columns]
        assert names[: len(promised.split())] == promised.split(), name


def test_every_range_of_two_columns_is_asked_by_one_name() -> None:
    spans = 0
    for family in lookup_schema()["families"]:
        names = {column["name"] for column in family["columns"]}
        for span in family["spans"]:
            assert {span["minimum_column"], span["maximum_column"]} <= names
            assert not {span["name"], *span["aliases"]} & names
            spans += 1
    assert spans


def test_bounds_name_columns_of_the_same_family() -> None:
    bounded = 0
    for family in lookup_schema()["families"]:
        names = {column["name"] for column in family["columns"]}
        for column in family["columns"]:
            ends = {column["minimum_column"], column["maximum_column"]} - {None}
            assert ends <= names
            bounded += len(ends)
    assert bounded >= 2 * 5


def test_the_tables_can_be_made_and_filled() -> None:
    import sqlite3

    import pytest

    connection = sqlite3.connect(":memory:")
    for family in families.FAMILIES:
        connection.execute(create_table(family))
        columns = connection.execute(f"PRAGMA table_info({family.table})").fetchall()
        assert tuple(column[1] for column in columns) == family.column_names
        row = [1, "0402", 5, 0, 1, 0.1, *([1.0] * len(family.columns))]
        connection.execute(insert_row(family), row)
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(insert_row(family), [2, None, *row[2:]])


def test_short_names_of_the_contract_are_accepted() -> None:
    names = {
        (family["name"], alias)
        for family in lookup_schema()["families"]
        for column in family["columns"]
        for alias in column["aliases"]
    }
    for expected in ("resistance", "max_power", "temperature_coefficient", "tolerance"):
        assert ("resistor", expected) in names
    assert ("capacitor", "temperature_coefficient") in names
    assert ("crystal", "frequency") in names
