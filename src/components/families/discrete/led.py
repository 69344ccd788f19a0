"""Light emitting diodes, visible, infrared and ultraviolet."""

from __future__ import annotations

from components.families.model import Family, Upstream, real, text
from components.families.parse.colour import colour, colour_of_category, colour_of_description
from components.families.parse.describe import single_rating
from components.families.parse.ratings import at_least, at_most, within

brightness = within(at_most("cd"), 0, 1e3)  # above it, the prefix is wrong

FAMILY = Family(
    name="led",
    title="LEDs",
    upstream=Upstream(
        ("optoelectronic", "optocoupler", "photoelectric"),
        (
            "Infrared (IR) LEDs",
            "Infrared LED Emitters",
            "LED Indication - Discrete",
            "Light Emitting Diodes (LED)",
            "RGB LEDs",
            "RGB LEDs(Built-In IC)",
            "Ultra Violet LEDs",
            "Ultraviolet LEDs (UVLED)",
        ),
    ),
    package_prefixes=("LED",),
    misfiled=("Phototransistors",),
    columns=(
        text(
            "color_code",
            "Emitted colour, such as RED, YELLOW_GREEN, BLUE+RED, RGB or INFRARED",
            "Illumination color",
            "Emitted color",
            "Color temperature",
            parse=colour,
            describe=colour_of_description,
            classify=colour_of_category,
            required=True,
            aliases=("color",),
        ),
        real(
            "forward_voltage_v",
            "Highest forward voltage",
            "Voltage - forward(Vf)",
            "Forward voltage (Vf)",
            "Forward voltage",
            parse=at_most("V"),
        ),
        real(
            "max_current_a",
            "Rated forward current",
            "Forward current",
            "Current - DC Forward(If)",
            parse=at_least("A"),
        ),
        real(
            "max_brightness_cd",
            "Highest luminous intensity",
            "Luminous intensity",
            parse=brightness,
            describe=single_rating(brightness, "cd"),
        ),
    ),
)
