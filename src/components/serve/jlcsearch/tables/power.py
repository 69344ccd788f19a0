"""Regulators, converters and drivers."""

from __future__ import annotations

from components.serve.jlcsearch.table import Columns, Flag, Number, Source, Table, Word

_REGULATOR: Columns = {
    "output_type": Word("output_type"),
    "output_voltage": Number("output_voltage_v"),
    "output_current_max": Number("output_current_a"),
    "dropout_voltage": Number("dropout_voltage_v"),
    "input_voltage_max": Number("max_input_voltage_v"),
    "quiescent_current": Number("quiescent_current_a"),
    "power_supply_rejection_db": Number("psrr_db"),
    "output_noise_uvrms": Number("noise_v", 1e6),
    "is_positive": Flag("output_polarity", ("POSITIVE",)),
}
_CONVERTER: Columns = {
    "input_voltage_min": Number("input_voltage_min_v"),
    "input_voltage_max": Number("input_voltage_max_v"),
    "output_voltage_min": Number("output_voltage_min_v"),
    "output_voltage_max": Number("output_voltage_max_v"),
    "output_current_max": Number("output_current_a"),
    "switching_frequency_min": Number("switching_frequency_min_hz"),
    "switching_frequency_max": Number("switching_frequency_max_hz"),
    "topology": Word("topology"),
    "is_synchronous": Flag("synchronous", ("YES",)),
}

TABLES = (
    Table("ldos", (Source("ldo", _REGULATOR),), covers=("ldo",)),
    Table(
        "voltage_regulators",
        (Source("ldo", _REGULATOR),),
        key="regulators",
        covers=("voltage_regulator",),
    ),
    Table(
        "boost_converters",
        (
            Source(
                "dc_dc",
                _CONVERTER,
                where={"topology": ("BOOST",)},
            ),
        ),
        covers=("boost_converter",),
    ),
    Table(
        "buck_boost_converters",
        (Source("dc_dc", _CONVERTER, where={"topology": ("BUCK_BOOST", "BUCK_BOOST_TYPE")}),),
        covers=("buck_boost_converter",),
    ),
    Table(
        "led_drivers",
        (
            Source(
                "led_driver",
                {
                    "channel_count": Number("channel_count"),
                    "supply_voltage_min": Number("input_voltage_min_v"),
                    "supply_voltage_max": Number("input_voltage_max_v"),
                    "output_current_max": Number("output_current_a"),
                    "dimming_method": Word("dimming"),
                },
            ),
        ),
        covers=("led_driver",),
    ),
    Table(
        "stepper_motor_drivers",
        (
            Source(
                "motor_driver",
                {
                    "supply_voltage_min": Number("motor_voltage_min_v"),
                    "supply_voltage_max": Number("motor_voltage_max_v"),
                    "output_current_max": Number("output_current_a"),
                    "on_resistance": Number("on_resistance_ohm"),
                },
                categories=("Stepper Motor Driver",),
            ),
        ),
    ),
    Table(
        "power_sources",
        (
            Source(
                "power_module",
                {
                    "voltage": Number("output_voltage_max_v"),
                    "output_voltage_min": Number("output_voltage_min_v"),
                    "output_current_max": Number("output_current_a"),
                    "output_power": Number("output_power_w"),
                    "input_voltage_min": Number("input_voltage_min_v"),
                    "input_voltage_max": Number("input_voltage_max_v"),
                },
            ),
        ),
    ),
)
