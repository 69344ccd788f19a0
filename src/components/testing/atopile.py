"""atopile's queries for tests, and what answers them: by SQL written for the tests alone."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping
from typing import Any

CANDIDATES = 6
# Endpoint, its table, and the columns of each parameter: value, or lower and upper bound.
TABLES: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "resistors": (
        "resistor_pick",
        {
            "resistance": ("resistance_min_ohm", "resistance_max_ohm"),
            "max_power": ("max_power_w",),
            "max_voltage": ("max_voltage_v",),
        },
    ),
    "capacitors": (
        "capacitor_pick",
        {
            "capacitance": ("capacitance_min_f", "capacitance_max_f"),
            "max_voltage": ("max_voltage_v",),
            "temperature_coefficient": ("tempco_code",),
        },
    ),
    "inductors": (
        "inductor_pick",
        {
            "inductance": ("inductance_min_h", "inductance_max_h"),
            "max_current": ("max_current_a",),
            "dc_resistance": ("dc_resistance_ohm",),
            "saturation_current": ("saturation_current_a",),
            "self_resonant_frequency": ("self_resonant_frequency_hz",),
        },
    ),
}
UNITS = {"ohm": "ohm", "w": "watt", "v": "volt", "f": "farad", "h": "henry", "a": "ampere"}
UNITS["hz"] = "hertz"


def expected(
    fast: sqlite3.Connection, detail: sqlite3.Connection, query: Mapping[str, Any]
) -> list[int]:
    """The LCSC numbers that answer a query; the databases are a snapshot's."""
    if "lcsc" in query:
        return [query["lcsc"]]
    order = "is_preferred DESC, is_basic DESC, stock DESC, lcsc_id LIMIT ?"
    if "part_number" in query:
        sql = "SELECT lcsc_id FROM components_full WHERE part_number = ? COLLATE NOCASE"
        sql += f" AND manufacturer LIKE ? ORDER BY stock < ?, {order}"
        maker = query["manufacturer_name"] + "%"
        values = [query["part_number"], maker, query["quantity"], CANDIDATES]
        return [row[0] for row in detail.execute(sql, values)]
    table, columns = TABLES[query["endpoint"]]
    where, values = ["stock >= ?"], [query["qty"]]
    for name, literal in query.items():
        if literal is None or name in ("endpoint", "qty"):
            continue
        data = literal["data"]
        if literal["type"] == "EnumSet":
            names = [element["name"].lstrip("RCL") for element in data["elements"]]
            names = (
                [element["name"] for element in data["elements"]] if name != "package" else names
            )
            column = "package" if name == "package" else columns[name][0]
            where.append(f"{column} IN ({', '.join('?' * len(names))})")
            values += names
            continue
        low_column, high_column = columns[name][0], columns[name][-1]
        choices = []
        for interval in data["intervals"]["data"]["intervals"]:
            low, high = interval["data"]["min"], interval["data"]["max"]
            choices.append(f"({low_column} >= ? AND {high_column} <= ?)")
            values.append(-1e300 if low is None else low - abs(low) * 1e-5)
            values.append(1e300 if high is None else high + abs(high) * 1e-5)
        where.append(f"({' OR '.join(choices)})")
    sql = f"SELECT lcsc_id FROM {table} WHERE {' AND '.join(where)} ORDER BY {order}"
    return [row[0] for row in fast.execute(sql, [*values, CANDIDATES])]


def random_query(fast: sqlite3.Connection, chance: random.Random) -> dict[str, Any]:
    """A query that some part answers, unless the others of its sets are against it."""
    endpoint = chance.choice(list(TABLES))
    table, columns = TABLES[endpoint]
    count = fast.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    place = chance.randrange(count)
    part = fast.execute(f"SELECT * FROM {table} LIMIT 1 OFFSET {place}").fetchone()
    query: dict[str, Any] = {"endpoint": endpoint, "qty": chance.choice((0, 1, 100))}
    others = ("0402", "0603", "0805", "1206")
    names = [*chance.sample(others, chance.randrange(3)), part["package"]]
    prefix = endpoint[0].upper().replace("I", "L")
    query["package"] = _names([prefix + n if n in others else n for n in names])
    if chance.random() < 0.3:
        query["package"] = None
    for name, column in columns.items():
        query[name] = None
        if part[column[0]] is None or (name != next(iter(columns)) and chance.random() < 0.5):
            continue
        if name == "temperature_coefficient":
            query[name] = _names(sorted({part[column[0]], chance.choice(("X7R", "X5R", "C0G"))}))
            continue
        low, high = part[column[0]], part[column[-1]]
        pairs = [(low * chance.choice((0.8, 1.0)), high * chance.choice((1.0, 1.3)))]
        if chance.random() < 0.4:
            pairs.append((high * 3, high * 4))
        if chance.random() < 0.2:
            pairs.append((None, low * 0.5))
        if chance.random() < 0.2:
            pairs[0] = pairs[0][0], None
        query[name] = _numbers(sorted(pairs, key=str), UNITS[column[0].rpartition("_")[2]])
    return query


def _names(names: list[str]) -> dict[str, Any]:
    elements = [{"name": name} for name in names]
    return {"type": "EnumSet", "data": {"elements": elements, "enum": {"name": "E", "values": {}}}}


def _numbers(pairs: list[Any], unit: str) -> dict[str, Any]:
    kind = "Quantity_Set_Discrete"
    if any(low != high for low, high in pairs):
        kind = "Quantity_Interval_Disjoint"
    intervals = [{"type": "Numeric_Interval", "data": {"min": a, "max": b}} for a, b in pairs]
    inner = {"type": "Numeric_Interval_Disjoint", "data": {"intervals": intervals}}
    return {"type": kind, "data": {"intervals": inner, "unit": unit}}
