"""Colours of light in one vocabulary."""

from __future__ import annotations

from components.families.model import fold
from components.families.parse.quantity import clean

_COLOURS = {
    "red": "RED",
    "orange": "ORANGE",
    "amber": "AMBER",
    "yellow": "YELLOW",
    "yellowgreen": "YELLOW_GREEN",
    "greenyellow": "YELLOW_GREEN",
    "green": "GREEN",
    "emerald": "EMERALD",
    "emeraldgreen": "EMERALD",
    "cyan": "CYAN",
    "iceblue": "ICE_BLUE",
    "blue": "BLUE",
    "purple": "VIOLET",
    "violet": "VIOLET",
    "pink": "PINK",
    "white": "WHITE",
    "warmwhite": "WARM_WHITE",
    "coldwhite": "COLD_WHITE",
    "coolwhite": "COLD_WHITE",
    "naturalwhite": "NATURAL_WHITE",
    "neutralwhite": "NATURAL_WHITE",
    "rgb": "RGB",
    "rgbw": "RGBW",
    "infrared": "INFRARED",
    "infraredir": "INFRARED",
    "ir": "INFRARED",
    "ultraviolet": "ULTRAVIOLET",
    "ultravioletuv": "ULTRAVIOLET",
    "uv": "ULTRAVIOLET",
}
_CATEGORIES = {
    "Infrared (IR) LEDs": "INFRARED",
    "Infrared LED Emitters": "INFRARED",
    "RGB LEDs": "RGB",
    "RGB LEDs(Built-In IC)": "RGB",
    "Ultra Violet LEDs": "ULTRAVIOLET",
    "Ultraviolet LEDs (UVLED)": "ULTRAVIOLET",
}
_BY_CATEGORY = {fold(name): code for name, code in _CATEGORIES.items()}


def colour(text: str) -> str | None:
    """The colour's code, or None for words that are not certain."""
    return _COLOURS.get(fold(clean(text)))


def colour_of_category(subcategory: str) -> str | None:
    """The colour of all LEDs of a subcategory, where it has one."""
    return _BY_CATEGORY.get(fold(subcategory))
