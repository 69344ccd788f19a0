"""Resistors, capacitors, inductors, crystals, fuses and their like."""

from __future__ import annotations

from components.serve.jlcsearch.table import Columns, Flag, Number, Source, Table, Word

_TOLERANCE: Columns = {"tolerance_fraction": Number("tolerance_pct", 0.01)}
_RESISTANCE: Columns = {"resistance": Number("resistance_ohm"), **_TOLERANCE}
_POWER: Columns = {
    "power_watts": Number("max_power_w"),
    "temperature_coefficient_ppm": Number("tempco_ppm"),
}
_CAPACITANCE: Columns = {
    "capacitance": Number("capacitance_f"),
    "capacitance_farads": Number("capacitance_f"),
    **_TOLERANCE,
    "voltage_rating": Number("max_voltage_v"),
}

TABLES = (
    Table(
        "resistors",
        (
            Source(
                "resistor",
                {**_RESISTANCE, **_POWER, "max_overload_voltage": Number("max_voltage_v")},
            ),
        ),
        covers=("resistor",),
    ),
    Table(
        "resistor_arrays",
        (
            Source(
                "resistor_network",
                {
                    **_RESISTANCE,
                    **_POWER,
                    "number_of_resistors": Number("element_count"),
                    "number_of_pins": Number("pin_count"),
                },
            ),
        ),
        covers=("resistor_array",),
    ),
    Table(
        "potentiometers",
        (
            Source(
                "potentiometer",
                {
                    "max_resistance": Number("resistance_ohm"),
                    **_TOLERANCE,
                    **_POWER,
                    "turn_count": Number("turn_count"),
                },
            ),
        ),
        covers=("potentiometer",),
        also={"resistance": "max_resistance"},
    ),
    Table(
        "capacitors",
        (
            Source(
                "capacitor",
                {
                    **_CAPACITANCE,
                    "temperature_coefficient": Word("tempco_code", is_code=True),
                    "is_polarized": False,
                },
            ),
            # The wrong way round it bursts: never an answer to who does not ask for it.
            Source(
                "capacitor_polarized",
                {
                    **_CAPACITANCE,
                    "is_polarized": True,
                    "capacitor_type": Word("capacitor_type"),
                    "esr_ohms": Number("esr_ohm"),
                    "ripple_current_amps": Number("ripple_current_a"),
                    "lifetime_hours": Number("lifetime_s", 1 / 3600),
                },
                only_if=(
                    *("is_polarized", "capacitor_type", "esr_ohms", "esr_ohms_max"),
                    *("ripple_current_amps", "ripple_current_amps_min", "lifetime_hours"),
                    "lifetime_hours_min",
                ),
            ),
        ),
        covers=("capacitor",),
    ),
    Table(
        "inductors",
        (
            Source(
                "inductor",
                {
                    "inductance": Number("inductance_h"),
                    **_TOLERANCE,
                    "current_rating": Number("max_current_a"),
                    "saturation_current": Number("saturation_current_a"),
                    "dc_resistance": Number("dc_resistance_ohm"),
                    "self_resonant_frequency": Number("self_resonant_frequency_hz"),
                },
            ),
        ),
    ),
    Table(
        "crystals",
        (
            Source(
                "crystal",
                {
                    "frequency": Number("frequency_hz"),
                    "load_capacitance": Number("load_capacitance_f"),
                    "frequency_tolerance_ppm": Number("frequency_tolerance_ppm"),
                    "frequency_stability_ppm": Number("frequency_stability_ppm"),
                    "esr_ohms": Number("esr_ohm"),
                },
            ),
        ),
    ),
    Table(
        "resonators",
        (
            Source(
                "resonator",
                {"frequency": Number("frequency_hz")},
                # Filters of the same family pass a band, and do not make an oscillator swing.
                categories=("Ceramic Resonators",),
            ),
        ),
    ),
    Table(
        "fuses",
        (
            Source(
                "fuse",
                {
                    "current_rating": Number("rated_current_a"),
                    "voltage_rating": Number("max_dc_voltage_v"),
                    "voltage_rating_ac": Number("max_ac_voltage_v"),
                    "fuse_type": Word("fuse_type"),
                    "is_resettable": False,
                },
            ),
            Source(
                "resettable_fuse",
                {
                    "current_rating": Number("hold_current_a"),
                    "trip_current": Number("trip_current_a"),
                    "voltage_rating": Number("max_voltage_v"),
                    "is_resettable": True,
                },
                only_if=("is_resettable", "trip_current", "trip_current_max"),
            ),
        ),
        covers=("fuse",),
    ),
    Table(
        "relays",
        (
            Source(
                "relay",
                {
                    "contact_form": Word("contact_form", is_code=True),
                    "coil_voltage": Number("coil_voltage_v"),
                    "coil_resistance": Number("coil_resistance_ohm"),
                    "max_switching_current": Number("switching_current_a"),
                },
            ),
        ),
        covers=("relay",),
    ),
    Table(
        "switches",
        (
            Source(
                "tactile_switch",
                {
                    "switch_type": "tactile",
                    "circuit": Word("circuit", is_code=True),
                    "current_rating": Number("rated_current_a"),
                    "is_surface_mount": Flag(
                        "mounting",
                        ("SURFACE_MOUNT", "SURFACE_MOUNT_VERTICAL", "SURFACE_MOUNT_RIGHT_ANGLE"),
                    ),
                    "width_mm": Number("width_mm"),
                    "length_mm": Number("length_mm"),
                    "switch_height_mm": Number("height_mm"),
                },
            ),
            Source(
                "switch",
                {
                    "switch_type": "other",
                    "circuit": Word("circuit", is_code=True),
                    "current_rating": Number("rated_current_a"),
                    "voltage_rating": Number("rated_voltage_v"),
                    "is_surface_mount": Flag(
                        "mounting",
                        ("SURFACE_MOUNT", "SURFACE_MOUNT_VERTICAL", "SURFACE_MOUNT_RIGHT_ANGLE"),
                    ),
                    "position_count": Number("position_count"),
                },
            ),
        ),
        covers=("switch",),
    ),
)
