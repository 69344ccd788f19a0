"""Every list, as data; ``TABLES`` by route.

Routes, names and units are those of jlcsearch (tscircuit/jlcsearch at 1f71096), and of tscircuit
where it asks for a list that jlcsearch does not have.
"""

from __future__ import annotations

from collections.abc import Mapping

from components.serve.jlcsearch.table import Flag, Number, Table, Word
from components.serve.jlcsearch.tables import connectors, discrete, integrated, passive, power

TABLES: Mapping[str, Table] = {
    table.route: table
    for room in (passive, discrete, power, integrated, connectors)
    for table in room.TABLES
}

JLCSEARCH = (
    "accelerometer", "adc", "analog_multiplexer", "barrel_jack", "battery_holder",
    "bjt_transistor", "ble_chip", "ble_module", "wifi_module", "boost_converter",
    "buck_boost_converter", "capacitor", "dac", "diode", "dimm_connector", "dram",
    "fpc_connector", "fpga", "fuse", "gas_sensor", "gyroscope", "hdmi_port",
    "micro_usb_connector", "usb_c_connector", "pcie_m2_connector", "header", "io_expander",
    "jst_connector", "wire_to_board_connector", "spring_clamp_terminal_block", "lcd_display",
    "oled_display", "led_dot_matrix_display", "led_segment_display", "led", "led_with_ic",
    "led_driver", "ldo", "voltage_regulator", "microcontroller", "mosfet", "photo_diode",
    "potentiometer", "relay", "resistor", "resistor_array", "switch",
)  # fmt: skip
"""The tables of jlcsearch."""

UNCOVERED = {
    "ble_chip": "no column tells which protocol a transceiver speaks; search finds them by words",
    "lcd_display": "the catalogue has them without package and values: they are no parts to place",
    "oled_display": "the catalogue has them without package and values: they are no parts to place",
    "led_dot_matrix_display": "three in stock, without values",
}
"""Those that have no list here, and why."""


def test_every_column_is_one_of_its_family() -> None:
    from components.families import family_named

    for table in TABLES.values():
        for source in table.sources:
            family = family_named(source.family)
            kinds = {column.name: column.kind for column in family.columns}
            for name, held in source.columns.items():
                where = f"{table.route}: {name} of {source.family}"
                if isinstance(held, Number):
                    assert kinds[held.column] != "text" and held.scale > 0, where
                elif isinstance(held, Word | Flag):
                    assert kinds[held.column] == "text", where
            assert all(kinds[column] == "text" for column in source.where), table.route
            known = {*family.categories, *family.former}
            assert set(source.categories) <= known, (table.route, source.family)
            assert set(source.only_if) <= set(table.parameters), table.route
        assert all(meant in table.names for meant in table.also.values()), table.route


def test_every_table_of_jlcsearch_is_a_list_or_has_a_reason() -> None:
    covered = [name for table in TABLES.values() for name in table.covers]
    assert len(set(covered)) == len(covered)
    assert {*covered, *UNCOVERED} == set(JLCSEARCH) and not {*covered} & {*UNCOVERED}
    assert all(UNCOVERED.values())


def test_keys_equal_routes_but_for_three() -> None:
    keys = {table.route: table.key for table in TABLES.values() if table.key}
    assert keys == {
        "analog_multiplexers": "multiplexers",
        "voltage_regulators": "regulators",
        "led_with_ic": "leds_with_ic",
    }
