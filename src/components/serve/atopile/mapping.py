"""What atopile calls our families and columns."""

from __future__ import annotations

from typing import NamedTuple


class Parameter(NamedTuple):
    """One parameter of an endpoint."""

    name: str
    """As atopile has it."""
    column: str
    """Ours, of the endpoint's family."""
    unit: str | None = None
    """The unit's name in its literals; None: a set of names."""
    low: str | None = None
    high: str | None = None
    """The columns that bound a toleranced value."""


class Endpoint(NamedTuple):
    """What a module of one kind asks for."""

    family: str
    parameters: tuple[Parameter, ...]


# A module of the kind "capacitor" may be turned round on its pads, so that a polarized one is
# never an answer by type; asked for by number it has its values.
_CAPACITANCE = Parameter(
    "capacitance", "capacitance_f", "farad", "capacitance_min_f", "capacitance_max_f"
)
_CAPACITOR_VOLTAGE = Parameter("max_voltage", "max_voltage_v", "volt")

ENDPOINTS = {
    "resistors": Endpoint(
        "resistor",
        (
            Parameter(
                "resistance", "resistance_ohm", "ohm", "resistance_min_ohm", "resistance_max_ohm"
            ),
            Parameter("max_power", "max_power_w", "watt"),
            Parameter("max_voltage", "max_voltage_v", "volt"),
        ),
    ),
    "capacitors": Endpoint(
        "capacitor",
        (
            _CAPACITANCE,
            _CAPACITOR_VOLTAGE,
            Parameter("temperature_coefficient", "tempco_code"),
        ),
    ),
    "inductors": Endpoint(
        "inductor",
        (
            Parameter(
                "inductance", "inductance_h", "henry", "inductance_min_h", "inductance_max_h"
            ),
            Parameter("max_current", "max_current_a", "ampere"),
            Parameter("dc_resistance", "dc_resistance_ohm", "ohm"),
            Parameter("saturation_current", "saturation_current_a", "ampere"),
            Parameter("self_resonant_frequency", "self_resonant_frequency_hz", "hertz"),
        ),
    ),
}
# Whose values a record tells, by family.
BY_FAMILY = {
    **{endpoint.family: endpoint.parameters for endpoint in ENDPOINTS.values()},
    "capacitor_polarized": (_CAPACITANCE, _CAPACITOR_VOLTAGE),
}

# The temperature characteristics that atopile knows, in its order; its literals count from 1.
DIELECTRICS = ("Y5V", "Z5U", "X7S", "X5R", "X6R", "X7R", "X8R", "C0G")

# Spellings of units in its literals. Values are in base units whatever the spelling.
UNITS = {
    "ohm": {"ohm", "ohms", "Ω"},
    "watt": {"watt", "watts", "W"},
    "volt": {"volt", "volts", "V", "voltage"},
    "farad": {"farad", "farads", "F"},
    "henry": {"henry", "henries", "H"},
    "ampere": {"ampere", "amperes", "amp", "A"},
    "hertz": {"hertz", "Hz"},
}


def test_every_column_is_one_of_its_family() -> None:
    from components.families import family_named

    for name, parameters in BY_FAMILY.items():
        family = family_named(name)
        for parameter in parameters:
            for column in (parameter.column, parameter.low, parameter.high):
                assert column is None or family.column(column).name == column
