"""A part as atopile's client reads it: every key of its record, and values as its literals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from components.serve.atopile.literals import write_name, write_numbers
from components.serve.atopile.mapping import BY_FAMILY, DIELECTRICS
from components.source.prices import Tier, tiers

COLUMNS = (
    *("lcsc_id", "manufacturer", "part_number", "package", "family", "datasheet_url"),
    *("description", "stock", "is_basic", "is_preferred", "price_json"),
)
"""What of ``components_full`` a record needs, in the order in which it is given."""


def component(part: Sequence[Any], parameters: Mapping[str, Any]) -> bytes:
    """The record of ``part`` (its :data:`COLUMNS`) for the client, as JSON.

    ``parameters`` are the part's columns of its pick table, empty where it is not pickable. A
    value that is not known is null: the client takes it for unconstrained.
    """
    number, manufacturer, part_number, package, family, *rest = part
    datasheet_url, description, stock, is_basic, is_preferred, price_json = rest
    return orjson.dumps(
        {
            "lcsc": number,
            "manufacturer_name": manufacturer,
            "part_number": part_number,
            "package": parameters.get("package") or package,
            "datasheet_url": datasheet_url,
            "description": description,
            "is_basic": is_basic,
            "is_preferred": is_preferred,
            "stock": stock,
            "price": price_tiers(tiers(price_json)),
            "attributes": attributes(family, parameters),
        }
    )


def attributes(family: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The literals of what the client's module of this kind can be constrained by."""
    if not parameters:
        return {}
    get = parameters.get
    return {
        one.name: _literal(get(one.low or one.column), get(one.high or one.column), one.unit)
        for one in BY_FAMILY.get(family, ())
    }


def price_tiers(prices: Sequence[Tier]) -> list[dict[str, Any]]:
    """``[{qFrom, qTo, price}]`` by rising quantity; the last tier has no end."""
    found: list[dict[str, Any]] = []
    end = None
    for quantity, price in reversed(prices):
        found.append({"qFrom": quantity, "qTo": end, "price": price})
        end = quantity - 1
    found.reverse()
    return found


# The parts that answer one query have much the same values.
@lru_cache(maxsize=20_000)
def _literal(low: Any, high: Any, unit: str | None) -> orjson.Fragment:
    if unit is None:
        name = low if isinstance(low, str) else ""
        written = write_name(name, "TemperatureCoefficient", DIELECTRICS)
    else:
        written = write_numbers(low, high, unit)
    return orjson.Fragment(orjson.dumps(written))


def _record(values: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    part = {
        "lcsc_id": 25744,
        "manufacturer": "UNI-ROYAL",
        "part_number": "0402WGF1002TCE",
        "package": "R0402",
        "family": "resistor",
        "datasheet_url": "",
        "description": "10k",
        "stock": 5,
        "is_basic": 1,
        "is_preferred": 0,
        "price_json": '[{"qFrom": 10, "price": 0.05}, {"qFrom": 1, "qTo": 9, "price": 0.1}]',
    } | changes
    found: dict[str, Any] = orjson.loads(component([part[name] for name in COLUMNS], values))
    return found


def test_every_key_of_the_client_s_record_is_there() -> None:
    values = {
        "package": "0402",
        "resistance_ohm": 1e4,
        "resistance_min_ohm": 9.9e3,
        "resistance_max_ohm": 1.01e4,
        "max_power_w": 0.0625,
        "max_voltage_v": None,
    }
    found = _record(values)
    assert set(found) == {
        *("lcsc", "manufacturer_name", "part_number", "package", "datasheet_url", "description"),
        *("is_basic", "is_preferred", "stock", "price", "attributes"),
    }
    assert (found["package"], found["is_basic"], found["is_preferred"]) == ("0402", 1, 0)
    assert found["price"] == [
        {"qFrom": 1, "qTo": 9, "price": 0.1},
        {"qFrom": 10, "qTo": None, "price": 0.05},
    ]
    assert found["attributes"]["resistance"] == write_numbers(9.9e3, 1.01e4, "ohm")
    assert found["attributes"]["max_power"] == write_numbers(0.0625, 0.0625, "watt")
    assert found["attributes"]["max_voltage"] is None
    assert _record({}, price_json="[]")["price"] == []


def test_a_part_that_is_not_pickable_has_no_attributes() -> None:
    assert _record({"package": "SOT-23"}, family="mosfet")["attributes"] == {}
    assert (_record({})["attributes"], _record({})["package"]) == ({}, "R0402")


def test_a_capacitor_names_its_dielectric() -> None:
    values = {"tempco_code": "X7R", "capacitance_f": 1e-7, "max_voltage_v": 50.0}
    found = _record(values, family="capacitor")["attributes"]
    assert found["temperature_coefficient"]["data"]["elements"] == [{"name": "X7R"}]
    assert found["capacitance"] is None
    other = _record({"tempco_code": "U2J"}, family="capacitor")["attributes"]
    assert other["temperature_coefficient"] is None
    polarized = _record(values, family="capacitor_polarized")["attributes"]
    assert list(polarized) == ["capacitance", "max_voltage"]
