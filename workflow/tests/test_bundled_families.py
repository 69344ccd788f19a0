"""The bundled catalogue has parts of every family, in the spellings that real ones have."""

from __future__ import annotations

import pytest

from components.bundled.catalogue import parts
from components.families import FAMILIES, categories, family_named
from components.families.reading import Reader

Read = dict[str, list[tuple[dict[str, str], dict[str, object]]]]

SPELLINGS = (
    ("adc", "Resolution (bits)", "16-Bit", "resolution_bit", 16.0),
    ("adc", "Resolution (bits)", "12 Bits", "resolution_bit", 12.0),
    ("adc", "Number of channels", "Four channels", "channel_count", 4.0),
    ("adc", "Interface", "Parallel port", "interface", "PARALLEL"),
    ("ac_dc", "Isolation", "Non-Isolated", "isolation", "NON_ISOLATED"),
    ("battery_charger", "Number of cells", "2~4", "cell_count_max", 4.0),
    ("clock", "Interface", "Three-Wire Interface", "interface", "THREE_WIRE"),
    ("common_mode_choke", "Impedance @ Frequency", "1kΩ@100MHz", "impedance_ohm", 1e3),
    ("common_mode_choke", "Inductance @ frequency", "10mH@1kHz", "inductance_h", 0.01),
    ("comparator", "Number of channels", "Dual", "channel_count", 2.0),
    ("comparator", "Single supply", "2V~36V;1V~18V", "supply_voltage_max_v", 18.0),
    ("current_sense_amp", "Gain", "50V/V", "gain", 50.0),
    ("darlington", "Number of channels", "Seven channels", "channel_count", 7.0),
    ("dc_dc", "Topology", "Step-down type", "topology", "BUCK"),
    ("dc_dc", "Switch tube (built-in/external)", "内置", "switch", "BUILT_IN"),
    ("digital_isolator", "Isolation voltage(vrms)", "5000", "isolation_voltage_v", 5000.0),
    ("digital_isolator", "Data rate(max)", "150Mbps", "data_rate_bps", 150e6),
    ("digital_transistor", "Number", "1 NPN (Pre-Biased)", "doping_type", "NPN"),
    ("fpc_connector", "Number of contacts", "10P", "position_count", 10.0),
    ("fpga", "Embedded block ram", "65536bit", "embedded_ram_bit", 65536.0),
    ("fuse", "Interrupt rating", "35A@250VAC", "breaking_capacity_a", 35.0),
    ("interface", "Data rate", "250Kbps", "data_rate_bps", 250e3),
    ("logic", "Series", "74LVC Series", "logic_series", "74LVC"),
    ("logic", "Propagation delay", "7.5ns@5V,50pF", "propagation_delay_s", 7.5e-9),
    ("magnetic_sensor", "Operation points", "±3mT", "operate_point_t", 3e-3),
    ("magnetic_sensor", "Release points", "20Gs", "release_point_t", 2e-3),
    ("memory", "Memory size", "2Kbit", "memory_bit", 2048.0),
    ("microcontroller", "Program storage size", "1.75KB", "flash_byte", 1792.0),
    ("opamp", "Slew rate", "500V/ms", "slew_rate_v_per_s", 5e5),
    ("opamp", "Rail to rail", "轨到轨", "rail_to_rail", "RAIL_TO_RAIL"),
    ("oscillator", "Frequency stability", "±500ppb", "frequency_stability_ppm", 0.5),
    ("photo", "Peak wavelength", "940nm", "peak_wavelength_m", 9.4e-7),
    ("pin_header", "Pin structure", "2x5P", "position_count", 10.0),
    ("pin_header", "Mounting type", "Brick nogging", "mounting", "SURFACE_MOUNT_VERTICAL"),
    ("relay", "Contact form", "1 Set Normally Open: 1A (SPST NO)", "contact_form", "1A"),
    ("relay", "Contact form", "2 Form C: 2C (DPDT-CO)", "contact_form", "2C"),
    ("rf_ic", "Sensitivity", "-97dBm", "sensitivity_dbm", -97.0),
    ("switch", "Circuit", "Double pole single throw", "circuit", "DPST"),
    ("tactile_switch", "Operating force", "160gf", "operating_force_n", 1.569064),
    ("thermistor", "B constant (25℃/50℃)", "3950K", "b_constant_k", 3950.0),
    ("thyristor", "Current - gate trigger(igt)", "10mA, 5mA, 8mA, 22mA", "gate_trigger_current_a",
     0.022),
    ("tvs", "Polarity", "Bi-Directional", "polarity", "BIDIRECTIONAL"),
    ("tvs", "Peak pulse current (ipp)", "4A@8/20us", "pulse_waveform", "8/20"),
    ("varistor", "Varistor voltage", "423V~517V", "varistor_voltage_v", 470.0),
    ("voltage_reference", "Temperature coefficient", "50ppm/℃", "tempco_ppm", 50.0),
    ("zener", "Zener voltage (range)", "4.8V~5.4V", "zener_voltage_max_v", 5.4),
)  # fmt: skip


@pytest.fixture(scope="module")
def read() -> Read:
    """Attributes and values of the pickable parts in stock, by family."""
    filing, readers, found = categories(), {f.name: Reader(f) for f in FAMILIES}, Read()
    for part in parts():
        filed = filing.file(part.subcategory, part.package, part.description)
        family = family_named(filed.family)
        attributes = {name: text or "" for name, text in part.attributes}
        row = readers[family.name].read(
            attributes, part.description, filed.category, part.package, filed.end
        )
        if row.reason is None and part.stock > 0 and family.canonical_package(part.package):
            values = dict(zip((c.name for c in family.columns), row.values, strict=True))
            found.setdefault(family.name, []).append((attributes, values))
    return found


def test_every_family_has_a_pickable_part(read: Read) -> None:
    assert {family.name for family in FAMILIES} - set(read) == set()


def test_every_spelling_is_there_and_read(read: Read) -> None:
    for family, attribute, text, column, expected in SPELLINGS:
        stored = [values[column] for said, values in read[family] if said.get(attribute) == text]
        assert stored and all(value == pytest.approx(expected) for value in stored), (family, text)
