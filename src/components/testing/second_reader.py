"""A reader of catalogue texts that shares no code with the families' parsers, for tests of them.

It is simpler, and reads less: what it does not understand it leaves out.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable
from typing import NamedTuple

FACTOR = 5.0
"""Values further apart are not of one column."""
SCALES = {"": 1.0, "p": 1e-12, "n": 1e-9, "u": 1e-6, "μ": 1e-6, "m": 1e-3, "k": 1e3, "K": 1e3,
          "M": 1e6, "G": 1e9}  # fmt: skip
UNITS = "Ω|F|Hz|H|V|A|W|cd|s|J|T|N|C|ppm|%|dBm|dB|m|°|bit|bps|B|K|"
NUMBER = re.compile(
    rf"[±+-]?(?P<size>[0-9]+(?:\.[0-9]*)?)(?:/(?P<by>[1-9][0-9]*))?(?P<scale>[pnuμmkKMG]?)(?P<unit>{UNITS})"
    r"(?:/℃|\(Max\)|max|AC|DC)?"
)
OTHERS = {
    "V/us": ("V/s", 1e6), "V/ms": ("V/s", 1e3), "V/ns": ("V/s", 1e9), "gf": ("N", 9.80665e-3),
    "Gs": ("T", 1e-4), "ppb": ("ppm", 1e-3), "Mbps": ("bps", 1e6), "Kbps": ("bps", 1e3),
    "Gbps": ("bps", 1e9), "Kbit": ("bit", 2.0**10), "Mbit": ("bit", 2.0**20),
    "Gbit": ("bit", 2.0**30), "KB": ("B", 2.0**10), "MB": ("B", 2.0**20), "P": ("", 1.0),
    "V/V": ("", 1.0), "hrs": ("s", 3600.0), "Bits": ("bit", 1.0), "V/mV": ("", 1e3),
}  # fmt: skip
OTHER = re.compile(
    r"[±+-]?(?P<size>[0-9]+(?:\.[0-9]*)?)(?P<unit>" + "|".join(map(re.escape, OTHERS)) + ")"
)
PRODUCT = re.compile(r"([0-9]+)P?[xX×]([0-9]+)P?")
NUMERALS = {
    "single": 1, "one": 1, "dual": 2, "two": 2, "double": 2, "three": 3, "triple": 3, "four": 4,
    "quad": 4, "six": 6, "hex": 6, "seven": 7, "eight": 8, "octal": 8,
}  # fmt: skip
FILLERS = re.compile(
    r"\([^)]*\)|electrode|poles|pre[- ]?bias(?:ed)?|bias preset|channels?|pieces?|pcs|series"
    r"|standalone|transistors?|type|port|one |[0-9]+ ?(?=[NP])|(?<![A-Za-z])[0-9]+(?=pcs)"
    r"|[+] ?diode|预偏置|(?<=[a-z]) light| colou?r|[^\w;,、+&]",
    re.IGNORECASE,
)
SAME = {
    "noninsulated": "nonisolated", "greenyellow": "yellowgreen", "greenyellowgreen": "yellowgreen",
    "generalgreenyellowgreen": "yellowgreen", "emeraldgreen": "emerald", "singlebus": "wire",
    "1wire": "wire", "并口": "parallel", "receivers": "receiver",
}  # fmt: skip
Figure = tuple[str, float]


class Ends(NamedTuple):
    """A value, or both ends of a range."""

    low: float
    high: float


def near(value: float) -> float:
    """Rounded, so that two ways to compute a value give one."""
    return float(f"{value:.6g}")


def times(one: float, other: float) -> float:
    """How many times two sizes are apart."""
    low, high = sorted((abs(one), abs(other)))
    return high / low if low else math.inf if high else 1.0


@functools.lru_cache(1 << 18)
def figures(text: str) -> frozenset[Figure]:
    """All numbers of a text with their units; what stands behind ``@`` is a condition.

    >>> sorted(figures("1.25~5.5V 12mΩ@10V,50A"))[:2]
    [('V', 1.25), ('V', 5.5)]
    """
    found: set[Figure] = set()
    text = re.sub(r"(@[^\s、;；,]*)(?:,[0-9.]+[A-Za-z]+(?=[\s、;；,]|$))+", r"\1", text)
    for item in re.split(r"[\s、,;,；]+", text.replace("Ω", "Ω").replace("µ", "u")):
        found |= _item(item)
    return frozenset(found)


@functools.lru_cache(1 << 16)
def _item(item: str) -> frozenset[Figure]:
    item = item.split("@")[0].strip("()")
    found = {(unit, end) for unit, ends in _ends(item) for end in ends}
    if read := PRODUCT.fullmatch(item):
        found.add(("", float(int(read[1]) * int(read[2]))))
    return frozenset(found)


def _ends(item: str) -> list[tuple[str, Ends]]:
    ends = item.split("~")
    last = re.search(r"[^0-9.]+$", ends[-1])
    if len(ends) == 2 and last and re.fullmatch(r"[0-9.]+", ends[0]):
        # "1.25~5.5V": the unit stands at the end alone.
        ends[0] += last[0]
    read = [one for end in ends if (one := _one(end))]
    if len(read) == 2 and len(ends) == 2 and read[0][0] == read[1][0]:
        return [(read[0][0], Ends(*sorted((read[0][1], read[1][1]))))]
    return [(unit, Ends(size, size)) for unit, size in read]


def _one(text: str) -> Figure | None:
    if read := OTHER.fullmatch(text):
        unit, scale = OTHERS[read["unit"]]
        return unit, near(float(read["size"]) * scale)
    if read := NUMBER.fullmatch(text):
        size = float(read["size"]) * SCALES[read["scale"]] / float(read["by"] or 1)
        return read["unit"], near(size)
    return None


@functools.lru_cache(1 << 18)
def values(text: str, unit: str) -> tuple[Ends, ...]:
    """Values and ranges of one unit in a text, in order, without conditions after ``@``.

    >>> values("2V~36V;1V~18V", "V"), values("12mΩ@10V,50A", "Ω")
    ((Ends(low=2.0, high=36.0), Ends(low=1.0, high=18.0)), (Ends(low=0.012, high=0.012),))
    """
    found = []
    for group in re.split(r";\s*|,\s+|、", text.replace("Ω", "Ω").replace("µ", "u")):
        item = group.strip().split("@")[0].split(",")[0].strip("() ")
        found += [ends for one, ends in _ends(item) if one == unit]
    return tuple(found)


@functools.lru_cache(1 << 18)
def ranges(text: str) -> frozenset[frozenset[Figure]]:
    """The ranges of a text, as sets of both ends."""
    return frozenset(figures(word) for word in re.split(r"[\s、,;]+", text) if "~" in word)


@functools.lru_cache(1 << 16)
def count(text: str) -> float | None:
    """How many a text says.

    >>> count("2x5P"), count("Four channels"), count("16-Bit"), count("1, 2"), count("0402")
    (10.0, 4.0, 16.0, None, None)
    """
    text = text.strip().lower()
    if read := re.fullmatch(r"([0-9]+)p?[x×]([0-9]+)p?", text):
        return float(int(read[1]) * int(read[2]))
    if read := re.fullmatch(
        r"(0|[1-9][0-9]*)\s*-?\s*(?:p|bits?|channels?|positions|ports?)?", text
    ):
        return float(read[1])
    read = re.fullmatch(r"([a-z]+)(?:[\s-]*(?:channels?|ports?))?", text)
    number = NUMERALS.get(read[1]) if read else None
    return None if number is None else float(number)


@functools.lru_cache(1 << 16)
def words(text: str) -> frozenset[str]:
    """What a text of words says, without order, punctuation and words that tell no kind."""
    text = text.replace(" and ", "+").replace("RGY", "Red,Green,Yellow")
    found = re.split(r"[;,、+&]", FILLERS.sub("", text).casefold())
    return frozenset(SAME.get(one, one) for one in found if one)


def clash(texts: Iterable[str]) -> bool:
    """Whether two texts do not say the same."""
    return len({one for text in texts if (one := words(text))}) > 1


EXCLUSIVE = (
    ("Active High", "Active Low"), ("Through Hole", "Surface Mount"), ("Right Angle", "Vertical"),
    ("Built-in", "External"), ("Push-pull", "Open-drain", "Open-collector"),
    ("Omnipolar", "Bipolar", "Unipolar", "Latch"), ("Positive", "Negative"),
    ("Unidirectional", "Bidirectional"), ("Isolation", "Non-isolated"), ("NPN", "PNP"),
    ("N-channel", "P-channel"), ("Male", "Female"), ("Fixed", "Adjustable"),
    ("SPST", "SPDT", "DPST", "DPDT", "SP3T", "DP3T", "SP4T", "DP4T"),
    ("Buck", "Boost", "Buck-Boost"), ("Common anode", "Common cathode"), ("Class D", "Class AB"),
    ("Normally open", "Normally closed"), ("Shielded", "Unshielded"), ("Crystal", "MEMS"),
    ("Single-ended", "Differential"), ("High side", "Low side"), ("Momentary", "Latching"),
    ("Thick film", "Thin film", "Wirewound", "Metal film", "Carbon film"), ("Round", "Square"),
    ("X7R", "X5R", "C0G", "NP0", "Y5V", "X7S", "X6S"), ("NAND", "NOR"), ("SRAM", "PSRAM", "DRAM"),
    ("CMOS", "LVDS", "LVPECL", "HCSL", "Clipped sine"), ("Red", "Green", "Blue", "Yellow", "White"),
    ("Active", "Passive"), ("Schottky", "Zener"), ("Full-duplex", "Half-duplex"),
    tuple(f"USB {version}" for version in ("1.1", "2.0", "3.0", "3.1", "3.2", "4.0")),
)  # fmt: skip
"""Words of which a part can have one alone."""


@functools.lru_cache(1 << 18)
def exclusive(text: str) -> frozenset[tuple[int, str]]:
    """The exclusive words of a text, each with its group's number.

    >>> sorted(exclusive("Buck-Boost Surface Mount,Vertical"))
    [(1, 'Surface Mount'), (2, 'Vertical'), (14, 'Buck-Boost')]
    """
    found = set()
    for number, group in enumerate(EXCLUSIVE):
        left = text.casefold()
        for one in sorted(group, key=len, reverse=True):
            words_of = rf"(?<![\w.-]){re.escape(one.casefold())}(?![\w-]|\.[0-9])"
            left, times_found = re.subn(words_of, "#", left)
            if times_found:
                found.add((number, one))
    return frozenset(found)


def excluded(texts: Iterable[str], description: str, every: Iterable[str]) -> str:
    """Whether a description says another word than a column's ``texts``.

    ``every`` are all the part's attributes: what one of them tells is not the column's. The answer
    is ``same``, ``other``, or empty where the description has no such word.
    """
    own = frozenset[tuple[int, str]]().union(*map(exclusive, texts))
    said = frozenset[tuple[int, str]]().union(*map(exclusive, every))
    there = exclusive(description)
    answer = ""
    for number in {number for number, _ in own}:
        mine = {one for one in own if one[0] == number}
        theirs = {one for one in there if one[0] == number}
        if len(mine) == 1 and theirs:
            if mine & theirs:
                answer = answer or "same"
            elif theirs - said:
                return "other"
    return answer


def test_the_second_reader_reads_what_people_write() -> None:
    assert figures("1.25~5.5V 12mΩ@10V,50A") >= {("V", 1.25), ("V", 5.5), ("Ω", 0.012)}
    assert figures("1/16W ±1% 2x5P 0.8V/us 40Gs") == {
        ("W", 0.0625), ("%", 1.0), ("", 10.0), ("V/s", 8e5), ("T", 4e-3)
    }  # fmt: skip
    assert values("55mΩ@10V、65mΩ@4.5V", "Ω") == (Ends(0.055, 0.055), Ends(0.065, 0.065))
    assert values("1.25~5.5V", "V") == (Ends(1.25, 5.5),)
    assert excluded(["USB 3.1"], "24P Type-C USB 3.0", ["USB 3.1", "24"]) == "other"
    assert excluded(["USB 3.1"], "24P Type-C USB 3.1", ["USB 3.1", "24"]) == "same"
    assert excluded(["External"], "Buck Built-in", ["External", "Built-in"]) == ""
    for one, other, excluding in (
        ("Positive electrode", "Positive", False),
        ("1 NPN (Pre-Biased)", "NPN", False),
        ("SPI;I2C", "I2C, SPI", False),
        ("1 N-channel", "P-Channel", True),
        ("Isolation", "Non-isolated", True),
        ("Boost, Flyback", "Boost", True),
        ("Positive electrode;Negative electrode", "Positive and Negative", False),
        ("2PCSNPN(Dual)", "2 NPN", False),
        ("2 NChannels + 2 PChannels", "2 N-Channel + 2 P-Channel", False),
    ):
        assert clash((one, other)) == excluding, (one, other)
