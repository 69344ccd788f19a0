"""A part as atopile's client reads it: every key of its record, and values as its literals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from components.serve.atopile.literals import write_name, write_numbers
from components.serve.atopile.mapping import BY_FAMILY, DIELECTRICS, Parameter


def component(part: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The record of ``part`` (a row of ``components_full``, its JSON read) for the client.

    ``parameters`` are the part's columns of its pick table, empty where it is not pickable. A
    value that is not known is null: the client takes it for unconstrained.
    """
    return {
        "lcsc": part["lcsc_id"],
        "manufacturer_name": part["manufacturer"],
        "part_number": part["part_number"],
        "package": parameters.get("package") or part["package"],
        "datasheet_url": part["datasheet_url"],
        "description": part["description"],
        "is_basic": int(part["is_basic"]),
        "is_preferred": int(part["is_preferred"] or 0),
        "stock": part["stock"],
        "price": price_tiers(part["price"]),
        "attributes": attributes(part.get("family"), parameters),
    }


def attributes(family: str | None, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The literals of what the client's module of this kind can be constrained by."""
    endpoint = BY_FAMILY.get(family or "")
    if endpoint is None or not parameters:
        return {}
    return {one.name: _literal(one, parameters) for one in endpoint.parameters}


def price_tiers(prices: Any) -> list[dict[str, Any]]:
    """``[{qFrom, qTo, price}]`` by quantity; tiers that make no sense are left out."""
    tiers = []
    for tier in prices if isinstance(prices, list) else ():
        if not isinstance(tier, Mapping):
            continue
        first, last, price = _number(tier.get("qFrom")), _number(tier.get("qTo")), tier.get("price")
        amount = _number(price)
        if first is None or amount is None or amount < 0:
            continue
        tiers.append(
            {"qFrom": int(first), "qTo": None if last is None else int(last), "price": amount}
        )
    return sorted(tiers, key=lambda tier: tier["qFrom"])


def _literal(parameter: Parameter, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
    value = parameters.get(parameter.column)
    if parameter.unit is None:
        enum = "TemperatureCoefficient"
        return write_name(value, enum, DIELECTRICS) if isinstance(value, str) else None
    low = parameters.get(parameter.low) if parameter.low else value
    high = parameters.get(parameter.high) if parameter.high else value
    return write_numbers(low, high, parameter.unit)


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _part(**changes: Any) -> dict[str, Any]:
    return {
        "lcsc_id": 25744,
        "manufacturer": "UNI-ROYAL",
        "part_number": "0402WGF1002TCE",
        "package": "R0402",
        "family": "resistor",
        "datasheet_url": "",
        "description": "10k",
        "is_basic": True,
        "is_preferred": None,
        "stock": 5,
        "price": [
            {"qFrom": 1, "qTo": 9, "price": 0.1},
            {"qFrom": 10, "qTo": None, "price": "0.05"},
        ],
    } | changes


def test_every_key_of_the_client_s_record_is_there() -> None:
    values = {
        "package": "0402",
        "resistance_ohm": 1e4,
        "resistance_min_ohm": 9.9e3,
        "resistance_max_ohm": 1.01e4,
        "max_power_w": 0.0625,
        "max_voltage_v": None,
    }
    found = component(_part(), values)
    assert set(found) == {
        *("lcsc", "manufacturer_name", "part_number", "package", "datasheet_url", "description"),
        *("is_basic", "is_preferred", "stock", "price", "attributes"),
    }
    assert (found["package"], found["is_basic"], found["is_preferred"]) == ("0402", 1, 0)
    assert found["price"][1] == {"qFrom": 10, "qTo": None, "price": 0.05}
    assert found["attributes"]["resistance"] == write_numbers(9.9e3, 1.01e4, "ohm")
    assert found["attributes"]["max_voltage"] is None


def test_a_part_that_is_not_pickable_has_no_attributes() -> None:
    assert component(_part(family="mosfet"), {})["attributes"] == {}
    assert component(_part(), {})["attributes"] == {}


def test_a_capacitor_names_its_dielectric() -> None:
    values = {"tempco_code": "X7R", "capacitance_f": 1e-7}
    found = attributes("capacitor", values)
    assert found["temperature_coefficient"]["data"]["elements"] == [{"name": "X7R"}]
    assert found["capacitance"] is None
    assert attributes("capacitor", {"tempco_code": "U2J"})["temperature_coefficient"] is None


def test_prices_that_make_no_sense_are_left_out() -> None:
    prices = [
        {"qFrom": 10, "qTo": 19, "price": 2},
        {"qFrom": 1, "qTo": 9, "price": 3},
        {"qFrom": None, "price": 1},
        {"qFrom": 1, "price": "x"},
        {"qFrom": 1, "price": -1},
        5,
    ]
    assert [tier["qFrom"] for tier in price_tiers(prices)] == [1, 10]
    assert price_tiers(None) == []
