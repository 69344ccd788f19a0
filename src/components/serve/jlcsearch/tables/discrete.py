"""Semiconductors and what glows."""

from __future__ import annotations

from components.serve.jlcsearch.table import Columns, Flag, Number, Source, Table, Word

_CHANNEL = Word("channel_type", {"n": ("N_CHANNEL",), "p": ("P_CHANNEL",)})
_POLARITY = Word("doping_type", {"npn": ("NPN",), "pnp": ("PNP",)})
_BIPOLAR: Columns = {
    "transistor_type": _POLARITY,
    "collector_emitter_voltage": Number("max_collector_emitter_voltage_v"),
    "collector_current": Number("max_collector_current_a"),
    "current_gain": Number("dc_current_gain_hfe"),
    "transition_frequency": Number("transition_frequency_hz"),
    "power": Number("max_power_w"),
    "power_dissipation": Number("max_power_w"),
}
_LED: Columns = {
    "color": Word(
        "color_code",
        {
            # JLC calls the pure green of 520 nm emerald.
            "green": ("GREEN", "EMERALD"),
            "white": ("WHITE", "COLD_WHITE"),
            "infrared": ("INFRARED",),
            "ir": ("INFRARED",),
            "ultraviolet": ("ULTRAVIOLET",),
            "uv": ("ULTRAVIOLET",),
        },
    ),
    "wavelength_nm": Number("peak_wavelength_m", 1e9),
    "forward_voltage": Number("forward_voltage_v"),
    "forward_current": Number("max_current_a"),
    "luminous_intensity_mcd": Number("max_brightness_cd", 1e3),
    "viewing_angle_deg": Number("viewing_angle_deg"),
    "power_dissipation_mw": Number("max_power_w", 1e3),
    "lens_color": Word("lens_color"),
    "is_rgb": Flag("color_code", ("RGB", "RGBW"), is_of_several=True),
}

TABLES = (
    Table(
        "diodes",
        (
            Source(
                "diode",
                {
                    "forward_voltage": Number("forward_voltage_v"),
                    "reverse_voltage": Number("reverse_working_voltage_v"),
                    "forward_current": Number("max_current_a"),
                    "reverse_leakage_current": Number("reverse_leakage_current_a"),
                    "recovery_time_ns": Number("recovery_time_s", 1e9),
                    "diode_type": Word("diode_type"),
                    "configuration": Word("configuration"),
                    "is_schottky": Flag("diode_type", ("SCHOTTKY",)),
                    "is_zener": False,
                    "is_tvs": False,
                },
            ),
            # Both conduct backwards where a diode must not: only for who asks for them.
            Source(
                "zener",
                {
                    "reverse_voltage": Number("zener_voltage_v"),
                    "power_dissipation_watts": Number("max_power_w"),
                    "reverse_leakage_current": Number("reverse_leakage_current_a"),
                    "configuration": Word("configuration"),
                    "diode_type": "zener",
                    "is_schottky": False,
                    "is_zener": True,
                    "is_tvs": False,
                },
                only_if=("is_zener", "diode_type"),
            ),
            Source(
                "tvs",
                {
                    "reverse_voltage": Number("standoff_voltage_v"),
                    "diode_type": "tvs",
                    "is_schottky": False,
                    "is_zener": False,
                    "is_tvs": True,
                },
                only_if=("is_tvs", "diode_type"),
            ),
        ),
        covers=("diode",),
    ),
    Table(
        "photo_diodes",
        (
            Source(
                "photo",
                {"peak_wavelength_nm": Number("peak_wavelength_m", 1e9)},
                categories=("Photodiodes",),
            ),
        ),
        covers=("photo_diode",),
    ),
    Table("leds", (Source("led", _LED, where={"built_in_ic": ("NO",)}),), covers=("led",)),
    Table(
        "led_with_ic",
        (Source("led", _LED, where={"built_in_ic": ("YES",)}, has_several=True),),
        key="leds_with_ic",
        covers=("led_with_ic",),
    ),
    Table(
        "led_segment_display",
        (
            Source(
                "photo",
                {
                    "color": Word("color_code"),
                    "positions": Number("character_count"),
                    "type": Word("polarity"),
                    "forward_voltage": Number("forward_voltage_v"),
                },
                categories=("LED Segment Displays", "Led Segment Display"),
            ),
        ),
        covers=("led_segment_display",),
    ),
    Table(
        "mosfets",
        (
            Source(
                "mosfet",
                {
                    "channel_type": _CHANNEL,
                    # None of the catalogue's is said to be of the depletion kind.
                    "mosfet_mode": "enhancement",
                    "drain_source_voltage": Number("max_drain_source_voltage_v"),
                    "continuous_drain_current": Number("max_continuous_drain_current_a"),
                    "gate_threshold_voltage": Number("gate_source_threshold_voltage_v"),
                    "on_resistance": Number("on_resistance_ohm"),
                    "power_dissipation": Number("max_power_w"),
                },
            ),
        ),
        covers=("mosfet",),
    ),
    Table("bjt_transistors", (Source("bjt", _BIPOLAR),), covers=("bjt_transistor",)),
    Table("transistors", (Source("bjt", _BIPOLAR),)),
)
