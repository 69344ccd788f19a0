"""Converters, controllers, memories, sensors and radio modules; and all chips by package."""

from __future__ import annotations

from components.families import families_of
from components.serve.jlcsearch.table import Columns, Flag, Number, Source, Table, Word

_SUPPLY: Columns = {
    "supply_voltage_min": Number("supply_voltage_min_v"),
    "supply_voltage_max": Number("supply_voltage_max_v"),
}
_BUS: Columns = {
    "has_spi": Flag("interface", ("SPI",)),
    "has_i2c": Flag("interface", ("I2C",)),
    "has_uart": Flag("interface", ("UART",)),
}
_PARALLEL: Columns = {"has_parallel_interface": Flag("interface", ("PARALLEL",))}
_RADIO: Columns = {
    **_SUPPLY,
    "frequency_ghz": Number("frequency_min_hz", 1e-9),
    **_BUS,
}
_CHIP_ROOMS = ("analog", "digital", "power", "timing")
_CHIP_FAMILIES = (
    *(family.name for room in _CHIP_ROOMS for family in families_of(room)),
    *("rf_ic", "sensor", "magnetic_sensor"),
)
# Of those rooms, what is no chip.
_NO_CHIPS = {"power_module", "oscillator", "resonator"}


def _sensors(route: str, table: str, *categories: str) -> Table:
    columns: Columns = {"sensor_type": Word("kind"), **_SUPPLY, **_BUS}
    return Table(route, (Source("sensor", columns, categories=categories),), covers=(table,))


def _memories(route: str, kinds: tuple[str, ...], covers: tuple[str, ...]) -> Table:
    columns: Columns = {
        "memory_type": Word("kind"),
        "memory_size_mbit": Number("memory_bit", 2.0**-20),
        "clock_frequency_mhz": Number("clock_frequency_hz", 1e-6),
        **_SUPPLY,
    }
    return Table(route, (Source("memory", columns, where={"kind": kinds}),), covers=covers)


def _switches(route: str, circuits: tuple[str, ...], key: str = "", covers: str = "") -> Table:
    columns: Columns = {
        "num_channels": Number("channel_count"),
        "circuit": Word("switch_circuit", is_code=True),
        "on_resistance_ohms": Number("on_resistance_ohm"),
        **_SUPPLY,
    }
    where = {"switch_circuit": circuits} if circuits else {}
    source = Source("analog_switch", columns, where=where)
    return Table(route, (source,), key=key, covers=(covers,) if covers else ())


TABLES = (
    Table(
        "adcs",
        (
            Source(
                "adc",
                {
                    "resolution_bits": Number("resolution_bit"),
                    "sampling_rate_hz": Number("sample_rate_hz"),
                    "num_channels": Number("channel_count"),
                    **_SUPPLY,
                    **_BUS,
                    **_PARALLEL,
                },
            ),
        ),
        covers=("adc",),
    ),
    Table(
        "dacs",
        (
            Source(
                "dac",
                {
                    "resolution_bits": Number("resolution_bit"),
                    "num_channels": Number("channel_count"),
                    "settling_time_us": Number("settling_time_s", 1e6),
                    **_SUPPLY,
                    **_BUS,
                    **_PARALLEL,
                },
                categories=("Digital To Analog Converters (DACs)",),
            ),
        ),
        covers=("dac",),
    ),
    _switches("analog_multiplexers", (), key="multiplexers", covers="analog_multiplexer"),
    _switches("analog_switches", ("1:1", "2:1", "1:2", "2:2", "SPST", "SPDT", "DPDT")),
    _sensors(
        "accelerometers", "accelerometer", "Accelerometers", "Motion Sensors - Accelerometers"
    ),
    _sensors(
        "gyroscopes",
        "gyroscope",
        *("Angular Velocity Sensors", "Attitude Sensor/Gyroscope", "Attitude Sensors"),
    ),
    _sensors("gas_sensors", "gas_sensor", "Gas Sensors"),
    Table(
        "io_expanders",
        (
            Source(
                "interface",
                {**_SUPPLY, **_BUS},
                categories=("I/O Expanders", "I/O Expansion"),
            ),
        ),
        covers=("io_expander",),
    ),
    Table(
        "microcontrollers",
        (
            Source(
                "microcontroller",
                {
                    "cpu_core": Word("cpu_core", is_code=True),
                    "cpu_speed_hz": Number("max_clock_hz"),
                    "flash_size_bytes": Number("flash_byte"),
                    "ram_size_bytes": Number("ram_byte"),
                    "gpio_count": Number("io_count"),
                    "adc_resolution_bits": Number("adc_bit"),
                    **_SUPPLY,
                },
            ),
        ),
        covers=("microcontroller",),
    ),
    Table(
        "fpgas",
        (
            Source(
                "fpga",
                {
                    "logic_elements": Number("logic_element_count"),
                    "embedded_ram_bits": Number("embedded_ram_bit"),
                },
            ),
        ),
        covers=("fpga",),
    ),
    _memories("drams", ("DDR_SDRAM", "SDRAM", "DRAM"), ("dram",)),
    _memories("psrams", ("PSRAM",), ()),
    Table(
        "wifi_modules",
        (Source("rf_ic", _RADIO, categories=("WiFi Modules",)),),
        covers=("wifi_module",),
    ),
    Table(
        "ble_modules",
        (Source("rf_ic", _RADIO, categories=("Bluetooth Modules",)),),
        covers=("ble_module",),
    ),
    Table(
        "chips",
        tuple(
            Source(name, {"family": name}, has_several=True)
            for name in _CHIP_FAMILIES
            if name not in _NO_CHIPS
        ),
    ),
)
