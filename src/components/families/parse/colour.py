"""Colours of light in one vocabulary, several of them in one package included."""

from __future__ import annotations

import re

from components.families.model import fold
from components.families.parse.quantity import clean

_NAMES = {
    "RED": "red 红",
    "ORANGE_RED": "orangered redorange 橙红",
    "ORANGE": "orange 橙 橘",
    "AMBER": "amber 琥珀",
    "YELLOW": "yellow 黄",
    "YELLOW_GREEN": "yellowgreen greenyellow 黄绿",
    "GREEN": "green 绿",
    "EMERALD": "emerald emeraldgreen 翠绿",
    "CYAN": "cyan 青",
    "ICE_BLUE": "iceblue 冰蓝",
    "BLUE": "blue 蓝",
    "PURPLE": "purple violet 紫",
    "PINK": "pink 粉 粉红",
    "WHITE": "white 白 正白",
    "WARM_WHITE": "warmwhite 暖白",
    "COLD_WHITE": "coldwhite coolwhite 冷白",
    "NATURAL_WHITE": "naturalwhite neutralwhite 自然白",
    "RGB": "rgb 全彩",
    "RGBW": "rgbw",
    "INFRARED": "infrared infraredir ir 红外",
    "ULTRAVIOLET": "ultraviolet ultravioletuv uv 紫外",
}
_CODES = {word: code for code, words in _NAMES.items() for word in words.split()}
_ADORNED = re.compile(r"(.+?)(?:colou?r|light|色|光)+")
_SEPARATORS = re.compile(r"[,;+&、]")
# "红绿双色" is red and green, two colours.
_TWO_OR_THREE = re.compile(r"([一-鿿]{2})双色|([一-鿿]{3})三色")
# Light with a colour temperature is white, whatever its shade.
_KELVIN = re.compile(r"[0-9]{4,6}K(?:\s?~\s?[0-9]{4,6}K)?(?:\(.*\))?")
_GREENS = ("GREEN", "EMERALD")
_CATEGORIES = {
    fold(name): code
    for name, code in (
        ("Infrared (IR) LEDs", "INFRARED"),
        ("Infrared LED Emitters", "INFRARED"),
        ("RGB LEDs", "RGB"),
        ("RGB LEDs(Built-In IC)", "RGB"),
        ("Ultra Violet LEDs", "ULTRAVIOLET"),
        ("Ultraviolet LEDs (UVLED)", "ULTRAVIOLET"),
    )
}


def colour(text: str) -> str | None:
    """The colour's code; those of several dies joined by ``+`` in order, red-green-blue is RGB.

    >>> colour("Green-yellow"), colour("Red, Emerald Green"), colour("Red,green,blue")
    ('YELLOW_GREEN', 'EMERALD+RED', 'RGB')
    """
    text = clean(text)
    listed = (
        list(both[1] or both[2])
        if (both := _TWO_OR_THREE.fullmatch(text))
        else _SEPARATORS.split(text)
    )
    codes = [_one(word) for word in listed]
    known = {code for code in codes if code is not None}
    if None in codes:
        return None
    for green in _GREENS:
        if known == {"RED", green, "BLUE"}:
            return "RGB"
        if known == {"RED", green, "BLUE", "WHITE"}:
            return "RGBW"
    return "+".join(sorted(known))


def colour_of_category(subcategory: str) -> str | None:
    """The colour of all LEDs of a subcategory, where it has one."""
    return _CATEGORIES.get(fold(subcategory))


def colour_of_description(description: str) -> str | None:
    """The colour of the category that a description ends with."""
    folded = fold(description).removesuffix("rohs")
    found = {code for name, code in _CATEGORIES.items() if folded.endswith(name)}
    return found.pop() if len(found) == 1 else None


def _one(word: str) -> str | None:
    if _KELVIN.fullmatch(word.strip()):
        return "WHITE"
    folded = fold(word)
    code = _CODES.get(folded)
    if code is None and (adorned := _ADORNED.fullmatch(folded)):
        code = _CODES.get(adorned[1])
    return code


def test_colours_that_occur() -> None:
    for text, code in (
        ("White", "WHITE"),
        ("White light", "WHITE"),
        ("Emerald", "EMERALD"),
        ("Emerald Green", "EMERALD"),
        ("Ice Blue", "ICE_BLUE"),
        ("Green-yellow", "YELLOW_GREEN"),
        ("Yellow Green", "YELLOW_GREEN"),
        ("RGB", "RGB"),
        ("Amber color", "AMBER"),
        ("Orange-red", "ORANGE_RED"),
        ("Cool White", "COLD_WHITE"),
        ("红色", "RED"),
        ("翠绿", "EMERALD"),
        ("暖白光", "WARM_WHITE"),
        ("红外", "INFRARED"),
        ("红绿双色", "GREEN+RED"),
        ("红绿蓝三色", "RGB"),
        ("单双双色", None),
        ("Red,Green-yellow", "RED+YELLOW_GREEN"),
        ("Red, Emerald Green, Blue, White", "RGBW"),
        ("5700K", "WHITE"),
        ("2700K~3000K", "WHITE"),
        ("2850K~3150K, 6150K~6850K", "WHITE"),
        ("455K~470K", None),
        ("Green/Yellow-Green", None),
        ("RGY", None),
        ("620nm", None),
        ("Water Clear", None),
    ):
        assert colour(text) == code, text


def test_categories_with_one_colour() -> None:
    assert colour_of_category("infrared (ir) leds") == "INFRARED"
    assert colour_of_category("Light Emitting Diodes (LED)") is None
    assert colour_of_description("20mA SMD-4P RGB LEDs ROHS") == "RGB"
    assert colour_of_description("R:20mA RGB LEDs(Built-in IC) ROHS") == "RGB"
    assert colour_of_description("Red 0603 LED Indication - Discrete ROHS") is None
