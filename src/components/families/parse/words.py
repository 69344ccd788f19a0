"""Words in one spelling: ``Surface Mount`` and ``surface-mount`` are ``SURFACE_MOUNT``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from components.families.parse.quantity import clean

_ITEMS = re.compile(r"[;,、](?![^(]*\))\s*")
_KEPT = re.compile(r"[^A-Z0-9.:+%/~\u0370-\u03ff\u4e00-\u9fff]+")
LENGTH_MAX = 80
"""Characters of a code; longer texts are sentences, not words."""
COMMON = {
    "内置": "BUILT_IN",
    "外置": "EXTERNAL",
    "轨到轨": "RAIL_TO_RAIL",
    "带锁扣": "WITH_LOCK",
    "固定": "FIXED",
    "可调": "ADJUSTABLE",
    "单向": "UNIDIRECTIONAL",
    "双向": "BIDIRECTIONAL",
    "BI_DIRECTIONAL": "BIDIRECTIONAL",
    "UNI_DIRECTIONAL": "UNIDIRECTIONAL",
    "是": "YES",
    "否": "NO",
    "公": "MALE",
    "母": "FEMALE",
    "推挽": "PUSH_PULL",
    "开漏": "OPEN_DRAIN",
    "开集": "OPEN_COLLECTOR",
    "OPEN_SET": "OPEN_COLLECTOR",
    "开射": "OPEN_EMITTER",
    "互补": "COMPLEMENTARY",
    "COMPLEMENTARY_TYPE": "COMPLEMENTARY",
    "1_SET_MALE_AND_FEMALE": "FEMALE+MALE",
    "可调和固定": "ADJUSTABLE+FIXED",
    "ADJUSTABLE_AND_FIXED": "ADJUSTABLE+FIXED",
    "MALE_PIN": "MALE",
    "FEMALE_PIN": "FEMALE",
    "INNER_HOLE": "INNER_BORE",
    "航空插": "AVIATION_PLUG",
    "电池监测芯片": "MONITORING_IC",
    "BATTERY_MONITORING_CHIP": "MONITORING_IC",
    "插件式保险丝": "PLUG_IN_FUSE",
    "均衡器": "EQUALIZER",
    "隔离器": "ISOLATOR",
    "十进制计数器": "DECADE_COUNTER",
    "采样速率转换器": "SAMPLE_RATE_CONVERTER",
}
"""Spellings that mean the same in every column."""


def code(text: str) -> str:
    """A word as its code: capitals, with one underscore for whatever else stands between.

    >>> code("Surface Mount"), code("Non-isolated"), code("USB 3.1"), code("Off?state")
    ('SURFACE_MOUNT', 'NON_ISOLATED', 'USB_3.1', 'OFF_STATE')
    """
    return _KEPT.sub("_", text.upper()).strip("_")


def vocabulary(words: Mapping[str, str]) -> Callable[[str], str | None]:
    """A reader of words, several of one text sorted and joined by ``+``.

    ``words`` maps codes to codes, joined ones included. A word that it does not have is kept as its
    own code, so that a new one is found, asked for and counted without a change here.
    """
    known = {**COMMON, **words}

    def read(text: str) -> str | None:
        codes = {code(item) for item in _ITEMS.split(clean(text))} - {""}
        codes = {one.removesuffix("_SERIES") for one in codes}
        found = {known.get(one, one) for one in codes}
        if not found:
            return None
        joined = "+".join(sorted(found))
        joined = known.get(joined, joined)
        return joined if len(joined) <= LENGTH_MAX else None

    return read


def exactly(*texts: str) -> Callable[[str], str | None]:
    """A reader of single words of a description that are these and nothing else.

    >>> read = exactly("Unidirectional", "Bidirectional")
    >>> read("Bidirectional"), read("ESD")
    ('BIDIRECTIONAL', None)
    """
    return {text: code(text) for text in texts}.get


def category_code(category: str) -> str | None:
    """The name of a category as a code."""
    return code(category) or None


def raw(text: str) -> str | None:
    """A text as it is, cleaned: of what has no vocabulary, such as ``±0.5℃``."""
    text = clean(text)
    return text if 0 < len(text) <= LENGTH_MAX else None


def test_words_of_one_meaning_share_a_code() -> None:
    read = vocabulary({"74LVC_SERIES": "74LVC", "MALE+PIN": "MALE"})
    for text, expected in (
        ("Bi-Directional", "BIDIRECTIONAL"),
        ("双向", "BIDIRECTIONAL"),
        ("74LVC Series", "74LVC"),
        ("SPI, I2C", "I2C+SPI"),
        ("I2C、SPI", "I2C+SPI"),
        ("pin;male", "MALE"),
        ("One (SPST, NO)", "ONE_SPST_NO"),
        ("?", None),
        ("x" * 81, None),
    ):
        assert read(text) == expected, text
    assert read("Gold foil") == "GOLD_FOIL"
