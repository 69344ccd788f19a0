"""Columns that several families have: supply, rated current, pitch, mounting, channels …"""

from __future__ import annotations

from typing import Any

from components.families.columns import nominal, rating, span, whole, word
from components.families.model import Column, Parser
from components.families.parse.ratings import IMPLAUSIBLE


def supply(*attributes: str, **options: Any) -> tuple[Column, Column]:
    """The supply voltage that a chip works at."""
    names = ("Voltage - supply", "Supply voltage", "Operating voltage", "Voltage - supply(vcca)")
    return span("supply_voltage_v", "Supply voltage", *(attributes or names), **options)


def rated_current(*attributes: str, **options: Any) -> Column:
    """The current that a part's contacts or conductors bear."""
    band = options.pop("band", (0.0001, 5000.0))
    return rating("rated_current_a", "Rated current", *attributes, band=band, **options)


def rated_voltage(*attributes: str, **options: Any) -> Column:
    """The voltage that a part's contacts or conductors bear."""
    return rating("rated_voltage_v", "Rated voltage", *attributes, band=(0.1, 1e6), **options)


def pitch(*attributes: str, **options: Any) -> Column:
    """The distance between neighbouring contacts."""
    names = attributes or ("Pitch",)
    band = options.pop("band", (0.1, 50.0))
    return nominal("pitch_mm", "Distance between contacts", *names, band=band, **options)


MOUNTING = {
    # Older words, by what the same parts' newer attribute says.
    "BRICK_NOGGING": "SURFACE_MOUNT_VERTICAL",
    "STANDING_PASTE": "SURFACE_MOUNT_VERTICAL",
    "HORIZONTAL_ATTACHMENT": "SURFACE_MOUNT_RIGHT_ANGLE",
    "DIRECT_INSERT": "THROUGH_HOLE",
    "STRAIGHT": "THROUGH_HOLE",
    "STRAIGHT_PIN": "THROUGH_HOLE",
    "STRAIGHT_NEEDLE": "THROUGH_HOLE",
    "VERTICAL_PLUG": "THROUGH_HOLE",
    "BEND": "RIGHT_ANGLE",
    "BEND_IN": "RIGHT_ANGLE",
    "BEND_INSERT": "RIGHT_ANGLE",
    "SHROUDED": "RIGHT_ANGLE",
    "LYING": "RIGHT_ANGLE",
    "HORIZONTAL_PLUG": "RIGHT_ANGLE",
    "VERTICAL_WELDING": "SURFACE_MOUNT_VERTICAL",
    "SMD": "SURFACE_MOUNT",
    "SMT": "SURFACE_MOUNT",
    "THT": "THROUGH_HOLE",
    "DIP": "THROUGH_HOLE",
    "PLUGIN": "THROUGH_HOLE",
    "PLUG_IN": "THROUGH_HOLE",
    "插件": "THROUGH_HOLE",
    "贴片": "SURFACE_MOUNT",
    "卧贴": "SURFACE_MOUNT_RIGHT_ANGLE",
    "立贴": "SURFACE_MOUNT_VERTICAL",
    "直插": "THROUGH_HOLE",
    "弯插": "RIGHT_ANGLE",
    "RIGHT_ANGLE+SURFACE_MOUNT": "SURFACE_MOUNT_RIGHT_ANGLE",
    "SURFACE_MOUNT+VERTICAL": "SURFACE_MOUNT_VERTICAL",
    "RIGHT_ANGLE+THROUGH_HOLE": "RIGHT_ANGLE",
    "THROUGH_HOLE+VERTICAL": "THROUGH_HOLE",
}


def mounting(*attributes: str) -> Column:
    """How a part sits on the board; ``THROUGH_HOLE`` is upright where nothing else is said."""
    return word(
        "mounting",
        "SURFACE_MOUNT, THROUGH_HOLE, RIGHT_ANGLE, SURFACE_MOUNT_RIGHT_ANGLE …",
        *(attributes or ("Mounting type",)),
        otherwise=("Mounting style", "Holder type"),
        excludes=mountings_exclude,
        words=MOUNTING,
    )


def mountings_exclude(one: str, other: str) -> bool:
    """Whether a part cannot be mounted in both ways; words of other things exclude nothing.

    >>> mountings_exclude("SURFACE_MOUNT", "SURFACE_MOUNT_RIGHT_ANGLE")
    False
    >>> mountings_exclude("SURFACE_MOUNT_VERTICAL", "RIGHT_ANGLE")
    True
    """
    pairs = zip(_WAYS.get(one, (None, None)), _WAYS.get(other, (None, None)), strict=True)
    return any(first and second and first != second for first, second in pairs)


_WAYS = {
    "SURFACE_MOUNT": ("SURFACE", None),
    "SURFACE_MOUNT_VERTICAL": ("SURFACE", "UPRIGHT"),
    "SURFACE_MOUNT_RIGHT_ANGLE": ("SURFACE", "LYING"),
    "THROUGH_HOLE": ("HOLE", "UPRIGHT"),
    "RIGHT_ANGLE": (None, "LYING"),
}
"""Where a part is soldered, and how it stands there."""


def channels(name: str = "channel_count", *attributes: str, **options: Any) -> Column:
    """How many of a kind one part holds."""
    return whole(name, "Channels", *(attributes or ("Number of channels",)), **options)


def interface(*attributes: str, **options: Any) -> Column:
    """The ways in which a chip is talked to, joined by ``+``."""
    return word(
        "interface",
        "Interfaces, several joined by +",
        *(attributes or ("Interface", "Interface type")),
        words=INTERFACES,
        **options,
    )


def configuration(description: str, *attributes: str, **options: Any) -> Column:
    """How the devices of a package are connected; a query that names it gets several too."""
    names = attributes or ("Configuration",)
    return word("configuration", description, *names, lifts_default=True, **options)


TOPOLOGIES = {
    "BOOST_CONVERTER": "BOOST",
    "BOOST_CONVERTERTYPE": "BOOST",
    "BOOST_TYPE": "BOOST",
    "BUCK_BOOST_TYPE": "BUCK_BOOST",
    "INVERTED": "INVERTING",
    "PUSH_PULL_TYPE": "PUSH_PULL",
    "STEP_DOWN": "BUCK",
    "STEP_DOWN_BOOST": "BUCK_BOOST",
    "STEP_DOWN_TYPE": "BUCK",
}
"""Other words for what a converter does to the voltage."""

_NUMBERS = {"SINGLE": "SP", "DOUBLE": "DP", "TRIPLE": "3P", "FOUR": "4P"}
_THROWS = {
    "SINGLE": "ST", "DOUBLE": "DT", "TRIPLE": "3T", "FOUR": "4T", "FIVE": "5T", "SIX": "6T",
    "EIGHT": "8T", "TWELVE": "12T",
}  # fmt: skip
CIRCUITS = {
    f"{poles}_POLE{between}{throws}_THROW": _NUMBERS[poles] + _THROWS[throws]
    for poles in _NUMBERS
    for throws in _THROWS
    for between in ("_", "/")
} | {"1P2T": "SPDT", "2P2T": "DPDT", "2P5T": "DP5T", "SPST_NORMAL_OPEN": "SPST_NO"}
"""Poles and throws in words: ``Double pole single throw`` is DPST."""

INTERFACES = {
    "3_WIRE_INTERFACE": "THREE_WIRE",
    "3_WIRE_SERIAL_INTERFACE": "THREE_WIRE",
    "2_WIRE": "TWO_WIRE",
    "I_C": "I2C",
    "PARALLEL_CONNECTION": "PARALLEL",
    "SERIAL_PORT": "SERIAL",
    "SINGLE_BUS": "ONE_WIRE",
    "IIC": "I2C",
    "I2C_TM": "I2C",
    "PARALLEL_PORT": "PARALLEL",
    "PARALLEL_PORT_PARALLEL": "PARALLEL",
    "并口_PARALLEL": "PARALLEL",
    "3_WIRE": "THREE_WIRE",
    "THREE_WIRE_INTERFACE": "THREE_WIRE",
    "1_WIRE": "ONE_WIRE",
    "SINGLE_WIRE": "ONE_WIRE",
    "SERIAL_PERIPHERAL_INTERFACE": "SPI",
}


def element_count(*attributes: str, parse: Parser, describe: Parser | None = None) -> Column:
    """How many devices a package holds; a query that does not ask gets single ones."""
    return whole(
        "element_count",
        "Devices in the package; a query that does not ask gets 1",
        *attributes,
        parse=parse,
        describe=describe,
        default=1.0,
        quiet=True,
        # Of two counts the higher is the safe one: what may be a pair is no single device.
        side="most",
    )


def test_a_band_is_the_same_in_every_family() -> None:
    amperes, volts = rated_current("Rated Current"), rated_voltage("Voltage Rated")
    assert amperes.parse and volts.parse
    assert (amperes.parse("2A"), volts.parse("250V")) == (2.0, 250.0)
    assert (amperes.parse("6000A"), volts.parse("10mV")) == (IMPLAUSIBLE, IMPLAUSIBLE)
