"""Whom a manufacturer's name means, among those of a snapshot.

Case, punctuation, accents, legal forms (``Inc.``) and the spellings of a company word (``Elec``,
``Electronics``) make no difference. Beyond that a name means another one where
``maker_aliases.py`` says so; else where it is what remains of one manufacturer alone without its
last company words or its brackets. A name that may mean two manufacturers means none.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator

from components.find.maker_aliases import ALIASES

_LEGAL = frozenset(
    {
        *("inc", "incorporated", "co", "company", "corp", "corporation", "llc", "pte"),
        *("ltd", "limited", "plc", "gmbh", "kg", "ag", "asa", "bv", "group"),
    }
)
# The spellings of one word; where they end a name, a shorter one may be meant.
_COMPANY = {
    spelling: words.split()[0]
    for words in (
        "electronics electronic elec",
        "semiconductor semiconductors semicon",
        "technology technologies tech",
        "international intl",
        "microelectronics microelectronic microelec",
        *("components", "electric", "industrial", "industries", "micro", "systems", "devices"),
    )
    for spelling in words.split()
}
_WORD = re.compile(r"[^\W_]+")
_BRACKETS = re.compile(r"(.*?)\s*[(（](.*)[)）]\s*")
_SLASH = re.compile(r"\s*/\s*")
# Shorter leftovers of names tell nothing.
SHORT_MIN = 2

_DISTINCT = """WITH RECURSIVE names (name) AS (
    SELECT * FROM (SELECT manufacturer FROM components_full
        ORDER BY manufacturer COLLATE NOCASE LIMIT 1)
    UNION ALL
    SELECT (SELECT manufacturer FROM components_full
        WHERE manufacturer COLLATE NOCASE > name ORDER BY manufacturer COLLATE NOCASE LIMIT 1)
    FROM names WHERE name IS NOT NULL
) SELECT name FROM names WHERE name IS NOT NULL"""


def words_of_name(name: str) -> list[str]:
    """A name's words as they are compared, without its legal form.

    >>> words_of_name("WÜRTH Elektronik GmbH"), words_of_name("TA-I Tech Co., Ltd.")
    (['wurth', 'elektronik'], ['ta', 'i', 'technology'])
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    words = _WORD.findall("".join(one for one in plain if not unicodedata.combining(one)))
    while len(words) > 1 and words[-1] in _LEGAL:
        words.pop()
    return [_COMPANY.get(word, word) for word in words]


def _shortened(words: list[str]) -> list[str]:
    """Without the company words at the end."""
    while len(words) > 1 and words[-1] in _COMPANY:
        words = words[:-1]
    return words


class _Table:
    """The manufacturers of :data:`ALIASES`, by the words of each name and by their letters."""

    def __init__(self, aliases: str) -> None:
        self.by_words: dict[tuple[str, ...], str] = {}
        self.by_letters: dict[str, set[str]] = defaultdict(set)
        self.shortened: dict[str, set[str]] = defaultdict(set)
        """Of names that end in a company word, what stands before it."""
        for line in aliases.strip().splitlines():
            maker = line.split("|")[0]
            for name in line.split("|"):
                words = words_of_name(name)
                if self.by_words.setdefault(tuple(words), maker) != maker:
                    raise ValueError(f"{name}: is a name of two manufacturers")
                self.by_letters["".join(words)].add(maker)
                if (left := _shortened(words)) != words:
                    self.shortened["".join(left)].add(maker)

    def find(self, words: list[str]) -> set[str]:
        """The manufacturers that may be meant: one, or none, or several that look alike."""
        maker = self.by_words.get(tuple(words))
        if maker:
            return {maker}
        letters = "".join(words)
        found = self.by_letters.get(letters)
        # TAI: TA-I by its letters, but TAI-TECH as well.
        return found | self.shortened.get(letters, set()) if found else set()


_TABLE = _Table(ALIASES)


def _makers_of(name: str) -> set[str]:
    """Whose name this is: of the table, of both sides of a slash, else its own letters."""
    words = words_of_name(name)
    found = _TABLE.find(words)
    if not found and "/" in name:
        sides = [_TABLE.find(words_of_name(side)) for side in _SLASH.split(name)]
        found = {maker for side in sides if len(side) == 1 for maker in side}
        return found or {_own(words)}
    return found if len(found) == 1 else {_own(words)}


def _shorter(name: str) -> Iterator[str]:
    """What may be left of a name: without brackets, what is in them, without company words."""
    parts = [name]
    if brackets := _BRACKETS.fullmatch(name):
        parts += brackets.groups()
    for part in parts:
        words = words_of_name(part)
        for letters in {"".join(words), "".join(_shortened(words))}:
            if len(letters) >= SHORT_MIN:
                yield letters


class Makers:
    """The manufacturers' names of a catalogue."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[str, set[str]] = defaultdict(set)
        self._short: dict[str, set[str]] = defaultdict(set)
        for name in names:
            makers = _makers_of(name)
            for maker in makers:
                self._names[maker].add(name)
            for letters in _shorter(name):
                self._short[letters] |= makers

    @classmethod
    def of(cls, detail: sqlite3.Connection) -> Makers:
        """Those of ``components_full``; a step in its index for each name, whatever its size."""
        return cls(row[0] for row in detail.execute(_DISTINCT))

    def find(self, asked: str) -> frozenset[str]:
        """The catalogue's names of the manufacturer that is meant; empty: none, or not certain.

        Of names that differ in the case of ASCII letters alone one may stand for all.
        """
        return frozenset().union(*(self._names.get(maker, ()) for maker in self._meant(asked)))

    def other_names(self, word: str) -> frozenset[str]:
        """The catalogue's names of the manufacturer that is listed under a word: TI, ST."""
        found = _TABLE.find(words_of_name(word))
        return frozenset(self._names.get(next(iter(found)), ())) if len(found) == 1 else frozenset()

    def _meant(self, asked: str) -> set[str]:
        """One manufacturer or none; both, where a slash parts two."""
        words = words_of_name(asked)
        whole = _makers_of(asked)
        letters = "".join(words)
        if not letters or whole != {_own(words)} or _own(words) in self._names:
            return whole
        if _TABLE.find(words):
            return set()
        if found := self._short.get(letters):
            return found if len(found) == 1 else set()
        # Longer than the catalogue's: `Yageo Electronics`. Where a name of what is left ends in
        # another company word, this may be another company: Keystone Semiconductor.
        left = _shortened(words)
        known = _TABLE.find(left)
        if left == words or (known and "".join(left) in _TABLE.shortened):
            return set()
        alike = known or self._short.get("".join(left), set())
        return alike if len(alike) == 1 and (known or alike == {_own(left)}) else set()


def _own(words: list[str]) -> str:
    """The manufacturer of a name that the table has not; a space tells it from the table's."""
    return " " + "".join(words)


# As they stand in JLCPCB's catalogue.
_CATALOGUE = (
    *("Murata Electronics", "muRata", "MURATA MANUFACTURING CO LTD", "Murata Power Solutions Inc."),
    *("STMicroelectronics", "ST", "ST(Semtech)", "ST Semtech", "SEMTECH", "SEMTECH CORPORATION"),
    *("TA-I Tech", "TAI-TECH", "TAI TECH", "MAX", "MAXIM INTEGRATED", "ADI/MAXIM", "ADI"),
    *("HX(Zhejiang Yueqing Hongxing Elec)", "HX(hengjiaxing)", "BC", "BC(Bao Cheng Elec)"),
    *("UNI-ROYAL(Uniroyal Elec)", "YAGEO", "Würth Elektronik", "WURTH ELEKTRONIK", "Wurth(伍尔特)"),
    *("AGM-Semi", "AGM Microelectronics", "GCT", "GCT SEMICONDUCTOR INC", "Central Semicon"),
    *("Ricoh Elec Devices", "LIZ Elec", "RALEC", "Nidec", "Nidec Copal Elec", "CEC"),
    *("Slkor(SLKORMICRO Elec.)", "Sunlord", "Changjiang Electronics Tech (CJ)", "C & K", "C&K"),
)  # fmt: skip

# Pairs that must not be merged.
_APART: tuple[tuple[set[str], ...], ...] = (
    ({"STMicroelectronics", "ST"}, {"ST(Semtech)", "ST Semtech"}),
    ({"STMicroelectronics", "ST"}, {"SEMTECH", "SEMTECH CORPORATION"}),
    ({"SEMTECH", "SEMTECH CORPORATION"}, {"ST(Semtech)", "ST Semtech"}),
    ({"TA-I Tech"}, {"TAI-TECH", "TAI TECH"}),
    ({"MAX"}, {"MAXIM INTEGRATED"}, {"ADI"}),
    ({"AGM-Semi"}, {"AGM Microelectronics"}),
    ({"GCT"}, {"GCT SEMICONDUCTOR INC"}),
    ({"BC"}, {"BC(Bao Cheng Elec)"}),
    ({"HX(Zhejiang Yueqing Hongxing Elec)"}, {"HX(hengjiaxing)"}),
    ({"Nidec"}, {"Nidec Copal Elec"}),
    ({"Murata Power Solutions Inc."}, {"Murata Electronics", "muRata"}),
)


def test_another_way_to_write_a_name_means_the_same() -> None:
    makers = Makers(_CATALOGUE)
    murata = {"Murata Electronics", "muRata", "MURATA MANUFACTURING CO LTD"}
    for asked in ("Murata", "MURATA", "Murata Electronics Co., Ltd.", "murata elec"):
        assert makers.find(asked) == murata, asked
    for asked, found in {
        "Uniroyal": {"UNI-ROYAL(Uniroyal Elec)"},
        "Uniroyal Electronics": {"UNI-ROYAL(Uniroyal Elec)"},
        "Yageo Group": {"YAGEO"},
        "Yageo Electronics": {"YAGEO"},
        "liz": {"LIZ Elec"},
        "Ricoh": {"Ricoh Elec Devices"},
        "SLKOR": {"Slkor(SLKORMICRO Elec.)"},
        "CJ": {"Changjiang Electronics Tech (CJ)"},
        "ck": {"C & K", "C&K"},
        "Wuerth Elektronik GmbH": {"Würth Elektronik", "WURTH ELEKTRONIK", "Wurth(伍尔特)"},
        "Maxim": {"MAXIM INTEGRATED", "ADI/MAXIM"},
        "Analog Devices": {"ADI", "ADI/MAXIM"},
        "ADI / Maxim": {"ADI", "ADI/MAXIM", "MAXIM INTEGRATED"},
        "Nidec Corporation": {"Nidec"},
    }.items():
        assert makers.find(asked) == found, asked


def test_names_that_look_alike_stay_apart() -> None:
    makers = Makers(_CATALOGUE)
    for groups in _APART:
        for group in groups:
            for name in group:
                assert makers.find(name) >= group, name
                assert not makers.find(name) & set().union(*groups) - group, name


def test_what_is_not_certain_is_nobody() -> None:
    makers = Makers(_CATALOGUE)
    for asked in (
        *("HX", "TAITECH", "TAI", "Mura", "", "+", "BC Electronics"),
        *("Central Technologies", "ST Semiconductor", "Murata Semiconductor"),
    ):
        assert makers.find(asked) == frozenset(), asked
    # Of a catalogue without STMicroelectronics the other ST is not offered for it.
    assert Makers(["ST(Semtech)"]).find("ST") == frozenset()
    assert Makers(["ST(Semtech)"]).find("Semtech") == frozenset()


def test_every_name_finds_itself_and_no_alias_is_of_two() -> None:
    import pytest

    makers = Makers(_CATALOGUE)
    assert all(name in makers.find(name) for name in _CATALOGUE)
    with pytest.raises(ValueError, match="X Inc: is a name of two"):
        _Table("X\nY|X Inc")


def test_names_are_read_from_an_index() -> None:
    from contextlib import closing

    from components.transform.detail import INDEXES

    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE components_full (manufacturer TEXT, part_number TEXT)")
        assert Makers.of(db).find("A") == frozenset()
        for name, columns in INDEXES.items():
            db.execute(f"CREATE INDEX {name} ON components_full ({columns})")
        db.executemany(
            "INSERT INTO components_full VALUES (?, 'x')", [(n,) for n in (*_CATALOGUE, "yageo")]
        )
        assert {name.casefold() for name in Makers.of(db).find("Yageo")} == {"yageo"}
        plan = " ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {_DISTINCT}"))
        assert plan.count("USING COVERING INDEX") == 2 and "TEMP B-TREE" not in plan
