"""Light emitting diodes, visible, infrared and ultraviolet."""

from __future__ import annotations

from components.families.columns import cost, nominal, rating, word
from components.families.model import Family, Part, Value, fold
from components.families.parse.colour import colour, colour_of_category, colour_of_description
from components.families.shared_columns import configuration, element_count

_DIES = {"RGB": 3.0, "RGBW": 4.0}


def _no_count(text: str) -> None:
    """Listings never say how many dies a package holds but by their colours."""


def built_in_ic(category: str) -> str | None:
    """``YES`` for LEDs that are driven by data."""
    return "YES" if "builtinic" in fold(category) else "NO"


def _is_common(part: Part) -> bool:
    texts = " ".join((*part.attributes.values(), part.description)).casefold()
    return "common cathode" in texts or "common anode" in texts


def settle(values: dict[str, Value], part: Part) -> str | None:
    """Count the colours: each is a die of its own, and what is common connects several."""
    colours = values["color_code"]
    if isinstance(colours, str):
        dies = _DIES.get(colours, float(colours.count("+") + 1))
        values["element_count"] = None if dies == 1.0 and _is_common(part) else dies
    return None


FAMILY = Family(
    name="led",
    title="LEDs",
    categories=(
        "Infrared LED Emitters",
        "LED Indication - Discrete",
        "RGB LEDs",
        "RGB LEDs(Built-in IC)",
        "Ultraviolet LEDs (UVLED)",
    ),
    former=(
        "Infrared (IR) LEDs",
        "Light Emitting Diodes (LED)",
        "Ultra Violet LEDs",
    ),
    package_prefixes=("LED",),
    columns=(
        word(
            "color_code",
            "Emitted colour, such as RED, YELLOW_GREEN, BLUE+RED, RGB or INFRARED",
            "Illumination color",
            "Emitted color",
            otherwise=("Color temperature",),
            parse=colour,
            describe=colour_of_description,
            classify=colour_of_category,
            required=True,
            aliases=("color",),
            lifts_default=True,
        ),
        cost(
            "forward_voltage_v",
            "Highest forward voltage",
            "Voltage - forward(Vf)",
            "Forward voltage (Vf)",
            "Forward voltage",
            "Vf - forward voltage",
            band=(0.5, 300.0),
        ),
        rating(
            "max_current_a",
            "Rated forward current",
            "Forward current",
            "Current - DC Forward(If)",
            band=(1e-4, 100.0),
        ),
        cost(
            "max_brightness_cd",
            "Highest luminous intensity",
            "Luminous intensity",
            band=(0.0, 1e3),
            owns="cd",
            side="least",
        ),
        nominal(
            "peak_wavelength_m",
            "Wavelength of the strongest emission",
            "Peak wavelength",
            otherwise=("Wavelength",),
            band=(1e-7, 1e-5),
        ),
        nominal(
            "viewing_angle_deg",
            "Angle within which half of the intensity is exceeded",
            "Viewing angle",
            "View angle",
            band=(1.0, 360.0),
        ),
        rating(
            "max_power_w",
            "Power dissipation",
            "Power(Watts)",
            "Power Dissipation (Pd)",
            "Power dissipation",
            band=(1e-4, 1e3),
        ),
        word("lens_color", "Lens, such as WATER_CLEAR", "Lens color"),
        word("built_in_ic", "YES or NO", classify=built_in_ic),
        element_count(parse=_no_count),
        configuration("DISCRETE_DIODE, COMMON_ANODE …", "Diode configuration"),
    ),
    settle=settle,
)


def test_colours_are_counted() -> None:
    for colours, dies in (("RED", 1.0), ("RED+BLUE", 2.0), ("RGB", 3.0), (None, None)):
        values: dict[str, Value] = {"color_code": colours, "element_count": None}
        assert settle(values, Part({}, "", "", "")) is None
        assert values["element_count"] == dies
    assert (built_in_ic("RGB LEDs(Built-in IC)"), built_in_ic("RGB LEDs")) == ("YES", "NO")
