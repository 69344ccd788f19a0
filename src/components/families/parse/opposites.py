"""Words that exclude each other: where an attribute has one, a description another.

A description repeats the attributes' words without their names. So it contradicts a word only
where it has another of the same group, lacks the word itself, and no attribute explains the other.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

GROUPS = (
    ("active high", "active low"),
    ("anode", "cathode"),
    ("bipolar", "latch", "omnipolar", "unipolar"),
    ("boost", "buck", "buck boost"),
    ("built in", "external"),
    ("differential", "single ended"),
    ("dp3t", "dp4t", "dpdt", "dpst", "sp3t", "sp4t", "spdt", "spst"),
    ("female", "male"),
    ("fixed", "adjustable"),
    ("full duplex", "half duplex"),
    ("high side", "low side"),
    ("inverting", "non inverting"),
    ("isolation", "non isolated"),
    ("n channel", "p channel"),
    ("negative", "positive"),
    ("normally closed", "normally open"),
    ("npn", "pnp"),
    ("open collector", "open drain", "push pull"),
    ("right angle", "vertical"),
    ("surface mount", "through hole"),
    ("bidirectional", "unidirectional"),
    ("usb 1.1", "usb 2.0", "usb 3.0", "usb 3.1", "usb 3.2", "usb 4", "usb 4.0"),
)
_SPACES = re.compile(r"[\s_-]+")
_PATTERNS = tuple(
    # The longest first: a buck-boost converter is neither of the two.
    re.compile(
        r"(?<![\w.])(?:" + "|".join(map(re.escape, sorted(group, key=len, reverse=True)))
        + r")(?!\w|\.\d)"
    )
    for group in GROUPS
)  # fmt: skip
_TOKENS = frozenset(
    token for group in GROUPS for phrase in group for token in phrase.split() if token != "usb"
)


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text.casefold())


@functools.lru_cache(1 << 12)
def may_oppose(word: str) -> bool:
    """Whether a word of a description is, or is in, one of the groups' phrases.

    >>> may_oppose("Low"), may_oppose("Push-pull"), may_oppose("Tin")
    (True, True, False)
    """
    return not _TOKENS.isdisjoint(_plain(word).split())


def opposed(value: str, head: str, texts: Iterable[str]) -> str | None:
    """What ``head`` has instead of a word of ``value``, a column's code; None where nothing.

    ``texts`` are all attributes of the part.

    >>> opposed("ACTIVE_HIGH", "2A 62mΩ Active Low High Side Switch", ["Active High"])
    'active low'
    >>> opposed("RIGHT_ANGLE", "Brass Through Hole Tin", ["Right Angle"])
    """
    own, told = _plain(value), _plain(head)
    for pattern in _PATTERNS:
        mine: set[str] = set(pattern.findall(own))
        if len(mine) != 1:
            continue
        others: set[str] = set(pattern.findall(told))
        if others and mine.isdisjoint(others):
            others.difference_update(*(pattern.findall(_plain(text)) for text in texts))
            if others:
                return min(others)
    return None


def test_only_another_word_of_the_group_that_nothing_explains_is_opposed() -> None:
    surface = "Black Female Surface Mount, Right Angle Type-C USB 3.0"
    for value, head, texts, other in (
        ("USB_3.1", surface, ["USB 3.1"], "usb 3.0"),
        ("SURFACE_MOUNT_VERTICAL", surface, ["Surface Mount,Vertical"], "right angle"),
        ("SURFACE_MOUNT_VERTICAL", "Female Through Hole", ["x"], "through hole"),
        ("MALE", surface, ["Male"], "female"),
        ("FEMALE", surface, ["Female"], None),
        ("BOOST", "1 Buck-Boost Buck-Boost Fixed", ["Boost"], "buck boost"),
        ("BUCK+BUCK_BOOST", "Buck Built-in", ["Buck, Buck-Boost"], None),
        ("HALF_BRIDGE", "Buck Half-Bridge", ["Half-Bridge", "Step-down type"], None),
        ("PUSH_PULL", "Omnipolar Open-drain", ["Push-pull"], "open drain"),
        # Another attribute has it.
        ("EXTERNAL", "Adjustable Buck Built-in Yes", ["External", "Built-in"], None),
        ("USB_3.1", "USB 3.1 USB 3.0", ["USB 3.1"], None),
        ("NON_ISOLATED", "Flyback Non-Isolated", ["Non-isolated"], None),
    ):
        assert opposed(value, head, texts) == other, (value, head)
